"""Wiring of a window display box: the hall's messages → model → one thread for each serial port."""

from __future__ import annotations

import time

from contract.topics import DOWN_VIEW
from contract.words import Role
from displays.window.config import DisplaySection, Options
from displays.window.driver import Cable
from displays.window.kind import KINDS
from displays.window.model import Model
from runtime.box import Box, Heard, Occurrence


class Service:
    """The box. Everything but the writing to ports happens in the link's thread."""

    def __init__(self, options: Options) -> None:
        self.box = Box(options.broker.broker(), Role.DISPLAY, [DOWN_VIEW], self._tell, tick=self._draw)
        self._model = Model([section.unit for section in options.display], time.monotonic())
        self._cables = [self._cable(sections) for sections in _by_url(options)]
        behind = {cable.url: cable for cable in self._cables}
        self._behind = {section.unit: behind[section.url] for section in options.display}

    def start(self) -> None:
        """Run until `stop`."""
        for cable in self._cables:
            cable.start()
        self.box.start()

    def stop(self) -> None:
        """Leave the hall and blank the displays; may be called twice."""
        self.box.stop()
        for cable in self._cables:
            cable.stop()

    def _cable(self, sections: list[DisplaySection]) -> Cable:
        addresses = {section.unit: section.address for section in sections}
        return Cable(sections[0].url, KINDS[sections[0].kind], addresses, self.box.troubles)

    def _tell(self, occurrence: Occurrence) -> None:
        if isinstance(occurrence, Heard):
            now = time.monotonic()
            self._model.heard(occurrence.message, retained=occurrence.retained, now=now)
            self._draw(now)

    def _draw(self, now: float) -> None:
        for unit, cable in self._behind.items():
            cable.want(unit, self._model.sign(unit, now))
        self.box.units = {unit: health for cable in self._cables for unit, health in cable.units.items()}


def _by_url(options: Options) -> list[list[DisplaySection]]:
    found: dict[str, list[DisplaySection]] = {}
    for section in options.display:
        found.setdefault(section.url, []).append(section)
    return list(found.values())
