"""State as it is shown: retained, whole, with a revision; and the announcement edge. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from contract.messages.envelope import Count, Message, Moment, Name, Wait, Wire
from contract.messages.notices import NoticeTexts
from contract.words import HallState, Light, Refusal


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

    def hall_time(self, age_s: float) -> datetime:
        """Hall time when this is `age_s` wire seconds old: carried on at the hall's pace."""
        return self.now + timedelta(seconds=age_s * self.speed)


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
    """`down/view` of a bridge or display box: unit id → what that pad or display shows. `training`: nothing of the hall is real."""

    t: Literal["view.windows"] = "view.windows"
    units: dict[str, WindowView]
    training: bool = False


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
    `notice`: a manager's message, language → text; empty: none.
    """

    t: Literal["board"] = "board"
    zone: Name
    state: HallState
    calls: tuple[BoardCall, ...]
    waiting: dict[str, Count] = {}
    waits: dict[str, Wait] = {}
    notice: NoticeTexts = {}


class Announce(Message):
    """`pub/call`: the announcement edge for chime and voice; expires, never retained.

    `quiet`: a matter of grief; said once, without chime, in the visitor's own language only.
    """

    t: Literal["call"] = "call"
    label: Name
    number: Count
    zone: Name
    lang: str
    again: Count = 0
    quiet: bool = False


class Say(Message):
    """`pub/call`: a manager's text for the voice, language → text. `zone` None: every zone.

    `priority`: 5 and above speak before waiting calls, below after them.
    """

    t: Literal["say"] = "say"
    texts: dict[Name, Annotated[str, Field(min_length=1, max_length=200)]] = Field(min_length=1, max_length=8)
    zone: Name | None = None
    priority: int = Field(default=0, ge=0, le=9)
