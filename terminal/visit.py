"""A visit's ends, from wherever they come: nothing of the visitor stays, and no order is left without a word. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contract.hall_part import Form, Service
from terminal.state import Abandon, Effect, ForgetCard, Screen, State, StopCard, StopCash, Visit, Wipe

Result = tuple[State, tuple[Effect, ...]]


def with_visit(state: State, **changes: Any) -> State:
    """The state with a visit that is changed so."""
    return replace(state, visit=replace(state.visit, **changes))


def service(state: State) -> Service | None:
    """The service that is wanted; None: none is."""
    return state.hall.service_by_id.get(state.visit.service) if state.hall is not None else None


def form(state: State) -> Form | None:
    """The form of that service; None: it has none."""
    wanted = service(state)
    alone = wanted.self_service if wanted is not None else None
    if state.hall is None or alone is None or alone.form is None:
        return None
    return next((each for each in state.hall.forms if each.id == alone.form), None)


def over(state: State) -> Result:
    """Back to the attract screen; a staged hall document comes into force."""
    fresh = replace(
        state, screen=Screen.ATTRACT, after=Screen.MENU, contrast=False, low=False, page=0, still_here=False, person=False,
        extended=0, grace_s=0.0, visit=Visit(),
    )  # fmt: skip
    begun = state.screen is not Screen.ATTRACT
    return applied(fresh), (*_given_up(state), Wipe()) if begun else ()


def home(state: State) -> Result:
    """Back to the menu, for something else."""
    began = state.visit != Visit()
    fresh = replace(state, screen=Screen.MENU, after=Screen.MENU, page=0, visit=Visit())
    return fresh, (*_given_up(state), Wipe()) if began else ()


def left(state: State, now: float) -> Result:
    """The visitor has gone: a payment that goes on is stopped, and its end is waited for."""
    visit = state.visit
    if visit.way not in ("card", "cash") or visit.ordering:
        return over(state)
    stop: Effect = StopCard(visit.order) if visit.way == "card" else StopCash(visit.order)
    effects = () if visit.ending else (stop,)
    state = with_visit(state, ending=True, leaving=True)
    return replace(state, screen=Screen.WORKING, still_here=False, moved_at=now), effects


def applied(state: State) -> State:
    """With the newest checked hall document, and its language."""
    hall = state.staged or state.hall
    return replace(state, hall=hall, staged=None, lang=hall.default_language if hall else state.lang)


def moved(visit: Visit) -> bool:
    """Whether money may have moved for the visit's order."""
    return bool(visit.receipt or visit.claim or visit.doubt or visit.credit_minor or visit.way in ("card", "cash"))


def _given_up(state: State) -> tuple[Effect, ...]:
    visit = state.visit
    effects: list[Effect] = [ForgetCard()] if visit.card else []
    if visit.order and not moved(visit) and state.screen is not Screen.UNKNOWN:
        effects.append(Abandon(visit.order))
    return tuple(effects)
