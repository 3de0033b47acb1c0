"""The terminal's card reader: fields for the form go to the screen, the number stays here for the questions to the registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from card_reader.config import CardReaderSection
from card_reader.errors import Code
from card_reader.outcome import Failure, Reading
from card_reader.purpose import FIELDS, Purpose
from card_reader.stand import Came, Ended, News, Stand, Swiped, There, Wanted, opens
from contract import messages as m
from glass.occurrence import CardFailed, CardsSaid, CardStep, CardSwiped
from runtime.asker import new_id
from terminal.state import Identified

CardOccurrence = CardsSaid | CardSwiped | CardStep | Identified | CardFailed
NUMBERS = ("rnokpp", "iin", "pin", "unzr", "personal_number")
"""Fields by which registers know a person, the best first."""


class Cards:
    """`read`, then `number`; `forget` ends a read, `wipe` takes the number away. The rest is as `card_reader.stand.Stand` has it.

    `tell`: occurrences for the flow. What leaves the card is what the form has (`fields`) and the number, and no more.
    """

    def __init__(
        self,
        section: CardReaderSection,
        tell: Callable[[CardOccurrence], None],
        on_fault: Callable[[str | None, str | None], None],
        on_units: Callable[[dict[str, m.UnitHealth]], None],
    ) -> None:
        self._tell = tell
        self._number = ""
        self._asked: dict[str, frozenset[str]] = {}
        self._stand = Stand(section, self._news, on_fault, on_units)
        self.start, self.stop = self._stand.start, self._stand.stop

    @property
    def number(self) -> str:
        """The visitor's personal number, "" where no card was read."""
        return self._number

    def read(self, key: str, typed: tuple[str, ...], fields: Iterable[str]) -> None:
        """Read a card that `typed` opens (see `terminal.state.ReadCard`); answered under `key`."""
        asked = frozenset(str(field) for field in fields) & FIELDS
        self._number, self._asked = "", {key: asked}
        self._stand.expect(key)
        self._stand.read(Wanted(key, Purpose.PREFILL, opens(typed), fields=asked | frozenset(NUMBERS)))

    def forget(self) -> None:
        """A read that goes on ends, and nothing of it stays."""
        self._asked = {}
        self._stand.forget()

    def wipe(self) -> None:
        """The visitor has gone."""
        self._number = ""
        self.forget()

    def _news(self, news: News) -> None:
        match news:
            case There(ready, swipe):
                self._tell(CardsSaid(ready, swipe))
            case Swiped(typed):
                self._tell(CardSwiped(new_id("terminal"), typed))
            case Came(key, progress):
                self._tell(CardStep(key, progress.step.value, progress.done))
            case Ended(key, Failure(code)):
                self._tell(CardFailed(key, code.value))
            case Ended(key, Reading() as reading):
                self._read(key, reading)

    def _read(self, key: str, reading: Reading) -> None:
        asked = self._asked.get(key)
        fields, number = dict(reading.fields), _number(reading.fields)
        reading.wipe()
        if asked is None:  # the visitor left while it was being read
            return
        if not number:
            self._tell(CardFailed(key, Code.UNSUPPORTED.value))
            return
        self._number = number
        self._tell(Identified(key, {name: text for name, text in fields.items() if name in asked}))


def _number(fields: dict[str, str]) -> str:
    return next((fields[name] for name in NUMBERS if fields.get(name)), "")
