"""Bad input for everything that reads what a card, a list, a swipe reader or a console gives: `python -m tests.card_fuzz --inputs 1000000`.

Good samples are mutated: bytes flipped, cut out, doubled, lengths made absurd. What comes must be a value or a named error.
`tests/card_atheris.py` feeds the same readers, led by coverage.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from typing import Any

from card_reader import mrz, tlv, window
from card_reader.chip import crypto, public_key
from card_reader.chip.apdu import Command, Response
from card_reader.chip.crypto import Suite
from card_reader.chip.secure_messaging import SecureMessaging
from card_reader.chip.security_info import chip_keys, chip_protocols, pace_infos, security_infos, signature_protocol
from card_reader.files import com, detail, document, portrait
from card_reader.files.block import claims_extended, extended_size
from card_reader.readers.frame import Format, FrameReader
from card_reader.trust import sod
from card_reader.trust.certificate import certificate, certificates, signed_data
from contract import messages as m
from contract.errors import ViknoError
from simulators.card.script import read
from tests.card_bench import drawer

Target = tuple[str, Callable[[bytes], Any], bytes]


def targets() -> list[Target]:
    """Name, reader, a good sample."""
    files = drawer().document("uto", read({})).files | drawer().document("ua", read({})).files
    cam, lines = drawer().document("uto", read({})).files, "\n".join(drawer().describe("ua")["mrz"]).encode()
    found: list[Target] = [
        ("TLV", lambda d: list(tlv.walk(d)), files["DG11"]),
        ("MRZ", lambda d: mrz.repair(d.decode("latin-1")), lines),
        ("CardAccess", lambda d: pace_infos(security_infos(d)), cam["CardAccess"]),
        ("DG14", _options, files["DG14"]),
        ("SOD", lambda d: sod.security_object(d), files["SOD"]),
        ("CardSecurity", signed_data, cam["CardSecurity"]),
        ("anchor", certificate, drawer().world.list_anchor()),
        (
            "master list",
            lambda d: certificates(d, lambda _exc: None),
            signed_data(drawer().world.master_list()).content,
        ),
        ("public key", public_key.decode, tlv.only(cam["DG15"], 0x6F)),
        ("COM", com.groups, files["COM"]),
        ("DG1", document.zone, files["DG1"]),
        ("DG2", portrait.portrait, files["DG2"]),
        ("DG11", detail.personal, files["DG11"]),
        ("DG12", detail.document, files["DG12"]),
        ("DG13", detail.national, files["DG13"]),
        ("SM answer", _unwrap, bytes.fromhex("8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000")),
        ("ATR", claims_extended, bytes.fromhex("3B8880010073C8404000900022")),
        ("ATR/INFO", extended_size, bytes.fromhex("7F6608020204000202FFFF")),
    ]
    found += [
        ("typed key", window.opened, b'{"number": "000123456", "birth": "900101", "expiry": "331231"}'),
        (
            "read's word",
            lambda d: m.decode(d, m.MAX_CARD_BYTES),
            b'{"t":"card.step","v":1,"id":"s","re":"c-1","step":"read","done":0.5}',
        ),
    ]
    frame = b"\x02" + lines.replace(b"\n", b"\r") + b"\r\x03"
    return found + [(f"frame {form}", lambda d, f=form: FrameReader(f).feed(d), frame) for form in Format]


def mutated(sample: bytes, chance: random.Random) -> bytes:
    """One to four small harms."""
    data = bytearray(sample)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data)) if data else 0
        match chance.randrange(6):
            case 0 if data:
                data[at] ^= 1 << chance.randrange(8)
            case 1 if data:
                data[at] = chance.choice((0, 1, 0x1F, 0x30, 0x7F, 0x80, 0x81, 0x84, 0xFF))
            case 2:
                del data[at : at + chance.randint(1, 16)]
            case 3:
                data[at:at] = data[at : at + chance.randint(1, 16)]
            case 4:
                data[at:at] = chance.randbytes(chance.randint(1, 8))
            case _:
                del data[at:]
    return bytes(data)


def run(inputs: int, seed: int) -> dict[str, int]:
    """Name → how many inputs were refused. Raises: whatever a reader lets slip: then it is wrong."""
    chance, refused = random.Random(seed), {}
    for name, reader, sample in targets():
        refused[name] = 0
        for _ in range(inputs):
            data = mutated(sample, chance)
            try:
                reader(data)
            except ViknoError:
                refused[name] += 1
            except Exception:
                print(f"{name}: seed {seed}: {data.hex()}")
                raise
    return refused


def _options(data: bytes) -> None:
    infos = security_infos(tlv.only(data, 0x6E))
    chip_protocols(infos)
    signature_protocol(infos)
    for key in chip_keys(infos):
        public_key.decode(key.public)


def _unwrap(data: bytes) -> Response:
    keys = crypto.Keys(
        Suite.DES3, bytes.fromhex("979EC13B1CBFE9DCD01AB0FED307EAE5"), bytes.fromhex("F1CB1F1FB5ADF208806B89DC579DC1F8")
    )
    messaging = SecureMessaging(keys, int("887022120C06C226", 16) + 2)
    messaging.wrap(Command(0, 0xB0, 0, 0, le=4))
    return messaging.unwrap(Response.decode(data))


def main() -> None:
    """So many inputs in all, shared among the readers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    each, began = -(-options.inputs // len(targets())), time.monotonic()
    for name, refused in run(each, options.seed).items():
        print(f"{name:<14} {each} inputs, {refused} refused")
    print(f"{each * len(targets())} inputs in {time.monotonic() - began:.0f} s: nothing but named errors")


if __name__ == "__main__":
    main()
