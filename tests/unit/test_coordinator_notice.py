"""A manager's message on the boards: who may, where it stands, when it is over; time injected."""

from datetime import timedelta

import pytest

from contract import messages as m
from contract.words import Refusal
from coordinator.state import load
from tests.small_hall import BRIDGE, CONSOLE, KIOSK, Play, hall

PEN = {"en": "Bring a pen"}
FORM = {"en": "Fill in form 7"}


@pytest.fixture
def play():
    return Play(hall()).open()


def put(play, texts, actor=CONSOLE, **more):
    return play.do(m.HallNotice(**play.id(), texts=texts, **more), actor)


def shown(play):
    return {zone: dict(notice.texts) for zone, notice in play.state.notices.items() if notice.texts}


def test_a_message_stands_in_every_zone_or_only_in_those_named(play):
    put(play, PEN)
    assert shown(play) == {"front": PEN, "back": PEN}
    put(play, FORM, zones=("back",))
    assert shown(play) == {"front": PEN, "back": FORM}


def test_an_empty_message_takes_away_what_stands_and_says_nothing_where_nothing_stands(play):
    put(play, PEN)
    put(play, {}, zones=("front",))
    assert shown(play) == {"back": PEN}
    put(play, {}, zones=("front",))
    assert play.last == ()
    put(play, {})
    assert shown(play) == {}


def test_a_message_is_over_at_its_time(play):
    put(play, PEN, until=play.now + timedelta(minutes=10))
    play.wait(599).tick()
    assert shown(play) == {"front": PEN, "back": PEN}
    play.wait(1).tick()
    assert shown(play) == {}
    play.tick()
    assert play.last == (), "it is over once"


def test_a_newer_message_without_a_time_does_not_end_at_the_old_ones(play):
    put(play, PEN, until=play.now + timedelta(minutes=10))
    put(play, FORM)
    play.wait(601).tick()
    assert shown(play) == {"front": FORM, "back": FORM}


def test_no_message_outlives_the_day(play):
    put(play, PEN, until=play.now + timedelta(days=1))
    play.ok(m.HallClose(**play.id()), CONSOLE)
    assert shown(play) == {}


def test_a_message_may_stand_before_the_hall_opens():
    play = Play(hall(), clock="07:00")
    put(play, PEN)
    play.at("09:00").tick()
    assert shown(play) == {"front": PEN, "back": PEN}


@pytest.mark.parametrize("actor", [KIOSK, BRIDGE])
def test_only_consoles_may(play, actor):
    assert put(play, PEN, actor).code is Refusal.NOT_ALLOWED
    assert shown(play) == {}


@pytest.mark.parametrize(
    "more",
    [
        {"texts": PEN, "zones": ("roof",)},
        {"texts": {"en": "a", "xx": "b"}},
        {"texts": {"xx": "b"}},
        {"texts": PEN, "until": -1},
    ],
)
def test_what_the_hall_does_not_have_is_refused_whole(play, more):
    if "until" in more:
        more = {**more, "until": play.now + timedelta(minutes=more["until"])}
    assert put(play, **more).code is Refusal.BAD_COMMAND
    assert shown(play) == {}


@pytest.mark.parametrize("text", ["", "x" * 201, "two\nlines", "bell\x07"])
def test_a_text_is_one_line_of_two_hundred_letters_at_most(text):
    with pytest.raises(ValueError, match="texts"):
        m.HallNotice(id="c", texts={"en": text})


def test_the_hall_is_the_same_when_it_is_loaded_from_its_rows(play):
    put(play, PEN, until=play.now + timedelta(hours=1))
    put(play, {}, zones=("back",))
    assert load(play.hall, play.state.rows()).notices == play.state.notices


def test_a_message_of_a_zone_that_is_no_more_is_passed_over(play):
    put(play, PEN)
    smaller = hall(zones=[{"id": "front", "names": {"en": "Front"}}], service_groups=[], services=[], windows=[])
    rows = [row for row in play.state.rows() if row.table == "notice"]
    assert set(load(smaller, rows).notices) == {"front"}
