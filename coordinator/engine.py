"""What a command does to the hall: `decide` says it in events, `apply` lets them happen. Pure.

`decide` reads and never changes; `apply` uses the events' rows alone, so a hall rebuilt from its journal is the same hall.
A clock that jumps back makes waits 0 and limits pass; one that jumps ahead makes due what would be due then. Neither
loses a ticket but by the end of the day: a jump over midnight ends the day, so the caller keeps its clock honest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from contract import messages as m
from contract.pin import verify as verify_pin
from contract.words import Role
from coordinator import call, certificate, day, explain, measure, notice, pick, ticket, till, told, visit, window
from coordinator.bookings import attendance, booking
from coordinator.day import Tick
from coordinator.draft import Actor, Draft, RefusedError
from coordinator.record import Note, Person, Record, whole
from coordinator.revising import publishing
from coordinator.state import HallDay
from coordinator.ticket import PaperKnown
from coordinator.told import Alarmed, Rated
from journal.event import Event

__all__ = ["Actor", "Alarmed", "Decided", "PaperKnown", "Rated", "Tick", "answer", "apply", "decide", "take"]

News = PaperKnown | Alarmed | Rated | m.MoneyFact | m.CertificateFact
"""What a fact of a box means to the hall."""
AnyAct = m.HallCommand | News | Tick


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to happen, in one transaction, and the answer; None where nobody asked. Without events nothing changes.

    `records`: what the events' rows say, in their order; `persons`: whose bookings they are, to be kept apart from the events;
    `notes`: to be kept in memory alone.
    """

    events: tuple[Event, ...]
    reply: m.AnyReply | None
    records: tuple[Record, ...]
    persons: tuple[Person, ...] = ()
    notes: tuple[Note, ...] = ()


def decide(
    state: HallDay,
    command: AnyAct,
    actor: Actor,
    now: datetime,
    verify: window.Verify = verify_pin,
    present: till.Present = lambda _dev: True,
) -> Decided | m.Refused:
    """What `command` of `actor` does to the hall at hall time `now` (aware); a refusal changes nothing.

    `verify`: the check of a PIN against its hash; `present`: whether a box is connected.
    An armed window that may take somebody after it is served in the same batch.
    """
    asked = command if isinstance(command, m.Command) else None
    draft = Draft(state, whole(now), actor, cmd=asked.id if asked else None, who=_who(command, actor))
    try:
        reply = _answer(draft, command, verify, present)
    except RefusedError as no:
        assert asked is not None  # only what is asked is refused
        return m.Refused(id=asked.id, re=asked.id, code=no.code, text=no.text, facts=no.facts)
    finally:
        draft.leave()
    events, records = draft.told()
    return Decided(events, reply, records, tuple(draft.persons), tuple(draft.notes))


def answer(state: HallDay, question: m.AnyQuestion, actor: Actor, now: datetime) -> m.AnyReply:
    """What `actor` wants to know at hall time `now` (aware)."""
    if isinstance(question, m.HallCheck):
        return publishing.tell(state, question, actor.role, whole(now))
    if isinstance(question, m.TicketExplain):
        return explain.answer(state, question, actor.role, whole(now))
    draft = Draft(state, whole(now), actor, cmd=question.id, who=actor.dev)
    try:
        return booking.tell(draft, question)
    except RefusedError as no:
        return m.Refused(id=question.id, re=question.id, code=no.code, text=no.text, facts=no.facts)


def apply(state: HallDay, events: Iterable[Event]) -> None:
    """Let events happen: their rows, in order, into the state."""
    for event in events:
        for row in event.rows:
            state.put(row)


def take(state: HallDay, decided: Decided) -> None:
    """As `apply` of its events, without reading the rows back."""
    for record in (*decided.records, *decided.persons, *decided.notes):
        state.take(record)


def _who(command: AnyAct, actor: Actor) -> str:
    """The person who acts, otherwise the box."""
    match command:
        case m.WindowCommand(operator=who):
            return who or actor.dev
        case m.StaffCommand(operator=who) | m.HallPublish(operator=who) if actor.role is Role.CONSOLE:
            return who or actor.dev
        case m.PaymentFact(by=who) | m.BalanceFact(by=who):
            return who or actor.dev
        case _:
            return actor.dev


def _answer(draft: Draft, command: AnyAct, verify: window.Verify, present: till.Present) -> m.AnyReply | None:
    reply: m.AnyReply | None = None
    at: str | None = None
    match command:
        case m.TicketIssue() | m.TicketVoid() | m.TicketCancel() | m.TicketReturn():
            reply = ticket.answer(draft, command)
        case m.WindowCommand():
            at = _at_window(draft, command, verify)
        case m.HallOpen() | m.HallInterrupt() | m.HallResume() | m.HallClose():
            reply = day.answer(draft, command)
        case m.HallPublish() | m.HallNotice() | m.AlarmEnd():
            reply = _of_staff(draft, command)
        case m.BookingBook() | m.BookingMove() | m.BookingCancel() | m.BookingCheckIn():
            reply = booking.answer(draft, command)
        case m.PlanAccept() | m.PlanDismiss():
            reply = measure.answer(draft, command)
        case m.PaymentDecide() | m.PaymentReverse() | m.TillBalance() | m.TillClose() | m.TillPrint():
            reply = till.answer(draft, command, present)
        case (
            PaperKnown()
            | Alarmed()
            | Rated()
            | m.PaymentFact()
            | m.CassetteFact()
            | m.BalanceFact()
            | m.CertificateFact()
        ):
            _hear(draft, command)
        case Tick():
            day.tick(draft)
            attendance.expire(draft)
            notice.expire(draft)
            measure.tick(draft)
        case _:
            assert_never(command)
    call.serve(draft, draft.armed() if isinstance(command, Tick) else draft.armed_for_new())
    if at is not None and isinstance(command, m.WindowCommand):
        return window.done(draft, command.id, at)
    return reply


def _of_staff(draft: Draft, command: m.HallPublish | m.HallNotice | m.AlarmEnd) -> m.AnyReply:
    match command:
        case m.HallPublish():
            return publishing.answer(draft, command)
        case m.HallNotice():
            return notice.answer(draft, command)
        case m.AlarmEnd():
            return told.end(draft, command)
        case _:
            assert_never(command)


AtWindow = call.CallAct | visit.VisitAct | window.WindowAct | m.CallPick | m.WindowAlarm


def _at_window(draft: Draft, command: AtWindow, verify: window.Verify) -> str:
    match command:
        case m.WindowOpen() | m.WindowPause() | m.WindowClose() | m.WindowLogin() | m.WindowLogout():
            return window.answer(draft, command, verify)
        case m.WindowAlarm():
            return told.alarm(draft, command)
        case m.CallPick():
            return pick.answer(draft, command)
        case m.VisitAdd() | m.VisitDrop() | m.VisitNote():
            return visit.answer(draft, command)
        case _:
            return call.answer(draft, command)


def _hear(draft: Draft, news: News) -> None:
    match news:
        case PaperKnown():
            ticket.paper_known(draft, news)
        case Alarmed() | Rated():
            told.tell(draft, news)
        case m.PaymentFact() | m.CassetteFact() | m.BalanceFact():
            till.told(draft, news)
        case m.CertificateFact():
            certificate.told(draft, news)
        case _:
            assert_never(news)
