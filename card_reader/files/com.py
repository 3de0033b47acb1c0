"""EF.COM: which data groups a card says it has. Not signed: for the doctor, never for decisions. Pure."""

from __future__ import annotations

from card_reader import tlv
from card_reader.errors import DataError

_TAGS = {0x61: 1, 0x75: 2, 0x63: 3, 0x76: 4, 0x65: 5, 0x66: 6, 0x67: 7, 0x68: 8, 0x69: 9, 0x6A: 10, 0x6B: 11, 0x6C: 12,
         0x6D: 13, 0x6E: 14, 0x6F: 15, 0x70: 16}  # fmt: skip


def groups(file: bytes) -> tuple[int, ...]:
    """Data group numbers in the card's order; unknown tags are left out. Raises: DataError."""
    tags = tlv.find(tlv.only(file, 0x60), 0x5C)
    if tags is None:
        raise DataError("EF.COM: no list of data groups")
    return tuple(_TAGS[tag] for tag in tags if tag in _TAGS)
