"""The CSV files a community comes in: their columns, and what each cell may be. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

Value = str | int | date | None
LANGUAGES = ("uk", "ru", "kk", "ky", "en")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Column:
    """`read`: a cell that is not empty → its value; ValueError where it is not `allowed`, which is said in words."""

    name: str
    read: Callable[[str], Value]
    allowed: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One file. `keys`: sets of columns of which no two rows may have the same, the first one is the row's identity."""

    file: str
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, ...], ...]
    directory: str | None = None

    @property
    def named(self) -> bool:
        """It has a name in one language at least."""
        return any(column.name.startswith("name_") for column in self.columns)


def _matching(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError
        return text

    return read


def _text(text: str) -> str:
    # A spreadsheet takes what begins so for a formula, and would run it where this community is looked at. U+FFFD: lost in decoding.
    if len(text) > LONGEST or text[0] in "=+-@" or not text.isprintable() or "\ufffd" in text:
        raise ValueError
    return text


def _earlier(text: str) -> str:
    if len(text) > 10 * LONGEST:
        raise ValueError
    return "|".join(_text(name) for part in text.split("|") if (name := part.strip()))


def _date(text: str) -> date:
    match = re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})", text)
    found = date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(text)
    if not 1850 <= found.year < 2200:
        raise ValueError
    return found


def _amount(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,13}", text) or int(text) > 10**12:
        raise ValueError
    return int(text)


_ID = _matching(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}"), "letters of a to z, digits, - and _, at most 32"
_CODE = _matching(r"[!-~]{1,64}"), "letters of a to z, digits and signs, no space, at most 64"
_NUMBER = _matching(r"[0-9A-Z-]{6,20}"), "6 to 20 digits, capital letters of A to Z and -"
_WORDS = _text, f"text, at most {LONGEST} signs, not beginning with = + - @"
_SHORT = _matching(r"[^\x00-\x1f=+@-][^\x00-\x1f]{0,19}"), "text, at most 20 signs, not beginning with = + - @"
_DAY = _date, "a day as 2026-11-22 or 22.11.2026"
_NAMES = tuple(Column(f"name_{language}", *_WORDS, required=False) for language in LANGUAGES)


def _directory(name: str, *, under: bool = False) -> Table:
    above = (Column("under", *_ID),) if under else ()
    was = Column("was", _earlier, "earlier names with | between them", required=False)
    return Table(f"{name}.csv", (Column("id", *_ID), *above, *_NAMES, was), (("id",),), name)


SETTLEMENTS = _directory("settlements")
STREETS = _directory("streets", under=True)
PERSONS = Table(
    "persons.csv",
    (
        Column("number", *_NUMBER), Column("other_number", *_NUMBER, required=False), *_NAMES, Column("birth_date", *_DAY),
        Column("settlement", *_ID, required=False), Column("street", *_ID, required=False),
        Column("house", *_SHORT, required=False), Column("flat", *_SHORT, required=False), Column("since", *_DAY, required=False),
        Column("mother", *_NUMBER, required=False), Column("father", *_NUMBER, required=False),
        Column("spouse", *_NUMBER, required=False),
    ),
    (("number",), ("other_number",)),
)  # fmt: skip
DUES = Table(
    "dues.csv",
    (
        Column("id", *_CODE), Column("code", *_CODE), Column("number", *_NUMBER), *_NAMES,
        Column("service", *_ID, required=False), Column("payee", *_ID, required=False),
        Column("amount_minor", _amount, "whole hundredths, 0 for what is withdrawn"),
        Column("currency", _matching("[A-Z]{3}"), "three letters, as UAH"), Column("since", *_DAY),
        Column("until", *_DAY, required=False),
    ),
    (("id",), ("code",)),
)  # fmt: skip
TABLES = (SETTLEMENTS, STREETS, _directory("documents"), _directory("given_names"), PERSONS, DUES)
"""In the order in which one refers to another."""
