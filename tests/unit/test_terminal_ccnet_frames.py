"""CCNET bytes: the vectors, and everything that can happen to bytes on a serial line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.cash.acceptor import Status, Word
from terminal.cash.ccnet import frames as f
from terminal.money import Money

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "ccnet.json").read_text("utf-8"))
POLL = f.pack(f.POLL)
ESCROW = bytes.fromhex("02030780029e10")


def test_the_checksum_is_kermit() -> None:
    assert f.crc(b"123456789") == 0x2189


@pytest.mark.parametrize("row", VECTORS["to_acceptor"], ids=lambda row: str(row["name"]))
def test_a_command_is_the_documented_frame(row: dict[str, str]) -> None:
    assert f.pack(int(row["command"], 16), bytes.fromhex(row["data"])).hex() == row["frame"]


@pytest.mark.parametrize("row", VECTORS["from_acceptor"], ids=lambda row: str(row["word"]))
def test_an_answer_means_the_documented_word(row: dict[str, Any]) -> None:
    (payload,) = f.Reader().feed(bytes.fromhex(row["frame"]))
    assert f.status(payload) == Status(Word(row["word"]), row["kind"])


def test_byte_by_byte_glued_and_after_garbage() -> None:
    reader = f.Reader()
    found = [payload for byte in b"\xff\x00" + ESCROW + POLL for payload in reader.feed(bytes((byte,)))]
    assert found == [b"\x80\x02", b"\x33"]
    assert reader.dropped > 0
    assert f.Reader().feed(ESCROW + POLL) == found


@pytest.mark.parametrize("at", range(len(ESCROW)))
def test_a_corrupted_frame_is_dropped_and_the_next_one_is_read(at: int) -> None:
    reader = f.Reader()
    bad = bytes(byte ^ (0x40 if n == at else 0) for n, byte in enumerate(ESCROW))
    assert b"\x80\x02" not in reader.feed(bad + POLL * 60)
    assert reader.dropped


@pytest.mark.parametrize("length", range(len(ESCROW)))
def test_a_truncated_frame_gives_nothing(length: int) -> None:
    assert f.Reader().feed(ESCROW[:length]) == []


@given(st.binary(max_size=600))
def test_any_bytes_end_and_keep_little(data: bytes) -> None:
    reader = f.Reader()
    reader.feed(data)
    assert len(reader._bytes) <= f.MAX_BYTES


def test_a_stacked_note_without_its_kind_is_no_word_of_money() -> None:
    assert f.status(b"\x81") == Status(Word.OTHER)


def test_a_bill_table_with_holes_and_foreign_notes() -> None:
    table = (
        bytes((1, *b"UKR", 1)) + bytes(5) + bytes((5, *b"USA", 1)) + bytes((2, *b"UKR", 2)) + bytes((1, *b"UKR", 200))
    )
    assert f.bill_table(table, "UAH") == {0: Money(1000, "UAH"), 3: Money(20000, "UAH")}


def test_the_mask_has_the_first_kind_in_the_last_bit() -> None:
    assert f.mask(frozenset({0, 9})).hex() == "000201000201"
    assert f.mask(frozenset()).hex() == "000000000000"
