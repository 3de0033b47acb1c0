"""How many bookings one person may have, and how soon again. Pure.

A person is known by the keyed hash of a document number or telephone; without one no limit can be applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from contract.hall import Hall
from contract.words import BookingState, Refusal
from coordinator.draft import RefusedError
from coordinator.record import Booking

_KEPT = frozenset({BookingState.BOOKED, BookingState.CHECKED_IN, BookingState.MISSED, BookingState.LOST})
_MISSED = frozenset({BookingState.MISSED, BookingState.LOST})


def need_within(hall: Hall, held: Sequence[Booking], day: date, services: Sequence[str], *, company: bool) -> None:
    """Check one more booking on `day` for `services` against those the person has.

    Raises: RefusedError: a limit is reached.
    """
    counted = [b for b in held if b.state in _KEPT or _counts_cancelled(hall, b)]
    if company:
        _need(sum(b.day == day for b in counted), hall.rule("booking.company_per_day"))
        return
    _need(sum(b.state is BookingState.BOOKED for b in held), hall.rule("booking.per_person_active"))
    _need(sum(b.day == day for b in counted), hall.rule("booking.per_person_per_day"))
    per_period = hall.rule("booking.per_person_per_period")
    if per_period is not None:
        _need(_busiest([b.day for b in counted], day, hall.rule("booking.period_days")), per_period)
    _need_gap(hall, [b for b in held if b.state in _KEPT], day, services)


def need_trusted(hall: Hall, held: Sequence[Booking], today: date) -> None:
    """Check how often the person did not come lately. Raises: RefusedError: too often."""
    most = hall.rule("booking.no_show_block_after")
    since = today - timedelta(days=hall.rule("booking.period_days"))
    missed = sum(b.state in _MISSED and b.day > since for b in held)
    if most is not None and missed >= most:
        text = f"{missed} bookings of this person were missed: the next one is made in person"
        raise RefusedError(Refusal.BOOKING_BLOCKED, text, limit=most)


def _counts_cancelled(hall: Hall, booking: Booking) -> bool:
    """Cancelled by the visitor, where the rule counts that; what the hall could not keep never counts."""
    visitor = booking.state is BookingState.CANCELLED and booking.reason is None
    return visitor and bool(hall.rule("booking.cancelled_count"))


def _need(held: int, most: int) -> None:
    if held >= most:
        raise RefusedError(Refusal.BOOKING_LIMIT, f"this person has {held} bookings, {most} are allowed", limit=most)


def _busiest(days: Sequence[date], day: date, length: int) -> int:
    """The most of `days` that lie with `day` in one stretch of `length` days."""
    first = [day - timedelta(days=back) for back in range(length)]
    return max(sum(begin <= d < begin + timedelta(days=length) for d in days) for begin in first)


def _need_gap(hall: Hall, held: Sequence[Booking], day: date, services: Sequence[str]) -> None:
    gap = hall.rule("booking.again_after_days")
    for booking in held:
        if abs((booking.day - day).days) < gap and not set(services).isdisjoint(booking.services):
            text = f"the same service can be booked again after {gap} days"
            raise RefusedError(Refusal.BOOKING_AGAIN, text, limit=gap)
