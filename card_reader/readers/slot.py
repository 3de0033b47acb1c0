"""Where cards come from: a slot that waits for one, and the card in it. PC/SC and the in-process loop are both such slots."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from card_reader.errors import Cancelled, CardError, CardRemoved, Code
from card_reader.files.block import historical

_STORAGE = bytes.fromhex("804F0CA000000306")
"""Historical bytes of a storage card, PC/SC part 3 §3.1.3.2.3."""


class Card(Protocol):
    """A card connected for us alone. `extended`: the reader carries extended lengths; None where it does not say."""

    atr: bytes
    model: str
    extended: bool | None

    def transmit(self, command: bytes) -> bytes:
        """The answer with its status word. Raises: CardRemoved, CardError."""
        ...

    def close(self) -> None:
        """Gives the card back; twice is fine."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Slot(Protocol):
    """A reader, or whichever reader of a machine has a card."""

    def card(self, timeout_s: float, cancelled: Callable[[], bool]) -> Card:
        """The next card. Raises: CardError: NO_CARD in time, NO_READER, SERVICE_DOWN, CARD_DEAD, CARD_IN_USE; Cancelled."""
        ...


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

    def card(self, timeout_s: float, cancelled: Callable[[], bool]) -> Card:  # noqa: ARG002 - nothing is waited for here
        if cancelled():
            raise Cancelled("the read was cancelled")
        if not self._cards:
            raise CardError("nobody laid a card there", Code.NO_CARD)
        return self._cards.pop(0)()


def is_storage(atr: bytes) -> bool:
    """A storage card: a transit ticket, never an ID card."""
    return historical(atr).startswith(_STORAGE)
