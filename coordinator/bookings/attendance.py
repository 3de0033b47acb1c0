"""Coming: check in by code, early, late or not at all; what becomes of those who are expected. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from contract import messages as m
from contract.words import BookingState, HallState, Refusal, Role
from coordinator import ticket
from coordinator.draft import Draft, RefusedError
from coordinator.record import Booking, replace


def expected(draft: Draft, code: str) -> Booking:
    """The booking of a code. Raises: RefusedError: there is none, or nobody is expected for it any more."""
    booking = draft.state.diary.find(code)
    if booking is None:
        raise RefusedError(Refusal.BOOKING_UNKNOWN, "the hall has no booking with this code")
    match booking.state:
        case BookingState.BOOKED:
            return booking
        case BookingState.CHECKED_IN:
            raise RefusedError(Refusal.BOOKING_USED, "this booking has become a ticket")
        case BookingState.CANCELLED:
            raise RefusedError(Refusal.BOOKING_CANCELLED, "this booking was cancelled")
        case _:
            raise RefusedError(Refusal.BOOKING_LATE, "the booked time is over")


def code_of(draft: Draft, persons: Sequence[str]) -> str:
    """The code of today's booking of a card's holder: of several the nearest in time, those expected before the others.

    `persons`: the card's numbers hashed with the key of the day. Raises: RefusedError: there is none.
    """
    found = draft.state.diary.matching(draft.hall.local(draft.now).date(), frozenset(persons))
    if not found:
        raise RefusedError(Refusal.BOOKING_UNKNOWN, "the hall has no booking of today with this card")
    nearest = min(found, key=lambda b: (b.state is not BookingState.BOOKED, abs(b.start - draft.now), b.code))
    return nearest.code


def check_in(draft: Draft, command: m.BookingCheckIn) -> m.Issued:
    """The booking becomes a ticket."""
    draft.need_role(*ticket.ISSUERS)
    ticket.need_lang(draft, command.lang)
    booking = may_check_in(draft, command.code)
    clock_at, booked_at = _place(draft, booking)
    issued = ticket.issue(
        draft, command, booking.services, booking.priority_group, clock_at=clock_at, booked_at=booked_at
    )
    here = replace(booking, state=BookingState.CHECKED_IN, ticket=issued.ticket)
    draft.say("booking.checked_in", here, **facts(here), ticket=issued.ticket, label=issued.label)
    return issued


def may_check_in(draft: Draft, code: str) -> Booking:
    """The booking, if its ticket can be given now. Raises: RefusedError: it cannot, and why."""
    if draft.actor.role is not Role.CONSOLE and not draft.hall.rule("booking.code_becomes_ticket"):
        raise RefusedError(Refusal.NOT_ALLOWED, "in this hall bookings are checked in at the reception")
    booking = _expected_today(draft, code)
    early = check_in_from(draft, booking)
    if draft.now < early:
        local = draft.hall.local(early)
        text = f"this booking can be checked in from {local:%H:%M} on"
        raise RefusedError(Refusal.BOOKING_EARLY, text, time=f"{local:%H:%M}")
    if draft.hall.rule("booking.late_then") == "lost" and draft.now > _grace_end(draft, booking):
        raise RefusedError(Refusal.BOOKING_LATE, "the booked time is over")
    if draft.day.state is HallState.CLOSED or draft.day.day != booking.day:
        raise RefusedError(Refusal.HALL_CLOSED, "the hall is closed")
    if draft.day.state is HallState.INTERRUPTED:
        raise RefusedError(Refusal.HALL_INTERRUPTED, "the hall is interrupted, tickets are given out when it goes on")
    return booking


def _expected_today(draft: Draft, code: str) -> Booking:
    booking = draft.state.diary.find(code)
    told = (BookingState.CANCELLED, BookingState.CHECKED_IN)  # of these the day is not the reason
    if booking is not None and booking.day != draft.hall.local(draft.now).date() and booking.state not in told:
        text = f"this booking is for {booking.day}"
        raise RefusedError(Refusal.BOOKING_OTHER_DAY, text, day=booking.day.isoformat())
    return expected(draft, code)


def _place(draft: Draft, booking: Booking) -> tuple[datetime, datetime | None]:
    """From when the ticket's clock counts, and the booked time it keeps: None for who came too late for it."""
    if draft.now <= _grace_end(draft, booking):
        return max(booking.start, draft.now), booking.start
    if draft.hall.rule("booking.late_then") == "end_of_hour":
        local = draft.hall.local(draft.now)
        return (draft.now - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
                + timedelta(hours=1)), None  # fmt: skip
    return booking.start, None


def check_in_from(draft: Draft, booking: Booking) -> datetime:
    """From when on its code gives a ticket."""
    return booking.start - timedelta(minutes=draft.hall.rule("booking.check_in_early_min"))


def _grace_end(draft: Draft, booking: Booking) -> datetime:
    grace = timedelta(minutes=draft.hall.rule("booking.late_grace_min"), seconds=booking.extra_s)
    return booking.start + grace


# --- time ------------------------------------------------------------------------------------------------------------------


def expire(draft: Draft) -> None:
    """Give up on those who did not come: by the grace where late places are lost, else at the end of the day's hours."""
    if draft.day.state is HallState.INTERRUPTED:
        return
    today = draft.hall.local(draft.now).date()
    for booking in draft.state.diary.expected(today):
        state = _given_up(draft, booking, today)
        if state is not None:
            reason = "hall_closed" if state is BookingState.CANCELLED else None
            gone = replace(booking, state=state, ended_at=draft.now, reason=reason)
            draft.say(f"booking.{state}", gone, **facts(gone))


def _given_up(draft: Draft, booking: Booking, today: date) -> BookingState | None:
    """What becomes of an expected booking now; None: it is still expected."""
    late = draft.now > _grace_end(draft, booking)
    lost = draft.hall.rule("booking.late_then") == "lost"
    if booking.day == today and not (late and (lost or draft.now >= _last_end(draft, today))):
        return None
    if not _kept(draft, booking):
        return BookingState.CANCELLED
    return BookingState.LOST if lost else BookingState.MISSED


def _kept(draft: Draft, booking: Booking) -> bool:
    """Whether the hall took visitors at the booked time, as far as it is known: what it did not keep, nobody has missed."""
    day = draft.day
    if day.day != booking.day or day.opened_at is None or day.opened_at > _grace_end(draft, booking):
        return False
    return day.closed_at is None or day.closed_at > booking.start + timedelta(seconds=booking.extra_s)


def _last_end(draft: Draft, day: date) -> datetime:
    spans = draft.hall.spans(day)
    midnight = datetime.combine(day, time(), draft.hall.zone_info)
    return (spans[-1][1] if spans else midnight).astimezone(UTC)


def extend(draft: Draft) -> None:
    """The hall goes on, or closes, after an interruption: its time is added to the grace of those it kept from coming."""
    since = draft.day.since
    if since is None or not draft.hall.rule("interrupt.extend_bookings"):
        return
    longer = []
    for booking in draft.state.diary.expected(draft.day.day):
        begin = max(since, check_in_from(draft, booking))
        if booking.day == draft.day.day and begin < draft.now and since <= _grace_end(draft, booking):
            longer.append(replace(booking, extra_s=round(booking.extra_s + (draft.now - begin).total_seconds(), 3)))
    if longer:
        draft.say("booking.extended", *longer, bookings=len(longer))


def facts(booking: Booking) -> dict[str, str]:
    """What an event tells about a booking."""
    return {"booking": booking.id, "service": booking.service, "start": m.utc(booking.start)}
