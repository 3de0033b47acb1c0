"""The hall as the consoles know it: the newest view, how old it is, and asking the coordinator from asyncio. One asyncio loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from consoles.pulse import Pulse
from contract import messages as m
from contract import topics
from contract.hall import Hall
from runtime.asker import Answer
from runtime.box import Heard, LinkDown, LinkUp, Occurrence
from runtime.freshness import Age, Freshness

SETTLE_S = 1.0
"""Longest wait for the view to show what a reply has told; consoles are told at most four times a second."""


class Asks(Protocol):
    """Who carries a command to the coordinator: `runtime.box.Box`."""

    def ask(self, command: m.Command, on_answer: Callable[[Answer], None]) -> None:
        """Ask; `on_answer` is called once, from any thread."""

    def publish(self, topic: topics.Topic, message: m.Message) -> None:
        """Publish; from any thread."""


class Live:
    """What the hall last said. Everything in it happens in the loop's thread; `post` is the door for other threads.

    `on_card`: told the words of reads; `on_look`: asked after every change and now and then, True when a page must be drawn anew.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._loop, self._monotonic = loop, monotonic
        self.pulse = Pulse()
        self.hall: Hall | None = None
        self.view: m.ConsolesView | None = None
        self.boards: dict[str, m.Board] = {}
        self.linked = False
        self._freshness = Freshness(monotonic())
        self._age = Age.STALE
        self._asks: Asks | None = None
        self._open: dict[str, asyncio.Future[Answer]] = {}
        self.on_card: Callable[[m.CardSaid], None] = lambda _said: None
        self.on_look: Callable[[], bool] = lambda: False

    def asks_by(self, asks: Asks) -> None:
        """Commands go by `asks` from now on."""
        self._asks = asks

    def post(self, occurrence: Occurrence) -> None:
        """From any thread: something happened on the link."""
        self._loop.call_soon_threadsafe(self.take, occurrence)

    def post_tick(self, _now: float) -> None:
        """From any thread: time has passed."""
        self._loop.call_soon_threadsafe(self.tick)

    def take(self, occurrence: Occurrence) -> None:
        """Keep what was heard and wake the pages."""
        match occurrence:
            case Heard(message=m.Cfg(hall=hall)):
                self.hall = hall
            case Heard(message=m.ConsolesView() as view):
                self.view = view
            case Heard(message=m.Board() as board):
                self.boards[board.zone] = board
            case Heard(message=m.Heartbeat() as beat, retained=retained):
                self._freshness.heard(beat, retained=retained, now=self._monotonic())
            case Heard(message=m.CardSaid() as said):
                self.on_card(said)
            case LinkUp():
                self.linked = True
            case LinkDown():
                self.linked = False
            case _:
                pass  # Silent wakes the pages too: a press is then shown as waiting
        self._age = self.age
        self.on_look()
        self.pulse.beat()

    def tick(self) -> None:
        """Wake the pages when what they show became old by itself."""
        if self.on_look() or self._age is not self.age:
            self._age = self.age
            self.pulse.beat()

    @property
    def age(self) -> Age:
        """What may be shown now."""
        return self._freshness.age(self._monotonic())

    @property
    def age_s(self) -> float:
        """Seconds since the last live heartbeat, or since listening began."""
        return self._freshness.age_s(self._monotonic())

    @property
    def beat(self) -> m.Heartbeat | None:
        """The last heartbeat; None before the first."""
        return self._freshness.last

    @property
    def now(self) -> datetime | None:
        """Hall time, carried on from the last heartbeat at the hall's pace; None before the first."""
        beat = self._freshness.last
        if beat is None:
            return None
        return beat.now if self._freshness.heard_at is None else beat.hall_time(self.age_s)

    @property
    def mark(self) -> str:
        """The revision of what is shown, for the stream's event ids."""
        return f"{self.view.ep}-{self.view.rev}" if self.view is not None else "0-0"

    def window(self, window: str) -> m.DeskWindow | None:
        """The newest state of a window; None before the first view or where there is no such window."""
        return next((w for w in self.view.windows if w.window == window), None) if self.view is not None else None

    async def ask(self, command: m.Command) -> Answer:
        """The coordinator's answer, or Unanswered after the command's life. The same id asked twice at once is one question."""
        future = self._open.get(command.id)
        if future is None:
            future = self._open[command.id] = self._loop.create_future()
            future.add_done_callback(lambda _: self._open.pop(command.id, None))
            assert self._asks is not None  # the service gives the box before it serves
            self._asks.ask(command, lambda answer: self._answered(future, answer))
        return await asyncio.shield(future)

    def say_card(self, said: m.CardForget) -> None:
        """Tell the hall of a read; heard once or not at all."""
        assert self._asks is not None
        self._asks.publish(topics.UP_CARD, said)

    def _answered(self, future: asyncio.Future[Answer], answer: Answer) -> None:
        """From any thread."""
        self._loop.call_soon_threadsafe(_settle, future, answer)

    async def settled(self, true: Callable[[m.ConsolesView], bool]) -> None:
        """Wait until the view shows what a reply has told, at most `SETTLE_S`; a page drawn earlier would show the past."""
        await self.pulse.until(lambda: self.view is not None and true(self.view), SETTLE_S)


def _settle(future: asyncio.Future[Answer], answer: Answer) -> None:
    if not future.done():
        future.set_result(answer)
