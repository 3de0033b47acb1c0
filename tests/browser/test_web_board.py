"""The board in Chromium: news without a reload, old browsers, age, nothing from elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from contract import messages as m
from contract.words import HallState, Light
from look.texts import Texts
from tests.consoles_site import Site
from tests.until import until

UK = Texts("uk")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    """Two are called, one is served, three wait."""
    running.play.beats = True
    running.change(lambda play: setattr(play, "state", HallState.OPEN))
    show(running, ("K047", 12, Light.CALLED, 0), ("A118", 8, Light.CALLED, 40), ("B051", 2, Light.SERVING, 80))
    until(lambda: "K047" in httpx.get(address(running)).text)
    return running


def address(site: Site, query: str = "?lang=uk") -> str:
    return f"{site.url}/board/{site.play.hall.zones[0].id}{query}"


def show(site: Site, *calls: tuple[str, int, Light, int], **more: object) -> None:
    zone, now = site.play.hall.zones[0].id, site.play.now
    made = [
        m.BoardCall.model_validate(
            {"label": label, "number": number, "zone": zone, "light": light, "called_at": now - timedelta(seconds=s)}
        )
        for label, number, light, s in calls
    ]
    site.coordinator.board(zone, *made, waiting={"res": 3}, **more)


@pytest.fixture
def opened(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


CUT = """() => [...document.querySelectorAll('td, th, h1, .strip p, .strip .age')]
  .filter((e) => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().bottom > innerHeight + 1).map((e) => e.textContent)"""
OVER = """() => document.querySelector('table').getBoundingClientRect().bottom
  <= document.querySelector('.strip').getBoundingClientRect().top"""


def test_a_call_appears_without_sign_in_reload_or_a_request_to_elsewhere(
    site: Site, opened: Page, tmp_path: Path
) -> None:
    hosts, faults, loads = set(), [], []
    opened.on("request", lambda r: hosts.add(r.url.split("/")[2]))
    opened.on("console", lambda c: faults.append(c.text) if c.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda e: faults.append(str(e)))
    opened.on("load", lambda _: loads.append(1))
    opened.goto(address(site))
    expect(opened.locator("tr.called .label").first).to_contain_text("K047")
    began = time.monotonic()
    show(site, ("M026", 5, Light.CALLED, -5), ("K047", 12, Light.CALLED, 0))
    expect(opened.locator("tr.called .label").first).to_contain_text("M026")
    assert time.monotonic() - began < 2
    opened.screenshot(path=tmp_path / "board.png")
    assert hosts == {site.url.split("/")[2]}
    assert faults == []
    assert len(loads) == 1
    assert "set-cookie" not in httpx.get(address(site)).headers
    assert "default-src 'none'" in httpx.get(address(site)).headers["content-security-policy"]


@pytest.mark.parametrize(("wide", "high"), [(1920, 1080), (1080, 1920), (1280, 720)])
def test_the_longest_notice_and_the_calls_fit_a_panel(
    site: Site, opened: Page, tmp_path: Path, wide: int, high: int
) -> None:
    rows = [(f"A1{n}18", 10 + n, Light.CALLED, n) for n in range(4)]
    show(site, *rows, notice={"uk": "Сьогодні вікна 3 і 4 працюють до 15:00. " * 5})
    opened.set_viewport_size({"width": wide, "height": high})
    opened.goto(address(site))
    expect(opened.locator(".notice")).to_contain_text("до 15:00")
    opened.screenshot(path=tmp_path / "board.png")
    assert opened.evaluate(CUT) == []
    assert opened.evaluate(OVER)


def test_without_javascript_the_page_draws_itself_again(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address(site))
    expect(page.locator("td.label").first).to_contain_text("K047")
    show(site, ("M026", 5, Light.CALLED, -5))
    expect(page.locator("td.label").first).to_contain_text("M026", timeout=10_000)
    context.close()


def test_a_browser_without_streams_draws_itself_again(site: Site, opened: Page) -> None:
    opened.add_init_script("delete window.EventSource")
    opened.goto(address(site))
    expect(opened.locator("td.label").first).to_contain_text("K047")
    show(site, ("M026", 5, Light.CALLED, -5))
    expect(opened.locator("td.label").first).to_contain_text("M026", timeout=10_000)


def test_a_page_whose_consoles_are_gone_grows_old_and_then_dark_by_itself(site: Site, opened: Page) -> None:
    opened.clock.install()
    opened.goto(address(site))
    expect(opened.locator("#board.fresh")).to_be_visible()
    opened.context.set_offline(True)
    opened.route("**/*", lambda route: route.abort())
    site.play.beats = False
    opened.clock.fast_forward(12_000)
    expect(opened.locator("#board.stale")).to_be_visible()
    opened.clock.fast_forward(61_000)
    expect(opened.locator("#board")).to_be_hidden()
    expect(opened.locator("#dark h1")).to_have_text(UK.get("board.listen"))
    assert "K047" not in opened.inner_text("body")


def test_a_closed_and_an_interrupted_hall_show_no_numbers(site: Site, opened: Page) -> None:
    opened.goto(address(site))
    site.change(lambda play: setattr(play, "state", HallState.INTERRUPTED))
    expect(opened.locator("#board h1")).to_have_text(UK.get("hall.interrupted"))
    site.change(lambda play: setattr(play, "state", HallState.CLOSED))
    expect(opened.locator("#board h1")).to_have_text(UK.get("board.closed"))
    assert "K047" not in opened.inner_text("body")


@pytest.mark.parametrize("zone", ["roof", "..%2f..", "%3Cscript%3E", "x" * 300])
def test_a_zone_that_is_not_there_is_not_found(site: Site, zone: str) -> None:
    for path in ("board", "events/board"):
        answer = httpx.get(f"{site.url}/{path}/{zone}")
        assert answer.status_code == 404
        assert "<script" not in answer.text
