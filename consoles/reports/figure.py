"""Counts by minute made into figures: how many, how long, how many waited too long. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

SERVED = frozenset({"finished", "transferred", "parked"})


class Waited(NamedTuple):
    """So many turns with this key, minute of wait (None: not known) and outcome."""

    key: str
    minute: int | None
    outcome: str
    turns: int


class Took(NamedTuple):
    """So many turns with this key that took this minute at the window, `seconds` together."""

    key: str
    minute: int
    turns: int
    seconds: float


class Told(NamedTuple):
    """So many visitors with this key whose wait, as it was told to them, came true like this: sooner, within, longer."""

    key: str
    kept: str
    people: int


@dataclass
class Line:
    """One line: turns at windows. Minutes are whole, rounded down; a percentile is the minute that so many did not pass."""

    key: str
    turns: int = 0
    served: int = 0
    missed: int = 0
    late: int = 0
    waits: Counter[int] = field(default_factory=Counter)
    services: Counter[int] = field(default_factory=Counter)
    service_s: float = 0.0
    told: Counter[str] = field(default_factory=Counter)

    @property
    def late_share(self) -> float | None:
        """Share of those with a known wait who waited longer than the promise."""
        known = self.waits.total()
        return self.late / known if known else None

    @property
    def kept_share(self) -> float | None:
        """Share of those who were told a wait and waited no longer."""
        known = self.told.total()
        return 1 - self.told["longer"] / known if known else None

    @property
    def service_min(self) -> float | None:
        """Mean minutes at the window."""
        known = self.services.total()
        return self.service_s / known / 60 if known else None

    def wait(self, share: float) -> int | None:
        """The minute within which `share` of them were called."""
        return _percentile(self.waits, share)

    def add(self, other: Line) -> None:
        """Count another line into this one."""
        self.turns += other.turns
        self.served += other.served
        self.missed += other.missed
        self.late += other.late
        self.waits += other.waits
        self.services += other.services
        self.service_s += other.service_s
        self.told += other.told


def lines(waited: Iterable[Waited], took: Iterable[Took], told: Iterable[Told], limit_min: int) -> dict[str, Line]:
    """Lines by key; `limit_min`: the promise in minutes."""
    found: dict[str, Line] = {}

    def line(key: str) -> Line:
        return found.setdefault(key, Line(key))

    for each in waited:
        one = line(each.key)
        one.turns += each.turns
        one.served += each.turns if each.outcome in SERVED else 0
        one.missed += each.turns if each.outcome == "no_show" else 0
        if each.minute is not None:
            one.waits[each.minute] += each.turns
            one.late += each.turns if each.minute >= limit_min else 0
    for some in took:
        line(some.key).services[some.minute] += some.turns
        line(some.key).service_s += some.seconds
    for said in told:
        line(said.key).told[said.kept] += said.people
    return found


def _percentile(counts: Counter[int], share: float) -> int | None:
    wanted, seen = share * counts.total(), 0
    for minute in sorted(counts):
        seen += counts[minute]
        if seen >= wanted:
            return minute
    return None
