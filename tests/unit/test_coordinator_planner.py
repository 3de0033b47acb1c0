"""What is recommended about the staff, and when."""

from __future__ import annotations

from dataclasses import replace

from contract.words import MeasureKind
from coordinator.floor import Desk, Floor, Work
from coordinator.line import Waiting
from coordinator.planner import PlanRules, Recommendation, need, plan
from coordinator.pressure import pressure

RULES = PlanRules()
WORKS = {"a": Work(10.0), "b": Work(5.0)}
RESERVE = Desk("W9", frozenset("a"), frozenset("a"), open=False, reserve=True, reserve_left=90.0)


def desk(name: str, can: str = "a", **more: object) -> Desk:
    return Desk(name, frozenset(can), frozenset(can), **more)  # type: ignore[arg-type]


def floor(waiting: int, *desks: Desk, service: str = "a") -> Floor:
    return Floor(WORKS, desks, [Waiting(float(n), n, f"t{n}", service) for n in range(waiting)])


def advised(hall: Floor, now: float = 50.0) -> list[tuple[str, MeasureKind, float]]:
    return [(r.window, r.kind, r.minutes) for r in plan(hall, now, RULES)]


def test_need_is_how_long_the_work_would_wait_for_the_others() -> None:
    hall = floor(6, desk("W1", since=0.0), desk("W2", since=0.0), RESERVE)
    levels = pressure(hall, 50.0)
    assert need(hall, RESERVE, levels) == 30.0
    assert need(hall, desk("W9", "b"), levels) == 0.0


def test_work_that_nobody_else_can_do_is_far_away() -> None:
    hall = floor(1, desk("W1", "b"), RESERVE)
    assert need(hall, RESERVE, pressure(hall, 50.0)) == 60.0


def test_reserve_is_opened_for_all_its_minutes_where_it_is_needed() -> None:
    assert advised(floor(6, desk("W1"), RESERVE)) == [("W9", MeasureKind.OPEN, 90.0)]
    assert advised(floor(0, desk("W1"), RESERVE)) == []
    assert advised(floor(6, desk("W1"), replace(RESERVE, reserve_left=0.5))) == []
    assert advised(floor(6, desk("W1"), desk("W2", "b", reserve=True, open=False, reserve_left=90.0))) == []


def test_reserve_that_is_not_needed_is_sent_home() -> None:
    open_ = replace(RESERVE, open=True)
    assert advised(floor(0, desk("W1"), desk("W2"), open_)) == [("W9", MeasureKind.CLOSE, 0.0)]
    assert advised(floor(9, desk("W1"), open_)) == []


def test_break_is_sent_later_where_the_window_is_needed_and_there_is_time_to_say_so() -> None:
    spans = ((0.0, 60.0), (75.0, 540.0))
    hall = floor(9, desk("W1", spans=spans))
    assert advised(hall, 52.0) == [("W1", MeasureKind.DELAY_BREAK, RULES.delay)]
    assert advised(hall, 45.0) == advised(hall, 56.0) == []
    assert advised(floor(0, desk("W1", spans=spans)), 52.0) == []
    assert advised(floor(9, desk("W1", spans=((0.0, 60.0),))), 52.0) == [], "the end of the shift is no break"


def test_nobody_is_asked_to_work_too_long_without_a_break() -> None:
    long = RULES.stretch - RULES.delay
    for end, asked in ((long, True), (long + 1, False)):
        hall = floor(9, desk("W1", spans=((0.0, end), (end + 10, 540.0))))
        assert bool(advised(hall, end - 7)) is asked


def test_recommendation_says_what_for_and_until_when() -> None:
    (found,) = plan(floor(6, desk("W1"), RESERVE), 50.0, RULES)
    assert found == Recommendation("W9", MeasureKind.OPEN, 90.0, need=60.0, services=("a",), expires=50.0 + RULES.lasts)
