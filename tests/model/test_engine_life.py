"""A hall under any sequence of commands, by anybody, at any time: nothing is lost, doubled, stuck or changed by a refusal.

`VIKNO_MODEL=long` runs many more and longer days.
"""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contract import messages as m
from contract.words import LIVE, MeasureKind, Paper, Pick, Role, TicketState
from coordinator import policy
from coordinator.bookings import seal
from coordinator.bookings.diary import Diary
from coordinator.draft import Draft
from coordinator.engine import Actor, PaperKnown, Tick, apply
from coordinator.record import Booking, Person, Ticket
from coordinator.routing import minute
from coordinator.row import read
from coordinator.state import HallDay, load
from journal.event import Row
from journal.schema import HALL
from tests.small_hall import (
    BOARD,
    BRIDGE,
    CLOCK,
    CONSOLE,
    KEY,
    KIOSK,
    LUNCH,
    OPERATORS,
    OTHER_KIOSK,
    STRAIGHT,
    WEEK,
    Play,
    hall,
    parts,
)

LONG = os.environ.get("VIKNO_MODEL") == "long"
PROFILE = settings(
    max_examples=1500 if LONG else 120,
    stateful_step_count=150 if LONG else 80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

RULES = st.fixed_dictionaries({
    "hours.lunch_tickets": st.sampled_from(["keep_waiting", "no_calls", "release"]),
    "call.no_show_then": st.sampled_from(["void", "back_of_queue", "place_kept_n", "ordinary_queue"]),
    "ticket.own_series_for_priority": st.booleans(),
    "call.return_within_tickets": st.integers(0, 2),
    "booking.late_then": st.sampled_from(["ordinary_queue", "end_of_hour", "lost"]),
    "booking.share_online": st.sampled_from([0.3, 1.0]),
    "booking.rebook_frees_slot": st.booleans(),
    "booking.freed_slot_quarantine_min": st.sampled_from([0, 60]),
    "booking.per_person_active": st.just(2),
    "booking.per_person_per_day": st.just(2),
    "booking.services_max": st.just(2),
    "transfer.place": st.sampled_from(["end", "kept"]),
    "plan.act_alone": st.sampled_from([[], ["open", "widen_profile"]]),
})  # fmt: skip
WINDOWS = st.sampled_from(["W1", "W2", "W3", "W4", "W9"])
PADS = st.sampled_from(["pad-1", "pad-2", "pad-4", "pad-9"])
SERVICES = st.sampled_from(["advice", "intake", "birth", "loss", "passport", "flying"])
PEOPLE = st.sampled_from([*OPERATORS.values(), "old", "eve", None])
STRANGERS = st.sampled_from([KIOSK, OTHER_KIOSK, BRIDGE, CONSOLE, BOARD, Actor("terminal-1", Role.TERMINAL)])
AT_DESK = st.sampled_from([m.CallNext, m.CallRecall, m.CallStart, m.CallFinish, m.CallNoShow, m.CallPark])
AT_BUSY = st.sampled_from([
    m.CallRecall, m.CallStart, m.CallStart, m.CallFinish, m.CallFinish, m.CallNoShow, m.CallPark, m.CallTransfer,
    m.VisitAdd, m.VisitDrop, m.VisitNote,
])  # fmt: skip
OF_WINDOW = st.sampled_from([m.WindowOpen, m.WindowPause, m.WindowClose, m.WindowLogout])
OF_HALL = st.sampled_from([m.HallOpen, m.HallInterrupt, m.HallResume, m.HallResume, m.HallClose])
OF_TICKET = st.sampled_from([m.TicketCancel, m.TicketReturn, m.TicketReturn, m.TicketVoid])
SOON = st.sampled_from([0.0, 0.4, 1.0, 2.5, 12.0, 61.0])
JUMP = st.sampled_from([-86_400.0 * 3, -86_400.0, -3700.0, -90.0, 600.0, 4 * 3600.0, 86_400.0, 86_400.0 * 30])


ROSTER = ("09:00-11:00", "11:30-12:30", "13:30-17:00")
STAFFED = [{**w, "roster": dict.fromkeys(WEEK, ROSTER)} if w["id"] == "W3" else w for w in parts("windows")]


GROUPS = st.sampled_from(["general", "acts", "papers", None])
RECOMMENDED = st.sampled_from([
    (MeasureKind.WIDEN_PROFILE, "W3", "general"), (MeasureKind.WIDEN_PROFILE, "W3", "general"),
    (MeasureKind.DELAY_BREAK, "W3", None), (MeasureKind.OPEN, "W4", None), (MeasureKind.CLOSE, "W1", None),
])  # fmt: skip
"""What often fits this hall."""
ABLE = [
    {**o, "rights": [*o["rights"], parts("operators")[1]["rights"][0]]} if o["id"] == "rik" else o
    for o in parts("operators")
]
"""Who sits at W3 might give advice, too."""


class Day(RuleBasedStateMachine):
    """One hall. Every step is checked by `Play.do` as well: decide changes nothing, a refusal leaves every row."""

    @initialize(rules=RULES, spans=st.sampled_from([STRAIGHT, LUNCH]), pace=st.sampled_from([1.0, 30.0]))
    def begin(self, rules: dict[str, Any], spans: tuple[str, ...], pace: float) -> None:
        self.play = Play(hall(spans, rules, windows=STAFFED, operators=ABLE), pace=pace)
        self.pace = pace
        self.share = rules["booking.share_online"]
        self.labels: set[tuple[object, str]] = set()
        self.exchanged: set[object] = set()
        self.tables: dict[tuple[object, ...], Row] = {}
        self.seen = 0
        self.play.open("W1", "W2", "W3", "W4")
        self.follow()

    def do(self, command: Any, actor: Actor) -> None:
        self.play.do(command, actor)
        self.follow()

    def some(self, choice: int) -> str:
        """The id of one of today's tickets, or of none."""
        names = [*sorted(self.play.state.tickets), "260317-X999"]
        return names[choice % len(names)]

    def busy(self) -> list[str]:
        return [w.id for w in self.play.state.windows.values() if w.ticket is not None]

    def away(self) -> list[str]:
        state = self.play.state
        return [*state.in_state(TicketState.PARKED), *state.in_state(TicketState.NO_SHOW)]

    # --- what may happen -------------------------------------------------------------------------------------------------

    @rule(service=SERVICES, then=st.lists(SERVICES, max_size=2), priority=st.sampled_from([None, None, "veteran", "parent"]),
          paper=st.booleans(), actor=STRANGERS, lang=st.sampled_from(["en", "en", "en", "uk"]))  # fmt: skip
    def issue(self, service: str, then: list[str], priority: str | None, paper: bool, actor: Actor, lang: str) -> None:
        asked = m.TicketIssue(
            **self.play.id(), service=service, then=tuple(then), priority_group=priority, lang=lang, paper=paper
        )
        self.do(asked, actor)

    @rule(service=SERVICES, then=st.lists(SERVICES, max_size=2), day=st.integers(-1, 9), quarter=st.integers(-1, 36),
          person=st.sampled_from([None, "invented 1", "invented 2", "invented 3"]), company=st.booleans(), actor=STRANGERS)  # fmt: skip
    def book(
        self, service: str, then: list[str], day: int, quarter: int, person: str | None, company: bool, actor: Actor
    ) -> None:
        asked = m.BookingBook(
            **self.play.id(), service=service, then=tuple(then), start=self.moment(day, quarter), lang="en", person=person,
            company=company,
        )  # fmt: skip
        self.do(asked, actor)

    @rule(service=st.sampled_from(["advice", "birth", "passport"]), quarter=st.integers(0, 3))
    def book_soon(self, service: str, quarter: int) -> None:
        """What can be checked in before long."""
        now = self.play.now
        start = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + timedelta(minutes=15 * quarter)
        self.do(m.BookingBook(**self.play.id(), service=service, start=start, lang="en"), CONSOLE)

    @rule(choice=st.integers(0, 20), actor=STRANGERS, paper=st.booleans())
    def check_in(self, choice: int, actor: Actor, paper: bool) -> None:
        self.do(m.BookingCheckIn(**self.play.id(), code=self.code(choice), lang="en", paper=paper), actor)

    @rule(choice=st.integers(0, 20), day=st.integers(0, 9), quarter=st.integers(0, 36), actor=STRANGERS)
    def move(self, choice: int, day: int, quarter: int, actor: Actor) -> None:
        self.do(m.BookingMove(**self.play.id(), code=self.code(choice), start=self.moment(day, quarter)), actor)

    @rule(choice=st.integers(0, 20), actor=STRANGERS)
    def give_up(self, choice: int, actor: Actor) -> None:
        self.do(m.BookingCancel(**self.play.id(), code=self.code(choice)), actor)

    def moment(self, day: int, quarter: int) -> datetime:
        """A quarter of an hour after nine, `day` days from today."""
        on = self.play.hall.local(self.play.now).date() + timedelta(days=day)
        return self.play.local("09:00", on.isoformat()) + timedelta(minutes=15 * quarter)

    def code(self, choice: int) -> str:
        """The code of a booking, or of none."""
        codes = ["00000000", *(b.code for b in self.play.state.diary.records())]
        return codes[choice % len(codes)]

    @rule(services=st.lists(st.sampled_from(["advice", "intake", "birth", "passport"]), min_size=1, max_size=3))
    def take(self, services: list[str]) -> None:
        first, *then = services
        self.do(m.TicketIssue(**self.play.id(), service=first, then=tuple(then), lang="en", paper=False), KIOSK)

    @rule(window=st.sampled_from(list(OPERATORS)), seconds=st.sampled_from([3.0, 31.0, 61.0]))
    def call(self, window: str, seconds: float) -> None:
        self.play.wait(seconds * self.pace)
        self.do(m.CallNext(**self.play.id(), window=window), CONSOLE)

    @precondition(lambda self: self.busy())
    @rule(choice=st.integers(0, 3), kind=AT_BUSY, service=SERVICES, to_window=st.sampled_from([None, "W2", "W4"]))
    def act(self, choice: int, kind: type[m.WindowCommand], service: str, to_window: str | None) -> None:
        windows = self.busy()
        more: dict[str, Any] = {"text": service} if kind is m.VisitNote else {}
        if kind in {m.CallTransfer, m.VisitAdd, m.VisitDrop}:
            more = {"service": service}
        if kind is m.CallTransfer:
            more |= {"to_window": to_window, "first": choice % 2 == 0, "note": to_window}
        self.do(kind(**self.play.id(), window=windows[choice % len(windows)], **more), CONSOLE)

    @rule(window=st.sampled_from(list(OPERATORS)), choice=st.integers(0, 40), why=st.sampled_from(Pick))
    def pick(self, window: str, choice: int, why: Pick) -> None:
        label = self.some(choice).partition("-")[2]
        self.do(m.CallPick(**self.play.id(), window=window, label=label, why=why), CONSOLE)

    @precondition(lambda self: self.away())
    @rule(choice=st.integers(0, 3))
    def come_back(self, choice: int) -> None:
        away = self.away()
        self.do(m.TicketReturn(**self.play.id(), ticket=away[choice % len(away)]), CONSOLE)

    @rule(choice=st.integers(0, 40), paper=st.sampled_from(Paper), actor=st.sampled_from([KIOSK, KIOSK, CLOCK, BOARD]))
    def paper(self, choice: int, paper: Paper, actor: Actor) -> None:
        self.do(PaperKnown(self.some(choice), paper), actor)

    @rule(kind=OF_TICKET, choice=st.integers(0, 40), actor=st.sampled_from([CONSOLE, CONSOLE, KIOSK, BRIDGE]))
    def of_ticket(self, kind: type[m.TicketCommand], choice: int, actor: Actor) -> None:
        self.do(kind(**self.play.id(), ticket=self.some(choice)), actor)

    @rule(pad=PADS)
    def press(self, pad: str) -> None:
        self.do(m.CallNext(**self.play.id(), unit=pad), BRIDGE)

    @rule(kind=AT_DESK, window=WINDOWS)
    def at_desk(self, kind: type[m.WindowCommand], window: str) -> None:
        self.do(kind(**self.play.id(), window=window), CONSOLE)

    @rule(kind=AT_DESK, window=WINDOWS, actor=STRANGERS, operator=PEOPLE)
    def at_desk_by_anybody(self, kind: type[m.WindowCommand], window: str, actor: Actor, operator: str | None) -> None:
        self.do(kind(**self.play.id(), window=window, operator=operator), actor)

    @rule(window=WINDOWS, service=st.one_of(st.none(), SERVICES), to_window=st.one_of(st.none(), WINDOWS))
    def transfer(self, window: str, service: str | None, to_window: str | None) -> None:
        self.do(m.CallTransfer(**self.play.id(), window=window, service=service, to_window=to_window), CONSOLE)

    @rule(kind=OF_WINDOW, window=WINDOWS)
    def of_window(self, kind: type[m.WindowCommand], window: str) -> None:
        self.do(kind(**self.play.id(), window=window), CONSOLE)

    @rule(window=WINDOWS, operator=PEOPLE, pin=PEOPLE)
    def login(self, window: str, operator: str | None, pin: str | None) -> None:
        self.do(m.WindowLogin(**self.play.id(), window=window, operator=operator, pin=pin or "0"), CONSOLE)

    @rule(window=st.sampled_from(list(OPERATORS)))
    def work(self, window: str) -> None:
        self.play.login(window)
        self.follow()
        self.do(m.WindowOpen(**self.play.id(), window=window), CONSOLE)

    @rule(what=st.one_of(RECOMMENDED, st.tuples(st.sampled_from(MeasureKind), WINDOWS, GROUPS)),
          actor=st.sampled_from([CONSOLE, CONSOLE, CONSOLE, KIOSK]), operator=st.sampled_from([None, None, "rik", "eve"]),
          wanted=st.sampled_from([True, True, False, None]), lasts=st.sampled_from([15.0, 15.0, 15.0, 0.0]))  # fmt: skip
    def recommended(
        self, what: tuple[MeasureKind, str, str | None], actor: Actor, operator: str | None, wanted: bool | None, lasts: float
    ) -> None:  # fmt: skip
        """Something is recommended, sensible or not; a person decides about it, or the hall by itself may."""
        name = self.play.recommend(*what, lasts=lasts)
        if wanted is not None:
            ask = m.PlanAccept if wanted else m.PlanDismiss
            self.do(ask(**self.play.id(), recommendation=name, operator=operator), actor)

    @rule(kind=OF_HALL, often=st.integers(0, 7))
    def of_hall(self, kind: type[m.Command], often: int) -> None:
        if often == 0 or kind is m.HallResume:
            self.do(kind(**self.play.id()), CONSOLE)

    @rule(text=st.sampled_from([{}, {"en": "Bring a pen"}, {"xx": "?"}]), zones=st.sampled_from([(), ("front",), ("roof",)]),
          minutes=st.sampled_from([None, -1, 5]), actor=STRANGERS)  # fmt: skip
    def notice(self, text: dict[str, str], zones: tuple[str, ...], minutes: int | None, actor: Actor) -> None:
        until = None if minutes is None else self.play.now + timedelta(minutes=minutes)
        self.do(m.HallNotice(**self.play.id(), texts=text, zones=zones, until=until), actor)

    @rule(seconds=SOON)
    def soon(self, seconds: float) -> None:
        self.play.wait(seconds * self.pace)
        self.do(Tick(), CLOCK)

    @rule(seconds=JUMP, often=st.integers(0, 5))
    def jump(self, seconds: float, often: int) -> None:
        if often == 0:
            self.play.wait(seconds)
            self.do(Tick(), CLOCK)

    # --- what must hold --------------------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Read the new events as the journal does, and check what each of them may say."""
        events, self.seen = self.play.events[self.seen :], len(self.play.events)
        called_to: list[object] = []
        for event in events:
            for row in event.rows:
                key = tuple(row.values[c.name] for c in HALL.table(row.table).primary_key.columns if c.name != "hall")
                old = self.tables.get((row.table, *key))
                self.tables[row.table, *key] = row
                if row.table == "ticket" and event.kind == "ticket.issued":
                    label = (row.values["day"], str(row.values["label"]))
                    assert old is None, "an id was given twice"
                    assert label not in self.labels, "a label was given twice"
                    self.labels.add(label)
                elif row.table == "ticket" and event.kind == "ticket.called":
                    assert old is not None
                    assert old.values["state"] == "waiting", "called from elsewhere than the queue"
                    called_to.append(row.values["window"])
                elif row.table == "leg":
                    assert old is None, "a leg was written twice"
                elif row.table == "booking" and old is not None:
                    assert old.values["state"] == "booked", "a booking that had ended changed"
                if row.table == "booking" and row.values["state"] == "checked_in":
                    assert row.values["ticket"] not in self.exchanged, "a ticket was given for two bookings"
                    self.exchanged.add(row.values["ticket"])
        assert len(called_to) == len(set(called_to)), "one press called two tickets"

    def tickets(self) -> list[Ticket]:
        return [read(Ticket, row.values) for key, row in self.tables.items() if key[0] == "ticket"]

    @invariant()
    def every_live_ticket_is_in_exactly_one_place(self) -> None:
        state = self.play.state
        at = [w.ticket for w in state.windows.values() if w.ticket is not None]
        places = [*in_lines(state), *at, *state.in_state(TicketState.PARKED)]
        assert len(places) == len(set(places))
        assert set(places) == {t.id for t in self.tickets() if t.live}
        for ticket in (state.tickets[name] for name in at):
            assert ticket.at_window
            assert ticket.window is not None
            assert state.window(ticket.window).ticket == ticket.id

    @invariant()
    def no_note_outlives_its_visit(self) -> None:
        tickets = self.play.state.tickets
        assert {tickets[name].state for name in self.play.state.notes} <= {*LIVE, TicketState.NO_SHOW}

    @invariant()
    def every_operator_is_at_one_window(self) -> None:
        operators = [w.operator for w in self.play.state.windows.values() if w.operator is not None]
        assert len(operators) == len(set(operators))
        assert all(w.operator for w in self.play.state.windows.values() if w.state != "closed")

    @invariant()
    def no_armed_window_overlooks_a_visitor(self) -> None:
        state, now = self.play.state, self.play.now
        if Draft(state, now, CLOCK, None, "test").calling_stopped() is None:
            assert all(policy.choose(state.floor, w, minute(now), state.rules) is None for w in state.armed)
        assert state.armed == {
            w.id for w in state.windows.values() if w.armed and w.state == "free" and w.ticket is None
        }

    @invariant()
    def nobody_takes_what_he_has_no_right_to(self) -> None:
        state = self.play.state
        everything = tuple(state.services_in)
        for window in state.windows.values():
            assert state.can(window) <= state.can(window, everything)
            held = {
                one.service_group for one in state.measures.values() if one.window == window.id and one.state == "holds"
            }
            groups = {*state.hall.window_by_id[window.id].groups, *held}
            assert {state.hall.service_by_id[s].group for s in state.can(window)} <= groups
            assert state.floor.desks[window.id].can == state.can(window)

    @invariant()
    def nobody_waits_alone_for_what_the_window_does_not_take(self) -> None:
        state = self.play.state
        for ticket in (state.tickets[name] for name in state.in_state(TicketState.WAITING)):
            assert ticket.only_window is None or ticket.service in state.can(state.window(ticket.only_window))

    @invariant()
    def nobody_waits_for_a_closed_window(self) -> None:
        state = self.play.state
        for ticket in (state.tickets[name] for name in state.in_state(TicketState.WAITING)):
            assert ticket.only_window is None or state.window(ticket.only_window).state != "closed"

    @invariant()
    def tables_make_the_same_hall(self) -> None:
        loaded = load(self.play.hall, self.tables.values(), self.pace)
        assert text(loaded) == text(self.play.state)

    @invariant()
    def no_slot_is_over_its_capacity(self) -> None:
        diary = self.play.state.diary
        for day in {b.day for b in diary.expected(date.max)}:
            booked = [b for b in diary.on(day) if b.state in ("booked", "checked_in")]
            for at in diary.plan(day).starts:
                there = [b for b in booked if b.start <= at < b.start + timedelta(minutes=b.minutes)]
                seats = [s for s in diary.plan(day).seats if diary.plan(day).starts.index(at) in s.cells]
                share = ceil(self.share * len(seats))
                assert sum(b.service in ("advice", "intake") and not b.then_services for b in there) <= share
                # Hall's theorem, in one direction: those who need the same seats find one each.
                for need in [("passport",), ("birth", "loss"), ("advice", "intake"), ("advice", "intake", "passport")]:
                    those = [b for b in there if b.service in need and not b.then_services]
                    assert len(those) <= sum(not s.services.isdisjoint(need) for s in seats)

    @invariant()
    def nobody_has_more_bookings_than_allowed(self) -> None:
        diary = self.play.state.diary
        for name in ("invented 1", "invented 2", "invented 3"):
            held = [b for b in diary.of(seal.person(KEY, name)) if not person_of(diary, b).company]
            companies = [b for b in diary.of(seal.person(KEY, name)) if person_of(diary, b).company]
            assert sum(b.state == "booked" for b in held) <= 2
            for day in {b.day for b in [*held, *companies]}:
                lasting = ("booked", "checked_in", "missed", "lost")
                assert sum(b.day == day and b.state in lasting for b in companies) <= 4

    @invariant()
    def codes_are_not_shared(self) -> None:
        codes = [b.code for b in self.play.state.diary.records() if b.state != "moved"]
        assert len(codes) == len(set(codes))

    @invariant()
    def legs_are_counted_without_a_gap(self) -> None:
        legs: dict[object, list[int]] = {}
        for row in (row for key, row in self.tables.items() if key[0] == "leg"):
            legs.setdefault(row.values["ticket"], []).append(int(str(row.values["n"])))
        # A ticket that replaced a void one goes on with that visit's count.
        assert all(sorted(n) == list(range(min(n), min(n) + len(n))) for n in legs.values())

    def teardown(self) -> None:
        if hasattr(self, "play"):
            rebuilt = HallDay(self.play.hall, self.pace)
            apply(rebuilt, self.play.events)
            assert text(rebuilt) == text(self.play.state)


def person_of(diary: Diary, booking: Booking) -> Person:
    found = diary.person(booking.id)
    assert found is not None
    return found


def in_lines(state: HallDay) -> list[str]:
    """Ids of everybody who stands in a line, as often as they stand there."""
    return [one.id for lines in (state.floor.lines, state.coming) for one in lines]


def text(state: HallDay) -> bytes:
    """All rows, byte for byte."""
    return json.dumps([(row.table, dict(row.values)) for row in state.rows()]).encode()


TestDay = Day.TestCase
TestDay.settings = PROFILE
