"""The routing as plain functions of plain dictionaries, for judges and what-if tools: no service, no wire. Pure.

The state is that of `simulators/judge.py`; every time is minutes from opening. It is read anew at every call: nothing is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coordinator import forecast, policy
from coordinator.floor import Desk, Floor, Outlook, Work
from coordinator.future import Habits
from coordinator.line import Waiting
from coordinator.script import RANKS

State = Mapping[str, Any]
SEED = 1


def choose(state: State, window_id: str, now: float) -> Any:
    """The id of the ticket that the window should call; None: stay idle."""
    decision = policy.choose(floor(state), window_id, now, rules(state))
    return None if decision is None else _ids(state)[decision.ticket.id]


def order_windows(state: State, idle_ids: Sequence[str], now: float) -> list[str]:
    """In which order idle windows look for a visitor."""
    return policy.order_windows(floor(state), idle_ids, now)


def predict(state: State, ticket_id: Any, now: float) -> tuple[float, float, float]:
    """The wait still before a ticket that is waiting, in minutes: 8 of 10 lie between the first and the last.

    Raises: StopIteration: it is not waiting.
    """
    hall = floor(state)
    one = next(one for one in hall.lines if one.id == str(ticket_id))
    return forecast.ticket(hall, one, now, rules(state), habits(state), SEED)


def floor(state: State) -> Floor:
    """The hall of the state."""
    works = {name: Work(s["mean"], s["cv"], str(s["group"])) for name, s in state["services"].items()}
    expected = state["forecast"]
    outlook = Outlook(tuple(expected["rate_per_min"]), expected["mix"], tuple((at, s) for at, s in state["bookings"]))
    return Floor(
        works,
        map(_desk, state["windows"]),
        map(_waiting, state["waiting"]),
        outside_factor=state["nonprimary_factor"],
        switch_min=state["switch_min"],
        outlook=outlook,
    )


def rules(state: State) -> policy.Rules:
    """The product's rules with the promises of the state."""
    return policy.Rules().promising(state["targets"]["walk"])


def habits(state: State) -> Habits:
    """What the state shows of its visitors' habits: how many have a further service, from those who stand in line for it."""
    usual, waiting = Habits(), state["waiting"]
    further = sum(ticket["leg"] > 0 for ticket in waiting)
    return Habits(second=(usual.second * SEEN_BEFORE + further) / (SEEN_BEFORE + len(waiting)))


SEEN_BEFORE = 20
"""The usual share weighs as much as so many visitors."""


def _ids(state: State) -> dict[str, Any]:
    return {str(ticket["id"]): ticket["id"] for ticket in state["waiting"]}


def _desk(window: Mapping[str, Any]) -> Desk:
    group = window["last_group"]
    return Desk(
        id=window["id"],
        can=frozenset(window["can"]),
        primary=frozenset(window["primary"]),
        open=window["open"],
        serving=window["serving"] if window["busy"] else None,
        since=window["since"],
        last_group=None if group is None else str(group),
        reserve=window["reserve"],
        reserve_left=window["reserve_left"],
        spans=tuple((start, end) for start, end in window["roster"]),
    )


def _waiting(ticket: Mapping[str, Any]) -> Waiting:
    booked, since = ticket["appointment"], ticket["since"]
    return Waiting(
        clock=since if booked is None else max(since, booked),
        number=ticket["id"],
        id=str(ticket["id"]),
        service=ticket["service"],
        rank=RANKS[ticket["cls"]],
        due=booked,
        again=ticket["recalled"] or ticket["leg"] > 0,
    )
