"""ZVT bytes: the vectors, everything that can happen to bytes on a line, and that nothing of a card is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import ContractError
from terminal.money import Money
from terminal.pos.terminal import Kind
from terminal.pos.zvt import fields
from terminal.pos.zvt import frames as f

VECTORS: list[dict[str, str]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "zvt_serial.json").read_text("utf-8")
)["frames"]
RESULT = bytes.fromhex("""
    2700 04000000001235 490980 0b000470 0c120000 0d0317 2952500041 870470 8a0a
    8bf0f55649534100 22f0f8400000eeeeee0002 0e3012 23f0f84000000000000002
""")
DONE = f.wrap(f.DONE)


def apdu(row: dict[str, str]) -> f.Apdu:
    return f.Apdu(int(row["code"], 16), bytes.fromhex(row["data"]))


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: str(row["name"]))
def test_a_serial_frame_is_the_documented_one_and_is_read_back(row: dict[str, str]) -> None:
    assert f.wrap(apdu(row)) == bytes.fromhex(row["frame"])
    assert f.SerialReader().feed(bytes.fromhex(row["frame"])) == [f.Heard(apdu(row))]


def test_long_apdus_have_their_length_low_byte_first() -> None:
    long = f.Apdu(0x06D3, bytes(300))
    assert f.pack(long)[:5].hex() == "06d3ff2c01"
    assert f.TcpReader().feed(f.pack(long)) == [long]
    assert f.SerialReader().feed(f.wrap(long)) == [f.Heard(long)]
    with pytest.raises(ContractError, match="at most"):
        f.pack(f.Apdu(0x06D3, bytes(9000)))


@pytest.mark.parametrize("size", [0, 1, 16, 254, 255, 256])
def test_tcp_byte_by_byte_and_glued(size: int) -> None:
    two = [f.Apdu(0x040F, bytes(range(256))[:size] if size < 256 else bytes(256)), f.DONE]
    data = b"".join(map(f.pack, two))
    reader = f.TcpReader()
    assert [found for byte in data for found in reader.feed(bytes((byte,)))] == two
    assert f.TcpReader().feed(data) == two


def test_a_tcp_stream_that_promises_too_much_is_given_up() -> None:
    reader = f.TcpReader()
    assert reader.feed(bytes.fromhex("040fffffff")) == []
    assert reader.broken
    assert reader.feed(f.pack(f.DONE)) == []


def test_serial_byte_by_byte_between_acknowledgements_and_noise() -> None:
    data = b"\x06" + DONE + b"\x99\x15" + f.wrap(f.Apdu(0x0601, bytes.fromhex("04000000001000")))
    reader = f.SerialReader()
    found = [heard for byte in data for heard in reader.feed(bytes((byte,)))]
    assert [(h.acknowledged, h.apdu.code if h.apdu else None) for h in found] == [
        (True, None), (None, 0x8000), (False, None), (None, 0x0601),
    ]  # fmt: skip


@pytest.mark.parametrize("at", range(2, len(DONE)))
def test_a_spoilt_serial_frame_is_refused_and_the_next_one_is_read(at: int) -> None:
    bad = bytes(byte ^ (0x21 if n == at else 0) for n, byte in enumerate(DONE))
    heard = f.SerialReader().feed(bad + DONE + DONE)
    assert f.Heard(f.DONE) in heard
    assert heard.count(f.Heard(f.DONE)) <= 2


@given(st.binary(max_size=500))
def test_any_bytes_end(data: bytes) -> None:
    f.SerialReader().feed(data)
    f.TcpReader().feed(data)


@given(st.binary(max_size=200))
def test_any_fields_are_read_or_refused(data: bytes) -> None:
    try:
        found = fields.parse(data)
        fields.receipt(found, "UAH")
    except ContractError:
        return
    assert not found.values.keys() & fields.SECRET


def test_a_receipt_is_read_and_tracks_and_expiry_are_not() -> None:
    found = fields.parse(RESULT)
    made = fields.receipt(found, "UAH")
    assert made is not None
    assert (made.number, made.amount, made.approved, made.kind) == ("470", Money(1235, "UAH"), True, Kind.SALE)
    assert (made.rrn, made.tid, made.pan, made.brand) == ("470", "52500041", "400000******0002", "VISA")
    assert not found.values.keys() & fields.SECRET


@pytest.mark.parametrize("length", range(1, len(RESULT)))
def test_a_field_cut_off_is_refused_and_never_half_read(length: int) -> None:
    try:
        found = fields.parse(RESULT[:length])
    except ContractError:
        return
    assert all(RESULT.find(value) >= 0 for value in found.values.values())


def test_behind_an_unknown_field_nothing_is_guessed() -> None:
    found = fields.parse(bytes.fromhex("04000000001235") + b"\xe1\x05hello")
    assert found.values == {0x04: bytes.fromhex("000000001235")}
    assert found.rest == 7


@pytest.mark.parametrize("size", ["06 00", "06 03 010203", "06 81 03 010203", "06 82 0003 010203"])
def test_a_tlv_container_is_passed_over_whole(size: str) -> None:
    assert fields.parse(bytes.fromhex(size) + bytes.fromhex("2700")).values[0x27] == b"\x00"


@pytest.mark.parametrize(
    ("pan", "kept"),
    [("400000eeeeee0002", "400000******0002"), ("4000000000000002", ""), ("40000000eeee0002", ""), ("", "")],
)
def test_a_number_that_shows_too_much_is_not_kept(pan: str, kept: str) -> None:
    assert fields.masked(bytes.fromhex(pan)) == kept


@pytest.mark.parametrize(("change", "match"), [({0x49: b"\x09\x78"}, "978"), ({0x04: None}, "without an amount")])
def test_another_currency_or_no_amount_is_an_error(change: dict[int, Any], match: str) -> None:
    values = {k: v for k, v in {**fields.parse(RESULT).values, **change}.items() if v is not None}
    with pytest.raises(ContractError, match=match):
        fields.receipt(fields.Fields(values), "UAH")


def test_a_reversal_is_told_by_the_trace_it_names() -> None:
    made = fields.receipt(fields.parse(RESULT + bytes.fromhex("37000470")), "UAH")
    assert made is not None
    assert made.kind is Kind.VOID


def totals(*kinds: tuple[int, int], minor: int) -> fields.Fields:
    body = bytes.fromhex("00010009") + b"".join(
        bytes((count,)) + bytes.fromhex(f"{total:012}") for count, total in kinds
    )
    size = bytes(0xF0 + int(digit) for digit in f"{len(body):03}")
    return fields.parse(b"\x04" + bytes.fromhex(f"{minor:012}") + b"\x60" + size + body)


def test_totals_are_added_up_over_the_kinds_of_card() -> None:
    found = fields.turnover(totals((2, 1500), (0, 0), (3, 1235), minor=2735))
    assert found == fields.Turnover(5, 2735)
    assert fields.turnover(fields.parse(RESULT)) is None


def test_totals_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ContractError, match="add up to 1500"):
        fields.turnover(totals((2, 1500), minor=1501))
    whole = totals((2, 1500), minor=1500)
    with pytest.raises(ContractError, match="no counts"):
        fields.turnover(fields.Fields({**whole.values, 0x60: whole.values[0x60][:-1]}))
    with pytest.raises(ContractError, match="no counts"):
        fields.turnover(fields.Fields({**whole.values, 0x60: whole.values[0x60][:-1] + b"\xaa"}))


def test_a_cards_name_is_read_in_the_terminals_own_letters() -> None:
    found = fields.Fields({**fields.parse(RESULT).values, 0x8B: "Crédit".encode("latin-1")})
    made = fields.receipt(found, "UAH", "iso8859-1")
    assert made is not None
    assert made.brand == "Crédit"
