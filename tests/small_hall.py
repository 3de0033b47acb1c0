"""An invented hall of four windows, and a player that does commands in it the way the coordinator does."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from contract import hall as document
from contract import messages as m
from contract.hall import Hall
from contract.words import Light, MeasureKind, Paper, Refusal, Role, TicketState
from coordinator import measure
from coordinator.effect import Expected, Weighed
from coordinator.engine import Actor, Decided, PaperKnown, Tick, answer, apply, decide
from coordinator.planner import Recommendation
from coordinator.record import Ticket, Window
from coordinator.routing import minute
from coordinator.row import read
from coordinator.state import HallDay, light
from journal.event import Event, Row, body, rows_of

WEEK = ("mon", "tue", "wed", "thu", "fri")
STRAIGHT = ("09:00-17:00",)
LUNCH = ("09:00-12:30", "13:30-17:00")

KIOSK = Actor("kiosk-1", Role.KIOSK)
OTHER_KIOSK = Actor("kiosk-2", Role.KIOSK)
BRIDGE = Actor("bridge-1", Role.BRIDGE, {"pad-1": ("W1", 1), "pad-2": ("W2", 5), "pad-4": ("W4", 1)})
CONSOLE = Actor("console-1", Role.CONSOLE)
BOARD = Actor("board-1", Role.BOARD)
CLOCK = Actor("coordinator", Role.COORDINATOR)

OPERATORS = {"W1": "ona", "W2": "tam", "W3": "rik", "W4": "bea"}


def _named(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "names": {"en": name.title()}, **more}


def _service(name: str, group: str, right: str, **more: Any) -> dict[str, Any]:
    return _named(name, group=group, right=right, minutes_typical=8, minutes_long=20, **more)


def _window(name: str, employer: str, groups: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "number": int(name[1:]),
        "employer": employer,
        "zone": "front",
        "groups": groups.split(),
        **more,
    }


def _operator(name: str, employer: str, *rights: str, to: str | None = None) -> dict[str, Any]:
    held = [{"right": right, "employer": employer, "from": "2020-01-01", "to": to} for right in rights]
    return {"id": name, "name": name.title(), "employer": employer, "rights": held, "pin_hash": f"pin of {name}"}


def _document() -> dict[str, Any]:
    return {
        "format": "vikno-hall/1", "id": "small", "revision": 3, "names": {"en": "Small hall"}, "short_names": {"en": "Small"},
        "languages": ["en"], "default_language": "en", "timezone": "Asia/Bishkek", "currency": "KGS",
        "employers": [_named("council"), _named("registry")],
        "rights": [
            _named("counsel", employers=["council", "registry"]),
            _named("civil", employers=["registry"]),
            _named("passport", employers=["council"], station="biometric"),
        ],
        "zones": [_named("front"), _named("back")],
        "service_groups": [
            _named("general", letter="A", zone="front"),
            _named("acts", letter="B", zone="back"),
            _named("papers", letter="C", zone="front"),
        ],
        "services": [
            _service("advice", "general", "counsel"),
            _service("intake", "general", "counsel"),
            _service("birth", "acts", "civil"),
            _service("loss", "acts", "civil", quiet=True),
            _service("passport", "papers", "passport"),
        ],
        "priority_groups": [_named("veteran", level=1, letter="P"), _named("parent", level=2)],
        "windows": [
            _window("W1", "council", "general"),
            _window("W2", "registry", "general acts"),
            _window("W3", "registry", "acts"),
            _window("W4", "council", "general papers", station="biometric"),
        ],
        "operators": [
            _operator("ona", "council", "counsel"),
            _operator("tam", "registry", "counsel", "civil"),
            _operator("rik", "registry", "civil"),
            _operator("bea", "council", "counsel", "passport"),
            _operator("old", "council", "counsel", to="2026-03-16"),
        ],
    }  # fmt: skip


def hall(spans: tuple[str, ...] = STRAIGHT, rules: Mapping[str, Any] | None = None, **changes: Any) -> Hall:
    """The small hall, open on weekdays for `spans`, with `rules`, any top-level part of the document replaced by `changes`."""
    parts = _document() | {"hours": dict.fromkeys(WEEK, spans), "rules": dict(rules or {})} | changes
    return document.load(json.dumps(parts))


def parts(name: str) -> list[dict[str, Any]]:
    """A list of the small hall's document, to change and give to `hall`."""
    found: list[dict[str, Any]] = _document()[name]
    return found


KEY = bytes(range(32))
"""The small hall's own key."""


class Play:
    """One hall and its clock. Every command is checked: a refusal changes no row, and events survive their journal text."""

    def __init__(self, hall: Hall, clock: str = "09:00", day: str = "2026-03-17", pace: float = 1.0) -> None:
        self.state = HallDay(hall, pace, KEY)
        self.hall = hall
        self.now = datetime.min.replace(tzinfo=UTC)
        self.at(clock, day)
        self.events: list[Event] = []
        self.last: tuple[Event, ...] = ()
        self._ids = itertools.count(1)

    # --- time ------------------------------------------------------------------------------------------------------------

    def at(self, clock: str, day: str | None = None) -> Play:
        """Set the hall's wall clock."""
        self.now = self.local(clock, day)
        return self

    def wait(self, seconds: float) -> Play:
        """Let time pass without a tick."""
        self.now += timedelta(seconds=seconds)
        return self

    # --- doing -----------------------------------------------------------------------------------------------------------

    def do(self, command: Any, actor: Actor) -> m.AnyReply | None:
        """Decide and apply; PINs are right when they are the operator's id."""
        before = self.state.rows()
        decided = decide(self.state, command, actor, self.now, verify=lambda pin, pin_hash: pin_hash == f"pin of {pin}")
        assert self.state.rows() == before, "decide changed the hall"
        if not isinstance(decided, Decided):
            self.last = ()
            assert decided.text
            return decided
        self.last = decided.events
        for event in decided.events:
            assert rows_of(body(event)) == [Row(row.table, dict(row.values)) for row in event.rows]
        rows = [row for event in decided.events for row in event.rows]
        assert [read(type(r), row.values) for r, row in zip(decided.records, rows, strict=True)] == list(
            decided.records
        )
        apply(self.state, decided.events)
        for person in decided.persons:
            self.state.take(person)
        for note in decided.notes:
            self.state.take(note)
        self.events += decided.events
        return decided.reply

    def id(self) -> dict[str, Any]:
        return {"id": f"c{next(self._ids)}"}

    def tick(self) -> Play:
        self.do(Tick(), CLOCK)
        return self

    def open(self, *windows: str) -> Play:
        """Open the day by its hours, and these windows with their operators."""
        self.tick()
        for window in windows:
            self.login(window)
            self.ok(m.WindowOpen(**self.id(), window=window), CONSOLE)
        return self

    def login(self, window: str, operator: str | None = None) -> Any:
        operator = operator or OPERATORS[window]
        return self.do(m.WindowLogin(**self.id(), window=window, operator=operator, pin=operator), CONSOLE)

    def ok(self, command: Any, actor: Actor) -> Any:
        reply = self.do(command, actor)
        assert not isinstance(reply, m.Refused), reply
        return reply

    def no(self, command: Any, actor: Actor) -> m.Refused:
        reply = self.do(command, actor)
        assert isinstance(reply, m.Refused), reply
        return reply

    def ask(self, service: str = "advice", actor: Actor = KIOSK, **more: Any) -> Any:
        """Ask for a ticket; the answer may be a refusal."""
        return self.do(m.TicketIssue(**self.id(), service=service, lang="en", **more), actor)

    def take(self, service: str = "advice", **more: Any) -> str:
        """A paperless ticket, callable at once; its label. A second passes, so that places differ."""
        reply = self.ask(service, paper=False, **more)
        assert isinstance(reply, m.Issued), reply
        self.wait(1)
        return reply.label

    def local(self, clock: str, day: str | None = None) -> datetime:
        """A moment on the hall's wall clock, today or on `day`."""
        on = day or self.hall.local(self.now).date().isoformat()
        return datetime.fromisoformat(f"{on}T{clock}").replace(tzinfo=self.hall.zone_info).astimezone(UTC)

    def book(self, clock: str, day: str | None = None, actor: Actor = CONSOLE, **more: Any) -> Any:
        """Book a visit; the answer may be a refusal."""
        said = {"service": "advice", "lang": "en"} | more
        return self.do(m.BookingBook(**self.id(), start=self.local(clock, day), **said), actor)

    def check_in(self, code: str, actor: Actor = KIOSK) -> Any:
        """A paperless check-in; the answer may be a refusal."""
        return self.do(m.BookingCheckIn(**self.id(), code=code, lang="en", paper=False), actor)

    def question(self, kind: type[m.AnyQuestion], actor: Actor = CONSOLE, **more: Any) -> Any:
        """The answer to a question, which changes no row."""
        before = self.state.rows()
        reply = answer(self.state, kind(**self.id(), **more), actor, self.now)
        assert self.state.rows() == before
        return reply

    def slots(self, day: str = "2026-03-17", actor: Actor = CONSOLE, **more: Any) -> dict[str, int]:
        """Free slots of a day: hall-local time → how many."""
        said = {"service": "advice", "day": date.fromisoformat(day)} | more
        reply = self.question(m.BookingSlots, actor, **said)
        assert isinstance(reply, m.Slots), reply
        return {f"{self.hall.local(slot.start):%H:%M}": slot.free for slot in reply.slots}

    def paper(self, label: str, paper: Paper, actor: Actor = KIOSK) -> None:
        assert self.do(PaperKnown(self.ticket(label).id, paper), actor) is None

    def next(self, window: str = "W1") -> Any:
        """A console's call-next."""
        return self.do(m.CallNext(**self.id(), window=window), CONSOLE)

    def press(self, pad: str = "pad-1") -> Any:
        """A press on a pad: pad-1 at W1 and pad-4 at W4 have one key, pad-2 at W2 has five."""
        return self.do(m.CallNext(**self.id(), unit=pad), BRIDGE)

    def desk(self, kind: type[m.WindowCommand], window: str = "W1", **more: Any) -> Any:
        return self.do(kind(**self.id(), window=window, **more), CONSOLE)

    def of(self, kind: type[m.TicketCommand], label: str, actor: Actor = CONSOLE, **more: Any) -> Any:
        return self.do(kind(**self.id(), ticket=self.ticket(label).id, **more), actor)

    def recommend(
        self, kind: MeasureKind, window: str = "W1", group: str | None = None, *, gain: float = 100.0, lasts: float = 15.0
    ) -> str:  # fmt: skip
        """As when the child had found it worth doing just now; its id."""
        minutes = 30.0 if kind is MeasureKind.DELAY_BREAK else 60.0
        what = Recommendation(window, kind, minutes, 20.0, (), minute(self.now) + lasts, group)
        found = Weighed(what, Expected(9.0, 100.0 + gain, 44.0), Expected(4.0, 100.0, 31.0), sure=True)
        self.state.recommended = measure.recommended(self.state, [found], self.now)
        return next(iter(self.state.recommended.weighed))

    def accept(self, name: str, actor: Actor = CONSOLE, **more: Any) -> Any:
        """Accept a recommendation; the answer may be a refusal."""
        return self.do(m.PlanAccept(**self.id(), recommendation=name, **more), actor)

    def dismiss(self, name: str, actor: Actor = CONSOLE, **more: Any) -> Any:
        """Not now; the answer may be a refusal."""
        return self.do(m.PlanDismiss(**self.id(), recommendation=name, **more), actor)

    # --- looking ---------------------------------------------------------------------------------------------------------

    def ticket(self, label: str) -> Ticket:
        return next(t for t in self.state.tickets.values() if t.label == label)

    def where(self, label: str) -> TicketState:
        return self.ticket(label).state

    def window(self, window: str = "W1") -> Window:
        return self.state.window(window)

    def light(self, window: str = "W1") -> Light:
        return light(self.window(window), self.state.ticket_at(window))

    def kinds(self) -> list[str]:
        """The kinds of the last command's events."""
        return [event.kind for event in self.last]


def refused(reply: object, code: Refusal) -> dict[str, str]:
    """The facts of a refusal, which must be `code`."""
    assert isinstance(reply, m.Refused), reply
    assert reply.code is code, reply
    return reply.facts
