"""Wiring of a board: the hall's messages → model → face → panel. The model lives in the panel's thread."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from contract.messages import UnitHealth
from contract.topics import DOWN_CFG, PUB_BOARD, PUB_CALL
from contract.words import Role
from displays.board.config import Options
from displays.board.face import Face, face
from displays.board.model import Model
from runtime.box import Box, Heard, Occurrence
from runtime.supervise import notify

if TYPE_CHECKING:
    from displays.board.screen import BoardApp

TICK_S = 1.0
PULSE_TICK_S = 0.2
INBOX_MAX = 1000
PICTURES_MAX = 1000
"""Then the first one is written over."""


class Service:
    """The box. All but the link's thread, which only fills the inbox, happens in Kivy's thread."""

    def __init__(self, options: Options, stop: threading.Event, app: BoardApp) -> None:
        self._options, self._stop, self._app = options, stop, app
        self.box = Box(
            options.broker.broker(), Role.BOARD, [PUB_BOARD, PUB_CALL, DOWN_CFG], self._tell, zones=options.zones
        )
        size = {"width_px": float(options.screen.width), "height_px": float(options.screen.height)}
        self.box.units = {"panel": UnitHealth(kind="panel", model="Kivy", figures=size)}
        self._model = Model(options.zones, time.monotonic())
        self._inbox: deque[Heard] = deque(maxlen=INBOX_MAX)
        self._shown: tuple[Face, float] | None = None
        self._pictures = 0
        self._draw_soon: Callable[[], object] = lambda: None
        self._pulse_soon: Callable[[], object] = lambda: None

    def start(self) -> None:
        """When the panel is there: hear the hall, draw at each message and each second, at five a second only while a new call pulses."""
        from kivy.clock import Clock

        self._draw_soon = Clock.create_trigger(lambda _dt: self._draw())
        self._pulse_soon = Clock.create_trigger(lambda _dt: self._draw(), PULSE_TICK_S)
        Clock.schedule_interval(lambda _dt: self._tick(), TICK_S)
        if self._options.screen.screenshot_dir is not None:
            self._options.screen.screenshot_dir.mkdir(parents=True, exist_ok=True)
            Clock.schedule_interval(lambda _dt: self._take_picture(), self._options.screen.screenshot_every_s)
        self.box.start()
        notify("READY=1")

    def stop(self) -> None:
        """Leave the hall; may be called twice."""
        self.box.stop()

    def _tell(self, occurrence: Occurrence) -> None:
        if isinstance(occurrence, Heard):
            self._inbox.append(occurrence)
            self._draw_soon()

    def _tick(self) -> None:
        if self._stop.is_set():
            self._app.stop()
            return
        self._draw()
        notify("WATCHDOG=1")

    def _draw(self) -> None:
        now = time.monotonic()
        while self._inbox:
            heard = self._inbox.popleft()
            self._model.heard(heard.message, retained=heard.retained, now=now)
        seen = face(self._model.scene(now), self._model.hall, self.box.broker.dev)
        moving = seen.lit and self._model.pulsing(now) and not self._options.screen.reduced_motion
        pulse = self._model.pulse(now) if moving else 1.0
        if (seen, pulse) != self._shown:
            self._shown = (seen, pulse)
            self._app.show(seen, pulse)
        if moving:
            self._pulse_soon()

    def _take_picture(self) -> None:
        folder = self._options.screen.screenshot_dir or Path()
        self._app.picture(folder / f"{self.box.broker.dev}-{self._pictures % PICTURES_MAX:04d}.png")
        self._pictures += 1
