"""Projected tables made again from the events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from sqlalchemy import Connection, delete

from journal import log
from journal.errors import RESTORE, JournalError
from journal.event import rows_of
from journal.journal import Journal
from journal.log import ChainError, Entry
from journal.project import Projector
from journal.schema import Schema

Progress = Callable[[int, int], object]
_BATCH = 500


def quiet(done: int, total: int) -> None:
    """A `Progress` for those who do not watch."""


def rebuild(journal: Journal, progress: Progress = quiet) -> int:
    """Empty the projected tables and write them again from all events, in one transaction; returns the events' number.

    `progress` gets (done, total) now and then.
    Raises: JournalError: the events themselves are damaged; nothing was changed.
    """
    total = journal.last_seq

    def again(connection: Connection) -> None:
        for name in journal.schema.projected:
            table = journal.schema.table(name)
            connection.execute(delete(table).where(table.c.hall == journal.hall))
        found = log.checked(log.entries(connection, journal.schema, journal.hall), journal.hall)
        replay(found, connection, journal.schema, journal.hall, lambda done: progress(done, total))

    try:
        journal.commit(also=again)
    except ChainError as exc:
        raise JournalError(journal.path, f"the chain is broken: {exc}", RESTORE) from exc
    return total


def replay(
    found: Iterable[Entry], target: Connection, schema: Schema, hall: str, progress: Callable[[int], object]
) -> None:
    """Write the rows of `found` into `target`; `progress` gets the number of events done."""
    projector = Projector(schema, target.dialect)
    source, done = iter(found), 0
    while batch := list(islice(source, _BATCH)):
        projector.write(target, projector.prepare(hall, (row for entry in batch for row in rows_of(entry.body))))
        done += len(batch)
        progress(done)
