"""How long a visitor will wait, told as a range: many futures of the hall, each run forward by the hall's own choice. Pure.

A future is drawn (`future.draw`) and run (`simulate.resume`) until those asked about have been called; their waits over all futures,
widened by what days with known endings showed to be missing, are the range.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from random import Random
from typing import NamedTuple

from coordinator import simulate
from coordinator.floor import Desk, Floor
from coordinator.future import AHEAD_MIN, Habits, draw
from coordinator.line import ORDINARY, Waiting
from coordinator.planner import PlanRules
from coordinator.policy import Rules

FUTURES = 20
LONGER = 0.05
"""The end of a range is moved out by so much of its width: futures know nothing of operators who will be away and days that go
badly. Found on made days (9 kinds, seeds 101 to 103, 2,000 tickets): without it 81 % lay within and 11.5 % waited longer; with it
83 % and 10 %.
"""


class Range(NamedTuple):
    """Minutes from now: 8 of 10 are called from `low` to `high`, half before `mid`."""

    low: float
    mid: float
    high: float


def ticket(
    floor: Floor, one: str, now: float, rules: Rules, habits: Habits, seed: int, plans: PlanRules | None = None
) -> Range:
    """The wait still before the ticket `one`, which stands in line; `AHEAD_MIN` stands for all that is longer.

    `plans`: how the hall will open reserves and move breaks; None: not at all.
    """
    return told(samples(floor, now, rules, habits, seed, tickets=[one], plans=plans)[one])


def walk_ins(floor: Floor, now: float, rules: Rules, habits: Habits, seed: int) -> dict[str, Range]:
    """The wait of an ordinary visitor who takes a ticket now, for every service that some window can take."""
    able = {service for desk in floor.desks.values() for service in desk.can}
    services = [service for service in sorted(floor.works) if service in able]
    return {
        service: told(waits) for service, waits in samples(floor, now, rules, habits, seed, services=services).items()
    }


def samples(
    floor: Floor, now: float, rules: Rules, habits: Habits, seed: int, *,
    tickets: Collection[str] = (), services: Iterable[str] = (), plans: PlanRules | None = None, futures: int = FUTURES,
) -> dict[str, list[float]]:  # fmt: skip
    """Minutes from `now` until each is called, in each future: tickets by id, a walk-in of each service by the service's."""
    services = list(services)
    waits: dict[str, list[float]] = {name: [] for name in (*tickets, *services)}
    for number in range(futures):
        watch = _Watch(rules, plans, now, tickets, services)
        script, start = draw(floor, now, habits, Random(f"{seed}/{number}"))
        simulate.resume(script, start, watch, now + AHEAD_MIN, watch.enough)
        for name, seen in waits.items():
            seen.append(watch.called.get(name, AHEAD_MIN))
    return waits


def told(waits: Iterable[float]) -> Range:
    """The range of drawn waits."""
    waits = sorted(waits)
    low, mid, high = (_at(waits, share) for share in (0.1, 0.5, 0.9))
    return Range(low, mid, high + LONGER * (high - low))


def _at(waits: list[float], share: float) -> float:
    """The value below which that share of sorted values lies."""
    place = share * (len(waits) - 1)
    below = int(place)
    above = min(below + 1, len(waits) - 1)
    return waits[below] + (place - below) * (waits[above] - waits[below])


class _Watch(simulate.Index):
    """The hall's own choice and plan, noting when those asked about are called.

    A walk-in who only asks stands behind the line of the service without being there for others: at every call it is tried
    whether he would be chosen instead. Who would be has been answered, and nobody loses a minute by it.
    """

    def __init__(
        self, rules: Rules, plans: PlanRules | None, since: float, tickets: Collection[str], services: Iterable[str]
    ) -> None:
        super().__init__(rules, plans)
        self.called: dict[str, float] = {}
        self._since = since
        self._tickets = set(tickets)
        self._asking = {s: Waiting(since, ASKING, f"?{s}", s) for s in services}

    def enough(self) -> bool:
        """Whether all have been called."""
        return not self._tickets and not self._asking

    def choose(self, floor: Floor, window: str, now: float) -> Waiting | None:
        """As the hall chooses."""
        for one in self._fronts(floor, floor.desks[window]):
            if self._chosen(floor, window, now, one):
                del self._asking[one.service]
                self.called[one.service] = now - self._since
        found = super().choose(floor, window, now)
        if found is not None and found.id in self._tickets:
            self._tickets.discard(found.id)
            self.called[found.id] = now - self._since
        return found

    def _fronts(self, floor: Floor, desk: Desk) -> list[Waiting]:
        """Those asking whom the window may take and before whom nobody of their own line is left."""
        if not self._asking:
            return []
        asking = [self._asking[service] for service in desk.can if service in self._asking]
        return [
            one
            for one in asking
            if not any(h.rank == ORDINARY and h < one for h in floor.lines.heads(one.service, desk.id))
        ]

    def _chosen(self, floor: Floor, window: str, now: float, one: Waiting) -> bool:
        floor.lines.join(one)
        found = super().choose(floor, window, now)
        floor.lines.leave(one)
        return found is one


ASKING = 10**8
"""The number of who only asks: behind all who are there, before all who come later."""
