"""Has the wait, and what to do about the staff, worked out beside the writer, and keeps the last answers where they are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

from contract.words import HallState
from coordinator import measure, prospect, routing
from coordinator.learn import Learned
from coordinator.question import Answer, AnyQuestion, LookBack, Planning, Question
from coordinator.record import NEVER
from coordinator.replays.so_far import SoFar
from coordinator.routing import minute
from coordinator.state import Forecast, HallDay

EVERY_S = 2.0
"""A new forecast at most this often, wire seconds."""
PLAN_EVERY_S, PLAN_EVERY_MIN = 5.0, 2.0
"""What to do about the staff is asked at most so often in wire seconds, and as often in hall minutes."""
BACK_EVERY_S, BACK_EVERY_MIN = 20.0, 10.0
BACK_FROM = 20
"""As often, and from so many tickets on, today is held against first come, first served."""
REST = 3.0
"""The child rests so many times as long as the last answer took it: a quarter of a core at most, whatever the pace of a demo."""
UNCHANGED_MIN = 1.0
"""Time alone changes waits too: asked again after so many hall minutes."""


class Answering(Protocol):
    """Where questions go: `Foreteller`."""

    def ask(self, question: AnyQuestion) -> bool:
        """Hand it over; False: not taken now."""
        ...

    def answer(self) -> tuple[bool, Answer | None]:
        """Whether the work has ended, and what it came to; None: nothing."""
        ...


class Asked(NamedTuple):
    """The question that is worked on: when it was asked, on the wire and in the hall; `issued`: None where it was about the staff."""

    wire: float
    at: datetime
    issued: dict[str, int] | None


class Lookout:
    """Keeps the last forecast of the hall, and what it recommends about the staff."""

    def __init__(
        self, state: HallDay, foreteller: Answering, monotonic: Callable[[], float], journal: Path | None = None
    ) -> None:
        """`journal`: where the day stands that is looked back at; None: it is not."""
        self._journal = journal
        self._state, self._foreteller, self._monotonic = state, foreteller, monotonic
        self._learned = Learned(state.floor.works)
        self._dirty = True
        self._asked: Asked | None = None
        self._next_at = self._plan_at = self._back_at = 0.0
        self._last_at: datetime | None = None
        self._planned_at: datetime | None = None
        self._looked_at: datetime | None = None

    def learned(self, learned: Learned) -> None:
        """Route and forecast by this from now on."""
        self._learned = learned
        self._state.learn(learned.works)

    def follow(self, state: HallDay) -> None:
        """Another document: what is being worked on is of the old one, and is not taken."""
        self._state, self._dirty = state, True
        self._last_at = self._planned_at = self._looked_at = None
        if self._asked is not None:
            self._asked = self._asked._replace(at=NEVER)

    def changed(self) -> None:
        """The hall is other than it was."""
        self._dirty = True

    def turn(self, now: datetime) -> None:
        """Take an answer that has come, ask again when it is time; `now`: hall time."""
        if self._asked is not None:
            self._take(self._asked)
        if self._asked is None and self._monotonic() >= self._next_at:
            if self._plan_due(now):
                self._ask_plan(now)
            elif self._back_due(now):
                self._ask_back(now)
            elif self._dirty or self._old(self._last_at, UNCHANGED_MIN, now):
                self._ask(now)

    def _take(self, asked: Asked) -> None:
        ended, answer = self._foreteller.answer()
        if not ended:
            return
        self._asked = None
        wire = self._monotonic()
        self._next_at = wire + max(EVERY_S if asked.issued is not None else 0.0, REST * (wire - asked.wire))
        opened = self._state.day.opened_at
        if answer is None:
            self._dirty, self._planned_at = True, None
        elif opened is None or opened > asked.at:  # of another day
            return
        elif isinstance(answer, list):
            self._state.recommended = measure.recommended(self._state, answer, asked.at)
        elif isinstance(answer, SoFar):
            self._state.so_far = (asked.at, answer) if answer.turns >= BACK_FROM else None
        elif asked.issued is not None:
            self._state.forecast = Forecast(asked.at, answer, asked.issued)

    def _old(self, last: datetime | None, minutes: float, now: datetime) -> bool:
        return last is None or not timedelta(0) <= now - last < timedelta(minutes=minutes)

    def _plan_due(self, now: datetime) -> bool:
        """Waits come first: tickets are given out with them."""
        due = self._old(self._planned_at, PLAN_EVERY_MIN, now) and self._monotonic() >= self._plan_at
        return due and self._last_at is not None

    def _back_due(self, now: datetime) -> bool:
        due = self._old(self._looked_at, BACK_EVERY_MIN, now) and self._monotonic() >= self._back_at
        return due and self._state.day.state is not HallState.CLOSED and len(self._state.tickets) >= BACK_FROM

    def _ask(self, now: datetime) -> None:
        floor = prospect.ahead(self._state, self._learned, now)
        if floor is None:
            return
        at = minute(now)
        question = Question(floor, at, self._state.rules, self._learned.habits, int(at))
        if self._foreteller.ask(question):
            self._dirty, self._last_at = False, now
            self._asked = Asked(self._monotonic(), now, dict(self._state.issued))

    def _ask_plan(self, now: datetime) -> None:
        state = self._state
        floor = prospect.ahead(state, self._learned, now)
        if floor is None:
            return
        rule, at = state.hall.rule, minute(now)
        question = Planning(
            prospect.staffing(state, floor, now), at, state.rules, self._learned.habits, int(at),
            routing.plan_rules(rule), measure.settled(state, now), float(rule("plan.min_gain")),
        )  # fmt: skip
        if self._foreteller.ask(question):
            self._planned_at, self._plan_at = now, self._monotonic() + PLAN_EVERY_S
            self._asked = Asked(self._monotonic(), now, None)

    def _ask_back(self, now: datetime) -> None:
        self._looked_at, self._back_at = now, self._monotonic() + BACK_EVERY_S
        if self._journal is not None:
            self._foreteller.ask(LookBack(self._journal, self._state.hall, self._state.day.day, now))
            self._asked = Asked(self._monotonic(), now, None)
