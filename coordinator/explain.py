"""Why a visitor has not been called yet: who went before and why, who stands ahead, which windows may. Pure."""

from __future__ import annotations

from datetime import datetime

from contract import messages as m
from contract.words import HallState, Refusal, Role, TicketState, Why, WhyNot, WindowState
from coordinator import routing
from coordinator.record import Ticket, Window
from coordinator.state import AHEAD, HallDay

SHOWN = 5
"""Calls that went before, told by name: the newest."""


def answer(state: HallDay, command: m.TicketExplain, asking: Role, now: datetime) -> m.Explained | m.Refused:
    """What is to be said about the ticket at hall time `now`; consoles may ask."""
    ticket = next((t for t in state.tickets.values() if t.label == command.label), None)
    if asking is not Role.CONSOLE:
        code, text = Refusal.NOT_ALLOWED, f"a {asking} may not do this"
    elif ticket is None:
        code, text = Refusal.UNKNOWN_TICKET, "today there is no such ticket"
    else:
        return _explained(state, ticket, command.id, now)
    return m.Refused(id=command.id, re=command.id, code=code, text=text)


def _explained(state: HallDay, ticket: Ticket, re: str, now: datetime) -> m.Explained:
    waits = ticket.state in AHEAD
    able = _able(state, ticket) if waits else []
    ahead = state.ahead([ticket.service], ticket) if waits else 0
    passed = _passed(state, ticket) if waits else []
    only = state.hall.window_by_id.get(ticket.only_window or "") if waits else None
    wait_s = (now - ticket.clock_at).total_seconds() if waits else ticket.wait_s or 0.0
    return m.Explained(
        id=re,
        re=re,
        label=ticket.label,
        service=ticket.service,
        state=ticket.state,
        since=ticket.clock_at,
        wait_s=max(0.0, round(wait_s, 1)),
        why_not=tuple(_why_not(state, ticket, able, ahead)),
        ahead=ahead,
        windows=tuple(sorted(window.number for window in able)),
        only_window=None if only is None else only.number,
        passed=tuple(_told(state, one) for one in passed[:SHOWN]),
        passed_in_all=len(passed),
        told=ticket.told,
    )


def _why_not(state: HallDay, ticket: Ticket, able: list[Window], ahead: int) -> list[WhyNot]:
    if ticket.state not in AHEAD:
        return [WhyNot.NOT_WAITING]
    found = {
        WhyNot.HALL: state.day.state is not HallState.OPEN,
        WhyNot.PAPER: ticket.state is TicketState.ISSUED,
        WhyNot.ONLY_WINDOW: ticket.only_window is not None,
        WhyNot.NO_WINDOW: not able,
        WhyNot.LINE: ahead > 0,
        WhyNot.BUSY: bool(able) and all(window.ticket is not None for window in able),
    }
    return [why for why, true in found.items() if true]


def _able(state: HallDay, ticket: Ticket) -> list[Window]:
    """The open windows that may take it."""
    return [
        window
        for window in state.windows.values()
        if window.state is WindowState.FREE
        and ticket.service in state.can(window)
        and ticket.only_window in {None, window.id}
    ]


def _passed(state: HallDay, ticket: Ticket) -> list[Ticket]:
    """Whom windows laid out for its service called while it waited, though they had waited less; the newest first."""
    begin = ticket.clock_at
    could = {name for name, desk in state.floor.desks.items() if ticket.service in desk.primary}
    found = [
        (one.called_at, one.number, one)
        for one in state.tickets.values()
        if one.called_at is not None and one.called_at >= begin and one.clock_at > begin and one.window in could
    ]
    return [one for _, _, one in sorted(found, key=lambda entry: entry[:2], reverse=True)]


def _told(state: HallDay, one: Ticket) -> m.Passed:
    """The call and its reason; how far off another window was is not kept, so a scarce one is told by its wait.

    Nor is why a person picked somebody: the journal has it.
    """
    assert one.called_at is not None  # it was called
    assert one.window is not None
    why = Why(one.reason) if one.reason in set(Why) else Why.WAITED
    facts = {
        "wait": f"{(one.wait_s or 0.0) / 60:.0f}",
        "target": f"{state.rules.claim(routing.waiting(one).rank).target:.0f}",
        "guard": f"{state.rules.guard:.0f}",
        "who": one.operator or "",
    }
    number = state.windows[one.window].number
    return m.Passed(label=one.label, number=number, called_at=one.called_at, why=why, why_facts=facts)
