"""Wiring of a window display box: the hall's messages → model → one display thread per serial port."""

from __future__ import annotations

import time
from functools import partial
from urllib.parse import urlsplit

from contract.topics import DOWN_VIEW
from contract.words import Role
from displays.window.cd5220 import Cd5220
from displays.window.config import Options
from displays.window.driver import Display
from displays.window.model import Model
from runtime.box import Box, Heard, Occurrence


class Service:
    """The box. Everything but the writing to ports happens in the link's thread."""

    def __init__(self, options: Options) -> None:
        self.box = Box(options.broker.broker(), Role.DISPLAY, [DOWN_VIEW], self._tell, tick=self._draw)
        self._model = Model([section.unit for section in options.display], time.monotonic())
        self._displays = [
            Display(section.unit, urlsplit(section.url).path, partial(Cd5220, section.url), self.box.troubles)
            for section in options.display
        ]

    def start(self) -> None:
        """Run until `stop`."""
        for display in self._displays:
            display.start()
        self.box.start()

    def stop(self) -> None:
        """Leave the hall and blank the displays; may be called twice."""
        self.box.stop()
        for display in self._displays:
            display.stop()

    def _tell(self, occurrence: Occurrence) -> None:
        if isinstance(occurrence, Heard):
            now = time.monotonic()
            self._model.heard(occurrence.message, retained=occurrence.retained, now=now)
            self._draw(now)

    def _draw(self, now: float) -> None:
        for display in self._displays:
            display.want(self._model.shown(display.unit, now))
