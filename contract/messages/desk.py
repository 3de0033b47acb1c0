"""The live hall as staff see it: the one published view of the consoles. Pure."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from contract.messages.commands import VisitText
from contract.messages.devices import UnitHealth
from contract.messages.envelope import Count, Moment, Name, Wait, Wire
from contract.messages.money import Currency, DeskBalance, DeskPayment, Note
from contract.messages.notices import DeskNotice
from contract.messages.views import Snapshot
from contract.words import HallState, Light, MeasureKind, MeasureState, PauseKind, Role, TicketState, Why


class DeskTicket(Wire):
    """A ticket as staff see it. `doubt`: its paper may not have been printed; `told`: the wait told to the visitor.

    `done`, `then`: services of the visit before and after `service`; `note`: as in `VisitNote`, only at a window; `result`: why it
    is parked, one of the hall's results.
    """

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
    done: tuple[Name, ...] = ()
    note: VisitText | None = Field(default=None, repr=False)
    result: Name | None = None


class DeskWindow(Wire):
    """A window as staff see it. `can`: services it may take now (groups ∩ station ∩ rights valid today); `why`: as in `Done`.

    `pause`, `back_at`: what its break is for and when it is planned to end, where that was said.
    """

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
    pause: PauseKind | None = None
    back_at: Moment | None = None


class Queue(Wire):
    """One service group's queue. `oldest`: when its longest waiting ticket began to wait; `expected`: bookings of the next hour."""

    group: Name
    waiting: Count
    expected: Count = 0
    oldest: Moment | None = None
    windows: Count = 0
    wait: Wait | None = None


class DeskDevice(Wire):
    """A box as staff see it; `units` as it told them last. `faults_since`: of each of `faults` in order, hall
    time, empty where the view has no room; `more_faults`: how many there are beyond.

    `staged`, `runs`: as in `Health`.
    """

    dev: Name
    kind: Role
    state: Literal["here", "lost", "left", "unknown"]
    since: Moment | None = None
    faults: tuple[str, ...] = ()
    faults_since: tuple[Moment, ...] = ()
    more_faults: Count = 0
    staged: Count | None = None
    runs: Count | None = None
    units: dict[str, UnitHealth] = {}


class Kept(Wire):
    """How often what was told came true today: of `told` visitors called, `within` waited as long as they were told, `longer` longer."""

    told: Count
    within: Count
    longer: Count


class AgainstFifo(Wire):
    """Today until `at`: of `turns` in line the share that was late, and that would have been late had each window called the oldest of
    its profile.
    """

    at: Moment
    turns: Count
    late: float = Field(ge=0, le=1)
    fifo_late: float = Field(ge=0, le=1)


class Advice(Wire):
    """What no calling order can mend: `waiting` people for a service that no open window may take (`unserved`; `windows`: numbers
    of those that could, if opened), or whose line outlasts the opening hours (`too_late`; `until`: about when it would be done).
    """

    kind: Literal["unserved", "too_late"]
    service: Name
    waiting: Count
    windows: tuple[Count, ...] = ()
    until: Moment | None = None


class Expected(Wire):
    """What is expected of the next minutes: people over the promise or lost, minutes over the own target, the longest wait."""

    late: float = Field(ge=0)
    overdue_min: float = Field(ge=0)
    longest_min: float = Field(ge=0)


class Recommendation(Wire):
    """What is worth doing about the staff, and what is expected within `horizon_min` where it is done and where it is not.

    `group`: the further service group of `widen_profile`; `services`: what the window would take that people wait for;
    `minutes`: for how long, of `delay_break` by how much; `break_at`: the break meant; `alone`: this hall lets it act by itself.
    """

    id: Name
    kind: MeasureKind
    window: Name
    number: Count
    operator: Name | None = None
    group: Name | None = None
    services: tuple[Name, ...] = ()
    minutes: Count = 0
    break_at: Moment | None = None
    without: Expected
    done: Expected
    horizon_min: Count
    expires: Moment
    alone: bool = False


class Measure(Wire):
    """What was decided today about a recommendation. `by`: who decided, an operator or a box; None: the hall itself.

    `until`: to be done by then, or in force to then; fields of `Recommendation` else.
    """

    id: Name
    kind: MeasureKind
    state: MeasureState
    window: Name
    number: Count
    group: Name | None = None
    minutes: Count = 0
    break_at: Moment | None = None
    by: Name | None = None
    accepted_at: Moment
    until: Moment


class DeskCassette(Wire):
    """A cassette as the books have it: `notes` inside, worth `minor`. `collected_at` None: it is in the acceptor; else it waits to be
    counted, or counted again, and `inside` tells the minor units of a note and how many.
    """

    device: Name
    cassette: Name
    since: Moment
    notes: Count
    minor: Count
    nobodys: Count = 0
    doubtful: Count = 0
    currency: Currency
    collected_at: Moment | None = None
    inside: dict[Note, Count] = Field(default={}, max_length=32)


class DeskMoney(Wire):
    """Money at the terminal `dev` by the facts it told: what was taken today, and of any day the payments of which nobody knows how
    they ended (the oldest of `unknown_count`), the cassettes inside, each device's newest balance.
    """

    dev: Name
    currency: Currency
    card_minor: Count = 0
    card_count: Count = 0
    cash_minor: Count = 0
    cash_count: Count = 0
    unknown: tuple[DeskPayment, ...] = ()
    unknown_count: Count = 0
    cassettes: tuple[DeskCassette, ...] = ()
    balances: tuple[DeskBalance, ...] = ()


class DeskAlarm(Wire):
    """A silent alarm at `unit`, at hall time `since`; `window` None: the unit is bound to none."""

    unit: Name
    since: Moment
    window: Name | None = None


class ConsolesView(Snapshot):
    """`down/view` of a console: the live hall in one published view. `scores`: how many of today's visitors said 1, 2 … 5."""

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
    against_fifo: AgainstFifo | None = None
    advice: tuple[Advice, ...] = ()
    notices: tuple[DeskNotice, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    measures: tuple[Measure, ...] = ()
    alarms: tuple[DeskAlarm, ...] = ()
    scores: tuple[Count, ...] = Field(default=(), max_length=5)
    money: tuple[DeskMoney, ...] = ()
    revision: Count = 0
