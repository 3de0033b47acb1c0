"""A real browser takes the style sheet: themes switch, fonts load from the vendored files, icons are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from look import icons, tokens
from look.css import css

PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="look.css">
<style>body {{ font-family: var(--font); background: var(--canvas); color: var(--ink); font-size: var(--t-body) }}</style>
<body><b>Ә Қ Ң Ө Ү Ұ Һ Ї Є Ґ № ₴ ₸</b><p>Вікно</p>{icon}</body>"""


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("page")
    fonts = Path(tokens.font().regular).parent.as_uri()
    (folder / "look.css").write_text(css(fonts_url=fonts), "utf-8")
    (folder / "index.html").write_text(PAGE.format(icon=icons.svg("residence")), "utf-8")
    shown = browser.new_page()
    shown.goto((folder / "index.html").as_uri())
    yield shown
    shown.close()


def computed(page: Page, name: str) -> str:
    return str(page.evaluate(f"getComputedStyle(document.body)['{name}']"))


def rgb(colour: str) -> str:
    return "rgb({}, {}, {})".format(*bytes.fromhex(colour[1:]))


@pytest.mark.parametrize("name", tokens.THEMES)
def test_a_theme_is_switched_by_one_attribute(page: Page, name: str) -> None:
    page.evaluate(f"document.documentElement.dataset.theme = '{name}'")
    assert computed(page, "backgroundColor") == rgb(tokens.theme(name).canvas)
    assert computed(page, "color") == rgb(tokens.theme(name).ink)


def test_a_surface_is_switched_by_one_attribute(page: Page) -> None:
    assert computed(page, "fontSize") == f"{tokens.surface('desktop').type['body']}px"
    page.evaluate("document.documentElement.dataset.surface = 'phone'")
    assert computed(page, "fontSize") == f"{tokens.surface('phone').type['body']}px"


def test_both_weights_are_loaded_from_the_vendored_files(page: Page) -> None:
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate("[...document.fonts].filter(f => f.status == 'loaded').map(f => f.weight).sort()")
    assert loaded == ["400", "700"]


def test_an_icon_takes_the_colour_and_size_of_its_text(page: Page) -> None:
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    stroke = page.evaluate("getComputedStyle(document.querySelector('svg.icon')).stroke")
    box = page.locator("svg.icon").bounding_box()
    assert stroke == rgb(tokens.theme("light").ink)
    assert box is not None
    assert box["width"] == box["height"] > 0
