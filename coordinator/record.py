"""The rows of a hall as values: what the journal's tables hold of a day, a window, a ticket, a booking, a payment and so on. Pure.

Fields are exactly the columns of the tables of the same name, without `hall`. Times are aware UTC datetimes with whole
milliseconds, so that a row read back is the record that was written.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TypeVar, get_args

from contract.messages import Wait
from contract.words import (
    AT_WINDOW,
    LIVE,
    BookingState,
    HallState,
    MeasureKind,
    MeasureState,
    Paper,
    PauseKind,
    PaymentState,
    TicketState,
    Why,
    WindowState,
)

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when a window is as it is that was never touched."""


class LastCall(NamedTuple):
    """The newest call or recall of a window; from it a second press of the same finger is told apart.

    `service`: for which it was called; `why` and `facts`: as the call was decided.
    """

    at: datetime
    ticket: str
    label: str
    service: str = ""
    why: Why | None = None
    facts: tuple[tuple[str, str], ...] = ()


class DayRow(NamedTuple):
    """One working day of the hall. `since`: when `state` began; `revision`: of the hall document it was opened with."""

    day: date
    state: HallState
    revision: int
    reason: str | None = None
    since: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None


class Window(NamedTuple):
    """A window as its operator set it. `ticket`: the one called or served there; `since`: when its light last changed.

    `pause`, `back_at`: what its break is for and when it is planned to end, where that was said.
    """

    id: str
    number: int
    state: WindowState = WindowState.CLOSED
    armed: bool = False
    ticket: str | None = None
    operator: str | None = None
    since: datetime = NEVER
    last_call: LastCall | None = None
    pause: PauseKind | None = None
    back_at: datetime | None = None


class Ticket(NamedTuple):
    """One ticket. Hall time throughout.

    `clock_at`: from when the wait counts for the order, which is the place in the queue; `ready_at`: callable from then on even
    without proof of paper, of a later turn since it stands in line again;
    `window`: where it is or last was; `only_window`: nobody else may call it; `leg`: which turn of the visit,
    from 1; `hour`: hall-local hour of issue; `wait_s`: clock_at → called_at; `service_s`: as in `Leg`; `reason`: why it was
    called or ended; `priority` 0 is none, otherwise level 1 goes before level 2; `booked_at`: the booked time it keeps;
    `told_low`, `told_high`: the wait told at issue in minutes, high None with a low: or more; `told_kept`: what became of it at
    the first call: sooner, within or longer; `score`: what the visitor said at a rating pad, 1 to 5; `done_services`: finished in
    earlier turns, in order, None before the first.
    """

    id: str
    day: date
    label: str
    letter: str
    number: int
    visit: str
    service: str
    then_services: tuple[str, ...]
    service_group: str
    priority: int
    lang: str
    state: TicketState
    paper: Paper
    issued_at: datetime
    clock_at: datetime
    ready_at: datetime
    hour: int
    priority_group: str | None = None
    kiosk: str | None = None
    leg: int = 1
    recalls: int = 0
    window: str | None = None
    only_window: str | None = None
    operator: str | None = None
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    wait_s: float | None = None
    service_s: float | None = None
    reason: str | None = None
    replaced_by: str | None = None
    booked_at: datetime | None = None
    told_low: int | None = None
    told_high: int | None = None
    told_kept: str | None = None
    score: int | None = None
    done_services: tuple[str, ...] | None = None

    @property
    def live(self) -> bool:
        """Whether the visitor is still in the hall's hands."""
        return self.state in LIVE

    @property
    def at_window(self) -> bool:
        """Whether it is called or served."""
        return self.state in AT_WINDOW

    @property
    def doubt(self) -> bool:
        """Whether its paper may not have been printed."""
        return self.paper not in (Paper.CONFIRMED, Paper.NONE)

    @property
    def told(self) -> Wait | None:
        """The wait its visitor was told at issue."""
        return None if self.told_low is None else Wait(low=self.told_low, high=self.told_high)

    @property
    def since(self) -> datetime:
        """From when this turn's visitor has stood in line: a place that was kept, or given in front, is no time that was waited."""
        return self.clock_at if self.leg == 1 else max(self.clock_at, self.ready_at)

    @property
    def place(self) -> Place:
        """Its place within a line of the same rank: clock, then number, then id."""
        return Place(self.clock_at, self.number, self.id)

    @property
    def rank(self) -> int:
        """Lower is called first: the priority level, and after all levels those without one."""
        return self.priority or ORDINARY


ORDINARY = 10
"""The rank of a ticket without priority: after level 9."""


class Place(NamedTuple):
    """Where a ticket stands in its line."""

    clock_at: datetime
    number: int
    id: str


class Leg(NamedTuple):
    """One turn at a window, from call to leaving it: what reports count.

    `hour`: hall-local hour of the call; `wait_s`: the ticket's `since` → called; `service_s`: started → ended, or called →
    ended where nobody pressed start (`started_at` None); None when the visitor was not served. `outcome`: finished,
    transferred, parked, no_show or cancelled; `result`: what the operator said of it, one of the hall's results.
    """

    ticket: str
    n: int
    day: date
    hour: int
    service: str
    service_group: str
    outcome: str
    window: str | None = None
    operator: str | None = None
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    wait_s: float | None = None
    service_s: float | None = None
    result: str | None = None


class Pause(NamedTuple):
    """A window's break that is over. `day`: the hall's; `back_at`: when it was planned to end; hall time."""

    window: str
    begin: datetime
    day: date
    ended_at: datetime
    operator: str | None = None
    kind: PauseKind | None = None
    back_at: datetime | None = None


class Note(NamedTuple):
    """What the next window should know of a ticket's visitor; "" nothing. May be personal: in no event and in no table."""

    ticket: str
    text: str


class Series(NamedTuple):
    """The next number of a letter on a day."""

    day: date
    letter: str
    next: int = 1


class Notice(NamedTuple):
    """The manager's message on a zone's board since `since`: language and text by turns; none: nothing is shown. Hall time."""

    zone: str
    since: datetime
    texts: tuple[tuple[str, str], ...] = ()
    until: datetime | None = None


class Booking(NamedTuple):
    """A place reserved before coming. Hall time throughout.

    `code`: what the visitor types, unique among those that are kept; `day`: hall-local day of `start`; `extra_s`: what an
    interruption of the hall added to the grace of who is late; `ended_at`, `reason`: when and why it was cancelled or moved.
    """

    id: str
    code: str
    day: date
    start: datetime
    minutes: int
    service: str
    then_services: tuple[str, ...]
    lang: str
    state: BookingState
    made_at: datetime
    priority_group: str | None = None
    extra_s: float = 0.0
    ticket: str | None = None
    ended_at: datetime | None = None
    reason: str | None = None

    @property
    def services(self) -> tuple[str, ...]:
        """What the visitor comes for, in order."""
        return (self.service, *self.then_services)


class Person(NamedTuple):
    """Whose booking it is, as a keyed hash: in no event, so that it can be forgotten. `company`: of a legal person.

    `match`: the same number hashed with the key of `day`, which the boxes get that day; None: it was not said for this day.
    """

    booking: str
    day: date
    hash: str
    company: bool = False
    match: str | None = None


class Measure(NamedTuple):
    """A recommendation about a window's staff, and what was decided. Hall time.

    `until`: to be done by then, in force to then, or not recommended again before; `minutes`: for how long, of a break by how
    much it is later; `service_group`: that the window takes besides its own; `break_at`: when the break was planned to begin;
    `by`: an operator or a box, None: the hall itself; `ended_at`: when it was done, or its time was over.
    """

    id: str
    day: date
    kind: MeasureKind
    window: str
    state: MeasureState
    at: datetime
    until: datetime
    minutes: int
    service_group: str | None = None
    break_at: datetime | None = None
    by: str | None = None
    ended_at: datetime | None = None


class Payment(NamedTuple):
    """A payment at the terminal `dev`, by its newest step, told at `at`. Hall time.

    `day`, `hour`: hall-local, of `opened_at`; `device`: what took the money; `by`: who decided; fields of `PaymentFact` else.
    """

    dev: str
    id: str
    day: date
    hour: int
    device: str
    order_id: str
    method: str
    state: PaymentState
    amount_minor: int
    captured_minor: int
    currency: str
    opened_at: datetime
    at: datetime
    why: str = ""
    service: str | None = None
    by: str | None = None


class Cassette(NamedTuple):
    """A cassette of the acceptor `device` of the terminal `dev`, as it was told at `at`. Hall time.

    `day`: hall-local, of `at`; `notes`: a note's minor units and how many lie inside; `collected_at`: told as taken out.
    """

    dev: str
    id: str
    day: date
    device: str
    since: datetime
    notes: tuple[tuple[int, int], ...]
    nobodys: int
    doubtful: int
    currency: str
    at: datetime
    collected_at: datetime | None = None


class Certificate(NamedTuple):
    """A numbered paper of the terminal `dev`, never for whom. Hall time; `day`: hall-local, of `at`, when it was numbered."""

    dev: str
    number: str
    day: date
    layout: str
    paper: Paper
    at: datetime
    service: str | None = None


class Balance(NamedTuple):
    """A batch, cassette or shift of a device, held against its own word on the hall-local `day`, as it was told at `at` (hall time).

    `batch`: "" of a box that tells one balance a day; fields of `BalanceFact` else.
    """

    dev: str
    device: str
    day: date
    method: str
    currency: str
    ours_minor: int
    ours_count: int
    unknown: int
    balances: bool
    at: datetime
    why: str = ""
    theirs_minor: int | None = None
    theirs_count: int | None = None
    batch: str = ""
    state: str = "open"
    by: str | None = None
    note: str | None = None


class Fault(NamedTuple):
    """A fault of the box `dev` while the hall was open on `day`. Hall time.

    `fault`: as the box names it, `AWAY` when it is not connected; `hour`: hall-local, of `since`; `ended_at`: None while it lasts;
    `lasted_s`: None with an end that nobody saw.
    """

    dev: str
    fault: str
    since: datetime
    day: date
    hour: int
    ended_at: datetime | None = None
    lasted_s: float | None = None


class Revision(NamedTuple):
    """A hall document that was published. `by`: an operator or a box, "coordinator" for the one it was started with; hall time."""

    revision: int
    at: datetime
    by: str
    why: str
    document: str


Record = (
    DayRow | Window | Ticket | Leg | Pause | Series | Notice | Booking | Person | Measure | Revision | Payment | Cassette | Balance
    | Fault
    | Certificate
)  # fmt: skip
Kind = TypeVar("Kind", bound=Record)
_PLACES: dict[type[Any], dict[str, int]] = {
    kind: {name: at for at, name in enumerate(kind._fields)} for kind in get_args(Record)
}
"""Kind → field → its place."""


def whole(moment: datetime) -> datetime:
    """The moment as the journal keeps it: UTC, whole milliseconds."""
    if moment.tzinfo is UTC and not moment.microsecond % 1000:
        return moment
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def replace(record: Kind, **changes: Any) -> Kind:
    """The record with other values in these fields, as its `_replace` has it, in two thirds of the time.

    Raises: KeyError: it has no such field.
    """
    kind: Any = type(record)
    at, values = _PLACES[kind], [*record]
    for name, value in changes.items():
        values[at[name]] = value
    new: Kind = tuple.__new__(kind, values)
    return new
