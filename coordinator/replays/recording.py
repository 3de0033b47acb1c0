"""A day as a journal remembers it, made into one that can be replayed: who came when, who sat where, what each visit took. Pure.

Nothing of it names a person: visitors are numbered anew, windows keep their ids, operators are left out. What a log cannot know is
drawn with a fixed seed:

- how long a visit would have taken that never was: as one of the served visits of the same service that day;
- how long one would have waited who was served: longer than he did, by the hall's own rate of leaving (an exponential law);
- when a visitor left without a word who was called in vain: at any moment of his wait. Who is called within `SOON_MIN` and is
  not there counts as away, not as gone.

A visit takes as long at any other window, but for what a change of group and work outside the profile are held to cost
(`OUTSIDE_FACTOR`, `SWITCH_MIN`), which is taken off where it was paid. Between a visit and its next call a window is open and asks
for nobody, which the script has and the file counts to the visit; one that asks for nobody otherwise is not there. Who came back
after a break of his visit (parked, missed at a later turn) is a visitor of his own; who was called in vain more than once is away
until he came back for good. Of bookings only those are known here whose visitor came.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from math import ceil
from operator import attrgetter
from random import Random
from typing import Any, NamedTuple

from contract.errors import ContractError
from contract.hall import Hall
from contract.hall_part import Service
from contract.words import HallState, TicketState, WindowState
from coordinator import routing
from coordinator.floor import OUTSIDE_FACTOR, SWITCH_MIN
from coordinator.record import DayRow, Leg, Ticket, Window
from coordinator.replays import day_file
from coordinator.replays.day_file import HALF_HOUR
from coordinator.right import can
from coordinator.row import read
from coordinator.script import NO_ANSWER_MIN, Script, Visitor
from journal.event import Event

SOON_MIN = 5.0
"""Who is called so soon cannot have lost patience."""
SHORTEST_MIN = 0.1
EDGE_MIN = 0.01
"""An operator who stops with the visitor he has has stopped so long before that visitor goes, not at the same moment."""
SEED = 1
MISSED = "no_show"
CHAINED = frozenset({"finished", "transferred"})
"""Outcomes after which the visitor stands in the next line at once."""


class Log(NamedTuple):
    """What the journal holds of one day. `events`: all of that day, in order; `legs`: their waits since the place in line that they had."""

    day: DayRow
    tickets: Sequence[Ticket]
    legs: Sequence[Leg]
    events: Iterable[Event]


@dataclass(frozen=True, slots=True)
class Recording:
    """The day, and the share of its turns in line that were late, counted as a replay counts.

    `script`: the day with what the file has no room for: the minutes between a visit and the next call, and of calls in vain.
    """

    day: day_file.Day
    late: float
    script: Script


@dataclass(slots=True)
class _Visit:
    """One visitor as recorded. `legs`: (service, minutes, None where he was not served); `waits` and `rests` (minutes until the
    window asked for the next one) of the served legs; `vain`: minutes of a call in vain; `seen_after`: so long he did wait.
    """

    arrive: float
    cls: str
    due: float | None = None
    legs: list[tuple[str, float | None]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)
    vain: float = NO_ANSWER_MIN
    left_after: float | None = None
    silent: bool = False
    absent: bool = False
    back_after: float | None = None
    seen_after: float = 0.0
    missed_at: float | None = None

    def served(self, leg: Leg, minutes: float, rest: float, own: bool, *, changed: bool) -> None:
        """He was called and came. `own`: to a window laid out for it; `changed`: from another group."""
        minutes = (minutes - (SWITCH_MIN if changed else 0.0)) / (1.0 if own else OUTSIDE_FACTOR)
        self.legs.append((leg.service, max(SHORTEST_MIN, minutes)))
        self.waits.append((leg.wait_s or 0.0) / 60.0)
        self.rests.append(rest)

    def missed(self, called: float, wait: float, ready: float, back: float) -> None:
        """He was called in vain and came back; of several such calls the first counts, and when he came back from the last."""
        if self.missed_at is None:
            self.missed_at, self.vain = called, max(SHORTEST_MIN, ready - called)
        self.absent, self.back_after = True, back - self.missed_at
        self.seen_after = wait + back - called

    def lost(self, service: str, called: float, wait: float, ready: float) -> None:
        """He was called in vain and not seen again."""
        self.legs.append((service, None))
        if not self.absent:
            self.vain = max(SHORTEST_MIN, ready - called)
        if wait > SOON_MIN or self.absent:
            self.left_after, self.silent = wait, True
        else:
            self.absent = True


def recording(hall: Hall, log: Log) -> Recording:
    """The day `log` tells of.

    Raises: ContractError: the day was never opened, or nobody came, or nobody asked for a visitor.
    """
    if log.day.opened_at is None:
        raise ContractError(f"{log.day.day}: the hall was not opened on this day")
    floor = _Windows(hall, log.day, log.day.opened_at)
    for event in log.events:
        floor.take(event)
    visits: Sequence[_Visit] = sorted(_visits(log, floor), key=lambda visit: (visit.arrive, visit.legs[0][0]))
    if not visits:
        raise ContractError(f"{log.day.day}: nobody took a ticket on this day")
    promise = float(hall.rule("kpi.max_wait_min"))
    day, visits = _day(hall, log.day, floor, visits)
    return Recording(day, _late(visits, promise), _script(day, visits))


def _late(visits: Sequence[_Visit], promise: float) -> float:
    late = [wait > promise for visit in visits if not visit.absent for wait in visit.waits]
    late += [True for visit in visits if not visit.absent and not visit.waits]
    return sum(late) / max(1, len(late))


# --- windows ---------------------------------------------------------------------------------------------------------------


class _Windows:
    """When each window, with each of its operators, asked for visitors or had one; and how long it then was not ready."""

    def __init__(self, hall: Hall, day: DayRow, opened_at: datetime) -> None:
        self._hall, self._day, self._opened_at = hall, day, opened_at
        self._images: dict[str, list[tuple[float, Window]]] = defaultdict(list)
        self._stops: list[list[float]] = []
        self._last = 0.0
        self.booked: dict[str, tuple[float, float]] = {}
        self.returns: dict[str, list[float]] = defaultdict(list)

    def minute(self, moment: datetime) -> float:
        """Minutes from opening."""
        return (moment - self._opened_at).total_seconds() / 60.0

    def take(self, event: Event) -> None:
        """Notes what an event says of windows, of the hall standing still, and of visitors coming back."""
        at = self._last = self.minute(datetime.fromisoformat(event.at))
        for row in event.rows:
            if row.table == "window":
                window = read(Window, row.values)
                self._images[window.id].append((at, window))
            elif row.table == "day":
                self._note_state(at, read(DayRow, row.values).state)
            elif row.table == "ticket" and event.kind == "ticket.issued":
                self._note_booked(at, read(Ticket, row.values))
        if event.kind == "ticket.returned":
            self.returns[str(event.facts["ticket"])].append(at)

    def _note_booked(self, at: float, ticket: Ticket) -> None:
        """When a booked visitor came, and for when: what is left of the visit later does not tell it any more."""
        if ticket.booked_at is not None:
            self.booked[ticket.id] = max(0.0, at), max(0.0, round(self.minute(ticket.booked_at), 4))

    def _note_state(self, at: float, state: HallState) -> None:
        standing = bool(self._stops) and len(self._stops[-1]) == 1
        if state is HallState.INTERRUPTED and not standing:
            self._stops.append([at])
        elif state is not HallState.INTERRUPTED and standing:
            self._stops[-1].append(at)

    def ready_after(self, window: str, ended: float) -> float:
        """Minutes from the end of a visit until the window asked for the next one; 0 where it stopped or never asked again."""
        images = self._images.get(window, [])
        at = bisect_left(images, ended - 1e-6, key=lambda image: image[0])
        free = None
        for time, image in images[at:]:
            if _asks(image):
                return 0.0 if free is None else time - free
            if image.state is not WindowState.FREE:
                return 0.0
            free = time if free is None else free
        return 0.0

    def back(self, ticket: str, since: float) -> float | None:
        """When the ticket was put in line again after `since`; None: it was not."""
        return next((at for at in self.returns[ticket] if at >= since), None)

    def own(self, leg: Leg) -> bool:
        """Whether the window was laid out for what it did."""
        return leg.window is None or leg.service in routing.profile(self._hall, leg.window)

    def desks(self) -> Iterator[tuple[str, frozenset[str], list[tuple[float, float]]]]:
        """(name, services, spans) of every window with each of its operators who asked for anybody."""
        for place in self._hall.windows:
            spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
            for operator, start, end in self._spans(self._images.get(place.id, [])):
                spans[operator] += self._without_stops(max(0.0, start), end - EDGE_MIN)
            for number, (operator, found) in enumerate(spans.items(), 1):
                may = can(self._hall, Window(place.id, place.number, operator=operator), self._day.day)
                if may and found:
                    yield place.id if number == 1 else f"{place.id}-{number}", may, found

    def _spans(self, images: Sequence[tuple[float, Window]]) -> Iterator[tuple[str, float, float]]:
        """(operator, from, to) in which the window asked for visitors or had one."""
        start: tuple[str, float] | None = None
        served = False
        for (at, image), (_, after) in pairwise([*images, (self._last, Window("", 0))]):
            if _asks(image):
                start = start or (image.operator or "", at)
            elif start is not None and not (served and _goes_on(image, after)):
                yield (*start, at)
                start = None
            served = image.ticket is not None
        if start is not None:
            yield (*start, self._last)

    def _without_stops(self, start: float, end: float) -> list[tuple[float, float]]:
        """A span less the times in which the hall called nobody."""
        spans = [(start, end)]
        for stop in [*self._stops, *self._lunch()]:
            since, until = stop[0], stop[1] if len(stop) > 1 else end
            spans = [part for a, b in spans for part in ((a, min(b, since)), (max(a, until), b)) if part[1] > part[0]]
        return spans

    def _lunch(self) -> list[list[float]]:
        if self._hall.rule("hours.lunch_tickets") == "keep_waiting":
            return []
        hours = self._hall.spans(self._day.day)
        return [[self.minute(end), self.minute(start)] for (_, end), (start, _) in pairwise(hours)]


def _asks(window: Window) -> bool:
    """Whether it has a visitor or wants one."""
    return window.armed or window.ticket is not None


def _goes_on(window: Window, after: Window) -> bool:
    """Whether the operator only takes breath: free, and the next thing is that he asks again."""
    return window.state is WindowState.FREE and _asks(after) and after.operator == window.operator


# --- visitors --------------------------------------------------------------------------------------------------------------


def _visits(log: Log, floor: _Windows) -> Iterator[_Visit]:
    changed = set(_changes(log.legs))
    legs: dict[str, list[Leg]] = defaultdict(list)
    for leg in sorted(log.legs, key=lambda leg: (leg.ticket, leg.n)):
        legs[leg.ticket].append(leg)
    for ticket in log.tickets:
        if ticket.state is not TicketState.VOID:
            yield from _of_ticket(ticket, legs.get(ticket.id, []), floor, changed)


def _changes(legs: Sequence[Leg]) -> Iterator[tuple[str, int]]:
    """(ticket, turn) of the visits for which their window changed to another group."""
    groups: dict[str | None, str] = {}
    for leg in sorted((leg for leg in legs if leg.called_at), key=attrgetter("called_at")):
        if groups.setdefault(leg.window, leg.service_group) != leg.service_group and leg.outcome != MISSED:
            yield leg.ticket, leg.n
        groups[leg.window] = leg.service_group


def _of_ticket(
    ticket: Ticket, legs: Sequence[Leg], floor: _Windows, changed: Collection[tuple[str, int]]
) -> Iterator[_Visit]:
    """The ticket's visitors: one for each stay in the hall without a break."""
    cls, visit = "prio" if ticket.priority else "walk", None
    for number, leg in enumerate(legs):
        assert leg.called_at is not None  # a leg begins with its call
        assert leg.ended_at is not None
        called, ended = floor.minute(leg.called_at), floor.minute(leg.ended_at)
        wait, rest = (leg.wait_s or 0.0) / 60.0, floor.ready_after(leg.window or "", ended)
        if visit is not None and visit.legs and leg.outcome == MISSED:
            yield visit
            visit = _Visit(max(0.0, called - wait), cls)
        elif visit is None:
            visit = _newcomer(ticket, max(0.0, called - wait), cls, floor, first=leg.n == 1)
        if leg.outcome != MISSED:
            visit.served(leg, ended - called, rest, floor.own(leg), changed=(leg.ticket, leg.n) in changed)
        elif number + 1 < len(legs) and (back := floor.back(ticket.id, ended)) is not None:
            visit.missed(called, wait, ended + rest, back)
            continue
        else:
            visit.lost(leg.service, called, wait, ended + rest)
        if leg.outcome not in CHAINED:
            yield visit
            visit = None
    if visit is not None and visit.legs:
        yield visit
    if ticket.leg > len(legs):
        yield _never_called(ticket, cls, floor)


def _newcomer(ticket: Ticket, arrive: float, cls: str, floor: _Windows, *, first: bool) -> _Visit:
    """A visitor who begins to wait; who has booked is one only at the first turn of his visit."""
    if first and ticket.id in floor.booked:
        came, due = floor.booked[ticket.id]
        return _Visit(came, "appt", due)
    return _Visit(arrive, cls)


def _never_called(ticket: Ticket, cls: str, floor: _Windows) -> _Visit:
    """Ended while waiting: by himself or by staff, or by the end of the day."""
    arrive = floor.minute(ticket.clock_at)
    left = ticket.ended_at is not None and ticket.reason == "staff"
    wait = floor.minute(ticket.ended_at) - arrive if left and ticket.ended_at is not None else None
    visit = _newcomer(ticket, max(0.0, arrive), cls, floor, first=ticket.leg == 1)
    visit.legs, visit.left_after = [(ticket.service, None)], wait
    return visit


# --- the day ---------------------------------------------------------------------------------------------------------------


class _Draw:
    """What the log cannot know, by one seed."""

    def __init__(self, hall: Hall, visits: Sequence[_Visit]) -> None:
        self._random = Random(SEED)
        self._usual = {service.id: service.minutes_typical for service in hall.services}
        self._served: dict[str, list[float]] = defaultdict(list)
        for service, minutes in (leg for visit in visits for leg in visit.legs):
            if minutes is not None:
                self._served[service].append(minutes)
        waited = sum(sum(visit.waits) + (visit.left_after or 0.0) for visit in visits)
        self._leaving = sum(visit.left_after is not None for visit in visits) / max(1.0, waited)

    def minutes(self, service: str) -> float:
        """Of a visit that never was."""
        known = self._served.get(service)
        return self._random.choice(known) if known else self._usual[service]

    def patience(self, visit: _Visit) -> float | None:
        """How long he would wait in a line; None: for ever."""
        if visit.left_after is not None:
            share = self._random.random() if visit.silent else 1.0
            return max(SHORTEST_MIN, visit.seen_after + share * (visit.left_after - visit.seen_after))
        if not self._leaving:
            return None
        return max([0.0, *visit.waits]) + self._random.expovariate(self._leaving)


def _script(day: day_file.Day, visits: Sequence[_Visit]) -> Script:
    """What is played, with the rests taken out of the visits again."""
    script = day_file.script(day)

    def exact(visitor: Visitor, visit: _Visit) -> Visitor:
        rests = (*visit.rests, 0.0)[: len(visitor.legs)]
        legs = tuple((service, minutes - rest) for (service, minutes), rest in zip(visitor.legs, rests, strict=True))
        return replace(visitor, legs=legs, rests=rests, vain=visit.vain)

    return replace(script, visitors=tuple(map(exact, script.visitors, visits)), as_it_was=True)


def _day(hall: Hall, row: DayRow, floor: _Windows, visits: Sequence[_Visit]) -> tuple[day_file.Day, Sequence[_Visit]]:
    """The day, and those of the visits that are in it."""
    draw = _Draw(hall, visits)
    desks = list(floor.desks())
    served = frozenset().union(*(may for _, may, _ in desks)) if desks else frozenset()
    visits = [visit for visit in visits if {service for service, _ in visit.legs} <= served]
    if not visits:
        raise ContractError(f"{row.day}: no window asked for anybody who came")
    close = _close(hall, row, floor, visits)
    body: dict[str, Any] = {
        "format": "hall-day/1", "name": f"{hall.id} {row.day.isoformat()}", "seed": SEED, "unit": "minute",
        "nonprimary_factor": OUTSIDE_FACTOR, "switch_min": SWITCH_MIN, "reserve_min": 0.0, "static_reserve": (60.0, 180.0),
        "shares": _shares(visits), "burst": sum(visit.arrive <= 0.5 for visit in visits),
        "services": _services(hall, visits), "windows": tuple(_window(hall, *desk) for desk in desks),
        "forecast_rate_per_min": _rates(visits, close),
        "bookings": tuple(sorted((visit.due, visit.legs[0][0]) for visit in visits if visit.due is not None)),
        "truth": {"absences": (), "tickets": tuple(_ticket(n, visit, draw) for n, visit in enumerate(visits))},
    }  # fmt: skip
    return day_file.Day.model_validate(body), visits


def _close(hall: Hall, row: DayRow, floor: _Windows, visits: Sequence[_Visit]) -> int:
    """Half-hours from opening until nobody new could come."""
    hours = hall.spans(row.day)
    last = max(visits[-1].arrive, floor.minute(hours[-1][1]) if hours else 0.0)
    return max(1, ceil(last / HALF_HOUR))


def _shares(visits: Sequence[_Visit]) -> dict[str, float]:
    kinds, count = Counter(visit.cls for visit in visits), len(visits)
    return {
        "appt": kinds["appt"] / count,
        "prio": kinds["prio"] / max(1, count - kinds["appt"]),
        "multi": sum(len(visit.legs) > 1 for visit in visits) / count,
    }


def _services(hall: Hall, visits: Sequence[_Visit]) -> tuple[dict[str, Any], ...]:
    """As the hall's coordinator knew them: the document's minutes, not that day's."""
    works, first = routing.works(hall), Counter(visit.legs[0][0] for visit in visits)
    groups = [group.id for group in hall.service_groups]
    employers = [employer.id for employer in hall.employers]

    def told(service: Service) -> dict[str, Any]:
        right, work = hall.right_by_id[service.right], works[service.id]
        return {
            "id": service.id, "mean": work.mean, "cv": work.cv,
            "group": groups.index(service.group), "agency": employers.index(right.employers[0]) if right.employers else 0,
            "civil_only": right.civil_servant_only, "mix": first[service.id] / len(visits),
        }  # fmt: skip

    return tuple(map(told, hall.services))


def _window(hall: Hall, name: str, may: frozenset[str], spans: list[tuple[float, float]]) -> dict[str, Any]:
    place = hall.window_by_id[name] if name in hall.window_by_id else hall.window_by_id[name.rpartition("-")[0]]
    civil = any(hall.right_by_id[hall.service_by_id[service].right].civil_servant_only for service in may)
    return {
        "id": name, "agency": [e.id for e in hall.employers].index(place.employer), "civil": civil,
        "can": tuple(sorted(may)), "primary": tuple(sorted(may & routing.profile(hall, place.id))), "reserve": False,
        "roster": tuple((round(start, 4), round(end, 4)) for start, end in spans if end - start > 0.001),
    }  # fmt: skip


def _rates(visits: Sequence[_Visit], close: int) -> tuple[float, ...]:
    counts = Counter(min(close - 1, int(visit.arrive / HALF_HOUR)) for visit in visits)
    return tuple(counts[number] / HALF_HOUR for number in range(close))


def _ticket(number: int, visit: _Visit, draw: _Draw) -> dict[str, Any]:
    rests = (*visit.rests, 0.0)
    legs = tuple(
        (s, draw.minutes(s) if m is None else m + rest) for (s, m), rest in zip(visit.legs, rests, strict=False)
    )
    patience = draw.patience(visit)
    return {
        "id": number, "arrive": round(visit.arrive, 4), "cls": visit.cls, "appointment": visit.due,
        "legs": tuple((service, round(minutes, 4)) for service, minutes in legs),
        "patience": None if patience is None else round(patience, 4),
        "silent": visit.silent, "absent": visit.absent, "back_after": visit.back_after,
    }  # fmt: skip
