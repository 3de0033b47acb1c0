"""What the hall's own journal tells: of its last weeks at start and at every opening, of its last alarms at start."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, distinct, func, select

from contract.hall import Hall
from coordinator import routing
from coordinator.learn import SHORT_WAIT_S, Calls, Came, Learned, Served, learn
from coordinator.leg import SERVED
from journal.event import Event
from journal.journal import Journal
from journal.log import Entry
from journal.schema import HALL

LOOK_BACK_DAYS = 30
LIKE_DAYS = 4
"""How many days of the same weekday tell when people come."""

RECENT = 10_000
"""So many events back alarms are looked for: more than a hall makes while one is shown."""
ALARMS = frozenset({"alarm.raised", "alarm.ended"})

_LEG, _TICKET, _EVENT = HALL.table("leg"), HALL.table("ticket"), HALL.table("event")


def past(journal: Journal, hall: Hall, today: date) -> Learned:
    """What the hall has learned before `today`; what is assumed where it has no past."""
    recent = (
        _LEG.c.hall == hall.id,
        _LEG.c.day >= str(today - timedelta(days=LOOK_BACK_DAYS)),
        _LEG.c.day < str(today),
    )
    like = [str(today - timedelta(weeks=weeks)) for weeks in range(1, LIKE_DAYS + 1)]
    with journal.reading() as connection:
        served = [Served(*row) for row in connection.execute(_served(*recent))]
        calls = Calls(*(count or 0 for count in connection.execute(_calls(*recent)).one()))
        came = [Came(*row) for row in connection.execute(_came(hall.id, like))]
        days = connection.scalar(
            select(func.count(distinct(_TICKET.c.day))).where(_TICKET.c.hall == hall.id, _TICKET.c.day.in_(like))
        )
    return learn(routing.works(hall), served, calls, came, days or 0)


def alarms(journal: Journal) -> list[Event]:
    """Silent alarms raised and ended lately, in order: a restart must not hide one."""
    columns = _EVENT.c
    recent = (columns.hall == journal.hall, columns.seq > journal.last_seq - RECENT, columns.kind.in_(sorted(ALARMS)))
    wanted = select(*(columns[name] for name in Entry._fields)).where(*recent).order_by(columns.seq)
    with journal.reading() as connection:
        return [Entry._make(row).event for row in connection.execute(wanted)]


def _served(*recent: ColumnElement[bool]) -> Any:
    minutes = _LEG.c.service_s / 60.0
    return (
        select(_LEG.c.service, func.count(), func.sum(minutes), func.sum(minutes * minutes))
        .where(*recent, _LEG.c.outcome.in_(sorted(SERVED)), _LEG.c.service_s > 0)
        .group_by(_LEG.c.service)
    )


def _calls(*recent: ColumnElement[bool]) -> Any:
    soon = (_LEG.c.n == 1) & (_LEG.c.wait_s <= SHORT_WAIT_S)
    return select(
        _count(soon & (_LEG.c.outcome != "no_show")),
        _count(soon & (_LEG.c.outcome == "no_show")),
        _count(_LEG.c.n == 1),
        _count((_LEG.c.n == 2) & _LEG.c.outcome.in_(sorted(SERVED))),
    ).where(*recent)


def _count(what: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((what, 1), else_=0))


def _came(hall: str, days: list[str]) -> Any:
    """Tickets by half-hour of the local day; the minute is UTC's, right where the zone is whole hours off."""
    late = case((cast(func.substr(_TICKET.c.issued_at, 15, 2), Integer) >= 30, 1), else_=0)
    half_hour = (_TICKET.c.hour * 2 + late).label("half_hour")
    return (
        select(half_hour, _TICKET.c.service, func.count())
        .where(_TICKET.c.hall == hall, _TICKET.c.day.in_(days))
        .group_by(half_hour, _TICKET.c.service)
    )
