"""What pads tell beside commands, never refused: a silent alarm, a visitor's rating; the alarm from a console, and its end. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from contract.messages import AlarmEnd, Done, WindowAlarm
from contract.words import Role, TicketState
from coordinator.draft import Draft
from coordinator.record import Ticket, replace
from coordinator.window import place

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


def alarm(draft: Draft, command: WindowAlarm) -> str:
    """The operator at a console needs help: as if a pad had told it; returns the window's id."""
    window = place(draft, command)
    draft.say("alarm.raised", unit=command.unit or draft.actor.dev, window=window.id)
    return window.id


def end(draft: Draft, command: AlarmEnd) -> Done:
    """Somebody has seen to the alarms of a unit."""
    draft.need_role(Role.CONSOLE)
    draft.say("alarm.ended", unit=command.unit, window=command.window)
    return Done(id=command.id, re=command.id)


def _finished_last(draft: Draft, window: str | None) -> Ticket | None:
    finished = (draft.ticket(name) for name in draft.state.in_state(TicketState.FINISHED))
    here = [ticket for ticket in finished if ticket.window == window and ticket.ended_at is not None]
    last = max(here, key=lambda ticket: (ticket.ended_at, ticket.id), default=None)
    if last is None or last.ended_at is None or not draft.within(last.ended_at, RATED_WITHIN_S):
        return None
    return last
