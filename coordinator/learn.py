"""What a hall has learned of itself from its last weeks: minutes of each service, who does not answer, when people come. Pure.

Everything is blended with what was assumed, which weighs as much as `BEFORE` visitors, so that a few days do not turn it over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import NamedTuple

from coordinator.floor import Work
from coordinator.future import Habits

BEFORE = 20
"""What the document says weighs as much as so many visitors."""
SHORT_WAIT_S = 600.0
"""Who is called within this and does not answer is away for a moment; after a longer wait he may have left."""
HALF_HOURS = 48


class Served(NamedTuple):
    """How visits for a service went: how many, the sum of their minutes and of the squares of them."""

    service: str
    visits: int
    minutes: float
    squares: float


class Came(NamedTuple):
    """Tickets given out for a service in a half-hour of the local day (0 to 47), over all the days looked at."""

    half_hour: int
    service: str
    tickets: int


class Calls(NamedTuple):
    """First calls after a short wait, and how many of them nobody answered; first turns of visits, and how many had another."""

    answered_soon: int
    unanswered_soon: int
    first_turns: int
    further_turns: int


@dataclass(frozen=True, slots=True)
class Learned:
    """What routing and forecast go by. `rates`: visitors per minute by half-hours of the local day, empty where there is no past;
    `mix`: visitors by service.
    """

    works: Mapping[str, Work]
    habits: Habits = field(default_factory=lambda: Habits(doors=0.0))
    rates: tuple[float, ...] = ()
    mix: Mapping[str, float] = field(default_factory=dict)


def learn(
    assumed: Mapping[str, Work], served: Iterable[Served], calls: Calls, came: Iterable[Came], days: int
) -> Learned:
    """What is known of the hall; `assumed`: as its document says; `came` on `days` days like the one to come."""
    usual = Habits(doors=0.0)  # the crowd at the doors stands in the first half-hours already
    works = dict(assumed)
    for one in served:
        if one.service in works:
            works[one.service] = _blended(works[one.service], one)
    habits = replace(
        usual,
        absent=_share(usual.absent, calls.unanswered_soon, calls.answered_soon + calls.unanswered_soon),
        second=_share(usual.second, calls.further_turns, calls.first_turns),
    )
    rates, mix = _arrivals(came, days, works)
    return Learned(works, habits, rates, mix)


def _blended(work: Work, seen: Served) -> Work:
    """Mean and spread as if the assumed ones had been seen `BEFORE` times."""
    count = BEFORE + seen.visits
    mean = (BEFORE * work.mean + seen.minutes) / count
    squares = (BEFORE * work.mean**2 * (1.0 + work.cv**2) + seen.squares) / count
    return Work(mean, max(0.1, sqrt(max(0.0, squares / mean**2 - 1.0))), work.group)


def _share(usual: float, seen: int, of: int) -> float:
    return (usual * BEFORE + seen) / (BEFORE + of)


def _arrivals(came: Iterable[Came], days: int, works: Mapping[str, Work]) -> tuple[tuple[float, ...], dict[str, float]]:
    if days <= 0:
        return (), {}
    rates, mix = [0.0] * HALF_HOURS, dict[str, float]()
    for one in came:
        rates[one.half_hour] += one.tickets / (30.0 * days)
        if one.service in works:
            mix[one.service] = mix.get(one.service, 0.0) + one.tickets
    return tuple(rates), mix
