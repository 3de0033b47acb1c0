"""Commands about tickets, calls, windows and the hall: a box asks, the coordinator answers exactly once per id. Pure."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contract.messages.envelope import Command, Name, Question, StaffCommand
from contract.words import PauseKind, Pick

VisitText = Annotated[str, Field(max_length=300)]
"""A note about a visit."""


class TicketIssue(StaffCommand):
    """A visitor wants a ticket. `then`: further services of the same visit, in order. `paper` False: paperless by choice."""

    t: Literal["ticket.issue"] = "ticket.issue"
    service: Name
    then: tuple[Name, ...] = Field(default=(), max_length=8)
    priority_group: Name | None = None
    lang: str = Field(min_length=2, max_length=8)
    paper: bool = True


class TicketCommand(StaffCommand):
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


class TicketExplain(Question):
    """Why has today's ticket `label` not been called yet? Consoles only."""

    t: Literal["ticket.explain"] = "ticket.explain"
    label: Name


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


class CallPick(WindowCommand):
    """Call today's visitor `label` who waits, is parked or missed the call, out of turn. `why`: a word, so that no person is named."""

    t: Literal["call.pick"] = "call.pick"
    label: Name
    why: Pick


class CallRecall(WindowCommand):
    """Call the called visitor once more."""

    t: Literal["call.recall"] = "call.recall"


class CallStart(WindowCommand):
    """The visitor has come."""

    t: Literal["call.start"] = "call.start"


class CallFinish(WindowCommand):
    """The visitor was served; further services of the visit put the ticket back to waiting. `result`: one of the hall's results."""

    t: Literal["call.finish"] = "call.finish"
    result: Name | None = None


class CallNoShow(WindowCommand):
    """The called visitor did not come."""

    t: Literal["call.no_show"] = "call.no_show"


class CallPark(WindowCommand):
    """Set the visitor at the window aside, to come back by `ticket.return`, place kept. `result`: why, one of the hall's results."""

    t: Literal["call.park"] = "call.park"
    result: Name | None = None


class CallTransfer(WindowCommand):
    """Send the visitor on to another service, or to another window, or both; at least one. Which window is the hall's choice where
    none is said. `first`: before all who wait there, else where the rule `transfer.place` says. `note`: as in `VisitNote`.
    """

    t: Literal["call.transfer"] = "call.transfer"
    service: Name | None = None
    to_window: Name | None = None
    first: bool = False
    note: VisitText | None = Field(default=None, repr=False)


class VisitAdd(WindowCommand):
    """The visitor at the window wants one more service after those that are still to come."""

    t: Literal["visit.add"] = "visit.add"
    service: Name


class VisitDrop(WindowCommand):
    """The visitor at the window wants this further service no more."""

    t: Literal["visit.drop"] = "visit.drop"
    service: Name


class VisitNote(WindowCommand):
    """What the next window should know of the visitor at this one; empty: nothing any more.

    It may be personal: it stands in the coordinator's memory until the visit ends and in no journal.
    """

    t: Literal["visit.note"] = "visit.note"
    text: VisitText = Field(repr=False)


class WindowOpen(WindowCommand):
    """The window takes visitors (also: back from a break)."""

    t: Literal["window.open"] = "window.open"


class WindowPause(WindowCommand):
    """A break: no calls until it is opened again. `minutes`: planned; a second one of the same break corrects it."""

    t: Literal["window.pause"] = "window.pause"
    pause: PauseKind | None = None
    minutes: int | None = Field(default=None, ge=1, le=240)


class WindowAlarm(WindowCommand):
    """Silent alarm: the operator needs help and nobody at the window is to notice."""

    t: Literal["window.alarm"] = "window.alarm"


class AlarmEnd(StaffCommand):
    """The silent alarms of `unit` at `window` have been seen to. Consoles only."""

    t: Literal["alarm.end"] = "alarm.end"
    unit: Name
    window: Name | None = None


class OperatorDay(Question):
    """What has `operator`, logged in at `window`, done today? Told to nobody else."""

    t: Literal["operator.day"] = "operator.day"
    window: Name
    operator: Name


class WindowClose(WindowCommand):
    """The window takes no more visitors today, until opened again."""

    t: Literal["window.close"] = "window.close"


class WindowLogin(WindowCommand):
    """An operator sits down, known by exactly one of `pin` and `by`.

    `pin`: checked by the coordinator and never journaled or logged. `by`: the account under which the console
    knows the operator already (a password, a badge): the console's word is taken for it, and is journaled.
    """

    t: Literal["window.login"] = "window.login"
    pin: str | None = Field(default=None, min_length=1, max_length=32, repr=False)
    by: Name | None = None

    @model_validator(mode="after")
    def _one_proof(self) -> WindowLogin:
        if (self.pin is None) == (self.by is None):
            raise ValueError("exactly one of pin and by is needed")
        return self


class WindowLogout(WindowCommand):
    """The operator leaves; the window closes."""

    t: Literal["window.logout"] = "window.logout"


class HallOpen(StaffCommand):
    """Open the day now (otherwise by the hours)."""

    t: Literal["hall.open"] = "hall.open"


class HallInterrupt(StaffCommand):
    """Stop calling, keep every place. `reason`: one sentence for the staff."""

    t: Literal["hall.interrupt"] = "hall.interrupt"
    reason: str = Field(default="", max_length=200)


class HallResume(StaffCommand):
    """Go on at the same ticket."""

    t: Literal["hall.resume"] = "hall.resume"


class HallClose(StaffCommand):
    """Close the day now: what is left ends as cancelled with that reason."""

    t: Literal["hall.close"] = "hall.close"


class PlanCommand(StaffCommand):
    """Base of what is decided about a recommendation by its id. Consoles only."""

    recommendation: Name


class PlanAccept(PlanCommand):
    """Do it: what the hall can do itself holds at once, what a person must do is asked of them."""

    t: Literal["plan.accept"] = "plan.accept"


class PlanDismiss(PlanCommand):
    """Not now."""

    t: Literal["plan.dismiss"] = "plan.dismiss"
