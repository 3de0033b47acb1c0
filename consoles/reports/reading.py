"""The journal asked: counts by minute, so that a million turns come back as some thousand rows. SQLite and PostgreSQL alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Integer, Select, cast, func, select

from consoles.reports.figure import Told, Took, Waited
from consoles.reports.question import Question
from journal.schema import HALL

_LEG, _TICKET = HALL.table("leg"), HALL.table("ticket")
TOLD_BY = frozenset({"day", "hour", "service", "service_group"})
"""Columns that say something of the moment at which a wait was told: before a window was known."""


def waited(connection: Connection, hall: str, asked: Question) -> list[Waited]:
    """How long turns were waited for, and how they ended."""
    minute = cast(func.floor(_LEG.c.wait_s / 60), Integer)
    key = _LEG.c[asked.column]
    query = _within(select(key, minute, _LEG.c.outcome, func.count()), _LEG, hall, asked)
    rows = connection.execute(query.group_by(key, minute, _LEG.c.outcome))
    return [Waited(_key(k), m, outcome or "", count) for k, m, outcome, count in rows]


def took(connection: Connection, hall: str, asked: Question) -> list[Took]:
    """How long turns took at the windows."""
    minute = cast(func.floor(_LEG.c.service_s / 60), Integer)
    key = _LEG.c[asked.column]
    query = _within(select(key, minute, func.count(), func.sum(_LEG.c.service_s)), _LEG, hall, asked)
    rows = connection.execute(query.where(_LEG.c.service_s.is_not(None)).group_by(key, minute))
    return [Took(_key(k), m, count, seconds) for k, m, count, seconds in rows]


def told(connection: Connection, hall: str, asked: Question) -> list[Told]:
    """Whether the waits that were told came true; nothing where a report is by window or by person."""
    if asked.column not in TOLD_BY:
        return []
    key = _TICKET.c[asked.column]
    query = _within(select(key, _TICKET.c.told_kept, func.count()), _TICKET, hall, asked)
    rows = connection.execute(query.where(_TICKET.c.told_kept.is_not(None)).group_by(key, _TICKET.c.told_kept))
    return [Told(_key(k), kept, count) for k, kept, count in rows]


def _within(query: Select[Any], table: Any, hall: str, asked: Question) -> Select[Any]:
    days = table.c.day.between(asked.since.isoformat(), asked.until.isoformat())
    return query.where(table.c.hall == hall, days)


def _key(value: object) -> str:
    return "" if value is None else str(value)
