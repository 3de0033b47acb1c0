"""Builds halls from chance: services in groups, operators of two employers with rights and training, staggered rosters.

The figures were read off the two sample days in tests/days ("sample") or are assumptions; none is from a real hall.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from simulators.day_file import Absence, Service, Span, Window

CLOSING = 540.0

MEAN_MIN, MEAN_SPREAD, MEAN_BOUNDS = 8.5, 0.55, (3.0, 25.0)
"""Mean minutes of a service: lognormal median, sigma, bounds (sample: 3.4 to 25.0)."""
CV_BOUNDS = (0.5, 0.9)
"""Coefficient of variation of one service's minutes, uniform (sample)."""
MIX_SPREAD, MIX_FLOOR = 0.9, 0.15
"""Sigma of the lognormal weights of services and what all have (sample: the largest is 7 to 13 times the smallest)."""
GROUP_SIZE = 4.0
"""Services of a group, on average (sample)."""
FIRST_EMPLOYER = (0.35, 0.55)
"""Share of the groups that are of employer 1 (sample: 2 of 4, 4 of 10)."""
CIVIL_ONLY, CIVIL_WINDOWS = 0.08, 0.55
"""Share of services for civil servants only, and of windows with one (sample)."""
TRAINED = 0.88
"""An operator of a group has been trained for each of its services with this chance (sample)."""
TWO_GROUPS = 0.33
"""Share of windows whose profile has a second group (sample)."""
DELEGATED, DELEGATED_WINDOWS, DELEGATED_PROFILE = 0.05, 0.35, 0.5
"""Share of services that the other employer may do too, of its windows that do them, and of those by profile (sample)."""
ALONE = 0.05
"""Share of services that are the profile of one window only (sample: 2 of 55); all others are of two at least."""
RESERVE_GROUPS = 0.6
"""Share of its employer's groups that a reserve can (assumption; sample: 2 of 2 to 4 of 6)."""
BREAK_MIN, LUNCH_MIN, SHORT_DAY_MIN = 10.0, 45.0, 360.0
"""Two breaks and a lunch (sample), unless the day is shorter than the last (assumption)."""


@dataclass(frozen=True)
class Mould:
    """What halls of one kind have in common."""

    services: tuple[int, int] = (14, 30)
    windows: tuple[int, int] = (10, 26)
    skew: float = 0.0
    """How far windows are set to groups against the work there is: 0 as the work, 1 blindly."""
    reach: tuple[float, float] = (0.38, 0.3)
    """Share of operators who can only their own groups, and one more; the rest can all of their employer (sample)."""


@dataclass(frozen=True)
class Hall:
    """What stays from day to day."""

    services: tuple[Service, ...]
    windows: tuple[Window, ...]


def build(mould: Mould, random: Random) -> Hall:
    """A hall of that mould."""
    services = _services(mould, random)
    count = random.randint(*mould.windows)
    return Hall(services, _Staff(mould, services, random).windows(count))


def _services(mould: Mould, random: Random) -> tuple[Service, ...]:
    count = random.randint(*mould.services)
    groups = max(3, round(count / GROUP_SIZE))
    first = max(1, round(groups * random.uniform(*FIRST_EMPLOYER)))
    weights = [math.exp(random.gauss(0.0, MIX_SPREAD)) + MIX_FLOOR for _ in range(count)]
    return tuple(
        Service(
            id=f"S{number}",
            mean=round(_mean_min(random), 3),
            cv=round(random.uniform(*CV_BOUNDS), 3),
            group=number % groups,
            agency=1 if number % groups < first else 0,
            civil_only=random.random() < CIVIL_ONLY,
            mix=weight / sum(weights),
        )
        for number, weight in enumerate(weights)
    )


def _mean_min(random: Random) -> float:
    return min(MEAN_BOUNDS[1], max(MEAN_BOUNDS[0], MEAN_MIN * math.exp(random.gauss(0.0, MEAN_SPREAD))))


class _Staff:
    """Gives a hall's windows their groups, training, rights and rosters."""

    def __init__(self, mould: Mould, services: Sequence[Service], random: Random) -> None:
        self._mould = mould
        self._services = services
        self._random = random
        self._groups = sorted({service.group for service in services})
        self._employer = {service.group: service.agency for service in services}

    def windows(self, count: int) -> tuple[Window, ...]:
        """So many ordinary windows, and two reserves."""
        own = self._own_groups(count)
        delegated = {service.id for service in self._services if self._by_chance(DELEGATED)}
        windows = [self._window(number, groups, delegated) for number, groups in enumerate(own)]
        self._cover(windows)
        employers = sorted(set(self._employer.values()))
        for agency in [*employers, 0][:2]:
            windows.append(self._reserve(len(windows), agency))
        return tuple(self._legal(window) for window in windows)

    def _by_chance(self, share: float) -> bool:
        return self._random.random() < share

    def _own_groups(self, count: int) -> list[list[int]]:
        """The groups each window is set to, by employer: as many windows to a group as it has work, each group somewhere."""
        wanted = self._wanted()
        given = dict.fromkeys(self._groups, 0.5)
        own: list[list[int]] = []
        for _ in range(count):
            neediest = max(self._groups, key=lambda group: (wanted[group] / given[group], -group))
            given[neediest] += 1.0
            own.append([neediest])
        for groups in own:
            mates = self._mates(groups)
            missing = [group for group in mates if not any(group in other for other in own)]
            if mates and (missing or self._by_chance(TWO_GROUPS)):
                groups.append(missing[0] if missing else self._random.choice(mates))
        own.sort(key=lambda groups: (-self._employer[groups[0]], groups[0]))
        return own

    def _wanted(self) -> dict[int, float]:
        """How many windows each group is meant to have, relative: as its work, as far as the mould is not skew."""
        work = {group: sum(s.mix * s.mean for s in self._services if s.group == group) for group in self._groups}
        even = sum(work.values()) / len(work)
        skew = self._mould.skew
        return {group: (1 - skew) * work[group] + skew * even * self._random.uniform(0.3, 1.7) for group in work}

    def _mates(self, own: Sequence[int]) -> list[int]:
        """The other groups of the same employer."""
        return [g for g in self._groups if g not in own and self._employer[g] == self._employer[own[0]]]

    def _window(self, number: int, own: Sequence[int], delegated: set[str]) -> Window:
        agency, reach = self._employer[own[0]], self._reach(own)
        can = [s.id for s in self._services if s.group in reach and self._by_chance(TRAINED)]
        if not any(s.id in can for s in self._services if s.group in own):
            can += [s.id for s in self._services if s.group in own]
        guests = [
            s.id
            for s in self._services
            if s.id in delegated and s.agency != agency and self._by_chance(DELEGATED_WINDOWS)
        ]
        profile = [
            s.id
            for s in self._services
            if (s.id in can and s.group in own) or (s.id in guests and self._by_chance(DELEGATED_PROFILE))
        ]
        allowed = tuple(s.id for s in self._services if s.id in can or s.id in guests)
        civil = self._by_chance(CIVIL_WINDOWS) or all(s.civil_only for s in self._services if s.id in profile)
        return Window(_window_id(number), agency, civil, allowed, tuple(profile), False, roster(number))

    def _reach(self, own: Sequence[int]) -> list[int]:
        """The groups an operator can: his own, one more, or all of his employer."""
        mates = self._mates(own)
        lot = self._random.random()
        if not mates or lot < self._mould.reach[0]:
            return list(own)
        if lot < sum(self._mould.reach):
            return [*own, self._random.choice(mates)]
        return [*own, *mates]

    def _cover(self, windows: list[Window]) -> None:
        """Makes every service the profile of two windows of its employer (one, where it is `ALONE`), and legal there."""
        for service in self._services:
            wanted = 1 if self._by_chance(ALONE) else 2
            mates = [window for window in windows if window.agency == service.agency]
            mates.sort(key=lambda window: self._far_from(service, window))
            for window in mates[:wanted]:
                windows[windows.index(window)] = replace(
                    window,
                    civil=window.civil or service.civil_only,
                    can=self._with(window.can, service.id),
                    primary=self._with(window.primary, service.id),
                )

    def _far_from(self, service: Service, window: Window) -> tuple[bool, bool, int]:
        """How little a window has to do with that service: not its profile, not trained, few of the group in the profile."""
        mates = sum(other.id in window.primary for other in self._services if other.group == service.group)
        return service.id not in window.primary, service.id not in window.can, -mates

    def _with(self, ids: Sequence[str], one: str) -> tuple[str, ...]:
        return tuple(service.id for service in self._services if service.id in ids or service.id == one)

    def _reserve(self, number: int, agency: int) -> Window:
        """A window without a roster, whose operator can a part of the employer's groups."""
        groups = [group for group in self._groups if self._employer[group] == agency]
        known = self._random.sample(groups, max(1, round(len(groups) * RESERVE_GROUPS)))
        can = tuple(s.id for s in self._services if s.group in known and self._by_chance(TRAINED))
        return Window(_window_id(number), agency, self._by_chance(CIVIL_WINDOWS), can, can, True, ())

    def _legal(self, window: Window) -> Window:
        barred = {service.id for service in self._services if service.civil_only and not window.civil}
        return replace(
            window,
            can=tuple(service for service in window.can if service not in barred),
            primary=tuple(service for service in window.primary if service not in barred),
        )


def _window_id(number: int) -> str:
    return f"W{number + 1:02}"


def roster(number: int, closing: float = CLOSING) -> tuple[Span, ...]:
    """A shift with two breaks and a lunch, staggered by the window's number (sample); a short day has none."""
    if closing < SHORT_DAY_MIN:
        return ((0.0, closing),)
    scale = closing / CLOSING
    start = 60.0 if number % 8 == 5 else 0.0
    end = 450.0 if number % 8 == 3 else CLOSING
    marks = (start, 90.0 + 7 * (number % 6), 195.0 + 15 * (number % 9), 390.0 + 6 * (number % 7), end)
    start, first, lunch, second, end = (float(round(mark * scale)) for mark in marks)
    return ((start, first), (first + BREAK_MIN, lunch), (lunch + LUNCH_MIN, second), (second + BREAK_MIN, end))


def staffed_min(windows: Sequence[Window], absences: Sequence[Absence] = ()) -> float:
    """Minutes of all ordinary windows: rosters without what absences take of them."""
    minutes = 0.0
    for window in windows:
        away = [(absence.start, absence.end) for absence in absences if absence.window == window.id]
        for start, end in window.roster:
            minutes += end - start - sum(max(0.0, min(end, off[1]) - max(start, off[0])) for off in away)
    return minutes
