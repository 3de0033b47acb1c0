"""Bookings: free slots, book, move, cancel, list. Pure.

A slot is taken the moment it is booked; nothing is held before. A booked visitor's clock starts at the booked time, or on
checking in where that is later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import assert_never

from contract import messages as m
from contract.words import BookingState, Refusal, Role
from coordinator import ticket
from coordinator.bookings import attendance, limit, seal, slot
from coordinator.bookings.attendance import facts
from coordinator.draft import Draft, RefusedError
from coordinator.record import Booking, Person, replace

BookingAct = m.BookingBook | m.BookingMove | m.BookingCancel | m.BookingCheckIn
LISTED = 50
"""Bookings in one answer to `booking.day`."""


def answer(draft: Draft, command: BookingAct) -> m.Booked | m.Issued | m.Done:
    """Do what is asked of a booking."""
    match command:
        case m.BookingBook():
            return _book(draft, command)
        case m.BookingMove():
            return _move(draft, command)
        case m.BookingCancel():
            return _cancel(draft, command)
        case m.BookingCheckIn():
            return attendance.check_in(draft, command)
        case _:
            assert_never(command)


def tell(
    draft: Draft, question: m.BookingSlots | m.BookingFind | m.BookingDay | m.CardKey
) -> m.Slots | m.Booked | m.Bookings | m.DayKey:
    """Answer a question; changes nothing."""
    match question:
        case m.BookingSlots():
            return _slots(draft, question)
        case m.BookingFind():
            draft.need_role(*ticket.ISSUERS)
            code = question.code or attendance.code_of(draft, question.persons or ())
            return _booked(draft, attendance.may_check_in(draft, code), question.id)
        case m.BookingDay():
            return _day(draft, question)
        case m.CardKey():
            return _day_key(draft, question)
        case _:
            assert_never(question)


# --- slots -----------------------------------------------------------------------------------------------------------------


def _slots(draft: Draft, question: m.BookingSlots) -> m.Slots:
    draft.need_role(*ticket.ISSUERS)
    services = _services(draft, (question.service, *question.then))
    _need_day(draft, question.day)
    free = tuple(m.Slot(start=start, free=n) for start, n in _free(draft, question.day, services))
    return m.Slots(id=question.id, re=question.id, service=question.service, day=question.day, slots=free)


def _free(draft: Draft, day: date, services: Sequence[str]) -> Iterator[tuple[datetime, int]]:
    """When such a visit can begin on `day` from now on, and how many of them."""
    plan, soonest = draft.state.diary.plan(day), draft.now + _soonest(draft)
    visit, load = slot.lengths(draft.hall, services), _load(draft, day)
    for n in plan.begins(sum(cells for _, cells in visit)):
        start = plan.starts[n]
        if start > draft.now and start >= soonest and (free := load.free(visit, n)):
            yield start, free


def _load(draft: Draft, day: date, without: str = "") -> slot.Load:
    diary = draft.state.diary
    taken = [b for b in diary.on(day) if b.id != without and _takes_room(draft, b)]
    return slot.Load(draft.hall, diary.plan(day), taken)


def _takes_room(draft: Draft, booking: Booking) -> bool:
    match booking.state:
        case BookingState.BOOKED | BookingState.CHECKED_IN:
            return True
        case BookingState.CANCELLED:
            quarantine_s = 60 * draft.hall.rule("booking.freed_slot_quarantine_min")
            return booking.ended_at is not None and draft.within(booking.ended_at, quarantine_s)
        case BookingState.MOVED:
            return not draft.hall.rule("booking.rebook_frees_slot")
        case _:
            return False


def _services(draft: Draft, names: Sequence[str]) -> list[str]:
    most = draft.hall.rule("booking.services_max")
    if len(names) > most:
        text = f"a booking is for at most {most} services"
        raise RefusedError(Refusal.BOOKING_LIMIT, text, limit=most)
    return [ticket.offered(draft, name).id for name in names]


def _need_day(draft: Draft, day: date) -> None:
    """Raises: RefusedError: the day is over, or cannot be booked yet."""
    local = draft.hall.local(draft.now)
    if day < local.date():
        raise RefusedError(Refusal.BOOKING_PAST, f"{day} is over")
    # Whoever asks here stands in the hall; `booking.horizon_days` is for those who book from elsewhere.
    horizon, opens_at = draft.hall.rule("booking.horizon_days_kiosk"), draft.hall.rule("booking.opens_at")
    newest = local.date() + timedelta(days=horizon if f"{local:%H:%M}" >= opens_at else horizon - 1)
    if day > newest:
        opens = day - timedelta(days=horizon)
        text = f"{day} can be booked from {opens} {opens_at} on"
        raise RefusedError(Refusal.BOOKING_NOT_YET, text, day=opens.isoformat(), time=opens_at)


def _soonest(draft: Draft) -> timedelta:
    return timedelta(minutes=draft.hall.rule("booking.soonest_min"))


def _need_slot(draft: Draft, start: datetime, services: Sequence[str], without: str = "") -> int:
    """How many minutes a visit at `start` takes. Raises: RefusedError: it cannot begin then."""
    if start <= draft.now:
        raise RefusedError(Refusal.BOOKING_PAST, f"{draft.hall.local(start):%F %H:%M} is over")
    day = draft.hall.local(start).date()
    _need_day(draft, day)
    if start < draft.now + _soonest(draft):
        least = draft.hall.rule("booking.soonest_min")
        raise RefusedError(Refusal.BOOKING_SOON, f"a visit is booked at least {least} min before", limit=least)
    plan, visit = draft.state.diary.plan(day), slot.lengths(draft.hall, services)
    cells = sum(length for _, length in visit)
    n = next((n for n in plan.begins(cells) if plan.starts[n] == start), None)
    if n is None or not slot.Load(draft.hall, plan, ()).free(visit, n):
        text = f"no visit for {' and '.join(services)} can begin at {draft.hall.local(start):%F %H:%M}"
        raise RefusedError(Refusal.NO_SLOT, text)
    if not _load(draft, day, without).free(visit, n):
        raise RefusedError(Refusal.SLOT_TAKEN, f"{draft.hall.local(start):%F %H:%M} is taken")
    return cells * int(plan.cell.total_seconds()) // 60


# --- book, move, cancel ----------------------------------------------------------------------------------------------------


def _book(draft: Draft, command: m.BookingBook) -> m.Booked:
    draft.need_role(*ticket.ISSUERS)
    services = _services(draft, (command.service, *command.then))
    priority = ticket.priority(draft, command.priority_group)
    ticket.need_lang(draft, command.lang)
    start = _whole(command.start)
    minutes = _need_slot(draft, start, services)
    key = f"{draft.actor.dev}/{command.id}"
    booking = Booking(
        id=seal.name(draft.state.key, key),
        code=_code(draft, key),
        day=draft.hall.local(start).date(),
        start=start,
        minutes=minutes,
        service=services[0],
        then_services=tuple(services[1:]),
        lang=command.lang,
        state=BookingState.BOOKED,
        made_at=draft.now,
        priority_group=priority.id if priority else None,
    )
    person = _person(draft, command, booking)
    if person is not None:
        _need_limits(draft, person, booking)
        draft.persons.append(person)
    draft.say("booking.booked", booking, **facts(booking))
    return _booked(draft, booking, command.id)


def _code(draft: Draft, key: str) -> str:
    return next(c for n in range(1000) if draft.state.diary.find(c := seal.code(draft.state.key, key, n)) is None)


def _person(draft: Draft, command: m.BookingBook, booking: Booking) -> Person | None:
    if command.person is None:
        if draft.actor.role is not Role.CONSOLE:
            raise RefusedError(Refusal.BAD_COMMAND, "a booking at a machine needs the number of a person")
        return None
    match = seal.match(seal.day_key(draft.state.key, booking.day), command.person)
    return Person(booking.id, booking.day, seal.person(draft.state.key, command.person), command.company, match)


def _need_limits(draft: Draft, person: Person, booking: Booking, without: str = "") -> None:
    held = [b for b in draft.state.diary.of(person.hash) if b.id != without]
    if draft.actor.role is not Role.CONSOLE:  # who stands at the reception has come in person
        limit.need_trusted(draft.hall, held, draft.hall.local(draft.now).date())
    limit.need_within(draft.hall, held, booking.day, booking.services, company=person.company)


def _move(draft: Draft, command: m.BookingMove) -> m.Booked:
    draft.need_role(Role.CONSOLE)
    old = attendance.expected(draft, command.code)
    start = _whole(command.start)
    without = old.id if draft.hall.rule("booking.rebook_frees_slot") else ""
    minutes = _need_slot(draft, start, old.services, without)
    new = replace(
        old, id=seal.name(draft.state.key, f"{draft.actor.dev}/{command.id}"), start=start, minutes=minutes,
        day=draft.hall.local(start).date(), made_at=draft.now, extra_s=0.0,
    )  # fmt: skip
    person = draft.state.diary.person(old.id)
    if person is not None:
        _need_limits(draft, person, new, without=old.id)
        # The hash of another day cannot be made of this one's: who was moved to it checks in by code.
        match = person.match if new.day == old.day else None
        draft.persons.append(replace(person, booking=new.id, day=new.day, match=match))
    gone = replace(old, state=BookingState.MOVED, ended_at=draft.now)
    draft.say("booking.moved", gone, new, **facts(new), was=m.utc(old.start))
    return _booked(draft, new, command.id)


def _cancel(draft: Draft, command: m.BookingCancel) -> m.Done:
    draft.need_role(Role.CONSOLE)
    booking = attendance.expected(draft, command.code)
    gone = replace(booking, state=BookingState.CANCELLED, ended_at=draft.now)
    draft.say("booking.cancelled", gone, **facts(gone))
    return m.Done(id=command.id, re=command.id)


# --- telling ---------------------------------------------------------------------------------------------------------------


def _day(draft: Draft, question: m.BookingDay) -> m.Bookings:
    draft.need_role(Role.CONSOLE)
    found = [b for b in draft.state.diary.on(question.day) if b.state is not BookingState.MOVED]
    found.sort(key=lambda b: (b.start, b.code))
    listed = found[question.skip : question.skip + LISTED]
    return m.Bookings(
        id=question.id,
        re=question.id,
        day=question.day,
        skip=question.skip,
        total=len(found),
        bookings=tuple(
            m.DayBooking(code=b.code, service=b.service, then=b.then_services, start=b.start, state=b.state)
            for b in listed
        ),
    )


def _day_key(draft: Draft, question: m.CardKey) -> m.DayKey:
    draft.need_role(Role.KIOSK, Role.TERMINAL)
    day = draft.hall.local(draft.now).date()
    return m.DayKey(id=question.id, re=question.id, day=day, key=seal.day_key(draft.state.key, day).hex())


def _booked(draft: Draft, booking: Booking, command: str) -> m.Booked:
    return m.Booked(
        id=command, re=command, code=booking.code, service=booking.service, then=booking.then_services,
        start=booking.start, minutes=booking.minutes, check_in_from=attendance.check_in_from(draft, booking),
    )  # fmt: skip


def _whole(moment: datetime) -> datetime:
    """The moment as the journal keeps it: UTC, whole milliseconds."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
