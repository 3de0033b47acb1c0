"""What a chip gives to a read: limits, ends of files, quirks; and the faults that a script lets happen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.card.apdu import RefusedError, parse
from simulators.card.cipher import SUITES
from simulators.card.messaging import Session
from simulators.card.script import Air
from simulators.card.specimen import Drawer
from simulators.card.tlv import objects, tlv
from tests.card_terminal import APPLICATION, Terminal

COMMANDS = (
    "00A4020C",
    "00A40400",
    "00B00000",
    "00B19C00",
    "0CB00000",
    "00840000",
    "00820000",
    "0022C1A4",
    "002241A6",
    "10860000",
    "00880000",
)
HEADERS = st.sampled_from([bytes.fromhex(header) for header in COMMANDS])
DG1, DG2, DG11, DG14, SOD = 0x0101, 0x0102, 0x010B, 0x010E, 0x011D


@pytest.fixture(scope="module")
def drawer():
    return Drawer(datetime(2026, 1, 1, tzinfo=UTC), sleep=lambda _: None)


def inside(drawer, name="ua", **script):
    """A terminal with the application open, and the card it reads."""
    card = drawer.card(name, script)
    terminal = Terminal(card.transmit)
    assert terminal.bac(drawer.document(name, card.script).mrz_information) == 0x9000
    return terminal, card


def with_aes(drawer, **script):
    card = drawer.card("ua", script)
    terminal = Terminal(card.transmit)
    assert 0x86 in terminal.pace(drawer.document("ua", card.script).offers[0], b"123456", 2)
    assert terminal.ask(APPLICATION)[1] == 0x9000
    return terminal, card


def select(terminal, fid: int):
    return terminal.ask(bytes.fromhex("00A4020C02") + fid.to_bytes(2, "big"))[1]


def read_at(terminal, offset: int, le: int | bytes):
    return terminal.ask(b"\0\xb0" + offset.to_bytes(2, "big"), bytes((le,)) if isinstance(le, int) else le)


# -- the 256 bytes of a short answer --------------------------------------------------------------------------------


@pytest.mark.parametrize(("suite", "room"), [(1, 231), (2, 223), (3, 223), (4, 223)])
def test_a_short_protected_answer_holds_no_more_than_it_can(suite, room):
    session = Session(SUITES[suite], b"secret")
    assert session.room(256) == room
    assert len(session.wrap(bytes(room), 0x9000)) - 2 <= 256
    assert len(session.wrap(bytes(room + 1), 0x9000)) - 2 > 256


@pytest.mark.parametrize(
    ("too_long", "data", "sw"), [("6700", 0, 0x6700), ("6C", 0, 0x6CDF), ("cut", 223, 0x9000), ("6F00", 0, 0x6F00)]
)
def test_224_bytes_under_aes_are_more_than_a_chip_gives(drawer, too_long, data, sw):
    terminal, _ = with_aes(drawer, quirks={"too_long": too_long})
    assert select(terminal, DG2) == 0x9000
    given, status = read_at(terminal, 0, 224)
    assert (len(given), status) == (data, sw)
    assert len(read_at(terminal, 0, 223)[0]) == 223


def test_an_le_of_zero_means_all_that_fits(drawer):
    terminal, _ = inside(drawer)
    data, sw = terminal.ask(bytes.fromhex("00B08100"), b"\0")
    assert (len(data), sw) == (95, 0x9000)
    data, sw = terminal.ask(bytes.fromhex("00B08200"), b"\0")
    assert (len(data), sw) == (231, 0x9000)


def test_no_answer_of_a_whole_session_is_over_256_bytes(drawer):
    card = drawer.card("ua")
    longest: list[int] = []

    def send(apdu):
        answer = card.transmit(apdu)
        longest.append(len(answer) - 2)
        return answer

    terminal = Terminal(send)
    terminal.bac(drawer.document("ua", card.script).mrz_information)
    assert terminal.file(DG2, 231) == drawer.document("ua", card.script).files["DG2"]
    assert 240 < max(longest) <= 256


def test_long_commands_are_for_chips_that_take_them(drawer):
    terminal, _ = inside(drawer)
    assert select(terminal, DG2) == 0x9000
    assert read_at(terminal, 0, b"\x10\x00") == (b"", 0x6700)
    terminal, card = inside(drawer, "kz")
    assert select(terminal, DG2) == 0x9000
    assert len(read_at(terminal, 0, b"\x10\x00")[0]) == 4096
    card.power()
    content = terminal_file_in_the_open(card, 0x2F01)
    assert content.endswith(tlv(0x7F66, tlv(0x02, b"\x04\x00"), tlv(0x02, b"\xff\xff")))


def terminal_file_in_the_open(card, fid: int):
    assert card.transmit(bytes.fromhex("00A4020C02") + fid.to_bytes(2, "big")) == b"\x90\x00"
    return card.transmit(bytes.fromhex("00B0000000"))[:-2]


def test_a_chip_gives_no_more_than_its_longest_answer(drawer):
    terminal, _ = inside(drawer, "kz", quirks={"max_answer_bytes": 1000, "too_long": "cut"})
    assert select(terminal, DG2) == 0x9000
    assert 900 < len(read_at(terminal, 0, b"\x10\x00")[0]) < 1000


# -- the end of a file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over_end", "count", "sw"), [("6282", 15, 0x6282), ("9000", 15, 0x9000), ("6B00", 0, 0x6B00), ("6A86", 0, 0x6A86)]
)
def test_a_read_over_the_end_is_answered_as_the_card_does(drawer, over_end, count, sw):
    terminal, _ = inside(drawer, quirks={"over_end": over_end})
    assert select(terminal, DG1) == 0x9000
    data, status = read_at(terminal, 80, 100)
    assert (len(data), status) == (count, sw)


@pytest.mark.parametrize("past_end", ["6B00", "6A86", "6282"])
def test_a_read_behind_the_end_is_answered_as_the_card_does(drawer, past_end):
    terminal, _ = inside(drawer, quirks={"past_end": past_end})
    assert select(terminal, DG1) == 0x9000
    assert read_at(terminal, 95, 1) == (b"", int(past_end, 16))


def test_the_odd_instruction_reads_by_offset_object(drawer):
    terminal, card = inside(drawer)
    assert select(terminal, DG2) == 0x9000
    data, sw = terminal.ask(bytes.fromhex("00B10000045402") + b"\x20\x00", b"\x40")
    assert sw == 0x9000
    assert objects(data)[0x53] == drawer.document("ua", card.script).files["DG2"][0x2000:0x2040]


# -- quirks of selection --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["6982", "6A81", "6A86", "6A87"])
def test_select_of_the_master_file_fails_as_vendors_let_it(drawer, word):
    card = drawer.card("kz", {"quirks": {"select_mf": word}})
    assert card.transmit(bytes.fromhex("00A4000C023F00")).hex().upper() == word
    assert card.transmit(bytes.fromhex("00A4020C022F01")).hex() == "9000"


def test_deny_lists_of_selection(drawer):
    card = drawer.card("ua", {"quirks": {"select_p1": [2], "short_identifiers": False, "le_on_select": "6700"}})
    assert card.transmit(bytes.fromhex("00A4000C02011C")).hex() == "6a86"
    assert card.transmit(bytes.fromhex("00A4020C02011C00")).hex() == "6700"
    assert card.transmit(bytes.fromhex("00B09C0000")).hex() == "6a86"
    assert card.transmit(bytes.fromhex("00A4020C02011C")).hex() == "9000"


def test_missing_and_locked_files_are_refused_under_protection(drawer):
    terminal, _ = inside(drawer, quirks={"absent": ["DG11"]})
    assert select(terminal, DG11) == 0x6A82
    assert select(terminal, 0x0103) == 0x6982
    assert select(terminal, 0x0107) == 0x6A82
    assert select(terminal, DG1) == 0x9000


@pytest.mark.parametrize(("apdu", "sw"), [("80A40000", "6e00"), ("00AA0000", "6d00"), ("00A4", "6700"), ("", "6700")])
def test_commands_no_card_knows(drawer, apdu, sw):
    assert drawer.card("ua").transmit(bytes.fromhex(apdu)).hex() == sw


@pytest.mark.parametrize(
    "apdu", ["00A4020C", "00A4020C00", "00A4020C02011C", "00B0000000", "00B00000000100", "00B000000000010A0100"]
)
def test_lengths_are_taken_apart_and_anything_else_is_refused(apdu):
    data = bytes.fromhex(apdu)
    command = parse(data, extended=True)
    assert command.header == data[:4]
    for cut in range(4):
        with pytest.raises(RefusedError, match="6700"):
            parse(data[:cut], extended=True)
    with pytest.raises(RefusedError, match="6700"):
        parse(data[:4] + b"\x05\x01\x02")


def test_objects_cut_short_are_no_objects():
    whole = tlv(0x7F49, tlv(0x06, b"\x04\x00"), tlv(0x86, bytes(300)))
    assert objects(whole) == {0x7F49: whole[5:]}
    for end in range(1, len(whole)):
        with pytest.raises(ValueError, match=r"cut short|longer|length"):
            objects(whole[:end])


@settings(max_examples=300, deadline=None)
@given(
    apdus=st.lists(st.binary(max_size=300) | st.builds(bytes.__add__, HEADERS, st.binary(max_size=60)), max_size=6),
    let_in=st.booleans(),
)
def test_whatever_comes_is_answered_with_a_status_word(drawer, apdus, let_in):
    for name in ("ua", "uto", "kz", "ee", "bank", "storage"):
        card = drawer.card(name)
        if let_in and name in {"ua", "kz"}:
            Terminal(card.transmit).bac(drawer.document(name, card.script).mrz_information)
        for apdu in apdus:
            assert 2 <= len(card.transmit(apdu)) <= 258


# -- faults ---------------------------------------------------------------------------------------------------------


def test_a_wrong_checksum_comes_once(drawer):
    terminal, _ = inside(drawer, faults=[{"fault": "bad_mac", "file": "DG1"}])
    assert select(terminal, DG1) == 0x9000
    with pytest.raises(AssertionError, match="checksum"):
        read_at(terminal, 0, 8)
    assert read_at(terminal, 0, 8)[1] == 0x9000


def test_a_short_read_is_well_protected_and_half(drawer):
    terminal, _ = inside(drawer, faults=[{"fault": "short_read", "file": "DG1"}])
    assert select(terminal, DG1) == 0x9000
    assert [len(read_at(terminal, 0, 40)[0]) for _ in range(2)] == [20, 40]


def test_a_truncated_answer_has_no_status_word(drawer):
    card = drawer.card("ua", {"faults": [{"fault": "truncated", "at": 2}]})
    card.transmit(bytes.fromhex("00A4020C02011C"))
    assert card.transmit(bytes.fromhex("00B0000000")).hex().upper() == "31143012060A04007F000702"


def test_a_card_pulled_at_a_command_answers_nothing_more(drawer):
    terminal, card = inside(drawer, faults=[{"fault": "pull", "file": "DG2", "at": 3}])
    assert select(terminal, DG2) == 0x9000
    assert len(read_at(terminal, 0, 100)[0]) == len(read_at(terminal, 100, 100)[0]) == 100
    with pytest.raises(AssertionError, match="gone"):
        read_at(terminal, 200, 100)
    assert card.transmit(APPLICATION) == b""


def test_a_swap_names_the_other_card(drawer):
    card = drawer.card("ua", {"faults": [{"fault": "swap", "at": 1, "card": "kz"}]})
    assert card.transmit(APPLICATION) == b""
    assert card.replaced_by == "kz"


@pytest.mark.parametrize(("fault", "protected"), [("status", False), ("refusal", True)])
def test_a_refusal_comes_in_the_open_or_under_protection(drawer, fault, protected):
    card = drawer.card("ua", {"faults": [{"fault": fault, "at": 4, "sw": "6988"}]})
    terminal = Terminal(card.transmit)
    terminal.bac(drawer.document("ua", card.script).mrz_information)
    assert select(terminal, DG1) == 0x6988
    assert (terminal.channel is not None) is protected


def test_a_stall_takes_its_seconds():
    waits: list[float] = []
    slow = Drawer(datetime(2026, 1, 1, tzinfo=UTC), sleep=waits.append)
    card = slow.card("ua", {"faults": [{"fault": "stall", "at": 2, "seconds": 3}]})
    card.transmit(APPLICATION)
    assert waits == []
    card.transmit(APPLICATION)
    assert waits == [3]


@pytest.mark.parametrize("name", ["DG1", "DG2", "DG11", "DG14", "SOD"])
def test_an_altered_file_has_its_length_and_one_other_byte(drawer, name):
    fid = {"DG1": DG1, "DG2": DG2, "DG11": DG11, "DG14": DG14, "SOD": SOD}[name]
    terminal, card = inside(drawer, altered=[name])
    signed = drawer.document("ua", card.script).files[name]
    given = terminal.file(fid, 223)
    assert given[:-1] == signed[:-1]
    assert given[-1:] != signed[-1:]


def test_the_account_at_the_end_has_counts_and_no_contents(drawer):
    terminal, card = inside(drawer, faults=[{"fault": "short_read", "file": "DG1", "at": 2}])
    card.ledger = own = type(card.ledger)()
    document = drawer.document("ua", card.script)
    assert len(terminal.file(DG1, 50)) < 95
    terminal.file(DG11, 223)
    card.leave()
    assert [entry["fault"] for entry in own.of("fault")] == ["short_read"]
    account = own.of("removed")[0]
    assert account["instructions"] == {"A4": 3, "84": 1, "82": 1, "B0": 3}
    assert account["commands"] == 8
    assert account["files"]["DG1"] == {"reads": 2, "bytes": 72, "whole": False}
    assert account["files"]["DG11"]["whole"]
    text = str(own.entries)
    assert document.mrz_information[:9] not in text
    assert "TESTENKO" not in text


# -- the air --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kbit_s", "seconds"), [(106, 1.55), (212, 0.78), (424, 0.39), (848, 0.20)])
def test_the_air_takes_what_68_blocks_of_a_photo_cost(kbit_s, seconds):
    """Commands of 19 bytes, answers of 242 and their status word: 9 bits a byte, 3 bytes a frame."""
    air = Air(kbit_s, chip_s=0, usb_s=0)
    assert 68 * air.exchange_s(19, 244) == pytest.approx(seconds, abs=0.011)


def test_long_answers_travel_in_frames():
    air = Air(106, chip_s=0.006, usb_s=0.002)
    frames = -(-4135 // 253)
    assert air.exchange_s(24, 4135) == pytest.approx(0.008 + (24 + 3 + 4135 + 3 * frames) * 9 / 106_000)


def test_a_card_in_the_air_answers_when_the_air_lets_it():
    waits: list[float] = []
    slow = Drawer(datetime(2026, 1, 1, tzinfo=UTC), sleep=waits.append)
    card = slow.card("ua", {"air": {"kbit_s": 106, "chip_s": 10.0}})
    card.transmit(APPLICATION)
    assert 9.9 < waits[0] < 10.01


# -- scripts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "word"),
    [
        ({"quirk": {}}, "quirk: no such key of script"),
        ({"quirks": {"select_mv": "6A82"}}, "select_mv"),
        ({"quirks": {"select_mf": "6A8"}}, "6A8|hexadecimal"),
        ({"quirks": {"past_end": 6}}, "past_end: 6: as '6B00'"),
        ({"quirks": {"past_end": "6B0000"}}, "four hex digits"),
        ({"quirks": {"uid": "nobody"}}, "hexadecimal"),
        ({"quirks": ["atr"]}, "mapping"),
        ({"faults": [{"fault": "stall", "seconds": "long"}]}, "seconds"),
        ({"faults": ["pull"]}, "fault: 'pull': an object"),
        ({"faults": [{"fault": "swap", "card": "nobody's"}]}, "no such card"),
        ({"altered": "DG1"}, "altered"),
        ({"present_s": "long"}, "float"),
        ([], "script: \\[\\]: an object"),
        ({"quirks": {"parameter_id": "perhaps"}}, "perhaps"),
        ({"faults": [{"fault": "burn"}]}, "burn"),
        ({"faults": [{"fault": "status", "sw": "nonsense"}]}, "hexadecimal"),
        ({"air": {"kbit_s": 300}}, "300"),
    ],
)
def test_a_script_with_a_slip_in_it_is_refused(drawer, script, word):
    with pytest.raises((ValueError, TypeError), match=word):
        drawer.card("ua", script)


def test_a_card_keeps_its_own_quirks_where_the_script_says_nothing(drawer):
    assert drawer.script("ua", {"quirks": {"past_end": "6A86"}}).quirks.select_mf == "6A87"
    assert drawer.script("ua", {"quirks": {"select_mf": "9000"}}).quirks.select_mf == "9000"


# -- the other cards ------------------------------------------------------------------------------------------------


def personal_file(card, number: int):
    for apdu in (
        "00A4040C10A000000077010800070000FE00000100",
        "00A4000C",
        "00A4010C025000",
        f"00A4020C0250{number:02X}",
    ):
        assert card.transmit(bytes.fromhex(apdu)).hex() == "9000"
    return card.transmit(bytes.fromhex("00B0000000"))


def test_the_personal_file_has_names_numbers_and_dates(drawer):
    card = drawer.card("ee")
    texts = [personal_file(card, number)[:-2].decode() for number in range(1, 16)]
    assert texts[:9] == [
        "NÄIDIS", "MARI", "F", "EST", "01 01 1980 EST", "48001010010", "AB0000001", "01 06 2028", "01 06 2023",
    ]  # fmt: skip
    assert set(texts[9:]) == {"\0"}


def test_a_contact_card_may_want_the_exact_length_and_to_be_asked_again(drawer):
    card = drawer.card("ee", {"quirks": {"t0": True}})
    assert personal_file(card, 1).hex() == "6c07"
    assert card.transmit(bytes.fromhex("00B0000007")) == "NÄIDIS".encode() + b"\x90\x00"
    announced = card.transmit(bytes.fromhex("00A40000"))
    assert announced[0] == 0x61
    assert len(card.transmit(bytes((0, 0xC0, 0, 0, announced[1])))) == announced[1] + 2


@pytest.mark.parametrize(
    ("name", "select", "atr"), [("bank", "6a82", "3b8880"), ("storage", "6e00", "3b8f8001804f0ca000000306")]
)
def test_a_card_that_is_no_identity_card_says_so_at_once(drawer, name, select, atr):
    card = drawer.card(name)
    assert card.transmit(APPLICATION).hex() == select
    assert card.atr.hex().startswith(atr)


def test_a_dead_chip_has_no_atr_and_no_answer(drawer):
    card = drawer.card("dead")
    assert card.atr == b""
    assert card.transmit(APPLICATION) == b""


@pytest.mark.parametrize("name", ["ua", "kz", "ee", "bank", "storage"])
def test_atrs_end_with_their_checksum(drawer, name):
    check = 0
    for byte in drawer.card(name).atr[1:]:
        check ^= byte
    assert check == 0
