"""Routing by plain dictionaries: the same choice as the hall's own, importable alone."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from coordinator import adapter, planner, policy
from simulators.day import make
from simulators.judge import judge

ROOT = Path(__file__).parents[2]


def state(**changes: Any) -> dict[str, Any]:
    """A hall of two windows in which a walk-in and a booking wait."""
    window = {
        "open": True, "busy": False, "serving": None, "since": 0.0, "last_group": None, "reserve": False, "reserve_left": 0.0,
        "roster": [(0.0, 90.0), (100.0, 540.0)],
    }  # fmt: skip
    ticket = {
        "service": "S0",
        "cls": "walk",
        "arrive": 1.0,
        "since": 1.0,
        "appointment": None,
        "leg": 0,
        "recalled": False,
    }
    given: dict[str, Any] = {
        "now": 10.0,
        "waiting": [
            ticket | {"id": 4},
            ticket | {"id": 7, "service": "S1", "cls": "appt", "since": 2.0, "appointment": 15.0},
        ],
        "windows": [
            window | {"id": "W1", "can": ["S0", "S1"], "primary": ["S0"]},
            window | {"id": "W2", "can": ["S1"], "primary": ["S1"]},
        ],
        "services": {"S0": {"mean": 8.0, "cv": 0.7, "group": 0}, "S1": {"mean": 5.0, "cv": 0.7, "group": 1}},
        "targets": {"walk": 20, "appt": 5, "prio": 10},
        "switch_min": 0.5,
        "nonprimary_factor": 1.1,
        "bookings": [(15.0, "S1")],
        "forecast": {"rate_per_min": [1.0] * 18, "mix": {"S0": 0.5, "S1": 0.5}},
    }
    return given | changes


def test_the_id_of_the_ticket_is_given_back_as_it_came() -> None:
    assert adapter.choose(state(), "W1", 10.0) == 4
    assert adapter.choose(state(), "W2", 10.0) == 7
    named = state()
    named["waiting"][0]["id"] = "A-4"
    assert adapter.choose(named, "W1", 10.0) == "A-4"


def test_nobody_is_none_and_a_booking_too_far_ahead_is_nobody() -> None:
    assert adapter.choose(state(waiting=[]), "W1", 10.0) is None
    assert adapter.choose(state(), "W2", 4.0) is None


def test_every_part_of_the_state_arrives() -> None:
    given = state()
    given["windows"][1] |= {
        "busy": True,
        "serving": "S1",
        "since": 6.0,
        "last_group": 1,
        "reserve": True,
        "reserve_left": 9.0,
    }
    given["waiting"][1] |= {"leg": 1}
    floor = adapter.floor(given)
    one, two = sorted(floor.lines)
    assert (one.clock, one.due, one.again, one.number) == (1.0, None, False, 4)
    assert (two.clock, two.due, two.again, two.number) == (15.0, 15.0, True, 7)
    desk = floor.desks["W2"]
    assert (desk.serving, desk.since, desk.last_group, desk.reserve, desk.reserve_left) == ("S1", 6.0, "1", True, 9.0)
    assert desk.spans == ((0.0, 90.0), (100.0, 540.0))
    assert floor.outlook.bookings == ((15.0, "S1"),)
    assert (floor.outside_factor, floor.switch_min, floor.works["S0"].group) == (1.1, 0.5, "0")


def test_other_targets_are_used() -> None:
    given = state(targets={"walk": 40, "appt": 6, "prio": 11})
    rules = adapter._rules(given)
    assert (rules.walk.target, rules.booked.target, rules.priority.target) == (40, 6, 11)


def test_it_is_the_halls_own_choice_order_and_plan() -> None:
    given = state()
    floor = adapter.floor(given)
    decision = policy.choose(floor, "W1", 10.0, adapter._rules(given))
    assert decision is not None
    assert adapter.choose(given, "W1", 10.0) == int(decision.ticket.id)
    assert adapter.order_windows(given, ["W1", "W2"], 10.0) == policy.order_windows(floor, ["W1", "W2"], 10.0)
    given["waiting"] = [given["waiting"][0] | {"id": n} for n in range(30)]
    asked = planner.plan(adapter.floor(given), 82.0, planner.PlanRules())
    assert asked
    assert adapter.plan(given, 82.0) == [
        {"window": r.window, "action": str(r.kind), "minutes": r.minutes} for r in asked
    ]


def test_the_state_is_only_read() -> None:
    given = state()
    before = copy.deepcopy(given)
    adapter.choose(given, "W1", 10.0)
    adapter.plan(given, 10.0)
    assert given == before


@pytest.mark.parametrize("kind", ["employers", "bookings"])
def test_judge_finds_no_illegal_call_and_nobody_passed(kind: str) -> None:
    verdict = judge(make(kind, 11), adapter)
    assert verdict.ledger
    assert not any(call.passed_older for call in verdict.ledger)


def test_it_is_imported_alone() -> None:
    absent = ("paho", "kivy", "sqlalchemy", "structlog", "pydantic", "fastapi", "PIL", "serial")
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({absent!r}))\n"
        "import coordinator.adapter as a; print(sorted(n for n in dir(a) if n in ('choose', 'order_windows', 'plan')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("['choose', 'order_windows', 'plan']", "")
