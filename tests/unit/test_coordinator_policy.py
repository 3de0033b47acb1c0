"""Whom a window calls next, and why: what must hold for any hall, and what each term does."""

from __future__ import annotations

import random
from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from contract.words import Why
from coordinator.floor import Desk, Floor, Work
from coordinator.line import BOOKED, ORDINARY, Lines, Waiting
from coordinator.policy import Claim, Decision, Rules, choose, order_windows, words

NOW = 100.0
RULES = Rules(
    walk=Claim(20.0, 8.8, 0.89, 1.0), booked=Claim(5.0, 8.8, 0.89, 0.77), priority=Claim(10.0, 8.8, 0.89, 1.11),
    guard=60.0, early_booked=10.0, steep=3.9, quick=0.3, quick_late=0.2, cap=1.1, late=0.034, lost=0.9, outside=0.25, switch=0.04,
    alt_most=30.0,
)  # fmt: skip
"""Rules in which every term decides something; what a hall has by default is found on days, not here."""
SERVICES = "abcd"
WORKS = {"a": Work(10.0, group="x"), "b": Work(5.0, group="y"), "c": Work(20.0, 0.9, "x"), "d": Work(8.0, 0.5, "z")}


def one(waited: float, number: int = 1, service: str = "a", rank: int = ORDINARY, **more: object) -> Waiting:
    """Somebody who has waited that long; a negative wait is a booking ahead of its time."""
    due = NOW - waited if rank == BOOKED else None
    return Waiting(NOW - waited, number, f"t{number}", service, rank, due, **more)  # type: ignore[arg-type]


def desk(name: str, can: str, primary: str | None = None, **more: object) -> Desk:
    return Desk(name, frozenset(can), frozenset(can if primary is None else primary), **more)  # type: ignore[arg-type]


def called(waiting: list[Waiting], *desks: Desk, rules: Rules = RULES) -> Decision:
    """The choice of the first of the windows."""
    decision = choose(Floor(WORKS, desks, waiting), desks[0].id, NOW, rules)
    assert decision is not None
    return decision


# --- what holds in any hall ------------------------------------------------------------------------------------------------


@st.composite
def floors(draw: st.DrawFn) -> tuple[list[Desk], list[Waiting]]:
    """A hall of three windows and up to twenty who wait."""
    some = st.frozensets(st.sampled_from(SERVICES), min_size=1)
    desks = []
    for n in range(3):
        can = draw(some)
        primary = frozenset(draw(st.sets(st.sampled_from(sorted(can)))))
        serving = None if n == 0 else draw(st.sampled_from([None, *SERVICES]))
        since = NOW - draw(st.floats(0, 60))
        group = draw(st.sampled_from([None, "x", "y", "z"]))
        desks.append(Desk(f"W{n}", can, primary, n == 0 or draw(st.booleans()), serving, since, group))
    waiting = []
    for n in range(draw(st.integers(0, 20))):
        rank = draw(st.sampled_from([ORDINARY, ORDINARY, 1, 2, BOOKED]))
        waited = draw(st.one_of(st.floats(-15, 30), st.floats(0, 90))) if rank == BOOKED else draw(st.floats(0, 90))
        only = draw(st.sampled_from([None, None, None, "W0", "W1"]))
        again = draw(st.booleans())
        waiting.append(one(waited, n, draw(st.sampled_from(SERVICES)), rank, only_window=only, again=again))
    return desks, waiting


@settings(max_examples=150, deadline=None)
@given(floors(), st.randoms(use_true_random=False))
def test_choice_keeps_every_promise_in_any_hall(hall: tuple[list[Desk], list[Waiting]], mix: random.Random) -> None:
    desks, waiting = hall
    decision = choose(Floor(WORKS, desks, waiting), "W0", NOW, RULES)
    mine = [w for w in waiting if w.service in desks[0].can and w.only_window in (None, "W0")]
    callable_ = [w for w in mine if w.due is None or w.due - NOW <= RULES.early_booked]
    assert (decision is None) == (not callable_)
    if decision is None:
        return
    ticket = decision.ticket
    assert ticket in callable_
    same = [w for w in mine if (w.service, w.rank) == (ticket.service, ticket.rank)]
    assert ticket == min(same), "an older one of the same line was passed"
    past = [w for w in callable_ if NOW - w.clock >= RULES.guard]
    assert not past or ticket == min(past), "the guard was broken"
    due = [w for w in callable_ if w.due is None or w.due <= NOW]
    assert not due or ticket in due, "a booking was called early while others waited"
    heads = Floor(WORKS, desks, waiting).heads(desks[0])
    late = [h for h in heads if h.rank < ORDINARY and not h.again and NOW - h.clock > RULES.priority.target]
    assert not ticket.again or past or not late, "a recalled ticket went before a late priority visitor"
    mix.shuffle(desks)
    mix.shuffle(waiting)
    assert choose(Floor(WORKS, desks, waiting), "W0", NOW, RULES) == decision


@settings(max_examples=150, deadline=None)
@given(floors())
def test_why_names_the_term_whose_removal_changes_the_choice(hall: tuple[list[Desk], list[Waiting]]) -> None:
    desks, waiting = hall
    waiting = [w._replace(again=False) for w in waiting]
    decision = choose(Floor(WORKS, desks, waiting), "W0", NOW, RULES)
    if decision is None or decision.why not in REMOVED:
        return
    less = choose(Floor(WORKS, desks, waiting), "W0", NOW, REMOVED[decision.why])
    assert less is not None
    assert less.ticket != decision.ticket


def _plain(claim: Claim) -> Claim:
    return replace(claim, scarcity=0.0)


REMOVED = {
    Why.SCARCE: replace(RULES, walk=_plain(RULES.walk), booked=_plain(RULES.booked), priority=_plain(RULES.priority)),
    Why.PROFILE: replace(RULES, outside=0.0),
    Why.SAME_KIND: replace(RULES, switch=0.0),
    Why.QUICK: replace(RULES, quick=0.0, quick_late=0.0),
    Why.IN_TIME: replace(RULES, lost=1.0, quick_late=0.0),
    Why.BOOKED: replace(RULES, booked=RULES.walk, priority=RULES.walk),
    Why.PRIORITY: replace(RULES, booked=RULES.walk, priority=RULES.walk),
}


# --- what each term does ---------------------------------------------------------------------------------------------------


def test_nobody_waiting_is_none() -> None:
    floor = Floor(WORKS, [desk("W1", "a")], [one(5, service="b")])
    assert choose(floor, "W1", NOW, RULES) is None


def test_clock_that_was_set_back_makes_waits_nothing() -> None:
    decision = called([one(-500, 1), one(-400, 2, "b", rank=1)], desk("W1", "ab"))
    assert (decision.ticket.number, decision.facts["wait_min"]) == (2, 0.0)
    assert called([one(-500, 1)], desk("W1", "ab")).why is Why.ALONE


def test_only_one_line_says_so() -> None:
    decision = called([one(5, 1), one(3, 2)], desk("W1", "ab"))
    assert (decision.ticket.number, decision.why, decision.runner_up) == (1, Why.ALONE, None)


def test_longer_wait_goes_first_and_ties_go_by_number() -> None:
    windows = desk("W1", "ad"), desk("W2", "ad")
    same = {**WORKS, "d": Work(10.0, group="x")}
    for waits, first in (((3, 9), 2), ((9, 3), 1), ((4, 4), 1)):
        floor = Floor(same, windows, [one(waits[0], 1), one(waits[1], 2, "d")])
        decision = choose(floor, "W1", NOW, RULES)
        assert decision is not None
        assert (decision.ticket.number, decision.why) == (first, Why.WAITED)


def test_who_can_be_served_nowhere_else_goes_first() -> None:
    waiting = [one(6, 1, "a"), one(5.5, 2, "d")]
    decision = called(waiting, desk("W1", "ad"), desk("W2", "a"))
    assert (decision.ticket.number, decision.why) == (2, Why.SCARCE)
    assert decision.facts["alt_min"] == RULES.alt_most
    assert called(waiting, desk("W1", "ad"), desk("W2", "ad")).ticket.number == 2 - (WORKS["a"].mean < WORKS["d"].mean)


def test_busy_window_is_farther_away_than_an_idle_one() -> None:
    busy = desk("W2", "d", serving="c", since=NOW)
    waiting = [one(6, 1, "a"), one(5.5, 2, "d")]
    assert called(waiting, desk("W1", "ad"), busy, desk("W3", "a")).ticket.number == 2


def test_priority_goes_before_who_waits_as_long() -> None:
    decision = called([one(4, 1), one(4, 2, rank=1)], desk("W1", "a"))
    assert (decision.ticket.number, decision.why) == (2, Why.PRIORITY)
    assert decision.facts["target_min"] == RULES.priority.target


def test_booking_that_is_due_goes_before_who_just_came() -> None:
    decision = called([one(1, 1), one(1, 2, rank=BOOKED)], desk("W1", "a"))
    assert (decision.ticket.number, decision.why) == (2, Why.BOOKED)


def test_booking_is_called_early_only_where_the_window_would_idle() -> None:
    assert called([one(-4, 1, rank=BOOKED), one(0, 2, "b")], desk("W1", "ab")).ticket.number == 2
    decision = called([one(-4, 1, rank=BOOKED)], desk("W1", "ab"))
    assert (decision.ticket.number, decision.why, words(decision, RULES)["wait"]) == (1, Why.EARLY, "4")
    assert choose(Floor(WORKS, [desk("W1", "a")], [one(-11, 1, rank=BOOKED)]), "W1", NOW, RULES) is None


def test_quick_visit_goes_before_a_long_one_of_the_same_wait() -> None:
    decision = called([one(5, 1, "c"), one(5, 2, "b")], desk("W1", "bc"), desk("W2", "bc"))
    assert (decision.ticket.number, decision.why) == (2, Why.QUICK)


def test_own_profile_goes_before_other_work() -> None:
    works = {"a": Work(10.0, group="x"), "d": Work(10.0, group="x")}
    desks = [desk("W1", "ad", "d"), *(desk(f"W{n}", "ad") for n in range(2, 9))]
    floor = Floor(works, desks, [one(2.6, 1, "a"), one(2, 2, "d")])
    decision = choose(floor, "W1", NOW, RULES)
    assert decision is not None
    assert (decision.ticket.number, decision.why) == (2, Why.PROFILE)


def test_who_is_already_late_does_not_push_aside_who_can_be_in_time() -> None:
    works = {"a": Work(10.0, group="x"), "d": Work(10.0, group="x")}
    windows = desk("W1", "ad", serving=None), desk("W2", "ad")
    floor = Floor(works, windows, [one(RULES.walk.target + 3, 1, "a"), one(RULES.walk.target - 0.5, 2, "d")])
    decision = choose(floor, "W1", NOW, RULES)
    assert decision is not None
    assert (decision.ticket.number, decision.why) == (2, Why.IN_TIME)


def test_beyond_the_guard_the_oldest_goes_first_whoever_else_waits() -> None:
    guard = RULES.guard
    waiting = [one(guard + 1, 1, "c"), one(guard + 2, 2, "a"), one(11, 3, "b", rank=1)]
    decision = called(waiting, desk("W1", "abc", "b"))
    assert (decision.ticket.number, decision.why) == (2, Why.GUARD)


def test_recalled_ticket_waits_for_a_late_priority_visitor() -> None:
    back = one(19, 1, "b", again=True)
    late = one(RULES.priority.target + 1, 2, "c", rank=1)
    windows = desk("W1", "bc"), desk("W2", "c")
    strong = replace(RULES, priority=replace(RULES.priority, weight=0.1))
    assert called([back._replace(again=False), late], *windows, rules=strong).ticket.number == 1
    decision = called([back, late], *windows, rules=strong)
    assert (decision.ticket.number, decision.why) == (2, Why.PRIORITY)


def test_hall_with_another_promise_moves_the_targets() -> None:
    assert Rules().promising(30.0).walk.target == 30.0
    assert Rules().promising(30.0).priority.target == Rules().priority.target
    assert Rules().promising(4.0).booked.target == 4.0


def test_idle_windows_are_ordered_by_profile_then_flexibility_then_idleness() -> None:
    desks = [
        desk("W1", "abc", since=5.0), desk("W2", "ab", "b"), desk("W3", "ab", since=3.0), desk("W4", "ab", since=2.0),
    ]  # fmt: skip
    floor = Floor(WORKS, desks, [one(1)])
    assert order_windows(floor, ["W1", "W2", "W3", "W4"], NOW) == ["W4", "W3", "W1", "W2"]


# --- what it costs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [100, 10_000])
def test_choice_looks_at_heads_however_many_wait(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = [one(n % 50, n, SERVICES[n % 4], ORDINARY if n % 3 else 1) for n in range(many)]
    floor = Floor(WORKS, [desk("W1", SERVICES), desk("W2", SERVICES)], waiting)
    looked: list[Waiting] = []
    heads = Lines.heads

    def counted(self: Lines, service: str, window: str) -> list[Waiting]:
        found = list(heads(self, service, window))
        looked.extend(found)
        return found

    monkeypatch.setattr(Lines, "heads", counted)
    assert choose(floor, "W1", NOW, RULES) is not None
    assert len(looked) == 2 * len(SERVICES)
