"""What a hall learns of itself, and how slowly a few days turn over what was assumed."""

from __future__ import annotations

import pytest

from coordinator.floor import Work
from coordinator.future import Habits
from coordinator.learn import BEFORE, Calls, Came, Served, learn

ASSUMED = {"a": Work(10.0, 0.5, "x"), "b": Work(4.0, 0.7, "y")}
NOBODY = Calls(0, 0, 0, 0)


def test_hall_without_a_past_goes_by_its_document() -> None:
    known = learn(ASSUMED, [], NOBODY, [], 0)
    assert known.works == ASSUMED
    assert known.habits.absent == Habits().absent
    assert (known.rates, known.mix) == ((), {})


def test_as_many_visits_as_assumed_move_the_mean_half_way() -> None:
    known = learn(ASSUMED, [Served("a", BEFORE, BEFORE * 20.0, BEFORE * 400.0)], NOBODY, [], 0)
    assert known.works["a"].mean == pytest.approx(15.0)
    assert known.works["b"] == ASSUMED["b"]


def test_many_visits_say_mean_and_spread_themselves() -> None:
    visits = [6.0, 18.0] * 5000
    seen = Served("a", len(visits), sum(visits), sum(v * v for v in visits))
    work = learn(ASSUMED, [seen], NOBODY, [], 0).works["a"]
    assert work.mean == pytest.approx(12.0, rel=0.01)
    assert work.cv == pytest.approx(0.5, rel=0.02)
    assert work.group == "x"


def test_visits_without_any_spread_keep_a_little() -> None:
    work = learn(ASSUMED, [Served("a", 10**6, 10**7, 10**8)], NOBODY, [], 0).works["a"]
    assert work.cv == pytest.approx(0.1)


def test_service_that_is_no_longer_offered_is_forgotten() -> None:
    known = learn(ASSUMED, [Served("gone", 9, 90.0, 900.0)], NOBODY, [Came(20, "gone", 5)], 1)
    assert set(known.works) == {"a", "b"}
    assert known.mix == {}
    assert known.rates[20] > 0  # they came all the same


def test_shares_are_blended_with_what_is_usual() -> None:
    known = learn(ASSUMED, [], Calls(75, 25, 1000, 300), [], 0)
    assert known.habits.absent == pytest.approx((Habits().absent * BEFORE + 25) / (BEFORE + 100))
    assert known.habits.second == pytest.approx(0.3, abs=0.01)


def test_arrivals_are_a_mean_over_the_days_looked_at() -> None:
    known = learn(ASSUMED, [], NOBODY, [Came(18, "a", 90), Came(18, "b", 30), Came(19, "a", 6)], 4)
    assert known.rates[18] == pytest.approx(1.0)
    assert known.rates[19] == pytest.approx(0.05)
    assert known.mix == {"a": 96.0, "b": 30.0}
