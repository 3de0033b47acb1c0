"""A booking looked for by ID card: what opens the card is typed or swiped, then it is read. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from glass import card
from glass.card import RETYPE, ZONE
from glass.occurrence import CardFailed, CardStep, CardSwiped
from kiosk.state import CardRead, Find, ReadCard, Screen, State, Visit
from kiosk.visit import Result, Touches


def swiped(state: State, zone: CardSwiped, now: float) -> Result:
    """In place of typing; before the visitor has agreed, and when a read goes on, it is nobody's."""
    if state.screen is not Screen.DIGITS:
        return state, ()
    state = replace(state, touched_at=now, visit=Visit(fields=ZONE, typed=zone.typed or ("",)))
    if not zone.typed:
        return replace(state, screen=Screen.NO_CARD, visit=replace(state.visit, failed="bad_key", by_card=True)), ()
    return _read(state, zone.token)


def said(state: State, of: CardStep | CardRead | CardFailed, now: float) -> Result:
    """What is heard of a read; of one that is no longer wanted nothing."""
    if state.screen is not Screen.CARD or state.visit.card != of.key:
        return state, ()
    match of:
        case CardStep(_, step, done):
            return replace(state, visit=replace(state.visit, step=step, done=done)), ()
        case CardRead(key, persons):
            finding = replace(state, screen=Screen.FINDING, visit=Visit(by_card=True, finding=key))
            return finding, (Find(key, "", persons),)
        case CardFailed(_, code):
            visit = replace(state.visit, card="", step="", failed=code)
            return replace(state, screen=Screen.NO_CARD, touched_at=now, visit=visit), ()
        case _:
            assert_never(of)


def _digit(state: State, name: str) -> Result:
    return _typed(state, *card.added(state.visit, name)), ()


def _erase(state: State, _name: str) -> Result:
    return _typed(state, *card.erased(state.visit)), ()


def _by_zone(state: State, _name: str) -> Result:
    """The card has no number for opening it: three fields of its zone do."""
    return replace(state, visit=Visit(fields=ZONE)), ()


def _typed(state: State, *typed: str) -> State:
    return replace(state, visit=replace(state.visit, typed=typed))


def _next(state: State, token: str) -> Result:
    visit = state.visit
    if not card.complete(visit):
        return state, ()
    return _read(state, token) if len(visit.typed) == len(visit.fields) else (_typed(state, *visit.typed, ""), ())


def _again(state: State, token: str) -> Result:
    """By the same digits, where these were not the trouble."""
    if state.visit.failed in RETYPE:
        return replace(state, screen=Screen.DIGITS, visit=Visit(fields=state.visit.fields)), ()
    return _read(state, token)


def _read(state: State, token: str) -> Result:
    visit = Visit(fields=state.visit.fields, typed=state.visit.typed, card=token, by_card=True)
    return replace(state, screen=Screen.CARD, visit=visit), (ReadCard(token, visit.typed),)


TOUCHES: Touches = {
    (Screen.CONSENT, "agree"): lambda state, _name: (replace(state, screen=Screen.DIGITS), ()),
    (Screen.DIGITS, "digit"): _digit,
    (Screen.DIGITS, "erase"): _erase,
    (Screen.DIGITS, "zone"): _by_zone,
}
ASKS: Touches = {(Screen.DIGITS, "next"): _next, (Screen.NO_CARD, "again"): _again}
"""Touches that begin a read, which has the touch's token for its key."""
