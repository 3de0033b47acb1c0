"""The hall's document and rows as routing sees them: services, windows, who waits, and the rules. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from math import exp, log, sqrt
from typing import Any

from contract.hall import Hall
from contract.hall_part import Service
from contract.words import WindowState
from coordinator.floor import Desk, Work
from coordinator.line import BOOKED, Waiting
from coordinator.planner import PlanRules
from coordinator.policy import Claim, Rules
from coordinator.record import Ticket, Window
from coordinator.right import could

_Z90 = 1.2816
"""The standard normal's value below which 9 of 10 lie."""


def minute(moment: datetime) -> float:
    """The routing's axis of time: minutes of the epoch."""
    return moment.timestamp() / 60.0


def moment(at: float) -> datetime:
    """The moment of a minute on that axis."""
    return datetime.fromtimestamp(round(at * 60.0, 3), UTC)


def rules(rule: Callable[[str], Any]) -> Rules:
    """How a hall routes; `rule`: knob of `contract/rules.json` → the hall's value. What is no knob is the same in every hall."""
    usual, scarcity = Rules(), float(rule("route.scarcity"))

    def claim(of: Claim, target: float, weight: float = 1.0, bonus: float = 0.0) -> Claim:
        return Claim(float(target), of.look + bonus, of.scarcity * scarcity, weight)

    bonus = float(rule("priority.age_bonus_min"))
    return replace(
        usual,
        walk=claim(usual.walk, rule("kpi.max_wait_min")),
        booked=claim(usual.booked, rule("route.target_booked_min"), float(rule("route.weight_booked"))),
        priority=claim(usual.priority, rule("route.target_priority_min"), float(rule("route.weight_priority")), bonus),
        guard=float(rule("route.guard_min")),
        guard_most=float(rule("route.guard_most_min")),
        early_booked=float(rule("route.early_booked_min")),
        quick=float(rule("route.quick")),
        cap=float(rule("route.late_from")),
        late=float(rule("route.late_growth")),
        outside=float(rule("route.outside_profile")),
        switch=float(rule("route.change_group")),
    )


def plan_rules(rule: Callable[[str], Any]) -> PlanRules:
    """When a hall is recommended what about its staff; `rule` as of `rules`."""
    return replace(
        PlanRules(),
        lasts=float(rule("plan.lasts_min")),
        widen=float(rule("plan.widen_min")),
        delay=float(rule("plan.delay_break_min")),
        stretch=float(rule("plan.stretch_max_min")),
    )


def works(hall: Hall) -> dict[str, Work]:
    """Every service with its minutes and their spread."""
    return {service.id: Work(service.minutes_typical, _cv(service), service.group) for service in hall.services}


def _cv(service: Service) -> float:
    """The spread of a lognormal whose mean is the typical time and of which 9 of 10 are shorter than the long one."""
    over = log(max(1.0, service.minutes_long / service.minutes_typical))
    sigma = _Z90 - sqrt(max(0.0, _Z90 * _Z90 - 2.0 * over))
    return max(0.1, sqrt(exp(sigma * sigma) - 1.0))


def profile(hall: Hall, window: str) -> frozenset[str]:
    """Ids of the services a window is laid out for."""
    return frozenset(s.id for s in hall.services if could(hall, hall.window_by_id[window], s))


def desk(hall: Hall, window: Window, can: frozenset[str], primary: frozenset[str]) -> Desk:
    """A window; `can`: what it may take today; `primary`: its profile. Who is there came for the service of its last call, and is
    there since that call: the way to the window takes its time too.
    """
    last = window.last_call
    service = hall.service_by_id.get(last.service) if last is not None else None
    since = min(window.since, last.at) if last is not None and window.ticket is not None else window.since
    return Desk(
        id=window.id,
        can=can,
        primary=primary,
        open=window.state is WindowState.FREE,
        serving=service.id if service is not None and window.ticket is not None else None,
        since=minute(since),
        last_group=service.group if service is not None else None,
    )


def waiting(ticket: Ticket) -> Waiting:
    """A ticket in line; who stands there for another turn of his visit was called before."""
    clock, due = minute(ticket.clock_at), None if ticket.booked_at is None else minute(ticket.booked_at)
    rank = ticket.rank if due is None else BOOKED
    return Waiting(clock, ticket.number, ticket.id, ticket.service, rank, due, ticket.only_window, ticket.leg > 1)
