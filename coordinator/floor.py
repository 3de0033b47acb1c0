"""The hall as routing sees it: who waits for what, and what each window can do and is doing. Pure.

Times are minutes on any one axis. Nothing here depends on the order in which it was put in.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from coordinator.line import Lines, Waiting

HALF_HOUR = 30.0
OUTSIDE_FACTOR, SWITCH_MIN = 1.1, 0.5
"""Work outside a window's profile is held to take so many times longer, a change of group so many minutes."""


@dataclass(frozen=True, slots=True)
class Work:
    """A service: minutes at its own windows (mean, and spread as coefficient of variation), and its group."""

    mean: float
    cv: float = 0.7
    group: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """A window. `can` ⊇ `primary`, the configured profile; `serving`: the service at it now; `since`: when that began, or when
    it became idle; `last_group`: of the last visitor; `spans`: its roster as (from, to), empty where none is known; a reserve
    is opened by plan and has `reserve_left` minutes; `wider`: (service group, its services) that it may take besides `can` if told.
    """

    id: str
    can: frozenset[str]
    primary: frozenset[str]
    open: bool = True
    serving: str | None = None
    since: float = 0.0
    last_group: str | None = None
    reserve: bool = False
    reserve_left: float = 0.0
    spans: tuple[tuple[float, float], ...] = ()
    wider: tuple[tuple[str, frozenset[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected: visitors per minute by half-hours from `begin`, when the doors open, their shares by service, booked
    (time, service). `closing`: None: when the half-hours are over.
    """

    rate_per_min: tuple[float, ...] = ()
    mix: Mapping[str, float] = field(default_factory=dict)
    bookings: tuple[tuple[float, str], ...] = ()
    begin: float = 0.0
    closing: float | None = None

    @property
    def close(self) -> float:
        """The minute in which the hall closes."""
        return self.begin + HALF_HOUR * len(self.rate_per_min) if self.closing is None else self.closing

    def rate(self, minute: float) -> float:
        """Visitors per minute then; 0 outside the half-hours."""
        half_hour = int((minute - self.begin) // HALF_HOUR)
        return self.rate_per_min[half_hour] if 0 <= half_hour < len(self.rate_per_min) else 0.0


class Floor:
    """Lines and windows, kept up to date piece by piece. `able`: service → the open windows that can take it, in order."""

    def __init__(
        self, works: Mapping[str, Work], desks: Iterable[Desk] = (), waiting: Iterable[Waiting] = (), *,
        outside_factor: float = OUTSIDE_FACTOR, switch_min: float = SWITCH_MIN, outlook: Outlook | None = None,
    ) -> None:  # fmt: skip
        """`outside_factor`: work outside a window's profile takes so many times longer; `switch_min`: a change of group costs."""
        self.works = works
        self.outside_factor, self.switch_min = outside_factor, switch_min
        self.outlook = outlook or Outlook()
        self.lines = Lines(waiting)
        self.desks: dict[str, Desk] = {}
        self.able: dict[str, list[str]] = {}
        for desk in desks:
            self.put(desk)

    def put(self, desk: Desk) -> None:
        """A window as it is now."""
        old = self.desks.get(desk.id)
        self.desks[desk.id] = desk
        before: Collection[str] = old.can if old is not None and old.open else _NOTHING
        after: Collection[str] = desk.can if desk.open else _NOTHING
        if before is after or before == after:
            return
        for service in before:
            self.able[service].remove(desk.id)
        for service in after:
            insort(self.able.setdefault(service, []), desk.id)

    def heads(self, desk: Desk) -> list[Waiting]:
        """The first of every line the window may call from: enough for any choice, however many wait."""
        lines, counts = self.lines, self.lines.counts
        return [head for service in desk.can if service in counts for head in lines.heads(service, desk.id)]

    def minutes(self, desk: Desk, service: str) -> float:
        """How long the window will need for a visitor of `service`, on average."""
        work = self.works[service]
        time = work.mean if service in desk.primary else work.mean * self.outside_factor
        return time if desk.last_group in (None, work.group) else time + self.switch_min

    def copy(self) -> Floor:
        """A floor that changes by itself; what never changes is shared."""
        new = Floor(self.works, outside_factor=self.outside_factor, switch_min=self.switch_min, outlook=self.outlook)
        new.lines = self.lines.copy()
        new.desks = dict(self.desks)
        new.able = {service: list(desks) for service, desks in self.able.items()}
        return new


_NOTHING: frozenset[str] = frozenset()
