"""What was counted made into figures: how many, how long, how many waited too long, how much money. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

Key = tuple[str, ...]
Value = int | float | None
"""A figure; None: not known."""
Unit = Literal["count", "minutes", "mean", "share", "money", "hours"]


class Counted(NamedTuple):
    """So many of something with this key. `minute`: how long they lasted, whole minutes rounded down; None: not known, or no matter.

    `currency`: of what is money, else "".
    """

    key: Key
    counts: Mapping[str, float]
    minute: int | None = None
    currency: str = ""


@dataclass
class Line:
    """One line. A percentile is the minute that so many did not pass. `limit_min`: the promise."""

    limit_min: int
    counts: Counter[str] = field(default_factory=Counter)
    waits: Counter[int] = field(default_factory=Counter)
    services: Counter[int] = field(default_factory=Counter)

    def count(self, source: str, one: Counted) -> None:
        """Count what `source` of `figure.SOURCES` gave."""
        for name, number in one.counts.items():
            self.counts[name] += number  # type: ignore[assignment]  # seconds are no whole numbers
        if one.minute is None:
            return
        if source == "wait":
            self.waits[one.minute] += int(one.counts["turns"])
        elif source == "service":
            self.services[one.minute] += int(one.counts["timed"])

    def add(self, other: Line) -> None:
        """Count another line into this one."""
        self.counts.update(other.counts)
        self.waits.update(other.waits)
        self.services.update(other.services)

    @property
    def promise(self) -> float | None:
        """Share of those with a known wait who were called within the promise."""
        known = self.waits.total()
        return sum(n for minute, n in self.waits.items() if minute < self.limit_min) / known if known else None


@dataclass(frozen=True, slots=True)
class Figure:
    """A column: from which of `SOURCES` it is counted, how it is written, and what it is."""

    source: str
    unit: Unit
    of: Callable[[Line], Value]


def _count(name: str) -> Callable[[Line], Value]:
    return lambda line: int(line.counts[name])


def _share(part: str, of: Iterable[str]) -> Callable[[Line], Value]:
    whole = tuple(of)

    def share(line: Line) -> Value:
        known = sum(line.counts[name] for name in whole)
        return line.counts[part] / known if known else None

    return share


def _mean(part: str, of: str, scale: float = 1) -> Callable[[Line], Value]:
    return lambda line: round(line.counts[part] / line.counts[of] / scale, 1) if line.counts[of] else None


def _kept(line: Line) -> Value:
    told = line.counts["told"]
    return 1 - line.counts["longer"] / told if told else None


def _fault_hours(line: Line) -> Value:
    """Of those whose length is known; a fault that lasts has none yet."""
    return round(line.counts["fault_s"] / 3600, 1) if line.counts["timed_faults"] else None


FIGURES: Mapping[str, Figure] = MappingProxyType({
    "turns": Figure("wait", "count", _count("turns")),
    "served": Figure("wait", "count", _count("served")),
    "missed": Figure("wait", "count", _count("missed")),
    "wait_half": Figure("wait", "minutes", lambda line: percentile(line.waits, 0.5)),
    "wait_most": Figure("wait", "minutes", lambda line: percentile(line.waits, 0.9)),
    "wait_longest": Figure("wait", "minutes", lambda line: max(line.waits, default=None)),
    "promise": Figure("wait", "share", lambda line: line.promise),
    "service": Figure("service", "mean", _mean("service_s", "timed", 60)),
    "service_most": Figure("service", "minutes", lambda line: percentile(line.services, 0.9)),
    "tickets": Figure("ticket", "count", _count("tickets")),
    "gone": Figure("ticket", "share", _share("gone", ("over",))),
    "told": Figure("ticket", "count", _count("told")),
    "kept": Figure("ticket", "share", _kept),
    "sooner": Figure("ticket", "share", _share("sooner", ("told",))),
    "longer": Figure("ticket", "share", _share("longer", ("told",))),
    "rated": Figure("ticket", "count", _count("rated")),
    "score": Figure("ticket", "mean", _mean("score", "rated")),
    "bookings": Figure("booking", "count", _count("bookings")),
    "came": Figure("booking", "share", _share("came", ("came", "not_came"))),
    "not_came": Figure("booking", "count", _count("not_came")),
    "called_off": Figure("booking", "count", _count("called_off")),
    "payments": Figure("payment", "count", _count("payments")),
    "taken": Figure("payment", "money", _count("taken")),
    "given_back": Figure("payment", "money", _count("given_back")),
    "unclear": Figure("payment", "count", _count("unclear")),
    "faults": Figure("fault", "count", _count("faults")),
    "fault_hours": Figure("fault", "hours", _fault_hours),
})  # fmt: skip
"""All figures, in the order in which people choose them; their words are `report.<name>`."""


def sources(figures: Iterable[str]) -> tuple[str, ...]:
    """Where these figures are counted from, each once, in order."""
    return tuple(dict.fromkeys(FIGURES[name].source for name in figures))


def percentile(counts: Counter[int], share: float) -> int | None:
    """The minute within which `share` of them ended; None where nothing was counted."""
    wanted, seen = share * counts.total(), 0
    for minute in sorted(counts):
        seen += counts[minute]
        if seen >= wanted:
            return minute
    return None
