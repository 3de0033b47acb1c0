"""Keys, MACs, BAC, PACE and secure messaging against the worked examples of ICAO Doc 9303-11."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from hypothesis import given, settings
from hypothesis import strategies as st

from card_reader.chip import bac, crypto, curves, pace
from card_reader.chip.apdu import Command, Response
from card_reader.chip.channel import Channel
from card_reader.chip.crypto import Keys, Suite
from card_reader.chip.curve_table import CURVES
from card_reader.chip.mapped import Mapped
from card_reader.chip.secure_messaging import PLAIN_MAX, SecureMessaging
from card_reader.chip.security_info import PaceInfo, pace_infos, security_infos
from card_reader.errors import DataError, SessionLost, StatusError, WrongKey
from card_reader.key import CanKey
from card_reader.mrz import MrzKey

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/id_cards.json").read_text("utf-8"))
BAC, PACE, CAM = VECTORS["bac"], VECTORS["pace"], VECTORS["pace_cam"]
X = bytes.fromhex


class Script:
    """A card that expects these commands and gives these answers."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = list(pairs)

    def transmit(self, command: bytes) -> bytes:
        expected, answer = self.pairs.pop(0)
        assert command.hex() == expected.lower()
        return X(answer)


def key_of(vector: dict[str, str]) -> MrzKey:
    return MrzKey(vector["number"], vector["birth"], vector["expiry"])


def test_bac_keys_come_from_the_mrz() -> None:
    key = key_of(BAC)
    assert key.information == BAC["information"]
    assert hashlib.sha1(key.information.encode()).digest()[:16] == X(BAC["seed"])
    keys = bac.access_keys(key)
    assert (keys.enc, keys.mac) == (X(BAC["kenc"]), X(BAC["kmac"]))
    assert crypto.odd_parity(X(BAC["kenc_before_parity"])) == X(BAC["kenc"])[:8]


def bac_chances() -> Any:
    return {8: X(BAC["rnd_ifd"]), 16: X(BAC["k_ifd"])}.__getitem__


def bac_card(answer: str) -> Script:
    token = f"0082000028{BAC['e_ifd']}{BAC['m_ifd']}28"
    return Script(("0084000008", BAC["rnd_ic"] + "9000"), (token, answer))


def test_bac_opens_as_the_worked_example_does() -> None:
    channel = Channel(bac_card(BAC["e_ic"] + BAC["m_ic"] + "9000"))
    bac.open_chip(channel, key_of(BAC), bac_chances())
    assert channel.messaging is not None
    first = VECTORS["secure_messaging"][0]["exchanges"][0]
    assert channel.messaging.wrap(Command(0, 0xA4, 2, 0x0C, X(first["data"]))).encode() == X(first["wrapped"])
    seed = bytes(a ^ b for a, b in zip(X(BAC["k_ifd"]), X(BAC["r"])[16:], strict=True))
    assert seed == X(BAC["session_seed"])


@pytest.mark.parametrize("sw", ["6300", "63C2", "6982", "6985", "6988"])
def test_bac_tells_a_wrong_mrz(sw: str) -> None:
    with pytest.raises(WrongKey):
        bac.open_chip(Channel(bac_card(sw)), key_of(BAC), bac_chances())


def test_bac_does_not_believe_a_chip_that_cannot_prove_itself() -> None:
    whole = X(BAC["e_ic"] + BAC["m_ic"])
    for at in range(len(whole)):
        bad = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        with pytest.raises(DataError):
            bac.open_chip(Channel(bac_card(bad.hex() + "9000")), key_of(BAC), bac_chances())


def test_bac_names_other_trouble_by_its_status() -> None:
    with pytest.raises(StatusError, match="6F00"):
        bac.open_chip(Channel(bac_card("6f00")), key_of(BAC), bac_chances())


@pytest.mark.parametrize("vector", VECTORS["secure_messaging"], ids=lambda v: v["source"])
def test_protected_exchanges_of_the_worked_examples(vector: dict[str, Any]) -> None:
    keys = Keys(Suite[vector["suite"]], X(vector["enc"]), X(vector["mac"]))
    messaging = SecureMessaging(keys, int(vector["ssc"], 16))
    for exchange in vector["exchanges"]:
        cla, ins, p1, p2 = X(exchange["header"])
        command = Command(cla, ins, p1, p2, X(exchange["data"]), exchange["le"])
        assert messaging.wrap(command).encode() == X(exchange["wrapped"])
        if exchange["answer"]:
            opened = messaging.unwrap(Response.decode(X(exchange["answer"])))
            assert opened == Response(X(exchange["plain"]), 0x9000)


def read_session() -> SecureMessaging:
    vector = VECTORS["secure_messaging"][0]
    messaging = SecureMessaging(Keys(Suite.DES3, X(vector["enc"]), X(vector["mac"])), int(vector["ssc"], 16) + 2)
    messaging.wrap(Command(0, 0xB0, 0, 0, le=4))
    return messaging


def test_every_damaged_bit_of_an_answer_ends_the_session() -> None:
    answer = X(VECTORS["secure_messaging"][0]["exchanges"][1]["answer"])
    assert read_session().unwrap(Response.decode(answer)).data == X("60145F01")
    for at in range(len(answer) - 2):
        bad = answer[:at] + bytes([answer[at] ^ 0x10]) + answer[at + 1 :]
        messaging = read_session()
        with pytest.raises(SessionLost):
            messaging.unwrap(Response.decode(bad))
        with pytest.raises(SessionLost, match="over"):
            messaging.wrap(Command(0, 0xB0, 0, 0, le=4))


@given(st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_bytes_instead_of_an_answer_end_the_session(data: bytes) -> None:
    with pytest.raises(SessionLost):
        read_session().unwrap(Response(data, 0x9000))


def test_a_plain_refusal_ends_the_session_and_keeps_its_status() -> None:
    with pytest.raises(SessionLost) as caught:
        read_session().unwrap(Response(b"", 0x6988))
    assert caught.value.sw == 0x6988


def test_a_session_that_broke_is_forgotten_by_the_channel() -> None:
    channel = Channel(Script(("0cb000000d9701048e08ed6705417e96ba5500", "6988")))
    messaging = SecureMessaging(Keys(Suite.DES3, X(BAC["ks_enc"]), X(BAC["ks_mac"])), int(BAC["ssc"], 16) + 2)
    channel.protect(messaging)
    with pytest.raises(SessionLost):
        channel.send(Command(0, 0xB0, 0, 0, le=4))
    assert channel.messaging is None


@pytest.mark.parametrize("suite", list(Suite))
def test_the_largest_plain_block_is_the_largest_that_fits_256_bytes(suite: Suite) -> None:
    def protected(plain: int) -> int:
        hidden = plain + suite.block - plain % suite.block + 1
        return (3 if hidden > 127 else 2) + hidden + 4 + 10

    assert protected(PLAIN_MAX[suite]) <= 256 < protected(PLAIN_MAX[suite] + 1)


def test_pace_info_of_the_worked_example() -> None:
    infos = pace_infos(security_infos(X(PACE["card_access"])))
    assert infos == [PaceInfo("0.4.0.127.0.7.2.2.4.2.2", "ECDH-GM", Suite.AES128, 13)]
    assert pace.choose(infos) == infos[0]


def test_pace_passwords() -> None:
    assert pace.password(key_of(PACE)) == X(PACE["k"])
    assert crypto.derive(pace.password(key_of(PACE)), crypto.PASSWORD, Suite.AES128) == X(PACE["k_pi"])
    assert pace.password(CanKey("123456")) == b"123456"
    for vector, key in ((PACE, PACE), (CAM, CAM), (VECTORS["dh_password"], PACE)):
        kpi = crypto.derive(pace.password(key_of(key)), crypto.PASSWORD, Suite.AES128)
        assert crypto.decrypt(Suite.AES128, kpi, bytes(16), X(vector["z"])) == X(vector["s"])


def test_pace_mapping_points() -> None:
    curve = curves.curve("brainpoolP256r1")
    own, chip = int(PACE["sk_map_ifd"], 16), curve.decode(X(PACE["pk_map_ic"]))
    assert curve.encode(curve.times(own)) == X(PACE["pk_map_ifd"])
    shared = curve.times(own, chip)
    assert curve.encode(shared) == X(PACE["h"])
    assert curve.encode(pace.generator(curve, int(PACE["s"], 16), shared)) == X(PACE["g_mapped"])


def pace_card(last: str) -> Script:
    def sent(tag: str, value: str) -> str:
        inside = f"{tag}{len(value) // 2:02x}{value}"
        return f"7c{len(inside) // 2:02x}{inside}"

    def step(tag: str, value: str, answer_tag: str, answer: str) -> tuple[str, str]:
        body = sent(tag, value)
        return f"10860000{len(body) // 2:02x}{body}00", sent(answer_tag, answer) + "9000"

    return Script(
        (PACE["set_at"], "9000"),
        ("10860000027C0000", sent("80", PACE["z"]) + "9000"),
        step("81", PACE["pk_map_ifd"], "82", PACE["pk_map_ic"]),
        step("83", PACE["pk_dh_ifd"], "84", PACE["pk_dh_ic"]),
        (f"008600000C7C0A8508{PACE['t_ifd']}00", last),
    )


def pace_chances() -> Any:
    numbers = iter([int(PACE["sk_map_ifd"], 16) - 1, int(PACE["sk_dh_ifd"], 16) - 1])
    return lambda _below: next(numbers)


def test_pace_opens_as_the_worked_example_does() -> None:
    card = pace_card(f"7C0A8608{PACE['t_ic']}9000")
    channel = Channel(card)
    info = pace_infos(security_infos(X(PACE["card_access"])))[0]
    assert pace.open_chip(channel, info, key_of(PACE), pace_chances()) is None
    assert (card.pairs, channel.exchanges) == ([], 5)
    assert channel.messaging is not None
    first = VECTORS["secure_messaging"][2]["exchanges"][0]
    assert channel.messaging.wrap(Command(0, 0xA4, 4, 0x0C, X(first["data"]))).encode() == X(first["wrapped"])


@pytest.mark.parametrize(
    ("last", "error"),
    [("6300", WrongKey), ("63C1", WrongKey), ("6A80", StatusError), ("7C0A86083ABB9674BCE93C099000", DataError)],
)
def test_pace_tells_a_wrong_password_from_a_wrong_chip(last: str, error: type[Exception]) -> None:
    info = pace_infos(security_infos(X(PACE["card_access"])))[0]
    channel = Channel(pace_card(last))
    with pytest.raises(error):
        pace.open_chip(channel, info, key_of(PACE), pace_chances())
    assert channel.messaging is None


def test_pace_refuses_our_own_key_given_back() -> None:
    card = pace_card("")
    card.pairs[3] = (card.pairs[3][0], card.pairs[3][1].replace(PACE["pk_dh_ic"], PACE["pk_dh_ifd"]))
    info = pace_infos(security_infos(X(PACE["card_access"])))[0]
    with pytest.raises(DataError, match="own key"):
        pace.open_chip(Channel(card), info, key_of(PACE), pace_chances())


def test_chip_authentication_mapping_data_of_the_worked_example() -> None:
    keys = crypto.session_keys(X(CAM["shared_x"]), Suite.AES128)
    assert (keys.enc, keys.mac) == (X(CAM["ks_enc"]), X(CAM["ks_mac"]))
    iv = crypto.encrypt_block(Suite.AES128, keys.enc, b"\xff" * 16)
    assert crypto.unpad(crypto.decrypt(Suite.AES128, keys.enc, iv, X(CAM["encrypted"]))) == X(CAM["ca_ic"])
    assert crypto.session_keys(X(PACE["shared_x"]), Suite.AES128).enc == X(PACE["ks_enc"])


def test_chip_authentication_mapping_proves_only_its_own_key() -> None:
    curve = curves.curve("brainpoolP256r1")
    static, factor = 987654321, int(CAM["ca_ic"], 16)
    mapped = Mapped(curve, curve.times(static * factor % curve.n), factor)
    assert mapped.proves(curve.times(static))
    assert not mapped.proves(curve.times(static + 1))


def test_the_way_in_is_one_that_is_built_and_proves_the_chip_if_it_can() -> None:
    root = "0.4.0.127.0.7.2.2.4"
    gm = PaceInfo(f"{root}.2.2", "ECDH-GM", Suite.AES128, 13)
    cam = PaceInfo(f"{root}.6.4", "ECDH-CAM", Suite.AES256, 16)
    im = PaceInfo(f"{root}.4.2", "ECDH-IM", Suite.AES128, 13)
    own = PaceInfo(f"{root}.2.2", "ECDH-GM", Suite.AES128, None)
    assert pace.choose([im, gm, cam]) == cam
    assert pace.choose([im, gm]) == gm
    assert pace.choose([im, own]) is None


@pytest.mark.parametrize("name", list(CURVES))
def test_curves_agree_with_another_implementation(name: str) -> None:
    curve = curves.curve(name)
    assert curve.holds(curve.g.x, curve.g.y)
    with pytest.raises(DataError, match="infinity"):
        curve.times(curve.n)
    theirs = {c.name.lower(): c for c in (ec.BrainpoolP256R1(), ec.BrainpoolP384R1(), ec.BrainpoolP512R1(),
              ec.SECP224R1(), ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())}.get(name.lower())  # fmt: skip
    if theirs is None:
        return
    private = ec.generate_private_key(theirs)
    numbers = private.private_numbers()
    point = curve.times(numbers.private_value)
    assert (point.x, point.y) == (numbers.public_numbers.x, numbers.public_numbers.y)
    r, s = utils.decode_dss_signature(private.sign(b"text", ec.ECDSA(hashes.SHA512())))
    digest = hashlib.sha512(b"text").digest()
    assert curve.verifies(point, digest, r, s)
    assert not curve.verifies(point, digest, r, s + 1 if s + 1 < curve.n else s - 1)
    assert not curve.verifies(point, digest, 0, s)


@pytest.mark.parametrize("name", ["brainpoolP320r1", "secp192r1", "brainpoolP192r1", "brainpoolP224r1"])
def test_curves_nobody_else_here_knows_keep_the_laws(name: str) -> None:
    curve = curves.curve(name)
    three, five = curve.times(3), curve.times(5)
    assert curve.plus(three, five) == curve.times(8)
    assert curve.times(5, three) == curve.times(15)
    assert curve.holds(five.x, five.y)
    assert curve.plus(three, three) == curve.times(6)
    assert curve.plus(curve.times(curve.n - 1), curve.times(2)) == curve.g


def test_points_off_their_curve_are_refused() -> None:
    curve = curves.curve("brainpoolP256r1")
    good = curve.encode(curve.g)
    assert curve.decode(good) == curve.g
    for bad in (good[:-1] + bytes([good[-1] ^ 1]), good[:-1], b"\x02" + good[1:33], b"\x04" + b"\xff" * 64, b"\0", b""):
        with pytest.raises(DataError):
            curve.decode(bad)


def test_explicit_parameters_name_a_curve_only_when_all_of_them_match() -> None:
    curve = curves.curve("secp256r1")
    right: list[Any] = [curve.p, curve.a, curve.b, curve.encode(curve.g), curve.n, 1]
    assert curves.by_parameters(*right) is curve
    forged = curve.encode(curve.times(7))
    for at, wrong in enumerate((curve.p + 2, curve.a + 1, curve.b + 1, forged, curve.n - 1, 4)):
        with pytest.raises(DataError):
            curves.by_parameters(*[*right[:at], wrong, *right[at + 1 :]])


@settings(deadline=None)
@given(st.binary(max_size=64))
def test_any_bytes_are_security_infos_or_a_named_error(data: bytes) -> None:
    for form in (data, b"\x31" + bytes([len(data)]) + data):
        try:
            pace_infos(security_infos(form))
        except DataError:
            continue
