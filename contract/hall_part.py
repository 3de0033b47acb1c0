"""What a hall document is made of: employers, rights, zones, services, windows, operators, boxes, each a value. Pure."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contract.hours import Calendar
from contract.words import CardField, Role

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
"""A short identifier; fits a topic level, so never `/`, `+` or `#`."""
Text = dict[str, str]
"""language → text"""
BoardText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""One line that fits the board's strip."""


class Part(BaseModel):
    """Base of everything in the document: frozen, unknown keys are an error (a typo must not be silent)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(Part):
    """A part with an identity and a name in every language of the hall."""

    id: Id
    names: Text


class Employer(Named):
    """Who employs operators; two under one roof have different legal rights."""


class Right(Named):
    """What an operator may legally do, and the station it needs (None: any window)."""

    employers: tuple[Id, ...]
    station: str | None = None
    civil_servant_only: bool = False


class BoardLayout(Part):
    """How a board looks: colours, how many calls at most (as many as fit), with or without the big card, and which lines.

    `why`: the reason of a call; `waiting`: how many wait; `waits`: how long. Never pictures, of people or of anything else.
    """

    theme: Literal["dark", "contrast"] = "dark"
    rows: int = Field(default=4, ge=1, le=12)
    card: bool = True
    lines: tuple[Literal["why", "waiting", "waits"], ...] = ("why", "waiting", "waits")


PLAIN_BOARD = BoardLayout()
"""How a board looks of which the document says nothing."""


class Zone(Named):
    """A part of the room with its own board. `spoken`: languages of calls after the visitor's own, in order; empty: the hall's default.

    `board`: its layout; a board of several zones has that of its first one.
    """

    spoken: tuple[str, ...] = ()
    board: BoardLayout | None = None


class ServiceGroup(Named):
    """A page of services on the kiosk and a letter on the ticket."""

    letter: str
    zone: Id
    hint: Text = {}
    icon: str = "ticket"


class FormField(Named):
    """One question of a form. `entry`: an entry of the registers' directory `directory`, under that of the field `under`.

    `card`: the ID card's field that fills it; `longest`: signs at most.
    """

    kind: Literal["text", "digits", "date", "choice", "entry"]
    directory: Id | None = None
    under: Id | None = None
    choices: tuple[Named, ...] = ()
    card: CardField | None = None
    required: bool = True
    longest: int = Field(default=60, ge=1, le=200)


class Form(Named):
    """What a terminal asks before a paper, one question at a time."""

    fields: tuple[FormField, ...]


class Payee(Named):
    """Who gets a fee. `name`, `iban`, `code`: as the bank wants them; `purpose`: with {service} {code} {number} to be filled in.

    `qr`: the version of the National Bank of Ukraine's transfer code, None: none is printed.
    """

    name: str
    iban: str
    code: str
    purpose: str
    qr: Literal["002", "003"] | None = None


class SelfService(Part):
    """How a terminal serves it without an operator.

    `identify`: card, or none. `asks`: what the registers must know first. `pays`: nothing, or the service's own fee; what the
    registers say is due is paid without a service. `paper`: a layout of `terminal/papers/layouts`.
    """

    identify: Literal["card", "none"]
    asks: Literal["nothing", "person", "household"] = "nothing"
    form: Id | None = None
    pays: Literal["nothing", "fee"] = "nothing"
    payee: Id | None = None
    paper: Id


class IndexValue(Part):
    """What an index is worth from a day on. `source`: the law or order that says so."""

    since: date = Field(alias="from")
    minor: int = Field(gt=0, le=10**12)
    source: str = ""
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class Index(Named):
    """A national index that fees are counted in: a subsistence minimum, a calculation index. `values`: in the order of their days."""

    values: tuple[IndexValue, ...] = Field(min_length=1)

    def on(self, day: date) -> int | None:
        """What it is worth on `day`, in minor units; None before the first value."""
        return next((each.minor for each in reversed(self.values) if each.since <= day), None)


class Fee(Part):
    """What a service costs from a day on: `minor`, or `share` of `index` rounded half up to whole `round_minor`.

    `share`: a decimal fraction as text, because a float is no money. `source`: the law or order that says so.
    """

    since: date = Field(alias="from")
    minor: int | None = Field(default=None, ge=0, le=10**12)
    index: Id | None = None
    share: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}(\.[0-9]{1,6})?$")] | None = None
    round_minor: int = Field(default=1, ge=1, le=100_000)
    source: str = ""
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class Reply(Named):
    """An answer to a service's question, and what comes then: a ticket (`service`: of another service), the self-service area, a person."""

    then: Literal["ticket", "self_service", "person"]
    service: Id | None = None


class Question(Part):
    """What a visitor is asked before a ticket for a service, because not everybody needs one."""

    names: Text
    replies: tuple[Reply, ...] = Field(min_length=2, max_length=4)


class Service(Named):
    """One thing a visitor comes for. Minutes are the hall's own estimate of the time at the window.

    `fee_minor`: what it costs where that follows no date; `fees`: what it costs from which day on, in the order of their days, instead.
    `code`: in the state's register of services; `code_own`: the hall's own.
    """

    group: Id
    minutes_typical: float = Field(gt=0, le=480)
    minutes_long: float = Field(gt=0, le=480)
    bring: tuple[str, ...] = ()
    right: Id
    fee_minor: int | None = None
    fee_currency: str | None = None
    fees: tuple[Fee, ...] = ()
    channel: Literal["window", "self_service_first"] = "window"
    quiet: bool = False
    code: str | None = None
    code_own: str | None = None
    self_service: SelfService | None = None
    question: Question | None = None


class Result(Named):
    """How a turn at a window may end. `parks`: the visitor is to come back, so it is said of who is parked."""

    parks: bool = False


USUAL_RESULTS = {"served": False, "missing": True, "not_ours": False, "refused": False, "left": False}
"""Results of a hall that names none, and whether they park. The words for people are `result.<id>`."""


class PriorityGroup(Named):
    """Visitors served out of turn; level 1 before level 2. `letter`: a number series of its own, None for the group's."""

    level: int = Field(ge=1, le=9)
    proof: Text | None = None
    letter: str | None = None


class SavedMessage(Named):
    """A text kept for the boards, so that it need not be typed when it is needed. `speak`: said aloud too, once."""

    texts: dict[str, BoardText]
    speak: bool = False


class Window(Part):
    """A place where an operator serves; `number` is painted on the wall.

    `roster`: weekday → spans with planned staff, gaps are breaks, a day left out is a day off; empty: the hall's hours.
    `reserve`: opened where it is needed, so nothing is planned on it.
    """

    id: Id
    number: int = Field(ge=1, le=999)
    employer: Id
    zone: Id
    groups: tuple[Id, ...]
    station: str | None = None
    step_free: bool = False
    roster: dict[str, tuple[str, ...]] = {}
    reserve: bool = False


class HeldRight(Part):
    """A right in one employer's name, valid on the days from..to inclusive (`to` None: until further notice)."""

    right: Id
    employer: Id
    since: date = Field(alias="from")
    to: date | None = None
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    def valid(self, day: date) -> bool:
        """Whether it may be used on `day` (hall-local)."""
        return self.since <= day and (self.to is None or day <= self.to)


class Operator(Part):
    """Who serves. `pin_hash`: "scrypt$<salt hex>$<hash hex>", or "" where it was taken out for boxes that need not check it."""

    id: Id
    name: str
    employer: Id
    rights: tuple[HeldRight, ...]
    pin_hash: str = ""

    @model_validator(mode="before")
    @classmethod
    def _no_roles(cls, given: Any) -> Any:
        """Documents that a hall ran by may still say who `manages`: the consoles' accounts say it now."""
        return {name: one for name, one in given.items() if name != "manages"} if isinstance(given, dict) else given


class Unit(Part):
    """A pad or a window display behind a box, bound to a window. `keys`: buttons of a pad (1: call-next only), 0 for a display."""

    id: str = Field(min_length=1, max_length=64)
    window: Id
    keys: int = Field(default=0, ge=0, le=8)


class Box(Part):
    """A device with a certificate; `id` is the certificate's common name and the `{dev}` of its topics."""

    id: Id
    kind: Role
    zone: Id | None = None
    units: tuple[Unit, ...] = ()


class Document(Part):
    """One hall, one revision, as it is written; not yet looked at as a whole. Times of day are hall-local; texts hold every
    language of `languages`.

    `training`: nothing of this hall is real; every screen says so.
    """

    format: Literal["vikno-hall/1"]
    id: Id
    revision: int = Field(ge=1)
    training: bool = False
    names: Text
    short_names: Text
    place: Text = {}
    languages: tuple[str, ...]
    default_language: str
    timezone: str
    currency: str
    hours: dict[str, tuple[str, ...]]
    calendar: Calendar = Calendar()
    rules: dict[str, Any] = {}
    employers: tuple[Employer, ...]
    rights: tuple[Right, ...]
    zones: tuple[Zone, ...]
    documents: dict[str, Text] = {}
    service_groups: tuple[ServiceGroup, ...]
    services: tuple[Service, ...]
    priority_groups: tuple[PriorityGroup, ...] = ()
    windows: tuple[Window, ...]
    operators: tuple[Operator, ...] = ()
    results: tuple[Result, ...] = ()
    boxes: tuple[Box, ...] = ()
    forms: tuple[Form, ...] = ()
    payees: tuple[Payee, ...] = ()
    indices: tuple[Index, ...] = ()
    messages: tuple[SavedMessage, ...] = ()
    sources: dict[str, dict[str, str]] = {}
