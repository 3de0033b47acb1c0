"""Today against first come, first served: who was late so far, and who would have been with each window calling its oldest. Pure.

Both are counted at the same moment: who still waits counts with the minutes waited so far.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from contract.hall import Hall
from contract.words import AT_WINDOW, TicketState
from coordinator.record import Leg, Ticket
from coordinator.replays.recording import MISSED, SOON_MIN, Log, recording
from coordinator.simulate import Fifo, stopped

_WAITING = frozenset({TicketState.ISSUED, TicketState.WAITING})


class SoFar(NamedTuple):
    """Turns in line until a moment; the share of them that was late, and that would have been late by FIFO by profile."""

    turns: int
    late: float
    fifo: float


def so_far(hall: Hall, log: Log, now: datetime) -> SoFar:
    """The day that `log` tells of, until `now`.

    Raises: ContractError: the day was never opened, or nobody came, or nobody asked for a visitor.
    """
    promise = float(hall.rule("kpi.max_wait_min"))
    waits = list(_waits(log, now))
    script = recording(hall, log).script
    assert log.day.opened_at is not None  # else there is no recording
    until = (now - log.day.opened_at).total_seconds() / 60.0
    turns = [turn.wait for turn in stopped(script, Fifo(), until).turns if turn.counted]
    return SoFar(len(waits), _late(waits, promise), _late(turns, promise))


def _late(waits: list[float | None], promise: float) -> float:
    return sum(wait is None or wait > promise for wait in waits) / max(1, len(waits))


def _waits(log: Log, now: datetime) -> Iterator[float | None]:
    """Minutes of every turn that counts, None: lost."""
    legs: dict[str, list[Leg]] = {}
    for leg in sorted(log.legs, key=lambda leg: leg.n):
        legs.setdefault(leg.ticket, []).append(leg)
    for ticket in log.tickets:
        yield from _of(ticket, legs.get(ticket.id, []), now)


def _of(ticket: Ticket, legs: Sequence[Leg], now: datetime) -> Iterator[float | None]:
    """The turns of a ticket. One who was away when called, and came back or had hardly waited, does not count."""
    missed = [leg for leg in legs if leg.outcome == MISSED]
    gone = ticket.state is TicketState.NO_SHOW
    if ticket.state is TicketState.VOID or len(missed) > gone:
        return
    for leg in legs:
        wait = (leg.wait_s or 0.0) / 60.0
        if leg.outcome != MISSED:
            yield wait
        elif wait > SOON_MIN:
            yield None
    if ticket.leg > len(legs):
        yield from _open(ticket, now)


def _open(ticket: Ticket, now: datetime) -> Iterator[float | None]:
    """The turn that no leg tells of yet."""
    if ticket.state in AT_WINDOW:
        yield (ticket.wait_s or 0.0) / 60.0
    elif ticket.state in _WAITING:
        yield max(0.0, (now - ticket.clock_at).total_seconds() / 60.0)
    elif ticket.state is TicketState.CANCELLED:
        yield None
