"""Window's view and age → sign → two lines or digits, time injected."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import messages as m
from contract.words import HallState, Light
from displays.window.digits import digits
from displays.window.lines import CELLS, Lines, drawable, lines
from displays.window.model import BLANK, Model, sign
from runtime.freshness import Age

AT = datetime(2026, 3, 17, 8, 30, tzinfo=UTC)


def shown(view, age):
    return lines(sign(view, age))


DARK = Lines(" " * CELLS, " " * CELLS)


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
    assert shown(view(), Age.DARK) == DARK
    assert sign(view(), Age.DARK) == BLANK


def test_a_label_that_does_not_fit_is_unknown_never_shortened_into_another_label():
    assert "A1234" not in shown(view(label="A" + "1234567890" * 2), Age.FRESH).upper
    assert shown(view(label="A" + "1234567890" * 2), Age.FRESH).upper.strip() == "> ? <"
    assert shown(view(label=None), Age.FRESH).upper.strip() == "> ? <"


def test_a_unit_id_in_letters_that_the_display_lacks_is_still_drawn():
    model = Model(["вікно-7"], started=0.0)
    model.heard(m.Identify(id="i", seconds=5), retained=False, now=0.0)
    assert lines(model.sign("вікно-7", 1.0)).upper.strip() == "?????-7"


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
    assert model.sign("d7", 100.1).old, "a retained copy is unconfirmed until a heartbeat"
    model.heard(beat(), retained=True, now=100.2)
    assert model.sign("d7", 100.3).old, "a retained heartbeat proves nothing"
    model.heard(beat(), retained=False, now=101.0)
    assert not model.sign("d7", 110.9).old
    assert model.sign("d7", 111.0).old
    assert "A012" in lines(model.sign("d7", 160.9)).upper
    assert model.sign("d7", 161.0) == BLANK
    model.heard(beat(), retained=False, now=200.0)
    assert model.sign("d7", 200.0) == sign(view(), Age.FRESH)


def test_the_coordinators_last_will_makes_the_truth_stale_at_once():
    model = Model(["d7"], started=0.0)
    model.heard(views(d7=view()), retained=False, now=1.0)
    model.heard(beat(), retained=False, now=30.0)
    model.heard(beat(lost=True), retained=False, now=31.0)
    assert model.sign("d7", 31.0).old


def test_each_unit_shows_its_own_window_and_an_unbound_one_nothing():
    model = Model(["d7", "d8", "d9"], started=0.0)
    model.heard(beat(), retained=False, now=0.0)
    model.heard(views(d7=view(), d8=view(Light.PAUSED, None, 8)), retained=False, now=0.0)
    assert [lines(model.sign(u, 1.0)).lower.strip() for u in model.units] == ["7", "8", ""]


def test_identify_shows_the_unit_for_its_time_only():
    model = Model(["disp-7"], started=0.0)
    model.heard(beat(), retained=False, now=10.0)
    model.heard(m.Identify(id="i", seconds=5), retained=False, now=10.0)
    assert lines(model.sign("disp-7", 14.9)).upper.strip() == "disp-7"
    assert lines(model.sign("disp-7", 15.0)).upper.strip() == ""


def test_identify_shows_the_window_number_too_and_moves_each_second():
    model = Model(["disp-7"], started=0.0)
    model.heard(views(**{"disp-7": view()}), retained=False, now=10.0)
    model.heard(m.Identify(id="i", seconds=5), retained=False, now=10.0)
    seen = [lines(model.sign("disp-7", now)).lower.strip() for now in (10.1, 10.9, 11.1, 12.1)]
    assert seen == ["> 7 <", "> 7 <", "7", "> 7 <"]
    assert [digits(model.sign("disp-7", now), 4) for now in (10.1, 11.1)] == ["    ", "   7"]
    assert digits(Model(["x"], 0.0).sign("x", 1.0), 4) == "    "


@pytest.mark.parametrize(
    ("light", "label", "drawn"),
    [
        (Light.CALLED, "A012", " 012"),
        (Light.SERVING, "A1118", "1118"),
        (Light.CALLED, "A12345", "----"),
        (Light.CALLED, "ABC", "----"),
        (Light.FREE, None, "    "),
        (Light.ARMED, None, "    "),
        (Light.PAUSED, None, "   -"),
        (Light.CLOSED, None, "   -"),
    ],
)
def test_a_display_without_letters_shows_the_digits_and_never_another_number(light, label, drawn):
    assert digits(sign(view(light, label), Age.FRESH), 4) == drawn


def test_digits_that_cannot_be_marked_as_old_are_dashes_and_then_dark():
    assert digits(sign(view(), Age.STALE), 4) == "----"
    assert digits(sign(view(), Age.DARK), 4) == "    "


@given(st.sampled_from(list(Light)), st.none() | st.text(max_size=64), st.sampled_from(list(Age)), st.integers(1, 6))
def test_whatever_comes_digits_are_drawable_and_of_their_width(light, label, age, width):
    bare = m.WindowView.model_construct(window="w", number=7, light=light, label=label, since=AT)
    drawn = digits(sign(bare, age), width)
    assert len(drawn) == width
    assert not drawn.strip("0123456789 -")


@pytest.mark.parametrize(("light", "label"), [(Light.CALLED, "A012"), (Light.FREE, None), (Light.CLOSED, None)])
@pytest.mark.parametrize("number", [3, 12, 999])
def test_a_display_of_a_hall_to_learn_in_says_so_beside_the_window_number(light, label, number):
    model = Model(["one"], 0.0)
    model.heard(beat(), retained=False, now=0.0)
    model.heard(views(one=view(light, label, number)), retained=True, now=0.0)
    real = lines(model.sign("one", 1.0))
    learning = views(2, one=view(light, label, number)).model_copy(update={"training": True})
    model.heard(learning, retained=False, now=1.0)
    shown = lines(model.sign("one", 1.0))
    assert (shown.upper, shown.lower.strip()) == (real.upper, f"TRAINING {number}")
    assert real.lower.strip() == str(number)
    model.heard(m.Identify(id="i", seconds=5), retained=False, now=2.0)
    assert "TRAINING" in lines(model.sign("one", 2.0)).lower


@pytest.mark.parametrize(("width", "shown"), [(6, "  -012"), (4, "-012"), (3, "---")])
def test_digits_of_a_hall_to_learn_in_have_a_minus_that_no_real_ticket_has(width, shown):
    assert digits(sign(view(), Age.FRESH, training=True), width) == shown
