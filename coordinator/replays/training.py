"""Which few skills, for whom, would have spared the visitors of these days most: found by replaying them with each. Pure.

Only what an operator may do by law is looked at: services of the window's own employer, those for civil servants where one sits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from contract.errors import ContractError
from coordinator.outcome import Figures, figures, overdue
from coordinator.planner import PlanRules
from coordinator.policy import Rules
from coordinator.replays import day_file
from coordinator.replays.day_file import Day
from coordinator.script import Script
from coordinator.simulate import Index, Result, run

SERVICES = 4
"""So many services are looked at, those whose visitors waited most over their targets."""
FINALISTS = 4
"""So many of the skills that help on the hardest day are tried on all of them."""
WORTH = 0.01
"""A skill that spares less than this share of the overdue minutes is not worth naming."""

Skill = tuple[str, str]
"""(window, service)"""


@dataclass(frozen=True, slots=True)
class Step:
    """Train the operator of `window` for `service`. `late`, `debt`: the days' means with it and all steps before it."""

    window: str
    service: str
    late: float
    debt: float


class _Days:
    """The days with what has been learned so far."""

    def __init__(self, days: Sequence[Day], rules: Rules) -> None:
        self.rules = rules
        self.scripts = [day_file.script(day) for day in days]
        self.results = [self._played(script) for script in self.scripts]

    def _played(self, script: Script) -> Result:
        return run(script, Index(self.rules, PlanRules()))

    def told(self, result: Result) -> Figures:
        rules = self.rules
        return figures(result, rules.walk.target, rules.booked.target, rules.priority.target)

    def mean(self, what: Callable[[Figures], float]) -> float:
        """Over the days as they are now."""
        return sum(what(self.told(result)) for result in self.results) / len(self.results)

    @property
    def hardest(self) -> int:
        """The day with the most overdue minutes."""
        return max(range(len(self.results)), key=lambda number: self.told(self.results[number]).debt)

    def debt_on(self, number: int, skill: Skill) -> float:
        """Overdue minutes of one day with that skill as well."""
        return self.told(self._played(_taught(self.scripts[number], skill))).debt

    def learn(self, skill: Skill) -> None:
        self.scripts = [_taught(script, skill) for script in self.scripts]
        self.results = [self._played(script) for script in self.scripts]


def steps(days: Sequence[Day], rules: Rules, most: int, tell: Callable[[str], None]) -> list[Step]:
    """At most so many skills, the best first; fewer where no other is worth it. `tell` gets a line now and then.

    Raises: ContractError: the days are of different halls.
    """
    hall = _one_hall(days)
    known, found = _Days(days, rules), list[Step]()
    learned = {(window.id, service) for window in hall.windows for service in window.can}
    for _ in range(most):
        before = known.mean(lambda day: day.debt)
        candidates = [skill for skill in _legal(hall, _needed(known)) if skill not in learned]
        skill = _best(known, candidates, tell)
        if skill is None:
            break
        known.learn(skill)
        after = known.mean(lambda day: day.debt)
        if after > (1.0 - WORTH) * before:
            break
        learned.add(skill)
        found.append(Step(*skill, known.mean(lambda day: day.late), after))
    return found


def _best(known: _Days, candidates: Sequence[Skill], tell: Callable[[str], None]) -> Skill | None:
    """By the hardest day first, then the best of that by all days."""
    hard, tried = known.hardest, list[tuple[float, Skill]]()
    for number, skill in enumerate(candidates, 1):
        tried.append((known.debt_on(hard, skill), skill))
        tell(f"{number} of {len(candidates)} skills")
    finalists = [skill for _, skill in sorted(tried)[:FINALISTS]]
    everywhere = range(len(known.scripts))
    return min(finalists, key=lambda skill: (sum(known.debt_on(n, skill) for n in everywhere), skill), default=None)


def _one_hall(days: Sequence[Day]) -> Day:
    first = days[0]
    for day in days[1:]:
        if [(w.id, w.can) for w in day.windows] != [(w.id, w.can) for w in first.windows]:
            raise ContractError(f"training: {day.name} is of another hall than {first.name}, or of other skills")
    return first


def _needed(known: _Days) -> list[str]:
    """Services by the minutes that their visitors waited over their targets."""
    over: dict[str, float] = {}
    for turn in (turn for result in known.results for turn in result.turns if turn.counted):
        target = known.rules.claim(turn.visitor.rank).target
        over[turn.service] = over.get(turn.service, 0.0) + overdue(turn, target)
    return sorted((service for service in over if over[service] > 0), key=lambda s: (-over[s], s))[:SERVICES]


def _legal(hall: Day, services: Sequence[str]) -> list[Skill]:
    asked = {service.id: service for service in hall.services}
    return [
        (window.id, name)
        for name, window in product(services, hall.windows)
        if window.agency == asked[name].agency and (window.civil or not asked[name].civil_only)
    ]


def _taught(script: Script, skill: Skill) -> Script:
    window, service = skill
    desks = tuple(replace(d, can=d.can | {service}) if d.id == window else d for d in script.desks)
    return replace(script, desks=desks)
