"""Calling by number: whoever is wanted and may be taken, with a reason, and nobody else."""

from __future__ import annotations

import pytest

from contract import messages as m
from contract.words import Light, Pick, Refusal, TicketState, Why, WhyNot
from tests.small_hall import BRIDGE, CONSOLE, Play, hall, refused


@pytest.fixture
def play() -> Play:
    return Play(hall()).open("W1", "W2", "W3", "W4")


def pick(play: Play, label: str, window: str = "W1", **more: object) -> object:
    return play.desk(m.CallPick, window, **{"label": label, "why": Pick.BACK, **more})


def test_a_later_ticket_is_called_and_the_reason_is_journaled(play: Play) -> None:
    play.take()
    label = play.take()
    reply = pick(play, label, operator="ona")
    assert isinstance(reply, m.Done)
    assert (reply.label, reply.light, reply.why) == (label, Light.CALLED, Why.PICKED)
    assert reply.why_facts == {"who": "ona", "reason": "back"}
    assert play.kinds() == ["ticket.called"]
    facts = play.last[0].facts
    assert (facts["label"], facts["why"], facts["reason"], facts["who"]) == (label, "picked", "back", "ona")
    assert (play.ticket(label).reason, play.where("A001")) == ("picked", TicketState.WAITING)


def test_a_parked_visitor_and_one_who_missed_the_call_are_called_without_standing_in_line_again(play: Play) -> None:
    parked, missed = play.take(), play.take()
    play.next()
    play.desk(m.CallPark)
    play.wait(5).next()
    play.desk(m.CallNoShow)
    since = play.ticket(parked).clock_at
    assert pick(play.wait(60), parked).label == parked  # type: ignore[attr-defined]
    assert play.kinds() == ["ticket.returned", "ticket.called"]
    assert (play.ticket(parked).clock_at, play.ticket(parked).leg) == (since, 2)
    play.desk(m.CallFinish)
    assert pick(play.wait(5), missed).label == missed  # type: ignore[attr-defined]


def test_a_missed_call_stays_void_where_the_hall_says_so() -> None:
    play = Play(hall(rules={"call.no_show_then": "void"})).open("W1")
    label = play.take()
    play.next()
    play.desk(m.CallNoShow)
    refused(pick(play.wait(10), label), Refusal.WRONG_STATE)


def test_rights_and_employer_hold_out_of_turn_too(play: Play) -> None:
    label = play.take("birth")
    assert refused(pick(play, label), Refusal.NO_RIGHT) == {"window": "1", "service": "birth"}
    assert pick(play, label, "W3").label == label  # type: ignore[attr-defined]


@pytest.mark.parametrize("verb", [m.CallFinish, m.CallStart])
def test_who_is_called_served_or_gone_is_not_called_again(play: Play, verb: type[m.WindowCommand]) -> None:
    label = play.take()
    play.next()
    play.desk(verb)
    refused(pick(play.wait(5), label, "W2"), Refusal.WRONG_STATE)


def test_a_number_that_nobody_has_is_refused(play: Play) -> None:
    refused(pick(play, "A999"), Refusal.UNKNOWN_TICKET)


def test_only_a_free_window_calls_by_number(play: Play) -> None:
    play.take()
    label = play.take()
    play.next()
    refused(pick(play.wait(5), label), Refusal.WINDOW_BUSY)
    play.desk(m.CallFinish)
    play.desk(m.WindowPause)
    refused(pick(play, label), Refusal.WINDOW_PAUSED)
    play.desk(m.WindowClose)
    refused(pick(play, label), Refusal.WINDOW_CLOSED)


def test_the_same_finger_is_known_and_an_interrupted_hall_calls_nobody(play: Play) -> None:
    play.take()
    label = play.take()
    play.next()
    play.desk(m.CallNoShow)
    refused(pick(play.wait(1), label), Refusal.ALREADY_CALLED)
    play.do(m.HallInterrupt(**play.id()), CONSOLE)
    refused(pick(play.wait(5), label), Refusal.HALL_INTERRUPTED)


def test_an_armed_window_picks_and_is_armed_no_longer(play: Play) -> None:
    play.next("W3")
    assert play.light("W3") is Light.ARMED
    play.take()
    label = play.take(then=("birth",))
    play.next("W4")
    pick(play, label)
    assert (play.light("W3"), play.light("W1")) == (Light.ARMED, Light.CALLED)
    play.desk(m.CallFinish)
    assert play.where(label) is TicketState.CALLED  # W3 was armed for its next service
    play.desk(m.CallNoShow, "W3")
    play.wait(5).next("W3")
    assert play.light("W3") is Light.ARMED
    pick(play, label, "W3")
    assert not play.window("W3").armed


def test_who_was_sent_to_one_window_may_be_picked_at_another(play: Play) -> None:
    label = play.take()
    play.next()
    play.desk(m.CallTransfer, to_window="W2")
    assert play.ticket(label).only_window == "W2"
    pick(play.wait(5), label, "W4")
    assert (play.ticket(label).window, play.ticket(label).only_window) == ("W4", None)


def test_a_pad_cannot_pick_and_nobody_acts_in_anothers_name(play: Play) -> None:
    label = play.take()
    refused(play.do(m.CallPick(id="p", unit="pad-1", label=label, why=Pick.BACK), BRIDGE), Refusal.NOT_ALLOWED)
    refused(pick(play, label, operator="bea"), Refusal.NOT_YOURS)


def test_who_was_passed_over_is_told_that_a_person_decided(play: Play) -> None:
    first = play.take()
    pick(play, play.take())
    told = play.question(m.TicketExplain, label=first)
    assert (told.passed[0].why, told.passed[0].why_facts["who"]) == (Why.PICKED, "ona")
    assert WhyNot.LINE not in told.why_not
