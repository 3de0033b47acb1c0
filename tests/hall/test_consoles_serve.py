"""The operator panel before the real coordinator: what is pressed in the browser happens in the hall."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from contract import messages as m
from contract import topics
from contract.words import Role
from look.texts import Texts
from runtime.asker import Answer, new_id
from runtime.box import Box, Heard
from tests.consoles_hall import consoles_hall
from tests.consoles_site import CONSOLE, PIN, Consoles, address, document
from tests.until import until

HALL = document()
OPEN_AT = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def consoles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consoles]:
    with consoles_hall(tmp_path_factory.mktemp("hall"), HALL, OPEN_AT) as site:
        yield site


@pytest.fixture(scope="module")
def take(consoles: Consoles) -> Iterator[Callable[[], m.Issued]]:
    """Take a ticket as a kiosk does, paperless, for a service of window 1."""
    groups = HALL.window_by_id["W01"].groups
    service = next(s.id for s in HALL.services if s.group in groups)
    answers: queue.Queue[Answer] = queue.Queue()
    heard: queue.Queue[object] = queue.Queue()
    box = Box(address(consoles.broker, "kiosk-1"), Role.KIOSK, [topics.DOWN_VIEW], heard.put)
    box.start()

    def one() -> m.Issued:
        box.ask(m.TicketIssue(id=new_id(), service=service, lang="uk", paper=False), answers.put)
        answer = answers.get(timeout=60)
        assert isinstance(answer, m.Issued), answer
        return answer

    until(lambda: isinstance(heard.get(timeout=60), Heard))
    yield one
    box.stop()


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield chromium.new_page(viewport={"width": 1440, "height": 900})
        chromium.close()


def called(page: Page) -> int:
    """Press until somebody is called: right after a call the hall takes the next press for the same one."""
    page.click("#b-next")
    return page.locator("#label").count()


def test_a_wrong_pin_is_refused_and_visitors_are_called_served_sent_on_and_picked(
    consoles: Consoles, take: Callable[[], m.Issued], page: Page
) -> None:
    until(lambda: "hall" in httpx.get(consoles.url).text)
    texts = Texts("uk")
    first, second = take(), take()
    page.goto(consoles.url + "/window/W01")
    page.select_option("#operator", "op01")
    page.fill("#pin", "0000")
    page.click("form.sign-in button")
    expect(page.locator(".said")).to_have_text(texts.get("refusal.wrong_pin"))
    page.fill("#pin", PIN)
    page.click("form.sign-in button")
    page.click("#b-open")
    page.dblclick("#b-next")
    expect(page.locator("#label")).to_have_text(first.label)
    page.click("#b-recall")
    expect(page.locator("#f-recall + .said")).to_have_text(texts.get("refusal.recall_too_soon"))
    page.click("#b-start")
    expect(page.locator(".ticket.serving")).to_be_visible()
    page.click("#b-finish")
    expect(page.locator("#state")).to_be_visible()
    expect(page.locator(".desk .big")).to_have_text("1")
    until(lambda: called(page))
    expect(page.locator("#label")).to_have_text(second.label)
    page.goto(consoles.url + "/hall")
    expect(page.locator(".tile.called .label")).to_have_text(second.label)
    expect(page.locator(".devices").last).to_contain_text(CONSOLE)
    _a_visit_goes_on(consoles, take, page, second.label)


def _a_visit_goes_on(consoles: Consoles, take: Callable[[], m.Issued], page: Page, label: str) -> None:
    """The visitor at the window gets a service more and a note, is sent to its line and picked out of turn with the note."""
    texts, third = Texts("uk"), take()
    page.goto(consoles.url + "/window/W01")
    page.click("#b-start")
    expect(page.locator(".ticket.serving")).to_be_visible()
    groups = HALL.window_by_id["W01"].groups
    _, more, *_ = [s for s in HALL.services if s.group in groups]
    page.select_option("#add", more.id)
    page.click("#b-add")
    expect(page.locator(".turns li")).to_have_count(2)
    page.fill("textarea", "knows the form")
    page.click("#b-note")
    expect(page.locator("#noted")).to_have_text("knows the form")
    page.click("#b-finish-served")
    expect(page.locator("#state")).to_be_visible()
    until(lambda: picked(page, label))
    expect(page.locator("#noted")).to_have_text("knows the form")
    expect(page.locator(".turns li").first).to_contain_text(texts.get("operator.visit_done"))
    expect(page.locator("p.why")).to_contain_text(texts.get("pick.agreed"))
    page.click("#b-finish-not_ours")
    expect(page.locator("#state")).to_be_visible()
    page.click("#day")
    expect(page.locator("#figures dd").first).to_have_text("3")
    expect(page.locator("#ended dd")).to_have_text(["1", "1"])
    told = httpx.get(consoles.url + f"/why?label={third.label}", cookies=cookies(page), follow_redirects=True).text
    assert texts.get("explain.picked", who=HALL.operator_by_id["op01"].name) in told


def picked(page: Page, label: str) -> bool:
    """Ask for that visitor until the hall takes it for another press than the call before."""
    page.fill("#f-pick [name=label]", label)
    page.select_option("#f-pick select", "agreed")
    with page.expect_response("**/press*") as answer:
        page.press("#f-pick [name=label]", "Enter")  # two clicks at one place this soon would be one
    return 'id="label"' in answer.value.text()


def cookies(page: Page) -> dict[str, str]:
    return {str(one["name"]): str(one["value"]) for one in page.context.cookies()}
