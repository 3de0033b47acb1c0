"""How long each screen waits, and the question whether somebody is still there. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from kiosk import paper
from kiosk.cover import PERSON_S, person_gone
from kiosk.state import Screen, State
from kiosk.visit import Result, over
from look import tokens

CARD_S = 120.0
"""A read ends by itself long before; nobody stands before a screen that waits for so long."""
MOUTH_S = 120.0
"""So long the screen asks to take the paper that hangs out of the printer; the printer itself may take it back sooner."""


def tick(state: State, now: float) -> Result:
    """What time alone changes at the monotonic moment `now`."""
    if state.identity and now >= state.identity_until:
        state = replace(state, identity="")
    idle = now - state.touched_at
    if state.person:
        return person_gone(state, now) if idle >= PERSON_S else (state, ())
    if state.still_here:
        return over(state) if now - state.shown_at >= warn_s() else (state, ())
    if state.screen is Screen.WORKING:
        return paper.overdue(state, now)
    if state.screen is Screen.FINDING:
        return state, ()  # the question ends by itself
    if state.screen is Screen.CARD:
        return over(state) if now - state.shown_at >= CARD_S else (state, ())
    if state.screen is Screen.TAKE:
        limit = MOUTH_S if state.mouth else _times().take_ticket_s
        return over(state) if now - state.shown_at >= limit else (state, ())
    if idle < (state.grace_s or _times().kiosk_idle_s):
        return state, ()
    if state.screen is Screen.ATTRACT or state.extended >= _times().extend_max:
        return over(state)
    return replace(state, still_here=True), ()


def warn_s() -> float:
    """How long the visitor is asked whether he is still there."""
    return float(_times().warn_before_s)


@lru_cache
def _times() -> tokens.Time:
    return tokens.time()
