"""Which face a state has. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import ceil

from glass import cover, welcome
from glass.face import Face
from terminal import flow
from terminal.faces import Sheet, entry, form, identify, menu, money, outcome
from terminal.state import Screen, Standing, State

COUNT_STEP_S = 5
"""The countdown is redrawn so often: a number that jumps each second is hard to read and costs a frame each."""

_FACES: dict[Screen, Callable[[Sheet], Face]] = {
    Screen.LANGUAGE: welcome.language,
    Screen.MENU: menu.menu,
    Screen.GROUPS: menu.groups,
    Screen.SERVICES: menu.services,
    Screen.TICKET: menu.confirm,
    Screen.HOW: menu.how,
    Screen.CODE: menu.code,
    Screen.CONSENT: identify.consent,
    Screen.DIGITS: identify.digits,
    Screen.CARD: identify.reading,
    Screen.NO_CARD: identify.no_card,
    Screen.ASKING: identify.asking,
    Screen.NO_ANSWER: identify.no_answer,
    Screen.FORM: form.form,
    Screen.CHECK: form.check,
    Screen.DUES: money.dues,
    Screen.TOTAL: money.total,
    Screen.PAY_CARD: money.pay_card,
    Screen.PAY_CASH: money.pay_cash,
    Screen.STOP_CASH: money.stop_cash,
    Screen.PAY_QR: money.pay_qr,
    Screen.WORKING: outcome.working,
    Screen.TAKE: outcome.take,
    Screen.NUMBER: outcome.number,
    Screen.CLAIM: outcome.claim,
    Screen.UNKNOWN: outcome.unknown,
    Screen.ERROR: outcome.error,
}


def draw(state: State, now: float, moment: datetime) -> Face:
    """The face of `state` at the monotonic moment `now` and the hall time `moment` (aware)."""
    if state.identity and state.screen is Screen.ATTRACT and not state.person:
        return welcome.identity(state.identity)
    if state.hall is None:
        return welcome.splash()
    sheet = Sheet(state, state.hall, now, moment, languages=state.screen not in flow.BUSY)
    if state.person:
        return cover.person(sheet)
    if state.still_here:
        left = max(0.0, flow.warn_s() - (now - state.shown_at))
        return cover.still_here(sheet, ceil(left / COUNT_STEP_S) * COUNT_STEP_S)
    if state.screen is Screen.ATTRACT:
        why = flow.standing(state, now)
        return entry.attract(sheet) if why is Standing.READY else entry.out(sheet, why)
    return _FACES[state.screen](sheet)
