"""Every message on the wire: frozen models, one union on `t`, JSON in UTF-8. Pure.

Envelope: `t` type, `v` major version, `id` (for a command: the idempotency key), `at` the sender's UTC time, `re` the id
answered; facts add `inc` (incarnation: made when a box's storage is new), `ep` (boot epoch) and `sq` (outbox sequence).
Unknown fields are ignored, so a field may be added; a break makes a new `v`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from contract.errors import ContractError
from contract.hall import Hall
from contract.words import BookingState, HallState, Light, Paper, Refusal, Role, TicketState, Why, WhyNot

MAX_BYTES = 64 * 1024
"""Largest message but for configuration."""
MAX_CFG_BYTES = 1024 * 1024
"""Largest configuration message; also the broker's packet limit."""

MAX_COUNT = 2**53
"""Largest whole number on the wire: exact in every JSON reader, and it fits a database column."""

_WORD = Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")
MessageId = Annotated[str, _WORD]
"""Opaque; printable ASCII without spaces, so that it can stand in a log line, a topic's correlation and a table."""
Name = Annotated[str, _WORD]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC))]
"""A moment with its offset; the bounds keep it inside the calendar in every time zone."""


Code = Annotated[str, Field(pattern=r"^[0-9]{8}$")]
"""What a visitor types to check in a booking: eight digits, no letters that are read wrong over the telephone."""


Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""32 bytes in hexadecimal."""


class UnknownTypeError(ContractError):
    """A well-formed message of a type this version does not know: parked and raised as an alarm, never guessed. `t`: at most 64 letters."""

    def __init__(self, t: str) -> None:
        self.t = t
        super().__init__(f"t: {t!r} is not a known message type")


class Wire(BaseModel):
    """Base of all that travels: frozen, strict types, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", allow_inf_nan=False)


class Message(Wire):
    """The envelope."""

    v: Literal[1] = 1
    id: MessageId
    at: Moment | None = None


# --- commands: a box asks, the coordinator answers exactly once per id -------------------------------------------------


class Command(Message):
    """Base of the commands on `up/cmd`."""


class TicketIssue(Command):
    """A visitor wants a ticket. `then`: further services of the same visit, in order. `paper` False: paperless by choice."""

    t: Literal["ticket.issue"] = "ticket.issue"
    service: Name
    then: tuple[Name, ...] = Field(default=(), max_length=8)
    priority_group: Name | None = None
    lang: str = Field(min_length=2, max_length=8)
    paper: bool = True


class TicketCommand(Command):
    """Base of what is done to one ticket by its id."""

    ticket: Name


class TicketVoid(TicketCommand):
    """The paper cannot be trusted: the label dies; with `replace` a new label keeps the place (`paper`: it will be printed)."""

    t: Literal["ticket.void"] = "ticket.void"
    replace: bool = True
    paper: bool = True


class TicketCancel(TicketCommand):
    """The visitor gives up, or staff end the ticket."""

    t: Literal["ticket.cancel"] = "ticket.cancel"


class TicketReturn(TicketCommand):
    """A parked or missed visitor comes back to the queue."""

    t: Literal["ticket.return"] = "ticket.return"


class WindowCommand(Command):
    """Base of what is done at a window, named by exactly one of `window` (a person at a console) and `unit` (a pad's uid).

    `operator`: who acts, from a console; the coordinator checks it against the window's log-in.
    """

    window: Name | None = None
    unit: Name | None = None
    operator: Name | None = None

    @model_validator(mode="after")
    def _one_place(self) -> WindowCommand:
        if (self.window is None) == (self.unit is None):
            raise ValueError("exactly one of window and unit is needed")
        return self


class CallNext(WindowCommand):
    """The one press: what it does depends on the window's state (design §4)."""

    t: Literal["call.next"] = "call.next"


class CallRecall(WindowCommand):
    """Call the called visitor once more."""

    t: Literal["call.recall"] = "call.recall"


class CallStart(WindowCommand):
    """The visitor has come."""

    t: Literal["call.start"] = "call.start"


class CallFinish(WindowCommand):
    """The visitor was served; further services of the visit put the ticket back to waiting."""

    t: Literal["call.finish"] = "call.finish"


class CallNoShow(WindowCommand):
    """The called visitor did not come."""

    t: Literal["call.no_show"] = "call.no_show"


class CallPark(WindowCommand):
    """Set the visitor at the window aside, to come back by `ticket.return`."""

    t: Literal["call.park"] = "call.park"


class CallTransfer(WindowCommand):
    """Send the visitor on to another service, or to another window, or both; at least one."""

    t: Literal["call.transfer"] = "call.transfer"
    service: Name | None = None
    to_window: Name | None = None


class WindowOpen(WindowCommand):
    """The window takes visitors (also: back from a break)."""

    t: Literal["window.open"] = "window.open"


class WindowPause(WindowCommand):
    """A break: no calls until it is opened again."""

    t: Literal["window.pause"] = "window.pause"


class WindowClose(WindowCommand):
    """The window takes no more visitors today, until opened again."""

    t: Literal["window.close"] = "window.close"


class WindowLogin(WindowCommand):
    """An operator sits down. The PIN is checked by the coordinator and never journaled or logged."""

    t: Literal["window.login"] = "window.login"
    pin: str = Field(min_length=1, max_length=32, repr=False)


class WindowLogout(WindowCommand):
    """The operator leaves; the window closes."""

    t: Literal["window.logout"] = "window.logout"


class HallOpen(Command):
    """Open the day now (otherwise by the hours)."""

    t: Literal["hall.open"] = "hall.open"


class HallInterrupt(Command):
    """Stop calling, keep every place. `reason`: one sentence for the staff."""

    t: Literal["hall.interrupt"] = "hall.interrupt"
    reason: str = Field(default="", max_length=200)


class HallResume(Command):
    """Go on at the same ticket."""

    t: Literal["hall.resume"] = "hall.resume"


class HallClose(Command):
    """Close the day now: what is left ends as cancelled with that reason."""

    t: Literal["hall.close"] = "hall.close"


class BookingBook(Command):
    """Reserve the slot that begins at `start`. `then`: further services of the same visit, in order.

    `person`: a document number or telephone, for the limits per person; `company`: of a legal person. The coordinator keeps
    only a keyed hash of it; it is never journaled, logged or echoed. Consoles may leave it out.
    """

    t: Literal["booking.book"] = "booking.book"
    service: Name
    then: tuple[Name, ...] = Field(default=(), max_length=8)
    start: Moment
    lang: str = Field(min_length=2, max_length=8)
    priority_group: Name | None = None
    person: str | None = Field(default=None, min_length=4, max_length=64, repr=False)
    company: bool = False


class BookingCommand(Command):
    """Base of what is done to one booking by its code."""

    code: Code


class BookingMove(BookingCommand):
    """The visitor comes at another time: the same code, services and language."""

    t: Literal["booking.move"] = "booking.move"
    start: Moment


class BookingCancel(BookingCommand):
    """The visitor does not come."""

    t: Literal["booking.cancel"] = "booking.cancel"


class BookingCheckIn(BookingCommand):
    """The visitor is here: the booking becomes a ticket in `lang`. `paper` False: paperless by choice."""

    t: Literal["booking.check_in"] = "booking.check_in"
    lang: str = Field(min_length=2, max_length=8)
    paper: bool = True


class Question(Command):
    """Base of what is only asked: it changes nothing: answered from the state, neither journaled nor remembered."""


class TicketExplain(Question):
    """Why has today's ticket `label` not been called yet? Consoles only."""

    t: Literal["ticket.explain"] = "ticket.explain"
    label: Name


class BookingSlots(Question):
    """When a visit for `service` and `then` can begin on the hall-local `day`."""

    t: Literal["booking.slots"] = "booking.slots"
    service: Name
    then: tuple[Name, ...] = Field(default=(), max_length=8)
    day: date


class BookingFind(Question):
    """The booking of `code` or of an ID card, if it may be checked in now: refused as the check-in would be.

    `persons`: hashes of the card's numbers, keyed with the day's key (`card.key`); of several bookings the nearest in time.
    """

    t: Literal["booking.find"] = "booking.find"
    code: Code | None = None
    persons: tuple[Hash, ...] | None = Field(default=None, min_length=1, max_length=8, repr=False)

    @model_validator(mode="after")
    def _one_way(self) -> BookingFind:
        if (self.code is None) == (self.persons is None):
            raise ValueError("exactly one of code and persons is needed")
        return self


class BookingDay(Question):
    """The bookings of the hall-local `day` by time, the first `skip` left out; consoles only."""

    t: Literal["booking.day"] = "booking.day"
    day: date
    skip: Count = 0


class CardKey(Question):
    """The key of the hall's day, with which numbers on ID cards are hashed; kiosks and terminals only."""

    t: Literal["card.key"] = "card.key"


class DeviceFind(Command):
    """Make box `dev` show which one it is, for `seconds`. Changes nothing in the hall and is not journaled; consoles only."""

    t: Literal["device.find"] = "device.find"
    dev: Name
    seconds: float = Field(default=5, gt=0, le=60)


class Wait(Wire):
    """The wait told to people, in hall minutes: a range whose ends are multiples of 5, rounded outward, true for 8 in 10.

    `high` None: longer than what is told (`low` "or more").
    """

    low: Count
    high: Count | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Wait:
        if self.high is not None and self.high <= self.low:
            raise ValueError("high must lie above low")
        return self


# --- replies -----------------------------------------------------------------------------------------------------------


class Reply(Message):
    """Base of the answers on `down/rep`; `re` is the command's id."""

    re: MessageId


class Issued(Reply):
    """A ticket exists. `people_ahead` counts waiting visitors who are before it now; `issued_at` is hall time.

    `wait`: None where it is not known. `booked_at`: the booked time that it keeps; None for a walk-in and for who came too late for it.
    """

    t: Literal["issued"] = "issued"
    ticket: Name
    label: Name
    day: date
    service: Name
    priority_group: Name | None = None
    zone: Name
    lang: str
    issued_at: Moment
    people_ahead: Count
    wait: Wait | None = None
    booked_at: Moment | None = None


class Booked(Reply):
    """A booking stands. `minutes`: how long it is planned to take; `check_in_from`: when its code begins to give a ticket."""

    t: Literal["booked"] = "booked"
    code: Code
    service: Name
    then: tuple[Name, ...] = ()
    start: Moment
    minutes: Count
    check_in_from: Moment


class Slot(Wire):
    """A moment at which a visit can begin. `free`: how many more of this kind."""

    start: Moment
    free: Count


class Slots(Reply):
    """The free slots of a day, in order; none: nothing of this kind is free."""

    t: Literal["slots"] = "slots"
    service: Name
    day: date
    slots: tuple[Slot, ...]


class DayKey(Reply):
    """The key of the hall-local `day`: 32 bytes in hexadecimal. A secret: it stays in memory, for one read."""

    t: Literal["day_key"] = "day_key"
    day: date
    key: Hash = Field(repr=False)


class DayBooking(Wire):
    """One booking as the reception sees it."""

    code: Code
    service: Name
    then: tuple[Name, ...] = ()
    start: Moment
    state: BookingState


class Bookings(Reply):
    """Bookings of a day by time, then code; moved ones are not listed. `total`: how many the day has."""

    t: Literal["bookings"] = "bookings"
    day: date
    skip: Count
    total: Count
    bookings: tuple[DayBooking, ...]


class Passed(Wire):
    """A call that went before one who had waited longer: which label to which window number, and why, as of `Done`."""

    label: Name
    number: Count
    called_at: Moment
    why: Why
    why_facts: dict[str, str] = {}


class Explained(Reply):
    """Why a ticket has not been called yet, most telling first. Times are hall time.

    `ahead`: how many of its own line go first; `windows`: numbers of the open windows that may take it; `only_window`: the number
    of the one it waits for; `passed`: the newest calls that went before it though it had waited longer, of `passed_in_all`.
    """

    t: Literal["explained"] = "explained"
    label: Name
    service: Name
    state: TicketState
    since: Moment
    wait_s: float
    why_not: tuple[WhyNot, ...]
    ahead: Count = 0
    windows: tuple[Count, ...] = ()
    only_window: Count | None = None
    passed: tuple[Passed, ...] = ()
    passed_in_all: Count = 0
    told: Wait | None = None


class Done(Reply):
    """The command was done. Of a window: what it shows now, which label it has, and why that one.

    `why_facts` fill the placeholders of the text `why.<code>`.
    """

    t: Literal["done"] = "done"
    window: Name | None = None
    light: Light | None = None
    ticket: Name | None = None
    label: Name | None = None
    why: Why | None = None
    why_facts: dict[str, str] = {}


class Refused(Reply):
    """The command was not done and nothing changed. `text`: one English sentence for logs; people read `refusal.<code>`.

    `facts` fill the placeholders of that text: label, window, limit, day (ISO), time (hall-local HH:MM).
    """

    t: Literal["refused"] = "refused"
    code: Refusal
    text: str
    facts: dict[str, str] = {}


# --- facts: must not be lost, travel from an outbox --------------------------------------------------------------------


class Fact(Message):
    """Base of the facts on `up/ev`; unique by (dev, inc, ep, sq). `sq` counts 1, 2, 3 … as long as `inc` lives.

    `held`: the lowest sq the box still has. A hall that lacks an earlier one will never get it, so it goes on from there.
    """

    inc: Name
    ep: int = Field(ge=1, le=MAX_COUNT)
    sq: int = Field(ge=1, le=MAX_COUNT)
    held: int | None = Field(default=None, ge=1, le=MAX_COUNT)


class PaperFact(Fact):
    """What became of a ticket's paper."""

    t: Literal["paper"] = "paper"
    ticket: Name
    paper: Paper
    job: Name


class FaultFact(Fact):
    """A box's fault came or went. `fault` is a key of `contract.hints`."""

    t: Literal["fault"] = "fault"
    fault: Name
    since: Moment
    cleared: bool = False


class Ack(Message):
    """Facts up to and including sequence `upto` of the incarnation `inc` are committed: the box may forget them."""

    t: Literal["ack"] = "ack"
    inc: Name
    upto: Count


# --- state: retained, whole, with a revision ---------------------------------------------------------------------------


class Here(Message):
    """Presence. The last will says `lost` with the same epoch, so a late death of an old session can be told apart."""

    t: Literal["here"] = "here"
    state: Literal["here", "lost", "left"]
    kind: Role
    version: str
    inc: Name
    ep: Count


class Health(Message):
    """How a box is, every 30 s. `faults`: keys of `contract.hints` with since-when."""

    t: Literal["health"] = "health"
    faults: dict[str, Moment] = {}
    outbox: Count = 0
    dropped: dict[str, Count] = {}
    rss_mib: float | None = None
    uptime_s: float | None = None


class Heartbeat(Message):
    """`pub/hall`: the hall's state and time, every 3 s; from it a board knows how old its data is.

    `now` is hall time, `speed` its pace against the clock on the wall (1 in a real hall), `ep` the coordinator's start count,
    `refusing` the reason commands are refused, None in health. The last will has `lost` True.
    """

    t: Literal["hall"] = "hall"
    state: HallState
    day: date
    now: Moment
    speed: float = Field(gt=0, le=600)
    ep: Count
    revision: Count
    reason: str = ""
    refusing: Refusal | None = None
    lost: bool = False


class Snapshot(Message):
    """Base of retained whole states. Within one coordinator epoch `ep` a lower `rev` is old and is dropped."""

    ep: Count
    rev: Count


class WindowView(Wire):
    """What one window shows. `number` is painted on the wall; `since` is hall time."""

    window: Name
    number: Count
    light: Light
    label: Name | None = None
    since: Moment
    lang: str | None = None


class WindowsView(Snapshot):
    """`down/view` of a bridge or display box: unit id → what that pad or display shows."""

    t: Literal["view.windows"] = "view.windows"
    units: dict[str, WindowView]


class KioskView(Snapshot):
    """`down/view` of a kiosk: what can be taken now. A service missing in `waiting` has nobody waiting.

    `waits`: service → wait of a walk-in who takes a ticket now; one that is missing is not known.
    """

    t: Literal["view.kiosk"] = "view.kiosk"
    state: HallState
    taking: bool
    reason: str = ""
    opens_at: Moment | None = None
    closed_services: tuple[Name, ...] = ()
    waiting: dict[str, Count] = {}
    waits: dict[str, Wait] = {}


class BoardCall(Wire):
    """One line of the board. `again` counts recalls; `why`: a code of `contract.words.Why` where a call may look out of turn."""

    label: Name
    number: Count
    zone: Name
    light: Literal[Light.CALLED, Light.SERVING]
    called_at: Moment
    again: Count = 0
    why: Name | None = None


class Board(Snapshot):
    """`pub/board/{zone}`: the whole board, newest call first. `waiting`: service group → people waiting.

    `waits`: service group → wait of a walk-in who comes now: over its services; one that is missing is not known.
    """

    t: Literal["board"] = "board"
    zone: Name
    state: HallState
    calls: tuple[BoardCall, ...]
    waiting: dict[str, Count] = {}
    waits: dict[str, Wait] = {}


class Announce(Message):
    """`pub/call`: the announcement edge for chime and voice; expires, never retained."""

    t: Literal["call"] = "call"
    label: Name
    number: Count
    zone: Name
    lang: str
    again: Count = 0
    quiet: bool = False


class DeskTicket(Wire):
    """A ticket as staff see it. `doubt`: its paper may not have been printed; `told`: the wait told to the visitor."""

    ticket: Name
    label: Name
    service: Name
    state: TicketState
    issued_at: Moment
    since: Moment
    wait_s: float
    priority_group: Name | None = None
    lang: str
    recalls: Count = 0
    doubt: bool = False
    then: tuple[Name, ...] = ()
    told: Wait | None = None


class DeskWindow(Wire):
    """A window as staff see it. `can`: services it may take now (groups ∩ station ∩ rights valid today); `why`: as in `Done`."""

    window: Name
    number: Count
    light: Light
    since: Moment
    operator: Name | None = None
    ticket: DeskTicket | None = None
    why: Why | None = None
    why_facts: dict[str, str] = {}
    can: tuple[Name, ...] = ()
    waiting: Count = 0


class Queue(Wire):
    """One service group's queue. `oldest`: when its longest waiting ticket began to wait; `expected`: bookings of the next hour."""

    group: Name
    waiting: Count
    expected: Count = 0
    oldest: Moment | None = None
    windows: Count = 0
    wait: Wait | None = None


class DeskDevice(Wire):
    """A box as staff see it."""

    dev: Name
    kind: Role
    state: Literal["here", "lost", "left", "unknown"]
    since: Moment | None = None
    faults: tuple[str, ...] = ()


class Kept(Wire):
    """How often what was told came true today: of `told` visitors called, `within` waited as long as they were told, `longer` longer."""

    told: Count
    within: Count
    longer: Count


class Advice(Wire):
    """What no calling order can mend: `waiting` people for a service that no open window may take (`unserved`; `windows`: numbers
    of those that could, if opened), or whose line outlasts the opening hours (`too_late`; `until`: about when it would be done).
    """

    kind: Literal["unserved", "too_late"]
    service: Name
    waiting: Count
    windows: tuple[Count, ...] = ()
    until: Moment | None = None


class ConsolesView(Snapshot):
    """`down/view` of a console: the live hall in one published view."""

    t: Literal["view.consoles"] = "view.consoles"
    state: HallState
    reason: str = ""
    day: date
    now: Moment
    windows: tuple[DeskWindow, ...]
    queues: tuple[Queue, ...]
    parked: tuple[DeskTicket, ...] = ()
    missed: tuple[DeskTicket, ...] = ()
    devices: tuple[DeskDevice, ...] = ()
    issued_today: Count = 0
    served_today: Count = 0
    over_limit: Count = 0
    waits_kept: Kept | None = None
    advice: tuple[Advice, ...] = ()


class Cfg(Message):
    """`down/cfg`: the hall document a box runs with, without PIN hashes; up to 1 MiB."""

    t: Literal["cfg"] = "cfg"
    hall: Hall


class Identify(Message):
    """`down/cmd`: show which box you are, for `seconds`."""

    t: Literal["device.identify"] = "device.identify"
    seconds: float = Field(default=5, gt=0, le=60)


HallCommand = (
    TicketIssue | TicketVoid | TicketCancel | TicketReturn | CallNext | CallRecall | CallStart | CallFinish | CallNoShow
    | CallPark | CallTransfer | WindowOpen | WindowPause | WindowClose | WindowLogin | WindowLogout | HallOpen
    | HallInterrupt | HallResume | HallClose | BookingBook | BookingMove | BookingCancel | BookingCheckIn
)  # fmt: skip
"""What the engine decides and the journal remembers."""
AnyQuestion = BookingSlots | BookingFind | BookingDay | CardKey | TicketExplain
"""What the engine answers from the hall as it is."""
AnyCommand = HallCommand | AnyQuestion | DeviceFind
AnyReply = Issued | Done | Booked | Slots | Bookings | DayKey | Explained | Refused
AnyFact = PaperFact | FaultFact
AnyMessage = (
    AnyCommand | AnyReply | AnyFact | Ack | Here | Health | Heartbeat | WindowsView | KioskView | Board | Announce
    | ConsolesView | Cfg | Identify
)  # fmt: skip

ADAPTER: TypeAdapter[AnyMessage] = TypeAdapter(Annotated[AnyMessage, Field(discriminator="t")])
REPLIES: TypeAdapter[AnyReply] = TypeAdapter(Annotated[AnyReply, Field(discriminator="t")])


def encode(message: BaseModel) -> bytes:
    """The message as compact JSON, absent optional fields left out."""
    return message.model_dump_json(exclude_none=True).encode()


def decode(data: bytes, limit: int = MAX_BYTES) -> AnyMessage:
    """Read one message.

    Raises: UnknownTypeError: a type this version does not know. ContractError: too long, not JSON, or fields that break
    the contract; the text names every field (never its value, which may be personal).
    """
    if len(data) > limit:
        raise ContractError(f"message of {len(data)} bytes: at most {limit} allowed")
    try:
        return ADAPTER.validate_json(data)
    except ValidationError as exc:
        raise _refusal(exc) from None


def _refusal(exc: ValidationError) -> ContractError:
    errors = exc.errors(include_url=False, include_input=False)
    if errors[0]["type"] == "union_tag_invalid":
        return UnknownTypeError(errors[0].get("ctx", {}).get("tag", "")[:64])
    # A key of the sender's making may stand in `loc`: it must not fill the log.
    faults = (f"{'.'.join(map(str, e['loc']))[:200] or 'message'}: {e['msg'][:500]}" for e in errors[:10])
    return ContractError("; ".join(faults))


@lru_cache(1024)
def utc(moment: datetime) -> str:
    """A moment as the journal and the wire write it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
