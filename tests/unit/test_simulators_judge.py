"""The judge: tiny days whose outcome is worked out by hand, what it refuses, and that nobody vanishes."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from simulators import judge as judging
from simulators.day import KINDS, make
from simulators.day_file import Absence, Day, Service, Shares, Ticket, Truth, Window
from simulators.judge import IllegalError, judge, policy_named
from simulators.rival import RIVALS
from simulators.score import figures, promised, ratio

DAYS = Path(__file__).parents[1] / "days"
FIFO, FIFO_CAN = RIVALS["fifo_profile"], RIVALS["fifo_can"]
SERVICES = (
    Service("A", 10.0, 0.5, 0, 0, False, 0.6),
    Service("B", 20.0, 0.5, 1, 0, False, 0.4),
)


def window(number=1, can="A", primary=None, roster=((0.0, 540.0),), reserve=False):
    return Window(f"W{number}", 0, False, tuple(can), tuple(can if primary is None else primary), reserve, roster)


def ticket(
    number, arrive, *legs, cls="walk", appointment=None, patience=None, silent=False, absent=False, back_after=None
):
    stay = tuple(legs) or (("A", 10.0),)
    return Ticket(number, arrive, cls, appointment, stay, patience, silent, absent, back_after)


def day(tickets, windows=(), absences=(), bookings=None, half_hours=18):
    booked = tuple((t.appointment, t.legs[0][0]) for t in tickets if t.appointment is not None)
    return Day(
        name="by hand", seed=None, nonprimary_factor=1.1, switch_min=0.5, reserve_min=120.0, static_reserve=(60.0, 180.0),
        shares=Shares(0.0, 0.0, 0.0), burst=0, services=SERVICES, windows=tuple(windows) or (window(),),
        forecast_rate_per_min=(0.1,) * half_hours, bookings=booked if bookings is None else bookings,
        truth=Truth(tuple(absences), tuple(tickets)),
    )  # fmt: skip


def waits(verdict):
    return [(leg.ticket, leg.wait) for leg in sorted(verdict.legs, key=lambda leg: (leg.ticket, leg.leg))]


def calls(verdict):
    return [(call.at, call.window, call.ticket, call.outcome, call.until) for call in verdict.ledger]


def policy(choose=FIFO.choose, **others):
    return SimpleNamespace(choose=choose, **others)


# what happens


def test_the_oldest_is_called_when_the_window_is_free():
    verdict = judge(day([ticket(0, 0.0), ticket(1, 1.0), ticket(2, 30.0)]), FIFO)
    assert waits(verdict) == [(0, 0.0), (1, 9.0), (2, 0.0)]
    assert verdict.busy_min == {"W1": 30.0}
    assert verdict.open_min == {"W1": 540.0}


def test_a_silent_leaver_burns_a_minute_and_a_loud_one_does_not():
    people = [ticket(0, 0.0), ticket(1, 1.0, patience=5.0, silent=True), ticket(2, 2.0)]
    verdict = judge(day(people), FIFO)
    assert waits(verdict) == [(0, 0.0), (1, None), (2, 9.0)]
    assert calls(verdict)[1] == (10.0, "W1", 1, "gone", 11.0)
    loud = judge(day([people[0], replace(people[1], silent=False), people[2]]), FIFO)
    assert waits(loud) == [(0, 0.0), (1, None), (2, 8.0)]


def test_who_is_called_in_the_minute_of_his_patience_is_served():
    assert waits(judge(day([ticket(0, 0.0), ticket(1, 1.0, patience=9.0)]), FIFO)) == [(0, 0.0), (1, 9.0)]


def test_who_was_away_at_the_call_comes_back_and_counts_nowhere():
    people = [ticket(0, 0.0, absent=True, back_after=6.0), ticket(1, 2.0), ticket(2, 4.0), ticket(3, 5.0)]
    seen: list[tuple[float, bool, float]] = []

    def choose(state, window_id, now):
        seen.extend((t["since"], t["recalled"], now) for t in state["waiting"] if t["id"] == 0 and t["recalled"])
        return FIFO.choose(state, window_id, now)

    verdict = judge(day(people), policy(choose))
    assert calls(verdict)[:3] == [
        (0.0, "W1", 0, "absent", 1.0),
        (2.0, "W1", 1, "served", 12.0),
        (12.0, "W1", 0, "served", 22.0),
    ]
    assert seen == [(0.0, True, 12.0)]
    assert {leg.ticket: leg.counted for leg in verdict.legs} == {0: False, 1: True, 2: True, 3: True}


def test_who_never_comes_back_ends_there():
    verdict = judge(day([ticket(0, 0.0, absent=True), ticket(1, 0.5)]), FIFO)
    assert waits(verdict) == [(0, None), (1, 0.5)]
    assert [call.outcome for call in verdict.ledger] == ["absent", "served"]


def test_work_outside_the_profile_is_slower_and_a_change_of_group_costs_time():
    people = [ticket(0, 0.0, ("A", 10.0)), ticket(1, 0.0, ("B", 20.0)), ticket(2, 0.0, ("A", 10.0))]
    verdict = judge(day(people, [window(can="AB", primary="A")]), FIFO_CAN)
    assert [(call.at, call.until, call.switched, call.primary) for call in verdict.ledger] == [
        (0.0, 10.0, False, True),
        (10.0, pytest.approx(32.5), True, False),
        (pytest.approx(32.5), pytest.approx(43.0), True, True),
    ]


def test_an_operator_finishes_his_visitor_before_the_break():
    verdict = judge(day([ticket(0, 5.0), ticket(1, 6.0)], [window(roster=((0.0, 10.0), (20.0, 540.0)))]), FIFO)
    assert [(call.at, call.until) for call in verdict.ledger] == [(5.0, 15.0), (20.0, 30.0)]
    assert verdict.open_min["W1"] == 15.0 + 520.0


def test_a_visitor_longer_than_the_break_takes_it():
    verdict = judge(
        day([ticket(0, 5.0, ("A", 20.0)), ticket(1, 6.0)], [window(roster=((0.0, 10.0), (20.0, 540.0)))]), FIFO
    )
    assert [(call.at, call.until) for call in verdict.ledger] == [(5.0, 25.0), (25.0, 35.0)]
    assert verdict.open_min["W1"] == 540.0


def test_an_absent_operator_calls_nobody():
    verdict = judge(day([ticket(0, 5.0)], absences=[Absence("W1", 0.0, 30.0)]), FIFO)
    assert calls(verdict) == [(30.0, "W1", 0, "served", 40.0)]


def test_after_closing_everybody_inside_is_called_by_who_was_there():
    people = [ticket(number, 535.0) for number in range(4)]
    windows = [window(1), window(2, roster=((0.0, 500.0),))]
    verdict = judge(day(people, windows), FIFO)
    assert [(call.at, call.window) for call in verdict.ledger] == [
        (535.0, "W1"),
        (545.0, "W1"),
        (555.0, "W1"),
        (565.0, "W1"),
    ]
    assert verdict.open_min == {"W1": 575.0, "W2": 500.0}


def test_whom_nobody_there_may_serve_is_lost_at_the_end():
    verdict = judge(day([ticket(0, 535.0, ("B", 5.0))], [window(1), window(2, can="B", roster=((0.0, 500.0),))]), FIFO)
    assert waits(verdict) == [(0, None)]


def test_a_second_leg_has_a_clock_of_its_own():
    people = [ticket(0, 0.0, ("A", 10.0), ("B", 5.0)), ticket(1, 1.0, ("B", 20.0))]
    verdict = judge(day(people, [window(1), window(2, can="B")]), FIFO)
    assert [(leg.ticket, leg.leg, leg.clock, leg.wait) for leg in verdict.legs] == [
        (0, 0, 0.0, 0.0),
        (1, 0, 1.0, 0.0),
        (0, 1, 10.0, 11.0),
    ]


def test_a_booked_visitor_waits_from_the_later_of_booking_and_coming():
    early = ticket(0, 12.0, cls="appt", appointment=20.0)
    late = ticket(2, 45.0, cls="appt", appointment=40.0)
    verdict = judge(day([early, ticket(1, 35.0, ("A", 15.0)), late]), FIFO)
    assert [(leg.ticket, leg.clock, leg.wait) for leg in verdict.legs] == [
        (0, 20.0, 0.0),
        (1, 35.0, 0.0),
        (2, 45.0, 5.0),
    ]


def test_patience_counts_from_the_booked_time():
    people = [ticket(0, 0.0, ("A", 28.0)), ticket(1, 0.0, cls="appt", appointment=20.0, patience=10.0)]
    assert waits(judge(day(people), FIFO)) == [(0, 0.0), (1, 8.0)]


def test_the_longest_idle_window_is_asked_first_unless_the_policy_orders():
    people = [ticket(0, 0.0), ticket(1, 20.0)]
    windows = [window(1), window(2)]
    assert [call.window for call in judge(day(people, windows), FIFO).ledger] == ["W1", "W2"]
    ordered = policy(order_windows=lambda _state, idle, _now: sorted(idle))
    assert [call.window for call in judge(day(people, windows), ordered).ledger] == ["W1", "W1"]


def test_a_policy_that_holds_a_window_back_is_asked_again_each_minute():
    asked: list[float] = []

    def choose(state, _window, now):
        asked.append(now)
        return state["waiting"][0]["id"] if now >= 8 else None

    verdict = judge(day([ticket(0, 5.5)]), policy(choose))
    assert asked == [5.5, 6.0, 7.0, 8.0]
    assert waits(verdict) == [(0, 2.5)]


# reserves and plans

RESERVE = window(2, reserve=True, roster=())


def test_simple_policies_open_reserves_at_the_fixed_hours():
    people = [ticket(number, 50.0, ("A", 100.0)) for number in range(3)]
    verdict = judge(day(people, [window(1), RESERVE]), FIFO)
    assert calls(verdict)[:2] == [(50.0, "W1", 0, "served", 150.0), (60.0, "W2", 1, "served", 160.0)]
    assert (verdict.open_min["W2"], verdict.reserve_used) == (120.0, 120.0)


def planning(*actions):
    """A policy whose plan says each action once, at its time."""
    said = {now: {"window": which, "action": what, "minutes": minutes} for now, which, what, minutes in actions}
    return policy(plan=lambda _state, now: [said[now]] if now in said else [])


def test_a_plan_opens_a_reserve_five_minutes_later_within_its_budget():
    people = [ticket(0, 0.0, ("A", 500.0)), *(ticket(number, 1.0, ("A", 30.0)) for number in range(1, 6))]
    plans = planning((10.0, "W2", "open", 40.0), (200.0, "W2", "open", 500.0), (400.0, "W2", "open", 10.0))
    left = {}

    def choose(state, window_id, now):
        left[now] = state["windows"][1]["reserve_left"]
        return FIFO.choose(state, window_id, now)

    plans.choose = choose
    verdict = judge(day(people, [window(1), RESERVE]), plans)
    assert [(call.at, call.until) for call in verdict.ledger if call.window == "W2"] == [
        (15.0, 45.0),
        (45.0, 75.0),
        (205.0, 235.0),
        (235.0, 265.0),
        (265.0, 295.0),
    ]
    assert (left[15.0], left[45.0], left[205.0], left[235.0]) == (120.0, 90.0, 80.0, 50.0)
    assert verdict.reserve_used == 120.0
    assert verdict.open_min["W2"] == 60.0 + 90.0
    assert verdict.refused == 1


def test_a_plan_closes_a_reserve_and_keeps_the_rest():
    verdict = judge(day([], [window(1), RESERVE]), planning((0.0, "W2", "open", 100.0), (30.0, "W2", "close", 0.0)))
    assert (verdict.open_min["W2"], verdict.reserve_used) == (30.0, 30.0)


def test_a_plan_spends_nothing_at_the_fixed_hours():
    verdict = judge(day([], [window(1), RESERVE]), planning())
    assert (verdict.open_min["W2"], verdict.reserve_used) == (0.0, 0.0)


def test_a_break_is_delayed_by_half_an_hour_at_most():
    people = [ticket(number, 0.0) for number in range(8)]
    windows = [window(1, roster=((0.0, 20.0), (30.0, 540.0)))]
    plans = planning(
        (5.0, "W1", "delay_break", 20.0), (10.0, "W1", "delay_break", 20.0), (15.0, "W1", "delay_break", 1.0)
    )
    verdict = judge(day(people, windows), plans)
    assert [call.at for call in verdict.ledger] == [0.0, 10.0, 20.0, 30.0, 40.0, 60.0, 70.0, 80.0]
    assert verdict.refused == 1


@pytest.mark.parametrize(("which", "what"), [("W1", "open"), ("W1", "close"), ("W2", "close"), ("W2", "delay_break")])
def test_what_cannot_be_followed_is_counted(which, what):
    verdict = judge(day([], [window(1), RESERVE]), planning((0.0, which, what, 10.0)))
    assert (verdict.refused, verdict.open_min) == (1, {"W1": 540.0, "W2": 0.0})


# what is refused


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (policy(lambda *_: 7), "ticket 7 is not waiting"),
        (policy(lambda *_: True), "ticket True is not waiting"),
        (policy(lambda *_: ["0"]), r"ticket \['0'\] is not waiting"),
        (policy(lambda *_: 1), "W1 at 0: it may not serve B of ticket 1"),
        (policy(order_windows=lambda *_: ["W1"]), "are not the idle windows"),
        (policy(plan=lambda *_: [{"window": "W9", "action": "open", "minutes": 5}]), "plan at 0: "),
        (policy(plan=lambda *_: [{"window": "W1", "action": "dance", "minutes": 5}]), "plan at 0: "),
        (policy(plan=lambda *_: [{"window": "W1", "action": "open", "minutes": -5}]), "plan at 0: "),
        (policy(plan=lambda *_: ["open W1"]), "plan at 0: "),
        (policy(predict=lambda *_: (5.0, 4.0, 9.0)), "predict for ticket 0: 5, 4, 9"),
        (policy(predict=lambda *_: (float("nan"), 4.0, 9.0)), "predict for ticket 0: nan"),
        (policy(predict=lambda *_: 4.0), "predict for ticket 0: 4.0"),
        (policy(predict=lambda *_: ("soon", 4.0, 9.0)), "predict for ticket 0: "),
    ],
)
def test_a_policy_that_breaks_its_contract_is_stopped(rule, why):
    people = [ticket(1, 0.0, ("B", 5.0)), ticket(0, 0.0), ticket(5, 3.0)]
    windows = [window(2, can="B", roster=((1.0, 540.0),)), window(1), window(3)]
    with pytest.raises(IllegalError, match=why):
        judge(day(people, windows), rule)


def test_passing_an_older_one_of_the_same_service_and_class_is_counted():
    def newest(state, _window, _now):
        return max(ticket["id"] for ticket in state["waiting"])

    people = [ticket(0, 0.0), ticket(1, 1.0), ticket(2, 2.0), ticket(3, 3.0, cls="prio")]
    assert figures(judge(day(people), policy(newest)))["violations"] == 1.0
    assert figures(judge(day(people), FIFO))["violations"] == 0.0


# what a policy sees


def test_a_policy_sees_the_contract_and_never_the_truth():
    seen = []

    def choose(state, window_id, now):
        seen.append(json.dumps(state))
        state["waiting"].clear()
        state["windows"][0].clear()
        return FIFO.choose(json.loads(seen[-1]), window_id, now)

    booked = ticket(1, 12.0, cls="appt", appointment=20.0, patience=50.0)
    people = [ticket(0, 5.0, patience=77.0, silent=True, back_after=33.0), booked]
    verdict = judge(day(people, [window(1), RESERVE], absences=[Absence("W1", 200.0, 300.0)]), policy(choose))
    assert waits(verdict) == [(0, 0.0), (1, 0.0)]
    first, second = map(json.loads, seen)
    assert first == {
        "now": 5.0,
        "waiting": [
            {"id": 0, "service": "A", "cls": "walk", "arrive": 5.0, "since": 5.0, "appointment": None, "leg": 0, "recalled": False},
        ],
        "windows": [
            {"id": "W1", "open": True, "busy": False, "serving": None, "since": 0.0, "can": ["A"], "primary": ["A"], "last_group": None,
             "reserve": False, "reserve_left": 0.0, "roster": [[0.0, 540.0]]},
            {"id": "W2", "open": False, "busy": False, "serving": None, "since": 0.0, "can": ["A"], "primary": ["A"], "last_group": None,
             "reserve": True, "reserve_left": 120.0, "roster": []},
        ],
        "services": {"A": {"mean": 10.0, "cv": 0.5, "group": 0}, "B": {"mean": 20.0, "cv": 0.5, "group": 1}},
        "targets": {"walk": 20.0, "appt": 5.0, "prio": 10.0},
        "switch_min": 0.5,
        "nonprimary_factor": 1.1,
        "bookings": [[20.0, "A"]],
        "forecast": {"rate_per_min": [0.1] * 18, "mix": {"A": 0.6, "B": 0.4}},
    }  # fmt: skip
    assert second["waiting"][0]["appointment"] == 20.0
    assert second["windows"][0]["last_group"] == 0
    assert (second["now"], second["windows"][0]["since"]) == (15.0, 15.0)


def test_what_is_told_is_held_against_the_wait_and_the_usual_formula():
    people = [ticket(number, float(number)) for number in range(11)]
    told: list[tuple[int, float, int]] = []

    def predict(state, ticket_id, now):
        told.append((ticket_id, now, len(state["waiting"])))
        return 0.0, 40.0, 50.0

    verdict = judge(day(people), policy(predict=predict))
    assert told == [(0, 0.0, 1), (5, 5.0, 5), (10, 10.0, 9)]
    assert [(promise.usual, promise.wait) for promise in verdict.promises] == [(0.0, 0.0), (40.0, 45.0), (80.0, 90.0)]
    facts = promised(verdict.promises)
    assert facts["error"] == pytest.approx((40 + 5 + 50) / 3)
    assert facts["usual_error"] == pytest.approx((0 + 5 + 10) / 3)
    assert facts["covered"] == pytest.approx(2 / 3)
    assert facts["longer"] == pytest.approx(1 / 3)
    assert facts["width"] == 50.0


# figures


def test_the_figures_of_a_day_by_hand():
    people = [
        ticket(0, 0.0, ("A", 24.0)),
        ticket(1, 1.0, cls="prio"),
        ticket(2, 2.0, patience=3.0),
        ticket(3, 21.0, cls="appt", appointment=30.0),
        ticket(4, 60.0, absent=True),
    ]
    day_figures = figures(judge(day(people), FIFO))
    assert day_figures["late"] == 2 / 4
    assert day_figures["lost"] == 1 / 4
    assert day_figures["mean"] == pytest.approx((0 + 23 + 4) / 3)
    assert day_figures["max"] == 23.0
    assert (day_figures["prio"], day_figures["appt"]) == (0.0, 1.0)
    assert day_figures["debt"] == pytest.approx((13 + 20) / 4)
    assert day_figures["ghosts"] == 0.0


def test_a_ratio_is_paired_over_days():
    assert ratio([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]) == (0.5, 0.5, 0.5)
    value, low, high = ratio([1.0, 4.0, 1.0], [2.0, 2.0, 2.0])
    assert value == 1.0
    assert low < 1.0 < high


# the rules to compare with


@pytest.mark.parametrize(
    ("name", "served"),
    [
        ("fifo_profile", [0, 2, 4, 3, 5]),
        ("fifo_can", [0, 1, 2, 4, 3]),
        ("strict", [0, 5, 3, 2, 4]),
        ("strict_can", [0, 5, 3, 1, 2]),
        ("apq", [0, 3, 5, 1, 2]),
        ("gcmu", [0, 3, 5, 2, 4]),
    ],
)
def test_a_rule_calls_in_its_order(name, served):
    people = [
        ticket(0, 0.0, ("A", 30.0)),
        ticket(1, 1.0, ("B", 5.0)),
        ticket(2, 2.0),
        ticket(3, 4.0, cls="appt", appointment=12.0),
        ticket(4, 5.0),
        ticket(5, 13.0, cls="prio"),
    ]
    verdict = judge(day(people, [window(can="AB", primary="A")]), RIVALS[name])
    assert [call.ticket for call in verdict.ledger][:5] == served


def test_services_in_turn_alternates_and_begins_again_with_the_day():
    people = [
        ticket(0, 0.0),
        *(ticket(number, 1.0) for number in (1, 2, 3)),
        *(ticket(n, 2.0, ("B", 5.0)) for n in (4, 5)),
    ]
    for _ in range(2):
        verdict = judge(day(people, [window(can="AB")]), RIVALS["alternate"])
        assert [call.ticket for call in verdict.ledger] == [0, 4, 1, 5, 2, 3]


# whole days


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["fifo_profile", "gcmu"])
def test_nobody_vanishes_and_nothing_happens_twice(kind, name):
    made = make(kind, 2)
    verdict = judge(made, policy_named(name))
    lines = Counter((leg.ticket, leg.leg) for leg in verdict.legs)
    assert set(lines.values()) == {1}
    ended = {leg.ticket: leg for leg in sorted(verdict.legs, key=lambda leg: leg.leg)}
    for visitor in made.truth.tickets:
        assert ended[visitor.id].wait is None or ended[visitor.id].leg == len(visitor.legs) - 1
    busy = {window.id: 0.0 for window in made.windows}
    for call in verdict.ledger:
        assert call.at >= busy[call.window] - 1e-9
        busy[call.window] = call.until
    assert figures(verdict)["violations"] == 0.0
    assert all(verdict.busy_min[one] <= verdict.open_min[one] + 1e-6 for one in verdict.open_min)
    assert verdict.reserve_used <= 120.0 * 2


def test_a_policy_that_calls_nobody_loses_everybody():
    made = make("calm", 1)
    verdict = judge(made, policy(lambda *_: None))
    assert {leg.wait for leg in verdict.legs} == {None}
    assert len(verdict.legs) == len(made.truth.tickets)


def test_the_same_day_is_judged_the_same():
    made = make("burst", 1)
    assert judge(made, RIVALS["gcmu"]) == judge(made, RIVALS["gcmu"])


def test_the_made_days_are_as_hard_as_halls_are_said_to_be():
    found = {
        name: [figures(judge(make(kind, seed), RIVALS[name])) for kind in KINDS for seed in (1, 2)]
        for name in ("fifo_profile", "gcmu")
    }
    late, debt = ({name: sum(day[fact] for day in days) for name, days in found.items()} for fact in ("late", "debt"))
    assert 0.22 < late["fifo_profile"] / 18 < 0.31
    assert 0.60 < late["gcmu"] / late["fifo_profile"] < 0.78
    assert 0.52 < debt["gcmu"] / debt["fifo_profile"] < 0.72


def test_the_command_judges_files_and_made_days(capsys, tmp_path):
    assert judging.main(["--days", str(DAYS), "--policy", "gcmu", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"fifo_profile", "gcmu"}
    assert set(found["gcmu"]) == {"opening-burst", "two-employers", "all"}
    assert found["fifo_profile"]["all"]["ratios"]["late"] == [1.0, 1.0, 1.0]
    assert 0.5 < found["gcmu"]["all"]["ratios"]["late"][0] < 0.9
    assert judging.main(["--kinds", "calm", "--seeds", "1", "--policy", "apq"]) == 0
    assert "apq           calm" in capsys.readouterr().out
    (tmp_path / "bad.json").write_text('{"format": "hall-day/1"', "utf-8")
    with pytest.raises(SystemExit):
        judging.main(["--days", str(tmp_path)])
    assert "bad.json: line 1 column 24: cut short" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--kinds", "sunny"], ["--seeds", "x"], ["--policy", "no.such.module"], ["--days", "nowhere"]]
)
def test_the_command_refuses_what_it_does_not_know(arguments, capsys):
    with pytest.raises(SystemExit):
        judging.main(["--kinds", "calm", "--seeds", "1", *arguments])
    assert arguments[1] in str(capsys.readouterr().err)


def test_the_command_stops_at_what_is_illegal(tmp_path, capsys, monkeypatch):
    (tmp_path / "lawless_rule.py").write_text("def choose(state, window_id, now):\n    return -1\n", "utf-8")
    (tmp_path / "empty_rule.py").write_text("", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert judging.main(["--kinds", "calm", "--seeds", "1", "--policy", "lawless_rule"]) == 1
    assert "ticket -1 is not waiting" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        judging.main(["--policy", "empty_rule"])
    assert "has no `choose`" in capsys.readouterr().err


def test_several_processes_find_the_same(capsys):
    arguments = ["--kinds", "calm", "--seeds", "1-2", "--policy", "gcmu", "--json"]
    found = []
    for jobs in ("1", "2"):
        assert judging.main([*arguments, "-j", jobs]) == 0
        found.append(json.loads(capsys.readouterr().out))
        for group in found[-1]["gcmu"].values():
            del group["day_s"]
    assert found[0]["gcmu"] == found[1]["gcmu"]
