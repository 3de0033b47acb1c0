"""Window's view and age → two lines of a display, time injected."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import messages as m
from contract.words import HallState, Light
from displays.window.model import BLANK, CELLS, Model, drawable, shown
from runtime.freshness import Age

AT = datetime(2026, 3, 17, 8, 30, tzinfo=UTC)


def view(light=Light.CALLED, label="A012", number=7):
    return m.WindowView(window=f"w{number}", number=number, light=light, label=label, since=AT)


def views(rev=1, **units):
    return m.WindowsView(id=f"v{rev}", ep=1, rev=rev, units=units)


def beat(lost=False):
    return m.Heartbeat(
        id="b", state=HallState.OPEN, day=date(2026, 3, 17), now=AT, speed=1, ep=1, revision=1, lost=lost
    )


@pytest.mark.parametrize(
    ("light", "upper"),
    [
        (Light.CALLED, "> A012 <"),
        (Light.SERVING, "A012"),
        (Light.FREE, ""),
        (Light.ARMED, ""),
        (Light.PAUSED, "| |"),
        (Light.CLOSED, "- - -"),
    ],
)
def test_every_light_has_its_sign_over_the_window_number(light, upper):
    picture = shown(view(light), Age.FRESH)
    assert (picture.upper.strip(), picture.lower.strip(), picture.dim) == (upper, "7", False)


def test_stale_is_dim_with_a_question_mark_in_both_corners_and_still_readable():
    picture = shown(view(), Age.STALE)
    assert picture.upper[0] == picture.upper[-1] == "?"
    assert picture.upper.strip("? ") == "> A012 <"
    assert picture.dim


def test_dark_shows_nothing():
    assert shown(view(), Age.DARK) == BLANK


def test_a_label_that_does_not_fit_is_unknown_never_shortened_into_another_label():
    assert "A1234" not in shown(view(label="A" + "1234567890" * 2), Age.FRESH).upper
    assert shown(view(label="A" + "1234567890" * 2), Age.FRESH).upper.strip() == "> ? <"
    assert shown(view(label=None), Age.FRESH).upper.strip() == "> ? <"


def test_a_unit_id_in_letters_that_the_display_lacks_is_still_drawn():
    model = Model(["вікно-7"], started=0.0)
    model.heard(m.Identify(id="i", seconds=5), retained=False, now=0.0)
    assert model.shown("вікно-7", 1.0).upper.strip() == "?????-7"


@given(
    st.sampled_from(list(Light)),
    st.none() | st.from_regex(r"[!-~]{1,64}", fullmatch=True),
    st.integers(0, m.MAX_COUNT),
    st.sampled_from(list(Age)),
)
def test_whatever_comes_the_display_can_draw_it(light, label, number, age):
    picture = shown(view(light, label, number), age)
    assert all(len(line) == CELLS and drawable(line) for line in (picture.upper, picture.lower))


def test_truth_ages_to_stale_and_then_to_dark_and_comes_back():
    model = Model(["d7"], started=100.0)
    model.heard(views(d7=view()), retained=True, now=100.0)
    assert model.shown("d7", 100.1).dim, "a retained copy is unconfirmed until a heartbeat"
    model.heard(beat(), retained=True, now=100.2)
    assert model.shown("d7", 100.3).dim, "a retained heartbeat proves nothing"
    model.heard(beat(), retained=False, now=101.0)
    assert not model.shown("d7", 110.9).dim
    assert model.shown("d7", 111.0).dim
    assert "A012" in model.shown("d7", 160.9).upper
    assert model.shown("d7", 161.0) == BLANK
    model.heard(beat(), retained=False, now=200.0)
    assert model.shown("d7", 200.0) == shown(view(), Age.FRESH)


def test_the_coordinators_last_will_makes_the_truth_stale_at_once():
    model = Model(["d7"], started=0.0)
    model.heard(views(d7=view()), retained=False, now=1.0)
    model.heard(beat(), retained=False, now=30.0)
    model.heard(beat(lost=True), retained=False, now=31.0)
    assert model.shown("d7", 31.0).dim


def test_each_unit_shows_its_own_window_and_an_unbound_one_nothing():
    model = Model(["d7", "d8", "d9"], started=0.0)
    model.heard(beat(), retained=False, now=0.0)
    model.heard(views(d7=view(), d8=view(Light.PAUSED, None, 8)), retained=False, now=0.0)
    assert [model.shown(u, 1.0).lower.strip() for u in model.units] == ["7", "8", ""]


def test_identify_shows_the_unit_for_its_time_only():
    model = Model(["disp-7"], started=0.0)
    model.heard(beat(), retained=False, now=10.0)
    model.heard(m.Identify(id="i", seconds=5), retained=False, now=10.0)
    assert model.shown("disp-7", 14.9).upper.strip() == "disp-7"
    assert model.shown("disp-7", 15.0).upper.strip() == ""
