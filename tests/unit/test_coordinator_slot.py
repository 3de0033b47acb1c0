"""Slots: what is planned on seats with a right, on duty, within the share, and nothing more."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, date
from typing import Any

import pytest

from contract import hall as document
from contract import messages as m
from contract.words import Refusal
from coordinator.bookings.diary import Diary
from coordinator.bookings.slot import Seating, lengths, plan
from tests.halls import NAMES, TEMPLATES
from tests.small_hall import LUNCH, Play, hall, parts, refused

TUESDAY = date(2026, 3, 17)
DAY = "2026-03-18"


def windows(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """The small hall's windows, some with other fields."""
    return [window | changes.get(window["id"], {}) for window in parts("windows")]


def free(clock: str, rules: dict[str, Any] | None = None, service: str = "advice", **changes: Any) -> int:
    """How many visits can begin at `clock` on the next day of an empty hall."""
    return Play(hall(rules=rules, **changes)).slots(DAY, service=service).get(clock, 0)


def test_slots_stand_from_opening_to_the_last_that_ends_in_time() -> None:
    times = list(Play(hall()).slots(DAY))
    assert (times[0], times[-1], len(times)) == ("09:00", "16:45", 32)
    assert len(Play(hall(rules={"booking.slot_min": 30})).slots(DAY)) == 16


def test_no_visit_runs_into_the_hour_when_the_hall_is_closed() -> None:
    long = [s | {"minutes_typical": 31} for s in parts("services")]
    times = list(Play(hall(LUNCH, services=long)).slots(DAY))
    assert "11:45" in times
    assert "12:00" not in times
    assert "13:30" in times
    assert times[-1] == "16:15"


def test_today_begins_with_the_next_slot() -> None:
    assert next(iter(Play(hall(), clock="11:00").slots())) == "11:15"
    assert next(iter(Play(hall(rules={"booking.soonest_min": 60}), clock="11:00").slots())) == "12:00"


def test_a_weekend_has_no_slots() -> None:
    assert Play(hall()).slots("2026-03-21") == {}


@pytest.mark.parametrize(("share", "seats"), [(0, 0), (0.1, 1), (0.33, 1), (0.34, 2), (0.5, 2), (1, 3)])
def test_the_share_of_the_seats_is_rounded_up(share: float, seats: int) -> None:
    assert free("09:00", {"booking.share_online": share}) == seats


def test_over_the_day_walk_ins_keep_their_share_of_a_single_window() -> None:
    rules = {"booking.share_online": 0.25}
    play = Play(hall(rules=rules))
    assert set(play.slots(DAY, service="passport").values()) == {1}
    for clock in ("09:00", "09:15", "09:30", "09:45", "10:00", "10:15", "10:30", "10:45"):
        assert isinstance(play.book(clock, DAY, service="passport"), m.Booked)
    assert play.slots(DAY, service="passport") == {}
    refused(play.book("16:00", DAY, service="passport"), Refusal.SLOT_TAKEN)


def test_only_windows_on_duty_count() -> None:
    lunch = {"wed": ["09:00-12:00", "13:00-17:00"]}
    changes: dict[str, Any] = {
        "windows": windows(W1={"roster": lunch}, W2={"roster": {"wed": ["09:00-12:10"]}}, W4={"reserve": True})
    }
    rules = {"booking.share_online": 1}
    assert [free(at, rules, **changes) for at in ("11:45", "12:00", "12:45", "13:00")] == [2, 0, 0, 1]


def test_a_day_off_is_a_window_less() -> None:
    changes: dict[str, Any] = {"windows": windows(W1={"roster": {"mon": ["09:00-17:00"]}})}
    assert free("10:00", {"booking.share_online": 1}, **changes) == 2


def test_rights_count_on_the_day_of_the_visit() -> None:
    people = parts("operators")
    for operator in people:
        if operator["id"] == "bea":
            operator["rights"][1]["to"] = "2026-03-17"
    play = Play(hall(operators=people))
    assert play.slots("2026-03-17", service="passport")
    assert play.slots("2026-03-18", service="passport") == {}
    assert Play(hall(rules={"booking.capacity_from": "fixed"}, operators=people)).slots(DAY, service="passport")


def test_two_windows_and_one_person_with_the_right_are_one_seat() -> None:
    people = [o for o in parts("operators") if o["id"] != "rik"]
    changes: dict[str, Any] = {"operators": people}
    assert free("10:00", {"booking.share_online": 1}, "birth", **changes) == 1
    assert free("10:00", {"booking.share_online": 1, "booking.capacity_from": "fixed"}, "birth", **changes) == 2


def test_one_seat_is_not_booked_for_two_services() -> None:
    play = Play(hall(rules={"booking.share_online": 1}))
    assert play.slots(DAY, service="birth")["10:00"] == 2
    for _ in range(3):
        play.book("10:00", DAY)
    assert play.slots(DAY, service="birth")["10:00"] == 1
    assert play.slots(DAY, service="passport").get("10:00", 0) == 0
    assert play.slots(DAY, service="passport")["10:15"] == 1


def test_a_visit_takes_as_many_cells_as_its_services_need() -> None:
    long = [s | {"minutes_typical": 20 if s["id"] == "advice" else 8} for s in parts("services")]
    play = Play(hall(rules={"booking.share_online": 1, "booking.services_max": 2}, services=long))
    booked = play.book("10:00", DAY, then=("birth",))
    assert booked.minutes == 45
    assert [play.slots(DAY, service="intake")[at] for at in ("09:45", "10:00", "10:15", "10:30", "10:45")] == [
        3,
        2,
        2,
        3,
        3,
    ]
    assert [play.slots(DAY, service="birth")[at] for at in ("10:15", "10:30", "10:45")] == [2, 1, 2]


def test_what_is_offered_can_be_booked_and_nothing_more() -> None:
    """Whatever the mix, a slot shown with n free takes n, and then is not shown."""
    dice = random.Random(7)
    play = Play(hall(rules={"booking.share_online": 0.5}))
    for _ in range(60):
        service = dice.choice(["advice", "intake", "birth", "loss", "passport"])
        shown = play.slots(DAY, service=service)
        if not shown:
            continue
        clock, n = dice.choice(list(shown.items()))
        for _ in range(n):
            assert isinstance(play.book(clock, DAY, service=service), m.Booked)
        assert clock not in play.slots(DAY, service=service)
        refused(play.book(clock, DAY, service=service), Refusal.SLOT_TAKEN)


def test_spring_forward_has_no_slots_in_the_hour_that_is_not_there() -> None:
    odd = hall(("02:00-05:00",), timezone="Europe/Kyiv", hours={"sun": ["02:00-05:00"]})
    starts = plan(odd, date(2027, 3, 28)).starts
    assert [f"{at:%H:%M}" for at in starts] == [f"{h:02}:{q:02}" for h in (0, 1) for q in (0, 15, 30, 45)]
    assert starts[0].tzinfo is UTC


def test_a_service_that_is_gone_takes_no_room() -> None:
    assert lengths(hall(), ["advice", "flying"]) == [("advice", 1)]


@pytest.mark.parametrize("name", NAMES)
def test_every_service_of_a_template_can_be_booked_on_a_working_day(name: str) -> None:
    found = document.load((TEMPLATES / f"{name}.json").read_bytes())
    play = Play(found, clock="07:00")
    closed = [s.id for s in found.services if not play.slots(service=s.id)]
    assert closed == []


@pytest.mark.parametrize("name", NAMES)
def test_every_window_of_a_template_has_a_seat_but_those_in_reserve(name: str) -> None:
    found = document.load((TEMPLATES / f"{name}.json").read_bytes())
    seats = Diary(found).plan(TUESDAY).seats
    assert {s.window for s in seats} == {w.id for w in found.windows if not w.reserve}


def test_a_flow_finds_every_place_there_is() -> None:
    """Held against trying out every assignment."""
    dice = random.Random(3)
    for _ in range(200):
        seats = [(frozenset(s for s in "abc" if dice.random() < 0.5), 1) for _ in range(4)]
        wanted = [dice.choice("abc") for _ in range(dice.randrange(5))]
        seating = Seating(seats)
        got = sum(seating.push(service, 1) for service in wanted)
        most = max(
            sum(s in seats[at][0] for s, at in zip(wanted, order, strict=False))
            for order in itertools.permutations(range(4))
        )
        assert got == most
