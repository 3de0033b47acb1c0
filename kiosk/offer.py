"""What the kiosk can offer now, as far as it knows of the hall. Pure."""

from __future__ import annotations

from contract import messages as m
from contract.topics import STALE_S
from contract.words import HallState
from kiosk.state import Standing, State

LINK_GRACE_S = 2.0
"""A broker away for less is not worth a word."""


def standing(state: State, now: float) -> Standing:
    """Whether tickets can be taken now; what is retained but not confirmed by a live heartbeat does not count."""
    if state.hall is None:
        return Standing.STARTING
    if not state.link_up and now - state.link_at >= LINK_GRACE_S:
        return Standing.OFFLINE
    if state.beat is None or state.beat_at is None or now - state.beat_at >= STALE_S:
        return Standing.OFFLINE
    if state.beat.refusing is not None:
        return Standing.REFUSING
    if state.beat.state is not HallState.OPEN:
        return Standing.CLOSED if state.beat.state is HallState.CLOSED else Standing.INTERRUPTED
    if state.view is None:
        return Standing.STARTING
    return Standing.READY if state.view.taking else Standing.LAST_TICKETS


def waiting(state: State, service: str, now: float) -> int | None:
    """How many wait for `service`; None when nobody can say."""
    fresh = state.beat_at is not None and now - state.beat_at < STALE_S
    return state.view.waiting.get(service, 0) if fresh and state.view is not None else None


def wait(state: State, service: str, now: float) -> m.Wait | None:
    """How long a walk-in for `service` waits; None when nobody can say, or for a visitor with priority."""
    if state.view is None or waiting(state, service, now) is None or state.visit.priority is not None:
        return None
    return state.view.waits.get(service)


def closed(state: State, service: str) -> bool:
    """Whether no ticket is given for `service` now."""
    return state.view is not None and service in state.view.closed_services


def checks_in(state: State) -> bool:
    """Whether this hall's kiosks change the code of a booking for a ticket."""
    return state.hall is not None and bool(state.hall.rule("booking.code_becomes_ticket"))
