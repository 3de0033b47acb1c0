"""BER-TLV as a chip writes and takes it: definite lengths, tags of one or two bytes."""

from __future__ import annotations


def tlv(tag: int, *values: bytes) -> bytes:
    """One data object holding `values` one after the other."""
    value = b"".join(values)
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big") + length(len(value)) + value


def length(count: int) -> bytes:
    """The length field for `count` bytes, in its shortest form."""
    if count < 0x80:
        return bytes((count,))
    size = (count.bit_length() + 7) // 8
    return bytes((0x80 | size,)) + count.to_bytes(size, "big")


def objects(data: bytes) -> dict[int, bytes]:
    """The data objects in `data` by tag; of two with one tag the last.

    Raises: ValueError: a tag or length that does not fit the data.
    """
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        tag, value, at = _one(data, at)
        found[tag] = value
    return found


def _one(data: bytes, at: int) -> tuple[int, bytes, int]:
    try:
        tag, at = data[at], at + 1
        if tag & 0x1F == 0x1F:
            tag, at = tag << 8 | data[at], at + 1
        count, at = data[at], at + 1
        if count & 0x80:
            size = count & 0x7F
            if not 1 <= size <= 3:
                raise ValueError("length field")
            count, at = int.from_bytes(data[at : at + size], "big"), at + size
    except IndexError as exc:
        raise ValueError("cut short") from exc
    if at + count > len(data):
        raise ValueError("longer than the data")
    return tag, data[at : at + count], at + count
