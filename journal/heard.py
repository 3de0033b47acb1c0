"""Which facts of each box the hall has: the receiving end of an outbox, kept beside the replies in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert as upsert

from journal.journal import Also, Journal

NOTHING = ("", 0)
"""The mark of a box that was never heard."""


class Heard:
    """Marks by device: (incarnation, up to which sequence all facts are committed)."""

    def __init__(self, journal: Journal) -> None:
        """`journal`: the hall's, open; this is its only writer of marks."""
        self._journal = journal
        self._table = journal.schema.table("heard")
        rows = journal.rows("heard")
        self._marks = {str(r["dev"]): (str(r["inc"]), int(r["upto"] or 0)) for r in rows}

    def mark(self, dev: str) -> tuple[str, int]:
        """What was heard of `dev`."""
        return self._marks.get(dev, NOTHING)

    def keep(self, marks: Mapping[str, tuple[str, int]]) -> Also:
        """For `Journal.commit(also=…)`: these marks, in the same transaction as what the facts changed."""
        news = {dev: mark for dev, mark in marks.items() if self._marks.get(dev) != mark}
        lines = [
            {"hall": self._journal.hall, "dev": dev, "inc": inc, "upto": upto} for dev, (inc, upto) in news.items()
        ]

        def write(connection: Connection) -> None:
            if lines:
                statement = upsert(self._table)
                new = {"inc": statement.excluded.inc, "upto": statement.excluded.upto}
                connection.execute(statement.on_conflict_do_update(index_elements=["hall", "dev"], set_=new), lines)
            self._marks.update(news)

        return write
