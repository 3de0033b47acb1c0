"""A day run forward through the same choice as the hall's: replay, what-if, forecast. Pure.

Shifts change, windows become free, people come, people leave, questions are asked: in that order within one moment. An operator
whose span ends finishes the visitor he has; after closing nobody new comes and who is there serves whoever waits for him.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple, Protocol

from contract.words import MeasureKind
from coordinator import planner, policy
from coordinator.floor import Desk, Floor
from coordinator.line import Waiting
from coordinator.planner import PlanRules, Recommendation
from coordinator.policy import Rules
from coordinator.script import Script, Visitor

ASK_EVERY_MIN = 1.0
"""Who idles while somebody waits thinks again so often."""
PLAN_EVERY_MIN, ACCEPT_MIN = 5.0, 5.0
"""How often a plan is made, and how long a person takes to do what it says."""
LONGEST_DELAY_MIN = 30.0
"""By how much one break may be moved in all."""
STAY_MIN = 120.0
"""How long after closing the last visitors are waited for."""


class Router(Protocol):
    """Who calls whom; one that `plans` is asked what to do about the staff as well."""

    plans: bool

    def choose(self, floor: Floor, window: str, now: float) -> Waiting | None:
        """Whom the window calls."""
        ...

    def order(self, floor: Floor, idle: list[str], now: float) -> list[str]:
        """In which order idle windows look for a visitor."""
        ...

    def plan(self, floor: Floor, now: float) -> Iterable[Recommendation]:
        """What is to be done about the staff."""
        ...


class Fifo:
    """What halls do now: the oldest of the window's profile, reserves at fixed hours."""

    plans = False

    def choose(self, floor: Floor, window: str, _now: float) -> Waiting | None:
        """The oldest of the profile."""
        desk = floor.desks[window]
        return min((h for h in floor.heads(desk) if h.service in desk.primary), default=None)

    def order(self, floor: Floor, idle: list[str], _now: float) -> list[str]:
        """Longest idle first."""
        return sorted(idle, key=lambda window: floor.desks[window].since)

    def plan(self, _floor: Floor, _now: float) -> Iterable[Recommendation]:
        """Nothing."""
        return ()


class Index:
    """The hall's own way: `policy` and `planner` by these rules; `plans` None: reserves at fixed hours."""

    def __init__(self, rules: Rules, plan_rules: PlanRules | None) -> None:
        self._rules, self._plan_rules = rules, plan_rules
        self.plans = plan_rules is not None

    def choose(self, floor: Floor, window: str, now: float) -> Waiting | None:
        """As the hall chooses."""
        found = policy.picks(floor, window, now, self._rules)
        return found[0].ticket if found else None

    def order(self, floor: Floor, idle: list[str], now: float) -> list[str]:
        """As the hall orders."""
        return policy.order_windows(floor, idle, now)

    def plan(self, floor: Floor, now: float) -> Iterable[Recommendation]:
        """As the hall plans."""
        return planner.plan(floor, now, self._plan_rules) if self._plan_rules is not None else ()


class Turn(NamedTuple):
    """One visitor in one line. `wait` None: lost; not `counted`: absent at the first call."""

    visitor: Visitor
    leg: int
    service: str
    wait: float | None
    counted: bool


@dataclass(slots=True)
class Result:
    """What a day came to. `calls`: (at, window, visitor) in order; `passed`: calls that passed an older one of the same line."""

    turns: list[Turn] = field(default_factory=list)
    calls: list[tuple[float, str, str]] = field(default_factory=list)
    switches: int = 0
    passed: int = 0
    reserve_used: float = 0.0


class Start(NamedTuple):
    """A hall in the middle of its day. `floor` will be changed; `standing`: visits of those in its lines, by id; `busy`: window →
    minutes until it has served whom, None: a visitor without a further leg.
    """

    now: float
    floor: Floor
    standing: Mapping[str, Visitor]
    busy: Mapping[str, tuple[float, Visitor | None]]


def run(script: Script, router: Router, until: float | None = None) -> Result:
    """The day from its beginning until the last visitor has gone, or until the minute `until`."""
    return _Day(script, router).run(script.close + STAY_MIN if until is None else until)


def stopped(script: Script, router: Router, until: float) -> Result:
    """The day from its beginning to the minute `until`; who still stands in line then counts with the minutes waited so far."""
    return _Day(script, router).until(until)


def resume(script: Script, start: Start, router: Router, until: float, enough: Callable[[], bool]) -> None:
    """The day from `start` on until the router has seen `enough`, or until the minute `until`.

    The script's visitors are those still to come; desks have their shifts, and their plans, from it.
    """
    day = _Day(script, router, start)
    while not enough() and day.step(until):
        pass


def play(script: Script, start: Start, router: Router, until: float, act: Recommendation | None) -> Result:
    """The day from `start` to the minute `until`, `act` done when a person had the time to; who still stands in line then counts with
    the minutes waited so far.
    """
    day = _Day(script, router, start)
    if act is not None:
        day.accept(act)
    return day.until(until)


def _empty(script: Script) -> Floor:
    """The hall before its day."""
    return Floor(
        script.works, [replace(d, open=False) for d in script.desks], outside_factor=script.outside_factor,
        switch_min=script.switch_min, outlook=script.outlook,
    )  # fmt: skip


_SHIFT, _FREE, _JOIN, _LEAVE, _ASK = range(5)


class _Person:
    """A visitor in the hall."""

    __slots__ = ("at", "counted", "gone", "leg", "visitor")

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.leg = 0
        self.at: Waiting | None = None
        self.gone = False
        self.counted = True


class _Shift:
    """A window's operator: when he is there."""

    __slots__ = ("away", "close", "delayed", "granted", "left", "spans")

    def __init__(self, desk: Desk, away: list[tuple[float, float]], close: float) -> None:
        self.spans = [list(span) for span in desk.spans]
        self.away, self.close = away, close
        self.granted: tuple[float, float] | None = None
        self.left = desk.reserve_left
        self.delayed: dict[int, float] = {}

    def there(self, now: float) -> bool:
        """Whether somebody is at the window."""
        if self.granted is not None and self.granted[0] <= now < self.granted[1]:
            return True
        now = min(now, self.close - 1e-6)
        return any(a <= now < b for a, b in self.spans) and not any(a <= now < b for a, b in self.away)

    def reserve_left(self, now: float) -> float:
        """Minutes of the reserve that are still to spend."""
        if self.granted is None:
            return self.left
        return max(0.0, self.left - max(0.0, min(now, self.granted[1]) - self.granted[0]))

    def edges(self) -> set[float]:
        """When somebody comes or goes."""
        times = {t for span in self.spans for t in span} | {t for span in self.away for t in span}
        return times | set(self.granted or ())


class _Day:
    def __init__(self, script: Script, router: Router, start: Start | None = None) -> None:
        self.script, self.router = script, router
        self.result = Result()
        self.now = 0.0 if start is None else start.now
        self.floor = _empty(script) if start is None else start.floor
        self.people: dict[str, _Person] = {}
        self.shifts = {d.id: self._shift(d, start) for d in script.desks}
        self.idle: set[str] = set()
        self.resting: set[str] = set()
        self._events: list[tuple[float, int, int, Callable[..., None], tuple[object, ...]]] = []
        self._number = 0
        self._schedule()
        if start is not None:
            self._resume(start)

    def _shift(self, desk: Desk, start: Start | None) -> _Shift:
        away = [(a, b) for window, a, b in self.script.absences if window == desk.id]
        shift = _Shift(desk, away, self.script.close)
        if desk.reserve and start is not None:
            shift.granted = (self.now, self.now + shift.left) if desk.open else None
        elif desk.reserve and not self.router.plans:
            begin, end = self.script.reserve_span
            shift.granted = (begin, min(end, begin + shift.left))
        return shift

    def _schedule(self) -> None:
        for visitor in self.script.visitors:
            self._at(visitor.arrive, _JOIN, self._arrive, visitor)
        for window, shift in self.shifts.items():
            for time in sorted(shift.edges()):
                if time >= self.now:
                    self._at(time, _SHIFT, self._review, window)
        self._at(self.now, _ASK, self._ask_again)
        if self.router.plans:
            self._at(self.now, _ASK, self._plan)

    def _resume(self, start: Start) -> None:
        """Who stands in line, who is at the windows, and which windows look for a visitor."""
        for one in self.floor.lines:
            person = self.people[one.id] = _Person(start.standing[one.id])
            person.at = one
            patience = person.visitor.patience
            if patience is not None:
                person.gone = one.clock + patience <= self.now
                self._at(max(self.now, one.clock + patience), _LEAVE, self._lose_patience, person, 0)
        for window, (left, visitor) in start.busy.items():
            served = None if visitor is None else self.people.setdefault(visitor.id, _Person(visitor))
            self._at(self.now + left, _FREE, self._finish, window, served)
        idle = [d.id for d in self.floor.desks.values() if d.open and d.serving is None]
        self.idle.update(idle)
        for window in self.router.order(self.floor, sorted(idle), self.now):
            self._at(self.now, _FREE, self._look, window)

    def _at(self, time: float, order: int, happen: Callable[..., None], *what: object) -> None:
        self._number += 1
        heappush(self._events, (time, order, self._number, happen, what))

    def step(self, until: float) -> bool:
        """The next thing happens; False: none is left before `until`."""
        events = self._events
        if not events or events[0][0] > until:
            return False
        self.now, _, _, happen, what = heappop(events)
        happen(*what)
        return True

    def until(self, until: float) -> Result:
        """All that happens before `until`; who still waits then has waited so far."""
        while self.step(until):
            pass
        for person in self.people.values():
            if person.at is not None and not person.gone:
                self._note(person, max(0.0, until - person.at.clock))
        return self.result

    def run(self, until: float) -> Result:
        """All that happens before `until`; who still waits then is lost."""
        while self.step(until):
            pass
        for person in self.people.values():
            if person.at is not None and not person.gone:
                self._note(person, None)
        self.result.reserve_used = sum(
            d.reserve_left - self.shifts[d.id].reserve_left(self.now) for d in self.script.desks
        )
        return self.result

    # --- people ----------------------------------------------------------------------------------------------------------

    def _arrive(self, visitor: Visitor) -> None:
        person = self.people[visitor.id] = _Person(visitor)
        self._join(person)

    def _join(self, person: _Person) -> None:
        visitor, now = person.visitor, self.now
        clock = now if visitor.due is None or visitor.due < now else visitor.due
        service = visitor.legs[person.leg][0]
        person.gone = False
        if visitor.patience is not None:
            self._at(clock + visitor.patience, _LEAVE, self._lose_patience, person, person.leg)
        self._stand(
            person, Waiting(clock, visitor.number, visitor.id, service, visitor.rank, visitor.due, again=person.leg > 0)
        )

    def _stand(self, person: _Person, at: Waiting) -> None:
        person.at = at
        self.floor.lines.join(at)
        idle = [w for w in self.idle if at.service in self.floor.desks[w].can]
        if not idle:
            return
        for window in self.router.order(self.floor, sorted(idle), self.now) if len(idle) > 1 else idle:
            if not self._waits(person):
                return
            self._offer(window)

    def _waits(self, person: _Person) -> bool:
        return person.at is not None

    def _lose_patience(self, person: _Person, leg: int) -> None:
        if person.leg != leg or person.gone:
            return
        person.gone = True
        self._note(person, None)
        if person.at is not None and not person.visitor.silent:
            self.floor.lines.leave(person.at)
            person.at = None

    def _come_back(self, person: _Person, at: Waiting) -> None:
        if not person.gone:
            self._stand(person, at._replace(again=True))

    def _note(self, person: _Person, wait: float | None) -> None:
        service = person.visitor.legs[person.leg][0]
        self.result.turns.append(Turn(person.visitor, person.leg, service, wait, person.counted))

    # --- calls -----------------------------------------------------------------------------------------------------------

    def _look(self, window: str) -> None:
        if window in self.idle:
            self._offer(window)

    def _offer(self, window: str) -> None:
        chosen = self.router.choose(self.floor, window, self.now)
        if chosen is not None:
            self._call(window, chosen)

    def _call(self, window: str, one: Waiting) -> None:
        person, desk = self.people[one.id], self.floor.desks[window]
        self.result.passed += self._passes(one)
        self.floor.lines.leave(one)
        person.at = None
        self.result.calls.append((self.now, window, one.id))
        called, served = self.floor.works[one.service].group, None
        minutes, group = person.visitor.vain, called if self.script.as_it_was else desk.last_group
        if not person.gone and not (person.visitor.absent and person.counted and person.leg == 0):
            group, served = called, person
            switched = desk.last_group not in (None, group)
            self.result.switches += switched
            minutes = person.visitor.legs[person.leg][1] * (
                1.0 if one.service in desk.primary else self.floor.outside_factor
            )
            minutes += self.floor.switch_min if switched else 0.0
            self._note(person, max(0.0, self.now - one.clock))
            person.gone = True
        elif not person.gone:
            self._miss(person, one)
        self.idle.discard(window)
        self.floor.put(replace(desk, serving=one.service, since=self.now, last_group=group))
        self._at(self.now + minutes, _FREE, self._finish, window, served)

    def _passes(self, one: Waiting) -> bool:
        heads = self.floor.lines.heads(one.service, "")
        return any(head.rank == one.rank and head.clock < one.clock for head in heads)

    def _miss(self, person: _Person, one: Waiting) -> None:
        person.counted = False
        back = person.visitor.back_after
        if back is None:
            person.gone = True
            self._note(person, None)
        else:
            self._at(self.now + back, _JOIN, self._come_back, person, one)

    def _finish(self, window: str, person: _Person | None) -> None:
        self.floor.put(replace(self.floor.desks[window], serving=None, since=self.now))
        rest = 0.0
        if person is not None and person.visitor.rests:
            rest = person.visitor.rests[person.leg]
        if rest:
            self.resting.add(window)
            self._at(self.now + rest, _FREE, self._rested, window)
        elif self.floor.desks[window].open:
            self.idle.add(window)
        if person is not None and person.leg + 1 < len(person.visitor.legs):
            person.leg += 1
            self._join(person)
        if window in self.idle:
            self._offer(window)

    def _rested(self, window: str) -> None:
        self.resting.discard(window)
        if self.floor.desks[window].open:
            self.idle.add(window)
            self._offer(window)

    def _ask_again(self) -> None:
        floor = self.floor
        if self.idle and floor.lines.counts:
            idle = [w for w in sorted(self.idle) if not floor.lines.counts.keys().isdisjoint(floor.desks[w].can)]
            for window in self.router.order(floor, idle, self.now):
                self._offer(window)
        if self.now < self.script.close + STAY_MIN:
            self._at(self.now + ASK_EVERY_MIN, _ASK, self._ask_again)

    # --- shifts and plans ------------------------------------------------------------------------------------------------

    def _review(self, window: str) -> None:
        """Opens or closes the window as its operator comes and goes."""
        shift, desk = self.shifts[window], self.floor.desks[window]
        if shift.granted is not None and self.now >= shift.granted[1]:
            self._settle(window)
            desk = self.floor.desks[window]
        there = shift.there(self.now)
        if there == desk.open:
            return
        busy = desk.serving is not None or window in self.resting
        self.floor.put(replace(desk, open=there, since=desk.since if busy or not there else self.now))
        if not there:
            self.idle.discard(window)
        elif not busy:
            self.idle.add(window)
            self._offer(window)

    def _settle(self, window: str) -> None:
        shift = self.shifts[window]
        shift.left, shift.granted = shift.reserve_left(self.now), None
        self.floor.put(replace(self.floor.desks[window], reserve_left=shift.left))

    def _plan(self) -> None:
        if self.now >= self.script.close:
            return
        for window, shift in self.shifts.items():
            if shift.granted is not None:
                self.floor.put(replace(self.floor.desks[window], reserve_left=shift.reserve_left(self.now)))
        for act in self.router.plan(self.floor, self.now):
            self.accept(act)
        self._at(self.now + PLAN_EVERY_MIN, _ASK, self._plan)

    def accept(self, act: Recommendation) -> None:
        """It will be done when a person had the time to."""
        self._at(self.now + ACCEPT_MIN, _SHIFT, self._do, act)

    def _do(self, act: Recommendation) -> None:
        shift = self.shifts[act.window]
        if act.kind is MeasureKind.OPEN:
            self._open(act.window, shift, act.minutes)
        elif act.kind is MeasureKind.CLOSE and shift.granted is not None:
            self._settle(act.window)
        elif act.kind is MeasureKind.DELAY_BREAK:
            self._delay(act.window, shift, act.minutes)
        elif act.kind is MeasureKind.WIDEN_PROFILE:
            self._widen(act.window, act.group)
            self._at(self.now + act.minutes, _SHIFT, self._narrow, act.window, act.group)
        self._review(act.window)

    def _widen(self, window: str, group: str | None) -> None:
        desk = self.floor.desks[window]
        more = dict(desk.wider).get(group or "", frozenset())
        self.floor.put(replace(desk, can=desk.can | more))
        if window in self.idle:
            self._offer(window)

    def _narrow(self, window: str, group: str | None) -> None:
        desk = self.floor.desks[window]
        self.floor.put(replace(desk, can=desk.can - dict(desk.wider).get(group or "", frozenset())))

    def _open(self, window: str, shift: _Shift, minutes: float) -> None:
        minutes = min(minutes, shift.reserve_left(self.now))
        if not self.floor.desks[window].reserve or minutes <= 0 or self.now >= self.script.close:
            return
        if shift.granted is not None:
            self._settle(window)
        shift.granted = (self.now, self.now + minutes)
        self._at(shift.granted[1], _SHIFT, self._review, window)

    def _delay(self, window: str, shift: _Shift, minutes: float) -> None:
        for number, (start, end) in enumerate(pairwise(shift.spans)):
            if start[1] > self.now:
                delay = min(minutes, LONGEST_DELAY_MIN - shift.delayed.get(number, 0.0), end[1] - end[0] - 1.0)
                if delay > 0:
                    shift.delayed[number] = shift.delayed.get(number, 0.0) + delay
                    start[1] += delay
                    end[0] += delay
                    self._at(start[1], _SHIFT, self._review, window)
                    self._at(end[0], _SHIFT, self._review, window)
                    spans = tuple((a, b) for a, b in shift.spans)
                    self.floor.put(replace(self.floor.desks[window], spans=spans))
                return
