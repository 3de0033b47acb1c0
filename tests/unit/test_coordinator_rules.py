"""The hall's knobs of routing: their defaults are the tuned ones, their bounds and contradictions are refused, each moves a choice."""

import pytest

from contract import rules
from contract.errors import ContractError
from coordinator import routing
from coordinator.floor import Desk, Floor, Work
from coordinator.line import BOOKED, Waiting
from coordinator.policy import Rules, picks
from tests import small_hall

ROUTE = [name for name in rules.knobs() if name.startswith("route.")]


def of(**values):
    """The routing of a hall that sets these knobs (dots as two underlines)."""
    said = {name.replace("__", "."): value for name, value in values.items()}
    return routing.rules(small_hall.hall(rules=said).rule)


def test_a_hall_that_says_nothing_has_the_tuned_rules():
    assert of() == Rules()


@pytest.mark.parametrize("name", [*ROUTE, "kpi.max_wait_min", "priority.age_bonus_min"])
def test_every_knob_of_routing_changes_the_rules(name):
    knob = rules.knobs()[name]
    assert knob.range is not None
    step = (knob.range[1] - knob.default) / 100 if knob.type == "float" else 1
    assert routing.rules(lambda key: rules.value({name: knob.default + step}, key)) != Rules()


@pytest.mark.parametrize("name", ["plan.lasts_min", "plan.widen_min", "plan.delay_break_min", "plan.stretch_max_min"])
def test_every_knob_of_the_plan_changes_what_is_recommended(name):
    usual = routing.plan_rules(lambda key: rules.value({}, key))
    assert routing.plan_rules(lambda key: rules.value({name: rules.knobs()[name].default + 1}, key)) != usual


@pytest.mark.parametrize("name", ROUTE)
def test_a_value_out_of_bounds_is_refused_by_name(name):
    knob = rules.knobs()[name]
    assert knob.range is not None
    for value in (knob.range[0] - 0.01, knob.range[1] + 0.01, "20", True, None):
        with pytest.raises(ContractError, match=f"{name}: .*allowed: float from"):
            rules.check({name: value})
    rules.check({"route.guard_min": 240, "route.guard_most_min": 240, "kpi.max_wait_min": 240, name: knob.range[1]})


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"route.guard_min": 15}, "kpi.max_wait_min: 20: allowed: at most route.guard_min, which is 15"),
        ({"kpi.max_wait_min": 90}, "kpi.max_wait_min: 90: allowed: at most route.guard_min, which is 46"),
        ({"kpi.max_wait_min": 8}, "route.target_priority_min: 10: allowed: at most kpi.max_wait_min, which is 8"),
        (
            {"route.target_booked_min": 25},
            "route.target_booked_min: 25: allowed: at most kpi.max_wait_min, which is 20",
        ),
    ],
)
def test_targets_that_contradict_each_other_are_refused(values, told):
    with pytest.raises(ContractError) as caught:
        rules.check(values)
    assert told in str(caught.value)


def first(rules, *waiting):
    """Who is called at minute 100 at W1, which is laid out for `a` but may do `b`, beside nine idle windows that do both."""
    works = {"a": Work(8.0, group="A"), "b": Work(8.0, group="B")}
    desks = [
        Desk("W1", frozenset("ab"), frozenset("a"), last_group="A"),
        *(Desk(f"X{n}", frozenset("ab"), frozenset("ab")) for n in range(9)),
    ]
    return picks(Floor(works, desks, waiting), "W1", 100.0, rules)[0].ticket.id


def overtakes(rules, other):
    """How long a walk-in must have waited to be called before `other`; None: never within an hour."""
    waits = (wait / 4 for wait in range(240))
    return next((wait for wait in waits if first(rules, Waiting(100.0 - wait, 1, "walk", "a"), other) == "walk"), None)


@pytest.mark.parametrize(
    ("values", "other"),
    [
        ({"route__guard_min": 22}, Waiting(77.0, 2, "other", "b")),
        ({"kpi__max_wait_min": 40, "route__target_booked_min": 20}, Waiting(90.5, 2, "other", "a", BOOKED, 90.5)),
        ({"route__target_booked_min": 20}, Waiting(97.5, 2, "other", "a", BOOKED, 97.5)),
        ({"route__target_priority_min": 20}, Waiting(97.5, 2, "other", "a", 1)),
        ({"route__weight_booked": 0.3}, Waiting(97.0, 2, "other", "a", BOOKED, 97.0)),
        ({"route__weight_priority": 0.3}, Waiting(97.0, 2, "other", "a", 1)),
        ({"priority__age_bonus_min": 10}, Waiting(100.0, 2, "other", "a", 1)),
        ({"route__outside_profile": 0}, Waiting(90.5, 2, "other", "b")),
        ({"route__change_group": 0.9}, Waiting(90.5, 2, "other", "b")),
        ({"route__late_from": 1}, Waiting(85.0, 2, "other", "b")),
    ],
)
def test_a_knob_decides_who_is_called(values, other):
    assert overtakes(of(**values), other) != overtakes(of(), other)


def test_an_early_booking_is_called_only_as_early_as_the_hall_says():
    soon = Waiting(107.0, 1, "soon", "a", BOOKED, 107.0)
    assert first(of(), soon) == "soon"
    with pytest.raises(IndexError):
        first(of(route__early_booked_min=5), soon)
