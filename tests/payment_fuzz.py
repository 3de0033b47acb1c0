"""Bad input for everything that reads what a payment device says: `python -m tests.payment_fuzz --inputs 1000000`.

Good samples are mutated. Codecs give a value or a named error, and never more of a card than masked digits. Sessions that hear a
decline, or no note at all, with bytes changed, end by name, and credit nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from contract.errors import ViknoError
from runtime import logs
from terminal.cash.acceptor import Word
from terminal.cash.ccnet import frames as ccnet
from terminal.cash.ccnet.session import CcnetAcceptor
from terminal.money import Money
from terminal.pos.kaspi import frames as kaspi
from terminal.pos.kaspi import permission
from terminal.pos.kaspi.session import KaspiTerminal
from terminal.pos.kaspi.session import Timing as KaspiTiming
from terminal.pos.privat import frames as privat
from terminal.pos.privat.session import PrivatTerminal
from terminal.pos.privat.session import Timing as PrivatTiming
from terminal.pos.terminal import CardTerminal, DoubtError
from terminal.pos.zvt import fields
from terminal.pos.zvt import frames as zvt
from terminal.pos.zvt.line import SerialLine, TcpLine
from terminal.pos.zvt.session import Timing as ZvtTiming
from terminal.pos.zvt.session import ZvtTerminal

SECRETS = ("TEST HOLDER", "4000000000000002")
PRICE = Money(123_500, "UAH")
TENGE = Money(123_500, "KZT")
TINY_S = 0.002
ANSWERS = (zvt.pack(zvt.DONE), zvt.wrap(zvt.DONE), b"\x06", b"\x15", ccnet.pack(ccnet.ACK))
"""What is no command."""

RESULT = bytes.fromhex("""
    2700 04000000123500 490980 0b000470 0c120000 0d0317 2952500041 870470 8a0a
    8bf0f55649534100 22f0f8400000eeeeee0002 0e3012 23f0f84000000000000002 060a1f7f020102df5f020304
""")
SALE = {
    "method": "GetReceiptInfo", "step": 0, "error": False, "errorDescription": "",
    "params": {
        "amount": "1235.00", "rrn": "000000000471", "txnType": "1", "invoiceNumber": "000471", "terminalId": "S1A00001",
        "trnStatus": "1", "responseCode": "0000", "approvalCode": "A1B2C3", "paymentSystem": "VISA", "pan": "400000******0002",
        "cardHolderName": "TEST HOLDER", "cardExpiryDate": "1230", "track1": "B4000000000000002^TEST HOLDER^3012",
    },
}  # fmt: skip
PAID = {
    "statusCode": 0,
    "data": {
        "processId": "0a1b2c", "status": "success", "transactionId": "000000000471",
        "chequeInfo": {"method": "card", "cardMask": "400000******0002", "clientName": "TEST HOLDER", "bin": "4000000000000002"},
    },
}  # fmt: skip


def http(body: object, *, chunked: bool = False) -> bytes:
    """A terminal's answer."""
    data = json.dumps(body).encode()
    if chunked:
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(data), data)


def note_frame(payload: bytes) -> bytes:
    """A sound frame of an acceptor."""
    head = bytes((ccnet.SYNC, ccnet.ADDRESS, ccnet.MIN_BYTES - 1 + len(payload))) + payload
    return head + ccnet.crc(head).to_bytes(2, "little")


# -- codecs -----------------------------------------------------------------------------------------------------------


def _privat(data: bytes) -> object:
    return [(message, privat.receipt(message, "UAH")) for message in privat.Reader().feed(data)]


def _zvt_tcp(data: bytes) -> object:
    return [_result(apdu.data) for apdu in zvt.TcpReader().feed(data)]


def _zvt_serial(data: bytes) -> object:
    return [_result(heard.apdu.data) for heard in zvt.SerialReader().feed(data) if heard.apdu]


def _result(data: bytes) -> object:
    found = fields.parse(data)
    return fields.receipt(found, "UAH"), fields.turnover(found), fields.receipt(found, "UAH", "iso8859-1")


def _ccnet(data: bytes) -> object:
    return [(ccnet.status(payload), ccnet.bill_table(payload, "UAH")) for payload in ccnet.Reader().feed(data)]


CODECS: tuple[tuple[str, Callable[[bytes], object], bytes], ...] = (
    ("PrivatBank JSON", _privat, json.dumps(SALE).encode() + b"\0"),
    ("ZVT result", _result, RESULT),
    ("ZVT on TCP", _zvt_tcp, zvt.pack(zvt.Apdu(0x040F, RESULT))),
    ("ZVT serial", _zvt_serial, zvt.wrap(zvt.Apdu(0x040F, RESULT))),
    ("CCNET", _ccnet, note_frame(bytes((0x81, 5))) + note_frame(b"\x01UKR\x02" * 24)),
    ("Kaspi HTTP", lambda data: kaspi.Reader().feed(data), http(PAID)),
    ("Kaspi chunked", lambda data: kaspi.Reader().feed(data), http(PAID, chunked=True)),
)


def mutated(sample: bytes, dice: random.Random) -> bytes:
    """The sample with one to four things done to it: a bit turned, its end cut off, bytes put in, a part said twice."""
    data = bytearray(sample)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data)) if data else 0
        match dice.randrange(5):
            case 0 | 1 if data:
                data[at] ^= 1 << dice.randrange(8)
            case 2:
                del data[at + dice.randrange(len(data) - at + 1) :]
            case 3:
                data[at:at] = dice.randbytes(dice.choice((1, 2, 300)))
            case _:
                end = at + dice.randrange(40)
                data[end:end] = data[at:end]
    return bytes(data)


def read(name: str, codec: Callable[[bytes], object], data: bytes) -> bool:
    """Whether it was refused by name. Raises: AssertionError: more of a card than masked digits is kept."""
    try:
        said = repr(codec(data))
    except ViknoError as exc:
        said, refused = str(exc), True
    else:
        refused = False
    assert not any(secret in said for secret in SECRETS), (name, data)
    return refused


# -- sessions ---------------------------------------------------------------------------------------------------------


class Said:
    """A line on which one of `groups` comes after each command, whatever is asked, a piece a look; then silence."""

    def __init__(self, groups: Sequence[Sequence[bytes]]) -> None:
        self._groups, self._pieces = [list(group) for group in groups], list[bytes]()

    def write(self, data: bytes) -> None:
        """A command, or only the answer to a word."""
        if data not in ANSWERS and self._groups:
            self._pieces += self._groups.pop(0)

    def read(self, timeout_s: float) -> bytes:
        """The next piece."""
        if self._pieces:
            return self._pieces.pop(0)
        time.sleep(min(timeout_s, TINY_S / 4))
        return b""

    def close(self) -> None:
        """Nothing is held."""


def sold(make: Callable[[list[bytes]], CardTerminal], pieces: list[bytes]) -> str:
    """How a sale ends that hears `pieces`. Raises: AssertionError: it is approved."""
    terminal = make(pieces)
    try:
        terminal.open()
        answer = terminal.sell(TENGE if terminal.by_name else PRICE, lambda _: None)
    except (ViknoError, DoubtError) as exc:
        return type(exc).__name__
    assert not answer.approved, pieces
    return "declined"


def _privat_terminal(pieces: list[bytes]) -> CardTerminal:
    timing = PrivatTiming(reply_s=TINY_S, sale_s=TINY_S, settle_s=TINY_S, pause_s=0, redial_s=0)
    lines = iter(pieces)  # one a line: handshake, name, work
    return PrivatTerminal(lambda: Said([[next(lines, b"")]]), "UAH", "pos-1", timing=timing)


def _zvt_terminal(pieces: list[bytes]) -> CardTerminal:
    timing = ZvtTiming(reply_s=TINY_S, sale_s=TINY_S, settle_s=TINY_S, pause_s=TINY_S / 8)
    return ZvtTerminal(lambda: TcpLine(Said([pieces[:2], pieces[2:]]), "pos-1"), "UAH", "pos-1", timing=timing)


def _serial_terminal(pieces: list[bytes]) -> CardTerminal:
    timing = ZvtTiming(reply_s=TINY_S, sale_s=TINY_S, settle_s=TINY_S, pause_s=TINY_S / 8)
    line = lambda: SerialLine(Said([pieces[:2], pieces[2:]]), "pos-1", ack_s=TINY_S)  # noqa: E731
    return ZvtTerminal(line, "UAH", "pos-1", timing=timing)


def _kaspi_terminal(folder: Path) -> Callable[[list[bytes]], CardTerminal]:
    timing = KaspiTiming(reply_s=TINY_S, sale_s=TINY_S, settle_s=TINY_S, poll_s=TINY_S / 8, actualize_s=TINY_S)
    permission.save(folder / "permission.json", permission.Permission("n", "a", "r"))

    def make(pieces: list[bytes]) -> CardTerminal:
        lines = iter(pieces)
        return KaspiTerminal(lambda: Said([[next(lines, b"")]]), "pos-1", folder / "permission.json", timing=timing)

    return make


def _privat_no() -> list[bytes]:
    pong = {"method": "PingDevice", "params": {"responseCode": "0000"}, "error": False}
    who = {"method": "ServiceMessage", "params": {"msgType": "identify", "vendor": "SIM"}}
    no = {"method": "Purchase", "params": {"responseCode": "1004"}, "error": True, "errorDescription": "no host"}
    return [json.dumps(one).encode() + b"\0" for one in (pong, who, no)]


def _zvt_no(pack: Callable[[zvt.Apdu], bytes]) -> list[bytes]:
    words = [zvt.DONE, zvt.Apdu(0x060F), zvt.DONE, zvt.Apdu(0x04FF, b"\x0a"), zvt.Apdu(0x061E, b"\x6c")]
    ack = b"\x06" if pack is zvt.wrap else b""
    return [ack + pack(word) if word == zvt.DONE else pack(word) + ack for word in words]


def _kaspi_no() -> list[bytes]:
    told = (
        {"serialNum": "K", "terminalId": "1"},
        {"processId": "0a", "status": "wait"},
        {"processId": "0a", "status": "fail"},
    )
    return [http({"statusCode": 0, "data": data}) for data in told]


def collected(pieces: list[bytes]) -> str:
    """What an acceptor says that hears `pieces` with nothing stacked. Raises: AssertionError: a note, from frames that were not sound."""
    acceptor = CcnetAcceptor(lambda: Said([[piece] for piece in pieces]), "UAH", "cash-1", reply_s=TINY_S)
    try:
        acceptor.open()
        word = acceptor.poll().word
    except ViknoError as exc:
        return type(exc).__name__
    assert word is not Word.STACKED, pieces
    return word.value


def sessions(folder: Path) -> tuple[tuple[str, Callable[[list[bytes]], str], list[bytes]], ...]:
    """Name, what is run, what it hears when nothing is changed."""
    idle = [note_frame(b"\x01UKR\x02" * 24), note_frame(b"\x14")]
    make = _kaspi_terminal(folder)
    return (
        ("PrivatBank sale", lambda pieces: sold(_privat_terminal, pieces), _privat_no()),
        ("ZVT sale", lambda pieces: sold(_zvt_terminal, pieces), _zvt_no(zvt.pack)),
        ("ZVT serial sale", lambda pieces: sold(_serial_terminal, pieces), _zvt_no(zvt.wrap)),
        ("Kaspi sale", lambda pieces: sold(make, pieces), _kaspi_no()),
        ("CCNET poll", collected, idle),
    )


def run(each: int, seed: int, sessions_each: int) -> dict[str, dict[str, int]]:
    """So many inputs to each codec and session; what came of them. Raises: whatever is no named error."""
    dice = random.Random(seed)
    told: dict[str, dict[str, int]] = {}
    for name, codec, sample in CODECS:
        assert not read(name, codec, sample), name
        refused = sum(read(name, codec, mutated(sample, dice)) for _ in range(each))
        told[name] = {"read": each - refused, "refused": refused}
    with TemporaryDirectory() as folder:
        for name, session, pieces in sessions(Path(folder)):
            ends: dict[str, int] = {}
            for n in range(sessions_each + 1):
                heard = list(pieces)
                if n:
                    at = dice.randrange(len(heard))
                    heard[at] = mutated(heard[at], dice)
                end = session(heard)
                ends[end] = ends.get(end, 0) + 1
            told[name] = ends
    return told


def main() -> None:
    """So many inputs to the codecs in all; a hundredth of them through whole sessions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logs.configure("fuzz", level="error")
    each, began = -(-options.inputs // len(CODECS)), time.monotonic()
    told: dict[str, Any] = run(each, options.seed, max(1, each // 100))
    for name, ends in told.items():
        print(f"{name:<16} {', '.join(f'{end} {count}' for end, count in sorted(ends.items()))}")
    print(
        f"{options.inputs} inputs in {time.monotonic() - began:.0f} s: named errors only, nothing credited, nothing leaked"
    )


if __name__ == "__main__":
    main()
