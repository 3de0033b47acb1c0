"""Routing for whoever has the hall as plain dictionaries: the same choice and plan as in the hall's own coordinator. Pure.

The state is read anew at every call:

    {now, waiting [{id, service, cls walk|appt|prio, since, appointment, leg, recalled}],
     windows [{id, open, busy, serving, since, can, primary, last_group, reserve, reserve_left, roster [(from, to)]}],
     services {id: {mean, cv, group}}, targets {walk, appt, prio}, switch_min, nonprimary_factor,
     bookings [(time, service)], forecast {rate_per_min, mix}}

Times are minutes from opening; what is not used may be left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from coordinator import forecast, planner, policy
from coordinator.floor import Desk, Floor, Outlook, Work
from coordinator.future import Habits
from coordinator.line import Waiting
from coordinator.policy import Rules
from coordinator.script import RANKS

State = Mapping[str, Any]
SEED = 1
SEEN_BEFORE = 20
"""What is usual weighs as much as so many visitors."""


def choose(state: State, window_id: str, now: float) -> Any:
    """The id of the ticket that the window should call, None: it stays idle."""
    decision = policy.choose(floor(state), window_id, now, _rules(state))
    return None if decision is None else _ids(state)[decision.ticket.id]


def order_windows(state: State, idle_ids: Iterable[str], now: float) -> list[str]:
    """The idle windows in the order in which they look for a visitor."""
    return policy.order_windows(floor(state), idle_ids, now)


def plan(state: State, now: float) -> list[dict[str, Any]]:
    """What to do about the staff: window, action (open, close, delay_break), minutes."""
    found = planner.plan(floor(state), now, planner.PlanRules())
    return [{"window": r.window, "action": str(r.kind), "minutes": r.minutes} for r in found]


def predict(state: State, ticket_id: Any, now: float) -> tuple[float, float, float]:
    """The wait still before a ticket in line, in minutes: 8 of 10 are called between the first and the last, half before the second.

    Raises: KeyError: it does not wait.
    """
    hall, name = floor(state), str(ticket_id)
    if name not in _ids(state):
        raise KeyError(ticket_id)
    return forecast.ticket(hall, name, now, _rules(state), _habits(state), SEED, planner.PlanRules())


def floor(state: State) -> Floor:
    """The hall as routing sees it."""
    return Floor(
        {name: Work(s["mean"], s["cv"], str(s["group"])) for name, s in state["services"].items()},
        [_desk(w) for w in state["windows"]],
        [_waiting(t) for t in state["waiting"]],
        outside_factor=state["nonprimary_factor"],
        switch_min=state["switch_min"],
        outlook=_outlook(state),
    )


def _desk(window: State) -> Desk:
    group = window["last_group"]
    return Desk(
        window["id"], frozenset(window["can"]), frozenset(window["primary"]), window["open"],
        window["serving"] if window["busy"] else None, window["since"], None if group is None else str(group),
        window["reserve"], window["reserve_left"], tuple((start, end) for start, end in window["roster"]),
    )  # fmt: skip


def _waiting(ticket: State) -> Waiting:
    since, due, name = ticket["since"], ticket["appointment"], ticket["id"]
    return Waiting(
        since if due is None or due < since else due,
        name if isinstance(name, int) else 0,
        str(name),
        ticket["service"],
        RANKS[ticket["cls"]],
        due,
        None,
        ticket["recalled"] or ticket["leg"] > 0,
    )


def _outlook(state: State) -> Outlook:
    expected = state.get("forecast") or {}
    bookings = tuple((at, service) for at, service in state.get("bookings", ()))
    return Outlook(tuple(expected.get("rate_per_min", ())), expected.get("mix", {}), bookings)


def _habits(state: State) -> Habits:
    """What the state shows of habits: how many have a further service, judged by those who stand in line for it."""
    usual, waiting = Habits(), state["waiting"]
    further = sum(ticket["leg"] > 0 for ticket in waiting)
    return replace(usual, second=(usual.second * SEEN_BEFORE + further) / (SEEN_BEFORE + len(waiting)))


def _ids(state: State) -> dict[str, Any]:
    return {str(ticket["id"]): ticket["id"] for ticket in state["waiting"]}


def _rules(state: State) -> Rules:
    targets = state["targets"]
    return _with_targets(targets["walk"], targets["appt"], targets["prio"])


@lru_cache(16)
def _with_targets(walk: float, booked: float, priority: float) -> Rules:
    rules = Rules()
    return replace(
        rules,
        walk=replace(rules.walk, target=walk),
        booked=replace(rules.booked, target=booked),
        priority=replace(rules.priority, target=priority),
    )
