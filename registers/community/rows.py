"""Rows of a CSV file as people make them: what is good, and for every bad one its place and shape, never its value. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from registers.community.table import Column, Table, Value

Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Bad:
    """What was not taken, and why. `column` "": the whole row or file; `shape`: the cell with 9 for a digit and a for a letter."""

    file: str
    line: int
    column: str
    shape: str
    allowed: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" + (f": {self.column}" if self.column else "")
        return f"{place}: {self.shape}: allowed: {self.allowed}"


@dataclass(slots=True)
class Read:
    """A file: good rows with their lines, and the bad ones."""

    rows: list[tuple[int, Row]] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)


def shape(text: str) -> str:
    """What a cell looks like without what it says: `12.5.1999` → `99.9.9999`; at most 24 signs of it."""
    shown = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text[:24]))
    shown = "".join(c if c.isprintable() else "?" for c in shown)
    return f"{shown}… ({len(text)} signs)" if len(text) > 24 else shown or "nothing"


def read(table: Table, data: bytes) -> Read:
    """The rows of a file: UTF-8 with or without a mark, commas or semicolons, a header line. No error leaves here."""
    found = Read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        found.bad.append(Bad(table.file, line, "", "not UTF-8", "UTF-8; in a spreadsheet: save as CSV UTF-8"))
        return found
    # Not splitlines(): a cell may hold a sign that is a line's end to it and to no spreadsheet.
    lines = [f"{line}\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    head = lines[0]
    reader = csv.reader(lines, delimiter=";" if head.count(";") > head.count(",") else ",", strict=True)
    records = _records(table, reader, found)
    header = [cell.strip().lower() for cell in next(records, (1, []))[1]]
    if _fits(table, header, found):
        for line, cells in records:
            _take(table, header, line, cells, found)
    return found


def _records(table: Table, reader: Iterator[list[str]], found: Read) -> Iterator[tuple[int, list[str]]]:
    """Line and cells; ends where quotes are so wrong that nothing after them can be told apart."""
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            what = "the line, or the quotes opened in it, end nowhere: nothing from here on was read"
            found.bad.append(Bad(table.file, line, "", what, 'cells with " around them, a " inside written twice'))
            return
        if any(cells):
            yield line, cells
        line = int(reader.line_num) + 1  # type: ignore[attr-defined]  # csv.reader has it, its protocol is not public


def _fits(table: Table, header: list[str], found: Read) -> bool:
    known = {column.name: column.required for column in table.columns}
    wrong = [name for name in header if name not in known or header.count(name) > 1]
    missing = [name for name, required in known.items() if required and name not in header]
    for name in dict.fromkeys(wrong):
        found.bad.append(Bad(table.file, 1, shape(name), "no such column, or twice", ", ".join(known)))
    for name in missing:
        found.bad.append(Bad(table.file, 1, name, "missing", "a column of this name in the first line"))
    return not wrong and not missing


def _take(table: Table, header: list[str], line: int, cells: list[str], found: Read) -> None:
    if len(cells) != len(header):
        found.bad.append(Bad(table.file, line, "", f"{len(cells)} cells", f"{len(header)} cells"))
        return
    texts = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    row: Row = {}
    bad: list[Bad] = []
    for column in table.columns:
        text = texts.get(column.name, "")
        try:
            row[column.name] = _value(column, text)
        except ValueError:
            bad.append(Bad(table.file, line, column.name, shape(text), column.allowed))
    if table.named and not any(row.get(c.name) for c in table.columns if c.name.startswith("name_")) and not bad:
        bad.append(Bad(table.file, line, "name_…", "nothing", "a name in one language at least"))
    found.bad += bad
    if not bad:
        found.rows.append((line, row))


def _value(column: Column, text: str) -> Value:
    if not text and column.required:
        raise ValueError
    return column.read(text) if text else None
