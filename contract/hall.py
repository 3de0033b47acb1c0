"""The hall document: services, windows, rights, hours and rules of one hall, versioned data with its checks. Pure.

A published revision never changes; a change is a new revision. Nothing in code knows a country.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from contract import hall_fault
from contract import rules as knobs
from contract.errors import ContractError
from contract.hours import WEEKDAYS as WEEKDAYS
from contract.hours import Calendar, span, within
from contract.words import CardField, Role

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
"""A short identifier; fits a topic level, so never `/`, `+` or `#`."""
Text = dict[str, str]
"""language → text"""
BoardText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""One line that fits the board's strip."""
FAR_DAYS = 31
"""So far ahead the next opening is looked for: longer than any row of holidays."""


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


class Hall(Part):
    """One hall, one revision. Times of day are hall-local; texts hold every language of `languages`.

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

    @model_validator(mode="after")
    def _whole(self) -> Hall:
        faults = list(hall_fault.faults(self))
        if faults:
            raise ValueError("; ".join(faults))
        return self

    # cached_property writes to __dict__, which a frozen pydantic model allows.

    @cached_property
    def zone_info(self) -> ZoneInfo:
        """The hall's time zone."""
        return ZoneInfo(self.timezone)

    @cached_property
    def service_by_id(self) -> dict[str, Service]:
        return {s.id: s for s in self.services}

    @cached_property
    def group_by_id(self) -> dict[str, ServiceGroup]:
        return {g.id: g for g in self.service_groups}

    @cached_property
    def window_by_id(self) -> dict[str, Window]:
        return {w.id: w for w in self.windows}

    @cached_property
    def operator_by_id(self) -> dict[str, Operator]:
        return {o.id: o for o in self.operators}

    @cached_property
    def right_by_id(self) -> dict[str, Right]:
        return {r.id: r for r in self.rights}

    @cached_property
    def box_by_id(self) -> dict[str, Box]:
        return {b.id: b for b in self.boxes}

    @cached_property
    def priority_by_id(self) -> dict[str, PriorityGroup]:
        return {p.id: p for p in self.priority_groups}

    @cached_property
    def result_parks(self) -> dict[str, bool]:
        """How a turn at a window may end here, in order → whether it parks."""
        return {r.id: r.parks for r in self.results} or USUAL_RESULTS

    def rule(self, key: str) -> Any:
        """This hall's value of a knob of `contract/rules.json`, or its default."""
        return knobs.value(self.rules, key)

    def fee_minor(self, service: Service, day: date) -> int | None:
        """What a service costs on a hall-local `day`, in minor units of its currency; None: not known."""
        fee = next((each for each in reversed(service.fees) if each.since <= day), None)
        if fee is None or fee.index is None or fee.share is None:
            return fee.minor if fee is not None else None if service.fees else service.fee_minor
        worth = next(each for each in self.indices if each.id == fee.index).on(day)
        if worth is None:
            return None
        units = (Decimal(fee.share) * worth / fee.round_minor).quantize(Decimal(1), ROUND_HALF_UP)
        return int(units) * fee.round_minor

    def local(self, moment: datetime) -> datetime:
        """`moment` on the hall's wall clock."""
        return moment.astimezone(self.zone_info)

    def spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Opening hours of a hall-local `day` as aware (from, to) pairs, in order; empty on a closed day."""
        return self._at(day, self._open(day))

    def staffed(self, window: str, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Planned staffed hours of a window on a hall-local `day`, as `spans`. Raises: KeyError: no such window.

        On a day of the calendar its roster holds within that day's hours; on one when the hall is closed else, as Saturday
        work instead of a Monday, everybody is planned.
        """
        roster = self.window_by_id[window].roster
        weekday = WEEKDAYS[day.weekday()]
        if not roster or (self.calendar.day(day) is not None and weekday not in self.hours):
            return self.spans(day)
        return self._at(day, within(roster.get(weekday, ()), self._open(day)))

    def next_opening(self, moment: datetime) -> datetime | None:
        """The first opening after `moment`, aware; None when none of the next `FAR_DAYS` days is open."""
        today = self.local(moment).date()
        starts = (start for n in range(FAR_DAYS + 1) for start, _ in self.spans(today + timedelta(days=n)))
        return next((s for s in starts if s > moment), None)

    def _open(self, day: date) -> tuple[str, ...]:
        known = self.calendar.day(day)
        return known.hours if known is not None else self.hours.get(WEEKDAYS[day.weekday()], ())

    def _at(self, day: date, spans: Iterable[str]) -> tuple[tuple[datetime, datetime], ...]:
        pairs = [[datetime.combine(day, at, self.zone_info) for at in span(text)] for text in spans]
        return tuple((start, end) for start, end in pairs)

    def for_box(self, kind: Role) -> Hall:
        """The document as a box of `kind` needs it: operators' names for consoles only, PIN hashes for nobody."""
        operators = self.operators if kind is Role.CONSOLE else ()
        return self.model_copy(update={"operators": tuple(o.model_copy(update={"pin_hash": ""}) for o in operators)})


def load(text: str | bytes) -> Hall:
    """Read a hall document from JSON. Raises: ContractError listing every fault with its place in the document."""
    try:
        return Hall.model_validate_json(text)
    except ValidationError as exc:
        raise ContractError(_readable(exc)) from exc


def _readable(exc: ValidationError) -> str:
    faults = [
        (".".join(map(str, e["loc"])), str(e.get("ctx", {}).get("error", "")) or e["msg"]) for e in exc.errors()[:20]
    ]
    return "; ".join(said if not place and ": " in said else f"{place or 'hall'}: {said}" for place, said in faults)
