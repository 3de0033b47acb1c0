from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printers.replies import (
    Automatic,
    Cleared,
    Counter,
    Flow,
    Full,
    InOrder,
    Name,
    Printed,
    RealTime,
    Reply,
    ReplyReader,
    WentOffline,
)

# Bytes as the Epson reference gives them, not as our code builds them.
SAMPLES: list[tuple[bytes, Reply]] = [
    (bytes.fromhex("12"), RealTime(0x12)),
    (bytes.fromhex("1a"), RealTime(0x1A)),
    (bytes.fromhex("32"), RealTime(0x32)),
    (bytes.fromhex("7e"), RealTime(0x7E)),
    (bytes.fromhex("00"), InOrder(0)),
    (bytes.fromhex("0f"), InOrder(0x0F)),
    (bytes.fromhex("10000000"), Automatic(bytes.fromhex("10000000"))),
    (bytes.fromhex("10000300"), Automatic(bytes.fromhex("10000300"))),
    (bytes.fromhex("18000f00"), Automatic(bytes.fromhex("18000f00"))),
    (bytes.fromhex("38000000"), Automatic(bytes.fromhex("38000000"))),
    (b"\x37\x22A~ 0\x00", Printed(b"A~ 0")),
    (b"\x37\x22\x37\x22\x5f\x37\x00", Printed(b"7\x22_7")),
    (bytes.fromhex("372500"), Cleared()),
    (bytes.fromhex("37234000"), WentOffline(0x40)),
    (b"\x5fTM-T20III\x00", Name("TM-T20III")),
    (b"\x11", Flow(go=True)),
    (b"\x13", Flow(go=False)),
]
CONVERSATION = b"".join(data for data, _ in SAMPLES)
CUSTOM: list[tuple[bytes, Reply]] = [
    (bytes.fromhex("100f00000000"), Full(bytes(4))),
    (bytes.fromhex("100f25024001"), Full(bytes.fromhex("25024001"))),
    (b"510cm", Counter(510, "cm")),
    (b"7ret", Counter(7, "ret")),
    (b"2376cuts", Counter(2376, "cuts")),
    (bytes.fromhex("00"), InOrder(0)),
    (b"\x13", Flow(go=False)),
]
"""Custom's language: KPM216H and VKP80III manuals."""


def heard(*chunks: bytes, custom: bool = False) -> tuple[list[Reply], int]:
    reader = ReplyReader()
    reader.custom = custom
    return [reply for chunk in chunks for reply in reader.feed(chunk)], reader.unknown


@pytest.mark.parametrize(("data", "reply"), SAMPLES)
def test_each_reply_is_known_whole_and_byte_by_byte(data: bytes, reply: Reply) -> None:
    assert heard(data) == ([reply], 0)
    assert heard(*(bytes((byte,)) for byte in data)) == ([reply], 0)


@given(st.lists(st.sampled_from(CUSTOM), max_size=12), st.integers(1, 7))
def test_custom_printers_are_understood_in_any_order_and_pieces(samples: list[tuple[bytes, Reply]], size: int) -> None:
    line = b"".join(data for data, _ in samples)
    pieces = [line[at : at + size] for at in range(0, len(line), size)]
    assert heard(*pieces, custom=True) == ([reply for _, reply in samples], 0)


@pytest.mark.parametrize("data", [b"\x10\x0e", b"51xm", b"99999999999cm", b"510c\xff", b"\x10\x10\xff"])
def test_broken_words_of_custom_printers_are_counted(data: bytes) -> None:
    replies, lost = heard(data, b"\xff", bytes.fromhex("100f00000000"), custom=True)
    assert replies[-1] == Full(bytes(4))
    assert lost > 0


@given(st.sets(st.integers(0, len(CONVERSATION))))
def test_replies_are_the_same_however_the_wire_cuts_them(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(CONVERSATION)]
    chunks = [CONVERSATION[a:b] for a, b in pairwise(edges)]
    assert heard(*chunks) == ([reply for _, reply in SAMPLES], 0)


@given(st.lists(st.sampled_from(SAMPLES), min_size=2, max_size=12))
def test_glued_replies_are_told_apart_in_any_order(samples: list[tuple[bytes, Reply]]) -> None:
    assert heard(b"".join(data for data, _ in samples)) == ([reply for _, reply in samples], 0)


@given(st.binary(max_size=400))
def test_any_bytes_are_replies_or_counted_and_nothing_piles_up(noise: bytes) -> None:
    reader = ReplyReader()
    replies = reader.feed(noise)
    lost = reader.unknown
    assert len(replies) + lost <= len(noise)
    # Behind any noise, at most one unfinished reply's length of text brings the reader back.
    assert reader.feed(b"\xff" * 2 + b"\x12")[-1] == RealTime(0x12)


@pytest.mark.parametrize(
    ("data", "after", "unknown"),
    [
        (b"\x37\x22AB\x12", [RealTime(0x12)], 4),  # a proof cut off by another answer
        (b"\x37\x22ABCDE\x12", [RealTime(0x12)], 6 + 0),  # five characters: no proof; E is looked at again
        (b"\x37\x99\x12", [RealTime(0x12)], 2),  # a block nobody knows
        (b"\x10\x00\x92\x12", [RealTime(0x12)], 3),  # automatic status with a foreign byte in it
        (b"\x5f" + b"x" * 200 + b"\x12", [RealTime(0x12)], None),  # a name without an end
    ],
)
def test_broken_replies_are_counted_and_the_next_one_is_heard(
    data: bytes, after: list[Reply], unknown: int | None
) -> None:
    replies, lost = heard(data)
    assert replies[-1:] == after
    assert not any(isinstance(reply, Printed | Cleared | Automatic | Name) for reply in replies)
    assert unknown is None or lost >= unknown


@given(st.sampled_from([data for data, reply in SAMPLES if isinstance(reply, Printed | Cleared)]), st.data())
def test_truncated_proof_proves_nothing(data: bytes, draw: st.DataObject) -> None:
    length = draw.draw(st.integers(0, len(data) - 1))
    assert heard(data[:length])[0] == []
