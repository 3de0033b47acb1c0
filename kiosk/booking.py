"""A booking looked for by its code, and what the hall says of it. Pure."""

from __future__ import annotations

from dataclasses import replace

from contract import messages as m
from kiosk.state import CODE_DIGITS, Find, Screen, State, Visit
from kiosk.visit import Result, Touches


def told(state: State, answer: m.AnyReply | None, now: float) -> State:
    """What the hall says the code stands for."""
    visit = replace(state.visit, finding="", silent=False)
    state = replace(state, touched_at=now)
    match answer:
        case m.Booked() as booked if state.hall is not None and booked.service in state.hall.service_by_id:
            return replace(state, screen=Screen.FOUND, visit=replace(visit, booked=booked, service=booked.service))
        case m.Refused(code=code, facts=facts):
            return replace(state, screen=Screen.NO_BOOKING, visit=replace(visit, refusal=code, facts=facts))
        case _:
            return replace(state, screen=Screen.NO_BOOKING, visit=visit)


def _how(state: State, name: str) -> Result:
    if name == "card":
        return replace(state, screen=Screen.CONSENT, visit=Visit()), ()
    return replace(state, screen=Screen.CODE, visit=Visit()), ()


def _digit(state: State, name: str) -> Result:
    code = state.visit.code + name
    fits = len(code) <= CODE_DIGITS and name.isdecimal() and name.isascii() and len(name) == 1
    return (replace(state, visit=replace(state.visit, code=code)) if fits else state), ()


def _erase(state: State, _name: str) -> Result:
    return replace(state, visit=replace(state.visit, code=state.visit.code[:-1])), ()


def _find(state: State, token: str) -> Result:
    code = state.visit.code
    if len(code) != CODE_DIGITS:
        return state, ()
    return replace(state, screen=Screen.FINDING, visit=Visit(code=code, finding=token)), (Find(token, code),)


def _code_again(state: State, _name: str) -> Result:
    return replace(state, screen=Screen.HOW if state.visit.by_card else Screen.CODE, visit=Visit()), ()


def _ordinary(state: State, _name: str) -> Result:
    """The visitor with no booking takes a ticket like everybody."""
    return replace(state, screen=Screen.GROUPS, after=Screen.GROUPS, page=0, visit=Visit()), ()


TOUCHES: Touches = {
    (Screen.HOW, "by"): _how,
    (Screen.CONSENT, "by"): _how,
    (Screen.NO_CARD, "by"): _how,
    (Screen.NO_CARD, "ordinary"): _ordinary,
    (Screen.CODE, "digit"): _digit,
    (Screen.CODE, "erase"): _erase,
    (Screen.NO_BOOKING, "again"): _code_again,
    (Screen.NO_BOOKING, "ordinary"): _ordinary,
}
ASKS: Touches = {(Screen.CODE, "next"): _find}
"""The touch that begins a question, which has the touch's token for its id."""
