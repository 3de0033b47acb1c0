"""When a visit can begin: the seats planned for a day, what is booked on them, and what is left. Pure.

A seat is a window on duty with an operator whose rights are valid that day. A day is cut into cells of `booking.slot_min`; a visit
takes one seat in each of its cells. Open to booking is a share of the seats: in one cell at most that share of those who may do
the service, rounded up; over the day at most that share of their time. The rest is for walk-ins.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import ceil

from contract.hall import Hall
from contract.hall_part import Operator
from contract.hall_part import Window as Place
from coordinator.record import Booking, Window
from coordinator.right import can, could

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Seat:
    """A window with what can be done there all day, staffed in `cells`: numbers of the day's cells."""

    window: str
    services: frozenset[str]
    cells: frozenset[int]


@dataclass(frozen=True, slots=True)
class Day:
    """One hall-local day: the starts of its cells (UTC, in order), the span each lies in, and the seats."""

    starts: tuple[datetime, ...]
    span: tuple[int, ...]
    cell: timedelta
    seats: tuple[Seat, ...]

    def over(self, start: datetime, end: datetime) -> range:
        """Numbers of the cells that start..end touches, also partly."""
        first = bisect_right(self.starts, start - self.cell)
        return range(first, max(first, bisect_left(self.starts, end)))

    def begins(self, length: int) -> Iterator[int]:
        """Numbers of the cells at which `length` cells fit into one span of the hours."""
        for n in range(len(self.starts) - length + 1):
            if self.span[n] == self.span[n + length - 1]:
                yield n


def plan(hall: Hall, day: date) -> Day:
    """The cells and seats of a day; none on a closed day."""
    cell = timedelta(minutes=hall.rule("booking.slot_min"))
    starts, span = [], []
    for number, (opens, closes) in enumerate(hall.spans(day)):
        at, end = opens.astimezone(UTC), closes.astimezone(UTC)
        while at + cell <= end:
            starts.append(at)
            span.append(number)
            at += cell
    seats = [
        Seat(window, services, _cells(hall, window, day, starts, cell))
        for window, services in _seated(hall, day).items()
    ]
    return Day(tuple(starts), tuple(span), cell, tuple(seats))


def lengths(hall: Hall, services: Iterable[str]) -> list[tuple[str, int]]:
    """How many cells each service of a visit takes, in their order; one that the hall does not offer any more takes none."""
    slot_min = hall.rule("booking.slot_min")
    known = [hall.service_by_id[name] for name in services if name in hall.service_by_id]
    return [(service.id, ceil(service.minutes_typical / slot_min - _ROUNDING)) for service in known]


class Load:
    """What is booked on a day. `free` says what more fits."""

    def __init__(self, hall: Hall, day: Day, bookings: Iterable[Booking]) -> None:
        self._hall, self._day = hall, day
        self._share = float(hall.rule("booking.share_online"))
        self._cells: list[dict[str, int]] = [{} for _ in day.starts]
        self._whole: dict[str, int] = {}
        for booking in bookings:
            for service, cells in self._stretches(booking):
                self._whole[service] = self._whole.get(service, 0) + len(cells)
                for cell in cells:
                    self._cells[cell][service] = self._cells[cell].get(service, 0) + 1
        self._rooms: dict[tuple[int, str], int] = {}
        self._budgets: dict[tuple[tuple[str, int], ...], int] = {}

    def free(self, visit: Sequence[tuple[str, int]], start: int) -> int:
        """How many visits more can begin at cell `start`. `visit`: as `lengths` has it."""
        most, at = self._budget(tuple(visit)), start
        for service, length in visit:
            for cell in range(at, at + length):
                most = min(most, self._room(cell, service))
            at += length
        return most

    def _stretches(self, booking: Booking) -> Iterator[tuple[str, range]]:
        at = booking.start
        for service, length in lengths(self._hall, booking.services):
            end = at + length * self._day.cell
            yield service, self._day.over(at, end)
            at = end

    def _room(self, cell: int, service: str) -> int:
        """How many more of `service` one cell takes: by the share, and by who can sit where."""
        if (cell, service) not in self._rooms:
            booked = self._cells[cell]
            seats = [seat for seat in self._day.seats if cell in seat.cells]
            group = self._hall.service_by_id[service].group
            taken = sum(n for name, n in booked.items() if self._hall.service_by_id[name].group == group)
            cap = ceil(self._share * sum(service in seat.services for seat in seats) - _ROUNDING) - taken
            seating = Seating([(seat.services, 1) for seat in seats])
            seating.place(booked)
            self._rooms[cell, service] = seating.push(service, cap) if cap > 0 else 0
        return self._rooms[cell, service]

    def _budget(self, visit: tuple[tuple[str, int], ...]) -> int:
        """How many such visits more keep within the share of the day's time, counted in cells."""
        if visit not in self._budgets:
            times = len(self._day.seats) if visit else 0
            while times and not self._affords(visit, times):
                times -= 1
            self._budgets[visit] = times
        return self._budgets[visit]

    def _affords(self, visit: tuple[tuple[str, int], ...], times: int) -> bool:
        seating = Seating([(s.services, int(self._share * len(s.cells) + _ROUNDING)) for s in self._day.seats])
        seating.place(self._whole)
        return all(seating.push(service, length * times) == length * times for service, length in visit)


class Seating:
    """Demands of services on seats that can do some of them each: a flow, moved around until it fits."""

    def __init__(self, seats: Sequence[tuple[frozenset[str], int]]) -> None:
        """`seats`: what each can do, and how much."""
        self._seats = [services for services, _ in seats]
        self._left = [much for _, much in seats]
        self._on: list[dict[str, int]] = [{} for _ in seats]

    def place(self, demands: Mapping[str, int]) -> None:
        """Put as much of each demand as fits."""
        for service, amount in sorted(demands.items()):
            self.push(service, amount)

    def push(self, service: str, amount: int) -> int:
        """Put up to `amount` of `service`, moving others where that makes room; returns how much."""
        put = 0
        while put < amount and (path := self._path(service)):
            put += self._along(path, amount - put)
        return put

    def _path(self, service: str) -> list[tuple[str, int]]:
        """Who takes which seat, each but the first driven from the one before, up to a seat with room; empty: none."""
        came: dict[str, tuple[str, int]] = {}
        seen: set[int] = set()
        queue = [service]
        for name in queue:
            for seat, services in enumerate(self._seats):
                if seat in seen or name not in services:
                    continue
                seen.add(seat)
                if self._left[seat]:
                    return _back(came, name, seat)
                for other in self._on[seat]:
                    if other != service and other not in came:
                        came[other] = (name, seat)
                        queue.append(other)
        return []

    def _along(self, path: list[tuple[str, int]], most: int) -> int:
        driven = [self._on[seat][other] for (_, seat), (other, _) in pairwise(path)]
        amount = min(most, self._left[path[-1][1]], *driven)
        for place, (name, seat) in enumerate(path):
            self._on[seat][name] = self._on[seat].get(name, 0) + amount
            if place:
                self._leave(name, path[place - 1][1], amount)
        self._left[path[-1][1]] -= amount
        return amount

    def _leave(self, name: str, seat: int, amount: int) -> None:
        self._on[seat][name] -= amount
        if not self._on[seat][name]:
            del self._on[seat][name]


def _back(came: Mapping[str, tuple[str, int]], name: str, seat: int) -> list[tuple[str, int]]:
    path = [(name, seat)]
    while name in came:
        name, seat = came[name]
        path.append((name, seat))
    return path[::-1]


def _cells(hall: Hall, window: str, day: date, starts: Sequence[datetime], cell: timedelta) -> frozenset[int]:
    spans = [(a.astimezone(UTC), b.astimezone(UTC)) for a, b in hall.staffed(window, day)]
    return frozenset(n for n, at in enumerate(starts) if any(a <= at and at + cell <= b for a, b in spans))


def _seated(hall: Hall, day: date) -> dict[str, frozenset[str]]:
    """Window → what can be done there: by its layout alone, or with one operator each, as many seats as can be filled."""
    places = [place for place in hall.windows if not place.reserve and hall.staffed(place.id, day)]
    if hall.rule("booking.capacity_from") == "fixed":
        return {p.id: frozenset(s.id for s in hall.services if could(hall, p, s)) for p in places}
    choices = {place.id: _candidates(hall, place, day) for place in places}
    sits: dict[str, str] = {}
    for window in sorted(choices, key=lambda w: len(choices[w])):
        _sit(window, choices, sits, set())
    return {window: choices[window][operator] for operator, window in sits.items()}


def _candidates(hall: Hall, place: Place, day: date) -> dict[str, frozenset[str]]:
    """Operator → what they could do at the window on `day`; first who can do most there and is least needed elsewhere.

    Who can do nothing is left out.
    """

    def does(operator: Operator) -> frozenset[str]:
        return can(hall, Window(place.id, place.number, operator=operator.id), day)

    found = [(o, does(o)) for o in hall.operators if o.employer == place.employer]
    found.sort(key=lambda f: (-len(f[1]), len(f[0].rights)))
    return {operator.id: services for operator, services in found if services}


def _sit(window: str, choices: Mapping[str, Mapping[str, object]], sits: dict[str, str], asked: set[str]) -> bool:
    """Find `window` an operator, asking those who sit to change where that helps; operator → window in `sits`."""
    free = next((o for o in choices[window] if o not in sits), None)
    if free is not None:
        sits[free] = window
        return True
    for operator in choices[window]:
        if operator not in asked:
            asked.add(operator)
            if _sit(sits[operator], choices, sits, asked):
                sits[operator] = window
                return True
    return False
