"""The bookings a hall keeps in mind: those to come, today's, and as many past days as a rule looks back. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any

from contract.hall import Hall
from contract.words import BookingState
from coordinator.bookings.slot import Day, plan
from coordinator.record import Booking, Person


class Diary:
    """Bookings by day, code and person. Changes by one record at a time, as `HallDay` does."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._first = date.min
        self._bookings: dict[str, Booking] = {}
        self._by_day: dict[date, dict[str, None]] = {}
        self._expected: dict[date, dict[str, None]] = {}
        self._by_code: dict[str, str] = {}
        self._persons: dict[str, Person] = {}
        self._of: dict[str, dict[str, None]] = {}
        self._plans: dict[date, Day] = {}

    # --- looking ---------------------------------------------------------------------------------------------------------

    def plan(self, day: date) -> Day:
        """The cells and seats of a day that can be booked."""
        if day not in self._plans:
            self._plans[day] = plan(self._hall, day)
        return self._plans[day]

    def find(self, code: str) -> Booking | None:
        """The booking of a code, what it was moved to included; None when none is kept."""
        name = self._by_code.get(code)
        return None if name is None else self._bookings[name]

    def on(self, day: date) -> list[Booking]:
        """Every booking of a day, in whatever state."""
        return [self._bookings[name] for name in self._by_day.get(day, ())]

    def expected(self, until: date) -> list[Booking]:
        """Who is expected on the days up to `until`, by time."""
        days = (day for day in self._expected if day <= until)
        found = [self._bookings[name] for day in days for name in self._expected[day]]
        return sorted(found, key=lambda b: (b.start, b.id))

    def of(self, person: str) -> list[Booking]:
        """The bookings of one person, by their hash."""
        return [self._bookings[name] for name in self._of.get(person, ()) if name in self._bookings]

    def person(self, booking: str) -> Person | None:
        """Whose booking it is; None: it was not said, or is forgotten."""
        return self._persons.get(booking)

    def matching(self, day: date, hashes: Collection[str]) -> list[Booking]:
        """The bookings of a day whose person's number has one of these hashes of that day; moved ones are not among them."""
        found = [b for b in self.on(day) if b.state is not BookingState.MOVED]
        return [b for b in found if (who := self.person(b.id)) is not None and who.match in hashes]

    def records(self) -> Iterator[Booking]:
        """Every booking, by id."""
        yield from (booking for _, booking in sorted(self._bookings.items()))

    # --- changing --------------------------------------------------------------------------------------------------------

    def put(self, booking: Booking) -> None:
        """Take one booking as it is now; one of a day that is no longer kept is forgotten."""
        old = self._bookings.get(booking.id)
        if old is not None:
            self._forget(old)
        if booking.day < self._first:
            return
        self._bookings[booking.id] = booking
        self._by_day.setdefault(booking.day, {})[booking.id] = None
        if booking.state is BookingState.BOOKED:
            self._expected.setdefault(booking.day, {})[booking.id] = None
        if booking.state is not BookingState.MOVED:
            self._by_code[booking.code] = booking.id

    def put_person(self, person: Person) -> None:
        """Take whose booking it is."""
        if person.day >= self._first:
            self._persons[person.booking] = person
            self._of.setdefault(person.hash, {})[person.booking] = None

    def begin(self, day: date) -> None:
        """The hall's day is `day`: forget what no rule looks back to."""
        self._first = kept_from(self._hall, day)
        for old in [b for b in self._bookings.values() if b.day < self._first]:
            self._forget(old)
        for person in [p for p in self._persons.values() if p.day < self._first]:
            del self._persons[person.booking]
            _drop(self._of, person.hash, person.booking)
        self._plans = {at: found for at, found in self._plans.items() if at >= day}

    def _forget(self, booking: Booking) -> None:
        del self._bookings[booking.id]
        _drop(self._by_day, booking.day, booking.id)
        _drop(self._expected, booking.day, booking.id)
        if self._by_code.get(booking.code) == booking.id:
            del self._by_code[booking.code]


def kept_from(hall: Hall, day: date) -> date:
    """The oldest day whose bookings are kept in mind when the hall's day is `day`: yesterday, or as far as a rule looks back."""
    back = max(1, hall.rule("booking.again_after_days"))
    if hall.rule("booking.per_person_per_period") or hall.rule("booking.no_show_block_after"):
        back = max(back, hall.rule("booking.period_days"))
    return day - timedelta(days=back) if day - date.min > timedelta(days=back) else date.min


def _drop(index: dict[Any, dict[str, None]], key: object, name: str) -> None:
    if key in index:
        index[key].pop(name, None)
        if not index[key]:
            del index[key]
