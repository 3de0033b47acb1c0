"""A day run forward by the hall's own choice: worked out by hand on tiny days, and held against the independent judge."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from contract.words import MeasureKind
from coordinator import adapter, simulate
from coordinator.floor import Desk, Work
from coordinator.line import BOOKED, ORDINARY
from coordinator.outcome import figures
from coordinator.planner import PlanRules, Recommendation
from coordinator.policy import Rules
from coordinator.script import Script, Visitor, recorded
from coordinator.simulate import Fifo, Index, Result
from simulators import score
from simulators.day import make
from simulators.day_file import write
from simulators.judge import judge
from simulators.rival import RIVALS

HALL = Index(Rules(), PlanRules())
ALL_DAY = ((0.0, 540.0),)
A = frozenset("a")


def visitor(number: int, arrive: float, minutes: float = 10.0, **more: object) -> Visitor:
    given = {"rank": ORDINARY, "legs": (("a", minutes),)} | more
    return Visitor(str(number), number, arrive, **given)  # type: ignore[arg-type]


def day(*visitors: Visitor, desks: tuple[Desk, ...] | None = None, **more: object) -> Script:
    works = {"a": Work(10.0, group="x"), "b": Work(5.0, group="y")}
    return Script(works, desks or (Desk("W1", A, A, spans=ALL_DAY),), visitors, **more)  # type: ignore[arg-type]


def calls(result: Result) -> list[tuple[float, str, str]]:
    return result.calls


def waits(result: Result) -> dict[str, float | None]:
    return {f"{t.visitor.id}.{t.leg}": t.wait for t in result.turns}


def test_visitors_of_one_window_are_served_one_after_the_other() -> None:
    result = simulate.run(day(visitor(1, 0.0), visitor(2, 3.0, 4.0), visitor(3, 5.0)), Fifo())
    assert calls(result) == [(0.0, "W1", "1"), (10.0, "W1", "2"), (14.0, "W1", "3")]
    assert waits(result) == {"1.0": 0.0, "2.0": 7.0, "3.0": 9.0}


def test_work_outside_the_profile_and_a_change_of_group_take_longer() -> None:
    both = Desk("W1", frozenset("ab"), A, spans=ALL_DAY)
    people = visitor(1, 0.0), visitor(2, 1.0, legs=(("b", 10.0),)), visitor(3, 12.0)
    result = simulate.run(day(*people, desks=(both,)), HALL)
    assert [round(at, 6) for at, _, _ in result.calls] == [0.0, 10.0, 21.5]
    assert result.switches == 2


def test_operator_finishes_his_visitor_before_the_break_and_nobody_is_called_in_it() -> None:
    desk = Desk("W1", A, A, spans=((0.0, 8.0), (30.0, 540.0)))
    result = simulate.run(day(visitor(1, 0.0), visitor(2, 1.0), desks=(desk,)), Fifo())
    assert [at for at, _, _ in result.calls] == [0.0, 30.0]


def test_absent_operator_is_not_there() -> None:
    result = simulate.run(day(visitor(1, 5.0), absences=(("W1", 0.0, 60.0),)), Fifo())
    assert waits(result) == {"1.0": 55.0}


def test_a_window_asks_for_nobody_until_its_recorded_rest_is_over() -> None:
    people = visitor(1, 0.0, rests=(2.5,)), visitor(2, 1.0, 4.0), visitor(3, 2.0)
    result = simulate.run(day(*people), Fifo())
    assert calls(result) == [(0.0, "W1", "1"), (12.5, "W1", "2"), (16.5, "W1", "3")]


def test_a_recorded_rest_goes_on_while_the_operator_comes_back_and_holds_up_no_second_leg() -> None:
    desks = (
        Desk("W1", A, A, spans=((0.0, 9.0), (11.0, 540.0))),
        Desk("W2", frozenset("b"), frozenset("b"), spans=ALL_DAY),
    )
    first = visitor(1, 0.0, legs=(("a", 10.0), ("b", 5.0)), rests=(3.0, 0.0))
    result = simulate.run(day(first, visitor(2, 1.0), desks=desks), Fifo())
    assert calls(result) == [(0.0, "W1", "1"), (10.0, "W2", "1"), (13.0, "W1", "2")]


def test_a_recorded_call_in_vain_takes_what_it_took() -> None:
    result = simulate.run(day(visitor(1, 0.0, absent=True, vain=2.25), visitor(2, 0.0)), Fifo())
    assert calls(result) == [(0.0, "W1", "1"), (2.25, "W1", "2")]


@pytest.mark.parametrize(("as_it_was", "switches"), [(True, 1), (False, 0)])
def test_on_a_day_as_it_was_a_call_in_vain_changes_the_group(as_it_was: bool, switches: int) -> None:
    both = Desk("W1", frozenset("ab"), frozenset("ab"), spans=ALL_DAY)
    people = visitor(1, 0.0), visitor(2, 1.0, legs=(("b", 5.0),), absent=True), visitor(3, 2.0)
    result = simulate.run(day(*people, desks=(both,), as_it_was=as_it_was), Fifo())
    assert result.switches == switches


def test_who_leaves_in_silence_costs_a_call_and_who_says_so_does_not() -> None:
    gone = visitor(2, 0.0, patience=4.0, silent=True), visitor(3, 0.0, patience=4.0, silent=False)
    result = simulate.run(day(visitor(1, 0.0), *gone, visitor(4, 1.0)), Fifo())
    assert calls(result) == [(0.0, "W1", "1"), (10.0, "W1", "2"), (11.0, "W1", "4")]
    assert [t.wait for t in result.turns if t.visitor.id in "23"] == [None, None]


def test_who_was_absent_comes_back_to_his_place_and_does_not_count() -> None:
    away = visitor(1, 0.0, absent=True, back_after=5.0)
    result = simulate.run(day(away, visitor(2, 0.5), visitor(3, 2.0)), Fifo())
    assert [name for _, _, name in result.calls] == ["1", "2", "1", "3"]
    assert [t.counted for t in result.turns] == [True, False, True]
    assert simulate.run(day(visitor(1, 0.0, absent=True)), Fifo()).turns[0].wait is None


def test_second_leg_waits_by_a_clock_of_its_own() -> None:
    two = visitor(1, 0.0, legs=(("a", 10.0), ("a", 3.0)))
    result = simulate.run(day(two, visitor(2, 1.0)), Fifo())
    assert calls(result) == [(0.0, "W1", "1"), (10.0, "W1", "2"), (20.0, "W1", "1")]
    assert waits(result) == {"1.0": 0.0, "2.0": 9.0, "1.1": 10.0}


def test_wait_of_a_booking_begins_at_its_time() -> None:
    early = visitor(1, 0.0, rank=BOOKED, due=20.0)
    assert waits(simulate.run(day(early), Index(Rules(), None))) == {"1.0": 0.0}
    assert simulate.run(day(early), Index(Rules(), None)).calls[0][0] == 10.0


def test_reserve_opens_at_its_fixed_hours_or_by_plan_and_has_no_more_than_its_minutes() -> None:
    reserve = Desk("W2", A, A, reserve=True, reserve_left=30.0)
    people = [visitor(n, 0.0) for n in range(20)]
    fixed = simulate.run(day(*people, desks=(reserve,), reserve_span=(60.0, 180.0)), Fifo())
    assert (fixed.calls[0][0], fixed.calls[-1][0], fixed.reserve_used) == (60.0, 80.0, 30.0)
    planned = simulate.run(day(*people, desks=(reserve,)), HALL)
    assert (planned.calls[0][0], planned.calls[-1][0], planned.reserve_used) == (5.0, 25.0, 30.0)


class Delays(Index):
    """Asks for one thing at minute 0."""

    def __init__(self, window: str, minutes: float) -> None:
        super().__init__(Rules(), PlanRules())
        self._asked = Recommendation(window, MeasureKind.DELAY_BREAK, minutes, 0.0, (), 5.0)

    def plan(self, _floor: object, now: float) -> list[Recommendation]:
        return [self._asked] if now == 0.0 else []


@pytest.mark.parametrize(("asked", "moved"), [(20.0, 20.0), (90.0, simulate.LONGEST_DELAY_MIN)])
def test_break_is_moved_as_a_whole_and_never_far(asked: float, moved: float) -> None:
    desk = Desk("W1", A, A, spans=((0.0, 20.0), (30.0, 540.0)))
    people = [visitor(n, 0.0, 5.0) for n in range(14)]
    free = [at for at, _, _ in simulate.run(day(*people, desks=(desk,)), Delays("W1", asked)).calls]
    gaps = [(a, b) for a, b in pairwise(free) if b - a > 6]
    assert gaps == [(15.0 + moved, 30.0 + moved)]


def test_run_ends_where_it_is_told() -> None:
    result = simulate.run(day(*(visitor(n, 10.0 * n) for n in range(9))), Fifo(), until=25.0)
    assert [name for _, _, name in result.calls] == ["0", "1", "2"]


def test_figures_of_a_day_worked_out_by_hand() -> None:
    people = (
        visitor(1, 0.0, 22.0), visitor(2, 0.0, 3.0, rank=BOOKED, due=0.0), visitor(3, 4.0, 1.0, rank=1),
        visitor(4, 5.0, 1.0, patience=15.0, silent=False),
    )  # fmt: skip
    found = figures(simulate.run(day(*people), Fifo()))
    # 1 at 0, 2 at 22 (17 over), 3 at 25 (21 waited, 11 over), 4 left at 20
    assert (found.turns, found.late, found.lost, found.longest) == (4, 0.75, 0.25, 22.0)
    assert found.debt == pytest.approx((17.0 + 11.0 + 20.0) / 4)
    assert (found.booked, found.priority) == (0.0, 0.0)


@pytest.mark.parametrize("kind", ["absences", "transfers"])
def test_the_independent_judge_sees_the_same_calls_and_figures(kind: str) -> None:
    made = make(kind, 7)
    script = recorded(json.loads(write(made)))
    for rival, router in ((RIVALS["fifo_profile"], Fifo()), (Unplanned, Index(Rules(), None))):
        verdict, result = judge(made, rival), simulate.run(script, router)
        assert [(at, window, int(name)) for at, window, name in result.calls] == [
            (call.at, call.window, call.ticket) for call in verdict.ledger
        ]
        theirs, ours = score.figures(verdict), figures(result)
        assert (ours.late, ours.longest, ours.passed) == (theirs["late"], theirs["max"], theirs["violations"])
        assert (ours.debt, ours.worst_service) == pytest.approx((theirs["debt"], theirs["worst"]))


class Unplanned:
    """The adapter's choice without its plans."""

    choose, order_windows = staticmethod(adapter.choose), staticmethod(adapter.order_windows)


@pytest.mark.parametrize("kind", ["burst"])
def test_with_plans_the_independent_judge_comes_within_a_point(kind: str) -> None:
    made = make(kind, 7)
    theirs = score.figures(judge(made, adapter))
    ours = figures(simulate.run(recorded(json.loads(write(made))), HALL))
    assert ours.late == pytest.approx(theirs["late"], abs=0.01)
    assert ours.debt == pytest.approx(theirs["debt"], abs=0.15)


def test_everybody_who_comes_ends_once_and_the_same_day_ends_the_same() -> None:
    script = recorded(json.loads(write(make("overload", 3))))
    first, second = (simulate.run(script, HALL) for _ in range(2))
    assert (first.calls, first.turns) == (second.calls, second.turns)
    ends = [(t.visitor.id, t.leg) for t in first.turns]
    assert len(ends) == len(set(ends))
    assert {v.id for v in script.visitors} == {name for name, _ in ends}


def test_order_of_visitors_in_the_script_does_not_matter() -> None:
    script = recorded(json.loads(write(make("surge", 5))))
    turned = replace(script, visitors=script.visitors[::-1])
    assert simulate.run(turned, HALL).calls == simulate.run(script, HALL).calls
