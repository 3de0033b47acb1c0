"""Recommendations accepted, dismissed, done, expired, in force to their time; nobody does anything outside his rights."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contract import messages as m
from contract.words import MeasureKind, MeasureState, Refusal, Role
from coordinator import measure, prospect, views
from coordinator.engine import Actor, apply
from coordinator.learn import Learned
from coordinator.record import Measure
from coordinator.routing import minute
from coordinator.state import HallDay, load
from tests.small_hall import BRIDGE, CONSOLE, KIOSK, WEEK, Play, hall, parts, refused

OPEN, CLOSE, DELAY, WIDEN = (
    MeasureKind.OPEN, MeasureKind.CLOSE, MeasureKind.DELAY_BREAK, MeasureKind.WIDEN_PROFILE,
)  # fmt: skip
SPANS = ["09:00-11:00", "11:30-17:00"]


def small(rules: dict[str, Any] | None = None) -> Play:
    """W1 has a break at eleven and takes no acts, its operator has no right to them; W3's could do advice."""
    windows = [{**w, "roster": dict.fromkeys(WEEK, SPANS)} if w["id"] == "W1" else w for w in parts("windows")]
    people = [
        {**o, "rights": [*o["rights"], *parts("operators")[1]["rights"][:1]]} if o["id"] == "rik" else o
        for o in parts("operators")
    ]
    return Play(hall(rules=rules, windows=windows, operators=people))


def only(play: Play) -> Measure:
    (found,) = play.state.measures.values()
    return found


def view(play: Play) -> m.ConsolesView:
    found = views.consoles_view(play.state, (), views.Mark("v-1-1", 1, 1), play.now, {})
    assert m.decode(m.encode(found)) == found
    return found


def rebuilt(play: Play) -> None:
    """The hall made again of its events, and of its rows, is the same hall."""
    again = HallDay(play.hall)
    apply(again, play.events)
    assert again.rows() == play.state.rows() == load(play.hall, play.state.rows()).rows()
    for window in play.state.windows.values():
        assert again.can(window) == play.state.can(window)
        assert again.floor.desks[window.id] == play.state.floor.desks[window.id]


# --- a wider profile -------------------------------------------------------------------------------------------------------


def test_a_wider_profile_lets_the_window_call_the_further_group_to_its_time_and_no_longer() -> None:
    play = small().open("W3")
    label = play.take("advice")
    assert play.next("W3").light == "armed"
    reply = play.accept(play.recommend(WIDEN, "W3", "general"), operator="rik")
    assert isinstance(reply, m.Done)
    assert play.kinds() == ["plan.accepted", "ticket.called"]  # the armed window is served at once
    assert play.ticket(label).window == "W3"
    assert {"advice", "intake"} < play.state.can(play.window("W3"))
    assert play.state.floor.desks["W3"].primary == {"birth", "loss"}
    assert (only(play).by, only(play).state) == ("rik", MeasureState.HOLDS)
    rebuilt(play)
    play.desk(m.CallStart, "W3")
    play.desk(m.CallFinish, "W3")
    play.take("advice")
    play.wait(3600).tick()
    assert (play.kinds(), only(play).state, only(play).ended_at) == (["plan.done"], MeasureState.DONE, play.now)
    assert play.state.can(play.window("W3")) == {"birth", "loss"}
    assert play.next("W3").light == "armed"
    rebuilt(play)


@pytest.mark.parametrize(("window", "group"), [("W1", "acts"), ("W3", "papers"), ("W1", "general"), ("W9", "acts")])
def test_a_profile_is_never_widened_beyond_the_operators_rights_and_the_station(window: str, group: str) -> None:
    play = small().open("W1", "W3")
    refused(play.accept(play.recommend(WIDEN, window, group)), Refusal.RECOMMENDATION_OVER)
    assert play.state.measures == {}


def test_the_operator_who_sits_down_later_takes_of_the_further_group_what_he_may() -> None:
    play = small().open("W3")
    play.accept(play.recommend(WIDEN, "W3", "general"))
    play.desk(m.WindowLogout, "W3")
    play.login("W3", "bea")
    assert play.state.can(play.window("W3")) == {"advice", "intake"}


def test_who_was_sent_to_a_window_alone_may_be_called_by_all_when_it_takes_him_no_longer() -> None:
    play = small().open("W1", "W3")
    play.accept(play.recommend(WIDEN, "W3", "general"))
    label = play.take("advice")
    play.next("W1")
    play.desk(m.CallTransfer, "W1", to_window="W3")
    assert play.ticket(label).only_window == "W3"
    play.wait(3600).tick()
    assert play.ticket(label).only_window is None
    play.wait(3)
    assert play.next("W1").label == label


# --- breaks ----------------------------------------------------------------------------------------------------------------


def ahead(play: Play) -> tuple[tuple[float, float], ...]:
    found = prospect.ahead(play.state, Learned(play.state.floor.works), play.now)
    assert found is not None
    return found.desks["W1"].spans


def test_a_break_is_sent_later_once_and_the_forecast_knows() -> None:
    play = small().open("W1").at("10:50")
    assert [minute(play.local(clock)) for clock in ("11:00", "11:30")] == [ahead(play)[0][1], ahead(play)[1][0]]
    play.accept(play.recommend(DELAY, "W1"))
    assert [minute(play.local(clock)) for clock in ("11:30", "12:00")] == [ahead(play)[0][1], ahead(play)[1][0]]
    assert (only(play).break_at, only(play).until) == (play.local("11:00"), play.local("12:00"))
    rebuilt(play)
    refused(play.accept(play.recommend(DELAY, "W1")), Refusal.RECOMMENDATION_OVER)
    play.at("12:00").tick()
    assert only(play).state is MeasureState.DONE


def test_the_lunch_of_the_hall_is_nobodys_break() -> None:
    play = Play(hall(("09:00-12:30", "13:30-17:00"))).open("W1")
    refused(play.accept(play.recommend(DELAY, "W1")), Refusal.RECOMMENDATION_OVER)
    assert (DELAY, "W1", None) in measure.settled(play.state, play.now)


# --- what a person must do -------------------------------------------------------------------------------------------------


def test_an_opening_is_asked_and_done_when_the_window_opens() -> None:
    play = small().open("W1")
    play.accept(play.recommend(OPEN, "W2"))
    assert only(play).state is MeasureState.ASKED
    (told,) = view(play).measures
    assert (told.window, told.number, told.state, told.by) == ("W2", 2, "asked", "console-1")
    assert told.until == told.accepted_at + timedelta(minutes=15)
    play.login("W2")
    play.tick()
    assert only(play).state is MeasureState.ASKED
    play.desk(m.WindowOpen, "W2")
    play.tick()
    assert only(play).state is MeasureState.DONE
    rebuilt(play)


def test_what_nobody_did_in_time_expires_and_a_closing_is_done_when_it_closes() -> None:
    play = small().open("W1", "W2")
    play.accept(play.recommend(OPEN, "W3"))
    play.wait(15 * 60).tick()
    assert only(play).state is MeasureState.EXPIRED
    name = play.recommend(CLOSE, "W2")
    play.accept(name)
    play.desk(m.WindowClose, "W2")
    play.tick()
    assert play.state.measures[name].state is MeasureState.DONE


def test_the_end_of_the_day_ends_what_holds_and_what_was_asked() -> None:
    play = small().open("W1", "W3")
    names = [play.recommend(WIDEN, "W3", "general"), ""]
    play.accept(names[0])
    names[1] = play.recommend(OPEN, "W2")
    play.accept(names[1])
    play.ok(m.HallClose(**play.id()), CONSOLE)
    assert [play.state.measures[n].state for n in names] == [MeasureState.DONE, MeasureState.EXPIRED]
    rebuilt(play)
    play.at("09:00", "2026-03-18").tick()
    assert play.state.measures == {}
    rebuilt(play)


# --- who, when, what not ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [KIOSK, BRIDGE, Actor("terminal-1", Role.TERMINAL)])
def test_only_consoles_decide(actor: Actor) -> None:
    play = small().open("W1")
    name = play.recommend(OPEN, "W2")
    refused(play.accept(name, actor), Refusal.NOT_ALLOWED)
    refused(play.dismiss(name, actor), Refusal.NOT_ALLOWED)


def test_who_decides_is_written_down_as_the_console_says_it() -> None:
    play = small().open("W1")
    play.accept(play.recommend(OPEN, "W2"), operator="olena")
    assert [one.by for one in play.state.measures.values()] == ["olena"]


def test_an_id_that_was_never_recommended_is_unknown_and_an_old_or_decided_one_is_over() -> None:
    play = small().open("W1")
    refused(play.accept("nobody-said-so"), Refusal.UNKNOWN_RECOMMENDATION)
    name = play.recommend(OPEN, "W2", lasts=5)
    play.wait(300)
    refused(play.accept(name), Refusal.RECOMMENDATION_OVER)
    name = play.recommend(OPEN, "W2")
    play.accept(name)
    refused(play.accept(name), Refusal.RECOMMENDATION_OVER)
    play.state.recommended = None
    refused(play.dismiss(name), Refusal.RECOMMENDATION_OVER)
    name = play.recommend(OPEN, "W3")
    play.login("W3")
    play.desk(m.WindowOpen, "W3")
    refused(play.accept(name), Refusal.RECOMMENDATION_OVER)


def test_a_closed_or_interrupted_hall_recommends_nothing() -> None:
    play = small().open("W1")
    name = play.recommend(OPEN, "W2")
    play.ok(m.HallInterrupt(**play.id(), reason="alert"), CONSOLE)
    assert view(play).recommendations == ()
    refused(play.accept(name), Refusal.RECOMMENDATION_OVER)


def test_what_is_not_wanted_is_quiet_for_a_while() -> None:
    play = small().open("W1")
    name = play.recommend(OPEN, "W2")
    assert isinstance(play.dismiss(name), m.Done)
    assert not view(play).recommendations
    assert not view(play).measures
    assert (OPEN, "W2", None) in measure.settled(play.state, play.now)
    play.recommend(OPEN, "W2")
    assert view(play).recommendations == ()
    play.wait(30 * 60)
    again = play.recommend(OPEN, "W2")
    assert [one.id for one in view(play).recommendations] == [again]
    assert again != name
    rebuilt(play)


def test_a_recommendation_keeps_its_id_as_long_as_it_is_made() -> None:
    play = small().open("W1")
    first = play.recommend(OPEN, "W2", gain=20)
    play.wait(120)
    assert play.recommend(OPEN, "W2", gain=90) == first
    assert play.recommend(OPEN, "W3") != first
    assert play.recommend(OPEN, "W2") != first


def test_consoles_are_told_both_figures_and_until_when() -> None:
    play = small().open("W1", "W3")
    name = play.recommend(WIDEN, "W3", "general", gain=50.04)
    (told,) = view(play).recommendations
    assert (told.id, told.kind, told.number, told.operator, told.group, told.minutes) == (
        name,
        WIDEN,
        3,
        "rik",
        "general",
        60,
    )
    assert told.without == m.Expected(late=9.0, overdue_min=150.0, longest_min=44.0)
    assert told.done == m.Expected(late=4.0, overdue_min=100.0, longest_min=31.0)
    assert told.expires == play.now + timedelta(minutes=15)
    assert not told.alone
    play.wait(15 * 60)
    assert view(play).recommendations == ()


# --- by itself -------------------------------------------------------------------------------------------------------------

ALONE = {"plan.act_alone": ["widen_profile", "open"], "plan.alone_gain_min": 50, "plan.alone_per_hour": 2}


def test_by_itself_the_hall_does_nothing_unless_its_rules_say_so() -> None:
    play = small().open("W1", "W3")
    play.recommend(WIDEN, "W3", "general", gain=5000)
    play.tick()
    assert play.state.measures == {}


@pytest.mark.parametrize(
    ("kind", "window", "group", "gain", "done"),
    [(WIDEN, "W3", "general", 50, True), (WIDEN, "W3", "general", 49, False), (OPEN, "W2", None, 60, True),
     (DELAY, "W1", None, 500, False), (WIDEN, "W1", "acts", 500, False)],
)  # fmt: skip
def test_by_itself_it_does_what_is_within_its_limits(
    kind: MeasureKind, window: str, group: str | None, gain: float, done: bool
) -> None:
    play = small(ALONE).open("W1", "W3")
    play.at("10:50").recommend(kind, window, group, gain=gain)
    assert view(play).recommendations[0].alone == (kind is not DELAY and gain >= 50)
    play.tick()
    assert [(one.kind, one.by) for one in play.state.measures.values()] == ([(kind, None)] if done else [])
    if done:
        assert play.last[0].who == "coordinator"
        assert play.last[0].facts["alone"] is True
        assert view(play).measures[0].by is None
        rebuilt(play)


def test_by_itself_it_looks_anew_after_each_and_does_so_many_an_hour() -> None:
    play = small(ALONE).open("W1", "W3")
    for window in ("W2", "W4"):
        play.recommend(OPEN, window)
        play.tick()
        assert play.kinds() == ["plan.accepted"]
        play.tick()
        assert play.kinds() == []
        play.wait(1)
    play.recommend(WIDEN, "W3", "general")
    play.tick()
    assert play.kinds() == []
    play.wait(3600 - 1).tick()
    play.recommend(WIDEN, "W3", "general")
    play.tick()
    assert play.kinds() == ["plan.accepted"]
