"""A visit's end, from wherever it comes, and the hall document that may change then. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from contract.hall import Hall
from kiosk.state import Effect, Ended, ForgetCard, Screen, State, Visit

Result = tuple[State, tuple[Effect, ...]]
Handler = Callable[[State, str], Result]
"""What a touch does: with the part of its key after the verb, or with its token where it begins a question."""
Touches = dict[tuple[Screen, str], Handler]
"""What the touches of some screens do, by screen and verb; any other touch there changes nothing."""


def over(state: State) -> Result:
    """The end of a visit: nothing of it stays, and a staged hall document comes into force."""
    ended: tuple[Effect, ...] = (Ended(state.visit.id),) if state.visit.id else ()
    if state.cards and state.screen is not Screen.ATTRACT:
        ended = (*ended, ForgetCard())
    fresh = replace(
        state, screen=Screen.ATTRACT, after=Screen.GROUPS, contrast=False, low=False, page=0, still_here=False,
        person=False, extended=0, grace_s=0.0, visit=Visit(),
    )  # fmt: skip
    return _applied(fresh), ended


def leave(state: State, _name: str) -> Result:
    """A touch that ends the visit."""
    return over(state)


def configured(state: State, hall: Hall) -> State:
    """With a checked hall document: staged, and in force at once where nobody is here."""
    if hall == state.hall:
        return replace(state, staged=None)
    return _applied(replace(state, staged=hall)) if state.screen is Screen.ATTRACT else replace(state, staged=hall)


def _applied(state: State) -> State:
    hall = state.staged or state.hall
    lang = hall.default_language if hall else state.lang
    return replace(state, hall=hall, staged=None, lang=lang)
