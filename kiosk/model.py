"""The visitor's way through the kiosk: `step(state, occurrence, now)` gives the next state and what is to be done. Pure.

No number is used without paper or without the visitor's choice; a question keeps its id until it is answered, so a finger that
hits twice, a silent hall and a restart all end in one ticket.

What a visit is about lives in rooms of its own: `need` up to the confirmation, `booking` and `reading` for who has booked, `ticket` and
`paper` for what comes out, `patience` for time, `visit` for every way out. Here are touches, languages and the way back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

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
from kiosk import booking, need, paper, patience, reading, ticket
from kiosk.cover import call_person, person_gone, still_here
from kiosk.offer import standing
from kiosk.state import CardRead, ForgetCard, Occurrence, PaperSaid, Printed, Resumed, Screen, Standing, State, Visit
from kiosk.visit import Result, Touches, configured, over

SETTLE_S = 0.2
"""A touch sooner after a change of screen was meant for the screen before."""

_BACK = {
    Screen.GROUPS: Screen.ATTRACT, Screen.SERVICES: Screen.GROUPS, Screen.NOTICE: Screen.SERVICES,
    Screen.QUESTION: Screen.SERVICES, Screen.ELSEWHERE: Screen.QUESTION,
    Screen.CONFIRM: Screen.SERVICES, Screen.PRIORITY: Screen.CONFIRM, Screen.NO_PAPER: Screen.CONFIRM,
    Screen.CODE: Screen.ATTRACT, Screen.FOUND: Screen.CODE, Screen.NO_BOOKING: Screen.ATTRACT, Screen.HOW: Screen.ATTRACT,
    Screen.CONSENT: Screen.HOW, Screen.DIGITS: Screen.CONSENT, Screen.CARD: Screen.HOW, Screen.NO_CARD: Screen.HOW,
}  # fmt: skip
"""Where the way back leads from the screens that have one."""


def step(state: State, occurrence: Occurrence, now: float) -> Result:
    """The state after `occurrence` at the monotonic moment `now`, and what is to be done, in order.

    What does not fit the state (a second touch, a late answer) changes nothing.
    """
    after, effects = _step(state, occurrence, now)
    if _shown(after) != _shown(state):
        after = replace(after, shown_at=now)
    return after, effects


def _shown(state: State) -> tuple[object, ...]:
    return state.screen, state.page, state.still_here, state.person


def _step(state: State, occurrence: Occurrence, now: float) -> Result:  # noqa: C901 - one case for each occurrence
    match occurrence:
        case Touch():
            return _touch(state, occurrence, now)
        case Tick():
            return patience.tick(state, now)
        case Configured(hall):
            return configured(state, hall), ()
        case Viewed(view):
            return replace(state, view=view), ()
        case Beat(beat, live):
            heard = None if beat.lost else now if live else state.beat_at
            return replace(state, beat=beat, beat_at=heard), ()
        case Linked(up):
            return replace(state, link_up=up, link_at=now), ()
        case Identify(identity, seconds):
            return replace(state, identity=identity, identity_until=now + seconds), ()
        case Quiet(key):
            return _quiet(state, key), ()
        case Answered():
            return _answered(state, occurrence, now)
        case PaperSaid(fault, where):
            return paper.said(state, fault, where, now)
        case Printed(job, fate):
            return paper.printed(state, job, fate, now)
        case MouthSaid(waiting):
            return replace(state, mouth=waiting), ()
        case CardsSaid(ready, swipe):
            return replace(state, cards=ready, swipe=ready and swipe), ()
        case CardSwiped():
            return reading.swiped(state, occurrence, now)
        case CardStep() | CardRead() | CardFailed():
            return reading.said(state, occurrence, now)
        case Resumed():
            return ticket.resumed(state, occurrence, now)
        case _:
            assert_never(occurrence)


def _answered(state: State, occurrence: Answered, now: float) -> Result:
    if state.screen is Screen.FINDING and state.visit.finding == occurrence.key:
        return booking.told(state, occurrence.answer, now), ()
    return ticket.answered(state, occurrence, now)


def _quiet(state: State, key: str) -> State:
    open_ = state.visit.finding or (state.visit.ask.id if state.visit.ask is not None else "")
    if open_ != key:
        return state
    return replace(state, visit=replace(state.visit, silent=True))


def _touch(state: State, touch: Touch, now: float) -> Result:
    if now - state.shown_at < SETTLE_S:
        return state, ()
    state = replace(state, touched_at=now, grace_s=0.0)
    verb, _, name = touch.key.partition(":")
    if state.person:
        return person_gone(state, now) if verb == "close" else (state, ())
    if state.still_here:
        return still_here(state, verb)
    if tool := _TOOLS.get(verb):
        return tool(state)
    if verb == "take" and state.screen in (Screen.CONFIRM, Screen.FOUND):
        return ticket.take(state, touch.token, now)
    if ask := _ASKS.get((state.screen, verb)):
        return ask(state, touch.token)
    if verb in _BEGINS and state.screen is Screen.ATTRACT:
        first, when = _BEGINS[verb]
        return (_begin(state, first) if standing(state, now) in when else state), ()
    handler = _TOUCHES.get((state.screen, verb))
    return handler(state, name) if handler else (state, ())


def _begin(state: State, first: Screen) -> State:
    several = state.hall is not None and len(state.hall.languages) > 1
    state = replace(state, screen=Screen.LANGUAGE if several else first, after=first)
    return state if several else _ask_how(state)


def _ask_how(state: State) -> State:
    """An empty code pad is not shown first where a card can be read."""
    first = state.screen is Screen.CODE and state.visit == Visit() and state.cards
    return replace(state, screen=Screen.HOW) if first else state


def _choose_language(state: State) -> Result:
    if state.screen in (Screen.LANGUAGE, Screen.WORKING, Screen.FINDING, Screen.CARD) or state.hall is None:
        return state, ()
    return replace(state, after=state.screen, screen=Screen.LANGUAGE), ()


def _language(state: State, name: str) -> Result:
    if state.hall is None or name not in state.hall.languages:
        return state, ()
    return _ask_how(replace(state, lang=name, screen=state.after)), ()


def _back(state: State, _name: str) -> Result:
    if state.screen is Screen.LANGUAGE:
        leaving = state.visit == Visit() and state.after in (Screen.GROUPS, Screen.CODE)
        return over(state) if leaving or state.after is Screen.ATTRACT else (replace(state, screen=state.after), ())
    screen = _BACK[state.screen]
    if state.screen is Screen.CODE and state.cards:
        screen = Screen.HOW
    if state.screen is Screen.CARD:
        return replace(state, screen=screen, visit=Visit()), (ForgetCard(),)
    if screen in (Screen.HOW, Screen.CONSENT):
        state = replace(state, visit=Visit())
    if (state.screen, state.visit.by_card) == (Screen.FOUND, True):
        return replace(state, screen=Screen.HOW, visit=Visit()), ()
    if screen is Screen.CONFIRM and state.visit.booked is not None:
        screen = Screen.FOUND
    return over(state) if screen is Screen.ATTRACT else (replace(state, screen=screen, page=0), ())


_BEGINS = {
    "start": (Screen.GROUPS, {Standing.READY}),
    "booking": (Screen.CODE, {Standing.READY, Standing.LAST_TICKETS}),
}
"""What a touch of the attract screen leads to, and when."""
_TOOLS: dict[str, Callable[[State], Result]] = {
    "language": _choose_language,
    "contrast": lambda state: (replace(state, contrast=not state.contrast), ()),
    "lower": lambda state: (replace(state, low=not state.low, page=0), ()),
    "person": call_person,
}
"""Touches that every screen has."""
_ASKS: Touches = booking.ASKS | reading.ASKS
"""Touches that begin a question, which has the touch's token for its id."""
_TOUCHES: Touches = (
    need.TOUCHES | booking.TOUCHES | reading.TOUCHES | ticket.TOUCHES
    | {(Screen.LANGUAGE, "lang"): _language}
    | {(screen, "back"): _back for screen in (Screen.LANGUAGE, *_BACK)}
)  # fmt: skip
