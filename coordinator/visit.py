"""The visit of who is at a window: one more service, one less, a note for the next window. Pure."""

from __future__ import annotations

from typing import assert_never

from contract.messages import VisitAdd, VisitDrop, VisitNote
from contract.words import Refusal, Role
from coordinator.draft import Draft, RefusedError
from coordinator.record import Note, Ticket, replace
from coordinator.ticket import offered
from coordinator.window import place

VisitAct = VisitAdd | VisitDrop | VisitNote
MOST_FURTHER = 8
"""Services still to come in one visit, as many as a kiosk may ask for."""


def answer(draft: Draft, command: VisitAct) -> str:
    """Do what is asked of the visit at a window; returns the window's id."""
    draft.need_role(Role.CONSOLE)
    window = place(draft, command)
    ticket = draft.ticket_at(window)
    if ticket is None:
        raise RefusedError(Refusal.NOTHING_CALLED, f"nobody is called to window {window.number}", window=window.number)
    match command:
        case VisitAdd():
            _add(draft, ticket, command.service)
        case VisitDrop():
            _drop(draft, ticket, command.service)
        case VisitNote():
            note(draft, ticket.id, command.text)
            draft.say("visit.noted", ticket=ticket.id, label=ticket.label)
        case _:
            assert_never(command)
    return window.id


def note(draft: Draft, ticket: str, text: str) -> None:
    """Keep this note of the ticket's visit, in memory alone; the events say at most that there is one."""
    draft.notes.append(Note(ticket, text.strip()))


def _add(draft: Draft, ticket: Ticket, name: str) -> None:
    service = offered(draft, name)
    if service.id in (ticket.service, *ticket.then_services) or len(ticket.then_services) >= MOST_FURTHER:
        text = f"{ticket.label} has {name!r} already, or too many services"
        raise RefusedError(Refusal.BAD_COMMAND, text, label=ticket.label, service=name)
    after = replace(ticket, then_services=(*ticket.then_services, service.id))
    draft.say("visit.added", after, ticket=ticket.id, label=ticket.label, service=service.id)


def _drop(draft: Draft, ticket: Ticket, name: str) -> None:
    if name not in ticket.then_services:
        text = f"{ticket.label} does not wait for {name!r}"
        raise RefusedError(Refusal.BAD_COMMAND, text, label=ticket.label, service=name)
    left = tuple(service for service in ticket.then_services if service != name)
    draft.say("visit.dropped", replace(ticket, then_services=left), ticket=ticket.id, label=ticket.label, service=name)
