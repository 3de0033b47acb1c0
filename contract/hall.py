"""The hall document: services, windows, rights, hours and rules of one hall, versioned data with its checks. Pure.

A published revision never changes; a change is a new revision. Nothing in code knows a country.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from contract import rules as knobs
from contract.errors import ContractError
from contract.hours import WEEKDAYS as WEEKDAYS
from contract.hours import Calendar, calendar_faults, span, week_faults, within
from contract.words import LETTERS, CardField, Role

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
        faults = list(_faults(self))
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
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'hall'}: {e['msg']}" for e in exc.errors()[:20])


def _faults(hall: Hall) -> Iterable[str]:
    yield from _identity_faults(hall)
    yield from _reference_faults(hall)
    yield from _letter_faults(hall)
    yield from _text_faults(hall)


def _identity_faults(hall: Hall) -> Iterable[str]:
    parts: dict[str, Iterable[Any]] = {
        "employers": hall.employers, "rights": hall.rights, "zones": hall.zones, "service_groups": hall.service_groups,
        "services": hall.services, "priority_groups": hall.priority_groups, "windows": hall.windows,
        "indices": hall.indices, "messages": hall.messages, "operators": hall.operators, "results": hall.results, "boxes": hall.boxes,
        "forms": hall.forms, "payees": hall.payees,
        **{f"forms.{form.id}.fields": form.fields for form in hall.forms},
        **{f"services.{s.id}.question": s.question.replies for s in hall.services if s.question is not None},
    }  # fmt: skip
    for name, items in parts.items():
        yield from (f"{name}: {i!r} stands twice" for i in _twice(x.id for x in items))
    yield from (f"windows: number {n} stands twice" for n in _twice(w.number for w in hall.windows))
    yield from (f"boxes: unit {u!r} stands twice" for u in _twice(u.id for b in hall.boxes for u in b.units))
    if hall.default_language not in hall.languages:
        yield f"default_language: {hall.default_language!r} is not in languages"
    foreign = [(z.id, x) for z in hall.zones for x in z.spoken if x not in hall.languages]
    yield from (f"zones.{zone}.spoken: {language!r} is not in languages" for zone, language in foreign)
    try:
        ZoneInfo(hall.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"timezone: {hall.timezone!r} is not a known time zone"
    try:
        knobs.check(hall.rules)
    except ContractError as exc:
        yield f"rules: {exc}"
    yield from week_faults("hours", hall.hours)
    yield from calendar_faults(hall.calendar)
    for window in hall.windows:
        faults = list(week_faults(f"windows.{window.id}.roster", window.roster))
        yield from faults or _roster_faults(hall, window)


def _roster_faults(hall: Hall, window: Window) -> Iterable[str]:
    """A window is staffed within one span of the hall's hours: a closing at noon is not worked through."""
    for day, spans in window.roster.items():
        open_ = hall.hours.get(day, ())
        for each in spans:
            if not any(o[:5] <= each[:5] and each[6:] <= o[6:] for o in open_):
                yield f"windows.{window.id}.roster: {day}: {each!r} is outside the hall's hours"


def _reference_faults(hall: Hall) -> Iterable[str]:
    known: dict[str, set[str]] = {
        "employer": {e.id for e in hall.employers}, "right": {r.id for r in hall.rights}, "zone": {z.id for z in hall.zones},
        "group": {g.id for g in hall.service_groups}, "window": {w.id for w in hall.windows}, "document": set(hall.documents),
    }  # fmt: skip
    used: list[tuple[str, str, str]] = []
    used += [("employer", e, f"rights.{r.id}") for r in hall.rights for e in r.employers]
    used += [("zone", g.zone, f"service_groups.{g.id}") for g in hall.service_groups]
    used += [("group", s.group, f"services.{s.id}") for s in hall.services]
    used += [("right", s.right, f"services.{s.id}") for s in hall.services]
    used += [("document", d, f"services.{s.id}") for s in hall.services for d in s.bring]
    used += [("employer", w.employer, f"windows.{w.id}") for w in hall.windows]
    used += [("zone", w.zone, f"windows.{w.id}") for w in hall.windows]
    used += [("group", g, f"windows.{w.id}") for w in hall.windows for g in w.groups]
    used += [("employer", o.employer, f"operators.{o.id}") for o in hall.operators]
    used += [("right", r.right, f"operators.{o.id}") for o in hall.operators for r in o.rights]
    used += [("employer", r.employer, f"operators.{o.id}") for o in hall.operators for r in o.rights]
    used += [("zone", b.zone, f"boxes.{b.id}") for b in hall.boxes if b.zone is not None]
    used += [("window", u.window, f"boxes.{b.id}") for b in hall.boxes for u in b.units]
    yield from (
        f"{where}: {kind} {name!r} is not in the document" for kind, name, where in used if name not in known[kind]
    )
    yield from _self_service_faults(hall)
    yield from _question_faults(hall)
    yield from _fee_faults(hall)
    own = [b.id for b in hall.boxes if b.kind is Role.COORDINATOR or b.id == "coordinator"]
    yield from (f"boxes: {b!r}: the name is the coordinator's own" for b in own)


def _self_service_faults(hall: Hall) -> Iterable[str]:
    forms, payees = {f.id for f in hall.forms}, {p.id for p in hall.payees}
    for service in hall.services:
        alone, where = service.self_service, f"services.{service.id}.self_service"
        if alone is None:
            continue
        if alone.form is not None and alone.form not in forms:
            yield f"{where}: form {alone.form!r} is not in the document"
        if alone.payee is not None and alone.payee not in payees:
            yield f"{where}: payee {alone.payee!r} is not in the document"
        if alone.pays == "fee" and not (service.fee_minor or service.fees):
            yield f"{where}: pays: the service has no fee"
        if alone.pays == "fee" and alone.payee is None:
            yield f"{where}: payee: a fee needs one"
        if alone.identify == "none" and alone.asks != "nothing":
            yield f"{where}: identify: the registers are asked about a person, so the card is needed"
    yield from _form_faults(hall)


def _question_faults(hall: Hall) -> Iterable[str]:
    """A reply leads to a ticket of a service that asks nothing itself, so nobody is asked in a circle."""
    known = {s.id: s for s in hall.services}
    for service in hall.services:
        where = f"services.{service.id}.question"
        for reply in service.question.replies if service.question is not None else ():
            if reply.service is not None and reply.then != "ticket":
                yield f"{where}.{reply.id}: service: only a ticket is of a service"
            elif reply.service is not None and reply.service not in known:
                yield f"{where}.{reply.id}: service {reply.service!r} is not in the document"
            elif reply.service is not None and known[reply.service].question is not None:
                yield f"{where}.{reply.id}: service {reply.service!r} asks a question itself"


def _fee_faults(hall: Hall) -> Iterable[str]:
    known = {index.id for index in hall.indices}
    for index in hall.indices:
        if any(later.since <= earlier.since for earlier, later in pairwise(index.values)):
            yield f"indices.{index.id}: values must stand in the order of their days"
    for service in hall.services:
        where = f"services.{service.id}.fees"
        if any(later.since <= earlier.since for earlier, later in pairwise(service.fees)):
            yield f"{where}: fees must stand in the order of their days"
        for fee in service.fees:
            if (fee.minor is None) == (fee.index is None) or (fee.index is None) != (fee.share is None):
                yield f"{where}.{fee.since}: either minor, or index and share"
            elif fee.index is not None and fee.index not in known:
                yield f"{where}.{fee.since}: index {fee.index!r} is not in the document"


def _form_faults(hall: Hall) -> Iterable[str]:
    for form in hall.forms:
        seen: set[str] = set()
        for field in form.fields:
            if (field.kind == "entry") != (field.directory is not None):
                yield f"forms.{form.id}.{field.id}: directory: an entry needs one, others have none"
            if (field.kind == "choice") != bool(field.choices):
                yield f"forms.{form.id}.{field.id}: choices: a choice needs some, others have none"
            if field.under is not None and field.under not in seen:
                yield f"forms.{form.id}.{field.id}: under: {field.under!r} is no earlier field"
            seen.add(field.id)


def _letter_faults(hall: Hall) -> Iterable[str]:
    letters = [g.letter for g in hall.service_groups] + [p.letter for p in hall.priority_groups if p.letter]
    yield from (
        f"letter {x!r}: allowed: one of {' '.join(LETTERS)}" for x in letters if len(x) != 1 or x not in LETTERS
    )
    yield from (f"letter {x!r} stands twice" for x in _twice(letters))


def _text_faults(hall: Hall) -> Iterable[str]:
    named: list[Named] = [
        *hall.employers, *hall.rights, *hall.zones, *hall.service_groups, *hall.services, *hall.priority_groups, *hall.forms,
        *hall.results, *hall.payees, *hall.indices, *hall.messages,
        *(f for form in hall.forms for f in form.fields), *(c for form in hall.forms for f in form.fields for c in f.choices),
    ]  # fmt: skip
    texts = [("names", hall.names), ("short_names", hall.short_names)]
    texts += [(f"{type(x).__name__} {x.id}", x.names) for x in named]
    asking = [(s.id, s.question) for s in hall.services if s.question is not None]
    texts += [(f"question of {name}", question.names) for name, question in asking]
    texts += [(f"question of {name}: {reply.id}", reply.names) for name, q in asking for reply in q.replies]
    texts += [(f"text of message {each.id}", each.texts) for each in hall.messages]
    texts += [(f"document {key}", text) for key, text in hall.documents.items()]
    for where, text in texts:
        missing = [lang for lang in hall.languages if not text.get(lang)]
        if missing:
            yield f"{where}: no text in {', '.join(missing)}"


def _twice(items: Iterable[Any]) -> list[Any]:
    seen: set[Any] = set()
    return sorted({x for x in items if x in seen or seen.add(x)})  # type: ignore[func-returns-value]
