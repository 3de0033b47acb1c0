"""Rules that halls and textbooks use, in the plain-dictionary contract of a policy: the reference points of the judge.

A policy has `choose(state, window_id, now)` → the id of a ticket that is waiting and in the window's `can`, or None. None of
these plans; their reserves open at the day's fixed hours. Sources: C. Chan, Koole, L'Ecuyer, MSOM 16(4) 2014 (what call centres
use); Kleinrock 1964 and Sun & Whitt, Stochastic Systems 2018 (wait over target); Mandelbaum & Stolyar, OR 52(6) 2004
(generalized c-mu).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

State = dict[str, Any]
Waiting = dict[str, Any]
Window = dict[str, Any]
Key = Callable[[State, Window, Waiting, float], tuple[float, ...]]


def clock(ticket: Waiting) -> float:
    """Where a wait begins: in this line, but not before the booked time."""
    since: float = ticket["since"]
    booked: float | None = ticket["appointment"]
    return since if booked is None or booked < since else booked


class Rival:
    """Calls the ticket with the smallest key among those of the window's `services` ("primary" or "can")."""

    def __init__(self, services: str, key: Key) -> None:
        self._services = services
        self._key = key

    def choose(self, state: State, window_id: str, now: float) -> int | None:
        """The ticket to call, None: stay idle."""
        window = next(window for window in state["windows"] if window["id"] == window_id)
        wanted = frozenset(window[self._services])
        best: tuple[tuple[float, ...], int] | None = None
        for ticket in state["waiting"]:
            if ticket["service"] in wanted:
                rank = (self._key(state, window, ticket, now), ticket["id"])
                if best is None or rank < best:
                    best = rank
        return None if best is None else best[1]


def _oldest(_state: State, _window: Window, ticket: Waiting, _now: float) -> tuple[float, ...]:
    return (clock(ticket),)


RANK = {"prio": 0.0, "appt": 1.0, "walk": 2.0}


def _by_rank(_state: State, _window: Window, ticket: Waiting, now: float) -> tuple[float, ...]:
    """Priority, then bookings that are due, then everybody else."""
    since = clock(ticket)
    return (RANK[ticket["cls"]] if since <= now else 3.0, since)


def _over_target(state: State, _window: Window, ticket: Waiting, now: float) -> tuple[float, ...]:
    since = clock(ticket)
    return (-(now - since) / state["targets"][ticket["cls"]], since)


def _convex_cost(state: State, window: Window, ticket: Waiting, now: float) -> tuple[float, ...]:
    """(wait / target)² for each minute that serving it here will take."""
    since = clock(ticket)
    over = max(0.0, now - since) / state["targets"][ticket["cls"]]
    return (-over * over / minutes(state, window, ticket["service"]), since)


def minutes(state: State, window: Window, service: str) -> float:
    """Expected minutes of that service at that window, slower work and the change of group counted in."""
    what = state["services"][service]
    mean: float = what["mean"] if service in window["primary"] else what["mean"] * state["nonprimary_factor"]
    changed = window["last_group"] is not None and window["last_group"] != what["group"]
    return mean + (state["switch_min"] if changed else 0.0)


class Alternate:
    """Calls from the services of the profile in turn, the oldest of each: what many halls are set to."""

    def __init__(self) -> None:
        self._now = -1.0
        self._turns: dict[str, int] = {}

    def choose(self, state: State, window_id: str, now: float) -> int | None:
        """The ticket to call, None: stay idle. A day that begins again begins the turns again."""
        if now < self._now:
            self._turns.clear()
        self._now = now
        window = next(window for window in state["windows"] if window["id"] == window_id)
        profile: list[str] = window["primary"]
        for step in range(len(profile)):
            turn = (self._turns.get(window_id, 0) + step) % len(profile)
            mine = [(clock(t), t["id"]) for t in state["waiting"] if t["service"] == profile[turn]]
            if mine:
                self._turns[window_id] = turn + 1
                return int(min(mine)[1])
        return None


RIVALS: dict[str, Rival | Alternate] = {
    "fifo_profile": Rival("primary", _oldest),
    "fifo_can": Rival("can", _oldest),
    "strict": Rival("primary", _by_rank),
    "strict_can": Rival("can", _by_rank),
    "apq": Rival("can", _over_target),
    "gcmu": Rival("can", _convex_cost),
    "alternate": Alternate(),
}
