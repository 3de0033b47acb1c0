"""Guessing: five tries, then half a minute, then a whole one."""

from __future__ import annotations

from consoles.attempt import MOST_KEPT, WAIT_MAX_S, WAIT_S, WRONG_MAX, Attempts


def tried(times: int, now: float = 0.0) -> Attempts:
    attempts = Attempts()
    for _ in range(times):
        attempts.begin("window W01", now)
    return attempts


def test_four_wrong_pins_do_not_wait() -> None:
    assert tried(WRONG_MAX - 1).wait_s("window W01", 0.0) == 0.0


def test_the_fifth_wrong_pin_makes_the_next_wait_half_a_minute() -> None:
    attempts = tried(WRONG_MAX, now=100.0)
    assert attempts.wait_s("window W01", 100.0) == WAIT_S
    assert attempts.wait_s("window W01", 100.0 + WAIT_S - 1) == 1.0
    assert attempts.wait_s("window W01", 100.0 + WAIT_S) == 0.0


def test_after_the_wait_five_more_are_allowed() -> None:
    attempts = tried(WRONG_MAX)
    for _ in range(WRONG_MAX - 1):
        attempts.begin("window W01", WAIT_S)
    assert attempts.wait_s("window W01", WAIT_S) == 0.0
    attempts.begin("window W01", WAIT_S)
    assert attempts.wait_s("window W01", WAIT_S) == 2 * WAIT_S


def test_the_wait_doubles_up_to_a_quarter_of_an_hour_and_the_right_one_ends_that() -> None:
    attempts, now, waits = Attempts(), 0.0, []
    for _ in range(7):
        for _ in range(WRONG_MAX):
            attempts.begin("account olena", now)
        waits.append(attempts.wait_s("account olena", now))
        now += waits[-1]
    assert waits == [30, 60, 120, 240, 480, WAIT_MAX_S, WAIT_MAX_S]
    attempts.right("account olena")
    for _ in range(WRONG_MAX):
        attempts.begin("account olena", now)
    assert attempts.wait_s("account olena", now) == WAIT_S


def test_the_right_pin_forgets_the_wrong_ones() -> None:
    attempts = tried(WRONG_MAX - 1)
    attempts.right("window W01")
    attempts.begin("window W01", 0.0)
    assert attempts.wait_s("window W01", 0.0) == 0.0


def test_a_try_that_did_not_come_to_the_pin_does_not_count() -> None:
    attempts = tried(WRONG_MAX)
    attempts.undo("window W01")
    assert attempts.wait_s("window W01", 0.0) == 0.0
    attempts.undo("nobody")


def test_names_do_not_wait_for_each_other() -> None:
    assert tried(WRONG_MAX).wait_s("window W02", 0.0) == 0.0


def test_made_up_names_do_not_fill_the_memory() -> None:
    attempts = tried(WRONG_MAX)
    for n in range(MOST_KEPT):
        attempts.begin(f"operator {n}", 0.0)
    assert attempts.wait_s("window W01", 0.0) == 0.0
