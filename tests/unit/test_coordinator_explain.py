"""Why a visitor has not been called yet: as staff are told it."""

from __future__ import annotations

from typing import Any

import pytest

from contract import messages as m
from contract.words import Refusal, Role, Why, WhyNot
from coordinator import explain
from tests.small_hall import CONSOLE, Play, hall


@pytest.fixture
def play() -> Play:
    found = Play(hall())
    found.open("W1")
    return found


def asked(play: Play, label: str, role: Role = Role.CONSOLE) -> Any:
    return explain.answer(play.state, m.TicketExplain(id="q", label=label), role, play.now)


def test_ticket_that_is_next_names_the_windows_that_may(play: Play) -> None:
    label = play.take()
    play.wait(299)
    said = asked(play, label)
    assert (said.why_not, said.windows, said.ahead) == ((), (1,), 0)
    assert said.wait_s == 300


def test_those_of_its_own_line_and_a_busy_window_are_named(play: Play) -> None:
    play.take()
    play.press()
    play.take()
    last = play.take()
    said = asked(play, last)
    assert said.why_not == (WhyNot.LINE, WhyNot.BUSY)
    assert said.ahead == 1


def test_call_of_one_who_came_later_is_told_with_its_reason(play: Play) -> None:
    first = play.take()
    play.wait(60)
    later = play.take(priority_group="veteran")
    assert play.press().label == later
    said = asked(play, first)
    (passed,) = said.passed
    assert (passed.label, passed.number, str(passed.why)) == (later, 1, play.ticket(later).reason)
    assert passed.why is Why.PRIORITY
    assert passed.why_facts["target"] == "10"
    assert said.passed_in_all == 1


def test_call_of_one_who_came_earlier_needs_no_reason(play: Play) -> None:
    play.take()
    last = play.take()
    play.press()
    assert asked(play, last).passed == ()


def test_many_calls_before_are_counted_and_the_newest_told(play: Play) -> None:
    waits = play.take()
    for _ in range(explain.SHOWN + 2):
        play.wait(5)
        play.take(priority_group="veteran")
        play.press()
        play.desk(m.CallStart)
        play.desk(m.CallFinish)
    said = asked(play, waits)
    assert said.passed_in_all == explain.SHOWN + 2
    assert len(said.passed) == explain.SHOWN
    assert said.passed[0].called_at > said.passed[-1].called_at


def test_without_an_open_window_that_is_the_reason() -> None:
    play = Play(hall())
    play.tick()
    label = play.take()
    assert asked(play, label).why_not == (WhyNot.NO_WINDOW,)


def test_paper_that_is_not_proved_and_an_interrupted_hall_are_reasons(play: Play) -> None:
    label = play.ask().label
    play.ok(m.HallInterrupt(id="i", reason="a test"), CONSOLE)
    assert asked(play, label).why_not == (WhyNot.HALL, WhyNot.PAPER)


def test_ticket_that_was_called_does_not_wait(play: Play) -> None:
    label = play.take()
    play.press()
    said = asked(play, label)
    assert said.why_not == (WhyNot.NOT_WAITING,)
    assert said.windows == ()


def test_unknown_label_and_other_boxes_are_refused(play: Play) -> None:
    play.take()
    assert asked(play, "Z999").code is Refusal.UNKNOWN_TICKET
    assert asked(play, "A001", Role.KIOSK).code is Refusal.NOT_ALLOWED
