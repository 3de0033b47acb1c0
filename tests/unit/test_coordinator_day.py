"""The day of the hall: hours, hand, interruption, close; what happens by the clock alone."""

from __future__ import annotations

from typing import Any

import pytest

from contract import messages as m
from contract.words import HallState, Light, Refusal, TicketState
from tests.small_hall import BRIDGE, CONSOLE, KIOSK, LUNCH, Play, hall, refused


@pytest.fixture
def play() -> Play:
    return Play(hall()).open("W1")


def manage(play: Play, kind: type[m.Command], **more: Any) -> object:
    return play.do(kind(**play.id(), **more), CONSOLE)


def state(play: Play) -> HallState:
    return play.state.day.state


def test_day_opens_with_its_first_hour_once() -> None:
    play = Play(hall(), clock="08:59:59").tick()
    assert state(play) is HallState.CLOSED
    play.at("09:00").tick()
    assert (state(play), play.state.day.day.isoformat(), play.state.day.revision) == (HallState.OPEN, "2026-03-17", 3)
    play.wait(1).tick()
    assert play.last == ()


@pytest.mark.parametrize(("clock", "day"), [("17:00", "2026-03-17"), ("12:45", "2026-03-17"), ("10:00", "2026-03-22")])
def test_coordinator_started_outside_the_hours_opens_nothing(clock: str, day: str) -> None:
    assert state(Play(hall(LUNCH), clock, day).tick()) is HallState.CLOSED


def test_day_ends_with_its_last_span_when_nobody_is_left(play: Play) -> None:
    play.at("16:59:59").tick()
    assert state(play) is HallState.OPEN
    play.wait(1).tick()
    assert (state(play), play.state.day.reason, play.state.day.closed_at) == (HallState.CLOSED, "hours", play.now)
    assert play.kinds() == ["window.closed", "hall.closed"]
    assert (play.window().operator, play.light()) == (None, Light.CLOSED)
    play.wait(1).tick()
    assert play.last == ()


def test_day_goes_on_until_the_last_visitor_is_served(play: Play) -> None:
    play.at("16:25").take()
    play.at("17:10").tick().next()
    play.tick().desk(m.CallStart)
    assert state(play.tick()) is HallState.OPEN
    play.wait(200).desk(m.CallFinish)
    assert state(play.tick()) is HallState.CLOSED


def test_parked_visitor_does_not_hold_the_hall_open(play: Play) -> None:
    play.take()
    play.next()
    play.desk(m.CallPark)
    play.at("17:00").tick()
    assert (state(play), play.where("A001")) == (HallState.CLOSED, TicketState.CANCELLED)


def test_manager_closes_the_day_and_what_is_left_ends_with_that_reason(play: Play) -> None:
    play.open("W4")
    for _ in range(4):
        play.take()
    play.ask()
    play.next("W1")
    play.next("W4")
    play.desk(m.CallStart, "W4")
    manage(play, m.HallClose)
    found = {(t.state, t.reason, t.ended_at) for t in play.state.tickets.values()}
    assert found == {(TicketState.CANCELLED, "day_close", play.now)}
    assert {(w.ticket, w.operator, w.state) for w in play.state.windows.values()} == {(None, None, "closed")}
    assert play.kinds().count("ticket.cancelled") == 5
    refused(manage(play, m.HallClose), Refusal.HALL_CLOSED)


def test_day_closed_by_hand_is_not_opened_again_by_the_hours(play: Play) -> None:
    manage(play, m.HallClose)
    assert state(play.wait(60).tick()) is HallState.CLOSED


def test_day_opened_again_by_hand_goes_on_with_its_numbers(play: Play) -> None:
    play.take()
    manage(play, m.HallClose)
    manage(play, m.HallOpen)
    assert (play.take(), state(play.at("17:00").tick())) == ("A002", HallState.OPEN)


def test_manager_opens_before_the_hours_and_the_hours_close() -> None:
    play = Play(hall(), clock="07:30").tick()
    manage(play, m.HallOpen)
    assert play.take() == "A001"
    assert state(play.at("16:59").tick()) is HallState.OPEN
    play.of(m.TicketCancel, "A001")
    assert state(play.at("17:00").tick()) is HallState.CLOSED


@pytest.mark.parametrize(("clock", "day"), [("19:00", "2026-03-17"), ("10:00", "2026-03-22")])
def test_manager_opens_outside_all_hours_until_midnight(clock: str, day: str) -> None:
    play = Play(hall(), clock, day).tick()
    manage(play, m.HallOpen)
    assert play.take() == "A001"
    assert state(play.at("23:59").tick()) is HallState.OPEN
    assert state(play.wait(60).tick()) is HallState.CLOSED


def test_new_day_restarts_the_series_and_ends_what_was_left(play: Play) -> None:
    play.at("16:25").take()
    play.ask()
    play.at("00:00", "2026-03-18").tick()
    assert (state(play), play.state.day.reason) == (HallState.CLOSED, "date")
    assert {t.state for t in play.state.tickets.values()} == {TicketState.CANCELLED}
    play.at("09:00").tick()
    assert play.state.tickets == {}
    assert play.take() == "A001"
    assert play.ticket("A001").id == "260318-A001"


def test_coordinator_that_slept_over_night_turns_the_day_in_one_step(play: Play) -> None:
    play.take()
    play.at("09:30", "2026-03-18").tick()
    assert play.kinds() == ["ticket.cancelled", "window.closed", "hall.closed", "hall.opened"]
    assert (state(play), list(play.state.tickets)) == (HallState.OPEN, [])


def test_manager_opens_a_new_day_over_a_forgotten_one(play: Play) -> None:
    play.take()
    play.at("07:00", "2026-03-18")
    manage(play, m.HallOpen)
    assert (play.state.day.day.isoformat(), state(play), play.take()) == ("2026-03-18", HallState.OPEN, "A001")


def test_day_never_goes_back_with_the_clock(play: Play) -> None:
    play.take()
    play.at("23:00", "2026-03-16").tick()
    assert (play.state.day.day.isoformat(), state(play)) == ("2026-03-17", HallState.OPEN)
    assert play.take() == "A002"
    assert play.ticket("A002").day.isoformat() == "2026-03-17"


# --- lunch -----------------------------------------------------------------------------------------------------------------


def test_lunch_keeps_the_places() -> None:
    play = Play(hall(LUNCH)).open("W1")
    play.at("12:25").take()
    play.at("12:40").tick()
    assert (state(play), play.where("A001"), play.last) == (HallState.OPEN, TicketState.WAITING, ())


def test_lunch_may_let_the_waiting_go_and_serves_who_is_at_a_window() -> None:
    play = Play(hall(LUNCH, {"hours.lunch_tickets": "release"})).open("W1")
    play.at("12:25").take()
    play.take()
    play.next()
    play.at("12:30").tick()
    assert (play.where("A001"), play.where("A002")) == (TicketState.CALLED, TicketState.CANCELLED)
    assert play.ticket("A002").reason == "lunch"


# --- interruption ----------------------------------------------------------------------------------------------------------


def test_interruption_keeps_every_place(play: Play) -> None:
    for _ in range(3):
        play.take()
    play.next()
    before = dict(play.state.tickets)
    manage(play, m.HallInterrupt, reason="air-raid alert")
    assert (state(play), play.state.day.reason) == (HallState.INTERRUPTED, "air-raid alert")
    manage(play.wait(1800), m.HallResume)
    assert (state(play), play.state.day.reason, play.state.tickets) == (HallState.OPEN, None, before)
    play.desk(m.CallNoShow)
    assert play.next().label == "A002"


def test_interruption_does_not_recall(play: Play) -> None:
    play.take()
    play.next()
    manage(play, m.HallInterrupt)
    refused(play.wait(60).desk(m.CallRecall), Refusal.HALL_INTERRUPTED)


def test_paper_proved_in_an_interruption_waits_for_its_end(play: Play) -> None:
    play.ask()
    manage(play, m.HallInterrupt)
    assert play.wait(20).tick().where("A001") is TicketState.WAITING


@pytest.mark.parametrize(("before", "kind", "code"), [
    (None, m.HallOpen, Refusal.WRONG_STATE),
    (None, m.HallResume, Refusal.WRONG_STATE),
    (m.HallInterrupt, m.HallInterrupt, Refusal.HALL_INTERRUPTED),
    (m.HallInterrupt, m.HallOpen, Refusal.HALL_INTERRUPTED),
    (m.HallClose, m.HallInterrupt, Refusal.HALL_CLOSED),
    (m.HallClose, m.HallResume, Refusal.HALL_CLOSED),
])  # fmt: skip
def test_verbs_of_the_hall_are_refused_in_the_wrong_state(
    play: Play, before: type[m.Command] | None, kind: type[m.Command], code: Refusal
) -> None:
    if before is not None:
        manage(play, before)
    refused(manage(play, kind), code)


@pytest.mark.parametrize("kind", [m.HallOpen, m.HallInterrupt, m.HallResume, m.HallClose])
@pytest.mark.parametrize("actor", [BRIDGE, KIOSK])
def test_only_consoles_manage_the_hall(play: Play, kind: type[m.Command], actor: object) -> None:
    refused(play.do(kind(id="x"), actor), Refusal.NOT_ALLOWED)  # type: ignore[arg-type]
