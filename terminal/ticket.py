"""A ticket for the queue, taken at the terminal: from the groups to the number. Pure.

The hall is asked once; a paper that fails leaves the number on the screen, so a ticket is never replaced here.
"""

from __future__ import annotations

from dataclasses import replace

from contract import messages as m
from contract.topics import STALE_S
from contract.words import HallState
from glass.occurrence import Answered
from terminal.state import Fate, Issue, PrintTicket, Screen, State, Task, Visit
from terminal.visit import Result, home, service, with_visit

LINK_GRACE_S = 2.0
"""A broker away for less is not worth a word."""


def taken(state: State, now: float) -> bool:
    """Whether the hall gives tickets now, as far as a live heartbeat tells."""
    fresh = state.beat_at is not None and now - state.beat_at < STALE_S
    linked = state.link_up or now - state.link_at < LINK_GRACE_S
    if not fresh or not linked or state.beat is None or state.view is None:
        return False
    return state.beat.state is HallState.OPEN and state.beat.refusing is None and state.view.taking


def closed(state: State, name: str) -> bool:
    """Whether no ticket is given for the service `name` now."""
    return state.view is not None and name in state.view.closed_services


def begun(state: State, token: str, now: float) -> Result:
    """From the menu; or, where something else gave nothing, for the same service at a window."""
    if not taken(state, now):
        return state, ()
    wanted = service(state)
    state, effects = home(state)
    visit = Visit(id=token, task=Task.TICKET)
    if wanted is None or closed(state, wanted.id):
        return replace(state, screen=Screen.GROUPS, visit=visit), effects
    visit = replace(visit, group=wanted.group, service=wanted.id)
    return replace(state, screen=Screen.TICKET, visit=visit), effects


def group(state: State, name: str) -> Result:
    """A group was chosen."""
    if state.hall is None or name not in state.hall.group_by_id:
        return state, ()
    return replace(with_visit(state, group=name), screen=Screen.SERVICES, page=0), ()


def chosen(state: State, name: str) -> Result:
    """A service was chosen."""
    if state.hall is None or name not in state.hall.service_by_id or closed(state, name):
        return state, ()
    return replace(with_visit(state, service=name), screen=Screen.TICKET, page=0), ()


def take(state: State, token: str, now: float) -> Result:
    """Ask the hall for a number."""
    ask = m.TicketIssue(id=token, service=state.visit.service, lang=state.lang, paper=state.ways.paper)
    working = replace(with_visit(state, ask=ask, silent=False, refusal=None), screen=Screen.WORKING, moved_at=now)
    return working, (Issue(ask),)


def again(state: State, now: float) -> Result:
    """Once more by the same id: whatever the hall did the first time stays done once."""
    ask = state.visit.ask
    if ask is None:
        return state, ()
    return replace(with_visit(state, silent=False), screen=Screen.WORKING, moved_at=now), (Issue(ask),)


def resumed(state: State, command: m.TicketIssue, now: float) -> Result:
    """The terminal stopped while it asked: whatever the hall did with the question, its answer comes once more."""
    wanted = state.hall.service_by_id.get(command.service) if state.hall is not None else None
    if state.screen is not Screen.ATTRACT or wanted is None:
        return state, ()
    visit = Visit(id=command.id, task=Task.TICKET, group=wanted.group, service=wanted.id, ask=command)
    return replace(state, lang=command.lang, visit=visit, screen=Screen.WORKING, moved_at=now, touched_at=now), (
        Issue(command),
    )


def answered(state: State, said: Answered, now: float) -> Result:
    """The hall's answer: a number, a refusal, or nothing at all."""
    ask = state.visit.ask
    if ask is None or ask.id != said.key or state.screen is not Screen.WORKING:
        return state, ()
    state = replace(state, touched_at=now, moved_at=now)
    match said.answer:
        case m.Issued() as issued:
            return _issued(with_visit(state, ask=None, issued=issued), ask, issued)
        case m.Refused(code=code):
            return replace(with_visit(state, ask=None, refusal=code), screen=Screen.ERROR), ()
        case _:
            return replace(state, screen=Screen.ERROR), ()


def _issued(state: State, ask: m.TicketIssue, issued: m.Issued) -> Result:
    if not ask.paper:
        return replace(state, screen=Screen.NUMBER), ()
    printing = with_visit(state, papers={ask.id: ("ticket", Fate.SENT)})
    return printing, (PrintTicket(ask.id, issued),)
