"""The one thread that speaks: takes the next announcement, makes its sound from the bank, plays it to the end."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from typing import TypeAlias

import structlog

from contract import messages as m
from contract.errors import DeviceError
from displays.voice import espeak, sound
from displays.voice.bank import Bank, Stock
from displays.voice.grammar import AFTER_AGAIN_MS, JOIN_MS, Pause, Sentence, Words, look_at_board
from displays.voice.model import Announcement, Model
from displays.voice.player import Player
from look import training
from runtime.supervise import Troubles, crash

log = structlog.get_logger(__name__)

BETWEEN_LANGUAGES_MS = 600
AFTER_ALL_MS = 400
"""So that two announcements do not sound like one; some sound devices also swallow the last tenth of a second."""
STOCK_S = 10.0
"""The bank is looked through this often: what was rendered meanwhile counts without a restart."""
TEXTS_MAX = 16

Piece: TypeAlias = "sound.Samples | float"
"""A sound, or a pause as milliseconds."""


class Announcer:
    """Owns bank and player; the model is shared with the link's thread under one lock."""

    def __init__(self, model: Model, bank: Bank, player: Player, troubles: Troubles) -> None:
        self.stocks: dict[str, Stock] = {}
        self._model, self._bank, self._player, self._troubles = model, bank, player, troubles
        self._changed = threading.Condition()
        self._texts: OrderedDict[tuple[str, str], sound.Samples] = OrderedDict()
        self._chime = sound.chime()
        self._stock_at = 0.0
        self._stopping = False
        self._thread: threading.Thread | None = None

    def heard(self, message: m.AnyMessage, *, retained: bool) -> None:
        """A message of the hall; from the link's thread, never waits for a sound."""
        with self._changed:
            self._model.heard(message, retained=retained, now=time.monotonic())
            if isinstance(message, m.Cfg):
                self._stock_at = 0.0
            self._changed.notify()

    def counts(self) -> tuple[Counter[str], int]:
        """What became of calls so far, and how many wait; from any thread."""
        with self._changed:
            return self._model.counts.copy(), self._model.waiting

    def start(self) -> None:
        """Run until `stop`."""
        self._thread = threading.Thread(target=crash(self._run), name="announcer", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 3.0) -> None:
        """Fall silent, in the middle of a word if need be, and end the thread; may be called twice."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._player.close()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None

    def _run(self) -> None:
        while not self._stopping:
            announcement = self._next()
            if announcement is not None:
                self._announce(announcement)
            elif time.monotonic() >= self._stock_at:
                self._take_stock()

    def _next(self) -> Announcement | None:
        with self._changed:
            found = self._model.take(time.monotonic())
            if found is None and not self._stopping:
                self._changed.wait(max(0.0, min(STOCK_S, self._stock_at - time.monotonic())))
            return found

    def _announce(self, announcement: Announcement) -> None:
        said = self._said(announcement)
        pieces: list[Piece] = [self._chime, float(sound.AFTER_CHIME_MS)] if announcement.chime else []
        for number, words in enumerate(said):
            pieces += [float(BETWEEN_LANGUAGES_MS)] if number else []
            pieces += words
        played = bool(pieces) and self._play(pieces, announcement.gain)
        with self._changed:
            self._model.done(announcement, spoken=played and bool(said))

    def _play(self, pieces: list[Piece], gain: float) -> bool:
        samples = sound.scaled(sound.joined([*pieces, float(AFTER_ALL_MS)], JOIN_MS), gain)
        try:
            played = self._player.play(samples)
        except DeviceError as exc:
            if self._troubles.raise_(exc.fault):
                log.warning("voice.player_failed", fault=str(exc))
            return False
        self._troubles.clear("speaker_failed")
        return played

    def _said(self, announcement: Announcement) -> list[list[Piece]]:
        """What can be said, a list of pieces for each language; in a hall to learn in nothing without the word that says so."""
        sentences = [(words, self._sentence(words, sentence)) for words, sentence in announcement.sentences]
        found = [*sentences, *((words, self._text(words, text)) for words, text in announcement.texts)]
        if not announcement.training:
            return [pieces for _, pieces in found if pieces]
        marked = ((self._text(words, training.spoken(words.language)), pieces) for words, pieces in found)
        return [[*mark, float(AFTER_AGAIN_MS), *pieces] for mark, pieces in marked if mark and pieces]

    def _sentence(self, words: Words, sentence: Sentence) -> list[Piece]:
        """All its segments, or those of "look at the board": a call with a hole in it misleads."""
        whole = self._pieces(sentence)
        return whole if whole is not None else self._pieces(look_at_board(words)) or []

    def _pieces(self, sentence: Sentence) -> list[Piece] | None:
        pieces: list[Piece] = []
        for part in sentence.parts:
            piece = float(part.ms) if isinstance(part, Pause) else self._bank.samples(part)
            if piece is None:
                return None
            pieces.append(piece)
        return pieces

    def _text(self, words: Words, text: str) -> list[Piece]:
        """A manager's text, spoken once and kept; empty where it cannot be."""
        key = words.language, text
        if key not in self._texts:
            try:
                self._texts[key] = espeak.speak(text, words.espeak_voice)
            except DeviceError as exc:
                self._troubles.raise_(exc.fault)
                return []
            self._troubles.clear("speech_missing")
            if len(self._texts) > TEXTS_MAX:
                self._texts.popitem(last=False)
        return [self._texts[key]]

    def _take_stock(self) -> None:
        with self._changed:
            languages = self._model.languages
        for words in languages:
            stock = self._bank.stock(words)
            self.stocks[words.language] = stock
            change = self._troubles.raise_ if stock.missing else self._troubles.clear
            change("voice_missing", words.language)
        self._stock_at = time.monotonic() + STOCK_S
