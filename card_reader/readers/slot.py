"""Where cards come from: a slot that waits for one, and the card in it."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

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


def is_storage(atr: bytes) -> bool:
    """A storage card: a transit ticket, never an ID card."""
    return historical(atr).startswith(_STORAGE)
