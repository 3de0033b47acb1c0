"""The whole story in a real browser: an empty machine becomes a hall that serves, and its manager changes it and takes it back.

`VIKNO_PICTURES=FOLDER` keeps a picture of every step there; docs/pictures is made of them by `python -m tests.pictures`.
"""

from __future__ import annotations

import contextlib
import csv
import os
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from look.texts import Texts
from tests.consoles_site import PASSWORD, document
from tests.story_site import Machine
from tests.until import until

UK = Texts("uk")
HALL = document()
FIRST_DAY, SECOND_DAY = datetime(2026, 3, 17, 9, 0, tzinfo=UTC), datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
"""11:00 in Kyiv on a Tuesday and on the Wednesday after."""
ADVICE, RESIDENCE = "front-advice", "res-register"
"""A service of window 1 alone until the manager moves it, and one of window 2."""


LOOKS_MS = 1000
"""How long an operator looks for the next visitor before pressing again."""


class Walk:
    """A browser's page that can keep pictures of itself."""

    def __init__(self, browser: Browser) -> None:
        self.page: Page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="uk").new_page()
        self.page.set_default_timeout(20_000)
        expect.set_options(timeout=20_000)
        self._folder = os.environ.get("VIKNO_PICTURES", "")

    def picture(self, name: str) -> None:
        if self._folder:
            self.page.screenshot(path=Path(self._folder) / f"{name}.png")

    def press(self, button: str) -> None:
        self.page.click(f"#b-{button}")


def a_hall_is_made(walk: Walk, machine: Machine) -> tuple[str, list[str]]:
    """The first run's page; what it says to start, and the PINs of op01 and op02."""
    page = walk.page
    page.goto(f"{machine.first_run()}/?lang=uk")
    walk.picture("first-run")
    page.fill("#document", HALL.model_dump_json(by_alias=True))
    walk.press("check")
    expect(page.locator("#said")).to_contain_text("ревізія 1")
    page.fill("#account", "olena")
    page.fill("#name", "Олена Приклад")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    walk.press("first")
    expect(page.locator("#made")).to_contain_text(UK.get("first.made"))
    walk.picture("first-made")
    return page.content(), [page.inner_text(f"#slip-{one} .pin") for one in ("op01", "op02")]


def somebody_signs_in(walk: Walk, url: str) -> None:
    walk.page.goto(f"{url}/hall?lang=uk")
    walk.page.fill("#name", "olena")
    walk.page.fill("#password", PASSWORD)
    walk.picture("sign-in")
    walk.page.click("#f-sign-in button")
    expect(walk.page.locator("main.hall")).to_be_visible()


def an_operator_sits_down(walk: Walk, url: str, window: str, operator: str, pin: str) -> None:
    page = walk.page
    page.goto(f"{url}/?lang=uk")
    walk.picture("windows")
    page.click(f'a[href^="/window/{window}"]')
    page.select_option("#operator", operator)
    page.fill("#pin", pin)
    walk.picture("seat")
    page.click("form.sign-in button")
    expect(page.locator(".desk")).to_be_visible()
    walk.press("open")
    expect(page.locator("#b-pause")).to_be_visible()


def a_visitor_is_served(walk: Walk, label: str) -> None:
    page = walk.page

    def called() -> bool:
        walk.press("next")
        with contextlib.suppress(PlaywrightTimeoutError):
            page.locator("#label").wait_for(timeout=LOOKS_MS)
        return page.locator("#label").count() > 0  # so soon after the last call it is taken for the same finger

    until(called, deadline_s=20)
    expect(page.locator("#label")).to_have_text(label)
    walk.press("start")
    expect(page.locator("#b-finish")).to_be_enabled()
    expect(page.locator("#at.serving")).to_be_visible()
    expect(page.locator(".said")).to_have_count(0)
    walk.picture("panel")
    walk.press("finish")
    expect(page.locator("#label")).to_have_count(0)


def the_day_ends(walk: Walk, url: str) -> None:
    walk.page.goto(f"{url}/hall/close?lang=uk")
    walk.press("close")
    expect(walk.page.locator(".top .pill")).to_have_text(UK.get("hall.closed"))


def a_service_leaves_a_window(walk: Walk, url: str, window: str, group: str, instead: str) -> None:
    page = walk.page
    page.goto(f"{url}/hall/change/windows/{window}?lang=uk")
    page.check(f'[name="group.{instead}"]')
    page.uncheck(f'[name="group.{group}"]')
    walk.press("save")
    expect(page.get_by_text(UK.get("change.saved"))).to_be_visible()


def a_service_comes_to_a_window(walk: Walk, url: str, window: str, group: str) -> None:
    page = walk.page
    page.goto(f"{url}/hall/change/windows/{window}?lang=uk")
    page.check(f'[name="group.{group}"]')
    page.evaluate("window.scrollTo(0, 0)")
    walk.picture("change-window")
    walk.press("save")
    expect(page.get_by_text(UK.get("change.saved"))).to_be_visible()


def the_check_refuses(walk: Walk, url: str, labels: list[str]) -> None:
    page = walk.page
    page.goto(f"{url}/hall/change?lang=uk")
    for label in labels:
        expect(page.locator("#findings .stop-text").filter(has_text=label)).not_to_have_count(0)
    expect(page.locator("#b-publish")).to_have_count(0)
    walk.picture("change-refused")


def it_is_tried_and_published(walk: Walk, url: str) -> None:
    page = walk.page
    page.goto(f"{url}/hall/change?lang=uk")
    walk.picture("change-ready")
    walk.press("try")
    expect(page.locator("#tried tbody tr")).not_to_have_count(0)
    page.locator("#tried").scroll_into_view_if_needed()
    walk.picture("change-tried")
    page.fill("#why", "Вікно 1 зачинене: колега захворіла")
    walk.press("publish")
    expect(page.locator("#published")).to_be_visible()
    expect(page.locator("#all-followed .ok")).to_be_visible()
    walk.picture("change-published")


def it_is_taken_back(walk: Walk, url: str, revision: int) -> None:
    page = walk.page
    page.goto(f"{url}/hall/change?lang=uk")
    page.click(f'#revisions a[href*="to={revision}"]')
    page.fill("#why-back", "Колега повернулася")
    walk.picture("change-back")
    page.click("#f-back button")
    expect(page.locator("#published")).to_contain_text(UK.get("change.published", revision=revision + 2))
    page.goto(f"{url}/hall/change/windows/W01?lang=uk")
    expect(page.locator('[name="group.front"]')).to_be_checked()


def the_report_is_taken_away(walk: Walk, url: str) -> list[list[str]]:
    page = walk.page
    page.goto(f"{url}/reports?lang=uk")
    walk.picture("reports")
    page.click("#r-windows")
    expect(page.locator("#report tbody tr")).to_have_count(2)
    walk.picture("report")
    with page.expect_download() as saved:
        walk.press("csv")
    text = Path(saved.value.path()).read_text("utf-8-sig")
    return list(csv.reader(text.splitlines()))


def test_a_machine_becomes_a_hall_that_is_changed_under_way_and_put_back(browser: Browser, tmp_path: Path) -> None:
    manager, operator, colleague = (Walk(browser) for _ in range(3))
    with Machine(tmp_path) as machine:
        made, (first, second) = a_hall_is_made(manager, machine)
        url = machine.start_hall(made, FIRST_DAY)
        somebody_signs_in(manager, url)
        kiosk = machine.kiosk(HALL.id)
        labels = [kiosk.issue(ADVICE) for _ in range(2)]
        an_operator_sits_down(operator, url, "W01", "op01", first)
        for label in labels:
            a_visitor_is_served(operator, label)
        an_operator_sits_down(colleague, url, "W02", "op02", second)
        a_visitor_is_served(colleague, kiosk.issue(RESIDENCE))
        the_day_ends(manager, url)

        machine.day(SECOND_DAY)
        an_operator_sits_down(colleague, url, "W02", "op02", second)
        waiting = [kiosk.issue(ADVICE) for _ in range(3)]
        manager.page.goto(f"{url}/hall?lang=uk")
        manager.picture("hall")
        a_service_leaves_a_window(manager, url, "W01", "front", "social")
        the_check_refuses(manager, url, waiting)
        a_service_comes_to_a_window(manager, url, "W02", "front")
        it_is_tried_and_published(manager, url)
        a_visitor_is_served(colleague, waiting[0])
        it_is_taken_back(manager, url, 1)
        report = the_report_is_taken_away(manager, url)
    assert [(row[0], row[2]) for row in report[1:]] == [
        (UK.get("operator.window", window=1), "2"), (UK.get("operator.window", window=2), "2"), (report[-1][0], "4"),
    ]  # fmt: skip
