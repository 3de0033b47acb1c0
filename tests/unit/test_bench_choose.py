"""What the bench of choosing measures is the product's whole choice: a full hall, nobody past the guard, a look at heads only."""

from bench import choose
from coordinator import policy
from coordinator.routing import minute


def test_the_measured_hall_is_full_and_its_choice_weighs_urgency():
    state = choose._hall_day(1000)
    now = minute(choose.NOW)
    assert sum(state.floor.lines.counts.values()) == 1000
    assert sum(desk.serving is not None for desk in state.floor.desks.values()) == 90
    decision = policy.choose(state.floor, "w0", now, state.rules)
    assert decision is not None
    assert decision.facts["wait_min"] < state.rules.guard
    assert decision.runner_up is not None
    assert decision.facts["alt_min"] > 0
