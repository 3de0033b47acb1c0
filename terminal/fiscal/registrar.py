"""The port to a fiscal registrar: what is registered, and what it may answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from contract.errors import ContractError, ViknoError
from terminal.money import Money


class FiscalState(StrEnum):
    """What is certain about a fiscal receipt: an axis of its own, which never stops or reverses a payment."""

    NOT_NEEDED = "not_needed"
    """Somebody else registers the sale: the bank or the payment company."""
    OWED = "owed"
    """It is to be registered; the registrar may have it already, without our knowing."""
    REGISTERED = "registered"
    OFFLINE = "offline"
    """It has a number, and the tax service has not heard of it yet."""


class FiscalKind(StrEnum):
    """What a fiscal receipt is for."""

    SALE = "sale"
    REFUND = "refund"


class RefusedError(ViknoError):
    """The registrar said no, and nothing is registered under the key. `spent`: the key cannot be used again."""

    def __init__(self, why: str, *, spent: bool) -> None:
        self.why, self.spent = "".join(filter(str.isprintable, why))[:200] or "no reason given", spent
        super().__init__(self.why)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was sold. `code`: the service's id; `name`: as it stands on the receipt, never a person's name."""

    code: str
    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Sale:
    """What was paid, whole. `payment`: an id that no other payment has; the card's words are masked, and "" for notes."""

    payment: str
    method: Literal["card", "cash"]
    lines: tuple[Line, ...]
    tid: str = ""
    pan: str = ""
    brand: str = ""
    approval: str = ""
    rrn: str = ""

    def __post_init__(self) -> None:
        if len({line.amount.currency for line in self.lines}) != 1:
            raise ContractError(f"sale {self.payment}: allowed: one line or more, all in one currency")

    @property
    def amount(self) -> Money:
        """The sum of its lines."""
        return Money(sum(line.amount.minor for line in self.lines), self.lines[0].amount.currency)


@dataclass(frozen=True, slots=True)
class Registered:
    """`number`: the fiscal number; `link`: where the tax service shows the receipt, printed as a QR, "" where there is none.

    `shift`: the registrar's name of the shift in which it stands; "" where not told.
    """

    number: str
    link: str
    offline: bool
    shift: str = ""


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """What the registrar counted from a shift's opening to its close, in minor units. `number`: the report's; `shift`: as `Registered`
    has it, "" where not told.
    """

    number: str
    sales: int
    refunds: int
    sold_minor: int
    returned_minor: int
    shift: str = ""


class FiscalRegistrar(Protocol):
    """One cash register of one legal entity. Every call is bounded in time.

    Each raises TransientDeviceError where it is not known whether anything was done: asked again by the same key it makes
    no second receipt. A key is used for one receipt only.
    """

    needed: bool
    """False: nothing is asked of it, sales are registered elsewhere."""

    def register(self, key: str, sale: Sale) -> Registered:
        """Register a sale. Raises: RefusedError."""

    def refund(self, key: str, sale: Sale, of: str) -> Registered:
        """Register that the sale with key `of` was given back, whole. Raises: RefusedError."""

    def look(self, key: str) -> Registered | None:
        """What is registered under a key; None: nothing."""

    def close_shift(self) -> ShiftReport | None:
        """End the shift, as the law wants it done every day; None: there is none. The next sale opens one.

        Where none is open: the report of the newest one, so that a lost answer can be asked for again.
        """

    def close(self) -> None:
        """Give the line up; twice is fine."""


class NoRegistrar:
    """Whoever takes the money in the end registers it: nothing is asked here."""

    needed = False

    def register(self, key: str, sale: Sale) -> Registered:
        """Never asked. Raises: RefusedError."""
        raise RefusedError(f"{key}: no registrar is configured for {sale.amount}", spent=False)

    def refund(self, key: str, sale: Sale, of: str) -> Registered:
        """Never asked. Raises: RefusedError."""
        raise RefusedError(f"{key}: no registrar is configured for {sale.amount} of {of}", spent=False)

    def look(self, key: str) -> Registered | None:  # noqa: ARG002 - the port's signature
        """Nothing: `key` was never registered here."""
        return None

    def close_shift(self) -> ShiftReport | None:
        """There is no shift."""
        return None

    def close(self) -> None:
        """There is no line."""
