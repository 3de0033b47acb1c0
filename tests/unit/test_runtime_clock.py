"""Hall time is a pure function of the wall, so a restart lands where it should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from runtime.clock import HallClock, SteadyClock

WALL = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
HALL = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)


def test_sixty_hall_seconds_pass_in_one() -> None:
    clock = HallClock(HALL, WALL, 60.0)
    assert clock.at(WALL) == HALL
    assert clock.at(WALL + timedelta(seconds=1)) == HALL + timedelta(minutes=1)


def test_real_hall_time_is_the_wall() -> None:
    assert HallClock.real().at(WALL) == WALL


def test_jump_of_the_wall_is_a_jump_of_the_hall_not_more() -> None:
    clock = HallClock(HALL, WALL, 60.0)
    assert clock.at(WALL - timedelta(seconds=10)) == HALL - timedelta(minutes=10)


def test_steady_clock_does_not_follow_a_jump_and_tells_it() -> None:
    wall, mono = [WALL], [100.0]
    steady = SteadyClock(HallClock(HALL, WALL, 60.0), lambda: wall[0], lambda: mono[0])
    mono[0] += 1.0
    wall[0] += timedelta(days=1)
    assert steady.now() == HALL + timedelta(minutes=1)
    assert steady.jumped_s() == 86_399


def test_what_a_box_dates_by_the_wall_is_told_in_hall_time() -> None:
    steady = SteadyClock(HallClock(HALL, WALL, 60.0), lambda: WALL, lambda: 100.0)
    assert steady.at(WALL - timedelta(seconds=10)) == HALL - timedelta(minutes=10)
    assert SteadyClock(HallClock.real(), lambda: WALL, lambda: 100.0).at(WALL) == WALL
    assert steady.at(datetime(1970, 1, 1, tzinfo=UTC)) == steady.now(), "outside the calendar"
