"""What recommendations about the staff would bring: the same futures of the hall, run forward with and without each of them. Pure.

A person's time is not asked for what chance would have done as well: told is only what gains more than its own uncertainty.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from statistics import fmean, stdev
from typing import NamedTuple

from contract.words import MeasureKind
from coordinator import planner
from coordinator.floor import Floor
from coordinator.future import Habits, draw
from coordinator.outcome import overdue
from coordinator.planner import PlanRules, Recommendation
from coordinator.policy import Rules
from coordinator.pressure import pressure
from coordinator.script import Script
from coordinator.simulate import Index, Result, Start, play

HORIZON_MIN = 90.0
"""So far is looked: a break that is sent later, and the one who comes back from it, lie within."""
FUTURES, FEWEST_FUTURES = 16, 6
MOST_WEIGHED, MOST_TOLD = 8, 4
"""So many recommendations are run forward, and so many told: a person decides about a few."""
WORK = 80_000
"""Runs times the square of the windows that are or would be open: what one look may cost, about 3 s of a core here. A larger hall is
looked at in fewer futures, and for fewer recommendations.
"""
CLOSE_COSTS_MIN = 1.0
"""A reserve is sent home where that costs all visitors together at most so much."""

MORE_LATE = 0.5
"""Fewer overdue minutes are not worth more people over the promise than this."""

Key = tuple[MeasureKind, str, str | None]
"""What a recommendation is about: kind, window, service group."""


class Expected(NamedTuple):
    """What the horizon brings, on average over the futures: people over the promise or lost, minutes over the own target of all, the
    longest wait.
    """

    late: float
    overdue: float
    longest: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """A recommendation and what is expected without it and when it is done; `sure`: its gain is more than chance."""

    recommendation: Recommendation
    without: Expected
    done: Expected
    sure: bool

    @property
    def gain(self) -> float:
        """Overdue minutes that it spares."""
        return self.without.overdue - self.done.overdue


def key(one: Recommendation) -> Key:
    """What it is about."""
    return one.kind, one.window, one.group


def advise(
    floor: Floor, now: float, rules: Rules, habits: Habits, seed: int, plans: PlanRules, settled: Collection[Key], min_gain: float
) -> list[Weighed]:  # fmt: skip
    """What is worth doing, best first; `settled`: what is not to be recommended; `min_gain`: overdue minutes it must spare."""
    found = [one for one in planner.plan(floor, now, plans) if key(one) not in settled]
    acts, futures = _affordable(floor, _foremost(floor, now, found))
    weighed = weigh(floor, now, rules, habits, seed, acts, futures)
    worth = [one for one in weighed if _worth(one, min_gain)]
    worth.sort(key=lambda one: -one.gain)
    return worth[:MOST_TOLD]


def weigh(
    floor: Floor, now: float, rules: Rules, habits: Habits, seed: int, acts: Sequence[Recommendation], futures: int = FUTURES
) -> list[Weighed]:  # fmt: skip
    """Each recommendation by itself, on futures that the seed draws: the same visitors with it and without."""
    without: list[Expected] = []
    done: list[list[Expected]] = [[] for _ in acts]
    for number in range(futures if acts else 0):
        future = draw(floor, now, habits, Random(f"{seed}/{number}"))
        without.append(_run(floor, future, rules, None))
        for act, seen in zip(acts, done, strict=True):
            seen.append(_run(floor, future, rules, act))
    return [
        Weighed(act, _mean(without), _mean(seen), _sure(without, seen)) for act, seen in zip(acts, done, strict=True)
    ]


def _affordable(floor: Floor, acts: list[Recommendation]) -> tuple[list[Recommendation], int]:
    """Of these, the foremost that the work allows, and in how many futures."""
    windows = 1 + sum(desk.open for desk in floor.desks.values())
    runs = WORK // windows**2
    acts = acts[: max(1, runs // FEWEST_FUTURES - 1)]
    return acts, max(FEWEST_FUTURES, min(FUTURES, runs // (1 + len(acts))))


def _foremost(floor: Floor, now: float, found: list[Recommendation]) -> list[Recommendation]:
    """The most needed, of those that bring the same the one whose window has most time."""
    levels = pressure(floor, now)
    found.sort(key=lambda one: (levels.get(one.window, 0.0) - one.need, one.kind, one.window, one.group or ""))
    kept: dict[tuple[object, ...], Recommendation] = {}
    for one in found:
        same = one.window if one.kind is MeasureKind.DELAY_BREAK else one.group or one.services
        kept.setdefault((one.kind, same), one)
    return list(kept.values())[:MOST_WEIGHED]


def _run(floor: Floor, future: tuple[Script, Start], rules: Rules, act: Recommendation | None) -> Expected:
    script, start = future
    fresh = start._replace(floor=floor.copy())
    return _expected(play(script, fresh, Index(rules, None), start.now + HORIZON_MIN, act), rules)


def _worth(one: Weighed, min_gain: float) -> bool:
    if one.recommendation.kind is MeasureKind.CLOSE:
        return one.gain >= -CLOSE_COSTS_MIN
    return one.sure and one.gain >= min_gain and one.done.late <= one.without.late + MORE_LATE


def _expected(result: Result, rules: Rules) -> Expected:
    turns = [turn for turn in result.turns if turn.counted]
    return Expected(
        late=sum(turn.wait is None or turn.wait > rules.walk.target for turn in turns),
        overdue=sum(overdue(turn, rules.claim(turn.visitor.rank).target) for turn in turns),
        longest=max((turn.wait for turn in turns if turn.wait is not None), default=0.0),
    )


def _mean(seen: Sequence[Expected]) -> Expected:
    return Expected(*map(fmean, zip(*seen, strict=True)))


def _sure(without: Sequence[Expected], done: Sequence[Expected]) -> bool:
    gains = [a.overdue - b.overdue for a, b in zip(without, done, strict=True)]
    return len(gains) < 2 or fmean(gains) > stdev(gains) / sqrt(len(gains))
