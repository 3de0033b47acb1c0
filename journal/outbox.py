"""Facts of a box that must reach the hall: kept until they are acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from contract.errors import ContractError
from journal.errors import JournalFull
from journal.event import Event
from journal.journal import Journal

BATCH_BYTES = 32 * 1024
MAX_DEPTH = 100_000  # a mobile office's day offline makes about a thousand


@dataclass(frozen=True, slots=True)
class Fact:
    """What travels, over and over the same until it is acknowledged: unique in the world by (device, inc, ep, sq).

    `sq` counts 1, 2, 3 … without a gap for as long as `inc` lives; `ep` is the opening in which the fact was put.
    """

    inc: str
    ep: int
    sq: int
    body: str


class Outbox:
    """The facts in one box's journal, oldest first."""

    def __init__(self, journal: Journal) -> None:
        """`journal`: one of kind BOX or MONEY, open, and this its only outbox."""
        self._journal = journal
        self._table = journal.schema.table("outbox")
        self._upto = int(journal.meta("upto") or 0)
        with journal.reading() as connection:
            newest = connection.scalar(select(func.max(self._table.c.sq)).where(self._table.c.hall == journal.hall))
        self._last = max(newest or 0, self._upto)

    @property
    def upto(self) -> int:
        """All facts up to this sq are acknowledged."""
        return self._upto

    @property
    def last(self) -> int:
        """The newest fact's sq."""
        return self._last

    @property
    def depth(self) -> int:
        """How many facts wait for their acknowledgement."""
        return self._last - self._upto

    def put(self, body: str, events: Sequence[Event] = ()) -> Fact:
        """Remember a fact (JSON, one line) together with what the box itself remembers of it. Raises: as `put_all`."""
        return self.put_all([body], events)[0]

    def put_all(self, bodies: Sequence[str], events: Sequence[Event] = ()) -> list[Fact]:
        """Remember facts, in order, together with what the box itself remembers: all of it or nothing.

        Raises: ContractError: one is larger than a batch; JournalFull: `MAX_DEPTH` facts wait already; else as
        `Journal.commit`.
        """
        largest = max((len(body.encode()) for body in bodies), default=0)
        if largest > BATCH_BYTES:
            raise ContractError(f"a fact of {largest} bytes: {BATCH_BYTES} at most")
        with self._journal.exclusive():
            if bodies and self.depth >= MAX_DEPTH:
                raise JournalFull(self._journal.path, f"{MAX_DEPTH} facts wait for the hall")
            facts = [
                Fact(self._journal.inc, self._journal.ep, self._last + n, body) for n, body in enumerate(bodies, 1)
            ]
            self._journal.commit(events, also=lambda connection: self._keep(connection, facts))
            self._last += len(facts)
        return facts

    def _keep(self, connection: Connection, facts: Sequence[Fact]) -> None:
        lines = [{"hall": self._journal.hall, "sq": f.sq, "ep": f.ep, "body": f.body} for f in facts]
        if lines:
            connection.execute(insert(self._table), lines)

    def pending(self, after: int, limit: int, max_bytes: int = BATCH_BYTES) -> list[Fact]:
        """Facts that follow `after`: `limit` at most, not over `max_bytes` together, but one in any case."""
        table = self._table
        wanted = select(table.c.ep, table.c.sq, table.c.body).where(
            table.c.hall == self._journal.hall, table.c.sq > after
        )
        with self._journal.reading() as connection:
            found = connection.execute(wanted.order_by(table.c.sq).limit(limit)).all()
        facts: list[Fact] = []
        for ep, sq, body in found:
            max_bytes -= len(body.encode())
            if facts and max_bytes < 0:
                break
            facts.append(Fact(self._journal.inc, ep, sq, body))
        return facts

    def acked(self, inc: str, upto: int) -> bool:
        """The hall has all facts up to `upto` of the storage `inc`: forget them.

        False, and nothing is forgotten, for an old acknowledgement and for one of what this box never put.
        """
        with self._journal.exclusive():
            if inc != self._journal.inc or not self._upto < upto <= self._last:
                return False
            self._journal.commit(also=lambda connection: self._forget(connection, upto))
            self._upto = upto
        return True

    def _forget(self, connection: Connection, upto: int) -> None:
        hall, table = self._journal.hall, self._table
        connection.execute(delete(table).where(table.c.hall == hall, table.c.sq <= upto))
        mark = upsert(self._journal.schema.table("meta")).values(hall=hall, key="upto", value=str(upto))
        connection.execute(mark.on_conflict_do_update(index_elements=["hall", "key"], set_={"value": str(upto)}))
