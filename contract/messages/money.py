"""Money at terminals: what the hall's accounts are told, and what staff decide about it. Pure.

Amounts are whole minor units with an ISO 4217 letter code. A card is never more than its terminal's word about a payment; nothing of
who pays travels.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from contract.messages.envelope import Count, Message, Moment, Name, Question, Reply, StaffCommand, Wire
from contract.messages.facts import Fact
from contract.words import PaymentState

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Why = Annotated[str, Field(max_length=200)]
"""One sentence, by staff or by the program; never a visitor's name."""
Method = Literal["card", "cash"]
Held = Literal["card", "cash", "fiscal"]
"""What is held against a device's word: a card terminal's batch, a cassette, a fiscal registrar's shift."""
BatchState = Literal["open", "closed", "unknown"]
Note = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}$")]
"""What a banknote is worth, minor units."""


class PaymentFact(Fact):
    """A payment's newest step. `device`: the card terminal or acceptor behind the box; `order`: what was bought; `by`: who decided.

    `captured_minor`: what was taken; less than the amount where a card terminal approved a part. `opened_at`: by the
    box's own clock; the hall keeps it as hall time, whose local day is the day of the accounts, whenever the payment is told.
    """

    t: Literal["payment"] = "payment"
    payment: Name
    order: Name
    service: Name | None = None
    device: Name
    method: Method
    state: PaymentState
    amount_minor: Count
    captured_minor: Count = 0
    currency: Currency
    opened_at: Moment
    by: Name | None = None
    why: Why = ""


class CassetteFact(Fact):
    """What lies in an acceptor's cassette since `since` (by the box's own clock) by the books: minor units of a note → how many.

    `collected`: it was taken out, the totals are final; `nobodys`: notes of which nobody knows whose they are; `doubtful`: notes that may
    lie inside.
    """

    t: Literal["cassette"] = "cassette"
    device: Name
    cassette: Name
    since: Moment
    notes: dict[Note, Count] = Field(default={}, max_length=32)
    nobodys: Count = 0
    doubtful: Count = 0
    currency: Currency
    collected: bool = False


class BalanceFact(Fact):
    """A device's batch, cassette or shift of a day held against its own word; the newest word about a batch holds.

    `batch`: its name within the device; None: of a box that tells one balance a day. `theirs_…` None: the device did not tell, or nobody
    counted yet. `balances`: nothing is left to explain. `state` unknown: nobody knows whether the device has closed it. `by`, `note`:
    who counted it or had it closed, and the reason they gave.
    """

    t: Literal["balance"] = "balance"
    device: Name
    method: Held
    day: date
    batch: Name | None = None
    state: BatchState = "open"
    currency: Currency
    ours_minor: Count
    ours_count: Count
    theirs_minor: Count | None = None
    theirs_count: Count | None = None
    unknown: Count = 0
    balances: bool
    why: Why = ""
    by: Name | None = None
    note: Why = ""


class TillCommand(StaffCommand):
    """Base of what staff want done at the terminal `dev`, asked through the hall; consoles only: they let only those ask who may."""

    dev: Name


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
    why: Why = ""
    """Why the count differs from the books, or is made again."""


class TillClose(TillCommand):
    """End the card terminal's batch (`cards`), or the fiscal registrar's shift (`shift`), now."""

    t: Literal["till.close"] = "till.close"
    what: Literal["cards", "shift"]


class TillPrint(TillCommand):
    """Print a balance that the terminal told, on its receipt printer; of a cassette that was taken out: what was in it."""

    t: Literal["till.print"] = "till.print"
    device: Name
    batch: Name
    lang: str = Field(min_length=2, max_length=8)
    """Of the paper: who asks reads it."""


class TillOrder(Message):
    """`down/cmd` of a terminal: do what staff asked for by the command `id`. Doing one twice changes nothing.

    The answer is a fact: the payment's next step, or the balance; of "print" the paper. Fields as in the commands; "cards" and "shift"
    end these.
    """

    t: Literal["till.order"] = "till.order"
    do: Literal["decide", "reverse", "balance", "cards", "shift", "print"]
    payment: Name | None = None
    state: PaymentState | None = None
    cassette: Name | None = None
    counted: dict[Name, Count] = Field(default={}, max_length=32)
    device: Name | None = None
    batch: Name | None = None
    lang: str | None = Field(default=None, min_length=2, max_length=8)
    who: Name
    why: Why = ""


class DeskPayment(Wire):
    """A payment at the terminal `dev` as the hall's accounts have it, hall time; fields of `PaymentFact` else."""

    dev: Name
    payment: Name
    order: Name
    service: Name | None = None
    device: Name
    method: Method
    state: PaymentState
    amount_minor: Count
    captured_minor: Count = 0
    currency: Currency
    opened_at: Moment
    by: Name | None = None
    why: Why = ""


class DeskBalance(Wire):
    """A device's day held against its own word, told at `at` (hall time); fields of `BalanceFact` else."""

    dev: Name
    device: Name
    batch: str = Field(default="", max_length=64)
    """"" where the box does not tell it."""
    method: Held
    day: date
    at: Moment
    state: BatchState = "open"
    currency: Currency
    ours_minor: Count
    ours_count: Count
    theirs_minor: Count | None = None
    theirs_count: Count | None = None
    unknown: Count = 0
    balances: bool
    why: Why = ""
    by: Name | None = None
    note: Why = ""


class MoneyDay(Question):
    """The payments that were begun on a hall-local day, the newest first, from number `skip` on; consoles only.

    `dev`, `payment`: only those of this terminal, only this one.
    """

    t: Literal["money.day"] = "money.day"
    day: date
    skip: Count = 0
    dev: Name | None = None
    payment: Name | None = None


class Payments(Reply):
    """Some of `total` payments, as many as the message has room for; with the first of them the day's balances, by terminal and device."""

    t: Literal["payments"] = "payments"
    day: date
    total: Count
    payments: tuple[DeskPayment, ...] = ()
    balances: tuple[DeskBalance, ...] = ()
