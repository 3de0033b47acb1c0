"""What a kiosk is in, what can happen to it and what it wants done: plain values. Pure.

Times are monotonic wire seconds; a hall document, a view and a heartbeat are kept as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from contract import messages as m
from contract.hall import Hall
from contract.words import Paper, Refusal
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


class Screen(StrEnum):
    """What the visitor is looking at."""

    ATTRACT = "attract"
    """Nobody is here; also says why no ticket can be taken now."""
    LANGUAGE = "language"
    GROUPS = "groups"
    """What do you need: the service groups."""
    SERVICES = "services"
    """The services of one group."""
    QUESTION = "question"
    """Asked before a ticket for this service: not everybody needs one."""
    ELSEWHERE = "elsewhere"
    """By the answer no ticket is needed: where to go instead."""
    NOTICE = "notice"
    """This service can be had without a ticket; one may be taken all the same."""
    CONFIRM = "confirm"
    PRIORITY = "priority"
    """Which priority group, asked only of who says that there is one."""
    HOW = "how"
    """By ID card or by code: asked where a card can be read."""
    CONSENT = "consent"
    """What is read of the card, why, and how long it is kept."""
    DIGITS = "digits"
    """What opens the card's chip is typed off it."""
    CARD = "card"
    """The card is waited for and read."""
    NO_CARD = "no_card"
    """The card gave nothing, and why."""
    CODE = "code"
    """The code of a booking is typed."""
    FINDING = "finding"
    """The hall is asked what the code stands for."""
    FOUND = "found"
    """The booking: is this right?"""
    NO_BOOKING = "no_booking"
    """The code gives no ticket, and why."""
    NO_PAPER = "no_paper"
    """No number was used: another kiosk, or a ticket without paper."""
    WORKING = "working"
    """Asking the hall, then printing; nothing to press but the person."""
    TAKE = "take"
    """The paper is out."""
    NUMBER = "number"
    """The number large: paperless by choice, or because the paper failed."""
    ERROR = "error"


class Standing(StrEnum):
    """Whether tickets can be taken now, as far as this kiosk knows."""

    READY = "ready"
    STARTING = "starting"
    """No hall document yet."""
    OFFLINE = "offline"
    """The broker is gone, or no heartbeat is heard."""
    CLOSED = "closed"
    INTERRUPTED = "interrupted"
    LAST_TICKETS = "last_tickets"
    """Too close to closing."""
    REFUSING = "refusing"
    """The hall lives but refuses commands (a full disk)."""


class Fate(StrEnum):
    """What the printer says of a job, in the visitor's terms."""

    SENT = "sent"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    UNPROVED = "unproved"
    """On paper as far as anybody can say: this printer proves nothing."""
    VOIDED = "voided"


PAPER = {
    Fate.CONFIRMED: Paper.CONFIRMED,
    Fate.UNKNOWN: Paper.UNKNOWN,
    Fate.UNPROVED: Paper.UNKNOWN,
    Fate.VOIDED: Paper.VOID,
}
"""What the hall is told of a job's fate."""


Asked = m.TicketIssue | m.BookingCheckIn | m.TicketVoid
"""Questions that are made durable before they are asked."""
CODE_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor's way to a ticket.

    `fields`: what of the card is typed, `typed`: as far as it is; `card`: the id of the read that
    goes on, "" when none does; `step`, `done`: how far
    it is (`card_reader.outcome`); `failed`: why it gave nothing (`card_reader.errors`), "" before it did.
    `code`: of a booking, as far as it is typed; `by_card`: it is looked for by card;
    `finding`: the id under which the hall is asked for it, "" when it is not;
    `booked`: what it answered; `refusal`, `facts`: why not.
    `where`: the neighbour whose printer the paper is sent to, "" for the own.
    `id`: the transaction's, "" before the first question; `ask`: the question that is open, None when none is; `old`: the
    label that died because its paper could not be trusted; `fate`: of the print job named like the question it answers.
    """

    group: str = ""
    service: str = ""
    priority: str | None = None
    paper: bool = True
    id: str = ""
    fields: tuple[str, ...] = CAN
    typed: tuple[str, ...] = field(default=("",), repr=False)
    card: str = ""
    step: str = ""
    done: float = 0.0
    failed: str = ""
    by_card: bool = False
    code: str = ""
    finding: str = ""
    booked: m.Booked | None = None
    ask: Asked | None = None
    asked: int = 0
    silent: bool = False
    issued: m.Issued | None = None
    old: str = ""
    fate: Fate | None = None
    fate_at: float = 0.0
    fault: str = ""
    where: str = ""
    refusal: Refusal | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """Everything the screen is drawn from.

    `staged`: a checked newer hall document, used from the next visitor on. `after`: where the language screen returns to.
    `extended`: how often the visitor asked for more time. `still_here`, `person`: covers over the screen. `shown_at`: when
    the screen last changed. `cards`: a card can be read here; `swipe`: its zone can be swiped. `mouth`: a paper hangs out of the
    printer.
    `identity`: this kiosk's id while it is to be shown large, until `identity_until`; "" else.
    """

    hall: Hall | None = None
    staged: Hall | None = None
    view: m.KioskView | None = None
    beat: m.Heartbeat | None = None
    beat_at: float | None = None
    link_up: bool = False
    link_at: float = 0.0
    screen: Screen = Screen.ATTRACT
    after: Screen = Screen.GROUPS
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
    cards: bool = False
    swipe: bool = False
    mouth: bool = False
    identity: str = ""
    identity_until: float = 0.0
    visit: Visit = field(default_factory=Visit)


# --- what can happen ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperSaid:
    """The printer was looked at: `fault` is "" when it can print, else a key of `contract.hints`; `where`: the neighbour whose printer
    can, "" for the own.
    """

    fault: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Printed:
    """What became of the job `job`."""

    job: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class CardRead:
    """The read `key` gave these hashes of the card's numbers."""

    key: str
    persons: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Resumed:
    """The kiosk stopped in the middle of the transaction `visit`: `ask` is asked again by the same id.

    `old`: the label that `ask` replaces, "" for a first ticket.
    """

    visit: str
    ask: Asked
    lang: str
    service: str
    old: str


Occurrence = (
    Touch | Tick | Configured | Viewed | Beat | Linked | Identify | Quiet | Answered | PaperSaid | Printed | MouthSaid
    | CardsSaid | CardSwiped | CardStep | CardRead | CardFailed | Resumed
)  # fmt: skip


# --- what is to be done ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LookAtPaper:
    """Ask the printer whether it can print; answered by `PaperSaid`."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Make the question of the transaction `visit` durable, then ask the hall; answered by `Answered`, perhaps after `Quiet`.

    The rest is what a restart needs to go on: see `Resumed`.
    """

    visit: str
    command: Asked
    lang: str
    service: str
    old: str


@dataclass(frozen=True, slots=True)
class Find:
    """Ask the hall, under `id`, for the booking of a `code` or, where that is "", of `persons`; answered by `Answered`, perhaps
    after `Quiet`.
    """

    id: str
    code: str
    persons: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ReadCard:
    """Wait for a card that `typed` opens (`CAN`, or the fields of `ZONE`) and read its hashes; answered under `key` by `CardStep`,
    then `CardRead` or `CardFailed`.
    """

    key: str
    typed: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ForgetCard:
    """The visitor has gone or chose another way: a read ends, and nothing of it stays."""


@dataclass(frozen=True, slots=True)
class Print:
    """Print the ticket; the job is named like the question it answers: one that was begun before a restart is not sent again,
    its fate is told. `where`: at the neighbour's, "" for the own printer. Answered by `Printed`.
    """

    visit: str
    issued: m.Issued
    old: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Tell the staff that a visitor needs a person, or (`wanted` False) that it is over."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The transaction `id` needs no more asking."""

    id: str


Effect = LookAtPaper | Ask | Find | ReadCard | ForgetCard | Print | Person | Ended
