"""What one command is about to do: its events so far, and the hall as it will be after them. Pure: the hall itself stays.

Handlers read and change the draft; a refusal throws it away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from contract.errors import ViknoError
from contract.messages import utc
from contract.words import LIFE, HallState, Light, Refusal, Role, TicketState, Verb
from coordinator import routing
from coordinator.floor import Desk, Floor
from coordinator.hours import Hours, hours
from coordinator.line import Waiting
from coordinator.record import DayRow, Leg, Measure, Note, Notice, Pause, Person, Record, Series, Ticket, Window
from coordinator.row import image
from coordinator.state import HallDay, light, wider
from journal.event import Event, Fact


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the box by its certificate, its role, and its units: unit id → (window id, number of keys)."""

    dev: str
    role: Role
    units: Mapping[str, tuple[str, int]] = field(default_factory=dict)


class RefusedError(ViknoError):
    """The command is not done. `text`: one sentence an operator understands; `facts` fill the catalogue's placeholders."""

    def __init__(self, code: Refusal, text: str, **facts: str | int) -> None:
        self.code, self.text = code, text
        self.facts = {name: str(value) for name, value in facts.items()}
        super().__init__(f"{code}: {text}")


class Draft:
    """The hall as the events collected so far will leave it, at the moment `now` (UTC, whole milliseconds); `hall`: its document."""

    def __init__(self, state: HallDay, now: datetime, actor: Actor, cmd: str | None, who: str) -> None:
        self.state, self.hall = state, state.hall
        self.now, self.actor = now, actor
        self._said: list[tuple[str, tuple[Record, ...], dict[str, Fact]]] = []
        self.persons: list[Person] = []
        self.notes: list[Note] = []
        self._cmd, self._who = cmd, who
        self._tickets: dict[str, Ticket] = {}
        self._windows: dict[str, Window] = {}
        self._notices: dict[str, Notice] = {}
        self._measures: dict[str, Measure] = {}
        self._day: DayRow | None = None
        self._entered = False
        self._desks: dict[str, Desk] = {}
        self._joined: dict[str, Waiting] = {}
        self._left: dict[str, Waiting] = {}

    # --- looking ---------------------------------------------------------------------------------------------------------

    @property
    def day(self) -> DayRow:
        """The current day as it will be."""
        return self._day or self.state.day

    @property
    def hours(self) -> Hours | None:
        """The current day's hours; None before the first opening ever."""
        return self.state.hours if self._day is None else hours(self.hall, self._day)

    def window(self, window: str) -> Window:
        """The window as it will be. Raises: KeyError: the hall has no such window."""
        return self._windows.get(window) or self.state.windows[window]

    def ticket(self, ticket: str) -> Ticket:
        """The ticket as it will be. Raises: RefusedError: today knows no such ticket."""
        found = self._tickets.get(ticket) or self.state.tickets.get(ticket)
        if found is None:
            raise RefusedError(Refusal.UNKNOWN_TICKET, "today there is no such ticket")
        return found

    def ticket_at(self, window: Window) -> Ticket | None:
        """The ticket called or served at the window."""
        return None if window.ticket is None else self.ticket(window.ticket)

    def notices(self) -> dict[str, Notice]:
        """Zone → the manager's message there, as it will be; one without texts shows nothing."""
        return {**self.state.notices, **self._notices}

    @property
    def measures(self) -> dict[str, Measure]:
        """What was decided today about the staff, as it will be."""
        return {**self.state.measures, **self._measures} if self._measures else self.state.measures

    def can(self, window: Window) -> frozenset[str]:
        """Ids of the services the window may take."""
        return self.state.can(window, self._wider(window.id))

    def _wider(self, window: str) -> tuple[str, ...] | None:
        return wider(self.measures.values(), window) if self._measures else None

    def light(self, window: Window) -> Light:
        """What the window shows."""
        return light(window, self.ticket_at(window))

    def floor(self) -> Floor:
        """The hall as routing sees it after the events so far, and after each further one. It is the hall's own: `leave` it."""
        if not self._entered:
            self._entered = True
            for ticket in self._tickets.values():
                self._stand(ticket)
            for window in self._windows.values():
                self._sit(window)
            for measure in self._measures.values():
                self._widen(measure)
        return self.state.floor

    def leave(self) -> None:
        """Give the hall its floor back as it is without the events of this draft; twice is fine."""
        if self._entered:
            self._entered = False
            floor = self.state.floor
            for one in self._joined.values():
                floor.lines.leave(one)
            for one in self._left.values():
                floor.lines.join(one)
            for desk in self._desks.values():
                floor.put(desk)
            self._joined.clear()
            self._left.clear()
            self._desks.clear()

    def _sit(self, window: Window) -> None:
        """The window as it will be; how it was is kept for `leave`."""
        floor = self.state.floor
        self._desks.setdefault(window.id, floor.desks[window.id])
        floor.put(self.state.desk(window, self._wider(window.id)))

    def _widen(self, measure: Measure) -> None:
        if measure.window in self.state.windows:  # a revision may have taken it out
            self._sit(self.window(measure.window))

    def _stand(self, ticket: Ticket) -> None:
        """The ticket as it will be, in line where it waits; who left its place in the hall is kept for `leave`."""
        lines, name = self.state.floor.lines, ticket.id
        if name in self._joined:
            lines.leave(self._joined.pop(name))
        elif name not in self._left and (one := self.state.in_line(name)) is not None:
            self._left[name] = one
            lines.leave(one)
        if ticket.state is TicketState.WAITING:
            self._joined[name] = one = routing.waiting(ticket)
            lines.join(one)

    def armed(self) -> frozenset[str]:
        """Ids of the windows that want a visitor, in no order."""
        changed = self._windows
        if not changed:
            return self.state.armed
        return (self.state.armed - changed.keys()) | {w for w, window in changed.items() if window.armed}

    def armed_for_new(self) -> Collection[str]:
        """Of `armed`, those that may find a visitor who was not there before."""
        if self._day is not None or self._measures:
            return self.armed()
        new = {t.service for t in self._tickets.values() if t.state is TicketState.WAITING}
        armed = self.armed() if new else ()
        if not armed:
            return ()
        able = (self.floor() if self._windows else self.state.floor).able
        return armed & {window for service in new for window in able.get(service, ())}

    def since_s(self, moment: datetime) -> float:
        """Hall seconds since `moment`; 0 where the clock went back behind it."""
        return max(0.0, round((self.now - moment).total_seconds(), 3))

    def within(self, moment: datetime, limit_s: float) -> bool:
        """Whether less than `limit_s` hall seconds passed since `moment`; False where the clock went back behind it."""
        return 0 <= (self.now - moment).total_seconds() < limit_s

    def wall_s(self, rule: str) -> float:
        """A rule given in seconds of the clock on the wall, as hall seconds."""
        return float(self.hall.rule(rule)) * self.state.pace

    # --- allowing --------------------------------------------------------------------------------------------------------

    def need_role(self, *roles: Role) -> None:
        """Raises: RefusedError unless the actor has one of the roles."""
        if self.actor.role not in roles:
            raise RefusedError(Refusal.NOT_ALLOWED, f"a {self.actor.role} may not do this")

    def move(self, ticket: Ticket, verb: Verb) -> TicketState:
        """Where `verb` takes the ticket by the table of its life. Raises: RefusedError: nowhere, or not by this actor."""
        try:
            after, roles = LIFE[ticket.state, verb]
        except KeyError:
            text = f"{ticket.label} is {ticket.state}: {verb} is not possible"
            raise RefusedError(Refusal.WRONG_STATE, text, label=ticket.label) from None
        if self.actor.role not in roles:
            raise RefusedError(Refusal.NOT_ALLOWED, f"a {self.actor.role} may not do this", label=ticket.label)
        return after

    def calling_stopped(self) -> RefusedError | None:
        """Why nobody is called now: the hall is closed, interrupted, or pauses between two spans of its hours."""
        if self.day.state is HallState.CLOSED:
            return RefusedError(Refusal.HALL_CLOSED, "the hall is closed")
        if self.day.state is HallState.INTERRUPTED:
            return RefusedError(Refusal.HALL_INTERRUPTED, "the hall is interrupted, every place is kept")
        if self.pausing() and self.hall.rule("hours.lunch_tickets") != "keep_waiting":
            return RefusedError(Refusal.HALL_CLOSED, "the hall pauses until its next opening hour, every place is kept")
        return None

    def pausing(self) -> bool:
        """Whether the hall pauses between two spans of its hours."""
        hours = self.hours
        return hours is not None and hours.between(self.now)

    # --- changing --------------------------------------------------------------------------------------------------------

    def say(self, kind: str, *records: Record, **facts: Fact) -> None:
        """Add an event whose rows are `records`, in that order."""
        for record in records:
            match record:
                case Ticket():
                    if self._entered:
                        self._stand(record)
                    self._tickets[record.id] = record
                case Window():
                    if self._entered:
                        self._sit(record)
                    self._windows[record.id] = record
                case Leg() | Pause() | Series():
                    pass  # nothing is decided by them within a command
                case DayRow():
                    self._day = record
                case Notice():
                    self._notices[record.zone] = record
                case Measure():
                    self._measures[record.id] = record
                    if self._entered:
                        self._widen(record)
        self._said.append((kind, records, facts))

    def told(self) -> tuple[tuple[Event, ...], tuple[Record, ...]]:
        """All events, and the records of their rows in order.

        A window is told by the last event that changed it: as it was between two of them nobody ever saw it.
        """
        at = utc(self.now)
        events, kept = [], []
        for kind, records, facts in self._said:
            last = [r for r in records if type(r) is not Window or self._windows[r.id] is r]
            kept += last
            events.append(Event(kind, at, self._who, self._cmd, facts, tuple([image(r) for r in last])))
        return tuple(events), tuple(kept)
