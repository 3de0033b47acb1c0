"""BER-TLV: whole, glued, cut off, oversized, and any bytes at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from card_reader import tlv
from card_reader.errors import DataError

TAGS = st.sampled_from([0x04, 0x30, 0x5F1F, 0x7F49, 0x7F61, 0x87, 0x99, 0x7F8101])


@settings(deadline=None)
@given(tag=TAGS, value=st.binary(max_size=70_000))
def test_what_is_encoded_is_read_back(tag: int, value: bytes) -> None:
    raw = tlv.encode(tag, value)
    assert tlv.head(raw) == tlv.Head(tag, len(value), len(raw) - len(value))
    assert tlv.only(raw + b"\0\0", tag) == value


@settings(deadline=None)
@given(st.lists(st.tuples(TAGS, st.binary(max_size=300)), max_size=8))
def test_objects_glued_together_come_out_one_by_one(objects: list[tuple[int, bytes]]) -> None:
    raw = b"".join(tlv.encode(*o) for o in objects)
    assert [(o.tag, o.value) for o in tlv.walk(raw)] == objects
    assert b"".join(o.raw for o in tlv.walk(raw)) == raw


@settings(deadline=None)
@given(tag=TAGS, value=st.binary(min_size=1, max_size=400), data=st.data())
def test_an_object_cut_off_anywhere_is_refused(tag: int, value: bytes, data: st.DataObject) -> None:
    raw = tlv.encode(tag, value)
    part = raw[: data.draw(st.integers(1, len(raw) - 1))]
    with pytest.raises(DataError):
        list(tlv.walk(part))
    with pytest.raises(DataError):
        tlv.only(part, tag)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_objects_or_a_named_error(data: bytes) -> None:
    try:
        found = list(tlv.walk(data))
    except DataError:
        return
    assert b"".join(o.raw for o in found) == data


def test_a_value_is_found_along_its_path_and_none_where_a_step_is_missing() -> None:
    raw = tlv.encode(0x75, tlv.encode(0x02, b"\1") + tlv.encode(0x7F61, tlv.encode(0x5F2E, b"face")))
    assert tlv.find(raw, 0x75, 0x7F61, 0x5F2E) == b"face"
    assert tlv.find(raw, 0x75, 0x7F60) is None


@pytest.mark.parametrize(
    "raw", ["", "3080", "30850000000001", "5F", "1FFFFFFF01", "30840FFFFFFF", "3003", "3081"], ids=lambda r: f"x{r}"
)
def test_what_is_no_bounded_object_is_refused(raw: str) -> None:
    with pytest.raises(DataError, match="TLV"):
        tlv.only(bytes.fromhex(raw), 0x30)


def test_another_tag_than_expected_is_named() -> None:
    with pytest.raises(DataError, match="tag 61 where 77 belongs"):
        tlv.only(b"\x61\x00", 0x77)


def test_a_flood_of_objects_ends() -> None:
    with pytest.raises(DataError, match="too many"):
        list(tlv.walk(b"\x04\x00" * (tlv.MAX_OBJECTS + 1)))
