"""Waits told: worked out by running the hall forward, so what is known for sure is told for sure."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random
from statistics import mean

import pytest

from coordinator import adapter, forecast
from coordinator.floor import Desk, Floor, Outlook, Work
from coordinator.forecast import Range
from coordinator.future import AHEAD_MIN, Habits, draw
from coordinator.line import BOOKED, Waiting
from coordinator.policy import Rules
from simulators.day import make
from simulators.judge import judge

RULES = Rules()
STEADY = Habits(second=0.0, stays=1.0, absent=0.0, unkept=0.0, doors=0.0)
"""Visitors of whom nobody leaves, is away, or has a second service."""
QUIET = Outlook(begin=-60.0, closing=540.0)
"""Nobody new comes, the doors have been open for an hour."""
SURE = Work(10.0, cv=0.001, group="x")
"""Ten minutes, always."""


def floor(waiting: int = 0, windows: int = 1, serving: bool = True, **more: object) -> Floor:
    """Windows that have just called a visitor of service a, and so many more in line since minute -1."""
    desks = [
        Desk(f"W{n}", frozenset("ab"), frozenset("ab"), serving="a" if serving else None, since=0.0, last_group="x")
        for n in range(windows)
    ]
    line = [Waiting(-1.0 + n / 100, n, f"t{n}", "a") for n in range(waiting)]
    outlook = more.pop("outlook", QUIET)
    return Floor({"a": SURE, "b": SURE}, desks, line, outlook=outlook, **more)  # type: ignore[arg-type]


def told(hall: Floor, habits: Habits = STEADY, seed: int = 1, now: float = 0.0) -> dict[str, Range]:
    return forecast.walk_ins(hall, now, RULES, habits, seed)


def test_empty_hall_tells_no_wait() -> None:
    assert told(floor(serving=False)) == {"a": Range(0.0, 0.0, 0.0), "b": Range(0.0, 0.0, 0.0)}


def test_known_minutes_are_told_to_the_minute() -> None:
    # One window, busy until minute 10; three in line take it until minute 40.
    for known in told(floor(waiting=3))["a"]:
        assert known == pytest.approx(40.0, abs=0.2)
    # Two windows until minute 10, three in line: the third is served from 20 to 30, the other window is free at 20.
    for known in told(floor(waiting=3, windows=2))["a"]:
        assert known == pytest.approx(20.0, abs=0.2)


def test_walk_in_who_asks_is_told_what_the_same_ticket_is_told() -> None:
    hall = floor(waiting=4, windows=2)
    asked = told(hall)["a"]
    one = Waiting(0.0, 99, "t99", "a")
    hall.lines.join(one)
    assert forecast.ticket(hall, one.id, 0.0, RULES, STEADY, 1) == pytest.approx(asked, abs=0.1)


def test_who_only_asks_takes_nobodys_minutes() -> None:
    hall = floor(waiting=5, windows=2)
    alone = forecast.samples(hall, 0.0, RULES, Habits(), 3, tickets=["t4"])
    among = forecast.samples(hall, 0.0, RULES, Habits(), 3, tickets=["t4"], services=["a", "b"])
    assert among["t4"] == alone["t4"]


def test_more_people_ahead_never_wait_shorter() -> None:
    mids = [told(floor(waiting=n, windows=2), Habits(), seed=5)["a"].mid for n in range(0, 24, 3)]
    assert all(longer >= shorter - 2.0 for shorter, longer in pairwise(mids))
    assert mids[-1] > mids[0] + 30


def test_same_seed_tells_the_same_and_leaves_the_hall_alone() -> None:
    hall = floor(waiting=6, outlook=Outlook((0.5,) * 18, {"a": 1.0, "b": 2.0}, ((30.0, "a"),)))
    before = list(hall.lines), dict(hall.desks)
    assert told(hall, Habits()) == told(hall, Habits())
    assert told(hall, Habits()) != told(hall, Habits(), seed=2)
    assert (list(hall.lines), dict(hall.desks)) == before


def test_service_without_a_window_is_not_told() -> None:
    hall = floor()
    hall.works = {**hall.works, "c": SURE}
    assert "c" not in told(hall)


def test_wait_beyond_what_is_looked_ahead_stands_at_its_end() -> None:
    assert told(floor(waiting=30))["a"].high == AHEAD_MIN


def test_window_that_closes_for_a_break_serves_nobody_meanwhile() -> None:
    hall = floor(waiting=1)
    hall.put(Desk("W0", frozenset("ab"), frozenset("ab"), serving="a", spans=((0.0, 5.0), (50.0, 540.0))))
    assert told(hall)["a"].mid == pytest.approx(60.0, abs=0.2)


def test_operator_who_should_be_there_is_expected_back_some_time() -> None:
    hall = floor()
    hall.put(Desk("W0", frozenset("ab"), frozenset("ab"), open=False, spans=((-60.0, 540.0),)))
    found = told(hall, Habits(stays=1.0, away=20.0))["a"]
    assert found.low < 20.0 < found.high


def test_visit_that_has_gone_on_long_is_expected_to_go_on() -> None:
    hall = floor(serving=False)
    hall.works = {"a": Work(10.0, 0.8, "x"), "b": SURE}
    mids = []
    for since in (0.0, -30.0):
        hall.put(Desk("W0", frozenset("ab"), frozenset("ab"), serving="a", since=since))
        mids.append(mean(forecast.samples(hall, 0.0, RULES, STEADY, 1, services=["a"], futures=200)["a"]))
    assert mids[0] == pytest.approx(10.0, abs=1.5)
    assert mids[1] > 7.0


def test_bookings_come_about_their_time_or_not_at_all() -> None:
    booked = tuple((60.0, "a") for _ in range(400))
    hall = floor(outlook=replace(QUIET, bookings=booked))
    script, _ = draw(hall, 0.0, Habits(), Random(1))
    assert mean(v.arrive for v in script.visitors) == pytest.approx(53.5, abs=1.5)
    assert len(script.visitors) == pytest.approx(352, abs=25)
    assert {v.rank for v in script.visitors} == {BOOKED}


def test_booking_that_stands_in_line_is_not_expected_again() -> None:
    hall = floor(outlook=replace(QUIET, bookings=((20.0, "a"),)))
    hall.lines.join(Waiting(20.0, 7, "t7", "a", BOOKED, 20.0))
    assert not any(draw(hall, 15.0, STEADY, Random(n))[0].visitors for n in range(20))


def test_crowd_at_the_doors_is_expected_while_it_comes() -> None:
    outlook = Outlook((1.0,) * 18, {"a": 1.0})
    few, many = floor(outlook=outlook), floor(waiting=40, outlook=outlook)

    def coming(hall: Floor) -> float:
        drawn = [draw(hall, 3.0, STEADY, Random(n))[0].visitors for n in range(60)]
        return mean(sum(v.arrive < 7.0 for v in visitors) for visitors in drawn)

    assert coming(many) == pytest.approx(4 * 40 / 4, rel=0.25)
    assert coming(few) < 8


class Asked:
    """The adapter as a judge's policy, its forecast asked."""

    choose = staticmethod(adapter.choose)
    order_windows = staticmethod(adapter.order_windows)
    predict = staticmethod(adapter.predict)


def test_ranges_hold_on_a_made_day_and_beat_the_usual_formula() -> None:
    promises = judge(make("burst", 102), Asked()).promises
    held = [p.told[0] <= p.wait <= p.told[2] for p in promises if p.told]
    assert len(held) > 25
    assert sum(held) / len(held) > 0.65
    assert sum(abs(p.wait - p.told[1]) for p in promises if p.told) < 0.75 * sum(
        abs(p.wait - p.usual) for p in promises
    )
