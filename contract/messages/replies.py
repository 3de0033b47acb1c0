"""Replies on `down/rep`: what a command or question about tickets and windows came to. Pure."""

from __future__ import annotations

from datetime import date
from typing import Literal

from contract.messages.envelope import Count, Moment, Name, Reply, Wait, Wire
from contract.words import Light, PauseKind, Refusal, TicketState, Why, WhyNot


class Issued(Reply):
    """A ticket exists. `people_ahead` counts waiting visitors who are before it now; `issued_at` is hall time.

    `wait`: None where it is not known. `booked_at`: the booked time that it keeps; None for a walk-in and for who came too late for it.
    """

    t: Literal["issued"] = "issued"
    ticket: Name
    label: Name
    day: date
    service: Name
    priority_group: Name | None = None
    zone: Name
    lang: str
    issued_at: Moment
    people_ahead: Count
    wait: Wait | None = None
    booked_at: Moment | None = None


class Passed(Wire):
    """A call that went before one who had waited longer: which label to which window number, and why, as of `Done`."""

    label: Name
    number: Count
    called_at: Moment
    why: Why
    why_facts: dict[str, str] = {}


class Explained(Reply):
    """Why a ticket has not been called yet, most telling first. Times are hall time.

    `ahead`: how many of its own line go first; `windows`: numbers of the open windows that may take it; `only_window`: the number
    of the one it waits for; `passed`: the newest calls that went before it though it had waited longer, of `passed_in_all`.
    """

    t: Literal["explained"] = "explained"
    label: Name
    service: Name
    state: TicketState
    since: Moment
    wait_s: float
    why_not: tuple[WhyNot, ...]
    ahead: Count = 0
    windows: tuple[Count, ...] = ()
    only_window: Count | None = None
    passed: tuple[Passed, ...] = ()
    passed_in_all: Count = 0
    told: Wait | None = None


class Done(Reply):
    """The command was done. Of a window: what it shows now, which label it has, and why that one.

    `why_facts` fill the placeholders of the text `why.<code>`.
    """

    t: Literal["done"] = "done"
    window: Name | None = None
    light: Light | None = None
    ticket: Name | None = None
    label: Name | None = None
    why: Why | None = None
    why_facts: dict[str, str] = {}


class Paused(Wire):
    """How often and how long an operator had breaks of this kind; None: it was not said."""

    kind: PauseKind | None = None
    times: Count
    minutes: Count


class OperatorFigures(Reply):
    """An operator's day until now. Of `called` visitors `in_time` had waited no longer than the promise, `missed` did not come;
    `service_s`: mean time at the window of the `served`, None before the first. `results`: result → how often.
    """

    t: Literal["operator.figures"] = "operator.figures"
    day: date
    called: Count
    in_time: Count
    missed: Count
    served: Count
    service_s: float | None = None
    results: dict[Name, Count] = {}
    pauses: tuple[Paused, ...] = ()


class Refused(Reply):
    """The command was not done and nothing changed. `text`: one English sentence for logs; people read `refusal.<code>`.

    `facts` fill the placeholders of that text: label, window, limit, day (ISO), time (hall-local HH:MM).
    """

    t: Literal["refused"] = "refused"
    code: Refusal
    text: str
    facts: dict[str, str] = {}
