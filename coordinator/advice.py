"""What staff must know because no calling order can mend it: a service nobody open may take, work that outlasts the day. Pure.

Each is told as soon as it is true, and gone as soon as it is not.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from contract import messages as m
from contract.words import HallState, WindowState
from coordinator.pressure import pressure
from coordinator.right import could
from coordinator.routing import minute
from coordinator.state import HallDay

MOST = 6
"""So many are told, the most people first."""


def advice(state: HallDay, now: datetime) -> tuple[m.Advice, ...]:
    """What is true now, while the hall is open."""
    if state.day.state is not HallState.OPEN:
        return ()
    found = [*_unserved(state), *_too_late(state, now)]
    found.sort(key=lambda one: (-one.waiting, one.service))
    return tuple(found[:MOST])


def _unserved(state: HallDay) -> list[m.Advice]:
    """Services that people wait for and that no open window may take; `windows`: those that would be right for it, if opened."""
    found = []
    for service in state.hall.services:
        waiting = state.waiting([service.id])
        if waiting and not state.floor.able.get(service.id):
            shut = [w for w in state.windows.values() if w.state is not WindowState.FREE]
            right = [
                w.number
                for w in shut
                if (
                    service.id in state.can(w)
                    if w.operator
                    else could(state.hall, state.hall.window_by_id[w.id], service)
                )
            ]
            found.append(m.Advice(kind="unserved", service=service.id, waiting=waiting, windows=tuple(sorted(right))))
    return found


def _too_late(state: HallDay, now: datetime) -> list[m.Advice]:
    """Services whose line will outlast the opening hours by what the open windows can do; `until`: about when it would be done."""
    left_min = state.hours.left_s(now) / 60.0 if state.hours is not None else 0.0
    if left_min <= 0:
        return []
    levels = pressure(state.floor, minute(now))
    found = []
    for service, waiting in state.floor.lines.counts.items():
        able = state.floor.able.get(service)
        if able and (need := min(levels[window] for window in able)) > left_min:
            until = now + timedelta(minutes=round(need))
            found.append(m.Advice(kind="too_late", service=service, waiting=waiting, until=until))
    return found
