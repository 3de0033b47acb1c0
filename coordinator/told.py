"""What pads tell beside commands: a silent alarm, a visitor's rating. Never refused. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from contract.words import TicketState
from coordinator.draft import Draft
from coordinator.record import Ticket, replace

RATED_WITHIN_S = 300.0
"""A rating belongs to the ticket that was finished at its window at most so long ago."""


@dataclass(frozen=True, slots=True)
class Alarmed:
    """Somebody pressed the silent alarm at this unit."""

    unit: str


@dataclass(frozen=True, slots=True)
class Rated:
    """A visitor rated at this unit: 1 the worst, 5 the best."""

    unit: str
    score: int


def tell(draft: Draft, news: Alarmed | Rated) -> None:
    """Journal it: an alarm with its window, a rating on the ticket it belongs to, or on the window alone. The last rating counts."""
    window, _ = draft.actor.units.get(news.unit, (None, 0))
    if isinstance(news, Alarmed):
        draft.say("alarm.raised", unit=news.unit, window=window)
    elif (ticket := _finished_last(draft, window)) is None:
        draft.say("window.rated", unit=news.unit, window=window, score=news.score)
    else:
        rated = replace(ticket, score=news.score)
        draft.say("ticket.rated", rated, ticket=ticket.id, label=ticket.label, window=window, score=news.score)


def _finished_last(draft: Draft, window: str | None) -> Ticket | None:
    finished = (draft.ticket(name) for name in draft.state.in_state(TicketState.FINISHED))
    here = [ticket for ticket in finished if ticket.window == window and ticket.ended_at is not None]
    last = max(here, key=lambda ticket: (ticket.ended_at, ticket.id), default=None)
    if last is None or last.ended_at is None or not draft.within(last.ended_at, RATED_WITHIN_S):
        return None
    return last
