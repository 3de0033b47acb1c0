"""The keys of their own: recall, start, finish, no_show, park, transfer; return and cancel by ticket."""

from __future__ import annotations

import pytest

from contract import messages as m
from contract.words import Light, Refusal, TicketState
from coordinator.record import Leg
from coordinator.row import read
from tests.small_hall import BRIDGE, CONSOLE, Play, hall, refused


@pytest.fixture
def play() -> Play:
    return Play(hall()).open("W1", "W2", "W3", "W4")


def called(play: Play, service: str = "advice", window: str = "W1", **more: object) -> str:
    """The label of a ticket taken and called to `window`."""
    label = play.take(service, **more)
    assert play.next(window).label == label
    return label


def leg(play: Play) -> Leg:
    """The newest leg that was journaled."""
    rows = [row for event in play.events for row in event.rows if row.table == "leg"]
    return read(Leg, rows[-1].values)


# --- recall ----------------------------------------------------------------------------------------------------------------


def test_recall_keeps_a_gap_and_a_limit(play: Play) -> None:
    called(play)
    assert refused(play.wait(29).desk(m.CallRecall), Refusal.RECALL_TOO_SOON) == {"label": "A001", "limit": "30"}
    assert play.wait(1).desk(m.CallRecall).light is Light.CALLED
    assert (play.ticket("A001").recalls, play.last[0].facts["again"]) == (1, 1)
    refused(play.wait(29).desk(m.CallRecall), Refusal.RECALL_TOO_SOON)
    play.wait(1).desk(m.CallRecall)
    assert refused(play.wait(60).desk(m.CallRecall), Refusal.RECALL_LIMIT) == {"label": "A001", "limit": "2"}


def test_press_right_after_a_recall_is_taken_for_a_double(play: Play) -> None:
    called(play)
    play.wait(70).desk(m.CallRecall)
    refused(play.wait(1).next(), Refusal.ALREADY_CALLED)


@pytest.mark.parametrize(("kind", "code"), [
    (m.CallRecall, Refusal.NOTHING_CALLED),
    (m.CallStart, Refusal.NOTHING_CALLED),
    (m.CallNoShow, Refusal.NOTHING_CALLED),
    (m.CallFinish, Refusal.NOT_SERVING),
    (m.CallPark, Refusal.NOT_SERVING),
])  # fmt: skip
def test_empty_window_has_nobody_to_act_on(play: Play, kind: type[m.WindowCommand], code: Refusal) -> None:
    assert refused(play.desk(kind), code) == {"window": "1"}


def test_empty_window_has_nobody_to_transfer(play: Play) -> None:
    refused(play.desk(m.CallTransfer, service="birth"), Refusal.NOT_SERVING)


@pytest.mark.parametrize("kind", [m.CallRecall, m.CallStart, m.CallNoShow])
def test_served_visitor_is_past_being_called(play: Play, kind: type[m.WindowCommand]) -> None:
    called(play)
    play.desk(m.CallStart)
    refused(play.wait(60).desk(kind), Refusal.WRONG_STATE)


# --- start, finish, no_show ------------------------------------------------------------------------------------------------


def test_finish_writes_the_leg_in_hall_seconds_and_hours(play: Play) -> None:
    play.at("11:58").take()
    play.wait(89)
    play.next()
    play.wait(31.5).desk(m.CallStart)
    assert play.wait(240.25).desk(m.CallFinish).light is Light.FREE
    found = leg(play)
    assert (found.wait_s, found.service_s, found.hour, found.n, found.outcome) == (90.0, 240.25, 11, 1, "finished")
    assert (found.ticket, found.window, found.operator, found.service) == ("260317-A001", "W1", "ona", "advice")
    assert (found.ended_at, found.service_group, found.day.isoformat()) == (play.now, "general", "2026-03-17")


def test_finish_from_called_counts_from_the_call(play: Play) -> None:
    called(play)
    play.wait(45).desk(m.CallFinish)
    assert (leg(play).started_at, leg(play).service_s) == (None, 45.0)


def test_finish_does_not_arm(play: Play) -> None:
    called(play)
    play.take()
    play.desk(m.CallFinish)
    assert (play.light(), play.where("A002")) == (Light.FREE, TicketState.WAITING)


def test_visit_goes_on_to_its_next_service_with_a_new_clock(play: Play) -> None:
    called(play, then=("birth", "intake"))
    play.wait(200).desk(m.CallFinish)
    ticket = play.ticket("A001")
    assert (ticket.state, ticket.service, ticket.service_group, ticket.leg) == (TicketState.WAITING, "birth", "acts", 2)
    assert (ticket.clock_at, ticket.then_services, ticket.window, ticket.called_at) == (
        play.now,
        ("intake",),
        None,
        None,
    )
    play.wait(50).next("W3")
    play.wait(100).desk(m.CallFinish, "W3")
    assert (leg(play).n, leg(play).wait_s, leg(play).service_s) == (2, 50.0, 100.0)
    play.next("W4")
    play.desk(m.CallFinish, "W4")
    assert (play.where("A001"), play.ticket("A001").leg) == (TicketState.FINISHED, 3)


def test_visit_going_on_is_called_by_an_armed_window_in_the_same_batch(play: Play) -> None:
    called(play, then=("birth",))
    play.next("W3")
    play.desk(m.CallFinish)
    assert play.kinds() == ["ticket.finished", "ticket.called"]
    assert play.ticket("A001").window == "W3"


def test_same_window_may_go_on_with_the_visit_it_finished(play: Play) -> None:
    called(play, then=("intake",))
    play.desk(m.CallStart)
    assert play.wait(100).next().label == "A001"
    assert (play.ticket("A001").service, play.ticket("A001").leg) == ("intake", 2)


def test_no_show_is_the_operators_decision_at_any_time(play: Play) -> None:
    called(play)
    assert play.desk(m.CallNoShow).light is Light.FREE
    assert (leg(play).outcome, leg(play).service_s, leg(play).wait_s) == ("no_show", None, 1.0)


def test_a_wait_of_a_later_turn_is_of_that_turn_though_the_place_was_kept(play: Play) -> None:
    """Parked for ten minutes and back, then missed and back: no minute is waited twice, none in which nobody stood in line."""
    called(play)
    play.wait(300).desk(m.CallPark)
    play.wait(600).of(m.TicketReturn, "A001")
    play.wait(40).next()
    assert play.ticket("A001").wait_s == 941.0  # since the place
    play.wait(60).desk(m.CallNoShow)
    assert leg(play).wait_s == 40.0
    play.wait(120).of(m.TicketReturn, "A001")
    play.wait(30).next()
    play.wait(10).desk(m.CallFinish)
    assert leg(play).wait_s == 30.0


def test_who_is_sent_on_in_front_of_all_has_not_waited_as_long_as_they(play: Play) -> None:
    called(play)
    play.take("birth")
    play.wait(1000).desk(m.CallTransfer, service="birth", first=True)
    play.wait(70).next("W3")
    assert play.ticket("A001").window == "W3"
    play.desk(m.CallFinish, "W3")
    assert leg(play).wait_s == 70.0


# --- park, return ----------------------------------------------------------------------------------------------------------


def test_parked_visitor_comes_back_to_the_old_place(play: Play) -> None:
    called(play)
    clock_at = play.ticket("A001").clock_at
    play.take()
    play.wait(20).desk(m.CallPark)
    assert (play.where("A001"), play.light(), leg(play).outcome) == (TicketState.PARKED, Light.FREE, "parked")
    play.wait(300).of(m.TicketReturn, "A001")
    ticket = play.ticket("A001")
    assert (ticket.state, ticket.clock_at, ticket.leg) == (TicketState.WAITING, clock_at, 2)
    assert play.next().label == "A001"


def test_return_serves_an_armed_window(play: Play) -> None:
    called(play)
    play.desk(m.CallPark)
    play.wait(5).next()
    play.of(m.TicketReturn, "A001")
    assert play.light() is Light.CALLED


def missed(play: Play, overtaken: int) -> None:
    """A001 misses its call, then so many later tickets of the group are called."""
    called(play)
    play.desk(m.CallNoShow)
    for _ in range(overtaken):
        play.take("intake")
        play.wait(5).next("W2")
        play.desk(m.CallFinish, "W2")


def test_missed_visitor_keeps_the_place_while_few_were_called(play: Play) -> None:
    missed(play, 3)
    clock_at = play.ticket("A001").clock_at
    play.of(m.TicketReturn, "A001")
    assert (play.where("A001"), play.ticket("A001").clock_at) == (TicketState.WAITING, clock_at)


def test_missed_visitor_goes_to_the_back_after_too_many(play: Play) -> None:
    missed(play, 4)
    play.of(m.TicketReturn, "A001")
    assert play.ticket("A001").clock_at == play.now


def test_visitor_called_before_the_missed_one_did_not_overtake() -> None:
    play = Play(hall(rules={"call.return_within_tickets": 0})).open("W1", "W2")
    play.take()
    called(play, "advice", "W2", priority_group="veteran")
    play.wait(5).next("W1")
    play.desk(m.CallNoShow)
    clock_at = play.ticket("A001").clock_at
    play.wait(5).of(m.TicketReturn, "A001")
    assert play.ticket("A001").clock_at == clock_at


@pytest.mark.parametrize(("rule", "kept"), [("back_of_queue", 2), ("ordinary_queue", 0), ("place_kept_n", 2)])
def test_rule_says_what_becomes_of_a_missed_priority(rule: str, kept: int) -> None:
    play = Play(hall(rules={"call.no_show_then": rule})).open("W1")
    called(play, priority_group="parent")
    clock_at = play.ticket("A001").clock_at
    play.desk(m.CallNoShow)
    play.wait(10).of(m.TicketReturn, "A001")
    assert play.ticket("A001").priority == kept
    assert play.ticket("A001").clock_at == (clock_at if rule == "place_kept_n" else play.now)


def test_hall_may_take_no_missed_visitor_back() -> None:
    play = Play(hall(rules={"call.no_show_then": "void"})).open("W1")
    called(play)
    play.desk(m.CallNoShow)
    refused(play.of(m.TicketReturn, "A001"), Refusal.WRONG_STATE)


# --- transfer --------------------------------------------------------------------------------------------------------------


def test_transfer_to_a_service_starts_a_new_clock(play: Play) -> None:
    called(play)
    play.wait(60).desk(m.CallTransfer, service="birth")
    ticket = play.ticket("A001")
    assert (ticket.state, ticket.service, ticket.service_group) == (TicketState.WAITING, "birth", "acts")
    assert (ticket.clock_at, ticket.leg, leg(play).outcome) == (play.now, 2, "transferred")


def test_transfer_to_a_window_is_called_there_only(play: Play) -> None:
    called(play)
    play.wait(60).desk(m.CallTransfer, to_window="W4")
    assert play.next("W2").light is Light.ARMED
    assert play.next("W4").label == "A001"


def test_ticket_for_one_window_does_not_block_the_line(play: Play) -> None:
    called(play)
    play.desk(m.CallTransfer, to_window="W4")
    play.wait(5).take()
    assert play.next("W2").label == "A002"


def test_closing_window_gives_its_own_visitors_to_all(play: Play) -> None:
    called(play)
    play.desk(m.CallTransfer, to_window="W4")
    play.next("W2")
    play.desk(m.WindowClose, "W4")
    assert play.kinds() == ["window.closed", "ticket.waiting", "ticket.called"]
    assert play.ticket("A001").window == "W2"


def test_returned_visitor_is_not_tied_to_a_window_that_closed(play: Play) -> None:
    called(play)
    play.desk(m.CallTransfer, to_window="W4")
    play.wait(5).next("W4")
    play.desk(m.CallPark, "W4")
    play.desk(m.WindowClose, "W4")
    play.of(m.TicketReturn, "A001")
    assert play.ticket("A001").only_window is None


@pytest.mark.parametrize(("more", "code"), [
    ({}, Refusal.BAD_COMMAND),
    ({"service": "flying"}, Refusal.UNKNOWN_SERVICE),
    ({"to_window": "W9"}, Refusal.UNKNOWN_WINDOW),
    ({"to_window": "W3"}, Refusal.NO_RIGHT),
    ({"to_window": "W1", "service": "birth"}, Refusal.NO_RIGHT),
])  # fmt: skip
def test_transfer_is_refused(play: Play, more: dict[str, str], code: Refusal) -> None:
    called(play)
    refused(play.desk(m.CallTransfer, **more), code)
    assert play.where("A001") is TicketState.CALLED


def test_transfer_to_a_closed_window_is_refused(play: Play) -> None:
    called(play)
    play.desk(m.WindowClose, "W4")
    refused(play.desk(m.CallTransfer, to_window="W4"), Refusal.WINDOW_CLOSED)


# --- cancel and roles ------------------------------------------------------------------------------------------------------


def test_staff_cancel_frees_the_window(play: Play) -> None:
    called(play)
    play.of(m.TicketCancel, "A001")
    assert (play.where("A001"), play.light(), leg(play).outcome) == (TicketState.CANCELLED, Light.FREE, "cancelled")
    assert play.ticket("A001").reason == "staff"


def test_served_visitor_cannot_be_cancelled_by_staff(play: Play) -> None:
    called(play)
    play.desk(m.CallStart)
    refused(play.of(m.TicketCancel, "A001"), Refusal.NOT_ALLOWED)


@pytest.mark.parametrize("kind", [m.CallPark, m.CallTransfer])
def test_pad_may_not_park_or_transfer(play: Play, kind: type[m.WindowCommand]) -> None:
    called(play)
    refused(play.do(kind(id="x", unit="pad-1"), BRIDGE), Refusal.NOT_ALLOWED)


@pytest.mark.parametrize("kind", [m.CallRecall, m.CallStart, m.CallFinish, m.CallNoShow])
def test_pad_has_the_four_other_keys(play: Play, kind: type[m.WindowCommand]) -> None:
    called(play, "birth", "W2")
    assert play.wait(60).ok(kind(id="x", unit="pad-2"), BRIDGE).window == "W2"


def test_quiet_service_is_announced_as_such(play: Play) -> None:
    called(play, "loss", "W3")
    assert play.last[-1].facts["quiet"] is True


def test_done_tells_the_light_and_label_of_the_window(play: Play) -> None:
    label = called(play)
    reply = play.ok(m.CallStart(id="press-3", window="W1"), CONSOLE)
    assert (reply.re, reply.light, reply.label, reply.ticket) == ("press-3", Light.SERVING, label, f"260317-{label}")


def test_a_press_that_ends_a_visit_and_calls_tells_the_window_once(play: Play) -> None:
    called(play)
    play.desk(m.CallStart)
    second = play.take("advice")
    assert play.wait(70).next().label == second
    tables = {event.kind: [row.table for row in event.rows] for event in play.last}
    assert tables == {"ticket.finished": ["ticket", "leg"], "ticket.called": ["ticket", "window"]}
    assert play.last[1].rows[1].values["ticket"] == play.ticket(second).id
