"""The kiosk's card reader: it gives the numbers of a card as hashes, by which the hall finds a booking."""

from __future__ import annotations

from collections.abc import Callable

from card_reader.config import CardReaderSection
from card_reader.errors import Code
from card_reader.outcome import Failure, Reading
from card_reader.purpose import Purpose
from card_reader.stand import Came, Ended, News, Stand, Swiped, There, Wanted, opens
from contract import messages as m
from glass.occurrence import CardFailed, CardsSaid, CardStep, CardSwiped
from kiosk.state import CardRead
from runtime.asker import new_id

CardOccurrence = CardsSaid | CardSwiped | CardStep | CardRead | CardFailed


class Cards:
    """`expect` first, then `read` when the day's key has come; `forget` when the visitor has gone. The rest is as `Stand` has it.

    `tell`: occurrences for the model.
    """

    def __init__(
        self,
        section: CardReaderSection,
        tell: Callable[[CardOccurrence], None],
        on_fault: Callable[[str | None, str | None], None],
        on_units: Callable[[dict[str, m.UnitHealth]], None],
    ) -> None:
        self._tell = tell
        self._stand = Stand(section, self._news, on_fault, on_units)
        self.start, self.expect = self._stand.start, self._stand.expect
        self.forget, self.stop = self._stand.forget, self._stand.stop

    def read(self, key: str, typed: tuple[str, ...], day_key: bytes | None) -> None:
        """Read a card that `typed` opens (see `kiosk.state.ReadCard`); answered under `key`. `day_key` None: the hall gave none."""
        if day_key is None:
            self._tell(CardFailed(key, Code.CARD_ERROR.value))
        else:
            self._stand.read(Wanted(key, Purpose.MATCH, opens(typed), day_key=day_key))

    def _news(self, news: News) -> None:
        match news:
            case There(ready, swipe):
                self._tell(CardsSaid(ready, swipe))
            case Swiped(typed):
                self._tell(CardSwiped(new_id("kiosk"), typed))
            case Came(key, progress):
                self._tell(CardStep(key, progress.step.value, progress.done))
            case Ended(key, outcome):
                self._answer(key, outcome)

    def _answer(self, key: str, outcome: Reading | Failure) -> None:
        match outcome:
            case Reading(hashes=hashes) if hashes:
                persons = tuple(sorted(set(hashes.values())))
                outcome.wipe()
                self._tell(CardRead(key, persons))
            case Reading():
                self._tell(CardFailed(key, Code.UNSUPPORTED.value))
            case Failure(code):
                self._tell(CardFailed(key, code.value))
