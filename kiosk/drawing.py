"""Which face a state has. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import ceil

from glass import cover, welcome
from glass.face import Face
from kiosk import offer, patience
from kiosk.faces import Sheet, booking, card, choose, entry, outcome
from kiosk.state import Screen, Standing, State

COUNT_STEP_S = 5
"""The countdown is redrawn so often: a number that jumps each second is hard to read and costs a frame each."""

_FACES: dict[Screen, Callable[[Sheet], Face]] = {
    Screen.LANGUAGE: welcome.language,
    Screen.GROUPS: choose.groups,
    Screen.SERVICES: choose.services,
    Screen.QUESTION: choose.question,
    Screen.ELSEWHERE: choose.elsewhere,
    Screen.NOTICE: choose.notice,
    Screen.CONFIRM: choose.confirm,
    Screen.PRIORITY: choose.priority,
    Screen.HOW: card.how,
    Screen.CONSENT: card.consent,
    Screen.DIGITS: card.digits,
    Screen.CARD: card.reading,
    Screen.NO_CARD: card.no_card,
    Screen.CODE: booking.code,
    Screen.FINDING: booking.finding,
    Screen.FOUND: booking.found,
    Screen.NO_BOOKING: booking.no_booking,
    Screen.NO_PAPER: outcome.no_paper,
    Screen.WORKING: outcome.working,
    Screen.TAKE: outcome.take,
    Screen.NUMBER: outcome.number,
    Screen.ERROR: outcome.error,
}


def draw(state: State, now: float, moment: datetime) -> Face:
    """The face of `state` at the monotonic moment `now` and the hall time `moment` (aware)."""
    if state.identity and state.screen is Screen.ATTRACT and not state.person:
        return welcome.identity(state.identity)
    if state.hall is None:
        return welcome.splash()
    sheet = Sheet(state, state.hall, now, moment, languages=state.screen is not Screen.LANGUAGE)
    if state.person:
        return cover.person(sheet)
    if state.still_here:
        left = max(0.0, patience.warn_s() - (now - state.shown_at))
        return cover.still_here(sheet, ceil(left / COUNT_STEP_S) * COUNT_STEP_S)
    if state.screen is Screen.ATTRACT:
        why = offer.standing(state, now)
        return entry.attract(sheet) if why is Standing.READY else entry.out(sheet, why)
    return _FACES[state.screen](sheet)
