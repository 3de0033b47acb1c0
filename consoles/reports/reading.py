"""The journal asked: counts by minute, so that a million turns come back as some thousand rows. SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, Text, and_, case, cast, func, literal_column, select

from consoles.reports.figure import Counted, Key, Line, sources
from consoles.reports.question import UNSAID, Enquiry, Period, Question, line_of
from contract.hall import Hall
from journal.schema import HALL

PIECE_DAYS = 28
"""Days read in one go: small enough to be sorted in the processor's cache, and to be given up in between."""
Open = Callable[[], AbstractContextManager[Connection]]
Lines = dict[Key, Line]
_TIMES = {"day": "day", "weekday": "day", "month": "day"}
_GONE = ("cancelled", "no_show")
_PLACES = {"service": "service", "service_group": "service_group"}


class StoppedError(Exception):
    """Nobody wants the answer any more, or it took too long."""


@dataclass(frozen=True, slots=True)
class Source:
    """A table to count from. `columns`: what a line may stand for → column; `counts`: names of `Line.counts` → sum; `minute`: how long."""

    table: Any
    columns: Mapping[str, Any]
    counts: Mapping[str, Any]
    minute: Any = None
    where: tuple[Any, ...] = ()
    joined: Mapping[str, Any] = field(default_factory=dict)
    """Columns of the ticket, for a turn of it."""
    currency: Any = None

    def column(self, part: str) -> Any:
        """The column of `part`; None: this source cannot tell."""
        return self.columns.get(part, self.joined.get(part))


def knows(name: str, question: Question) -> bool:
    """Whether the source `name` can tell what the lines of `question` stand for, and of which part of the hall it is."""
    source = _sources()[name]
    filtered = not (question.group or question.zone) or "service" in source.columns
    return filtered and all(source.column(part) is not None for part in question.parts)


def read(opened: Open, hall: Hall, asked: Enquiry, going: Callable[[float], bool]) -> Lines:
    """What was counted, line by line; each piece of days is a short transaction of its own.

    `going`: told which share is done, False stops. Raises: StoppedError; JournalError: the journal cannot be read.
    """
    question = asked.question
    wanted = [name for name in sources(question.figures) if knows(name, question)]
    pieces = asked.period.pieces(PIECE_DAYS)
    limit_min = int(hall.rule("kpi.max_wait_min"))
    found: Lines = {}
    for number, piece in enumerate(pieces):
        with opened() as connection:
            for name in wanted:
                for one in counted(connection, hall, question, piece, name, employer=asked.employer):
                    found.setdefault((*one.key, *filter(None, (one.currency,))), Line(limit_min)).count(name, one)
        if not going((number + 1) / len(pieces)):
            raise StoppedError
    return found


def counted(
    connection: Connection,
    hall: Hall,
    question: Question,
    days: Period,
    name: str,
    also: tuple[str, ...] = (),
    employer: str = "",
) -> Iterator[Counted]:
    """What the source `name` has of these days; `also`: further parts of the key; `employer`: as in `Enquiry`."""
    source, parts = _sources()[name], (*question.parts, *also)
    keys = [source.column(part) for part in parts]
    bins = [each for each in (source.minute, source.currency) if each is not None]
    query: Select[Any] = select(*keys, *bins, *source.counts.values()).where(
        *_within(source, hall, question, days), *_of(source, hall, question, employer)
    )
    if any(part in source.joined for part in parts):
        ticket = HALL.table("ticket")
        same = and_(ticket.c.hall == source.table.c.hall, ticket.c.id == source.table.c.ticket)
        query = query.select_from(source.table.join(ticket, same))
    for row in connection.execute(query.group_by(*keys, *bins)):
        yield _counted(source, hall, parts, row)


def _counted(source: Source, hall: Hall, parts: tuple[str, ...], row: Any) -> Counted:
    key = tuple(line_of(part, hall, _text(each)) for part, each in zip(parts, row, strict=False))
    place = len(parts)
    minute = row[place] if source.minute is not None else None
    currency = row[place] if source.currency is not None and row[place] != hall.currency else ""
    sums = row[len(row) - len(source.counts) :]
    counts = {name: number or 0 for name, number in zip(source.counts, sums, strict=True)}
    return Counted(key, counts, minute, currency)


def _within(source: Source, hall: Hall, question: Question, days: Period) -> Iterator[ColumnElement[bool]]:
    table = source.table
    yield table.c.hall == hall.id
    yield table.c.day.between(days.since.isoformat(), days.until.isoformat())
    yield from source.where
    groups = question.groups(hall)
    if groups is not None and "service_group" in source.columns:
        yield table.c.service_group.in_(sorted(groups))
    elif groups is not None:
        yield table.c.service.in_([service.id for service in hall.services if service.group in groups])


def _of(source: Source, hall: Hall, question: Question, employer: str) -> Iterator[ColumnElement[bool]]:
    """The lines that stand for windows and operators of `employer`, as the document has them now; "" all of them."""
    if employer and "window" in question.parts:
        yield source.column("window").in_([one.id for one in hall.windows if one.employer == employer])
    if employer and "operator" in question.parts:
        yield source.column("operator").in_([one.id for one in hall.operators if one.employer == employer])


@lru_cache
def _sources() -> Mapping[str, Source]:
    tables = (HALL.table(name) for name in ("leg", "ticket", "booking", "payment", "fault"))
    leg, ticket, booking, payment, fault = tables
    turn = _columns(leg, _TIMES, _PLACES, hour="hour", window="window", operator="operator", employer="window")
    turn["result"] = func.coalesce(leg.c.result, literal_column(f"'{UNSAID}'", Text).concat(leg.c.outcome))
    of_ticket = _columns(ticket, priority="priority_group", language="lang")
    known = ticket.c.told_kept.is_not(None)
    told = {word: _sum(ticket.c.told_kept == word) for word in ("sooner", "longer")}
    return {
        "wait": Source(leg, turn, {
            "turns": func.count(), "served": _sum(leg.c.outcome.in_(("finished", "transferred", "parked"))),
            "missed": _sum(leg.c.outcome == "no_show"),
        }, minute=_minute(leg.c.wait_s), joined=of_ticket),
        "service": Source(leg, turn, {"timed": func.count(), "service_s": func.sum(leg.c.service_s)},
            minute=_minute(leg.c.service_s), where=(leg.c.service_s.is_not(None),), joined=of_ticket),
        "ticket": Source(ticket, _columns(ticket, _TIMES, _PLACES, hour="hour", priority="priority_group", language="lang"), {
            "tickets": func.count(), "over": _sum(ticket.c.state.in_((*_GONE, "finished"))),
            "gone": _sum(ticket.c.state.in_(_GONE)), "told": _sum(known), **told,
            "rated": func.count(ticket.c.score), "score": func.sum(ticket.c.score),
        }, where=(ticket.c.state != "void",)),
        "booking": Source(booking, _columns(booking, _TIMES, service="service", priority="priority_group", language="lang"), {
            "bookings": func.count(), "came": _sum(booking.c.state == "checked_in"),
            "not_came": _sum(booking.c.state.in_(("missed", "lost"))), "called_off": _sum(booking.c.state == "cancelled"),
        }, where=(booking.c.state != "moved",)),
        "payment": Source(payment, _columns(payment, _TIMES, hour="hour", service="service", terminal="dev", method="method"), {
            "payments": func.count(), "taken": _money(payment, "approved"), "given_back": _money(payment, "reversed"),
            "unclear": _sum(payment.c.state.in_(("unknown", "reversal_unknown"))),
        }, currency=payment.c.currency),
        "fault": Source(fault, _columns(fault, _TIMES, hour="hour", device="dev", fault="fault"), {
            "faults": func.count(), "fault_s": func.sum(fault.c.lasted_s), "timed_faults": func.count(fault.c.lasted_s),
        }),
    }  # fmt: skip


def _columns(table: Any, *shared: Mapping[str, str], **named: str) -> dict[str, Any]:
    return {part: table.c[name] for names in (*shared, named) for part, name in names.items()}


def _minute(seconds: Any) -> Any:
    return cast(func.floor(seconds / 60), Integer)


def _sum(true: Any) -> Any:
    return func.sum(case((true, 1), else_=0))


def _money(payment: Any, state: str) -> Any:
    return func.sum(case((payment.c.state == state, payment.c.captured_minor), else_=0))


def _text(value: object) -> str:
    return "" if value is None else str(value)
