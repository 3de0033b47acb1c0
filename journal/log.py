"""The event table read in order, and the check that nothing in it was changed, lost or swapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, Select, Table, func, select

from journal.chain import GENESIS, link
from journal.event import Event, facts_of, rows_of
from journal.schema import Schema

_BATCH = 1000


class Entry(NamedTuple):
    """One event as stored."""

    seq: int
    at: str
    kind: str
    who: str
    cmd: str | None
    body: str
    hash: str

    @property
    def event(self) -> Event:
        """The event that was committed."""
        return Event(self.kind, self.at, self.who, self.cmd, facts_of(self.body), tuple(rows_of(self.body)))


class ChainError(ValueError):
    """The chain does not hold at `seq`."""

    def __init__(self, seq: int, fault: str) -> None:
        self.seq = seq
        super().__init__(f"event {seq}: {fault}")


def last_seq(connection: Connection, schema: Schema, hall: str) -> int:
    """The newest event's number, 0 when there is none. Reads one index entry."""
    event = schema.table("event")
    return connection.scalar(select(func.max(event.c.seq)).where(event.c.hall == hall)) or 0


def entries(
    connection: Connection, schema: Schema, hall: str, after: int = 0, limit: int | None = None
) -> Iterator[Entry]:
    """Events after number `after`, in order, `limit` at most; few are in memory at a time."""
    event = schema.table("event")
    query = _columns(event).where(event.c.hall == hall, event.c.seq > after).order_by(event.c.seq).limit(limit)
    result = connection.execution_options(yield_per=_BATCH).execute(query)
    return (Entry._make(row) for row in result)


def checked(found: Iterable[Entry], hall: str, after: int = 0, prev: str = GENESIS) -> Iterator[Entry]:
    """`found` passed on, each entry once its number and hash were proven to follow (`after`, `prev`).

    Raises: ChainError: at the first entry that does not follow.
    """
    for entry in found:
        if entry.seq != after + 1:
            raise ChainError(after + 1, f"missing, the next one found is {entry.seq}")
        expected = link(prev, hall, entry.seq, entry.at, entry.kind, entry.who, entry.cmd, entry.body)
        if entry.hash != expected:
            raise ChainError(entry.seq, "changed after it was written, or its predecessor was")
        yield entry
        after, prev = entry.seq, entry.hash


def tail(connection: Connection, schema: Schema, hall: str, count: int) -> tuple[int, str]:
    """Number and hash of the newest event, the last `count` events proven; (0, GENESIS) when there is none.

    Raises: ChainError: one of them does not follow its predecessor.
    """
    newest = last_seq(connection, schema, hall)
    after, prev = max(newest - count, 0), GENESIS
    if after:
        anchor = next(entries(connection, schema, hall, after - 1, 1))
        if anchor.seq != after:
            raise ChainError(after, "missing")
        prev = anchor.hash
    for entry in checked(entries(connection, schema, hall, after), hall, after, prev):
        prev = entry.hash
    return newest, prev


def _columns(event: Table) -> Select[tuple[object, ...]]:
    return select(*(event.c[name] for name in Entry._fields))
