"""What a hall document would do: to the hall by itself, and to the people who are in it now. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from contract import pin
from contract.errors import ContractError
from contract.hall import Hall
from contract.hall_part import HeldRight, Named, Operator, Service
from contract.messages import Finding
from contract.words import BookingState, HallState, TicketState, WindowState
from coordinator.record import Ticket
from coordinator.right import can, could, offered
from coordinator.state import HallDay, load
from look.alphabet import ALPHABETS, strangers

PAGE = 8
"""Services on one page of a kiosk."""
MOST_NAMED = 50
YEAR_AHEAD_DAYS = 60
"""So long before a year begins its holidays should be confirmed."""
PURPOSE_BLANKS = frozenset({"service", "code", "number"})
"""What is filled into the purpose of a payment."""
_BLANK = re.compile(r"\{([^{}]*)\}")
_COMES_BACK = frozenset({TicketState.ISSUED, TicketState.WAITING, TicketState.PARKED})
"""Whose visitor still counts on being called."""


def of_document(hall: Hall, day: date) -> Iterator[Finding]:
    """What a manager should know on `day` (hall-local) of a document that stands by itself: none of it stops a hall."""
    for service in hall.services:
        yield from _service(hall, service)
    yield from _places(hall)
    yield from _people(hall, day)
    yield from _texts(hall)
    yield from _years(hall, day)
    unused = sorted(set(hall.documents) - {document for service in hall.services for document in service.bring})
    if unused:
        yield _found("document_unused", of=unused)


def open_pins(hall: Hall) -> tuple[str, ...]:
    """Whose PIN is a template's."""
    return tuple(operator.id for operator in hall.operators if pin.is_open(operator.pin_hash))


def _places(hall: Hall) -> Iterator[Finding]:
    """Windows and zones."""
    for window in hall.windows:
        idle = [g for g in window.groups if not any(s.group == g and could(hall, window, s) for s in hall.services)]
        if idle:
            yield _found("group_idle", of=idle, window=window.number)
    for group in hall.service_groups:
        count = sum(service.group == group.id for service in hall.services)
        if not count or count > PAGE:
            yield _found("page_full" if count else "page_empty", group=group.id, count=count, most=PAGE)
    alone = [g.id for g in hall.service_groups if sum(g.id in w.groups for w in hall.windows) == 1]
    if alone:
        yield _found("group_one_window", of=alone)
    bare = [z.id for z in hall.zones if not any(w.zone == z.id and w.step_free for w in hall.windows)]
    if bare:
        yield _found("no_step_free", of=bare)


def _people(hall: Hall, day: date) -> Iterator[Finding]:
    """Operators and what they may do."""
    for operator in hall.operators:
        foreign = [held.right for held in operator.rights if not _own(hall, operator, held)]
        if foreign:
            yield _found("right_foreign", of=foreign, operator=operator.id)
    if known := open_pins(hall):
        yield _found("pin_open", of=known)
    if not hall.operators:
        return
    held = {each.right for o in hall.operators for each in o.rights if _own(hall, o, each) and each.valid(day)}
    nobody = [service.id for service in hall.services if service.right not in held]
    if nobody:
        yield _found("service_no_operator", of=nobody)


def _texts(hall: Hall) -> Iterator[Finding]:
    """Texts that a person should look at: signs of another alphabet, spaces too many, blanks that nothing fills."""
    spaced, foreign = [], []
    for where, text in _every_text(hall):
        for language in hall.languages:
            said = text.get(language, "")
            if said != " ".join(said.split()):
                spaced.append(f"{where} ({language})")
            wrong = strangers(said, language) if language in ALPHABETS else set()
            if wrong:
                foreign.append(f"{where} ({language}): {', '.join(sorted(wrong))}")
    if spaced:
        yield _found("text_spaces", of=spaced)
    if foreign:
        yield _found("text_letters", of=foreign)
    for payee in hall.payees:
        blanks = set(_BLANK.findall(payee.purpose)) - PURPOSE_BLANKS
        if blanks:
            yield _found("purpose_blank", of=sorted(blanks), payee=payee.id)


def _every_text(hall: Hall) -> Iterator[tuple[str, Mapping[str, str]]]:
    """(id, text by language) of what visitors read."""
    named: list[Sequence[Named]] = [
        hall.employers, hall.rights, hall.zones, hall.service_groups, hall.services, hall.priority_groups, hall.forms,
    ]  # fmt: skip
    yield from (("names", hall.names), ("short_names", hall.short_names), ("place", hall.place))
    yield from ((one.id, one.names) for some in named for one in some)
    yield from ((group.id, group.hint) for group in hall.service_groups)
    yield from hall.documents.items()
    yield from ((day.date.isoformat(), day.reason) for day in hall.calendar.exceptions)


def _years(hall: Hall, day: date) -> Iterator[Finding]:
    """The year of `day`, and the next one where it is near, if nobody went through its holidays."""
    for year in sorted({day.year, (day + timedelta(days=YEAR_AHEAD_DAYS)).year} - set(hall.calendar.years)):
        yield _found("year_unconfirmed", year=year)


def _service(hall: Hall, service: Service) -> Iterator[Finding]:
    places = [w for w in hall.windows if could(hall, w, service)]
    if not places:
        yield _found("service_unserved", service=service.id)
    elif not any(w.employer in hall.right_by_id[service.right].employers for w in places):
        yield _found("service_no_employer", service=service.id, right=service.right)
    if service.minutes_typical > service.minutes_long:
        yield _found("minutes_order", service=service.id)
    if service.fee_currency not in (None, hall.currency):
        yield _found("fee_currency", service=service.id, currency=str(service.fee_currency))


def _own(hall: Hall, operator: Operator, held: HeldRight) -> bool:
    """Whether the right is the operator's own employer's to give."""
    return held.employer == operator.employer and operator.employer in hall.right_by_id[held.right].employers


def of_day(state: HallDay, hall: Hall, now: datetime) -> Iterator[Finding]:
    """What `hall` would do to the running hall `state` at hall time `now`; what stops it first."""
    found = [*_tickets(state, hall), *_windows(state, hall), *_bookings(state, hall), *_hours(state, hall, now)]
    if not any(each.stops for each in found):
        found += _loads(state, hall)
    gone = [box.id for box in state.hall.boxes if box.id not in hall.box_by_id]
    if gone:
        found.append(_found("box_gone", of=gone))
    yield from sorted(found, key=lambda each: not each.stops)


def _tickets(state: HallDay, hall: Hall) -> Iterator[Finding]:
    waiting = [t for t in state.tickets.values() if t.state in _COMES_BACK]
    lost: dict[str, list[str]] = defaultdict(list)
    for ticket in waiting:
        for name in (ticket.service, *ticket.then_services):
            service = hall.service_by_id.get(name)
            if service is None or not offered(hall, service):
                lost[name].append(ticket.label)
        if ticket.only_window is not None and ticket.only_window not in hall.window_by_id:
            lost[ticket.service].append(ticket.label)
    for service_id, labels in lost.items():
        yield _found("tickets_orphaned", stops=True, of=labels, service=service_id, count=len(labels))
    at_window = [t.label for t in state.tickets.values() if t.at_window and t.service not in hall.service_by_id]
    if at_window:
        yield _found("served_service_gone", stops=True, of=at_window)
    speechless = [t.label for t in waiting if t.lang not in hall.languages]
    if speechless:
        yield _found("language_gone", of=speechless, count=len(speechless))
    yield from _nobody_now(state, hall, waiting, lost)


def _nobody_now(state: HallDay, hall: Hall, waiting: Iterable[Ticket], lost: Collection[str]) -> Iterator[Finding]:
    """Lines that some open window may take today, and none afterwards."""
    before, after = _taken(state, state.hall), _taken(state, hall)
    stranded: dict[str, list[str]] = defaultdict(list)
    for ticket in waiting:
        if ticket.service in before and ticket.service not in after and ticket.service not in lost:
            stranded[ticket.service].append(ticket.label)
    for service, labels in stranded.items():
        yield _found("tickets_wait_for_window", of=labels, service=service, count=len(labels))


def _taken(state: HallDay, hall: Hall) -> set[str]:
    """Services that a window may take which is open now."""
    return {
        service
        for window in state.windows.values()
        if window.state is not WindowState.CLOSED and window.id in hall.window_by_id
        for service in can(hall, window, state.day.day, state.wider.get(window.id, ()))
    }


def _windows(state: HallDay, hall: Hall) -> Iterator[Finding]:
    for window in state.windows.values():
        gone = window.id not in hall.window_by_id
        if gone and window.ticket is not None:
            yield _found("window_serving", stops=True, of=[state.tickets[window.ticket].label], window=window.number)
        elif gone and window.state is not WindowState.CLOSED:
            yield _found("window_open", window=window.number)
        elif window.operator is not None and window.operator not in hall.operator_by_id:
            yield _found("operator_gone", stops=True, window=window.number, operator=window.operator)
        elif not gone and window.ticket is not None and hall.window_by_id[window.id].number != window.number:
            yield _found("window_renumbered", stops=True, window=window.number, of=[state.tickets[window.ticket].label])


def _bookings(state: HallDay, hall: Hall) -> Iterator[Finding]:
    booked = [b for b in state.diary.records() if b.state is BookingState.BOOKED and b.day >= state.day.day]
    known = {service.id for service in hall.services if offered(hall, service)}
    gone = [b for b in booked if not known.issuperset(b.services)]
    if gone:
        yield _found(
            "bookings_orphaned", stops=True, count=len(gone), of=sorted({s for b in gone for s in b.services} - known)
        )
    outside = [
        b for b in booked if not any(start <= b.start < end for start, end in hall.spans(hall.local(b.start).date()))
    ]
    if outside:
        outside.sort(key=lambda b: b.start)
        named = [f"{hall.local(b.start):%d.%m %H:%M} {b.code}" for b in outside]
        yield _found("bookings_outside_hours", count=len(outside), of=named)


def _hours(state: HallDay, hall: Hall, now: datetime) -> Iterator[Finding]:
    if state.day.state is HallState.CLOSED:
        return
    day = state.hall.local(now).date()
    was, will = (any(start <= now < end for start, end in each.spans(day)) for each in (state.hall, hall))
    if was and not will:
        yield _found("closed_now")


def _loads(state: HallDay, hall: Hall) -> list[Finding]:
    """A hall that would not start again by this document must not get it."""
    try:
        load(hall, state.rows(), state.pace, state.key)
    except ContractError as exc:
        return [_found("does_not_start", stops=True, fault=str(exc)[:200])]
    return []


def _found(code: str, *, stops: bool = False, of: Iterable[str] = (), **facts: object) -> Finding:
    named = tuple(dict.fromkeys(of))[:MOST_NAMED]
    return Finding(code=code, stops=stops, of=named, facts={name: str(value) for name, value in facts.items()})
