"""An operator's own day: counted from the journal, told to that operator alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract import messages as m
from contract.words import PauseKind, Refusal, Role
from coordinator import workday
from journal.journal import Journal
from journal.schema import HALL
from tests.small_hall import Play, hall, refused


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "hall.db", "small", HALL, lambda: datetime(2026, 3, 17, tzinfo=UTC)) as opened:
        yield opened


def asked(play: Play, journal: Journal, operator: str = "ona", window: str = "W1", role: Role = Role.CONSOLE) -> object:
    journal.commit(play.events)
    play.events.clear()
    question = m.OperatorDay(id="q", window=window, operator=operator)
    return workday.answer(journal, play.state, question, role)


def turn(play: Play, wait_s: float, end: type[m.WindowCommand], **more: str) -> None:
    play.take()
    play.wait(wait_s).next()
    play.wait(60).desk(end, **more)


def test_a_day_is_counted_and_nobody_elses_turns_are_in_it(journal: Journal) -> None:
    play = Play(hall()).open("W1", "W2")
    turn(play, 10, m.CallFinish, result="served")
    turn(play, 1300, m.CallPark, result="missing")
    turn(play, 10, m.CallNoShow)
    play.take()
    play.next("W2")
    play.desk(m.CallFinish, "W2")
    play.desk(m.WindowPause, pause=PauseKind.LUNCH)
    play.wait(1800).desk(m.WindowOpen)
    for _ in range(2):
        play.desk(m.WindowPause)
        play.wait(100).desk(m.WindowOpen)
    told = asked(play, journal)
    assert isinstance(told, m.OperatorFigures)
    assert (told.called, told.in_time, told.missed, told.served, told.service_s) == (3, 2, 1, 2, 60.0)
    assert told.results == {"served": 1, "missing": 1}
    assert [(p.kind, p.times, p.minutes) for p in told.pauses] == [(None, 2, 3), (PauseKind.LUNCH, 1, 30)]


def test_a_day_that_begins_has_figures_too(journal: Journal) -> None:
    told = asked(Play(hall()).open("W1"), journal)
    assert isinstance(told, m.OperatorFigures)
    assert (told.called, told.served, told.service_s, told.pauses) == (0, 0, None, ())


def test_yesterday_is_not_in_it(journal: Journal) -> None:
    play = Play(hall()).open("W1")
    turn(play, 10, m.CallFinish)
    play.at("09:00", "2026-03-18").open("W1")
    told = asked(play, journal)
    assert isinstance(told, m.OperatorFigures)
    assert told.called == 0


@pytest.mark.parametrize(("operator", "window"), [("tam", "W1"), ("ona", "W2"), ("ona", "W9")])
def test_it_is_told_to_the_operator_at_the_window_alone(journal: Journal, operator: str, window: str) -> None:
    play = Play(hall()).open("W1", "W2")
    refused(asked(play, journal, operator, window), Refusal.NOT_YOURS)


def test_a_pad_or_kiosk_is_told_nothing(journal: Journal) -> None:
    refused(asked(Play(hall()).open("W1"), journal, role=Role.BRIDGE), Refusal.NOT_ALLOWED)
