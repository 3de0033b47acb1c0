"""Wiring of a voice: the hall's messages → model → the announcer's thread → the program that plays."""

from __future__ import annotations

from contract import messages as m
from contract.topics import DOWN_CFG, PUB_CALL
from contract.words import Role
from displays.voice.announcer import Announcer
from displays.voice.bank import Bank
from displays.voice.config import Options
from displays.voice.model import Model
from displays.voice.player import Player
from displays.voice.words import LANGUAGES, words
from runtime.box import Box, Heard, Occurrence


class Service:
    """The box. The link's thread only fills the model; all that takes time is the announcer's."""

    def __init__(self, options: Options) -> None:
        self.box = Box(options.broker.broker(), Role.VOICE, [PUB_CALL, DOWN_CFG], self._tell, tick=self._note)
        self._player = Player(options.player)
        model = Model(options.zones, {language: words(language) for language in LANGUAGES})
        self._announcer = Announcer(model, Bank(options.bank), self._player, self.box.troubles)

    def start(self) -> None:
        """Run until `stop`."""
        self._announcer.start()
        self.box.start()

    def stop(self) -> None:
        """Leave the hall and fall silent; may be called twice."""
        self.box.stop()
        self._announcer.stop()

    def _tell(self, occurrence: Occurrence) -> None:
        if isinstance(occurrence, Heard):
            self._announcer.heard(occurrence.message, retained=occurrence.retained)

    def _note(self, _now: float) -> None:
        """What stands behind the box, for its health: the player with what became of calls, and the bank by language."""
        counts, waiting = self._announcer.counts()
        figures = {name: float(count) for name, count in counts.items()} | {"waiting_calls": float(waiting)}
        model = self._player.command[0].rpartition("/")[2][:64]
        self.box.units["speaker"] = m.UnitHealth(kind="speaker", model=model, figures=figures)
        for language, stock in list(self._announcer.stocks.items()):
            parts = {"recorded": stock.recorded, "rendered": stock.rendered, "missing": stock.missing}
            segments = {f"{name}_segments": float(len(part)) for name, part in parts.items()}
            self.box.units[language] = m.UnitHealth(kind="voice_bank", figures=segments)
