"""The hall as its forecast looks ahead from it, and the wait as people are told it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contract import messages as m
from contract.messages import Wait
from contract.words import Role
from coordinator import forecast, prospect, views
from coordinator.engine import Actor
from coordinator.forecast import Range
from coordinator.future import AHEAD_MIN, Habits
from coordinator.learn import HALF_HOURS, Learned
from coordinator.record import replace
from coordinator.routing import minute
from coordinator.state import Forecast
from coordinator.views import Mark
from tests.small_hall import CONSOLE, LUNCH, WEEK, Play, hall, parts

MARK = Mark("v-1-1", 1, 1)


def forecasted(play: Play, low: float = 12.0, high: float = 23.0) -> None:
    """As after a forecast of this moment: the same range for every service."""
    ranges = {service.id: Range(low, (low + high) / 2, high) for service in play.hall.services}
    play.state.forecast = Forecast(play.now, ranges, dict(play.state.issued))


def issued_to(play: Play, service: str = "advice", **more: Any) -> Any:
    """What a kiosk is answered that asks for a ticket without paper."""
    return play.ask(service, paper=False, **more)


@pytest.fixture
def play() -> Play:
    found = Play(hall())
    found.open("W1", "W2")
    return found


# --- told ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drawn", "later", "low", "high"),
    [
        ((0, 0, 0), 0, 0, 5),
        ((12.1, 15, 20.0), 0, 10, 20),
        ((12.1, 15, 20.1), 0, 10, 25),
        ((12.1, 15, 20.0), 8, 20, 30),
        ((14.9, 15, 15.0), 0, 10, 15),
        ((41, 60, AHEAD_MIN), 0, 40, None),
    ],
)
def test_range_is_told_in_fives_rounded_outward(drawn: Any, later: float, low: int, high: int | None) -> None:
    assert prospect.wait(Range(*drawn), later) == Wait(low=low, high=high)


def test_group_is_told_from_its_shortest_to_its_longest() -> None:
    assert prospect.over([Wait(low=5, high=10), None, Wait(low=15, high=30)]) == Wait(low=5, high=30)
    assert prospect.over([Wait(low=5, high=10), Wait(low=60)]) == Wait(low=5)
    assert prospect.over([None]) is None


def test_issued_ticket_is_told_the_wait_and_keeps_it(play: Play) -> None:
    forecasted(play)
    issued = issued_to(play)
    assert issued.wait == Wait(low=10, high=25)
    ticket = play.state.tickets[issued.ticket]
    assert (ticket.told_low, ticket.told_high) == (10, 25)
    forecasted(play, 50, 60)
    assert views.desk_ticket(play.state, play.state.tickets[issued.ticket], play.now).told == issued.wait


def test_without_a_forecast_nothing_is_told(play: Play) -> None:
    issued = issued_to(play)
    assert issued.wait is None
    assert play.state.tickets[issued.ticket].told is None


def test_old_forecast_says_nothing(play: Play) -> None:
    forecasted(play)
    play.wait(prospect.OLD_MIN * 60 + 9)
    assert views.service_waits(play.state, play.now)
    play.wait(2)
    assert views.service_waits(play.state, play.now) == {}
    assert issued_to(play).wait is None


def test_tickets_given_out_since_the_forecast_are_told_longer(play: Play) -> None:
    forecasted(play)
    first = issued_to(play, "birth")
    lows = [issued_to(play, "birth").wait.low for _ in range(6)]
    assert first.wait.low <= lows[0] <= lows[-1]
    assert lows[-1] >= 12 + 5 * 8 / 2 - 5


def test_priority_visitor_is_told_he_may_be_called_at_once(play: Play) -> None:
    forecasted(play)
    assert issued_to(play, priority_group="veteran").wait == Wait(low=0, high=25)


@pytest.mark.parametrize(("waited_min", "kept"), [(5, "sooner"), (12, "within"), (26, "longer")])
def test_what_was_told_is_held_against_the_first_call(play: Play, waited_min: int, kept: str) -> None:
    forecasted(play)
    issued = issued_to(play)
    play.wait(60 * waited_min)
    assert play.press().label == issued.label
    assert play.state.tickets[issued.ticket].told_kept == kept
    view = views.consoles_view(play.state, (), MARK, play.now, {})
    assert view.waits_kept == m.Kept(told=1, within=int(kept == "within"), longer=int(kept == "longer"))


def test_views_show_the_waits_of_now(play: Play) -> None:
    assert views.consoles_view(play.state, (), MARK, play.now, {}).waits_kept is None
    forecasted(play)
    told = Wait(low=10, high=25)
    waits = views.service_waits(play.state, play.now)
    groups = views.group_waits(play.state, waits)
    assert views.kiosk_view(play.state, MARK, play.now, waits).waits["advice"] == told
    group = play.hall.service_by_id["advice"].group
    zone = play.hall.group_by_id[group].zone
    called = {window: views.board_call(play.state, window) for window in play.state.windows}
    assert views.board(play.state, zone, called, MARK, groups).waits[group] == told
    queues = {q.group: q.wait for q in views.consoles_view(play.state, (), MARK, play.now, groups).queues}
    assert queues[group] == told


def test_interrupted_hall_tells_no_wait(play: Play) -> None:
    forecasted(play)
    play.ok(m.HallInterrupt(id="i", reason="a test"), CONSOLE)
    assert views.service_waits(play.state, play.now) == {}


# --- looking ahead ---------------------------------------------------------------------------------------------------------


def ahead(play: Play, **more: Any) -> Any:
    return prospect.ahead(play.state, Learned(play.state.floor.works, **more), play.now)


def test_looking_ahead_leaves_the_hall_as_it_is(play: Play) -> None:
    play.ask("advice", Actor("kiosk-1", Role.KIOSK))
    before = list(play.state.floor.lines), dict(play.state.floor.desks)
    floor = ahead(play)
    assert len(list(floor.lines)) == 1  # its paper is still printed, but it stands in line
    forecast.walk_ins(floor, minute(play.now), play.state.rules, Habits(), 1)
    assert (list(play.state.floor.lines), dict(play.state.floor.desks)) == before


def test_closed_hall_is_not_looked_ahead_from() -> None:
    assert ahead(Play(hall())) is None


def test_open_window_stays_closed_window_does_not_come_paused_one_comes_back(play: Play) -> None:
    play.desk(m.WindowPause, window="W2")
    desks = ahead(play).desks
    now = minute(play.now)
    assert desks["W1"].spans[0][0] <= now < desks["W1"].spans[0][1]
    assert now < desks["W2"].spans[0][0] <= now + 15
    assert desks["W3"].spans == ()


def test_lunch_of_the_hall_is_nobody_at_the_windows() -> None:
    play = Play(hall(hours={day: list(LUNCH) for day in WEEK}))
    play.open("W1")
    spans = ahead(play).desks["W1"].spans
    assert len(spans) == 2
    assert spans[1][0] - spans[0][1] == pytest.approx(60)


def test_without_a_past_people_come_as_they_came_today(play: Play) -> None:
    for _ in range(6):
        play.take("advice")
    play.wait(3600)
    outlook = ahead(play).outlook
    hours = (minute(play.now) - outlook.begin) / 60
    assert outlook.rate(minute(play.now)) == pytest.approx(6 / 60 / hours)
    assert outlook.mix == {"advice": 6}


def test_with_a_past_people_come_as_on_such_days(play: Play) -> None:
    rates = tuple(0.1 * (n % 7) for n in range(HALF_HOURS))
    outlook = ahead(play, rates=rates, mix={"advice": 30.0}).outlook
    local = play.hall.local(play.now)
    usual = rates[(local.hour * 60 + local.minute) // 30]
    assert outlook.rate(minute(play.now)) == pytest.approx(usual, rel=0.5)
    assert outlook.mix["advice"] == 30.0


def test_forecast_of_another_day_is_forgotten(play: Play) -> None:
    forecasted(play)
    play.state.take(replace(play.state.day, day=play.state.day.day + timedelta(days=1)))
    assert play.state.forecast is None
    assert play.state.issued == {}


def test_a_planned_break_and_todays_bookings_are_known_ahead() -> None:
    windows = [
        {**w, "roster": {"tue": ["09:00-11:00", "11:45-17:00"]}} if w["id"] == "W1" else w for w in parts("windows")
    ]
    play = Play(hall(windows=windows, rules={"booking.share_online": 1})).open("W1", "W2")
    assert isinstance(play.book("10:30"), m.Booked)
    ahead = prospect.ahead(play.state, Learned(play.state.floor.works), play.now)
    assert ahead is not None
    spans = ahead.desks["W1"].spans
    assert [end - start for start, end in spans][1:] == [315.0]
    assert spans[1][0] - spans[0][1] == 45.0
    assert len(ahead.desks["W2"].spans) == 1
    assert ahead.outlook.bookings == ((minute(play.local("10:30")), "advice"),)
    play.at("11:10")  # the break has begun and the operator is still there: he stays
    ahead = prospect.ahead(play.state, Learned(play.state.floor.works), play.now)
    assert ahead is not None
    assert ahead.desks["W1"].open
    assert ahead.desks["W1"].spans[0][0] == minute(play.now)
