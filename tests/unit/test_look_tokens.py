"""Colours can be read, sizes are large enough, a brand cannot spoil either, and CSS says the same as tokens.json."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from look import tokens
from look.brand import Brand, branded
from look.contrast import (
    FOCUS_GROUNDS,
    GRAPHIC_MIN,
    GRAPHIC_PAIRS,
    TEXT_MIN,
    TEXT_PAIRS,
    TRACK_PAIRS,
    mix,
    ratio,
)
from look.css import css

SCREENS = ("kiosk", "board", "window", "desktop", "wall", "phone")
COLOURS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06X}")

Pairs = tuple[tuple[str, str], ...]


def measured(pairs: Pairs, themes: tuple[str, ...] = tokens.THEMES) -> dict[tuple[str, str, str], float]:
    """Contrast by (theme, front, back)."""
    return {
        (name, front, back): ratio(getattr(tokens.theme(name), front), getattr(tokens.theme(name), back))
        for name in themes
        for front, back in pairs
    }


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#FFFFFF", 21.0),
        ("#777777", "#FFFFFF", 4.48),
        ("#767676", "#FFFFFF", 4.54),
        ("#0E1B2E", "#EDF1F6", 15.2),
        ("#FFC52E", "#0E1B2E", 10.9),
    ],
)
def test_contrast_gives_known_ratios_in_either_order(one: str, other: str, expected: float) -> None:
    assert ratio(one, other) == pytest.approx(expected, abs=0.05)
    assert ratio(other, one) == ratio(one, other)


@pytest.mark.parametrize("wrong", ["FFFFFF", "#FFF", "#FFFFFFFF", "#GGGGGG", ""])
def test_what_is_no_colour_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        ratio(wrong, "#000000")


def test_every_text_pair_reaches_seven_to_one_in_three_themes() -> None:
    found = measured(TEXT_PAIRS)
    assert len(found) == 78
    assert {pair: value for pair, value in found.items() if value < TEXT_MIN} == {}


def test_every_control_and_graphic_reaches_three_to_one() -> None:
    found = measured(GRAPHIC_PAIRS) | measured(TRACK_PAIRS, ("light", "dark"))
    assert {pair: value for pair, value in found.items() if value < GRAPHIC_MIN} == {}


@pytest.mark.parametrize("name", tokens.THEMES)
def test_one_of_the_two_focus_rings_shows_on_every_ground(name: str) -> None:
    theme = tokens.theme(name)
    for ground in FOCUS_GROUNDS:
        behind = getattr(theme, ground)
        assert max(ratio(theme.focus, behind), ratio(theme.focus_ring, behind)) >= GRAPHIC_MIN


@pytest.mark.parametrize("name", SCREENS)
def test_smallest_text_of_a_screen_is_tall_enough_for_its_distance(name: str) -> None:
    screen = tokens.surface(name)
    assert screen.cap_mm(screen.min_role) >= screen.min_cap_mm
    assert min(screen.type.values()) == screen.type[screen.min_role]


def test_ticket_text_has_eleven_points_and_eighteen_in_large_print() -> None:
    paper = tokens.paper()
    points = 72 / 25.4
    assert paper.type["body"] / paper.dots_per_mm * points >= 11
    assert paper.type_large["body"] / paper.dots_per_mm * points >= 18
    assert paper.width_dots == 576


def test_the_board_flashes_below_the_legal_limit() -> None:
    assert tokens.motion().max_flash_hz < tokens.motion().legal_max_flash_hz


def test_every_section_is_readable_and_frozen() -> None:
    sections = (tokens.time(), tokens.motion(), tokens.target(), tokens.reach(), tokens.focus(), tokens.font())
    for section in (*sections, tokens.theme("light"), tokens.surface("kiosk"), tokens.paper()):
        with pytest.raises(FrozenInstanceError):
            setattr(section, next(iter(section.__dataclass_fields__)), None)
    with pytest.raises(TypeError):
        tokens.surface("kiosk").type["note"] = 1  # type: ignore[index]


def test_spaces_grow_and_only_controls_have_a_sill() -> None:
    assert tokens.space("kiosk") == tuple(sorted(tokens.space("kiosk")))
    assert tokens.sill("kiosk") > tokens.sill("desktop") > tokens.sill("pressed") == 0
    assert tokens.radius("kiosk")["tile"] > tokens.border("kiosk_contrast") > tokens.border("kiosk")


@pytest.mark.parametrize(
    "ask", [lambda: tokens.theme("print"), lambda: tokens.surface("ticket"), lambda: tokens.theme("x")]
)
def test_an_unknown_name_says_what_there_is(ask: Callable[[], object]) -> None:
    with pytest.raises(KeyError, match="is not one of"):
        ask()


def test_a_brand_colour_that_white_cannot_be_read_on_is_refused_with_its_ratio() -> None:
    with pytest.raises(ValueError, match=r"brand\.action: #3388FF: white on it has 3\.\d:1: at least 7:1"):
        Brand("#3388FF", "#0E1B2E")
    with pytest.raises(ValueError, match=r"brand\.bar"):
        Brand("#0A4DA8", "#808080")


@given(action=COLOURS, bar=COLOURS)
def test_no_accepted_brand_breaks_a_text_pair(action: str, bar: str) -> None:
    brand = Brand(mix(action, "#000000", 0.7), mix(bar, "#000000", 0.7))
    for name in tokens.THEMES:
        shown = branded(name, tokens.theme(name), brand)
        found = {pair: ratio(getattr(shown, pair[0]), getattr(shown, pair[1])) for pair in TEXT_PAIRS}
        assert {pair: value for pair, value in found.items() if value < TEXT_MIN} == {}


def test_a_brand_just_above_the_limit_keeps_every_text_pair() -> None:
    brand = Brand("#595959", "#595959")
    shown = branded("light", tokens.theme("light"), brand)
    assert min(ratio(getattr(shown, front), getattr(shown, back)) for front, back in TEXT_PAIRS) >= TEXT_MIN


def test_a_brand_changes_its_colours_and_leaves_meaning_and_the_contrast_theme_alone() -> None:
    brand = Brand("#00573F", "#1D1D1B")
    light, shown = tokens.theme("light"), branded("light", tokens.theme("light"), brand)
    assert (shown.action, shown.sill, shown.bar) == ("#00573F", "#00573F", "#1D1D1B")
    assert (shown.now, shown.ok, shown.warn, shown.stop) == (light.now, light.ok, light.warn, light.stop)
    assert branded("dark", tokens.theme("dark"), brand).bar == "#1D1D1B"
    assert branded("contrast", tokens.theme("contrast"), brand) == tokens.theme("contrast")


@pytest.mark.parametrize("name", tokens.THEMES)
def test_css_holds_every_colour_of_every_theme(name: str) -> None:
    found = properties(css(), f'[data-theme="{name}"]')
    wanted = asdict(tokens.theme(name))
    names = {key: f"--{key.replace('_', '-')}" for key in wanted} | {"sill": "--sill-color"}
    assert {key: found[name] for key, name in names.items()} == wanted


def test_css_says_no_property_twice_in_one_block() -> None:
    for block in re.findall(r"\{([^{}]*)\}", css()):
        names = re.findall(r"^ *([\w-]+):", block, re.MULTILINE)
        assert len(names) == len(set(names)), block


def test_css_holds_the_sizes_of_desktop_and_phone() -> None:
    root, phone = properties(css(), ":root"), properties(css(), '[data-surface="phone"]')
    assert root["--t-body"] == f"{tokens.surface('desktop').type['body']}px"
    assert phone["--t-body"] == f"{tokens.surface('phone').type['body']}px"
    assert (root["--s-1"], root["--sill"], phone["--sill"], root["--press"]) == ("4px", "3px", "4px", "80ms")


def test_css_shows_the_brand_in_the_light_theme() -> None:
    sheet = css(Brand("#00573F", "#1D1D1B"), fonts_url="/assets/fonts")
    assert properties(sheet, ":root")["--action"] == "#00573F"
    assert 'url("/assets/fonts/NotoSans-Bold.ttf")' in sheet


def properties(sheet: str, selector: str) -> dict[str, str]:
    """Properties of the first block of `selector`."""
    block = re.search(rf"^{re.escape(selector)} \{{\n(.*?)^\}}", sheet, re.MULTILINE | re.DOTALL)
    assert block is not None
    lines = (line.strip().rstrip(";").split(": ", 1) for line in block.group(1).splitlines())
    return {line[0]: line[1] for line in lines}
