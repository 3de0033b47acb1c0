"""What a simulated day came to, in the figures a manager reads. Pure.

A wait is late above the promise or when the visitor is lost; each line of a visit counts; who was absent at the first call does
not. Debt: minutes over the own target, and `LOST_DEBT` for who was lost.
"""

from __future__ import annotations

from dataclasses import dataclass

from coordinator.line import BOOKED, ORDINARY
from coordinator.simulate import Result, Turn

LOST_DEBT = 20.0
ENOUGH = 8
"""A service is told by itself when so many came for it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares are 0 to 1, waits minutes, `debt` minutes per turn in line. None: of nobody, or of a service with too few to tell."""

    turns: int
    late: float
    debt: float
    worst_service: float | None
    mean: float
    p95: float
    longest: float | None
    booked: float | None
    priority: float | None
    lost: float
    switches: float
    passed: int


def figures(result: Result, promise: float = 20.0, booked: float = 5.0, priority: float = 10.0) -> Figures:
    """The figures of a day in which somebody waited. `promise`, `booked`, `priority`: the targets of the classes."""
    turns = [t for t in result.turns if t.counted]
    waits = sorted(t.wait for t in turns if t.wait is not None)
    lost = len(turns) - len(waits)

    def over(turn: Turn) -> float:
        rank = turn.visitor.rank
        return overdue(turn, promise if rank == ORDINARY else booked if rank == BOOKED else priority)

    return Figures(
        turns=len(turns),
        late=sum(t.wait is None or t.wait > promise for t in turns) / len(turns),
        debt=sum(map(over, turns)) / len(turns),
        worst_service=_worst(turns, promise),
        mean=sum(waits) / max(1, len(waits)),
        p95=waits[int(0.95 * (len(waits) - 1))] if waits else 0.0,
        longest=waits[-1] if waits else None,
        booked=_within([t for t in turns if t.visitor.rank == BOOKED], booked),
        priority=_within([t for t in turns if t.visitor.rank < ORDINARY], priority),
        lost=lost / len(turns),
        switches=result.switches / max(1, len(waits)),
        passed=result.passed,
    )


def overdue(turn: Turn, target: float) -> float:
    """Minutes that this wait was over its target."""
    return LOST_DEBT if turn.wait is None else max(0.0, turn.wait - target)


def _within(turns: list[Turn], limit: float) -> float | None:
    return sum(t.wait is not None and t.wait <= limit for t in turns) / len(turns) if turns else None


def _worst(turns: list[Turn], promise: float) -> float | None:
    """The on-time share of the worst of the services with enough visitors to tell; None: there is none."""
    by: dict[str, list[bool]] = {}
    for turn in turns:
        by.setdefault(turn.service, []).append(turn.wait is not None and turn.wait <= promise)
    shares = [sum(ok) / len(ok) for ok in by.values() if len(ok) >= ENOUGH]
    return min(shares, default=None)
