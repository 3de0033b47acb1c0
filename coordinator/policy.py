"""Whom to call next. The first policy is plain: priority level, then the oldest clock. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contract.hall import Hall
from coordinator.record import ORDINARY, Ticket
from journal.event import Scalar

LEVEL_SCORE = 1_000_000.0
"""What a priority level weighs in the score: more than any wait of a day in seconds."""


class Queues(Protocol):
    """What a policy looks at."""

    @property
    def hall(self) -> Hall:
        """The hall document."""
        ...

    def front(self, window: str) -> list[Ticket]:
        """The first two of every line the window may call from."""
        ...


@dataclass(frozen=True, slots=True)
class Decision:
    """Who is called and why. `score`: larger goes first; `runner_up`: who would be called otherwise; `facts`: the terms."""

    ticket: Ticket
    reason: str
    score: float
    runner_up: tuple[Ticket, float] | None
    facts: Mapping[str, Scalar]


def choose(queues: Queues, window: str, now: datetime) -> Decision | None:
    """The ticket the window should call at `now`; None when there is none it may call.

    Looks at the heads of the window's lines only: the cost does not depend on the number waiting. Ties go by number, then id.
    """
    heads = sorted(queues.front(window), key=_order)
    if not heads:
        return None
    best, runner_up = heads[0], heads[1] if len(heads) > 1 else None
    wait_s, target_s = _wait_s(best, now), 60.0 * queues.hall.rule("kpi.max_wait_min")
    return Decision(
        ticket=best,
        reason=_reason(queues.hall, best, runner_up, wait_s, target_s),
        score=_score(best, now),
        runner_up=None if runner_up is None else (runner_up, _score(runner_up, now)),
        facts={"wait_s": wait_s, "target_s": target_s, "priority": best.priority, "only_window": best.only_window},
    )


def _order(ticket: Ticket) -> tuple[object, ...]:
    return (ticket.rank, *ticket.place)


def _wait_s(ticket: Ticket, now: datetime) -> float:
    return round(max(0.0, (now - ticket.clock_at).total_seconds()), 3)


def _score(ticket: Ticket, now: datetime) -> float:
    return (ORDINARY - ticket.rank) * LEVEL_SCORE + _wait_s(ticket, now)


def _reason(hall: Hall, best: Ticket, runner_up: Ticket | None, wait_s: float, target_s: float) -> str:
    waited = f"waited {wait_s / 60:.0f} of {target_s / 60:.0f} min"
    if runner_up is None:
        return f"{waited}; nobody else waits for this window"
    if best.rank < runner_up.rank:
        return f"{waited}; {_priority_name(hall, best)} goes first"
    if best.clock_at < runner_up.clock_at:
        return f"{waited}; longest of all this window may call"
    return f"{waited}; as long as {runner_up.label}, the lower number goes first"


def _priority_name(hall: Hall, ticket: Ticket) -> str:
    group = hall.priority_by_id.get(ticket.priority_group or "")
    return f"priority level {ticket.priority}" if group is None else f"priority group {group.id}"
