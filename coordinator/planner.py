"""What a person should do about the staff in the next minutes: open or close a reserve, send a break later, widen a profile. Pure.

Nothing acts by itself: a recommendation is accepted by somebody, or expires.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from contract.words import MeasureKind
from coordinator.floor import Desk, Floor
from coordinator.pressure import pressure

FAR_MIN = 60.0
"""Work that no other window can take counts as so far away."""


@dataclass(frozen=True, slots=True)
class PlanRules:
    """When what is recommended, in minutes.

    `open_above`, `close_below`, `delay_above`, `widen_above`: need of the window (see `need`); `delay`: a break is sent later by
    so much; `stretch`: nobody is asked to work longer without a break; `notice`: a break that begins sooner is not moved;
    `lasts`: how long a recommendation holds; `widen`: how long a profile stays wider.
    """

    open_above: float = 16.0
    close_below: float = 12.0
    delay_above: float = 8.0
    widen_above: float = 12.0
    delay: float = 30.0
    stretch: float = 220.0
    notice: float = 5.0
    lasts: float = 5.0
    widen: float = 60.0


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to do, for how many minutes, and why: the need that was found. Not to be followed after `expires`.

    `services`: those the window would take; `group`: the further group of a profile that is widened.
    """

    window: str
    kind: MeasureKind
    minutes: float
    need: float
    services: tuple[str, ...]
    expires: float
    group: str | None = None


def plan(floor: Floor, now: float, rules: PlanRules) -> list[Recommendation]:
    """What is worth doing at `now`, window by window; made every few minutes."""
    levels = pressure(floor, now)
    found = []
    for desk in floor.desks.values():
        need_min = need(floor, desk, levels)
        for kind, minutes, expires in _worth_doing(desk, need_min, now, rules):
            services = tuple(sorted(desk.can & floor.lines.counts.keys()))
            found.append(Recommendation(desk.id, kind, minutes, need_min, services, expires))
        found += _widening(floor, desk, levels, now, rules)
    return found


def need(floor: Floor, desk: Desk, levels: Mapping[str, float]) -> float:
    """How long the work that waits and that the window could take would wait for the others: minutes, weighted by work.

    `levels`: the pressure on the open windows. 0 where nobody waits whom it could take.
    """
    far = work = 0.0
    for service in sorted(desk.can):  # sums are then the same in every process
        count = floor.lines.counts.get(service)
        if count:
            others = [levels[other] for other in floor.able.get(service, ()) if other != desk.id]
            mine = count * floor.works[service].mean
            far += mine * min([*others, FAR_MIN])
            work += mine
    return far / work if work else 0.0


def _worth_doing(
    desk: Desk, need_min: float, now: float, rules: PlanRules
) -> Iterator[tuple[MeasureKind, float, float]]:
    """What, for how many minutes, and until when it may be accepted."""
    lasts = now + rules.lasts
    if desk.reserve:
        if desk.open and need_min < rules.close_below:
            yield MeasureKind.CLOSE, 0.0, lasts
        elif not desk.open and need_min > rules.open_above and desk.reserve_left > 1.0:
            yield MeasureKind.OPEN, desk.reserve_left, lasts
    elif desk.open and need_min > rules.delay_above and (begins := _break_ahead(desk, now, rules)) is not None:
        yield MeasureKind.DELAY_BREAK, rules.delay, min(lasts, begins)


def _widening(
    floor: Floor, desk: Desk, levels: Mapping[str, float], now: float, rules: PlanRules
) -> Iterator[Recommendation]:
    """Groups whose work is far from the others' windows and would be near here."""
    for group, services in desk.wider if desk.open else ():
        need_min = need(floor, replace(desk, can=services), levels)
        if need_min > rules.widen_above and need_min - levels[desk.id] > rules.close_below:
            waiting = tuple(sorted(services & floor.lines.counts.keys()))
            yield Recommendation(
                desk.id, MeasureKind.WIDEN_PROFILE, rules.widen, need_min, waiting, now + rules.lasts, group
            )


def _break_ahead(desk: Desk, now: float, rules: PlanRules) -> float | None:
    """The break that begins after the notice, in the next few minutes, and may be sent later; None: there is none."""
    for start, end in desk.spans[:-1]:  # the last span ends in no break
        if start <= now < end:
            soon = rules.notice < end - now <= rules.notice + rules.lasts
            return end if soon and end - start + rules.delay <= rules.stretch else None
    return None
