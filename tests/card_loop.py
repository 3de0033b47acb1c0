"""Cards in this process: a slot of the card reader without PC/SC."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from card_reader.errors import Cancelled, CardError, CardRemoved, Code
from card_reader.readers.slot import Card


class LoopCard:
    """A card in this process: `chip` takes a command and gives an answer, empty when it is gone."""

    def __init__(self, atr: bytes, chip: Callable[[bytes], bytes], *, extended: bool | None = None) -> None:
        self.atr, self.model, self.extended = atr, "loop", extended
        self._chip: Callable[[bytes], bytes] | None = chip

    def transmit(self, command: bytes) -> bytes:
        if self._chip is None:
            raise CardRemoved("the card was given back")
        answer = self._chip(command)
        if not answer:
            raise CardRemoved("no answer")
        return answer

    def close(self) -> None:
        self._chip = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class LoopSlot:
    """Gives the cards of `cards` one after another; then nobody lays one there."""

    def __init__(self, *cards: Callable[[], Card]) -> None:
        self._cards = list(cards)

    def card(self, timeout_s: float, cancelled: Callable[[], bool]) -> Card:
        if cancelled():
            raise Cancelled("the read was cancelled")
        if not self._cards:
            raise CardError("nobody laid a card there", Code.NO_CARD)
        return self._cards.pop(0)()
