"""DG11, DG12, DG13: what the MRZ has no room for. Pure. ICAO Doc 9303-10 §4.7.11 to §4.7.13."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from card_reader import tlv
from card_reader.errors import DataError

_Readers = dict[int, tuple[str, Callable[[bytes], str]]]
LONGEST = 400
"""Characters of one field: an address in three lines, not a book."""


def personal(file: bytes) -> dict[str, str]:
    """DG11 by field name; what is missing is not in it. Raises: DataError."""
    return _fields(tlv.only(file, 0x6B), _PERSONAL)


def document(file: bytes) -> dict[str, str]:
    """DG12 by field name. Raises: DataError."""
    return _fields(tlv.only(file, 0x6C), _DOCUMENT)


def national(file: bytes) -> list[tlv.Tlv]:
    """DG13: objects whose meaning is each state's own. Raises: DataError."""
    return list(tlv.walk(tlv.only(file, 0x6D)))


def _fields(content: bytes, wanted: _Readers) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in tlv.walk(content):
        if item.tag in wanted:
            name, read = wanted[item.tag]
            if text := read(item.value):
                found.setdefault(name, text)
    return found


def _text(value: bytes) -> str:
    """UTF-8, or Latin-1 from before the standard said so. Raises: DataError: longer than a field."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())
    if len(text) > LONGEST:
        raise DataError("a field longer than any form")
    return text


def _name(value: bytes) -> str:
    """SURNAME<<GIVEN<NAMES in the state's own script."""
    surname, _, given = _text(value).partition("<<")
    return " ".join(f"{surname} {given}".replace("<", " ").split())


def _lines(value: bytes) -> str:
    """Parts set apart by `<`."""
    return ", ".join(part.strip() for part in _text(value).split("<") if part.strip())


def _date(value: bytes) -> str:
    """A date as ISO text: eight digits, or four bytes of two digits each. Empty where it is none."""
    digits = value.hex() if len(value) == 4 else value.decode("latin-1")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).isoformat() if len(digits) == 8 else ""
    except ValueError:
        return ""


_PERSONAL: _Readers = {
    0x5F0E: ("native_name", _name),
    0x5F10: ("personal_number", _text),
    0x5F2B: ("birth_date", _date),
    0x5F11: ("birth_place", _lines),
    0x5F42: ("address", _lines),
}
_DOCUMENT: _Readers = {0x5F19: ("authority", _lines), 0x5F26: ("issue_date", _date)}
