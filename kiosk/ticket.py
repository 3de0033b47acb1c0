"""The questions to the hall that end in a ticket: issue, check in, replace; each keeps its id until it is answered. Pure."""

from __future__ import annotations

from dataclasses import replace

from contract import messages as m
from glass.occurrence import Answered
from kiosk.state import Ask, Asked, Ended, LookAtPaper, Print, Resumed, Screen, State, Visit
from kiosk.visit import Result, Touches, leave

REPLACE_MAX = 3
"""After so many papers that could not be trusted the number is shown instead."""


def take(state: State, token: str, now: float) -> Result:
    """The visitor wants a ticket: the visit has an id from now on, and paper is looked at before a number is used."""
    visit = replace(state.visit, id=state.visit.id or token, fault="", fate_at=now)
    return replace(state, screen=Screen.WORKING, visit=visit), (LookAtPaper(),)


def issue(state: State, *, paper: bool) -> Result:
    """Ask for the ticket, by the booking where there is one."""
    visit = state.visit
    command: Asked
    if visit.booked is not None:
        command = m.BookingCheckIn(id=visit.id, code=visit.booked.code, lang=state.lang, paper=paper)
    else:
        command = m.TicketIssue(
            id=visit.id, service=visit.service, priority_group=visit.priority, lang=state.lang, paper=paper
        )
    return _open(state, command, paper=paper)


def renew(state: State, *, paper: bool) -> Result:
    """The paper cannot be trusted: the label dies, a new one keeps the place."""
    visit = state.visit
    assert visit.issued is not None
    paper = paper and visit.asked < REPLACE_MAX
    command = m.TicketVoid(id=f"{visit.id}.{visit.asked}", ticket=visit.issued.ticket, paper=paper)
    return _open(replace(state, visit=replace(visit, old=visit.issued.label)), command, paper=paper)


def answered(state: State, occurrence: Answered, now: float) -> Result:
    """The end of the question that is open; an answer to any other changes nothing."""
    ask = state.visit.ask
    if ask is None or ask.id != occurrence.key or state.screen is not Screen.WORKING:
        return state, ()
    match occurrence.answer:
        case m.Issued() as issued:
            return _issued(state, issued, now)
        case m.Refused(code=code, facts=facts) if isinstance(ask, m.BookingCheckIn):
            visit = replace(state.visit, ask=None, code=ask.code, refusal=code, facts=facts)
            return replace(state, screen=Screen.NO_BOOKING, touched_at=now, visit=visit), (Ended(visit.id),)
        case m.Refused(code=code) if isinstance(ask, m.TicketIssue):
            visit = replace(state.visit, ask=None, refusal=code)
            return replace(state, screen=Screen.ERROR, touched_at=now, visit=visit), (Ended(visit.id),)
        case m.Refused() if state.visit.issued is not None:
            # the ticket is past waiting: its label lives, whatever became of the paper
            return _show_number(replace(state, visit=replace(state.visit, old="")), now)
        case _:  # no answer, or one to another question
            return replace(state, screen=Screen.ERROR, touched_at=now), ()


def resumed(state: State, found: Resumed, now: float) -> Result:
    """A visit that a restart interrupted goes on with its question."""
    asked = int(found.ask.id.rpartition(".")[2]) + 1 if isinstance(found.ask, m.TicketVoid) else 1
    visit = Visit(
        service=found.service, paper=found.ask.paper, id=found.visit, ask=found.ask, asked=asked, old=found.old
    )  # fmt: skip
    state = replace(state, screen=Screen.WORKING, lang=found.lang, touched_at=now, visit=visit)
    return state, (_asked(state),)


def _paperless(state: State, _name: str) -> Result:
    return issue(state, paper=False)


def _again(state: State, _name: str) -> Result:
    """Once more by the same id: whatever the hall did the first time stays done once."""
    if state.visit.ask is None:
        return state, ()
    working = replace(state, screen=Screen.WORKING, visit=replace(state.visit, silent=False))
    return working, (_asked(working),)


def _open(state: State, command: Asked, *, paper: bool) -> Result:
    visit = replace(state.visit, ask=command, asked=state.visit.asked + 1, paper=paper, silent=False, fate=None)
    state = replace(state, screen=Screen.WORKING, visit=visit)
    return state, (_asked(state),)


def _asked(state: State) -> Ask:
    visit = state.visit
    assert visit.ask is not None
    return Ask(visit.id, visit.ask, state.lang, visit.service, visit.old)


def _issued(state: State, issued: m.Issued, now: float) -> Result:
    visit = replace(state.visit, issued=issued, ask=None, silent=False, fate_at=now)
    state = replace(state, visit=visit, touched_at=now)
    return (state, (Print(visit.id, issued, visit.old, visit.where),)) if visit.paper else _show_number(state, now)


def _show_number(state: State, now: float) -> Result:
    visit = replace(state.visit, ask=None)
    return replace(state, screen=Screen.NUMBER, touched_at=now, visit=visit), (Ended(visit.id),)


TOUCHES: Touches = {
    (Screen.NO_PAPER, "paperless"): _paperless,
    (Screen.NO_PAPER, "other_kiosk"): leave,
    (Screen.TAKE, "done"): leave,
    (Screen.NUMBER, "done"): leave,
    (Screen.ERROR, "again"): _again,
    (Screen.ERROR, "done"): leave,
}
