"""The turns of a visit: leaving a window and standing in line again. Pure."""

from __future__ import annotations

from datetime import datetime

from contract.words import TicketState, WindowState
from coordinator.draft import Draft
from coordinator.record import Leg, Ticket, replace
from journal.event import Fact

SERVED = frozenset({"finished", "transferred", "parked"})
"""Outcomes of a turn in which the visitor was at the window."""


def leave(draft: Draft, ticket: Ticket, outcome: str, after: Ticket, result: str | None = None, **facts: Fact) -> None:
    """The visitor leaves the window where `ticket` is, which becomes free; `after` is the ticket from now on.

    `result`: what the operator said of the turn.
    """
    assert ticket.window is not None  # called and served tickets are at one
    window = replace(draft.window(ticket.window), ticket=None, since=draft.now)
    leg = _leg(draft, ticket, outcome, result)
    if result is not None:
        facts["result"] = result
    said = {"ticket": ticket.id, "label": ticket.label, "window": window.id, "number": window.number, **facts}
    draft.say(f"ticket.{outcome}", after, leg, window, **said)


def ended(draft: Draft, ticket: Ticket, state: TicketState, reason: str | None = None) -> Ticket:
    """The ticket in a state in which nobody waits for it."""
    served = ticket.at_window and state in (TicketState.FINISHED, TicketState.PARKED)
    return replace(
        ticket,
        state=state,
        ended_at=None if state is TicketState.PARKED else draft.now,
        service_s=_service_s(draft, ticket) if served else None,
        reason=reason if reason is not None else ticket.reason,
    )


def again(draft: Draft, ticket: Ticket, clock_at: datetime, only_window: str | None = None) -> Ticket:
    """The ticket in line for its next turn, nothing of the last one left on it.

    `only_window` is dropped where that window is closed: nobody waits for a window that takes no one.
    """
    closed = only_window is not None and draft.window(only_window).state is WindowState.CLOSED
    booked_at = ticket.booked_at if clock_at == ticket.clock_at else None  # a place at the end is no booked one
    return replace(
        ticket, state=TicketState.WAITING, clock_at=clock_at, ready_at=draft.now, booked_at=booked_at,
        only_window=None if closed else only_window, leg=ticket.leg + 1, window=None, operator=None,
        called_at=None, started_at=None, ended_at=None, recalls=0, wait_s=None, service_s=None, reason=None,
    )  # fmt: skip


def _leg(draft: Draft, ticket: Ticket, outcome: str, result: str | None) -> Leg:
    called = ticket.called_at or draft.now
    return Leg(
        ticket=ticket.id, n=ticket.leg, day=ticket.day, hour=draft.hall.local(called).hour, service=ticket.service,
        service_group=ticket.service_group, window=ticket.window, operator=ticket.operator, called_at=ticket.called_at,
        started_at=ticket.started_at, ended_at=draft.now, wait_s=_waited_s(ticket),
        service_s=_service_s(draft, ticket) if outcome in SERVED else None, outcome=outcome,
        result=result,
    )  # fmt: skip


def _waited_s(ticket: Ticket) -> float | None:
    """Of this turn alone; what the order went by is the ticket's `wait_s`."""
    if ticket.called_at is None or ticket.wait_s is None:
        return None
    return min(ticket.wait_s, max(0.0, round((ticket.called_at - ticket.since).total_seconds(), 3)))


def _service_s(draft: Draft, ticket: Ticket) -> float:
    return draft.since_s(ticket.started_at or ticket.called_at or draft.now)
