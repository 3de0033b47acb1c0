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


@dataclass(frozen=True, slots=True)
class Totals:
    """What a terminal says of its open batch: how many sales stand, and their sum less refunds, in minor units (it may be less than 0)."""

    sales: int
    net_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The terminal's answer to closing its batch. `done` False: it said that it did not; `totals`: None where it tells none with it."""

    done: bool
    code: str = ""
    totals: Totals | None = None


def never() -> bool:
    """Nobody wants a sale to end before its time."""
    return False


class CardTerminal(Protocol):
    """One terminal, one connection, used by nobody else meanwhile: without that a watermark means nothing.

    Every call is bounded in time. TransientDeviceError means that no money moved: of `sell` and `reverse`, that nothing was begun.
    """

    by_name: bool
    """It has no last receipt. It names each operation as it begins, and can be asked about it by that name alone."""
    refunds: bool
    """It can give back what was taken in a batch that is closed."""
    closes: bool
    """It can be told to close its batch."""

    def open(self) -> str:
        """Make a line that is known to be fresh; returns the terminal's maker and model."""

    def last(self) -> Receipt | None:
        """The last receipt of the batch, whoever made it; None: the batch is empty."""

    def settle(self) -> None:
        """Wait until no operation is going on. Raises: TransientDeviceError: one still is."""

    def find(self, asked: Receipt) -> Receipt | None:
        """What became of the operation with that number, once it has ended; None: the terminal knows none.

        Raises: TransientDeviceError: it is going on, or the terminal does not know yet.
        """

    def sell(self, amount: Money, offered: Callable[[Receipt], object], ended: Callable[[], bool] = never) -> Answer:
        """Take `amount` from a card.

        `offered` keeps what the terminal tells before it hears more from us: the receipt, where it asks whether goods are issued; the name
        of what begins, where it is `by_name`. `ended` is asked now and then: True lets go of the sale while that is
        possible (the visitor left), and changes nothing where it is too late; the answer says which.
        Raises: DoubtError; TransientDeviceError: no byte of it left, or the terminal said that it begins nothing now.
        """

    def reverse(self, sale: Receipt, offered: Callable[[Receipt], object]) -> Answer:
        """Give that sale back, whole. Raises: as `sell`."""

    def totals(self) -> Totals | None:
        """The open batch as the terminal counts it; None: this protocol does not tell. Moves no money, closes nothing."""

    def close_batch(self) -> Closed:
        """Have the bank settle the batch; the next sale begins a new one. Only where it `closes`. Raises: as `sell`."""

    def close(self) -> None:
        """Give the line up; twice is fine."""
