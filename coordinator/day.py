"""The day of the hall: open, interrupt, resume, close, and what happens by the clock alone. Pure.

A day begins once, in one of its opening hours, and ends when its last span is over and nobody is left, when a manager says
so, or when the local date goes on. The day never goes back: with a clock set back to yesterday today stays, its hours unapplied.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from contract.messages import Done, HallClose, HallInterrupt, HallOpen, HallResume
from contract.words import LIVE, HallState, Refusal, Role, TicketState
from coordinator import measure, notice, ticket, window
from coordinator.bookings import attendance
from coordinator.draft import Draft, RefusedError
from coordinator.record import NEVER, DayRow, Ticket, replace

HallAct = HallOpen | HallInterrupt | HallResume | HallClose


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: every second or so, so that what is due happens."""


def answer(draft: Draft, command: HallAct) -> Done:
    """Do what a manager asks of the hall."""
    draft.need_role(Role.CONSOLE)
    match command:
        case HallOpen():
            _open_by_hand(draft)
        case HallInterrupt():
            _interrupt(draft, command.reason)
        case HallResume():
            _resume(draft)
        case HallClose():
            _need_not_closed(draft)
            _close(draft, "manager")
        case _:
            assert_never(command)
    return Done(id=command.id, re=command.id)


def tick(draft: Draft) -> None:
    """Close a day that is over, open one that begins, let go at lunch, end the grace of unproved papers."""
    today = _today(draft)
    if draft.day.state is not HallState.CLOSED:
        if today > draft.day.day:
            _close(draft, "date")
        elif _over(draft):
            _close(draft, "hours")
    if today > draft.day.day and any(start <= draft.now < end for start, end in draft.hall.spans(today)):
        _open(draft, today)
    if draft.day.state is not HallState.CLOSED:
        _let_go(draft)
        ticket.release(draft)


def _today(draft: Draft) -> date:
    return draft.hall.local(draft.now).date()


def _over(draft: Draft) -> bool:
    unserved = (TicketState.ISSUED, TicketState.WAITING, TicketState.CALLED, TicketState.SERVING)
    hours = draft.hours
    return hours is not None and hours.over(draft.now) and not any(draft.state.in_state(s) for s in unserved)


def _let_go(draft: Draft) -> None:
    """End what waits when the hall pauses, where its rule says so; what is at a window is served."""
    if draft.pausing() and draft.hall.rule("hours.lunch_tickets") == "release":
        for found in _tickets(draft, TicketState.ISSUED, TicketState.WAITING):
            ticket.cancel(draft, found, "lunch")


def _tickets(draft: Draft, *states: TicketState) -> list[Ticket]:
    return [draft.ticket(name) for state in states for name in draft.state.in_state(state)]


def _open_by_hand(draft: Draft) -> None:
    today = _today(draft)
    if draft.day.state is not HallState.CLOSED and today <= draft.day.day:
        if draft.day.state is HallState.INTERRUPTED:
            raise RefusedError(Refusal.HALL_INTERRUPTED, "the hall is interrupted: resume it")
        raise RefusedError(Refusal.WRONG_STATE, "the hall is open")
    if draft.day.state is not HallState.CLOSED:
        _close(draft, "date")
    _open(draft, max(today, draft.day.day))


def _open(draft: Draft, today: date) -> None:
    """Begin the day, or go on with it after it was closed; a new day has new series."""
    day = DayRow(today, HallState.OPEN, draft.hall.revision, since=draft.now, opened_at=draft.now)
    fresh = [replace(w, since=draft.now) for w in draft.state.windows.values() if w.since == NEVER]
    draft.say("hall.opened", day, *fresh, day=today.isoformat(), revision=day.revision)


def _close(draft: Draft, reason: str) -> None:
    if draft.day.state is HallState.INTERRUPTED:
        attendance.extend(draft)
    for found in _tickets(draft, *sorted(LIVE)):
        ticket.cancel(draft, found, "day_close")
    window.close_all(draft)
    notice.close(draft)
    measure.end_all(draft)
    day = replace(draft.day, state=HallState.CLOSED, reason=reason, since=draft.now, closed_at=draft.now)
    draft.say("hall.closed", day, day=day.day.isoformat(), reason=reason)


def _interrupt(draft: Draft, reason: str) -> None:
    _need_not_closed(draft)
    if draft.day.state is HallState.INTERRUPTED:
        raise RefusedError(Refusal.HALL_INTERRUPTED, "the hall is interrupted already")
    day = replace(draft.day, state=HallState.INTERRUPTED, reason=reason, since=draft.now)
    draft.say("hall.interrupted", day, reason=reason)


def _resume(draft: Draft) -> None:
    _need_not_closed(draft)
    if draft.day.state is HallState.OPEN:
        raise RefusedError(Refusal.WRONG_STATE, "the hall is not interrupted")
    attendance.extend(draft)
    day = replace(draft.day, state=HallState.OPEN, reason=None, since=draft.now)
    draft.say("hall.resumed", day)


def _need_not_closed(draft: Draft) -> None:
    if draft.day.state is HallState.CLOSED:
        raise RefusedError(Refusal.HALL_CLOSED, "the hall is closed")
