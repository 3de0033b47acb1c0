"""How long until each window has done its share of the work that waits. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, log, sqrt

from coordinator.floor import Floor, Work

_SQRT2 = sqrt(2.0)


def pressure(floor: Floor, now: float) -> dict[str, float]:
    """Minutes until each open window has served who is there and its share of the lines.

    The work of each service is poured over the windows that can take it until they stand level, services with few windows first.
    """
    levels = {desk.id: _busy(floor, desk.serving, now - desk.since) for desk in floor.desks.values() if desk.open}
    able = floor.able
    waiting = sorted((len(able[s]), s, n) for s, n in floor.lines.counts.items() if able.get(s))
    for _, service, count in waiting:
        _pour(levels, able[service], count * floor.works[service].mean)
    return levels


def _busy(floor: Floor, serving: str | None, spent: float) -> float:
    return 0.0 if serving is None else left(floor.works[serving], spent)


def _pour(levels: dict[str, float], desks: Sequence[str], work: float) -> None:
    """Share `work` minutes so that the desks with least come level."""
    order = sorted(desks, key=levels.__getitem__)
    n = 0
    for desk in order:
        level = levels[desk]
        if n and work <= level * n:
            break
        work += level
        n += 1
    level = work / n
    for desk in order[:n]:
        levels[desk] = level


def left(work: Work, spent: float) -> float:
    """Minutes a visitor still needs who has been at the window for `spent`: the mean rest of a lognormal."""
    if spent <= 0.05 * work.mean:
        return work.mean
    if work.cv < 0.05:
        return max(work.mean - spent, 0.5)
    spread = log(1.0 + work.cv * work.cv)
    sigma = sqrt(spread)
    z = (log(spent / work.mean) + spread / 2.0) / sigma
    above = erfc(z / _SQRT2)
    if above < 1e-6:  # so long that the distribution says nothing any more
        return work.mean
    return work.mean * erfc((z - sigma) / _SQRT2) / above - spent
