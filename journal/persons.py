"""Whose booking it is, as a keyed hash: written with the booking, in no event, and deleted when no rule needs it any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, delete, insert

from journal.event import Scalar
from journal.journal import Also, Journal


class Persons:
    """The table `person` of a hall's journal."""

    def __init__(self, journal: Journal) -> None:
        """`journal`: the hall's, open."""
        self._journal = journal
        self._table = journal.schema.table("person")

    def keep(self, rows: Sequence[Mapping[str, Scalar]]) -> Also:
        """For `Journal.commit(also=…)`: these rows, in the same transaction as their bookings."""
        columns = self._table.columns.keys()
        lines = [{name: row.get(name) for name in columns} | {"hall": self._journal.hall} for row in rows]
        return lambda connection: connection.execute(insert(self._table), lines)

    def forget(self, before: date) -> int:
        """Delete those of bookings before that day; returns how many."""
        old = delete(self._table).where(
            self._table.c.hall == self._journal.hall, self._table.c.day < before.isoformat()
        )
        gone = 0

        def write(connection: Connection) -> None:
            nonlocal gone
            gone = connection.execute(old).rowcount

        self._journal.commit(also=write)
        return gone
