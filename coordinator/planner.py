"""What a person should do about the staff in the next minutes: open or close a reserve, send a break later. Pure.

Nothing acts by itself: a recommendation is accepted by somebody, or expires.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from coordinator.floor import Desk, Floor
from coordinator.pressure import pressure

FAR_MIN = 60.0
"""Work that no other window can take counts as so far away."""


class Advice(StrEnum):
    """What to do with a window."""

    OPEN = "open"
    """Open a reserve."""
    CLOSE = "close"
    """Send a reserve home: what is left of its minutes is worth more later."""
    DELAY_BREAK = "delay_break"
    """Send the next break of its operator later."""


@dataclass(frozen=True, slots=True)
class PlanRules:
    """When what is recommended, in minutes.

    `open_above`, `close_below`, `delay_above`: need of the window (see `need`); `delay`: a break is sent later by so much;
    `stretch`: nobody is asked to work longer without a break; `notice`: a break that begins sooner is not moved; `lasts`: how
    long a recommendation holds.
    """

    open_above: float = 8.0
    close_below: float = 3.0
    delay_above: float = 6.0
    delay: float = 30.0
    stretch: float = 165.0
    notice: float = 5.0
    lasts: float = 5.0


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to do, for how many minutes, and why: the need that was found. Not to be followed after `expires`."""

    window: str
    kind: Advice
    minutes: float
    need: float
    services: tuple[str, ...]
    expires: float


def plan(floor: Floor, now: float, rules: PlanRules) -> list[Recommendation]:
    """What is worth doing at `now`, window by window; made every few minutes."""
    levels = pressure(floor, now)
    found = []
    for desk in floor.desks.values():
        for kind, minutes in _worth_doing(desk, need(floor, desk, levels), now, rules):
            services = tuple(sorted(desk.can & floor.lines.counts.keys()))
            found.append(Recommendation(desk.id, kind, minutes, need(floor, desk, levels), services, now + rules.lasts))
    return found


def need(floor: Floor, desk: Desk, levels: Mapping[str, float]) -> float:
    """How long the work that waits and that the window could take would wait for the others: minutes, weighted by work.

    `levels`: the pressure on the open windows. 0 where nobody waits whom it could take.
    """
    far = work = 0.0
    for service in desk.can:
        count = floor.lines.counts.get(service)
        if count:
            others = [levels[other] for other in floor.able.get(service, ()) if other != desk.id]
            mine = count * floor.works[service].mean
            far += mine * min([*others, FAR_MIN])
            work += mine
    return far / work if work else 0.0


def _worth_doing(desk: Desk, need_min: float, now: float, rules: PlanRules) -> Iterator[tuple[Advice, float]]:
    if desk.reserve:
        if desk.open and need_min < rules.close_below:
            yield Advice.CLOSE, 0.0
        elif not desk.open and need_min > rules.open_above and desk.reserve_left > 1.0:
            yield Advice.OPEN, desk.reserve_left
    elif desk.open and need_min > rules.delay_above and _break_ahead(desk, now, rules):
        yield Advice.DELAY_BREAK, rules.delay


def _break_ahead(desk: Desk, now: float, rules: PlanRules) -> bool:
    """Whether a break begins after the notice, in the next few minutes, and may be sent later."""
    for start, end in desk.spans[:-1]:  # the last span ends in no break
        if start <= now < end:
            soon = rules.notice < end - now <= rules.notice + rules.lasts
            return soon and end - start + rules.delay <= rules.stretch
    return False
