"""Calling a visitor by number, out of turn: a person decides, the hall's rights hold, the journal is told why. Pure."""

from __future__ import annotations

from contract.messages import CallPick
from contract.words import Light, Refusal, Role, TicketState, Verb, Why
from coordinator.call import invite, need_another_press
from coordinator.draft import Draft, RefusedError
from coordinator.record import Ticket, Window, replace
from coordinator.ticket import back
from coordinator.window import place

AWAY = frozenset({TicketState.PARKED, TicketState.NO_SHOW})
"""Who stands in no line and can be called by number all the same."""


def answer(draft: Draft, command: CallPick) -> str:
    """Call the visitor to the window of who asks; returns the window's id."""
    draft.need_role(Role.CONSOLE)
    window = place(draft, command)
    need_another_press(draft, window)
    _need_free(draft, window)
    if stopped := draft.calling_stopped():
        raise stopped
    ticket = _found(draft, command.label)
    if ticket.service not in draft.can(window):
        text = f"window {window.number} may not do {ticket.service} now"
        raise RefusedError(Refusal.NO_RIGHT, text, window=window.number, service=ticket.service)
    if ticket.state in AWAY:
        ticket = back(draft, ticket)
    draft.move(ticket, Verb.CALL)
    words = {"who": window.operator or draft.actor.dev, "reason": str(command.why)}
    invite(draft, window, replace(ticket, only_window=None), Why.PICKED, words, dict(words))
    return window.id


def _found(draft: Draft, label: str) -> Ticket:
    """Today's ticket of this label. Raises: RefusedError: there is none."""
    found = next((name for name, ticket in draft.state.tickets.items() if ticket.label == label), "")
    return draft.ticket(found)


def _need_free(draft: Draft, window: Window) -> None:
    light, number = draft.light(window), window.number
    if (ticket := draft.ticket_at(window)) is not None:
        text = f"window {number} still has {ticket.label}"
        raise RefusedError(Refusal.WINDOW_BUSY, text, window=number, label=ticket.label)
    if light is Light.CLOSED:
        raise RefusedError(Refusal.WINDOW_CLOSED, f"window {number} is closed", window=number)
    if light is Light.PAUSED:
        raise RefusedError(Refusal.WINDOW_PAUSED, f"window {number} has a break", window=number)
