"""The one press, by the window's state; armed windows; double and quick presses."""

from __future__ import annotations

import pytest

from contract import messages as m
from contract.words import Light, Paper, Refusal, TicketState, Why
from coordinator.routing import minute
from tests.small_hall import BRIDGE, CONSOLE, KIOSK, LUNCH, Play, hall, parts, refused


@pytest.fixture
def play() -> Play:
    return Play(hall()).open("W1", "W2", "W3", "W4")


@pytest.fixture
def alike() -> Play:
    """A hall whose windows can all do the same."""
    windows = [w | {"groups": ["general"], "station": None} for w in parts("windows")]
    return Play(hall(windows=windows)).open("W1", "W2", "W4")


def test_free_window_calls_the_best_ticket(play: Play) -> None:
    play.take()
    play.take()
    reply = play.wait(60).press()
    assert (reply.window, reply.light, reply.label) == ("W1", Light.CALLED, "A001")
    assert (reply.why, reply.why_facts["wait"], reply.why_facts["target"]) == (Why.ALONE, "1", "20")
    ticket = play.ticket("A001")
    assert (ticket.window, ticket.operator, ticket.called_at, ticket.wait_s) == ("W1", "ona", play.now, 62.0)
    called = play.last[0]
    assert called.kind == "ticket.called"
    announced = {"label": "A001", "number": 1, "zone": "front", "lang": "en", "again": 0, "quiet": False}
    assert announced.items() <= dict(called.facts).items()


def test_for_routing_a_window_is_with_its_visitor_since_the_call(play: Play) -> None:
    play.take()
    play.wait(60).press()
    called = minute(play.now)
    play.wait(30).ok(m.CallStart(**play.id(), window="W1"), CONSOLE)
    assert play.light() is Light.SERVING
    assert play.state.floor.desks["W1"].since == called
    play.wait(300).ok(m.CallFinish(**play.id(), window="W1"), CONSOLE)
    assert play.state.floor.desks["W1"].since == minute(play.now)


def test_free_window_with_nobody_is_armed_and_a_second_press_disarms(play: Play) -> None:
    assert play.press().light is Light.ARMED
    assert play.press().light is Light.FREE
    play.take()
    assert (play.light(), play.where("A001")) == (Light.FREE, TicketState.WAITING)


def test_armed_window_calls_the_next_eligible_by_itself(play: Play) -> None:
    play.press()
    play.ask("birth", paper=False)
    assert play.light() is Light.ARMED
    play.ask("advice", paper=False)
    assert (play.light(), play.state.ticket_at("W1")) == (Light.CALLED, play.ticket("A001"))


def test_armed_window_waits_for_the_proof_of_paper(play: Play) -> None:
    play.press()
    play.ask()
    assert play.light() is Light.ARMED
    play.paper("A001", Paper.CONFIRMED)
    assert (play.light(), play.kinds()) == (Light.CALLED, ["ticket.waiting", "ticket.called"])


def test_armed_window_is_served_when_the_grace_ends(play: Play) -> None:
    play.press()
    play.ask()
    assert play.wait(10).tick().light() is Light.CALLED


def test_armed_window_that_can_do_least_else_is_served_first(play: Play) -> None:
    for window in ("W2", "W4", "W1"):
        play.next(window)
        play.wait(1)
    for label, window in (("A001", "W1"), ("A002", "W4"), ("A003", "W2")):
        play.take()
        assert play.ticket(label).window == window


def test_of_armed_windows_that_can_the_same_the_longest_armed_is_served_first(alike: Play) -> None:
    for window in ("W4", "W1", "W2"):
        alike.next(window)
        alike.wait(1)
    for label, window in (("A001", "W4"), ("A002", "W1"), ("A003", "W2")):
        alike.take()
        assert alike.ticket(label).window == window


def test_window_is_armed_longer_after_its_neighbour_disarmed_and_armed_again(alike: Play) -> None:
    for window in ("W4", "W1", "W4", "W4"):
        alike.next(window)
        alike.wait(1)
    alike.take()
    assert alike.ticket("A001").window == "W1"


def test_serving_window_finishes_and_calls_in_one_batch(play: Play) -> None:
    play.take()
    play.take()
    play.next()
    play.wait(30).desk(m.CallStart)
    assert play.wait(300).press().label == "A002"
    assert play.kinds() == ["ticket.finished", "ticket.called"]
    done = play.ticket("A001")
    assert (done.state, done.service_s, done.window) == (TicketState.FINISHED, 300.0, "W1")


def test_serving_window_with_nobody_waiting_becomes_armed(play: Play) -> None:
    play.take()
    play.next()
    play.desk(m.CallStart)
    assert play.wait(300).press().light is Light.ARMED


def test_second_press_of_the_same_finger_is_refused(play: Play) -> None:
    play.take()
    play.take()
    play.press()
    assert refused(play.wait(1.999).press(), Refusal.ALREADY_CALLED) == {"label": "A001", "window": "1"}
    assert play.wait(0.001).press().label == "A002"


def test_double_press_is_seconds_of_the_wall_clock() -> None:
    play = Play(hall(), pace=60.0).open("W1")
    play.take()
    play.press()
    refused(play.wait(119).press(), Refusal.ALREADY_CALLED)
    assert play.wait(1).press().light is Light.ARMED


def test_press_meant_to_disarm_does_not_end_a_call_that_came_first(play: Play) -> None:
    play.press()
    play.take()
    play.ask(paper=False)
    refused(play.press(), Refusal.ALREADY_CALLED)
    assert play.where("A001") is TicketState.CALLED


def test_second_press_is_told_apart_even_when_the_call_has_ended(play: Play) -> None:
    play.take()
    play.take()
    play.next()
    play.of(m.TicketCancel, "A001")
    refused(play.next(), Refusal.ALREADY_CALLED)
    assert play.where("A002") is TicketState.WAITING


def test_too_quick_on_one_key_means_no_show_and_calls_on(play: Play) -> None:
    play.take()
    play.take()
    play.press("pad-1")
    assert play.wait(59).press("pad-1").label == "A002"
    assert play.kinds() == ["ticket.no_show", "ticket.called"]
    assert play.where("A001") is TicketState.NO_SHOW


@pytest.mark.parametrize("many_keys", ["pad", "console"])
def test_too_quick_with_more_keys_is_refused(play: Play, many_keys: str) -> None:
    def press() -> object:
        return play.press("pad-2") if many_keys == "pad" else play.next("W2")

    play.take("birth")
    press()
    play.wait(59.999)
    assert refused(press(), Refusal.TOO_QUICK) == {"label": "B001", "window": "2", "limit": "60"}
    play.wait(0.001)
    press()
    assert play.where("B001") is TicketState.FINISHED


@pytest.mark.parametrize("pad", ["pad-1", "pad-4"])
def test_later_press_counts_as_served(play: Play, pad: str) -> None:
    play.take()
    play.press(pad)
    assert play.wait(60).press(pad).light is Light.ARMED
    ticket = play.ticket("A001")
    assert (ticket.state, ticket.started_at, ticket.service_s) == (TicketState.FINISHED, None, 60.0)


def test_clock_set_back_never_makes_a_press_too_quick(play: Play) -> None:
    play.at("10:00").take()
    play.next()
    play.at("09:30")
    assert play.next().light is Light.ARMED
    assert (play.ticket("A001").service_s, play.ticket("A001").wait_s) == (0.0, 1.0)


def test_press_is_refused_in_words_on_break_and_closed(play: Play) -> None:
    play.desk(m.WindowPause)
    assert refused(play.press(), Refusal.WINDOW_PAUSED) == {"window": "1"}
    play.desk(m.WindowClose)
    assert refused(play.press(), Refusal.WINDOW_CLOSED) == {"window": "1"}


def test_press_of_an_unknown_pad_is_refused(play: Play) -> None:
    refused(play.press("pad-9"), Refusal.UNKNOWN_WINDOW)
    refused(play.do(m.CallNext(id="x", window="W9"), CONSOLE), Refusal.UNKNOWN_WINDOW)


def test_bridge_may_not_name_a_window_and_a_kiosk_may_not_call(play: Play) -> None:
    refused(play.do(m.CallNext(id="x", window="W1"), BRIDGE), Refusal.NOT_ALLOWED)
    refused(play.do(m.CallNext(id="x", window="W1"), KIOSK), Refusal.NOT_ALLOWED)
    refused(play.do(m.CallNext(id="x", unit="pad-1"), CONSOLE), Refusal.UNKNOWN_WINDOW)


def test_console_speaks_only_for_the_operator_at_the_window(play: Play) -> None:
    assert refused(play.desk(m.CallNext, operator="tam"), Refusal.NOT_YOURS) == {"window": "1"}
    assert play.desk(m.CallNext, operator="ona").light is Light.ARMED
    assert play.last[0].who == "ona"


# --- while the hall calls nobody -------------------------------------------------------------------------------------------


def test_interrupted_hall_calls_nobody_and_keeps_who_is_called(play: Play) -> None:
    play.take()
    play.take()
    play.press()
    play.ok(m.HallInterrupt(id="i"), CONSOLE)
    refused(play.wait(600).press(), Refusal.HALL_INTERRUPTED)
    refused(play.next("W4"), Refusal.HALL_INTERRUPTED)
    assert (play.where("A001"), play.where("A002")) == (TicketState.CALLED, TicketState.WAITING)


def test_time_of_an_interruption_does_not_make_a_called_visitor_served(play: Play) -> None:
    play.take()
    play.press()
    play.wait(10).ok(m.HallInterrupt(id="i"), CONSOLE)
    play.wait(3600).ok(m.HallResume(id="r"), CONSOLE)
    play.wait(30).press()
    assert play.where("A001") is TicketState.NO_SHOW


def test_serving_may_finish_in_an_interruption_and_nobody_is_called(play: Play) -> None:
    play.take()
    play.take()
    play.next()
    play.desk(m.CallStart)
    play.ok(m.HallInterrupt(id="i"), CONSOLE)
    assert play.wait(60).press().light is Light.FREE
    assert (play.where("A001"), play.where("A002")) == (TicketState.FINISHED, TicketState.WAITING)


def test_armed_window_is_served_when_the_hall_goes_on(play: Play) -> None:
    play.press()
    play.ask()
    play.ok(m.HallInterrupt(id="i"), CONSOLE)
    play.paper("A001", Paper.CONFIRMED)
    assert play.light() is Light.ARMED
    play.ok(m.HallResume(id="r"), CONSOLE)
    assert (play.light(), play.kinds()) == (Light.CALLED, ["hall.resumed", "ticket.called"])


def test_one_visitor_is_called_to_one_of_two_armed_windows_when_the_hall_goes_on(play: Play) -> None:
    play.next("W2")
    play.wait(1).next("W4")
    play.ask()
    play.ok(m.HallInterrupt(id="i"), CONSOLE)
    play.wait(10).tick()
    play.ok(m.HallResume(id="r"), CONSOLE)
    assert play.kinds() == ["hall.resumed", "ticket.called"]
    assert (play.light("W4"), play.light("W2")) == (Light.CALLED, Light.ARMED)


def test_lunch_keeps_places_and_calls_nobody() -> None:
    play = Play(hall(LUNCH)).open("W1", "W2").at("12:20")
    play.take()
    play.take()
    play.press()
    play.at("12:31").tick()
    assert play.press().light is Light.FREE
    assert play.where("A001") is TicketState.FINISHED
    refused(play.wait(5).press(), Refusal.HALL_CLOSED)
    assert play.at("13:30").tick().press().label == "A002"


def test_window_armed_before_lunch_is_served_after_it() -> None:
    play = Play(hall(LUNCH)).open("W1").at("12:29:55")
    play.ask()
    play.press()
    play.at("12:31").tick()
    assert (play.light(), play.where("A001")) == (Light.ARMED, TicketState.WAITING)
    assert play.at("13:30").tick().light() is Light.CALLED


def test_hall_may_go_on_calling_over_lunch() -> None:
    play = Play(hall(LUNCH, {"hours.lunch_tickets": "keep_waiting"})).open("W1").at("12:20")
    play.take()
    assert play.at("12:40").press().label == "A001"


def test_visitors_inside_are_still_called_after_the_last_span(play: Play) -> None:
    play.at("16:20").take()
    assert play.at("17:05").tick().press().label == "A001"
