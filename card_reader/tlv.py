"""BER-TLV with definite lengths, bounded in length and depth. Pure. ISO/IEC 7816-4 §5.2.2, ISO/IEC 8825-1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from card_reader.errors import DataError

MAX_LENGTH = 1 << 17
"""Longest value, bytes: twice the largest file that is read."""
MAX_OBJECTS = 4096


@dataclass(frozen=True, slots=True)
class Head:
    """Tag and length at the start of an object; `size` is how many bytes they take, `length` how many follow."""

    tag: int
    length: int
    size: int

    @property
    def whole(self) -> int:
        """Bytes of the whole object."""
        return self.size + self.length


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object; `raw` is all of it as it stood."""

    tag: int
    value: bytes
    raw: bytes


def head(data: bytes, at: int = 0) -> Head:
    """Tag and length at `at`. The value need not be there. Raises: DataError: not a tag and a definite length."""
    tag, used = _tag(data, at)
    first = _byte(data, at + used)
    if first < 0x80:
        return Head(tag, first, used + 1)
    count = first & 0x7F
    if not 1 <= count <= 4:
        raise DataError("TLV: indefinite or oversized length")
    length = int.from_bytes(data[at + used + 1 : at + used + 1 + count], "big")
    if len(data) < at + used + 1 + count:
        raise DataError("TLV: cut off in its length")
    if length > MAX_LENGTH:
        raise DataError("TLV: longer than any file")
    return Head(tag, length, used + 1 + count)


def walk(data: bytes) -> Iterator[Tlv]:
    """The objects that stand one after another in `data`. Raises: DataError: cut off, or not TLV."""
    at, seen = 0, 0
    while at < len(data):
        here = head(data, at)
        if at + here.whole > len(data):
            raise DataError("TLV: cut off in its value")
        seen += 1
        if seen > MAX_OBJECTS:
            raise DataError("TLV: too many objects")
        yield Tlv(here.tag, data[at + here.size : at + here.whole], data[at : at + here.whole])
        at += here.whole


def only(data: bytes, tag: int) -> bytes:
    """The value of the one object `data` is. Bytes after it are left aside: files are padded. Raises: DataError."""
    here = head(data)
    if here.tag != tag:
        raise DataError(f"TLV: tag {here.tag:X} where {tag:X} belongs")
    if here.whole > len(data):
        raise DataError("TLV: cut off in its value")
    return data[here.size : here.whole]


def find(data: bytes, *path: int) -> bytes | None:
    """The value at `path` of nested tags, the first of equal ones; None when a step is missing. Raises: DataError: not TLV."""
    for tag in path:
        found = next((o.value for o in walk(data) if o.tag == tag), None)
        if found is None:
            return None
        data = found
    return data


def encode(tag: int, value: bytes) -> bytes:
    """One object, with the shortest length."""
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big") + _length(len(value)) + value


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    count = (length.bit_length() + 7) // 8
    return bytes([0x80 | count]) + length.to_bytes(count, "big")


def _tag(data: bytes, at: int) -> tuple[int, int]:
    tag, used = _byte(data, at), 1
    if tag & 0x1F == 0x1F:
        while True:
            more = _byte(data, at + used)
            tag, used = tag << 8 | more, used + 1
            if not more & 0x80:
                break
            if used == 3:
                raise DataError("TLV: tag of more than three bytes")
    return tag, used


def _byte(data: bytes, at: int) -> int:
    if at >= len(data):
        raise DataError("TLV: cut off")
    return data[at]
