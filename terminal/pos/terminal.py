"""The port to a card terminal: what every protocol can be asked, and what it may answer. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from contract.errors import ViknoError
from terminal.money import Money


class DoubtError(ViknoError):
    """A financial command may have been carried out; nobody knows yet. Never to be answered by sending it again."""


class Kind(StrEnum):
    """What a receipt is for."""

    SALE = "sale"
    REFUND = "refund"
    VOID = "void"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A terminal's word on one operation of its batch: evidence, not proof. `pan` is masked; texts are "" where not told."""

    number: str
    kind: Kind
    amount: Money
    approved: bool
    tid: str = ""
    rrn: str = ""
    approval: str = ""
    pan: str = ""
    brand: str = ""

    @property
    def mark(self) -> str:
        """What tells it from every other receipt: numbers begin anew with each batch."""
        return f"{self.number}/{self.kind}/{self.amount.minor}/{self.rrn}"


@dataclass(frozen=True, slots=True)
class Answer:
    """The terminal's own answer to a sale or a reversal. `code`: the protocol's; `receipt`: None where none was made."""

    approved: bool
    code: str
    receipt: Receipt | None = None


class CardTerminal(Protocol):
    """One terminal, one connection, used by nobody else meanwhile: without that a watermark means nothing.

    Every call is bounded in time. But for `sell` and `reverse`, TransientDeviceError means that nothing happened.
    """

    def open(self) -> str:
        """Make a line that is known to be fresh; returns the terminal's maker and model."""

    def last(self) -> Receipt | None:
        """The last receipt of the batch, whoever made it; None: the batch is empty."""

    def settle(self) -> None:
        """Wait until no operation is going on. Raises: TransientDeviceError: one still is."""

    def sell(self, amount: Money, offered: Callable[[Receipt], object]) -> Answer:
        """Take `amount` from a card. Where a terminal asks whether goods are issued, `offered` keeps the receipt before it hears yes.

        Raises: DoubtError; never another error of the device once a byte may have left.
        """

    def reverse(self, receipt: str, amount: Money) -> Answer:
        """Void the sale with that receipt number, whole, in the current batch. Raises: as `sell`."""

    def close(self) -> None:
        """Give the line up; twice is fine."""
