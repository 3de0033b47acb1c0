"""What a terminal is in, what can happen to it and what it wants done: plain values. Pure.

Times are monotonic wire seconds; amounts are whole minor units; a hall document, a view and a heartbeat are kept as they came.
What a visitor types, shows or is told about stands in `State.visit` and nowhere else, and is never printed by `repr`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from contract import messages as m
from contract.hall import Hall
from contract.register import Dues, DueSum, Entry, Household, Person
from contract.words import CardField, Refusal
from glass.card import CAN
from glass.occurrence import (
    Answered,
    Beat,
    CardFailed,
    CardsSaid,
    CardStep,
    CardSwiped,
    Configured,
    Identify,
    Linked,
    MouthSaid,
    Quiet,
    Tick,
    Touch,
    Viewed,
)

Way = Literal["card", "cash", "qr"]
"""How a sum can be paid here; by `qr` it is paid elsewhere, and the terminal never learns whether it was."""
PaperKind = Literal["receipt", "certificate", "transfer", "claim", "ticket"]


class Screen(StrEnum):
    """What the visitor is looking at."""

    ATTRACT = "attract"
    """Nobody is here; also says why nothing can be done now."""
    LANGUAGE = "language"
    MENU = "menu"
    """What is served here without an operator, what is owed, and a ticket for the queue."""
    GROUPS = "groups"
    """A ticket for the queue: the service groups."""
    SERVICES = "services"
    """A ticket for the queue: the services of one group."""
    TICKET = "ticket"
    """A ticket for the queue: is this right?"""
    NUMBER = "number"
    """The ticket's number, with or without paper."""
    HOW = "how"
    """What is owed: by ID card, or by the code on the demand."""
    CODE = "code"
    """A code is typed: of a demand for payment, or of a receipt that is owed."""
    CONSENT = "consent"
    """What is read of the card, why, and how long it is kept."""
    DIGITS = "digits"
    """What opens the card's chip is typed off it."""
    CARD = "card"
    """The card is waited for and read."""
    NO_CARD = "no_card"
    """The card gave nothing, and why."""
    ASKING = "asking"
    """The registers are asked."""
    NO_ANSWER = "no_answer"
    """The registers are away, or know nothing of it."""
    FORM = "form"
    """One question of the form."""
    CHECK = "check"
    """All that was told and typed: is it right?"""
    DUES = "dues"
    """What is owed: choose what to pay."""
    TOTAL = "total"
    """The sum, and the ways to pay it."""
    PAY_CARD = "pay_card"
    """The card terminal leads."""
    PAY_CASH = "pay_cash"
    """Notes are taken."""
    STOP_CASH = "stop_cash"
    """Notes lie inside and the visitor wants to stop: go on, or a slip for what lies inside."""
    PAY_QR = "pay_qr"
    """Scan to pay; never "paid"."""
    WORKING = "working"
    """An order is made, a payment is being ended, or papers are printed; nothing to press but the person."""
    TAKE = "take"
    """The papers are out."""
    CLAIM = "claim"
    """Notes lie inside, the sum was not reached: a code for them."""
    UNKNOWN = "unknown"
    """Nobody knows yet whether the payment was made: stay, staff come."""
    ERROR = "error"


class Standing(StrEnum):
    """Whether a visit can begin now, as far as this terminal knows."""

    READY = "ready"
    STARTING = "starting"
    """No hall document yet, or the hall has not been heard since the start: without its time no money is taken."""
    CLOSED = "closed"
    INTERRUPTED = "interrupted"
    OUT = "out"
    """The terminal itself cannot serve: neither paper nor a way to pay."""


class Task(StrEnum):
    """What the visitor came for."""

    NONE = ""
    SERVICE = "service"
    """A service that the hall document gives to terminals."""
    DUES = "dues"
    TICKET = "ticket"
    REPRINT = "reprint"
    """A receipt that was paid for and did not come out."""


class Fate(StrEnum):
    """What became of a paper, in the visitor's terms."""

    SENT = "sent"
    DONE = "done"
    """On paper, as far as this printer can say."""
    UNKNOWN = "unknown"
    VOID = "void"
    """Not on paper, and will not be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A form's field, filled. `text`: as it is shown and printed; "" where an optional one was left out.

    `value`: an entry's or choice's id, a date as ISO text, "" where there is none but the text; `free`: typed where the list had
    nothing that fits.
    """

    text: str = field(repr=False)
    value: str = field(default="", repr=False)
    free: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says of a payment. `code`: by which it can be printed again here or at a window; `facts`: of the card terminal."""

    method: Literal["card", "cash"]
    payment: str
    code: str = ""
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Values:
    """What a paper is made of; what it does not need is empty. `layout`: a certificate's; `minor`: what a claim is worth."""

    lang: str
    service: str = ""
    due: DueSum | None = field(default=None, repr=False)
    layout: str = ""
    person: Person | None = field(default=None, repr=False)
    household: Household | None = field(default=None, repr=False)
    answers: Mapping[str, Answer] = field(default_factory=dict, repr=False)
    order: str = ""
    amount_minor: int = 0
    currency: str = ""
    payee: str = ""
    receipt: Receipt | None = None
    qr: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    minor: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor's way to the papers: all that is known of him, gone with him.

    `id`: the visit's, "" before it began. `fields`, `typed`: what of the card is typed, and as far as it is; `card`: the id of the read
    that goes on; `step`, `done`: how far it is; `failed`: why it gave nothing. `code`: as far as it is typed.
    `asking`: the question to the registers that is open, "" when none is; `fault`: why it was not answered (a key of `contract.hints`,
    or `contract.register.Fault`), or why an order or a paper failed.
    `of_card`: fields that the card gave. `answers`: field → answer; `index`: the form's question that is shown; `text`: as far as it is
    typed; `signs`: digits are shown in place of letters; `suggesting`: the open question for suggestions.
    `due`: the chosen one of `dues`. `ordering`: the open question for an order; `order`: its id, "" before it is durable; `number`: by
    which people speak of it; `way`: being paid by; `qr`: what a transfer code holds; `credit_minor`: notes inside; `unpaid`: why the
    last way did not work.
    `ending`: the payment was told to stop; `leaving`: the visitor has gone. `doubt`: the payment is not clear: no other way is offered.
    `papers`: job → fate of what is printed, after `tries` repeats; `ask`: a ticket's question that is open; `issued`: its answer.
    """

    id: str = ""
    task: Task = Task.NONE
    group: str = ""
    service: str = ""
    fields: tuple[str, ...] = CAN
    typed: tuple[str, ...] = ("",)
    card: str = ""
    step: str = ""
    done: float = 0.0
    failed: str = ""
    code: str = ""
    asking: str = ""
    fault: str = ""
    of_card: Mapping[str, str] = field(default_factory=dict)
    person: Person | None = None
    household: Household | None = None
    dues: Dues | None = None
    due: DueSum | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    index: int = 0
    text: str = ""
    signs: bool = False
    suggesting: str = ""
    suggestions: tuple[Entry, ...] = ()
    ordering: str = ""
    order: str = ""
    number: str = ""
    way: Way | None = None
    qr: str = ""
    credit_minor: int = 0
    unpaid: str = ""
    ending: bool = False
    leaving: bool = False
    doubt: bool = False
    receipt: Receipt | None = None
    claim: str = ""
    claim_minor: int = 0
    papers: Mapping[str, tuple[PaperKind, Fate]] = field(default_factory=dict)
    tries: int = 0
    ask: m.TicketIssue | None = None
    silent: bool = False
    issued: m.Issued | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Everything the screen is drawn from.

    `staged`: a checked newer hall document, used from the next visitor on. `after`: where the language screen returns to. `extended`: how
    often the visitor asked for more time. `still_here`, `person`: covers over the screen. `shown_at`: when the screen last changed;
    `moved_at`: when something last happened to a payment or a paper.
    `cards`: a card can be read here; `swipe`: its zone can be swiped. `ways`: what can be used now; `mouth`: a paper waits to be taken.
    `identity`: this terminal's id while it is to be shown large, until `identity_until`; "" else.
    """

    hall: Hall | None = None
    staged: Hall | None = None
    view: m.KioskView | None = None
    beat: m.Heartbeat | None = None
    beat_at: float | None = None
    link_up: bool = False
    link_at: float = 0.0
    screen: Screen = Screen.ATTRACT
    after: Screen = Screen.MENU
    lang: str = "en"
    contrast: bool = False
    low: bool = False
    page: int = 0
    still_here: bool = False
    person: bool = False
    extended: int = 0
    grace_s: float = 0.0
    touched_at: float = 0.0
    shown_at: float = 0.0
    moved_at: float = 0.0
    cards: bool = False
    swipe: bool = False
    ways: Ways = field(default_factory=lambda: Ways())
    mouth: bool = False
    identity: str = ""
    identity_until: float = 0.0
    visit: Visit = field(default_factory=Visit, repr=False)


# --- what can happen ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identified:
    """The read `key` gave these fields (`CardField` → text, dates as ISO text). The number stays with whoever asks the registers."""

    key: str
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """The registers answered the question `key`."""

    key: str
    about: Person | Household | Dues = field(repr=False)


@dataclass(frozen=True, slots=True)
class Untold:
    """The question `key` has no answer: `contract.register.Fault.fault`, or a key of `contract.hints`."""

    key: str
    fault: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """What fits the text that was typed when `key` was asked, the best first."""

    key: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """The order that `key` asked for is durable; nothing is paid. `qr`: what a transfer code for it holds, "" where there is none;
    `code`: by which people speak of it, "" where that is its id.
    """

    key: str
    order: str
    qr: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """No order was made; `fault` a key of `contract.hints`."""

    key: str
    fault: str


@dataclass(frozen=True, slots=True)
class PayStep:
    """The card terminal asks the visitor for something: present, pin, processing; any other: look at the terminal."""

    order: str
    step: str
    done: float = 0.0


@dataclass(frozen=True, slots=True)
class Credited:
    """So much lies inside for the order, all its notes together."""

    order: str
    credit_minor: int


@dataclass(frozen=True, slots=True)
class Paid:
    """The order is paid. The end of a payment."""

    order: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Unpaid:
    """No money was taken, and none lies inside. The end of a payment. `why`: declined, cancelled, not_performed, or a key of hints."""

    order: str
    why: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Nobody knows whether money was taken; may be followed by `Paid` or `Unpaid`, when it is known."""

    order: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """Notes lie inside and the sum was not reached: `code` stands for `minor`. The end of a payment."""

    order: str
    code: str = field(repr=False)
    minor: int


@dataclass(frozen=True, slots=True)
class Printed:
    """What became of the job `key`."""

    key: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class Ways:
    """What can be used now. `notes`: minor units of the notes that are taken; `paper`: something can be printed on."""

    card: bool = False
    cash: bool = False
    qr: bool = False
    notes: tuple[int, ...] = ()
    paper: bool = False


@dataclass(frozen=True, slots=True)
class Resumed:
    """The terminal stopped while `order` was being paid: how it ended is being found out, and told as of any payment."""

    order: str
    lang: str
    service: str
    amount_minor: int
    currency: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """The terminal stopped while the hall was asked for a ticket: the same question, by its id."""

    command: m.TicketIssue


Occurrence = (
    Touch | Tick | Configured | Viewed | Beat | Linked | Identify | Quiet | Answered | CardsSaid | CardSwiped | CardStep | CardFailed
    | Identified | Told | Untold | Suggested | Ordered | Refused | PayStep | Credited | Paid | Unpaid | Doubtful | Claimed | Printed
    | MouthSaid | Ways | Resumed | Again
)  # fmt: skip


# --- what is to be done ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadCard:
    """Wait for a card that `typed` opens and read it: the number by which the registers know a person, kept until `Wipe` for the
    questions that follow, and `fields` for the form. Answered under `key` by `CardStep`, then `Identified` or `CardFailed`.
    """

    key: str
    typed: tuple[str, ...] = field(repr=False)
    fields: frozenset[CardField] = frozenset()


@dataclass(frozen=True, slots=True)
class ForgetCard:
    """A read that goes on ends, and nothing of it stays."""


@dataclass(frozen=True, slots=True)
class AskPerson:
    """Ask the registers about the card's holder; answered under `key` by `Told` or `Untold`."""

    key: str


@dataclass(frozen=True, slots=True)
class AskHousehold:
    """Ask who lives with the card's holder; answered as `AskPerson`."""

    key: str


@dataclass(frozen=True, slots=True)
class AskDues:
    """Ask what the card's holder owes; answered as `AskPerson`."""

    key: str


@dataclass(frozen=True, slots=True)
class AskDue:
    """Ask what the code on a demand stands for; answered as `AskPerson`, by `Dues` with one or none."""

    key: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Suggest:
    """Look for what `text` may mean in `directory`, below the entry `under` ("" for all); answered under `key` by `Suggested`."""

    key: str
    directory: str
    under: str
    text: str = field(repr=False)
    lang: str


@dataclass(frozen=True, slots=True)
class Order:
    """Make an order durable before anything is paid; answered under `key` by `Ordered` or `Refused`.

    `service`, `due`, `payee`: ids, "" for none. The same `key` is the same order.
    """

    key: str
    service: str
    due: str
    amount_minor: int
    currency: str
    payee: str
    lang: str


@dataclass(frozen=True, slots=True)
class PayCard:
    """Take the order's sum from a card; `PayStep`s, then exactly one of `Paid`, `Unpaid`, `Doubtful`, within five minutes."""

    order: str


@dataclass(frozen=True, slots=True)
class StopCard:
    """The visitor wants another way, or none: end it if that is still possible. The payment's end is told all the same."""

    order: str


@dataclass(frozen=True, slots=True)
class PayCash:
    """Take notes for the order; `Credited` after each, then exactly one of `Paid`, `Unpaid`, `Claimed`, `Doubtful`: when the sum is
    reached, at a fault, or after `StopCash`.
    """

    order: str


@dataclass(frozen=True, slots=True)
class StopCash:
    """Take no more notes; the payment's end is told."""

    order: str


@dataclass(frozen=True, slots=True)
class Abandon:
    """The order will not be paid here: nothing was taken for it."""

    order: str


@dataclass(frozen=True, slots=True)
class PrintPaper:
    """Print a paper; answered under `key` by `Printed`. The same `key` is printed once."""

    key: str
    kind: PaperKind
    values: Values = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reprint:
    """Print the receipt that `code` stands for; answered under `key` by `Printed`, or by `Untold` where nothing is owed by it."""

    key: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Issue:
    """Make the question durable, then ask the hall for a ticket; answered by `Answered` under the command's id, perhaps after `Quiet`."""

    command: m.TicketIssue


@dataclass(frozen=True, slots=True)
class PrintTicket:
    """Print the ticket; the job is named by the question it answers. Answered by `Printed`."""

    key: str
    issued: m.Issued


@dataclass(frozen=True, slots=True)
class CallPerson:
    """Tell the staff that a visitor needs a person, or (`wanted` False) that it is over."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class Wipe:
    """The visit is over: nothing of the visitor stays anywhere in this process. Always the last effect of a visit."""


Effect = (
    ReadCard | ForgetCard | AskPerson | AskHousehold | AskDues | AskDue | Suggest | Order | PayCard | StopCard | PayCash | StopCash
    | Abandon | PrintPaper | Reprint | Issue | PrintTicket | CallPerson | Wipe
)  # fmt: skip
