"""The visitor's way through the terminal: `step(state, occurrence, now)` gives the next state and what is to be done. Pure.

What a visit is about lives in rooms of its own: `errand` up to the sum, `sale` from the sum to the papers, `ticket` for the queue,
`visit` for every way out. Here are touches, time and covers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import assert_never

from contract.hall import Hall
from contract.words import HallState
from glass import card
from glass.card import ZONE
from glass.occurrence import (
    Answered,
    Beat,
    CardFailed,
    CardsSaid,
    CardStep,
    CardSwiped,
    Configured,
    Identify,
    Linked,
    MouthSaid,
    Quiet,
    Tick,
    Touch,
    Viewed,
)
from look import tokens
from terminal import errand, sale, ticket
from terminal.state import (
    Again,
    CallPerson,
    Claimed,
    Credited,
    Doubtful,
    Effect,
    ForgetCard,
    Identified,
    Occurrence,
    Ordered,
    Paid,
    PayStep,
    Printed,
    Refused,
    Resumed,
    Screen,
    Standing,
    State,
    Suggested,
    Task,
    Told,
    Unpaid,
    Untold,
    Ways,
    Wipe,
)
from terminal.visit import Result, applied, home, left, over, with_visit

SETTLE_S = 0.2
"""A touch sooner after a change of screen was meant for the screen before."""
MORE_TIME_S = 60.0
PERSON_S = 120.0
"""So long the screen says that a person comes, unless the visitor closes it."""
CARD_S = 120.0
"""A read ends by itself long before; nobody stands before a screen that waits for so long."""
ASK_S = 30.0
"""The registers have not answered for so long: they are away."""
ORDER_S = 15.0
PAY_S = 330.0
"""A payment of which nothing was heard for so long is not clear."""
PRINT_S = 60.0
"""A paper of which nothing was heard for so long may be out or not; a sheet takes longer than a receipt."""
TICKET_S = 30.0
"""A ticket's question ends by itself before."""
CLAIM_S = 120.0
UNKNOWN_S = 900.0
"""So long an unclear payment keeps the screen: whoever paid comes back to it with staff."""
MOUTH_S = 120.0

_PATIENT = frozenset(
    {
        Screen.LANGUAGE, Screen.MENU, Screen.GROUPS, Screen.SERVICES, Screen.TICKET, Screen.NUMBER, Screen.HOW, Screen.CODE,
        Screen.CONSENT, Screen.DIGITS, Screen.NO_CARD, Screen.NO_ANSWER, Screen.FORM, Screen.CHECK, Screen.DUES, Screen.TOTAL,
        Screen.PAY_CASH, Screen.STOP_CASH, Screen.PAY_QR, Screen.ERROR, Screen.TAKE,
    }
)  # fmt: skip
"""Screens that wait for the visitor, and ask whether there still is one."""
BUSY = frozenset(
    {
        Screen.WORKING, Screen.ASKING, Screen.CARD, Screen.PAY_CARD, Screen.PAY_CASH, Screen.STOP_CASH, Screen.LANGUAGE,
        Screen.TAKE, Screen.CLAIM, Screen.UNKNOWN,
    }
)  # fmt: skip
"""Screens that are not left for the list of languages."""


def step(state: State, occurrence: Occurrence, now: float) -> Result:
    """The state after `occurrence` at the monotonic moment `now`, and what is to be done, in order; a visit's last is `Wipe`.

    What does not fit the state (a second touch, a late answer) changes nothing.
    """
    after, effects = _step(state, occurrence, now)
    if _cover(after) != _cover(state):
        after = replace(after, shown_at=now)
    if calling(after) != calling(state):
        effects = _before_wipe(effects, CallPerson(calling(after)))
    return after, effects


def standing(state: State, now: float) -> Standing:  # noqa: ARG001 - as the kiosk's
    """Whether a visit can begin. A hall that is out of reach changes nothing but tickets: money and papers are remembered here."""
    if state.hall is None or state.beat is None or state.beat_at is None:
        return Standing.STARTING
    if state.beat.state is not HallState.OPEN:
        return Standing.CLOSED if state.beat.state is HallState.CLOSED else Standing.INTERRUPTED
    ways = state.ways
    return Standing.READY if ways.paper or ways.card or ways.cash or ways.qr else Standing.OUT


def calling(state: State) -> bool:
    """Whether a person is wanted: the visitor asked for one, money is in doubt, or a paper did not come."""
    unclear = state.screen is Screen.UNKNOWN and state.visit.doubt
    stuck = state.screen is Screen.TAKE and bool(sale.failed(state.visit))
    return state.person or unclear or stuck


def warn_s() -> float:
    """How long the visitor is asked whether he is still there."""
    return float(_times().warn_before_s)


def _cover(state: State) -> tuple[object, ...]:
    return state.screen, state.page, state.still_here, state.person, state.visit.index


def _before_wipe(effects: tuple[Effect, ...], effect: Effect) -> tuple[Effect, ...]:
    if effects and isinstance(effects[-1], Wipe):
        return (*effects[:-1], effect, effects[-1])
    return (*effects, effect)


def _step(state: State, occurrence: Occurrence, now: float) -> Result:  # noqa: C901 - one case for each occurrence
    match occurrence:
        case Touch():
            return _touch(state, occurrence, now)
        case Tick():
            return _tick(state, now)
        case Configured(hall):
            return _configured(state, hall), ()
        case Viewed(view):
            return replace(state, view=view), ()
        case Beat(beat, live):
            return replace(state, beat=beat, beat_at=now if live and not beat.lost else state.beat_at), ()
        case Linked(up):
            return replace(state, link_up=up, link_at=now), ()
        case Identify(identity, seconds):
            return replace(state, identity=identity, identity_until=now + seconds), ()
        case Ways():
            return replace(state, ways=occurrence), ()
        case MouthSaid(waiting):
            return replace(state, mouth=waiting), ()
        case Quiet(key):
            waits = state.visit.ask is not None and state.visit.ask.id == key
            return (with_visit(state, silent=True) if waits else state), ()
        case Answered():
            return ticket.answered(state, occurrence, now)
        case Again(command):
            return ticket.resumed(state, command, now)
        case CardsSaid(ready, swipe):
            return replace(state, cards=ready, swipe=ready and swipe), ()
        case CardSwiped():
            return errand.swiped(state, occurrence, now)
        case CardStep() | CardFailed() | Identified():
            return errand.card_said(state, occurrence, now)
        case Told():
            return errand.told(state, occurrence, now)
        case Untold():
            return errand.untold(state, occurrence, now)
        case Suggested():
            return errand.suggested(state, occurrence), ()
        case Printed():
            return sale.said_of_paper(state, occurrence, now)
        case Ordered() | Refused() | PayStep() | Credited() | Paid() | Unpaid() | Doubtful() | Claimed() | Resumed():
            return sale.heard(state, occurrence, now)
        case _:
            assert_never(occurrence)


def _configured(state: State, hall: Hall) -> State:
    if hall == state.hall:
        return replace(state, staged=None)
    staged = replace(state, staged=hall)
    return applied(staged) if state.screen is Screen.ATTRACT else staged


# --- time --------------------------------------------------------------------------------------------------------------


def _tick(state: State, now: float) -> Result:
    if state.identity and now >= state.identity_until:
        state = replace(state, identity="")
    idle = now - state.touched_at
    if state.person and idle >= PERSON_S:
        return replace(state, person=False, touched_at=now), ()
    if state.screen in _WAITING:
        return _waiting(state, now)
    if state.person:
        return state, ()
    if state.still_here:
        return left(state, now) if now - state.shown_at >= warn_s() else (state, ())
    if state.screen is Screen.TAKE and not calling(state):
        limit = MOUTH_S if state.mouth else _times().take_ticket_s
        return left(state, now) if now - state.shown_at >= limit else (state, ())
    if idle < (state.grace_s or _times().kiosk_idle_s):
        return state, ()
    if state.screen is Screen.ATTRACT:
        return _tidied(state), ()
    if state.screen not in _PATIENT or state.extended >= _times().extend_max:
        return left(state, now)
    return replace(state, still_here=True), ()


def _tidied(state: State) -> State:
    """The tools that were touched without beginning anything are put back."""
    return replace(over(state)[0], touched_at=state.touched_at)


def _waiting(state: State, now: float) -> Result:
    """Screens that something else than the visitor ends; each also ends by itself."""
    limit, then = _WAITING[state.screen]
    since = max(state.shown_at, state.moved_at)
    return then(state, now) if now - since >= limit else (state, ())


def _overdue(state: State, now: float) -> Result:
    visit, waited = state.visit, now - state.moved_at
    if visit.ordering:
        return sale.no_order(state, now)
    if visit.ending:
        if waited < PAY_S:
            return state, ()
        return over(state) if visit.receipt or visit.claim else sale.in_doubt(state, now)
    if visit.ask is not None:
        return (replace(state, screen=Screen.ERROR, touched_at=now), ()) if waited >= TICKET_S else (state, ())
    return sale.overdue(state, now) if waited >= PRINT_S else (state, ())


def _unanswered(state: State, now: float) -> Result:
    return replace(with_visit(state, asking="", fault="register_away"), screen=Screen.NO_ANSWER, touched_at=now), ()


def _unread(state: State, now: float) -> Result:
    state = with_visit(state, card="", step="", failed="no_card")
    return replace(state, screen=Screen.NO_CARD, touched_at=now), (ForgetCard(),)


_WAITING: dict[Screen, tuple[float, Callable[[State, float], Result]]] = {
    Screen.WORKING: (ORDER_S, _overdue),
    Screen.ASKING: (ASK_S, _unanswered),
    Screen.CARD: (CARD_S, _unread),
    Screen.PAY_CARD: (PAY_S, sale.in_doubt),
    Screen.CLAIM: (CLAIM_S, left),
    Screen.UNKNOWN: (UNKNOWN_S, left),
}


# --- touches -----------------------------------------------------------------------------------------------------------


def _touch(state: State, touch: Touch, now: float) -> Result:
    if now - state.shown_at < SETTLE_S:
        return state, ()
    state = replace(state, touched_at=now, grace_s=0.0)
    verb, _, name = touch.key.partition(":")
    if state.person:
        return (replace(state, person=False), ()) if verb == "close" else (state, ())
    if state.still_here:
        return _still_here(state, verb, now)
    if tool := _TOOLS.get(verb):
        return tool(state), ()
    handler = _TOUCHES.get((state.screen, verb))
    return handler(state, name, touch.token, now) if handler else (state, ())


def _still_here(state: State, verb: str, now: float) -> Result:
    if verb == "more_time":
        return replace(state, still_here=False, extended=state.extended + 1, grace_s=MORE_TIME_S), ()
    return left(replace(state, still_here=False), now) if verb == "finish" else (state, ())


def _start(state: State, _name: str, _token: str, now: float) -> Result:
    if standing(state, now) is not Standing.READY:
        return state, ()
    several = state.hall is not None and len(state.hall.languages) > 1
    return replace(state, screen=Screen.LANGUAGE if several else Screen.MENU, after=Screen.MENU), ()


def _choose_language(state: State) -> State:
    if state.screen in BUSY or state.hall is None:
        return state
    return replace(state, after=state.screen, screen=Screen.LANGUAGE)


def _language(state: State, name: str, _token: str, _now: float) -> Result:
    if state.hall is None or name not in state.hall.languages:
        return state, ()
    return replace(state, lang=name, screen=state.after), ()


def _back(state: State, _name: str, _token: str, now: float) -> Result:
    then = _BACK.get(state.screen)
    return then(state, now) if then else home(state)


def _back_language(state: State, _now: float) -> Result:
    began = state.after not in (Screen.ATTRACT, Screen.MENU)
    return (replace(state, screen=state.after), ()) if began else over(state)


def _back_code(state: State, _now: float) -> Result:
    if state.visit.task is not Task.DUES or not state.cards:
        return home(state)
    return replace(with_visit(state, code=""), screen=Screen.HOW), ()


def _back_consent(state: State, _now: float) -> Result:
    return (replace(state, screen=Screen.HOW), ()) if state.visit.task is Task.DUES else home(state)


_BACK: dict[Screen, Callable[[State, float], Result]] = {
    Screen.LANGUAGE: _back_language,
    Screen.MENU: lambda state, _now: over(state),
    Screen.SERVICES: lambda state, _now: (replace(state, screen=Screen.GROUPS, page=0), ()),
    Screen.TICKET: lambda state, _now: (replace(state, screen=Screen.SERVICES, page=0), ()),
    Screen.CODE: _back_code,
    Screen.CONSENT: _back_consent,
    Screen.DIGITS: lambda state, _now: (replace(with_visit(state, typed=("",)), screen=Screen.CONSENT), ()),
    Screen.FORM: lambda state, _now: errand.back(state),
    Screen.CHECK: lambda state, _now: errand.back(state),
    Screen.TOTAL: lambda state, _now: sale.back(state),
    Screen.PAY_CARD: sale.stop,
    Screen.PAY_CASH: sale.stop,
    Screen.STOP_CASH: lambda state, _now: sale.resume_cash(state),
    Screen.PAY_QR: lambda state, _now: sale.leave_qr(state),
}
"""Where the way back does not lead to the menu."""


def _page(state: State, name: str, _token: str, _now: float) -> Result:
    return (replace(state, page=int(name)) if name.isdecimal() and name.isascii() else state), ()


def _zone(state: State, _name: str, _token: str, _now: float) -> Result:
    """The card has no number for opening it: three fields of its zone do."""
    return with_visit(state, fields=ZONE, typed=("",)), ()


def _signs(state: State, _name: str, _token: str, _now: float) -> Result:
    return with_visit(state, signs=not state.visit.signs), ()


def _code_erase(state: State, _name: str, _token: str, _now: float) -> Result:
    return with_visit(state, code=state.visit.code[:-1]), ()


def _error_again(state: State, _name: str, _token: str, now: float) -> Result:
    return ticket.again(state, now)


_Handler = Callable[[State, str, str, float], Result]
_TOOLS: dict[str, Callable[[State], State]] = {
    "language": _choose_language,
    "contrast": lambda state: replace(state, contrast=not state.contrast),
    "lower": lambda state: replace(state, low=not state.low, page=0),
    "person": lambda state: replace(state, person=True),
}
_TOUCHES: Mapping[tuple[Screen, str], _Handler] = {
    (Screen.ATTRACT, "start"): _start,
    (Screen.LANGUAGE, "lang"): _language,
    (Screen.MENU, "service"): errand.chosen,
    (Screen.MENU, "dues"): lambda state, _name, token, _now: errand.dues(state, token),
    (Screen.MENU, "reprint"): lambda state, _name, token, _now: errand.reprint(state, token),
    (Screen.GROUPS, "group"): lambda state, name, _token, _now: ticket.group(state, name),
    (Screen.SERVICES, "service"): lambda state, name, _token, _now: ticket.chosen(state, name),
    (Screen.TICKET, "take"): lambda state, _name, token, now: ticket.take(state, token, now),
    (Screen.NUMBER, "done"): lambda state, _name, _token, now: left(state, now),
    (Screen.HOW, "by"): lambda state, name, _token, _now: errand.how(state, name),
    (Screen.CONSENT, "by"): lambda state, name, _token, _now: errand.how(state, name),
    (Screen.CONSENT, "agree"): lambda state, _name, _token, _now: (replace(state, screen=Screen.DIGITS), ()),
    (Screen.CODE, "digit"): lambda state, name, _token, _now: errand.sign(state, name),
    (Screen.CODE, "erase"): _code_erase,
    (Screen.CODE, "next"): lambda state, _name, token, now: errand.ask_code(state, token, now),
    (Screen.DIGITS, "digit"): lambda state, name, _t, _n: (with_visit(state, typed=card.added(state.visit, name)), ()),
    (Screen.DIGITS, "erase"): lambda state, _name, _t, _n: (with_visit(state, typed=card.erased(state.visit)), ()),
    (Screen.DIGITS, "zone"): _zone,
    (Screen.DIGITS, "next"): lambda state, _name, token, _now: errand.read(state, token),
    (Screen.NO_CARD, "again"): lambda state, _name, token, _now: errand.read_again(state, token),
    (Screen.NO_CARD, "by"): lambda state, name, _token, _now: errand.how(state, name),
    (Screen.NO_ANSWER, "again"): lambda state, _name, token, now: errand.ask_again(state, token, now),
    (Screen.FORM, "sign"): lambda state, name, token, _now: errand.letter(state, name, token),
    (Screen.FORM, "digit"): lambda state, name, token, _now: errand.letter(state, name, token),
    (Screen.FORM, "erase"): lambda state, _name, token, _now: errand.erase(state, token),
    (Screen.FORM, "signs"): _signs,
    (Screen.FORM, "pick"): lambda state, name, _token, now: errand.pick(state, name, now),
    (Screen.FORM, "choose"): lambda state, name, _token, now: errand.choose(state, name, now),
    (Screen.FORM, "next"): lambda state, _name, _token, now: errand.enter(state, now),
    (Screen.FORM, "skip"): lambda state, _name, _token, now: errand.skip(state, now),
    (Screen.CHECK, "correct"): lambda state, name, _token, _now: errand.correct(state, name),
    (Screen.CHECK, "right"): lambda state, _name, _token, now: sale.total(state, now),
    (Screen.DUES, "due"): lambda state, name, _token, now: errand.due(state, name, now),
    (Screen.TOTAL, "pay"): lambda state, name, token, now: sale.pay(state, name, token, now),
    (Screen.PAY_CARD, "stop"): lambda state, _name, _token, now: sale.stop(state, now),
    (Screen.PAY_CASH, "stop"): lambda state, _name, _token, now: sale.stop(state, now),
    (Screen.STOP_CASH, "stop"): lambda state, _name, _token, now: sale.stop(state, now),
    (Screen.STOP_CASH, "more"): lambda state, _name, _token, _now: sale.resume_cash(state),
    (Screen.PAY_QR, "print"): lambda state, _name, _token, now: sale.transfer(state, now),
    (Screen.PAY_QR, "done"): lambda state, _name, _token, now: left(state, now),
    (Screen.TAKE, "again"): lambda state, _name, _token, now: sale.again(state, now),
    (Screen.ERROR, "again"): _error_again,
} | {
    (screen, "page"): _page for screen in (Screen.MENU, Screen.GROUPS, Screen.SERVICES, Screen.CHECK, Screen.DUES, Screen.FORM)
} | {
    (screen, "back"): _back for screen in _PATIENT - {Screen.NUMBER, Screen.ERROR, Screen.TAKE} | {Screen.CARD, Screen.PAY_CARD}
} | {
    (screen, "ticket"): lambda state, _name, token, now: ticket.begun(state, token, now)
    for screen in (Screen.MENU, Screen.NO_CARD, Screen.NO_ANSWER, Screen.CONSENT, Screen.TOTAL)
} | {
    (screen, "done"): lambda state, _name, _token, now: left(state, now)
    for screen in (Screen.TAKE, Screen.CLAIM, Screen.UNKNOWN, Screen.ERROR, Screen.NO_ANSWER)
}  # fmt: skip


@lru_cache
def _times() -> tokens.Time:
    return tokens.time()
