"""A day of an invented hall played through the coordinator's own truth into a real journal: visitors, operators, no chance but a seed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from typing import Any

from contract import messages as m
from contract.hall import Hall
from coordinator.state import HallDay
from coordinator.truth import Ask, Truth
from journal.journal import Journal
from journal.schema import HALL
from tests.small_hall import CONSOLE, KIOSK, OPERATORS

OPENING = datetime(2026, 3, 16, 3, 0, tzinfo=UTC)
"""Monday, 09:00 in the small hall."""
RULES = {"call.double_press_s": 0, "ticket.last_before_close_min": 0}


class PlayedDay:
    """Windows press when they are free; visitors come, are served, do not come when called, or come back."""

    def __init__(self, hall: Hall, journal: Journal, seed: int) -> None:
        self.random = Random(seed)
        self.now = OPENING
        self.truth = Truth(journal, HallDay(hall), lambda _pin, _hash: True)
        self._events: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._number = 0
        self._seen: set[tuple[str, datetime]] = set()

    def at(self, minute: float, do: Callable[..., None], *what: Any) -> None:
        """`do(*what)` so many minutes after opening."""
        self._later((OPENING - self.now) / timedelta(minutes=1) + minute, do, *what)

    def run(self, minutes: float) -> None:
        """Until so many minutes after opening."""
        for minute in range(int(minutes)):
            self.at(float(minute), self._tick)
        while self._events and self._events[0][0] <= OPENING + timedelta(minutes=minutes):
            self.now, _, do, what = heappop(self._events)
            do(*what)

    def come(self, service: str, *then: str, group: str | None = None) -> None:
        """A visitor takes a ticket; a window that waited for one has called it."""
        self.ask(KIOSK, m.TicketIssue, service=service, then=then, lang="en", paper=False, priority_group=group)
        self._look()

    def sit(self, window: str) -> None:
        """An operator comes and asks for the first visitor."""
        self.ask(CONSOLE, m.WindowLogin, window=window, operator=OPERATORS[window], pin="1")
        self.ask(CONSOLE, m.WindowOpen, window=window)
        self._next(window)

    def rest(self, window: str, minutes: float) -> None:
        """A break, begun when the visitor has gone; while one is there it is looked again a minute later."""
        if self.truth.state.ticket_at(window) is not None:
            self._later(1.0, self.rest, window, minutes)
            return
        self.ask(CONSOLE, m.WindowPause, window=window)
        self._later(minutes, self._again, window)

    def ask(self, actor: Any, command: Any, **words: Any) -> Any:
        """Do it now; returns the reply, which must be no refusal."""
        self._number += 1
        reply = self.truth.handle([Ask(actor, command(id=f"c{self._number}", **words))], self.now).answers[0].reply
        assert not isinstance(reply, m.Refused), reply
        return reply

    def _later(self, minutes: float, do: Callable[..., None], *what: Any) -> None:
        self._number += 1
        at = self.now + timedelta(milliseconds=round(60_000 * minutes))
        heappush(self._events, (at, self._number, do, what))

    def _tick(self) -> None:
        self.truth.tick(self.now)
        self._look()

    def _again(self, window: str) -> None:
        self.ask(CONSOLE, m.WindowOpen, window=window)
        self._next(window)

    def _next(self, window: str) -> None:
        if self.truth.state.windows[window].ticket is None and not self.truth.state.windows[window].armed:
            if self.truth.state.windows[window].state != "free":
                return
            self.ask(CONSOLE, m.CallNext, window=window)
        self._look()

    def _look(self) -> None:
        """Whoever was called just now goes to the window, or is not there."""
        for window in self.truth.state.windows.values():
            ticket = self.truth.state.ticket_at(window.id)
            if ticket is None or ticket.state != "called" or ticket.called_at != self.now:
                continue
            if (ticket.id, self.now) not in self._seen:
                self._seen.add((ticket.id, self.now))
                there = self.random.random() > 0.06
                self._later(0.5 if there else 1.0, self._start if there else self._miss, window.id, ticket.id)

    def _start(self, window: str, _ticket: str) -> None:
        self.ask(CONSOLE, m.CallStart, window=window)
        self._later(max(1.0, self.random.lognormvariate(1.9, 0.6)), self._finish, window)

    def _miss(self, window: str, ticket: str) -> None:
        self.ask(CONSOLE, m.CallNoShow, window=window)
        if self.random.random() < 0.4:
            self._later(self.random.uniform(3, 8), self._come_back, ticket)
        self._next(window)

    def _come_back(self, ticket: str) -> None:
        self.ask(CONSOLE, m.TicketReturn, ticket=ticket)
        self._look()

    def _finish(self, window: str) -> None:
        self.ask(CONSOLE, m.CallFinish, window=window)
        self._look()
        self._later(self.random.uniform(0.0, 0.8), self._next, window)


def play(hall: Hall, file: Path, seed: int, visitors: int = 150, minutes: float = 560.0, length: float = 480.0) -> None:
    """A day of so great a `length` with a crowd at the doors, breaks, priority visitors and visits of two services; its first `minutes`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with Journal.open(file, hall.id, HALL, lambda: datetime.now(UTC)) as journal:
        day = PlayedDay(hall, journal, seed)
        day.truth.tick(day.now)
        for number, window in enumerate(OPERATORS):
            day.at(0.1 * number, day.sit, window)
            day.at(length / 4 + 25.0 * number, day.rest, window, day.random.uniform(18.0, 22.0))
        for number in range(visitors):
            minute = day.random.uniform(0.5, 2.0) if number < 14 else day.random.uniform(0.0, length - 40.0)
            service = day.random.choice(("advice", "intake", "birth", "loss", "passport"))
            then = ("intake",) if day.random.random() < 0.1 else ()
            group = "veteran" if day.random.random() < 0.08 else None
            day.at(minute, lambda s=service, t=then, g=group: day.come(s, *t, group=g))
        day.run(minutes)
