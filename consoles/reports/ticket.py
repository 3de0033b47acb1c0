"""Every ticket of some days as a row, for whoever counts elsewhere: a few days at a time, so that the whole is never held."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from consoles.reports.csv_file import Cell, Row
from consoles.reports.question import Period
from consoles.reports.reading import Open
from contract.hall import Hall
from journal.schema import HALL

PIECE_DAYS = 3
_LOCAL = ("issued_at", "booked_at", "called_at", "started_at", "ended_at")
_PLAIN = ("day", "hour", "label", "service", "service_group", "priority_group", "lang", "kiosk", "window", "state")
_MINUTES = ("wait_s", "service_s")
_TOLD = ("told_low", "told_high", "told_kept", "score")
COLUMNS = (*_PLAIN, *_LOCAL, "wait_min", "service_min", *_TOLD)
"""Not who served it: that is a question of its own, and not of a file that is handed on."""


def rows(opened: Open, hall: Hall, days: Period) -> Iterator[Row]:
    """The head, then the tickets by day and number. Times are the hall's. Raises: JournalError: the journal cannot be read."""
    yield COLUMNS
    table = HALL.table("ticket")
    names = (*_PLAIN, *_LOCAL, *_MINUTES, *_TOLD)
    columns = [table.c[name] for name in names]
    for piece in days.pieces(PIECE_DAYS):
        within = table.c.day.between(piece.since.isoformat(), piece.until.isoformat())
        query = select(*columns).where(table.c.hall == hall.id, within).order_by(table.c.day, table.c.label)
        with opened() as connection:
            found = connection.execute(query).all()
        for row in found:
            yield _row(hall, tuple(row))


def _row(hall: Hall, row: tuple[Cell, ...]) -> Row:
    first, second = len(_PLAIN), len(_PLAIN) + len(_LOCAL)
    times = (_local(hall, text) for text in row[first:second])
    minutes = (None if s is None else round(float(s) / 60, 2) for s in row[second : second + len(_MINUTES)])
    return (*row[:first], *times, *minutes, *row[second + len(_MINUTES) :])


def _local(hall: Hall, text: Cell) -> Cell:
    return None if text is None else hall.local(datetime.fromisoformat(str(text))).strftime("%Y-%m-%d %H:%M:%S")
