"""What covers any screen: a person comes, and whether the visitor is still there. Pure."""

from __future__ import annotations

from dataclasses import replace

from kiosk.state import Person, State
from kiosk.visit import Result, over

MORE_TIME_S = 60.0
PERSON_S = 120.0
"""So long the screen says that a person comes, unless the visitor closes it."""


def call_person(state: State) -> Result:
    """The visitor needs a person: staff are told, and the screen says that one comes."""
    return replace(state, person=True), (Person(wanted=True),)


def person_gone(state: State, now: float) -> Result:
    """The screen stops saying so, and staff are told."""
    return replace(state, person=False, touched_at=now), (Person(wanted=False),)


def still_here(state: State, verb: str) -> Result:
    """What the visitor answers who was asked whether he is still there; any other touch changes nothing."""
    if verb == "more_time":
        return replace(state, still_here=False, extended=state.extended + 1, grace_s=MORE_TIME_S), ()
    return over(state) if verb == "finish" else (state, ())
