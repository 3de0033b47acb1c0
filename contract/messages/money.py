"""Money at terminals: what the hall's accounts are told, and what staff decide about it. Pure.

Amounts are whole minor units with an ISO 4217 letter code. A card is never more than its terminal's word about a payment; nothing of
who pays travels.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from contract.messages.envelope import Command, Count, Message, Moment, Name
from contract.messages.facts import Fact
from contract.words import PaymentState

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Why = Annotated[str, Field(max_length=200)]
"""One sentence, by staff or by the program; never a visitor's name."""


class PaymentFact(Fact):
    """A payment's newest step. `device`: the card terminal or acceptor behind the box; `order`: what was bought; `by`: who decided.

    `captured_minor`: what was taken; less than the amount where a card terminal approved a part.
    """

    t: Literal["payment"] = "payment"
    payment: Name
    order: Name
    service: Name | None = None
    device: Name
    method: Literal["card", "cash"]
    state: PaymentState
    amount_minor: Count
    captured_minor: Count = 0
    currency: Currency
    opened_at: Moment
    by: Name | None = None
    why: Why = ""


class CassetteFact(Fact):
    """What lies in an acceptor's cassette by the books: minor units of a note → how many.

    `collected`: it was taken out, the totals are final; `nobodys`: notes of which nobody knows whose they are; `doubtful`: notes that may
    lie inside.
    """

    t: Literal["cassette"] = "cassette"
    device: Name
    cassette: Name
    since: Moment
    notes: dict[Name, Count] = Field(default={}, max_length=32)
    nobodys: Count = 0
    doubtful: Count = 0
    currency: Currency
    collected: bool = False


class BalanceFact(Fact):
    """A device's day held against its own word. `theirs_…` None: the device did not tell. `balances`: nothing is left to explain."""

    t: Literal["balance"] = "balance"
    device: Name
    method: Literal["card", "cash"]
    day: date
    currency: Currency
    ours_minor: Count
    ours_count: Count
    theirs_minor: Count | None = None
    theirs_count: Count | None = None
    unknown: Count = 0
    balances: bool
    why: Why = ""


class TillCommand(Command):
    """Base of what staff want done at the terminal `dev`, asked through the hall; consoles only. `operator`: who acts."""

    dev: Name
    operator: Name | None = None


class PaymentDecide(TillCommand):
    """A person has looked, and says how an unknown payment ended."""

    t: Literal["payment.decide"] = "payment.decide"
    payment: Name
    state: Literal[PaymentState.APPROVED, PaymentState.DECLINED, PaymentState.NOT_PERFORMED, PaymentState.REVERSED]
    why: str = Field(min_length=3, max_length=200)


class PaymentReverse(TillCommand):
    """Give an approved card payment back, whole."""

    t: Literal["payment.reverse"] = "payment.reverse"
    payment: Name
    why: str = Field(min_length=3, max_length=200)


class TillBalance(TillCommand):
    """Hold the day against what the devices say, now. `cassette`: one that was taken out, and what a person counted in it."""

    t: Literal["till.balance"] = "till.balance"
    cassette: Name | None = None
    counted: dict[Name, Count] = Field(default={}, max_length=32)
    """Minor units of a note → how many; only with `cassette`."""


class TillOrder(Message):
    """`down/cmd` of a terminal: do what staff asked for by the command `id`. Doing one twice changes nothing.

    The answer is a fact: the payment's next step, or the balance. `cassette`, `counted`: as in `TillBalance`.
    """

    t: Literal["till.order"] = "till.order"
    do: Literal["decide", "reverse", "balance"]
    payment: Name | None = None
    state: PaymentState | None = None
    cassette: Name | None = None
    counted: dict[Name, Count] = Field(default={}, max_length=32)
    who: Name
    why: Why = ""
