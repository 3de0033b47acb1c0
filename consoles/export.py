"""The mark of what is saved from a hall to learn in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from consoles.reports.csv_file import Row
from contract.hall import Hall
from look import training


def named(hall: Hall, name: str) -> str:
    """The name of a file that is saved."""
    return f"{training.PLAIN}-{name}" if hall.training else name


def headed(hall: Hall, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of a table that is saved, heads first: the first head says it."""
    for number, row in enumerate(rows):
        if hall.training and number == 0:
            first, *others = row
            row = (f"{first} · {training.mark(hall.languages)}", *others)
        yield row
