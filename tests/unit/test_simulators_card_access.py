"""The ways into a chip and the proofs it gives: right and wrong passwords, every curve and suite, what a copy cannot do."""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest
from asn1crypto import core, keys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from simulators.card.bac import seed
from simulators.card.card import Card
from simulators.card.chip import ChipKey
from simulators.card.cipher import SUITES, pad, unpad
from simulators.card.curve import CURVES
from simulators.card.document import Document
from simulators.card.emrtd import Emrtd
from simulators.card.pace import GENERIC, INTEGRATED, WITH_CHIP_AUTHENTICATION, offer
from simulators.card.specimen import SPECIMENS, Drawer
from simulators.card.tlv import objects, tlv
from tests.card_terminal import APPLICATION, Channel, Terminal

ATR = bytes.fromhex("3B8880010073C8400000900062")
INFORMATION = "T22000129364081251010318"
CHALLENGE = bytes.fromhex("F173589974BF40C6")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def drawer():
    return Drawer(NOW, sleep=lambda _: None)


def public_key(der: bytes) -> Any:
    return load_der_public_key(der)


def plain_card(**facts) -> Card:
    document = Document(atr=ATR, mrz_information=INFORMATION, files={"COM": b"\x60\x02\x5f\x01"}, **facts)
    return Card("plain", Emrtd(document))


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("curve", CURVES)
def test_pace_works_with_every_curve_and_suite(curve, suite):
    chosen = offer(GENERIC, suite, CURVES[curve])
    card = plain_card(offers=(chosen,), can="123456")
    terminal = Terminal(card.transmit)
    assert 0x86 in terminal.pace(chosen, b"123456", 2)
    assert terminal.ask(APPLICATION) == (b"", 0x9000)
    assert terminal.file(0x011E, block=4) == b"\x60\x02\x5f\x01"


def test_a_wrong_password_is_told_at_the_last_step_and_the_right_one_still_works(drawer):
    card = drawer.card("ua")
    document = drawer.document("ua", card.script)
    terminal = Terminal(card.transmit)
    assert terminal.pace(document.offers[0], b"000000", 2) == 0x6300
    assert terminal.plain(bytes.fromhex("008600000C7C0A85080000000000000000"))[1] == 0x6985
    assert 0x86 in terminal.pace(document.offers[0], b"123456", 2)


def test_wrong_passwords_make_the_chip_wait_longer_each_time(drawer):
    waits: list[float] = []
    slow = Drawer(NOW, sleep=waits.append)
    card = slow.card("kz", {"quirks": {"failed_delay_s": 0.5}})
    right = slow.document("kz", card.script).mrz_information
    terminal = Terminal(card.transmit)
    assert [terminal.bac("wrong"), terminal.bac("wrong"), terminal.bac("wrong")] == [0x6300] * 3
    assert waits == [0.5, 1.0]
    assert terminal.bac(right) == 0x9000
    assert waits == [0.5, 1.0, 2.0]
    assert terminal.bac(right) == 0x9000
    assert len(waits) == 3


def test_every_way_in_is_written_down(drawer):
    card = drawer.card("kz")
    card.ledger = own = type(card.ledger)()
    terminal = Terminal(card.transmit)
    terminal.bac("wrong")
    terminal.bac(drawer.document("kz", card.script).mrz_information)
    assert [(entry["protocol"], entry["password"], entry["ok"]) for entry in own.of("access")] == [
        ("BAC", "MRZ", False),
        ("BAC", "MRZ", True),
    ]


def test_a_challenge_is_good_for_one_answer(drawer):
    card = drawer.card("kz")
    terminal = Terminal(card.transmit)
    assert terminal.bac("wrong") == 0x6300
    assert terminal.plain(bytes.fromhex("0082000028") + bytes(40) + b"\x28")[1] == 0x6985


def test_files_stay_shut_until_someone_is_let_in(drawer):
    card = drawer.card("ua")
    terminal = Terminal(card.transmit)
    assert terminal.plain(bytes.fromhex("00B09C0000"))[1] == 0x9000, "EF.CardAccess is for everybody"
    assert terminal.plain(APPLICATION)[1] == 0x9000
    assert terminal.plain(bytes.fromhex("00A4020C020101"))[1] == 0x6982
    assert terminal.plain(bytes.fromhex("00B0810000"))[1] == 0x6982


def test_a_chip_without_bac_shows_no_application_before_pace(drawer):
    terminal = Terminal(drawer.card("uto").transmit)
    assert terminal.plain(APPLICATION)[1] == 0x6982


def test_a_command_in_the_open_ends_the_session(drawer):
    card = drawer.card("kz")
    terminal = Terminal(card.transmit)
    assert terminal.bac(drawer.document("kz", card.script).mrz_information) == 0x9000
    assert terminal.ask(bytes.fromhex("00A4020C020101"))[1] == 0x9000
    assert terminal.plain(bytes.fromhex("00B0000008"))[1] == 0x6982
    assert terminal.ask(bytes.fromhex("00B00000"), b"\x08")[1] == 0x6987


@pytest.mark.parametrize("at", range(5, 26))
def test_a_changed_byte_of_a_protected_command_ends_the_session(drawer, at):
    card = drawer.card("kz")
    terminal = Terminal(card.transmit)
    terminal.bac(drawer.document("kz", card.script).mrz_information)
    protected = bytearray(terminal.channel.command(bytes.fromhex("00A4020C02011E")))
    assert len(protected) == 27
    protected[at] ^= 0x01
    assert card.transmit(bytes(protected)).hex() in {"6987", "6988"}
    assert terminal.plain(bytes.fromhex("00B0810008"))[1] == 0x6982


def test_a_reset_forgets_the_session(drawer):
    card = drawer.card("kz")
    terminal = Terminal(card.transmit)
    terminal.bac(drawer.document("kz", card.script).mrz_information)
    card.power()
    assert terminal.ask(bytes.fromhex("00A4020C02011E"))[1] == 0x6987


def test_points_that_lie_on_no_curve_are_refused(drawer):
    card = drawer.card("ua")
    chosen = drawer.document("ua", card.script).offers[0]
    terminal = Terminal(card.transmit)
    template = tlv(0x80, chosen.oid) + b"\x83\x01\x02\x84\x01\x0d"
    assert terminal.plain(bytes.fromhex("0022C1A4") + bytes((len(template),)) + template)[1] == 0x9000
    assert terminal.plain(bytes.fromhex("10860000027C0000"))[1] == 0x9000
    assert terminal.plain(bytes.fromhex("1086000045") + tlv(0x7C, tlv(0x81, b"\x04" + bytes(64))) + b"\0")[1] == 0x6A80


@pytest.mark.parametrize(
    ("quirks", "with_id", "le", "outcome"),
    [
        ({}, True, b"", "in"),
        ({"parameter_id": "optional"}, False, b"", "in"),
        ({}, False, b"", 0x6A87),
        ({"parameter_id": "refused"}, True, b"", 0x6A80),
        ({"le_on_select": "6700"}, True, b"\0", 0x6700),
        ({"le_on_select": "6700"}, True, b"", "in"),
    ],
)
def test_ukrainian_and_german_quirks_of_choosing_pace(drawer, quirks, with_id, le, outcome):
    card = drawer.card("ua", {"quirks": quirks})
    chosen = drawer.document("ua", card.script).offers[0]
    answer = Terminal(card.transmit).pace(chosen, b"123456", 2, with_id=with_id, le=le)
    assert (answer if isinstance(answer, int) else "in") == outcome


def test_a_mapping_that_is_only_listed_is_refused_when_chosen(drawer):
    card = drawer.card("uto")
    listed = offer(INTEGRATED, 2, CURVES["brainpoolP256r1"])
    assert listed.oid in drawer.document("uto", card.script).files["CardAccess"]
    assert Terminal(card.transmit).pace(listed, b"654321", 2) == 0x6A80


@pytest.mark.parametrize("twice", [False, True])
def test_a_protected_command_without_objects_may_be_padded_once_or_twice(drawer, twice):
    terminal, _ = enter(drawer, "long")
    channel = terminal.channel
    channel._counter += 1
    padded = b"\x0c\xa4\0\x0c" + b"\x80" + bytes(3)
    data = channel._count() + padded
    mac = channel.suite.mac(channel.mac_key, pad(data, 8) if twice else data)
    answer = terminal._send(padded[:4] + b"\x0a" + tlv(0x8E, mac) + b"\0")
    assert channel.answer(answer) == (b"", 0x9000)


def test_a_chip_may_fall_silent_without_a_parameter_id(drawer):
    card = drawer.card("kg", {"quirks": {"parameter_id": "lost"}})
    chosen = drawer.document("kg", card.script).offers[0]
    with pytest.raises(AssertionError, match="the card is gone"):
        Terminal(card.transmit).pace(chosen, b"", 1, with_id=False)
    assert card.transmit(APPLICATION) == b""


# -- what proves the chip itself ------------------------------------------------------------------------------------


def chip_point(group: bytes, curve):
    """The chip's public key out of DG14, as another implementation parses it."""
    found = next(info for info in _infos(group) if isinstance(info, keys.PublicKeyInfo))
    return curve.decode(bytes(found["public_key"].native))


def _infos(group: bytes):
    for info in core.SetOf.load(objects(group)[0x6E], spec=core.Sequence):
        second = info[1]
        yield keys.PublicKeyInfo.load(second.dump()) if isinstance(second, core.Sequence) else second


def enter(drawer, name, script=None):
    card = drawer.card(name, script)
    document = drawer.document(name, card.script)
    terminal = Terminal(card.transmit)
    if document.bac:
        assert terminal.bac(document.mrz_information) == 0x9000
    else:
        assert 0x86 in terminal.pace(document.offers[0], seed(document.mrz_information), 1)
        assert terminal.ask(APPLICATION)[1] == 0x9000
    return terminal, document


@pytest.mark.parametrize("copied", [False, True])
@pytest.mark.parametrize(("name", "way"), [("ua", "at"), ("long", "kat"), ("uto", "at")])
def test_chip_authentication_begins_a_session_only_the_genuine_chip_can_continue(drawer, name, way, copied):
    terminal, _ = enter(drawer, name, {"copied": copied})
    suite, curve_name = SPECIMENS[name].chip or (0, "")
    curve = CURVES[curve_name]
    theirs = chip_point(terminal.file(0x010E), curve)
    key = 0x1234567890ABCDEF
    ours = curve.encode(curve.multiply(key, curve.base))
    chip = ChipKey(curve, 1, SUITES[suite])
    if way == "kat":
        template = tlv(0x91, ours)
        assert terminal.ask(bytes.fromhex("002241A6") + bytes((len(template),)) + template)[1] == 0x9000
    else:
        template = tlv(0x80, chip.oid)
        assert terminal.ask(bytes.fromhex("002241A4") + bytes((len(template),)) + template)[1] == 0x9000
        data = tlv(0x7C, tlv(0x80, ours))
        assert terminal.ask(bytes.fromhex("00860000") + bytes((len(data),)) + data, b"\0") == (b"\x7c\x00", 0x9000)
    terminal.channel = Channel(SUITES[suite], curve.multiply(key, theirs)[0].to_bytes(curve.size, "big"))
    sw = terminal.ask(bytes.fromhex("00A4020C020101"))[1]
    assert sw == (0x6988 if copied else 0x9000)


@pytest.mark.parametrize("copied", [False, True])
def test_the_mapping_key_proves_the_chip(drawer, copied):
    card = drawer.card("uto", {"copied": copied})
    document = drawer.document("uto", card.script)
    chosen = next(made for made in document.offers if made.mapping == WITH_CHIP_AUTHENTICATION)
    terminal = Terminal(card.transmit)
    given = terminal.pace(chosen, b"654321", 2)
    session, curve = terminal.channel, chosen.curve
    iv = session.suite.encrypt(session.encryption_key, b"\xff" * 16)
    proof = int.from_bytes(unpad(session.suite.decrypt(session.encryption_key, given[0x8A], iv)), "big")
    static = chip_point(document.files["DG14"], curve)
    assert (curve.multiply(proof, static) == terminal.mapping_key) is not copied
    assert terminal.ask(bytes.fromhex("00A4020C02011D"))[1] == 0x9000, "EF.CardSecurity is open after PACE"


@pytest.mark.parametrize("copied", [False, True])
def test_a_signature_with_message_recovery_proves_the_chip(drawer, copied):
    terminal, document = enter(drawer, "long", {"copied": copied})
    signature, sw = terminal.ask(bytes.fromhex("0088000008") + CHALLENGE, b"\0")
    assert (sw, len(signature)) == (0x9000, 192)
    key = public_key(objects(document.files["DG15"])[0x6F]).public_numbers()
    block = pow(int.from_bytes(signature, "big"), key.e, key.n).to_bytes(192, "big")
    genuine = block[:1] == b"\x6a" and block[-1:] == b"\xbc"
    genuine = genuine and block[-21:-1] == hashlib.sha1(block[1:-21] + CHALLENGE).digest()
    assert genuine is not copied


@pytest.mark.parametrize("copied", [False, True])
def test_an_elliptic_signature_proves_the_chip(drawer, copied):
    terminal, document = enter(drawer, "uto", {"copied": copied})
    signature, sw = terminal.ask(bytes.fromhex("0088000008") + CHALLENGE, b"\0")
    assert (sw, len(signature)) == (0x9000, 64)
    pair = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    key = public_key(objects(document.files["DG15"])[0x6F])
    with pytest.raises(InvalidSignature) if copied else nullcontext():
        key.verify(encode_dss_signature(*pair), CHALLENGE, ec.ECDSA(hashes.SHA256()))


def test_a_chip_without_a_key_cannot_sign(drawer):
    terminal, _ = enter(drawer, "kz")
    assert terminal.ask(bytes.fromhex("0088000008") + CHALLENGE, b"\0")[1] == 0x6D00


def test_the_uid_is_another_one_at_each_power_up_unless_fixed(drawer):
    card = drawer.card("ua")
    first = card.transmit(bytes.fromhex("FFCA000000"))
    card.power()
    assert card.transmit(bytes.fromhex("FFCA000000")) != first
    assert first[:1] == b"\x08"
    fixed = drawer.card("ua", {"quirks": {"uid": "04A1B2C3D4E5F6"}})
    assert fixed.transmit(bytes.fromhex("FFCA000000")).hex().upper() == "04A1B2C3D4E5F69000"


def test_asking_the_reader_for_the_uid_does_not_end_the_session(drawer):
    terminal, _ = enter(drawer, "kz")
    assert terminal.plain(bytes.fromhex("FFCA000000"))[1] == 0x9000
    assert terminal.ask(bytes.fromhex("00A4020C020101"))[1] == 0x9000
