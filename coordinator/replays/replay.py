"""What-if: the same days under several ways of routing, side by side, with paired intervals. Pure: the seed is an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from contract import rules as knobs
from contract.errors import ContractError
from coordinator import routing
from coordinator.outcome import Figures, figures
from coordinator.planner import PlanRules
from coordinator.policy import Rules
from coordinator.script import Script
from coordinator.simulate import Fifo, Index, Router, run

FIFO = "FIFO by profile"
DRAWS = 2000
ENOUGH_DAYS = 6
"""From so many days on an interval is told: of six days without a real difference all point one way once in 32 times, of three once
in four."""

BETTER_LOW = ("late", "debt", "longest", "lost", "switches")
BETTER_HIGH = ("worst_service", "booked", "priority")
TOLD = (*BETTER_LOW, *BETTER_HIGH)
RATIOS = ("late", "debt")


class Spread(NamedTuple):
    """A figure and the ends of its 95 % interval, None where it is of fewer days than `ENOUGH_DAYS`."""

    value: float
    low: float | None
    high: float | None

    @property
    def sure(self) -> bool:
        """Whether the interval has no place for 0."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Way:
    """One way to route, over all days. `means`: figure → its mean over the days that have it, None where none has."""

    name: str
    days: tuple[Figures, ...]
    means: Mapping[str, float | None]


def drafted(rule: Callable[[str], object], draft: Mapping[str, object]) -> Rules:
    """The routing of a hall with the values of `draft` in place of its own. `rule`: knob → the hall's value.

    Raises: ContractError: a knob that there is not, that a replay cannot follow, out of bounds, or contradicting another.
    """
    strange = [name for name in draft if name in knobs.knobs() and name not in followed()]
    if strange:
        raise ContractError(f"{', '.join(strange)}: a replay does not follow this; allowed: {', '.join(followed())}")
    knobs.check({**{name: rule(name) for name in followed()}, **draft})
    return routing.rules(lambda name: draft[name] if name in draft else rule(name))


def followed() -> tuple[str, ...]:
    """The knobs that decide who is called, and so what a replay can try."""
    asked: list[str] = []

    def rule(name: str) -> object:
        asked.append(name)
        return knobs.knobs()[name].default

    routing.rules(rule)
    return tuple(dict.fromkeys(asked))


def ways(scripts: Iterable[Script], rules: Mapping[str, Rules], promise: Rules, tell: Callable[[], None]) -> list[Way]:
    """Every day as FIFO by profile would have had it, then by each of `rules`; made days with the plan for reserves and breaks.

    `promise`: the targets that all are held against; `tell`: called after each day.
    Raises: ContractError: nobody waited on a day.
    """
    found: dict[str, list[Figures]] = {name: [] for name in (FIFO, *rules)}
    for script in scripts:
        routers: dict[str, Router] = {FIFO: Fifo(), **{name: Index(one, _plan(script)) for name, one in rules.items()}}
        for name, router in routers.items():
            found[name].append(_of(script, router, promise))
        tell()
    return [way(name, days) for name, days in found.items()]


def played(script: Script, rules: Rules, promise: Rules) -> Figures:
    """One recorded day by `rules`. Raises: ContractError: nobody waited on it."""
    return _of(script, Index(rules, _plan(script)), promise)


def way(name: str, days: Iterable[Figures]) -> Way:
    """A way to route, of what its days came to."""
    known = tuple(days)
    return Way(name, known, {figure: _mean(known, figure) for figure in TOLD})


def _plan(script: Script) -> PlanRules | None:
    """A recorded day has had its reserves and breaks."""
    return None if script.as_it_was else PlanRules()


def _of(script: Script, router: Router, promise: Rules) -> Figures:
    result = run(script, router)
    if not any(turn.counted for turn in result.turns):
        raise ContractError("a day on which nobody waited cannot be compared")
    return figures(result, promise.walk.target, promise.booked.target, promise.priority.target)


def _mean(days: Sequence[Figures], figure: str) -> float | None:
    known = [value for day in days if (value := getattr(day, figure)) is not None]
    return sum(known) / len(known) if known else None


def ratio(mine: Way, theirs: Way, figure: str, seed: int = 1) -> Spread | None:
    """Sum of the figure over the days / the same of the other way; days are drawn again in pairs. None: the other has none."""
    pairs = [(getattr(a, figure), getattr(b, figure)) for a, b in zip(mine.days, theirs.days, strict=True)]
    if not sum(b for _, b in pairs):
        return None
    return _drawn(pairs, lambda some: sum(a for a, _ in some) / (sum(b for _, b in some) or 1e-9), seed)


def difference(mine: Way, theirs: Way, figure: str, seed: int = 1) -> Spread | None:
    """Mean of the figure less the mean of the other way's, over the days on which both have it. None: there is no such day."""
    both = [(getattr(a, figure), getattr(b, figure)) for a, b in zip(mine.days, theirs.days, strict=True)]
    pairs = [(a, b) for a, b in both if a is not None and b is not None]
    return _drawn(pairs, lambda some: sum(a - b for a, b in some) / len(some), seed) if pairs else None


Pairs = Sequence[tuple[float, float]]


def _drawn(pairs: Pairs, of: Callable[[Pairs], float], seed: int) -> Spread:
    if len(pairs) < ENOUGH_DAYS:
        return Spread(of(pairs), None, None)
    dice = Random(seed)
    drawn = sorted(of(dice.choices(pairs, k=len(pairs))) for _ in range(DRAWS))
    return Spread(of(pairs), drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS)])


def worse(mine: Way, theirs: Way) -> list[str]:
    """The figures that are worse than the other way's beyond chance; none where there are too few days to tell."""
    found = []
    for figure in TOLD:
        spread = difference(mine, theirs, figure)
        if spread is not None and spread.sure and (spread.value > 0) == (figure in BETTER_LOW):
            found.append(figure)
    return found
