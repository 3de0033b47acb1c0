"""The hall of today as the forecast looks ahead from it, and its answer as people are told it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil, floor

from contract.hall import Hall
from contract.messages import Wait
from contract.words import HallState, WindowState
from coordinator import measure
from coordinator.floor import HALF_HOUR, Desk, Floor, Outlook
from coordinator.forecast import Range
from coordinator.future import AHEAD_MIN
from coordinator.hours import Hours
from coordinator.learn import BEFORE, Learned
from coordinator.record import Window
from coordinator.routing import minute
from coordinator.state import HallDay

ROUND_MIN = 5
PAUSE_MIN = 10.0
"""A window that has a break is expected back so much later, whenever one asks, unless its operator said when."""
OLD_MIN, OLD_WIRE_S = 5.0, 10.0
"""A forecast older than this, in hall minutes and in seconds on the wall, says nothing any more."""


def told(state: HallDay, service: str, now: datetime) -> Wait | None:
    """The wait to tell who takes a ticket for `service` now; None: not known."""
    last = state.forecast
    if last is None or state.day.state is not HallState.OPEN or service not in last.ranges:
        return None
    if not timedelta(0) <= now - last.at <= timedelta(minutes=OLD_MIN) + timedelta(seconds=OLD_WIRE_S * state.pace):
        return None
    more = state.issued.get(service, 0) - last.issued.get(service, 0)
    windows = len(state.floor.able.get(service, ()))
    return wait(last.ranges[service], more * state.floor.works[service].mean / max(1, windows))


def wait(drawn: Range, later_min: float = 0.0) -> Wait:
    """A range as it is told: rounded outward to 5 minutes, "or more" where the end was not seen."""
    low = ROUND_MIN * floor((drawn.low + later_min) / ROUND_MIN)
    high = ROUND_MIN * ceil((drawn.high + later_min) / ROUND_MIN)
    return Wait(low=low, high=None if drawn.high >= AHEAD_MIN else max(high, low + ROUND_MIN))


def over(waits: Iterable[Wait | None]) -> Wait | None:
    """One range over those of several services; None: none of them is known."""
    known = [one for one in waits if one is not None]
    if not known:
        return None
    highs = [one.high for one in known if one.high is not None]
    return Wait(low=min(one.low for one in known), high=max(highs) if len(highs) == len(known) else None)


# --- looking ahead ---------------------------------------------------------------------------------------------------------


def ahead(state: HallDay, learned: Learned, now: datetime) -> Floor | None:
    """The hall as it is, with what is expected of it; None while it calls nobody."""
    hours = state.hours
    if state.day.state is not HallState.OPEN or hours is None:
        return None
    here = state.floor.copy()
    for one in state.coming:
        here.lines.join(one)
    close = max(minute(hours.spans[-1][1]), minute(now))
    for window in state.windows.values():
        spans = _spans(state, window.id, hours)
        here.put(_shifted(here.desks[window.id], window, spans, minute(now)))
    here.outlook = _outlook(state, learned, hours, minute(now), close)
    return here


def _spans(state: HallDay, window: str, hours: Hours) -> tuple[tuple[float, float], ...]:
    """When somebody is planned to be at the window today: by its roster, with breaks that were moved, else as the hall is open."""
    if state.hall.window_by_id[window].roster:
        return tuple((minute(start), minute(end)) for start, end in measure.staffed(state, window))
    spans = tuple((minute(start), minute(end)) for start, end in hours.spans)
    return ((spans[0][0], spans[-1][1]),) if state.hall.rule("hours.lunch_tickets") == "keep_waiting" else spans


def _shifted(desk: Desk, window: Window, spans: tuple[tuple[float, float], ...], now: float) -> Desk:
    """A window as it will go on: open it stays to the end of its span, also where it should have ended; paused, it comes back."""
    if window.state is WindowState.CLOSED:
        return replace(desk, spans=())
    begin = _back(window, now) if window.state is WindowState.PAUSED else now
    to_come = tuple((max(start, begin), end) for start, end in spans if end > begin)
    if desk.open and not to_come:  # after the last hour everybody inside is still called
        return replace(desk, spans=((now - 1.0, now + AHEAD_MIN),))
    if desk.open:
        to_come = ((now, to_come[0][1]), *to_come[1:])
    return replace(desk, spans=to_come)


def _back(window: Window, now: float) -> float:
    """When a paused window is expected back: when its operator said, while that is to come."""
    told = None if window.back_at is None else minute(window.back_at)
    return told if told is not None and told > now else now + PAUSE_MIN


def staffing(state: HallDay, here: Floor, now: datetime) -> Floor:
    """`here`, as made by `ahead`, with what could be done about the staff: windows that somebody could open, further groups."""
    close = max(here.outlook.close, minute(now))
    for name, able in measure.openable(state).items():
        left = close - minute(now)
        here.put(replace(here.desks[name], can=able, reserve=True, reserve_left=left, spans=()))
    for window in state.windows.values():
        desk, reserve = here.desks[window.id], state.hall.window_by_id[window.id].reserve
        if window.state is WindowState.FREE:
            desk = replace(desk, wider=measure.further(state, window))
            if reserve:
                desk = replace(desk, reserve=True, reserve_left=close - minute(now) + AHEAD_MIN, spans=())
            here.put(desk)
    return here


def _outlook(state: HallDay, learned: Learned, hours: Hours, now: float, close: float) -> Outlook:
    begin = minute(hours.spans[0][0])
    halves = max(1, ceil((close - begin) / HALF_HOUR))
    came = sum(state.issued.values())
    if learned.rates:
        rates = [_rate(state.hall, learned, hours.spans[0][0], number) for number in range(halves)]
        so_far = sum(rate * max(0.0, min(HALF_HOUR, now - begin - HALF_HOUR * n)) for n, rate in enumerate(rates))
        factor = (BEFORE + came) / (BEFORE + so_far)  # a day better or worse than others
        rates = [rate * factor for rate in rates]
    else:
        rates = [came / max(HALF_HOUR, now - begin)] * halves
    mix = {service: learned.mix.get(service, 0.0) + count for service, count in state.issued.items()}
    bookings = tuple((minute(b.start), b.service) for b in state.diary.expected(state.day.day))
    return Outlook(tuple(rates), {**learned.mix, **mix}, bookings, begin, close)


def _rate(hall: Hall, learned: Learned, opens: datetime, half_hour: int) -> float:
    local = hall.local(opens + timedelta(minutes=HALF_HOUR * (half_hour + 0.5)))
    return learned.rates[(local.hour * 60 + local.minute) // 30]
