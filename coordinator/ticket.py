"""Tickets by id: issue, proof of paper, void, cancel, return. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never

from contract.hall_part import PriorityGroup, Service
from contract.messages import BookingCheckIn, Done, Issued, TicketCancel, TicketIssue, TicketReturn, TicketVoid
from contract.words import HallState, Paper, Refusal, Role, TicketState, Verb
from coordinator import leg, prospect
from coordinator.draft import Draft, RefusedError
from coordinator.record import Note, Series, Ticket, replace

ISSUERS = (Role.KIOSK, Role.TERMINAL, Role.CONSOLE)


@dataclass(frozen=True, slots=True)
class PaperKnown:
    """A box tells what became of a ticket's paper."""

    ticket: str
    paper: Paper


def answer(draft: Draft, command: TicketIssue | TicketVoid | TicketCancel | TicketReturn) -> Issued | Done:
    """Do what is asked of a ticket."""
    match command:
        case TicketIssue():
            return _issue(draft, command)
        case TicketVoid():
            return _void(draft, command)
        case TicketCancel():
            return _cancel(draft, command)
        case TicketReturn():
            return _return(draft, command)
        case _:
            assert_never(command)


# --- issue -----------------------------------------------------------------------------------------------------------------


def _issue(draft: Draft, command: TicketIssue) -> Issued:
    draft.need_role(*ISSUERS)
    services = (command.service, *command.then)
    for name in services:
        offered(draft, name)
    priority(draft, command.priority_group)
    need_lang(draft, command.lang)
    _need_hours(draft)
    return issue(draft, command, services, command.priority_group, clock_at=draft.now)


def issue(
    draft: Draft,
    command: TicketIssue | BookingCheckIn,
    services: Sequence[str],
    priority_group: str | None,
    *,
    clock_at: datetime,
    booked_at: datetime | None = None,
) -> Issued:
    """A new ticket for `services` in turn; the language was looked at. Raises: RefusedError: one of them is not offered."""
    service, *further = (offered(draft, name) for name in services)
    group = priority(draft, priority_group)
    numbered = _numbered(draft, _letter(draft, service, group), command.paper)
    wait = prospect.told(draft.state, service.id, draft.now)
    ticket = Ticket(
        **numbered,
        visit=numbered["id"],
        service=service.id,
        then_services=tuple(s.id for s in further),
        service_group=service.group,
        priority=group.level if group else 0,
        priority_group=group.id if group else None,
        lang=command.lang,
        clock_at=clock_at,
        booked_at=booked_at,
        told_low=None
        if wait is None or booked_at
        else 0
        if group
        else wait.low,  # the range is a visitor's without priority
        told_high=None if wait is None or booked_at else wait.high,
    )
    return _issued(draft, ticket, command.id)


def need_lang(draft: Draft, lang: str) -> None:
    """Raises: RefusedError: the hall does not speak it."""
    if lang not in draft.hall.languages:
        text = f"this hall does not speak {lang!r}"
        raise RefusedError(Refusal.BAD_COMMAND, text, limit=" ".join(draft.hall.languages))


def offered(draft: Draft, name: str) -> Service:
    """The service of this id. Raises: RefusedError: the hall has none, or no window that could take it."""
    service = draft.hall.service_by_id.get(name)
    if service is None:
        raise RefusedError(Refusal.UNKNOWN_SERVICE, f"the hall does not offer {name!r}", service=name)
    if service.id not in draft.state.offered:
        raise RefusedError(Refusal.SERVICE_CLOSED, f"no window of the hall can take {name!r}", service=name)
    return service


def priority(draft: Draft, name: str | None) -> PriorityGroup | None:
    """The priority group of this id. Raises: RefusedError: the hall has none."""
    if name is None:
        return None
    group = draft.hall.priority_by_id.get(name)
    if group is None:
        raise RefusedError(Refusal.BAD_COMMAND, f"the hall has no priority group {name!r}")
    return group


def _need_hours(draft: Draft) -> None:
    hours = draft.hours
    if draft.day.state is HallState.CLOSED or hours is None:
        raise RefusedError(Refusal.HALL_CLOSED, "the hall is closed")
    if draft.day.state is HallState.INTERRUPTED:
        raise RefusedError(Refusal.HALL_INTERRUPTED, "the hall is interrupted, tickets are given out when it goes on")
    if not hours.taking(draft.now):
        raise RefusedError(Refusal.HALL_CLOSED, "the hall is outside its opening hours")
    limit = draft.hall.rule("ticket.last_before_close_min")
    if hours.left_s(draft.now) < 60 * limit:
        text = f"the last tickets are given out {limit} minutes before the hall closes"
        raise RefusedError(Refusal.LAST_TICKETS, text, limit=limit)


def _letter(draft: Draft, service: Service, priority: PriorityGroup | None) -> str:
    if priority is not None and priority.letter and draft.hall.rule("ticket.own_series_for_priority"):
        return priority.letter
    return draft.hall.group_by_id[service.group].letter


def _numbered(draft: Draft, letter: str, paper: bool) -> dict[str, Any]:
    """The fields of a ticket that is new at this moment, with the next number of its series."""
    day, number = draft.day.day, _series(draft, letter).next
    label = f"{letter}{number:03d}"
    grace = timedelta(seconds=draft.wall_s("ticket.paper_grace_s")) if paper else timedelta()
    return {
        "id": f"{day.isoformat().replace('-', '')[2:]}-{label}",
        "day": day,
        "label": label,
        "letter": letter,
        "number": number,
        "kiosk": draft.actor.dev,
        "state": TicketState.ISSUED if paper else TicketState.WAITING,
        "paper": Paper.SENT if paper else Paper.NONE,
        "issued_at": draft.now,
        "ready_at": draft.now + grace,
        "hour": draft.hall.local(draft.now).hour,
    }


def _series(draft: Draft, letter: str) -> Series:
    return draft.state.series.get(letter) or Series(draft.day.day, letter)


def _issued(draft: Draft, ticket: Ticket, command: str, instead: Ticket | None = None) -> Issued:
    """Say that `ticket` exists, in the place of `instead` where given, and answer."""
    series = replace(_series(draft, ticket.letter), next=ticket.number + 1)
    facts = {"ticket": ticket.id, "label": ticket.label, "service": ticket.service}
    if instead is not None:
        facts["instead"] = instead.label
    draft.say("ticket.issued", ticket, series, **facts)
    return Issued(
        id=command,
        re=command,
        ticket=ticket.id,
        label=ticket.label,
        day=ticket.day,
        service=ticket.service,
        priority_group=ticket.priority_group,
        zone=draft.hall.group_by_id[ticket.service_group].zone,
        lang=ticket.lang,
        issued_at=ticket.issued_at,
        people_ahead=_people_ahead(draft, ticket) - (1 if instead is not None else 0),
        booked_at=ticket.booked_at,
        wait=ticket.told,
    )


def _people_ahead(draft: Draft, ticket: Ticket) -> int:
    return draft.state.ahead(draft.state.services_in[ticket.service_group], ticket)


# --- paper -----------------------------------------------------------------------------------------------------------------

_FINAL = frozenset({Paper.NONE, Paper.CONFIRMED, Paper.VOID})
_NEWS = frozenset({Paper.CONFIRMED, Paper.UNKNOWN, Paper.VOID})


def paper_known(draft: Draft, news: PaperKnown) -> None:
    """Note what is known about the paper; a proof makes an issued ticket callable.

    Never refused: what is known already, of an unknown ticket, or told by a box that did not print it, changes nothing. A proof
    or a void is final; a ticket without paper has no news.
    """
    ticket = draft.state.ticket(news.ticket)
    foreign = ticket is None or (draft.actor.dev != ticket.kiosk and draft.actor.role is not Role.COORDINATOR)
    if ticket is None or foreign or ticket.paper in _FINAL or news.paper not in _NEWS or news.paper is ticket.paper:
        return
    ticket = replace(ticket, paper=news.paper)
    if ticket.state is TicketState.ISSUED and news.paper is Paper.CONFIRMED:
        _ready(draft, ticket)
    else:
        draft.say("ticket.paper", ticket, ticket=ticket.id, label=ticket.label, paper=str(ticket.paper))


def release(draft: Draft) -> None:
    """Make tickets callable whose grace for a proof of paper has passed, or whose issue the clock went back behind."""
    for name in list(draft.state.in_state(TicketState.ISSUED)):
        ticket = draft.ticket(name)
        if ticket.state is TicketState.ISSUED and not ticket.issued_at <= draft.now < ticket.ready_at:
            _ready(draft, ticket)


def _ready(draft: Draft, ticket: Ticket) -> None:
    waiting = replace(ticket, state=TicketState.WAITING)
    draft.say("ticket.waiting", waiting, ticket=ticket.id, label=ticket.label, doubt=ticket.doubt)


# --- void, cancel, return --------------------------------------------------------------------------------------------------


def _void(draft: Draft, command: TicketVoid) -> Issued | Done:
    old = draft.ticket(command.ticket)
    state = draft.move(old, Verb.VOID)
    if draft.actor.role is not Role.CONSOLE and draft.actor.dev != old.kiosk:
        raise RefusedError(Refusal.NOT_YOURS, f"{old.label} was issued at {old.kiosk}", label=old.label)
    new = _instead(draft, old, command.paper) if command.replace else None
    dead = leg.ended(draft, replace(old, paper=Paper.VOID), state, "void")
    dead = replace(dead, replaced_by=new.id if new is not None else None)
    draft.say("ticket.voided", dead, ticket=old.id, label=old.label, replaced_by=dead.replaced_by)
    if new is not None and old.id in draft.state.notes:
        draft.notes.append(Note(new.id, draft.state.notes[old.id]))
    if new is None:
        return Done(id=command.id, re=command.id, ticket=old.id, label=old.label)
    return _issued(draft, new, command.id, instead=old)


def _instead(draft: Draft, old: Ticket, paper: bool) -> Ticket:
    """The same visitor at the same place with a new label of the same series."""
    return replace(old, **_numbered(draft, old.letter, paper))


def _cancel(draft: Draft, command: TicketCancel) -> Done:
    ticket = draft.ticket(command.ticket)
    draft.move(ticket, Verb.CANCEL)
    cancel(draft, ticket, "staff")
    return Done(id=command.id, re=command.id, ticket=ticket.id, label=ticket.label)


def cancel(draft: Draft, ticket: Ticket, reason: str) -> None:
    """End the ticket wherever it is."""
    after = leg.ended(draft, ticket, TicketState.CANCELLED, reason)
    if ticket.at_window:
        leg.leave(draft, ticket, "cancelled", after, reason=reason)
    else:
        draft.say("ticket.cancelled", after, ticket=ticket.id, label=ticket.label, reason=reason)


def _return(draft: Draft, command: TicketReturn) -> Done:
    ticket = back(draft, draft.ticket(command.ticket))
    return Done(id=command.id, re=command.id, ticket=ticket.id, label=ticket.label)


def back(draft: Draft, ticket: Ticket) -> Ticket:
    """The parked or missed visitor in line again. Raises: RefusedError: neither parked nor missed, or missed calls are void here."""
    draft.move(ticket, Verb.RETURN)
    clock_at, priority = ticket.clock_at, ticket.priority
    if ticket.state is TicketState.NO_SHOW:
        clock_at, priority = _missed_place(draft, ticket)
    after = replace(leg.again(draft, ticket, clock_at, ticket.only_window), priority=priority)
    draft.say("ticket.returned", after, ticket=ticket.id, label=ticket.label, place_kept=clock_at == ticket.clock_at)
    return after


def _missed_place(draft: Draft, ticket: Ticket) -> tuple[datetime, int]:
    """Clock and priority level of a visitor who missed the call and came back, by rule `call.no_show_then`.

    place_kept_n keeps both while few enough later tickets of the group were called meanwhile; back_of_queue keeps the level,
    ordinary_queue loses it; void takes nobody back.
    """
    match draft.hall.rule("call.no_show_then"):
        case "void":
            text = f"{ticket.label} missed its call and is void in this hall"
            raise RefusedError(Refusal.WRONG_STATE, text, label=ticket.label)
        case "place_kept_n" if _overtaken(draft, ticket) <= draft.hall.rule("call.return_within_tickets"):
            return ticket.clock_at, ticket.priority
        case "ordinary_queue":
            return draft.now, 0
        case _:
            return draft.now, ticket.priority


def _overtaken(draft: Draft, ticket: Ticket) -> int:
    """How many later tickets of the same service group were called since this one was."""
    called = ticket.called_at or draft.now
    return sum(
        other.service_group == ticket.service_group
        and other.place > ticket.place
        and other.called_at is not None
        and other.called_at >= called
        for other in draft.state.tickets.values()
    )
