"""Makes the visitors of one day from what is expected of it: who comes when, for what, how patient, how long it takes.

The figures were read off the two sample days in tests/days ("sample") or are assumptions; none is from a real log.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from simulators.day_file import HALF_HOUR, Absence, Day, Service, Shares, Ticket, Truth
from simulators.premises import Hall

PROFILE = (1.5, 1.5, 1.6, 1.6, 1.5, 1.3, 1.2, 1.15, 1.25, 1.25, 1.1, 0.95, 0.9, 0.8, 0.75, 0.6, 0.45, 0.2)
"""Walk-ins by half-hour, relative: a morning peak, a bump at lunch, few at the end (sample)."""
DOORS_MIN = 7.0
"""Those at the doors have their tickets within so many minutes (sample)."""
DAY_SD = 0.07
"""How much better or worse a day is than its forecast, as a share (assumption; the samples have -6 % and -3 %)."""
SURGE_FROM, SURGE_MIN = (60, 241), 120.0
"""A wave begins in these minutes and takes so long (assumption)."""
BOOKED_EVERY, BOOKED_FROM, BOOKED_END = 10, 20, 40
"""Bookings stand on whole ten minutes, from the first to so long before closing (sample)."""
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
SHORTEST_MIN = 0.5
RESERVE_MIN, STATIC_RESERVE = 120.0, (60.0, 180.0)
NONPRIMARY_FACTOR, SWITCH_MIN = 1.1, 0.5
"""Work outside the profile, and the minutes a change of service group costs (sample)."""


@dataclass(frozen=True)
class Expected:
    """What a day is expected to bring; the crowd is drawn around it."""

    visitors: float
    """Everybody planned: at the doors, walking in, booked (coming or not)."""
    shares: Shares
    burst: int = 0
    """Visitors at the doors, part of `visitors`."""
    surge: float = 1.0
    """A group of services comes so many times as often for a while, beside `visitors`."""
    profile: tuple[float, ...] = PROFILE
    """Walk-ins by half-hour, relative; its length is the day's."""
    no_show: float = NO_SHOW
    absent: float = ABSENT

    @property
    def closing(self) -> float:
        """Minutes from opening to closing."""
        return HALF_HOUR * len(self.profile)


def visit_min(hall: Hall, shares: Shares, no_show: float = NO_SHOW) -> float:
    """Expected minutes of work of one planned visitor, a booked one who does not come counted in."""
    coming = 1 - shares.appt * no_show
    return coming * (1 + shares.multi) * sum(service.mix * service.mean for service in hall.services)


def day_of(name: str, seed: int, hall: Hall, expected: Expected, absences: tuple[Absence, ...], random: Random) -> Day:
    """One day of that hall."""
    walking = max(0.0, expected.visitors * (1 - expected.shares.appt) - expected.burst)
    rates = tuple(walking / HALF_HOUR * share / sum(expected.profile) for share in expected.profile)
    crowd = _Crowd(hall, expected, random)
    bookings = crowd.bookings()
    return Day(
        name=name,
        seed=seed,
        nonprimary_factor=NONPRIMARY_FACTOR,
        switch_min=SWITCH_MIN,
        reserve_min=RESERVE_MIN,
        static_reserve=STATIC_RESERVE,
        shares=expected.shares,
        burst=expected.burst,
        services=hall.services,
        windows=hall.windows,
        forecast_rate_per_min=rates,
        bookings=bookings,
        truth=Truth(absences, crowd.tickets(rates, bookings)),
    )


class _Crowd:
    """Draws the visitors of one day."""

    def __init__(self, hall: Hall, expected: Expected, random: Random) -> None:
        self._services = {service.id: service for service in hall.services}
        self._weights = [service.mix for service in hall.services]
        self._expected = expected
        self._random = random

    def bookings(self) -> tuple[tuple[float, str], ...]:
        """The booked times and services, in their order."""
        order = list(self._services)
        last = int(self._expected.closing) - BOOKED_END
        count = _poisson(self._random, self._expected.visitors * self._expected.shares.appt)
        booked = [
            (float(self._random.randrange(BOOKED_FROM, last + 1, BOOKED_EVERY)), service)
            for service in self._first_services(count)
        ]
        return tuple(sorted(booked, key=lambda booking: (booking[0], order.index(booking[1]))))

    def tickets(self, rates: Sequence[float], bookings: Sequence[tuple[float, str]]) -> tuple[Ticket, ...]:
        """Everybody who comes, by arrival."""
        comings: list[tuple[float, str, float | None]] = [(at, first, None) for at, first in self._walk_ins(rates)]
        for booked, first in bookings:
            if self._random.random() >= self._expected.no_show:
                late = max(EARLIEST, self._random.gauss(PUNCTUAL_MEAN, PUNCTUAL_SD))
                comings.append((min(self._expected.closing, max(0.0, booked + late)), first, booked))
        comings.sort(key=lambda coming: coming[0])
        return tuple(
            self._ticket(number, round(at, 3), first, booked) for number, (at, first, booked) in enumerate(comings)
        )

    def _first_services(self, count: int) -> list[str]:
        return self._random.choices(list(self._services), self._weights, k=count)

    def _walk_ins(self, rates: Sequence[float]) -> list[tuple[float, str]]:
        """When those without a booking take a ticket, and for what."""
        factor = max(0.5, 1.0 + self._random.gauss(0.0, DAY_SD))
        times = [self._random.uniform(0.0, DOORS_MIN) for _ in range(self._expected.burst)]
        for number, rate in enumerate(rates):
            count = _poisson(self._random, HALF_HOUR * rate * factor)
            times += [HALF_HOUR * number + self._random.uniform(0.0, HALF_HOUR) for _ in range(count)]
        services = iter(self._first_services(len(times)))
        return [(at, next(services)) for at in times] + self._surge(rates)

    def _surge(self, rates: Sequence[float]) -> list[tuple[float, str]]:
        """The visitors that a wave of one group adds; neither windows nor forecast expect them."""
        if self._expected.surge <= 1.0:
            return []
        group = self._random.choice(sorted({service.group for service in self._services.values()}))
        start = float(self._random.randrange(*SURGE_FROM, 30))
        wave = [service for service in self._services.values() if service.group == group]
        share = sum(service.mix for service in wave)
        during = rates[int(start / HALF_HOUR) : int((start + SURGE_MIN) / HALF_HOUR)]
        count = _poisson(self._random, (self._expected.surge - 1.0) * share * sum(during) * HALF_HOUR)
        ids = self._random.choices([service.id for service in wave], [service.mix for service in wave], k=count)
        return [(start + self._random.uniform(0.0, SURGE_MIN), service) for service in ids]

    def _ticket(self, number: int, arrive: float, first: str, booked: float | None) -> Ticket:
        random, shares = self._random, self._expected.shares
        cls = "appt" if booked is not None else "prio" if random.random() < shares.prio else "walk"
        services = [first]
        if random.random() < shares.multi:
            services += self._first_services(1)
        return Ticket(
            id=number,
            arrive=arrive,
            cls=cls,
            appointment=booked,
            legs=tuple((service, self._minutes(self._services[service])) for service in services),
            patience=self._patience(cls),
            silent=random.random() < SILENT,
            absent=booked is None and random.random() < self._expected.absent,
            back_after=random.uniform(*BACK_MIN) if random.random() < COMES_BACK else None,
        )

    def _minutes(self, service: Service) -> float:
        """Minutes of one visit: lognormal with the service's mean and coefficient of variation."""
        variance = math.log(1 + service.cv**2)
        drawn = service.mean * math.exp(self._random.gauss(-variance / 2, math.sqrt(variance)))
        return max(SHORTEST_MIN, round(drawn, 3))

    def _patience(self, cls: str) -> float | None:
        if self._random.random() < FOR_EVER[cls]:
            return None
        return round(PATIENCE_MIN[cls] * math.exp(self._random.gauss(0.0, PATIENCE_SPREAD)), 2)


def _poisson(random: Random, mean: float) -> int:
    """A Poisson number: how many unit arrivals fall within `mean`."""
    count, at = -1, 0.0
    while at < mean:
        at -= math.log(1.0 - random.random())
        count += 1
    return max(0, count)
