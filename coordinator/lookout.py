"""Has the wait worked out beside the writer whenever the hall has changed, and keeps the last answer where issuing reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from coordinator import prospect
from coordinator.foreteller import Ranges
from coordinator.learn import Learned
from coordinator.question import Question
from coordinator.routing import minute
from coordinator.state import Forecast, HallDay

EVERY_S = 2.0
"""A new forecast at most this often, wire seconds."""
REST = 3.0
"""The child rests so many times as long as the last forecast took it: a quarter of a core at most, whatever the pace of a demo."""
UNCHANGED_MIN = 1.0
"""Time alone changes waits too: asked again after so many hall minutes."""


class Answering(Protocol):
    """Where questions go: `Foreteller`."""

    def ask(self, question: Question) -> bool:
        """Hand it over; False: not taken now."""
        ...

    def answer(self) -> tuple[bool, Ranges | None]:
        """Whether the work has ended, and the ranges by service; None: it came to nothing."""
        ...


class Lookout:
    """Keeps the last forecast of the hall."""

    def __init__(self, state: HallDay, foreteller: Answering, monotonic: Callable[[], float]) -> None:
        self._state, self._foreteller, self._monotonic = state, foreteller, monotonic
        self._learned = Learned(state.floor.works)
        self._dirty = True
        self._asked: tuple[float, datetime, dict[str, int]] | None = None
        self._next_at = 0.0
        self._last_at: datetime | None = None

    def learned(self, learned: Learned) -> None:
        """Route and forecast by this from now on."""
        self._learned = learned
        self._state.learn(learned.works)

    def changed(self) -> None:
        """The hall is other than it was."""
        self._dirty = True

    def turn(self, now: datetime) -> None:
        """Take an answer that has come, ask again when it is time; `now`: hall time."""
        if self._asked is not None:
            self._take(*self._asked)
        if self._asked is None and self._due(now):
            self._ask(now)

    def _take(self, asked_at: float, at: datetime, issued: dict[str, int]) -> None:
        ended, ranges = self._foreteller.answer()
        if not ended:
            return
        self._asked = None
        wire = self._monotonic()
        self._next_at = wire + max(EVERY_S, REST * (wire - asked_at))
        if ranges is None:
            self._dirty = True
        elif (opened := self._state.day.opened_at) is not None and opened <= at:  # not of another day
            self._state.forecast = Forecast(at, ranges, issued)

    def _due(self, now: datetime) -> bool:
        old = self._last_at is None or not timedelta(0) <= now - self._last_at < timedelta(minutes=UNCHANGED_MIN)
        return (self._dirty or old) and self._monotonic() >= self._next_at

    def _ask(self, now: datetime) -> None:
        floor = prospect.ahead(self._state, self._learned, now)
        if floor is None:
            return
        at = minute(now)
        question = Question(floor, at, self._state.rules, self._learned.habits, int(at))
        if self._foreteller.ask(question):
            self._dirty, self._last_at = False, now
            self._asked = (self._monotonic(), now, dict(self._state.issued))
