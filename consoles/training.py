"""The mark of what is saved from a hall to learn in: in the file's name, and in its table's first head. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from consoles.reports.csv_file import Row
from contract.hall import Hall
from look import training


def named(hall: Hall, name: str) -> str:
    """The file's name."""
    return f"{training.PLAIN}-{name}" if hall.training else name


def headed(hall: Hall, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of a table, heads first."""
    for number, row in enumerate(rows):
        if hall.training and number == 0:
            first, *others = row
            row = (f"{first} · {training.mark(hall.languages)}", *others)
        yield row
