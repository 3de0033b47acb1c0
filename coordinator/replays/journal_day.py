"""One day as a journal holds it, read for a replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from contract.errors import ContractError
from contract.hall import Hall
from coordinator.record import DayRow, Leg, Ticket
from coordinator.replays.recording import Log
from coordinator.row import read
from journal.event import Event, facts_of, rows_of
from journal.schema import HALL


def log(connection: Connection, hall: Hall, day: date) -> Log:
    """What the journal holds of the hall-local `day`. Raises: ContractError: it knows no such day."""
    days = _rows(connection, "day", hall, day)
    if not days:
        raise ContractError(f"{day}: the journal of {hall.id} knows no such day")
    events = list(_events(connection, hall, day))
    legs = [read(Leg, row) for row in _rows(connection, "leg", hall, day)]
    tickets = [read(Ticket, row) for row in _rows(connection, "ticket", hall, day)]
    return Log(read(DayRow, days[0]), tickets, by_place(legs, events), events)


def by_place(legs: Iterable[Leg], events: Iterable[Event]) -> list[Leg]:
    """The turns as the order went: one who kept the place came in before those behind, so the wait is since then."""
    called = (
        read(Ticket, row.values)
        for event in events
        if event.kind == "ticket.called"
        for row in event.rows
        if row.table == "ticket"
    )
    waits = {(ticket.id, ticket.leg): ticket.wait_s for ticket in called}
    return [leg._replace(wait_s=waits.get((leg.ticket, leg.n), leg.wait_s)) for leg in legs]


def _rows(connection: Connection, name: str, hall: Hall, day: date) -> list[dict[str, Any]]:
    table = HALL.table(name)
    wanted = select(table).where(table.c.hall == hall.id, table.c.day == day.isoformat())
    return [dict(row) for row in connection.execute(wanted.order_by(*table.primary_key.columns)).mappings()]


def _events(connection: Connection, hall: Hall, day: date) -> Iterator[Event]:
    """All events of the hall-local day. The journal's times are UTC: a day more on either side is looked at."""
    event = HALL.table("event")
    first, last = (date.fromordinal(day.toordinal() + days).isoformat() for days in (-1, 2))
    wanted = select(event).where(event.c.hall == hall.id, event.c.at.between(first, last)).order_by(event.c.seq)
    for row in connection.execute(wanted):
        if hall.local(datetime.fromisoformat(row.at)).date() == day:
            yield Event(row.kind, row.at, row.who, row.cmd, facts_of(row.body), tuple(rows_of(row.body)))
