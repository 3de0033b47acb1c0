"""What a recommendation would bring: the same futures with it and without, the same figures every time, and never outside the rights."""

from __future__ import annotations

import pickle
import random
from dataclasses import replace
from typing import Any

import pytest

from contract import messages as m
from contract.words import MeasureKind
from coordinator import effect, measure, planner, prospect, routing
from coordinator.effect import Weighed
from coordinator.floor import Desk, Floor, Outlook, Work
from coordinator.future import Habits
from coordinator.learn import Learned
from coordinator.line import Waiting
from coordinator.planner import PlanRules, Recommendation
from coordinator.policy import Rules
from coordinator.question import Planning, answered
from coordinator.routing import minute
from tests.small_hall import WEEK, Play, hall, parts

WORKS = {"a": Work(10.0, 0.3, "g"), "b": Work(5.0, 0.3, "h")}
SURE = Habits(stays=1.0, absent=0.0, second=0.0, priority=0.0, doors=0.0)
"""Visitors who are there and stay."""
NOW = 100.0
ALL = ((0.0, 540.0),)


def floor(waiting: int, *desks: Desk) -> Floor:
    line = [Waiting(NOW - n, n, f"t{n}", "a") for n in range(waiting)]
    return Floor(WORKS, desks, line, outlook=Outlook(tuple([0.0] * 18), {"a": 1.0}))


def desk(name: str, can: str = "a", **more: Any) -> Desk:
    return Desk(name, frozenset(can), frozenset(can), **{"spans": ALL, **more})


def advised(hall: Floor, min_gain: float = 15.0, **more: Any) -> list[Weighed]:
    return effect.advise(hall, NOW, Rules(), SURE, 1, replace(PlanRules(), lasts=15.0, **more), frozenset(), min_gain)


def only(found: list[Weighed]) -> Weighed:
    (one,) = found
    return one


RESERVE = desk("W9", open=False, reserve=True, reserve_left=300.0, spans=())
HELPER = desk("W2", "b", wider=(("g", frozenset("a")),))


@pytest.mark.parametrize(
    ("kind", "second"),
    [(MeasureKind.OPEN, RESERVE), (MeasureKind.WIDEN_PROFILE, HELPER)],
)
def test_a_second_window_halves_a_long_line(kind: MeasureKind, second: Desk) -> None:
    one = only(advised(floor(8, desk("W1"), second)))
    assert one.recommendation.kind is kind
    # One window calls at 0, 10, 20 … 70 minutes; two, the second from the fifth minute on, are done in half the time.
    assert one.without.longest == pytest.approx(77, abs=12)
    assert one.done.longest < 0.65 * one.without.longest
    assert one.done.late < one.without.late <= 8
    assert one.gain == one.without.overdue - one.done.overdue > 60


def test_a_break_is_sent_later_where_that_spares_waiting() -> None:
    """Of a queue that is short, after which nobody comes, the break can wait."""
    one = only(advised(floor(4, desk("W1", spans=((0.0, NOW + 12), (NOW + 72, 540.0)))), min_gain=5.0))
    assert one.recommendation.kind is MeasureKind.DELAY_BREAK
    assert one.recommendation.expires == NOW + 12
    assert one.done.longest < one.without.longest - 20


def test_a_reserve_is_sent_home_only_where_nobody_pays_for_it() -> None:
    open_ = replace(RESERVE, open=True)
    idle = only(advised(floor(0, desk("W1"), open_)))
    assert idle.recommendation.kind is MeasureKind.CLOSE
    assert idle.without == idle.done
    assert advised(floor(12, desk("W1"), open_)) == []


def test_what_gains_too_little_or_is_settled_is_not_told() -> None:
    hall = floor(8, desk("W1"), RESERVE)
    gain = only(advised(hall)).gain
    assert advised(hall, min_gain=gain + 1) == []
    settled = frozenset({(MeasureKind.OPEN, "W9", None)})
    assert effect.advise(hall, NOW, Rules(), SURE, 1, PlanRules(), settled, 0.0) == []


def test_what_chance_would_have_done_as_well_is_not_sure() -> None:
    """A window that closes in the minute in which it would open helps nobody."""
    nothing = Recommendation("W9", MeasureKind.OPEN, 0.0, 20.0, ("a",), NOW + 15)
    (one,) = effect.weigh(floor(8, desk("W1"), RESERVE), NOW, Rules(), Habits(), 1, [nothing])
    assert one.without == one.done
    assert not one.sure


def test_the_same_seed_gives_the_same_figures_to_the_byte_and_leaves_the_hall_as_it_is() -> None:
    hall = floor(8, desk("W1"), RESERVE, HELPER)
    before = pickle.dumps((list(hall.lines), hall.desks, hall.able))
    found = [pickle.dumps(advised(hall)) for _ in range(2)]
    assert found[0] == found[1]
    assert pickle.dumps((list(hall.lines), hall.desks, hall.able)) == before
    question = Planning(hall, NOW, Rules(), SURE, 1, replace(PlanRules(), lasts=15.0), frozenset(), 15.0)
    assert pickle.dumps(answered(pickle.loads(pickle.dumps(question)))) == found[0]


def test_each_is_weighed_against_the_same_futures_as_by_itself() -> None:
    hall = floor(8, desk("W1"), RESERVE, HELPER)
    acts = planner.plan(hall, NOW, PlanRules())
    together = effect.weigh(hall, NOW, Rules(), Habits(), 3, acts)
    alone = [effect.weigh(hall, NOW, Rules(), Habits(), 3, [act])[0] for act in acts]
    assert len(acts) > 1
    assert together == alone


def test_of_windows_that_would_bring_the_same_one_is_told() -> None:
    twin = replace(RESERVE, id="W8")
    assert [one.recommendation.window for one in advised(floor(8, desk("W1"), RESERVE, twin))] == ["W8"]


@pytest.mark.parametrize(
    ("windows", "acts", "futures"), [(3, 8, 16), (20, 8, 16), (40, 6, 6), (50, 4, 6), (100, 1, 6), (400, 1, 6)]
)
def test_a_larger_hall_is_looked_at_with_less_work(windows: int, acts: int, futures: int) -> None:
    hall = floor(8, *(desk(f"W{n}", "b") for n in range(windows)))
    many = [Recommendation(f"W{n}", MeasureKind.OPEN, 60.0, 20.0, ("a",), NOW + 15) for n in range(8)]
    assert effect._affordable(hall, many) == (many[:acts], futures)


# --- in a hall of people and rights ----------------------------------------------------------------------------------------


def crowded(seed: int) -> Play:
    """Some windows of a hall with a reserve and breaks, open, closed or paused, and a morning that was too much for them."""
    chance = random.Random(seed)
    spans = dict.fromkeys(WEEK, ("09:00-11:00", "11:30-17:00"))
    windows = [{**w, "roster": {} if w["id"] == "W1" else spans, "reserve": w["id"] == "W4"} for w in parts("windows")]
    people = [
        {**o, "rights": chance.sample(parts("operators")[1]["rights"] + o["rights"], 2)} for o in parts("operators")
    ]
    play = Play(hall(windows=windows, operators=people)).open("W1", *chance.sample(["W2", "W3", "W4"], 2))
    play.at("10:46")
    mostly = chance.choice([["advice"], ["birth"], ["intake", "loss"]])
    for _ in range(chance.randrange(10, 40)):
        play.take(chance.choice(["advice", "loss", *mostly * 5]))
        play.wait(chance.expovariate(1 / 30))
    if chance.random() < 0.3:
        play.desk(m.WindowPause, chance.choice(["W1", "W2"]))
    return play


def legal(play: Play, who: str, window: str) -> set[str]:
    """What the operator may do at the station of the window, whatever the window is laid out for; by hand from the document."""
    operator, place = play.hall.operator_by_id[who], play.hall.window_by_id[window]
    held = {h.right for h in operator.rights if h.employer == operator.employer and h.valid(play.state.day.day)}
    rights = [r for r in play.hall.rights if r.id in held and operator.employer in r.employers]
    here = {r.id for r in rights if r.station in (None, place.station)}
    return {s.id for s in play.hall.services if s.right in here}


def test_nothing_is_recommended_that_is_outside_the_rights_or_cannot_be_accepted() -> None:
    seen: set[MeasureKind] = set()
    for play in map(crowded, range(30)):
        for one in candidates(play):
            seen.add(one.kind)
            there = {w.operator for w in play.state.windows.values()}
            sitting = play.window(one.window).operator
            people = [sitting] if sitting else [o.id for o in play.hall.operators if o.id not in there]
            assert any(set(one.services) <= legal(play, who, one.window) for who in people), one
            play.state.recommended = measure.recommended(play.state, [Weighed(one, NONE, NONE, sure=True)], play.now)
            (name,) = measure.current(play.state, play.now)
            assert isinstance(play.accept(name), m.Done), one
    assert seen == set(MeasureKind)


def candidates(play: Play) -> list[Recommendation]:
    """What is weighed in a running hall."""
    looked = prospect.ahead(play.state, Learned(play.state.floor.works), play.now)
    assert looked is not None
    looked = prospect.staffing(play.state, looked, play.now)
    found = planner.plan(looked, minute(play.now), routing.plan_rules(play.hall.rule))
    return [one for one in found if effect.key(one) not in measure.settled(play.state, play.now)]


NONE = effect.Expected(0.0, 0.0, 0.0)
