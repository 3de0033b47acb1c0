"""Makes days of nine kinds, each with a hall of its own, from a seed: the same seed gives the same bytes.

    python -m simulators.day --kind burst --seed 3 [--hall 1] [-o FILE]
    python -m simulators.day --list

A day has what makes halls hard: a burst at the doors, a morning peak and a lunch bump, a day better or worse than its forecast,
bookings kept early, late or not at all, priority visitors, people away at their call, people who leave without a word, visits
of two legs, operators of two employers with rights and training of their own, lunch and breaks, absences, reserves.
The figures below were read off the two sample days in tests/days ("sample") or are assumptions; none is from a real log.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from simulators.day_file import Absence, Day, DayError, Service, Shares, Span, Ticket, Truth, Window, read, write

__all__ = ["KINDS", "Day", "DayError", "expected_ghost_share", "load", "make", "read", "write"]

CLOSING = 540.0
PROFILE = (1.5, 1.5, 1.6, 1.6, 1.5, 1.3, 1.2, 1.15, 1.25, 1.25, 1.1, 0.95, 0.9, 0.8, 0.75, 0.6, 0.45, 0.2)
"""Walk-ins by half-hour, relative: a morning peak, a bump at lunch, few at the end (sample)."""
DOORS_MIN = 7.0
"""Those at the doors have their tickets within so many minutes (sample)."""
DAY_SD = 0.07
"""How much better or worse a day is than its forecast, as a share (assumption; the samples have -6 % and -3 %)."""

MEAN_MIN, MEAN_SPREAD, MEAN_BOUNDS = 8.5, 0.55, (3.0, 25.0)
"""Mean minutes of a service: lognormal median, sigma, bounds (sample: 3.4 to 25.0)."""
CV_BOUNDS = (0.5, 0.9)
"""Coefficient of variation of one service's minutes, uniform (sample)."""
MIX_SPREAD = 0.9
"""Sigma of the lognormal weights of services; the samples' largest is 10 to 20 times the smallest."""
CIVIL_ONLY, CIVIL_WINDOWS = 0.08, 0.55
"""Share of services for civil servants only, and of windows with one (sample)."""
TRAINED = 0.88
"""An operator of a group has been trained for each of its services with this chance (sample)."""
DELEGATED, DELEGATED_WINDOWS = 0.05, 0.35
"""Share of services that the other employer may do too, and of its windows that do them (sample)."""
ALONE = 0.05
"""Share of services that are the profile of one window only (sample: 2 of 55); all others are of two at least."""

BREAK_MIN, LUNCH_MIN = 10.0, 45.0
BOOKED_EVERY, BOOKED_FROM, BOOKED_TO = 10, 20, 500
"""Bookings stand on whole ten minutes (sample)."""
PUNCTUAL_MEAN, PUNCTUAL_SD, EARLIEST = -6.5, 8.0, -25.0
"""Arrival against the booked time, normal minutes (sample); nobody comes earlier than the last."""
NO_SHOW = 0.12
"""Share of bookings nobody keeps (sample: 13 % and 11 %)."""
FOR_EVER = {"walk": 0.37, "prio": 0.2, "appt": 0.3}
"""Share of visitors who never give up, by class (sample)."""
PATIENCE_MIN = {"walk": 60.0, "prio": 80.0, "appt": 90.0}
PATIENCE_SPREAD = 0.6
"""Patience of the others: lognormal median by class, sigma (sample)."""
SILENT = 0.8
"""Of those who give up, the share who leave without a word (sample)."""
ABSENT, COMES_BACK, BACK_MIN = 0.05, 0.5, (4.0, 15.0)
"""Of those without a booking: away at the first call, who of them comes back, after how long (sample)."""


USUAL = Shares(appt=0.3, prio=0.08, multi=0.12)
"""The shares of both samples."""


@dataclass(frozen=True)
class Kind:
    """What makes one kind of day: what a day is like (load, shares, happenings) and what its hall is like."""

    about: str
    load: float
    burst: float = 0.14
    """Share of all visitors who stand at the doors."""
    shares: Shares = USUAL
    services: tuple[int, int] = (14, 30)
    windows: tuple[int, int] = (10, 26)
    group_size: float = 4.0
    skew: float = 0.0
    """How far windows are set to groups against the work there is: 0 as the work, 1 blindly."""
    reach: tuple[float, float] = (0.38, 0.3)
    """Share of operators who can only their own groups, and one more; the rest can all of their employer."""
    absences: tuple[int, int] = (0, 0)
    surge: float = 1.0
    """A group of services comes so many times as often for two hours."""


KINDS: dict[str, Kind] = {
    "calm": Kind("fewer visitors than there could be", load=0.7, burst=0.08),
    "burst": Kind("a crowd at the doors", load=0.75, burst=0.19),
    "skills": Kind("windows set to other groups than people come for", load=0.75, skew=0.5, reach=(0.6, 0.3)),
    "employers": Kind("two employers under one roof, many services", load=0.8, services=(32, 40), windows=(20, 30)),
    "bookings": Kind("more booked than walking in", load=0.82, shares=Shares(appt=0.55, prio=0.08, multi=0.12)),
    "absences": Kind("operators who do not come", load=0.77, absences=(2, 4)),
    "overload": Kind("more work than there are operators", load=1.02, burst=0.12),
    "surge": Kind("one group of services comes in a wave", load=0.75, surge=3.0),
    "transfers": Kind("every third visitor has a second leg", load=0.8, shares=Shares(appt=0.3, prio=0.08, multi=0.35)),
}  # fmt: skip


@dataclass(frozen=True)
class _Hall:
    """What stays from day to day."""

    services: tuple[Service, ...]
    windows: tuple[Window, ...]


def make(kind: str, seed: int, hall: int | None = None) -> Day:
    """One day of that kind; `hall` is the seed of its hall, None: the day's own seed.

    Raises: DayError: there is no such kind.
    """
    if kind not in KINDS:
        raise DayError(f"kind: one of {', '.join(KINDS)}, not {kind!r}")
    what = KINDS[kind]
    place = _hall(what, Random(f"hall {kind} {seed if hall is None else hall}"))
    return _make_day(f"{kind}-{seed}", seed, what, place, Random(f"day {kind} {seed}"))


def _hall(kind: Kind, random: Random) -> _Hall:
    services = _services(kind, random)
    count = random.randint(*kind.windows)
    return _Hall(services, _windows(kind, services, count, random))


def _services(kind: Kind, random: Random) -> tuple[Service, ...]:
    count = random.randint(*kind.services)
    groups = max(3, round(count / kind.group_size))
    shared = max(1, round(groups * random.uniform(0.35, 0.55)))
    weights = [math.exp(random.gauss(0.0, MIX_SPREAD)) + 0.15 for _ in range(count)]
    return tuple(
        Service(
            id=f"S{number}",
            mean=round(_lognormal(random, MEAN_MIN, MEAN_SPREAD, MEAN_BOUNDS), 3),
            cv=round(random.uniform(*CV_BOUNDS), 3),
            group=number % groups,
            agency=1 if number % groups < shared else 0,
            civil_only=random.random() < CIVIL_ONLY,
            mix=weight / sum(weights),
        )
        for number, weight in enumerate(weights)
    )


def _lognormal(random: Random, median: float, sigma: float, bounds: tuple[float, float]) -> float:
    return min(bounds[1], max(bounds[0], median * math.exp(random.gauss(0.0, sigma))))


def _windows(kind: Kind, services: Sequence[Service], count: int, random: Random) -> tuple[Window, ...]:
    own = _own_groups(kind, services, count, random)
    delegated = {service.id for service in services if random.random() < DELEGATED}
    windows = []
    for number, groups in enumerate(own):
        agency = _agency(services, groups[0])
        windows.append(
            _window(number, agency, groups, _reach(kind, services, agency, groups, random), services, delegated, random)
        )
    _cover(windows, services, random)
    for agency in sorted({service.agency for service in services}):
        windows.append(_reserve(len(windows), agency, services, random))
    if len(windows) == count + 1:
        windows.append(_reserve(len(windows), 0, services, random))
    return tuple(_legal(window, services) for window in windows)


def _agency(services: Sequence[Service], group: int) -> int:
    return next(service.agency for service in services if service.group == group)


def _own_groups(kind: Kind, services: Sequence[Service], count: int, random: Random) -> list[list[int]]:
    """The groups each window is set to: as many windows to a group as it has work, every group at least at one."""
    groups = sorted({service.group for service in services})
    work = {group: sum(s.mix * s.mean for s in services if s.group == group) for group in groups}
    even = sum(work.values()) / len(groups)
    wanted = {group: (1 - kind.skew) * work[group] + kind.skew * even * random.uniform(0.3, 1.7) for group in groups}
    given = dict.fromkeys(groups, 0.0)
    own: list[list[int]] = []
    for _ in range(count):
        neediest = max(groups, key=lambda group: (wanted[group] / (given[group] + 0.5), -group))
        given[neediest] += 1.0
        own.append([neediest])
    for windows in own:
        mates = [g for g in groups if g not in windows and _agency(services, g) == _agency(services, windows[0])]
        missing = [group for group in mates if not any(group in other for other in own)]
        if mates and (missing or random.random() < 0.33):
            windows.append(missing[0] if missing else random.choice(mates))
    own.sort(key=lambda mine: (-_agency(services, mine[0]), mine[0]))
    return own


def _reach(kind: Kind, services: Sequence[Service], agency: int, own: Sequence[int], random: Random) -> list[int]:
    """The groups an operator can: his own, one more, or all of his employer."""
    mates = sorted({s.group for s in services if s.agency == agency and s.group not in own})
    lot = random.random()
    if not mates or lot < kind.reach[0]:
        return list(own)
    if lot < sum(kind.reach):
        return [*own, random.choice(mates)]
    return [*own, *mates]


def _window(
    number: int,
    agency: int,
    own: Sequence[int],
    reach: Sequence[int],
    services: Sequence[Service],
    delegated: set[str],
    random: Random,
) -> Window:
    can = [s for s in services if s.group in reach and random.random() < TRAINED]
    guests = [s for s in services if s.id in delegated and s.agency != agency and random.random() < DELEGATED_WINDOWS]
    allowed = [s.id for s in services if s in can or s in guests]
    primary = [s.id for s in services if (s in can and s.group in own) or (s in guests and random.random() < 0.5)]
    return Window(
        f"W{number + 1:02}",
        agency,
        random.random() < CIVIL_WINDOWS,
        tuple(allowed),
        tuple(primary),
        False,
        _roster(number),
    )


def _roster(number: int) -> tuple[Span, ...]:
    """A shift with two breaks and a lunch, staggered by the window's number (sample)."""
    start = 60.0 if number % 8 == 5 else 0.0
    end = 450.0 if number % 8 == 3 else CLOSING
    first, lunch, second = 90.0 + 7 * (number % 6), 195.0 + 15 * (number % 9), 390.0 + 6 * (number % 7)
    return ((start, first), (first + BREAK_MIN, lunch), (lunch + LUNCH_MIN, second), (second + BREAK_MIN, end))


def _cover(windows: list[Window], services: Sequence[Service], random: Random) -> None:
    """Makes every service the profile of two windows of its employer (one, where it is `ALONE`), and legal there."""
    for service in services:
        wanted = 1 if random.random() < ALONE else 2
        mates = sorted(
            (window for window in windows if window.agency == service.agency),
            key=lambda window: (
                service.id not in window.primary,
                service.id not in window.can,
                -_shared(window, service, services),
            ),
        )
        for window in mates[:wanted]:
            windows[windows.index(window)] = replace(
                window,
                civil=window.civil or service.civil_only,
                can=_with(window.can, service.id, services),
                primary=_with(window.primary, service.id, services),
            )


def _shared(window: Window, service: Service, services: Sequence[Service]) -> int:
    return sum(other.id in window.primary for other in services if other.group == service.group)


def _with(ids: Sequence[str], one: str, services: Sequence[Service]) -> tuple[str, ...]:
    return tuple(service.id for service in services if service.id in ids or service.id == one)


def _reserve(number: int, agency: int, services: Sequence[Service], random: Random) -> Window:
    """A window without a roster, whose operator can about half the groups of the employer."""
    groups = sorted({service.group for service in services if service.agency == agency})
    known = random.sample(groups, max(1, round(len(groups) * 0.6)))
    can = tuple(s.id for s in services if s.group in known and random.random() < TRAINED)
    return Window(f"W{number + 1:02}", agency, random.random() < CIVIL_WINDOWS, can, can, True, ())


def _legal(window: Window, services: Sequence[Service]) -> Window:
    barred = {service.id for service in services if service.civil_only and not window.civil}
    return replace(
        window,
        can=tuple(service for service in window.can if service not in barred),
        primary=tuple(service for service in window.primary if service not in barred),
    )


def _make_day(name: str, seed: int, kind: Kind, hall: _Hall, random: Random) -> Day:
    absences = _absences(kind, hall, random)
    visitors = kind.load * _staffed(hall.windows, absences) / _visit_minutes(hall, kind)
    burst = round(kind.burst * visitors)
    walking = visitors * (1 - kind.shares.appt) - burst
    rates = tuple(walking / 30.0 * share / sum(PROFILE) for share in PROFILE)
    bookings = _bookings(_poisson(random, visitors * kind.shares.appt), hall, random)
    return Day(
        name=name,
        seed=seed,
        nonprimary_factor=1.1,
        switch_min=0.5,
        reserve_min=120.0,
        static_reserve=(60.0, 180.0),
        shares=kind.shares,
        burst=burst,
        services=hall.services,
        windows=hall.windows,
        forecast_rate_per_min=rates,
        bookings=bookings,
        truth=Truth(absences, _tickets(kind, hall, rates, burst, bookings, random)),
    )


def _staffed(windows: Sequence[Window], absences: Sequence[Absence]) -> float:
    """Minutes of all ordinary windows: rosters without what absences take of them."""
    minutes = 0.0
    for window in windows:
        away = [(absence.start, absence.end) for absence in absences if absence.window == window.id]
        for start, end in window.roster:
            minutes += end - start - sum(max(0.0, min(end, off[1]) - max(start, off[0])) for off in away)
    return minutes


def _visit_minutes(hall: _Hall, kind: Kind) -> float:
    """Expected minutes of work of one planned visitor, a booked one who does not come counted in."""
    coming = 1 - kind.shares.appt * NO_SHOW
    return coming * (1 + kind.shares.multi) * sum(service.mix * service.mean for service in hall.services)


def _absences(kind: Kind, hall: _Hall, random: Random) -> tuple[Absence, ...]:
    ordinary = [window.id for window in hall.windows if not window.reserve]
    away = random.sample(ordinary, min(len(ordinary) - 1, random.randint(*kind.absences)))
    return tuple(_absence(window, random) for window in sorted(away))


def _absence(window: str, random: Random) -> Absence:
    start = 0.0 if random.random() < 0.5 else float(random.randrange(30, 300, 15))
    return Absence(window, start, min(CLOSING, start + random.choice((90.0, 120.0, 180.0, 240.0))))


def _poisson(random: Random, mean: float) -> int:
    """A Poisson number: how many unit arrivals fall within `mean`."""
    count, at = -1, 0.0
    while at < mean:
        at -= math.log(1.0 - random.random())
        count += 1
    return count


def _bookings(count: int, hall: _Hall, random: Random) -> tuple[tuple[float, str], ...]:
    order = {service.id: number for number, service in enumerate(hall.services)}
    booked = [
        (float(random.randrange(BOOKED_FROM, BOOKED_TO + 1, BOOKED_EVERY)), service)
        for service in _first_services(hall, count, random)
    ]
    return tuple(sorted(booked, key=lambda booking: (booking[0], order[booking[1]])))


def _first_services(hall: _Hall, count: int, random: Random) -> list[str]:
    return random.choices(
        [service.id for service in hall.services], [service.mix for service in hall.services], k=count
    )


def _tickets(
    kind: Kind, hall: _Hall, rates: Sequence[float], burst: int, bookings: Sequence[tuple[float, str]], random: Random
) -> tuple[Ticket, ...]:
    weights = [service.mix for service in hall.services]
    comings: list[tuple[float, str, float | None]] = []
    for at, first in _walk_ins(kind, hall, rates, burst, random):
        comings.append((at, first, None))
    for booked, first in bookings:
        if random.random() >= NO_SHOW:
            late = max(EARLIEST, random.gauss(PUNCTUAL_MEAN, PUNCTUAL_SD))
            comings.append((max(0.0, booked + late), first, booked))
    comings.sort(key=lambda coming: coming[0])
    return tuple(
        _ticket(number, kind, hall, round(at, 3), first, booked, weights, random)
        for number, (at, first, booked) in enumerate(comings)
    )


def _walk_ins(kind: Kind, hall: _Hall, rates: Sequence[float], burst: int, random: Random) -> list[tuple[float, str]]:
    """When those without a booking take a ticket, and for what."""
    factor = max(0.5, 1.0 + random.gauss(0.0, DAY_SD))
    times = [random.uniform(0.0, DOORS_MIN) for _ in range(burst)]
    for half_hour, rate in enumerate(rates):
        times += [30.0 * half_hour + random.uniform(0.0, 30.0) for _ in range(_poisson(random, 30.0 * rate * factor))]
    services = iter(_first_services(hall, len(times), random))
    return [(at, next(services)) for at in times] + _surge(kind, hall, rates, random)


def _surge(kind: Kind, hall: _Hall, rates: Sequence[float], random: Random) -> list[tuple[float, str]]:
    """The visitors that a wave of one group adds; neither windows nor forecast expect them."""
    if kind.surge <= 1.0:
        return []
    group = random.choice(sorted({service.group for service in hall.services}))
    start = float(random.randrange(60, 241, 30))
    wave = [service for service in hall.services if service.group == group]
    share = sum(service.mix for service in wave)
    count = _poisson(random, (kind.surge - 1.0) * share * sum(rates[int(start / 30) : int(start / 30) + 4]) * 30.0)
    ids = random.choices([service.id for service in wave], [service.mix for service in wave], k=count)
    return [(start + random.uniform(0.0, 120.0), service) for service in ids]


def _ticket(
    number: int,
    kind: Kind,
    hall: _Hall,
    arrive: float,
    first: str,
    booked: float | None,
    weights: Sequence[float],
    random: Random,
) -> Ticket:
    cls = "appt" if booked is not None else "prio" if random.random() < kind.shares.prio else "walk"
    services = [next(service for service in hall.services if service.id == first)]
    if random.random() < kind.shares.multi:
        services += random.choices(hall.services, weights)
    return Ticket(
        id=number,
        arrive=arrive,
        cls=cls,
        appointment=booked,
        legs=tuple((service.id, _minutes(service, random)) for service in services),
        patience=_patience(cls, random),
        silent=random.random() < SILENT,
        absent=booked is None and random.random() < ABSENT,
        back_after=random.uniform(*BACK_MIN) if random.random() < COMES_BACK else None,
    )


def _minutes(service: Service, random: Random) -> float:
    """Minutes of one visit: lognormal with the service's mean and coefficient of variation."""
    variance = math.log(1 + service.cv**2)
    return max(0.5, round(service.mean * math.exp(random.gauss(-variance / 2, math.sqrt(variance))), 3))


def _patience(cls: str, random: Random) -> float | None:
    if random.random() < FOR_EVER[cls]:
        return None
    return round(PATIENCE_MIN[cls] * math.exp(random.gauss(0.0, PATIENCE_SPREAD)), 2)


def load(day: Day) -> float:
    """Minutes of work that really come, for each minute of the ordinary windows."""
    work = sum(minutes for ticket in day.truth.tickets for _, minutes in ticket.legs)
    return work / _staffed(day.windows, day.truth.absences)


def expected_ghost_share(day: Day, wait_min: float = 20.0) -> float:
    """Share of tickets whose visitor is gone without a word after waiting so long."""
    tickets = day.truth.tickets
    gone = [t for t in tickets if t.silent and t.patience is not None and t.patience <= wait_min]
    return len(gone) / max(1, len(tickets))


def _list() -> None:
    print(f"{'kind':10} {'load':>5} {'ghosts':>7} {'visitors':>8} {'windows':>7}  about (of seeds 1 to 8)")
    for kind, what in KINDS.items():
        days = [make(kind, seed) for seed in range(1, 9)]
        mean_load = sum(load(day) for day in days) / len(days)
        ghosts = sum(expected_ghost_share(day, 40.0) for day in days) / len(days)
        visitors = sum(len(day.truth.tickets) for day in days) / len(days)
        windows = sum(len(day.windows) for day in days) / len(days)
        print(f"{kind:10} {mean_load:5.2f} {ghosts:7.1%} {visitors:8.0f} {windows:7.1f}  {what.about}")


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m simulators.day", description="Makes days.")
    parser.add_argument("--kind", choices=list(KINDS), default="burst")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hall", type=int, help="seed of the hall (the day's own)")
    parser.add_argument("-o", "--output", type=Path, help="file (standard output)")
    parser.add_argument("--list", action="store_true", help="the kinds, with their load and share of ghosts")
    wanted = parser.parse_args(argv)
    if wanted.list:
        _list()
        return 0
    text = write(make(wanted.kind, wanted.seed, wanted.hall))
    if wanted.output is None:
        sys.stdout.write(text)
    else:
        wanted.output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
