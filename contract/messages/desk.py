"""The live hall as staff see it: the one published view of the consoles. Pure."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from contract.messages.devices import UnitHealth
from contract.messages.envelope import Count, Moment, Name, Wait, Wire
from contract.messages.notices import DeskNotice
from contract.messages.views import Snapshot
from contract.words import HallState, Light, Role, TicketState, Why


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
    """A box as staff see it; `units` as it told them last."""

    dev: Name
    kind: Role
    state: Literal["here", "lost", "left", "unknown"]
    since: Moment | None = None
    faults: tuple[str, ...] = ()
    units: dict[str, UnitHealth] = {}


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
    advice: tuple[Advice, ...] = ()
    notices: tuple[DeskNotice, ...] = ()
    alarms: tuple[DeskAlarm, ...] = ()
    scores: tuple[Count, ...] = Field(default=(), max_length=5)
