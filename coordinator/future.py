"""One possible future of a hall, drawn from what is known now: who is still there, for how long, who will come, who comes back. Pure.

Everything is drawn from the one `Random` that is given, so the same seed draws the same future.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from heapq import merge
from itertools import accumulate
from math import exp, log, sqrt
from random import Random
from statistics import NormalDist

from coordinator.floor import HALF_HOUR, Desk, Floor, Work
from coordinator.line import BOOKED, ORDINARY, Waiting
from coordinator.script import PRIORITY, Script, Visitor
from coordinator.simulate import Start

AHEAD_MIN = 120.0
"""Nobody is drawn who comes later than this; who waits so long is told "or more" anyway."""
DOORS_MIN, DOORS_SEEN_MIN = 7.0, 1.0
"""The crowd at the doors has its tickets within so many minutes; what is usual weighs as much as so many of them."""
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Habits:
    """How the visitors and operators of a hall behave; shares 0 to 1, minutes. Defaults are assumptions until a hall has learned its own.

    `second`: of visits with a further service; `stays`: of those who never give up, the others do after a lognormal patience
    (`patience` its median, `spread` its sigma), `silent` of them without a word; `absent`: of those without a booking, away at
    their call, `back` of them come back after `back_min`; bookings: `unkept`, arrival normal around `early` minutes before the
    booked time; `doors`: of a day's walk-ins stand at the doors when they open; `away`: how long an operator stays away who should
    be there.
    """

    priority: float = 0.08
    second: float = 0.12
    stays: float = 0.35
    patience: float = 60.0
    spread: float = 0.6
    silent: float = 0.8
    absent: float = 0.05
    back: float = 0.5
    back_min: tuple[float, float] = (4.0, 15.0)
    unkept: float = 0.12
    early: float = 6.5
    punctual: float = 8.0
    doors: float = 0.2
    away: float = 120.0


def draw(floor: Floor, now: float, habits: Habits, chance: Random) -> tuple[Script, Start]:
    """What will happen from `now` on, and the hall as it is now, `floor` copied."""
    drawer = _Drawer(floor, now, habits, chance)
    desks, absences = drawer.shifts()
    standing = {one.id: drawer.standing(one) for one in floor.lines}
    busy = {d.id: drawer.busy(d) for d in floor.desks.values() if d.serving is not None}
    coming = tuple(merge(drawer.walk_ins(), drawer.booked(), key=lambda visitor: visitor.arrive))
    script = Script(
        floor.works, desks, coming, absences, floor.outlook, floor.outside_factor, floor.switch_min,
        close=max(now, floor.outlook.close),
    )  # fmt: skip
    return script, Start(now, floor.copy(), standing, busy)


class _Drawer:
    def __init__(self, floor: Floor, now: float, habits: Habits, chance: Random) -> None:
        self._floor, self._now, self._habits, self._chance = floor, now, habits, chance
        self._number = 0
        mix = floor.outlook.mix or dict.fromkeys(floor.works, 1.0)
        self._services = [service for service in mix if service in floor.works]
        self._weights = list(accumulate(mix[service] for service in self._services))

    # --- who is there ----------------------------------------------------------------------------------------------------

    def standing(self, one: Waiting) -> Visitor:
        """One in line: whether still in the hall, and what for."""
        habits, chance = self._habits, self._chance
        patience, silent = self._patience(max(0.0, self._now - one.clock))
        return Visitor(
            one.id, one.number, one.clock, one.rank, self._legs(one.service, further=not one.again), one.due, patience, silent,
            absent=not one.again and one.rank != BOOKED and chance.random() < habits.absent,
            back_after=self._back_after(),
        )  # fmt: skip

    def busy(self, desk: Desk) -> tuple[float, Visitor | None]:
        """Minutes until the window is free, and who may stand in line again then."""
        assert desk.serving is not None  # asked of busy windows only
        spent = self._now - desk.since
        factor = (
            self._floor.minutes(replace(desk, last_group=None), desk.serving) / self._floor.works[desk.serving].mean
        )
        left = factor * self._minutes(self._floor.works[desk.serving], spent / factor) - spent
        legs = self._legs(desk.serving, further=True)
        if len(legs) == 1:
            return max(0.0, left), None
        return max(0.0, left), self._visitor(self._now, ORDINARY, legs)

    # --- who will come ---------------------------------------------------------------------------------------------------

    def walk_ins(self) -> Iterator[Visitor]:
        """Those without a booking: as the half-hours' rates let them come, and who of the crowd at the doors is still to come."""
        outlook, chance = self._floor.outlook, self._chance
        doors, crowd = outlook.begin + DOORS_MIN, self._crowd()
        at, last = self._now, min(self._now + AHEAD_MIN, outlook.close)
        while at < last and self._services:
            half_hour = outlook.begin + HALF_HOUR * ((at - outlook.begin) // HALF_HOUR + 1.0)
            rate, end = (outlook.rate(at) + crowd, doors) if at < doors else (outlook.rate(at), half_hour)
            step = chance.expovariate(rate) if rate > 0 else HALF_HOUR
            if at + step >= end:
                at = end
                continue
            at += step
            rank = PRIORITY if chance.random() < self._habits.priority else ORDINARY
            if at < last:
                yield self._visitor(at, rank, self._legs(self._service(), further=True))

    def _crowd(self) -> float:
        """Visitors per minute who have stood at the doors and are not in yet, judged by how fast others came in."""
        outlook = self._floor.outlook
        since = self._now - outlook.begin
        if not 0.0 <= since < DOORS_MIN:
            return 0.0
        came = sum(not one.again and one.rank != BOOKED for one in self._floor.lines)
        came += sum(desk.serving is not None for desk in self._floor.desks.values())
        usual = self._habits.doors * HALF_HOUR * sum(outlook.rate_per_min) / DOORS_MIN
        seen = usual * DOORS_SEEN_MIN + came
        drawn = self._chance.gammavariate(seen, 1.0 / (DOORS_SEEN_MIN + since)) if seen > 0 else 0.0
        return max(0.0, drawn - outlook.rate(self._now))

    def booked(self) -> list[Visitor]:
        """Those whose booked time is to come and who are not there yet, in the order in which they come."""
        there = Counter((one.due, one.service) for one in self._floor.lines if one.due is not None)
        coming = []
        for due, service in self._floor.outlook.bookings:
            if there[due, service]:
                there[due, service] -= 1
            elif due <= self._now + AHEAD_MIN and (at := self._comes(due)) is not None:
                coming.append(self._visitor(at, BOOKED, self._legs(service, further=True), due))
        return sorted(coming, key=lambda visitor: visitor.arrive)

    def _comes(self, due: float) -> float | None:
        """When one with a booking comes who has not come yet; None: not at all."""
        habits = self._habits
        usual = NormalDist(due - habits.early, habits.punctual)
        missed = usual.cdf(self._now)
        unkept = habits.unkept / (habits.unkept + (1.0 - habits.unkept) * (1.0 - missed) + 1e-9)
        if self._chance.random() < unkept:
            return None
        return max(self._now, usual.inv_cdf(_inside(missed + self._chance.random() * (1.0 - missed))))

    # --- operators -------------------------------------------------------------------------------------------------------

    def shifts(self) -> tuple[tuple[Desk, ...], tuple[tuple[str, float, float], ...]]:
        """The windows with the shifts they will have, and who is away though the roster says otherwise."""
        desks, absences = [], []
        for desk in self._floor.desks.values():
            planned = any(start <= self._now < end for start, end in desk.spans)
            if desk.open and not planned and not desk.reserve:
                desk = replace(desk, spans=self._unplanned(desk))
            elif planned and not desk.open:
                absences.append((desk.id, self._now, self._now + self._chance.expovariate(1.0 / self._habits.away)))
            desks.append(desk)
        return tuple(desks), tuple(absences)

    def _unplanned(self, desk: Desk) -> tuple[tuple[float, float], ...]:
        """An open window of no known roster stays so."""
        later = tuple(span for span in desk.spans if span[0] > self._now)
        return ((self._now, min([self._floor.outlook.close, *(start for start, _ in later)])), *later)

    # --- drawing ---------------------------------------------------------------------------------------------------------

    def _visitor(self, at: float, rank: int, legs: tuple[tuple[str, float], ...], due: float | None = None) -> Visitor:
        self._number += 1
        habits, chance = self._habits, self._chance
        patience, silent = self._patience(0.0)
        absent = due is None and chance.random() < habits.absent
        name, number = f"+{self._number}", _AFTER_ALL + self._number
        return Visitor(name, number, at, rank, legs, due, patience, silent, absent, self._back_after())

    def _legs(self, service: str, *, further: bool) -> tuple[tuple[str, float], ...]:
        first = (service, self._minutes(self._floor.works[service]))
        if not further or not self._services or self._chance.random() >= self._habits.second:
            return (first,)
        after = self._service()
        return (first, (after, self._minutes(self._floor.works[after])))

    def _service(self) -> str:
        return self._chance.choices(self._services, cum_weights=self._weights)[0]

    def _minutes(self, work: Work, spent: float = 0.0) -> float:
        """Minutes of a visit that has taken `spent` of them already: lognormal by mean and spread."""
        sigma = sqrt(log(1.0 + work.cv * work.cv))
        mu = log(work.mean) - sigma * sigma / 2.0
        if spent <= 0.0 or sigma < 0.01:
            return max(spent, exp(self._chance.gauss(mu, sigma)))
        below = _NORMAL.cdf((log(spent) - mu) / sigma)
        drawn = _NORMAL.inv_cdf(_inside(below + self._chance.random() * (1.0 - below)))
        return max(spent, exp(mu + sigma * drawn))

    def _patience(self, waited: float) -> tuple[float | None, bool]:
        """When one gives up who has stood for `waited` minutes and has not said goodbye; whether he will say it."""
        habits, chance = self._habits, self._chance
        while chance.random() >= habits.stays:
            patience = habits.patience * exp(chance.gauss(0.0, habits.spread))
            silent = chance.random() < habits.silent
            if silent or patience > waited:
                return patience, silent
        return None, False

    def _back_after(self) -> float | None:
        chance = self._chance
        return chance.uniform(*self._habits.back_min) if chance.random() < self._habits.back else None


_AFTER_ALL = 10**9
"""Who comes later has a higher number than all who are there."""


def _inside(share: float) -> float:
    return min(1.0 - 1e-9, max(1e-9, share))
