"""What will happen on a day, whoever calls whom: visitors, shifts and absences, as the simulation plays them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from coordinator.floor import Desk, Outlook, Work
from coordinator.line import BOOKED, ORDINARY

PRIORITY = 1
"""The priority level of a recorded day's priority visitors: such days know one."""
NO_ANSWER_MIN = 1.0
"""What a call costs to which nobody comes."""
RANKS = {"walk": ORDINARY, "appt": BOOKED, "prio": PRIORITY}


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visit. `legs`: (service, minutes at its own window) in turn; `patience`: minutes in line until he leaves, None: he
    stays; `silent`: he leaves without a word; `absent`: not there at the first call, back so many minutes later, None: never;
    `vain`: minutes of a call to which he does not come; `rests`: after each leg, minutes until the window asks for the next
    visitor, where that is known.
    """

    id: str
    number: int
    arrive: float
    rank: int
    legs: tuple[tuple[str, float], ...]
    due: float | None = None
    patience: float | None = None
    silent: bool = False
    absent: bool = False
    back_after: float | None = None
    vain: float = NO_ANSWER_MIN
    rests: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """One day from minute 0 to `close`. `absences`: (window, from, to); `reserve_span`: the fixed hours of reserve windows
    where nobody plans them; `as_it_was`: a day of a real hall: its windows' hours are what
    they came to, nobody moves them again, and a window's group is that of its last call, answered or not.
    """

    works: Mapping[str, Work]
    desks: tuple[Desk, ...]
    visitors: tuple[Visitor, ...]
    absences: tuple[tuple[str, float, float], ...] = ()
    outlook: Outlook = field(default_factory=Outlook)
    outside_factor: float = 1.1
    switch_min: float = 0.5
    reserve_span: tuple[float, float] = (60.0, 180.0)
    close: float = 540.0
    as_it_was: bool = False


def recorded(day: Mapping[str, Any], close: float = 540.0) -> Script:
    """The script of a recorded day in the format `hall-day/1`, as read from its JSON.

    Raises: KeyError: something that the format has is missing.
    """
    rate, mix = day["forecast_rate_per_min"], {s["id"]: s["mix"] for s in day["services"]}
    return Script(
        works={s["id"]: Work(s["mean"], s["cv"], str(s["group"])) for s in day["services"]},
        desks=tuple(_desk(w, day["reserve_min"]) for w in day["windows"]),
        visitors=tuple(_visitor(t) for t in day["truth"]["tickets"]),
        absences=tuple((a["window"], a["start"], a["end"]) for a in day["truth"]["absences"]),
        outlook=Outlook(tuple(rate), mix, tuple((at, service) for at, service in day["bookings"])),
        outside_factor=day["nonprimary_factor"],
        switch_min=day["switch_min"],
        reserve_span=tuple(day["static_reserve"]),
        close=close,
    )


def _desk(window: Mapping[str, Any], reserve_min: float) -> Desk:
    return Desk(
        id=window["id"],
        can=frozenset(window["can"]),
        primary=frozenset(window["primary"]),
        open=False,
        reserve=window["reserve"],
        reserve_left=reserve_min if window["reserve"] else 0.0,
        spans=tuple((start, end) for start, end in window["roster"]),
    )


def _visitor(ticket: Mapping[str, Any]) -> Visitor:
    return Visitor(
        id=str(ticket["id"]),
        number=ticket["id"],
        arrive=ticket["arrive"],
        rank=RANKS[ticket["cls"]],
        legs=tuple((service, minutes) for service, minutes in ticket["legs"]),
        due=ticket["appointment"],
        patience=ticket["patience"],
        silent=ticket["silent"],
        absent=ticket["absent"],
        back_after=ticket["back_after"],
    )
