"""The board for browsers: what it shows at which age and state, in whose language."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from consoles import board
from consoles.board import Kind
from contract import hall as document
from contract import messages as m
from contract.hall_part import PLAIN_BOARD, BoardLayout
from contract.words import HallState, Light
from runtime.freshness import Age

HALL = document.load(Path("coordinator/templates/kz-con.json").read_text("utf-8"))
AT = datetime(2026, 3, 17, 8, 41, tzinfo=UTC)
PLAIN = PLAIN_BOARD


def beat(state=HallState.OPEN):
    return m.Heartbeat(id="b", state=state, day=date(2026, 3, 17), now=AT, speed=1.0, ep=1, revision=1)


def call(label, light=Light.CALLED, second=0):
    return m.BoardCall(label=label, number=3, zone="hall", light=light, called_at=AT + timedelta(seconds=second))


def published(*calls, **more):
    return m.Board(id="x", ep=1, rev=1, zone="hall", state=HallState.OPEN, calls=calls, **more)


def face(shown, *, age=Age.FRESH, state=HallState.OPEN, lang="kk", layout=PLAIN):
    return board.face(HALL, shown, layout, beat(state), age, lang)


def test_those_still_awaited_stand_first_and_no_more_than_the_layout_has_rows():
    calls = [call("A001", Light.SERVING, 9), call("A002", second=1), call("A003", second=5)]
    assert [c.label for c in face(published(*calls)).calls] == ["A003", "A002", "A001"]
    assert len(face(published(*calls), layout=BoardLayout(rows=2)).calls) == 2


@pytest.mark.parametrize(
    ("age", "state", "kind"),
    [
        (Age.FRESH, HallState.OPEN, Kind.CALLS),
        (Age.STALE, HallState.OPEN, Kind.CALLS),
        (Age.DARK, HallState.OPEN, Kind.DARK),
        (Age.DARK, HallState.CLOSED, Kind.DARK),
        (Age.FRESH, HallState.CLOSED, Kind.CLOSED),
        (Age.FRESH, HallState.INTERRUPTED, Kind.INTERRUPTED),
    ],
)
def test_each_age_and_state_has_its_face_and_only_one_has_numbers(age, state, kind):
    shown = face(published(call("A001"), waiting={"g": 3}), age=age, state=state)
    assert shown.kind is kind
    assert bool(shown.calls) == (kind is Kind.CALLS)


def test_a_notice_is_told_but_not_by_a_dark_board():
    shown = published(notice={"kk": "Терезе жабық", "ru": "Окно закрыто"})
    assert face(shown, lang="ru").notice == "Окно закрыто"
    assert face(shown, lang="en").notice == "Терезе жабық", "else in the hall's own"
    assert face(shown, state=HallState.INTERRUPTED).notice == "Терезе жабық"
    assert face(shown, age=Age.DARK).notice == ""


def test_a_notice_takes_the_room_of_one_call_but_never_of_the_last():
    calls = [call(f"A00{n}", second=n) for n in range(6)]
    assert len(face(published(*calls)).calls) == 4
    assert len(face(published(*calls, notice={"kk": "x"})).calls) == 3
    assert len(face(published(*calls, notice={"kk": "x"}), layout=BoardLayout(rows=1)).calls) == 1


def test_how_many_wait_is_told_where_the_layout_says_so():
    shown = published(waiting={"a": 2, "b": 3})
    assert face(shown).waiting == 5
    assert face(shown, layout=BoardLayout(lines=("why",))).waiting is None


def test_languages_take_turns_unless_the_address_asks_for_one_of_the_halls():
    assert [board.language(HALL, "", now) for now in (0.0, 7.9, 8.0, 16.0, 24.0)] == ["kk", "kk", "ru", "en", "kk"]
    assert {board.language(HALL, "ru", now) for now in (0.0, 8.0)} == {"ru"}
    assert board.language(HALL, "xx", 0.0) == "kk"


def test_a_zone_that_the_hall_does_not_have_has_no_layout():
    assert board.layout(HALL, HALL.zones[0].id) == PLAIN
    assert board.layout(HALL, "roof") is None
