"""A real browser at the real consoles on a real broker: the operator's day, with and without JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from consoles.staff.cookie import BROWSER, COOKIE
from consoles.staff.role import Act, StaffRole
from contract import messages as m
from contract.words import (
    HallState,
    Light,
    MeasureKind,
    MeasureState,
    PauseKind,
    PaymentState,
    Pick,
    Refusal,
    Role,
    TicketState,
    Why,
    WhyNot,
)
from look import contrast
from look.texts import Texts
from tests.consoles_site import PIN, UNSAFE, Play, Site
from tests.until import until

REFUSED = m.Refused(id="r", re="x", code=Refusal.RECALL_TOO_SOON, text="just called")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site")) as site:
        yield site
        assert site.stop() == 0
        log = site.log.read_text("utf-8")
        assert PIN not in re.findall(r"\b\d{4}\b", re.sub(r"\S*\d{4}-\d\d-\d\dT\S*|:\d+", "", log))
        assert "Traceback" not in log


@pytest.fixture
def site(running: Site) -> Site:
    """The hall as it is in the morning: one waiting, nobody signed in."""

    def fresh(play: Play) -> None:
        play.__dict__.update(Play(play.hall).__dict__)
        play.waits("A047")

    running.change(fresh)
    with running.coordinator.lock:
        running.coordinator.asked.clear()
        running.coordinator.commands.clear()
    return running


@dataclass
class Seen:
    """What a page asked for and complained of."""

    hosts: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


Opened = tuple[Page, Seen]
Open = Callable[..., Opened]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    contexts = []

    def one(*, script: bool = True) -> Opened:
        context = browser.new_context(java_script_enabled=script, viewport={"width": 1440, "height": 900})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page, seen = context.new_page(), Seen()
        page.on("request", lambda r: seen.hosts.add(r.url.split("/")[2]))
        page.on("console", lambda c: seen.faults.append(c.text) if c.type in {"error", "warning"} else None)
        page.on("pageerror", lambda e: seen.faults.append(str(e)))
        return page, seen

    yield one
    for context in contexts:
        context.close()


def signed_in(page: Page, site: Site, *, light: Light = Light.FREE, address: str = "/window/W01") -> None:
    page.goto(site.url + address)
    page.select_option("#operator", "op01")
    page.fill("#pin", PIN)
    page.click("form.sign-in button")
    expect(page.locator(".desk")).to_be_visible()
    if light is not Light.CLOSED:
        site.change(lambda play: play.put("W01", light=light))
        page.reload()
        expect(page.locator("#b-pause")).to_be_visible()


def entered(page: Page, site: Site, role: str) -> None:
    """Somebody with this role has signed in by a password."""
    page.context.add_cookies(
        [{"name": name, "value": value, "url": site.url} for name, value in site.signed_in(role).items()]
    )


def test_a_visitor_is_served_live_without_a_reload(site: Site, opened: Open) -> None:
    page, seen = opened()
    signed_in(page, site, light=Light.CLOSED)
    page.evaluate("window.stays = true")
    page.click("#b-open")
    page.click("#b-next")
    expect(page.locator("#label")).to_have_text("A047")
    page.click("#b-start")
    expect(page.locator(".ticket.serving")).to_be_visible()
    page.click("#b-finish")
    expect(page.locator("#state")).to_be_visible()
    assert page.evaluate("window.stays")
    kinds = [type(c) for c in site.commands(m.WindowCommand)]
    assert kinds == [m.WindowLogin, m.WindowOpen, m.CallNext, m.CallStart, m.CallFinish]
    assert all(c.operator == "op01" and c.window == "W01" for c in site.commands(m.WindowCommand))  # type: ignore[attr-defined]
    assert seen.hosts == {site.url.removeprefix("http://")}
    assert seen.faults == []


def test_what_another_screen_does_appears_by_itself(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    called = site.play.ticket("B003", state=TicketState.CALLED)
    site.change(lambda play: play.put("W01", light=Light.CALLED, ticket=called))
    expect(page.locator("#label")).to_have_text("B003")


def test_a_double_click_is_one_command(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    site.change(lambda play: play.waits("A048"))
    page.dblclick("#b-next")
    expect(page.locator("#label")).to_have_text("A047")
    page.dblclick("#b-start")
    expect(page.locator(".ticket.serving")).to_be_visible()
    assert len(site.commands(m.CallNext)) == 1
    assert len(site.commands(m.CallStart)) == 1


def test_the_same_form_sent_twice_is_done_once(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    key = page.input_value("#f-next [name=id]")
    cookie = next(c for c in page.context.cookies() if c["name"] == COOKIE)
    for _ in range(2):
        answer = httpx.post(
            f"{site.url}/window/W01/press",
            data={"id": key, "button": "next"},
            cookies={COOKIE: str(cookie["value"])},
            headers={"sec-fetch-site": "same-origin"},
        )
        assert answer.status_code == 303
    assert [c.id for c in site.commands(m.CallNext)] == [key]


def test_without_javascript_a_visitor_is_called_and_served(site: Site, opened: Open) -> None:
    page, seen = opened(script=False)
    signed_in(page, site)
    page.click("#b-next")
    expect(page.locator("#label")).to_have_text("A047")
    page.click("#b-start")
    expect(page.locator(".ticket.serving")).to_be_visible()
    page.click("#b-finish")
    expect(page.locator("#state")).to_be_visible()
    site.change(lambda play: play.waits("A048"))
    page.click("#b-next")
    expect(page.locator("#label")).to_have_text("A048")
    page.click("#b-no_show")
    expect(page.locator("#state")).to_be_visible()
    assert seen.faults == []


@pytest.mark.parametrize("script", [True, False])
def test_a_refusal_stands_beside_its_button_in_the_readers_language(site: Site, opened: Open, script: bool) -> None:
    page, seen = opened(script=script)
    signed_in(page, site)
    page.click("#b-next")
    expect(page.locator("#label")).to_be_visible()
    site.play.refuse = REFUSED
    page.click("#b-recall")
    expect(page.locator("#f-recall + .said")).to_have_text(Texts("uk").get("refusal.recall_too_soon"))
    page.goto(site.url + "/window/W01?lang=en")
    expect(page.locator("#f-recall + .said")).to_have_text(Texts("en").get("refusal.recall_too_soon"))
    site.play.refuse = None
    page.click("#b-start")
    expect(page.locator(".ticket.serving")).to_be_visible()
    expect(page.locator(".acts .said")).to_have_count(0)
    assert seen.faults == []


def test_a_press_without_an_answer_keeps_its_id_and_says_that_pressing_again_is_safe(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    site.play.answers = False
    page.click("#b-next")
    until(lambda: site.commands(m.CallNext))
    expect(page.locator("#f-next + .said")).to_have_text(Texts("uk").get("operator.sent"))
    expect(page.locator("#f-next + .said[role=alert]")).to_be_visible(timeout=15_000)
    site.play.answers = True
    page.click("#b-next")
    expect(page.locator("#label")).to_have_text("A047")
    assert len(site.commands(m.CallNext)) == 1
    assert len(site.coordinator.asked) > 2


def test_an_armed_window_says_so_and_a_second_press_disarms(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    site.change(lambda play: play.queue.clear())
    page.click("#b-next")
    expect(page.locator("#state")).to_have_text(Texts("uk").get("operator.state_armed"))
    page.wait_for_timeout(450)  # a person's second press; sooner it would be a double click
    page.click("#b-next")
    expect(page.locator(".ticket.free")).to_be_visible()
    assert len(site.commands(m.CallNext)) == 2


def test_a_key_presses_the_button_that_shows_it(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    assert page.locator("#b-next kbd").inner_text() == "1"
    page.keyboard.press("1")
    expect(page.locator("#label")).to_be_visible()
    page.focus("#service")
    page.keyboard.press("3")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("6")
    expect(page.locator("#state")).to_be_visible()
    assert site.commands(m.CallStart) == []
    assert len(site.commands(m.CallPark)) == 1


def test_every_control_is_reached_by_the_tab_key(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    wanted = {"b-next", "b-pause", "b-close", "b-logout"}
    met = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        met.add(page.evaluate("document.activeElement.id"))
    assert wanted <= met


def test_a_transfer_names_service_and_window_and_a_choice_survives_the_stream(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    site.change(lambda play: play.put("W02", light=Light.FREE))
    page.click("#b-next")
    expect(page.locator("#label")).to_be_visible()
    service = site.play.hall.services[3].id
    page.select_option("#service", service)
    page.select_option("#to_window", "W02")
    site.change(lambda play: play.waits("A099"))
    expect(page.locator(".desk .big")).to_have_text("1")
    page.click("#b-transfer")
    expect(page.locator("#state")).to_be_visible()
    (sent,) = site.commands(m.CallTransfer)
    assert isinstance(sent, m.CallTransfer)
    assert (sent.service, sent.to_window) == (service, "W02")


def test_a_parked_visitor_comes_back(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    parked = site.play.ticket("C007", state=TicketState.PARKED)
    site.change(lambda play: play.parked.append(parked))
    page.click("#f-return-t-C007 button")
    expect(page.locator("#f-return-t-C007")).to_have_count(0)
    (sent,) = site.commands(m.TicketReturn)
    assert isinstance(sent, m.TicketReturn)
    assert sent.ticket == "t-C007"


def test_priority_doubt_and_reason_are_shown(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site, address="/window/W01?lang=en")
    group = site.play.hall.priority_groups[0]
    called = site.play.ticket("P001", 17, state=TicketState.CALLED, priority_group=group.id, doubt=True)
    site.change(
        lambda play: play.put(
            "W01", light=Light.CALLED, ticket=called, why=Why.PRIORITY, why_facts={"wait": "7", "target": "10"}
        )
    )
    expect(page.locator("#label")).to_have_text("P001")
    text = page.locator(".desk").inner_text()
    assert "Check the proof of priority" in text
    assert group.names["en"] in text
    assert "may not have been printed" in text
    assert "Priority visitor, waited 7 of 10 min" in text
    assert "Waited 17 of 20 min" in text


@pytest.mark.parametrize(("minutes", "over", "script"), [(12, False, True), (16, True, True), (16, True, False)])
def test_the_panel_shows_what_the_visitor_was_told_and_marks_a_longer_wait(
    site: Site, opened: Open, minutes: float, over: bool, script: bool
) -> None:
    page, seen = opened(script=script)
    signed_in(page, site, address="/window/W01?lang=en")
    called = site.play.ticket("A047", minutes, state=TicketState.CALLED, told=m.Wait(low=5, high=15))
    site.change(lambda play: play.put("W01", light=Light.CALLED, ticket=called))
    page.goto(site.url + "/window/W01?lang=en")
    expect(page.locator("#told")).to_contain_text(Texts("en").get("operator.told", wait="5–15 min"))
    expect(page.locator("#told.warn")).to_have_count(int(over))
    assert (Texts("en").get("operator.over_told") in page.locator("#told").inner_text()) is over
    site.change(lambda play: play.put("W01", ticket=play.ticket("A048", state=TicketState.CALLED)))
    page.goto(site.url + "/window/W01?lang=en")
    expect(page.locator("#label")).to_have_text("A048")
    expect(page.locator("#told")).to_have_count(0)
    assert seen.faults == []


@pytest.mark.parametrize(("within", "level", "script"), [(25, "ok", True), (20, "warn", True), (20, "warn", False)])
def test_the_hall_page_shows_each_queues_wait_and_how_often_told_waits_held(
    site: Site, opened: Open, within: int, level: str, script: bool
) -> None:
    page, seen = opened(script=script)
    entered(page, site, "technician")
    page.goto(site.url + "/hall?lang=en")
    expect(page.locator(".queues-table")).to_be_visible()
    expect(page.locator("#kept")).to_have_count(0)
    first, second, *_ = [g.id for g in site.play.hall.service_groups]
    told = {first: m.Wait(low=5, high=15), second: m.Wait(low=60)}
    site.change(lambda play: play.__dict__.update(told=told, kept=m.Kept(told=31, within=within, longer=3)))
    page.goto(site.url + "/hall?lang=en")
    rows = page.locator(".queues-table tbody tr")
    expect(rows.nth(0)).to_contain_text("5–15 min")
    expect(rows.nth(1).locator(".wait.stop")).to_have_text("60 min or more")
    expect(rows.nth(2)).not_to_contain_text("min")
    line = Texts("en").get("hall.waits_kept", within=within, told=31, longer=3)
    expect(page.locator(f"#kept.{level}")).to_have_text(line)
    assert seen.faults == []


def test_signing_out_ends_the_session_and_the_cookie_is_worthless(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    cookie, browser = sorted(page.context.cookies(), key=lambda one: one["name"])
    assert (cookie["name"], browser["name"]) == (COOKIE, BROWSER)
    assert all((one["httpOnly"], one["sameSite"]) == (True, "Strict") for one in (cookie, browser))
    page.click("#b-logout")
    expect(page.locator(".windows")).to_be_visible()
    assert [one["name"] for one in page.context.cookies()] == [BROWSER]
    page.context.add_cookies([{"name": COOKIE, "value": str(cookie["value"]), "url": site.url}])
    page.goto(site.url + "/window/W01")
    expect(page.locator("#pin")).to_be_visible()


def test_an_operator_signed_in_elsewhere_is_asked_to_sign_in_again(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    site.change(lambda play: play.put("W01", operator="op02"))
    expect(page.locator(".alone a")).to_be_visible()
    assert page.locator("#b-next").count() == 0


def test_a_page_without_news_marks_its_figures_and_then_hides_them(site: Site, opened: Open) -> None:
    page, _ = opened()
    entered(page, site, "technician")
    page.clock.install()
    page.route("**/events/**", lambda route: route.abort())
    page.goto(site.url + "/hall")
    expect(page.locator(".fresh .age")).to_be_visible()
    page.clock.run_for(13_000)
    expect(page.locator("#fresh.stale")).to_be_visible()
    assert page.locator(".stats .figure > *").first.is_visible()
    page.clock.run_for(60_000)
    expect(page.locator("#fresh.dark")).to_be_visible()
    shown = page.evaluate("getComputedStyle(document.querySelector('.stats .figure'), '::after').content")
    assert shown == '"?"'
    assert page.locator(".stats .figure > *").first.is_hidden()


def test_a_silent_hall_is_said_to_be_old_on_every_page(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    site.play.beats = False
    expect(page.locator("#fresh.stale .strip.stop")).to_be_visible(timeout=20_000)
    assert 'id="fresh" class="stale"' in httpx.get(site.url + "/hall", cookies=site.signed_in("auditor")).text
    site.play.beats = True
    expect(page.locator("#fresh.fresh")).to_be_visible()


def test_the_stream_comes_back_after_the_consoles_restart(site: Site, opened: Open) -> None:
    page, _ = opened()
    entered(page, site, "technician")
    page.goto(site.url + "/hall")
    expect(page.locator(".tiles li")).to_have_count(len(site.play.windows))
    port = site.url.rsplit(":", 1)[1]
    assert site.stop() == 0
    site.start(port=int(port))
    site.change(lambda play: play.put("W01", light=Light.CALLED, ticket=play.ticket("T001"), operator="op01"))
    expect(page.locator(".tiles")).to_contain_text("T001", timeout=20_000)


def test_the_hall_is_interrupted_and_resumed_by_somebody_signed_in(site: Site, opened: Open) -> None:
    page, seen = opened()
    entered(page, site, "technician")
    page.goto(site.url + "/hall")
    expect(page.locator("#b-interrupt")).to_have_count(0)
    signed_in(page, site)
    page.goto(site.url + "/hall")
    page.fill("#reason", "Тривога")
    page.click("#b-interrupt")
    page.click("#b-resume")
    expect(page.locator("#b-interrupt")).to_be_visible()
    (sent,) = site.commands(m.HallInterrupt)
    assert isinstance(sent, m.HallInterrupt)
    assert sent.reason == "Тривога"
    assert len(site.commands(m.HallResume)) == 1
    assert seen.faults == []


@pytest.mark.parametrize("script", [True, False])
def test_closing_the_hall_asks_first_and_says_who_loses_a_ticket(site: Site, opened: Open, script: bool) -> None:
    page, seen = opened(script=script)
    signed_in(page, site)
    site.change(lambda play: play.put("W02", light=Light.CALLED, ticket=play.ticket("B003", state=TicketState.CALLED)))
    site.change(lambda play: play.parked.append(play.ticket("C007", state=TicketState.PARKED)))
    page.goto(site.url + "/hall?lang=en")
    page.click("#b-close")
    asked = page.locator(".ask")
    expect(asked).to_contain_text("1 person is waiting")
    expect(asked).to_contain_text("Called or being served: 1")
    expect(asked).to_contain_text("Parked: 1")
    expect(asked).to_contain_text(Texts("en").get("hall.close_ends"))
    page.click("#b-back")
    assert site.commands(m.HallClose) == []
    page.click("#b-close")
    page.click("button#b-close")
    expect(page.locator(".pill.mute").first).to_have_text(Texts("en").get("hall.closed"))
    page.click("#b-open")
    expect(page.locator("#b-interrupt")).to_be_visible()
    assert len(site.commands(m.HallClose)) == len(site.commands(m.HallOpen)) == 1
    assert seen.faults == []


@pytest.mark.parametrize("script", [True, False])
def test_a_message_is_put_up_in_every_language_and_taken_away(site: Site, opened: Open, script: bool) -> None:
    page, seen = opened(script=script)
    signed_in(page, site)
    page.goto(site.url + "/hall?lang=en")
    page.click("#b-notice")
    expect(page.locator("#shown")).to_have_text(Texts("en").get("notice.none"))
    page.click("#b-show")  # the hall's own language is needed: the browser says so, nothing is sent
    assert site.commands(m.HallNotice) == []
    page.fill("#text-uk", "Вікно 3 зачинено <b>")
    page.fill("#text-en", "Window 3 is closed")
    page.select_option("#zones", site.play.hall.zones[1].id)
    page.fill("#until", "15:30")
    page.check("input[name=speak]")
    page.press("#text-en", "Enter")
    expect(page.locator("#shown")).to_contain_text("Window 3 is closed")
    expect(page.locator("#shown")).to_contain_text("until 15:30")
    page.click("#b-back")
    expect(page.locator("p.notice")).to_contain_text("Window 3 is closed")
    page.click("#b-notice")
    page.click("#shown button")
    expect(page.locator("#shown")).to_have_text(Texts("en").get("notice.none"))
    first, second = site.commands(m.HallNotice)
    assert isinstance(first, m.HallNotice)
    assert isinstance(second, m.HallNotice)
    zone = site.play.hall.zones[1].id
    assert (first.zones, first.speak, second.zones, second.texts) == ((zone,), True, (zone,), {})
    assert first.texts == {"uk": "Вікно 3 зачинено <b>", "en": "Window 3 is closed"}
    assert first.until is not None
    assert site.play.hall.local(first.until).strftime("%d %H:%M") == "17 15:30"
    assert seen.faults == []


def test_a_refused_message_says_why_and_nobody_shows_one_without_a_session(site: Site, opened: Open) -> None:
    page, _ = opened()
    page.goto(site.url + "/hall/notice")
    expect(page).to_have_url(site.url + "/sign-in?next=%2Fhall%2Fnotice")
    signed_in(page, site)
    site.play.refuse = REFUSED
    page.goto(site.url + "/hall/notice")
    page.fill("#text-uk", "Вікно 3 зачинено")
    page.click("#b-show")
    expect(page.locator(".said.warn[role=alert]")).to_be_visible()


def test_the_page_that_asks_follows_the_hall(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    page.goto(site.url + "/hall/close?lang=en")
    expect(page.locator(".ends")).to_contain_text("1 person is waiting")
    site.change(lambda play: play.waits("A048"))
    expect(page.locator(".ends")).to_contain_text("2 people are waiting")
    site.change(lambda play: setattr(play, "state", HallState.CLOSED))
    expect(page.locator(".ask h1")).to_have_text(Texts("en").get("hall.closed"))
    expect(page.locator("#b-close")).to_have_count(0)


def test_a_refused_closing_is_told_on_the_hall_page(site: Site, opened: Open) -> None:
    page, _ = opened(script=False)
    signed_in(page, site)
    site.play.refuse = m.Refused(id="r", re="x", code=Refusal.NO_ROOM, text="the journal's disk is nearly full")
    page.goto(site.url + "/hall/close")
    page.click("#b-close")
    expect(page.locator(".said.warn")).to_have_text(Texts("uk").get("refusal.no_room"))


def test_nobody_is_asked_about_closing_without_a_session(site: Site) -> None:
    assert httpx.get(site.url + "/hall/close").headers["location"] == "/sign-in?next=%2Fhall%2Fclose"
    assert httpx.get(site.url + "/events/hall/close").status_code == 401


def test_a_broken_box_is_shown_with_its_next_step(site: Site, opened: Open) -> None:
    page, _ = opened()
    entered(page, site, "technician")
    broken = m.DeskDevice(dev="kiosk-1", kind=Role.KIOSK, state="here", faults=("paper_out:printer-1",))
    lost = m.DeskDevice(dev="board-1", kind=Role.BOARD, state="lost", since=site.play.now)
    site.change(lambda play: setattr(play, "devices", (broken, lost)))
    page.goto(site.url + "/hall?lang=en")
    devices = page.locator(".devices")
    expect(devices).to_contain_text("put in a new roll")
    expect(devices).to_contain_text("No connection")


def recommended(play: Play, name: str, window: str, kind: MeasureKind = MeasureKind.OPEN, **more: object) -> None:
    """Something is worth doing at a window."""
    place = play.hall.window_by_id[window]
    without, done = (
        m.Expected(late=14, overdue_min=310, longest_min=44),
        m.Expected(late=9, overdue_min=120, longest_min=31),
    )
    one = m.Recommendation.model_validate({
        "id": name, "kind": kind, "window": window, "number": place.number, "without": without, "done": done,
        "horizon_min": 90, "expires": play.now + timedelta(minutes=15), **more,
    })  # fmt: skip
    play.recommendations = (*play.recommendations, one)


@pytest.mark.parametrize("script", [True, False])
def test_a_recommendation_is_accepted_or_not_and_the_window_is_told(site: Site, opened: Open, script: bool) -> None:
    page, seen = opened(script=script)
    texts = Texts("uk")
    group = site.play.hall.service_groups[0]
    more = {"group": group.id, "minutes": 60}
    site.change(lambda play: recommended(play, "one", "W01", MeasureKind.WIDEN_PROFILE, **more))
    site.change(lambda play: recommended(play, "two", "W02"))
    signed_in(page, site)
    page.goto(site.url + "/hall")
    page.click("#b-dismiss-two")
    expect(page.locator("#plan-two")).to_have_count(0)
    page.click("#b-accept-one")
    expect(page.locator("#plan")).to_have_count(0)
    said = texts.get("plan.widen_profile", number=1, minutes=60, group=group.names["uk"])
    expect(page.locator("#measures")).to_contain_text(said)
    expect(page.locator("#measures")).to_contain_text(site.play.hall.operator_by_id["op01"].name)
    decided = [(type(c), c.recommendation, c.operator) for c in site.commands(m.PlanCommand)]  # type: ignore[attr-defined]
    assert decided == [(m.PlanDismiss, "two", "op01"), (m.PlanAccept, "one", "op01")]
    page.goto(site.url + "/window/W01")
    expect(page.locator("#asked-one")).to_contain_text(said)
    page.goto(site.url + "/window/W02")
    expect(page.locator("#asked-one")).to_have_count(0)
    assert seen.faults == []


def test_a_recommendation_that_is_over_is_said_where_it_stood(site: Site, opened: Open) -> None:
    page, _ = opened()
    site.change(lambda play: recommended(play, "one", "W02"))
    signed_in(page, site)
    page.goto(site.url + "/hall")
    over = m.Refused(id="r", re="x", code=Refusal.RECOMMENDATION_OVER, text="over")

    def gone(play: Play) -> None:
        play.refuse = over

    site.change(gone)
    page.click("#b-accept-one")
    expect(page.locator("#plan-one .said")).to_have_text(Texts("uk").get("refusal.recommendation_over"))
    site.change(lambda play: play.__dict__.update(recommendations=()))
    expect(page.locator("#plan .said")).to_have_text(Texts("uk").get("refusal.recommendation_over"))


@pytest.mark.parametrize("script", [True, False])
def test_a_box_is_asked_to_show_which_one_it_is(site: Site, opened: Open, script: bool) -> None:
    page, seen = opened(script=script)
    page.goto(site.url + "/hall")
    expect(page.locator(".devices button")).to_have_count(0)
    signed_in(page, site)
    lost = m.DeskDevice(dev="board-1", kind=Role.BOARD, state="lost")
    site.change(lambda play: setattr(play, "devices", (*play.devices[:2], lost)))
    page.goto(site.url + "/hall")
    expect(page.locator("#f-find-console-1")).to_have_count(0)
    expect(page.locator("#f-find-board-1 button")).to_be_disabled()
    page.click("#f-find-kiosk-1 button")
    until(lambda: site.commands(m.DeviceFind))
    site.play.refuse = m.Refused(id="r", re="x", code=Refusal.DEVICE_AWAY, text="kiosk-1 is not connected")
    page.wait_for_timeout(450)  # a person's second press; sooner it would be a double click
    page.click("#f-find-kiosk-1 button")
    expect(page.locator(".devices .said.warn")).to_have_text(Texts("uk").get("refusal.device_away"))
    assert [c.dev for c in site.commands(m.DeviceFind) if isinstance(c, m.DeviceFind)] == ["kiosk-1"] * 2
    assert seen.faults == []


@pytest.mark.parametrize("script", [True, False])
def test_a_ticket_that_was_not_called_yet_is_explained(site: Site, opened: Open, script: bool) -> None:
    page, seen = opened(script=script)
    page.goto(site.url + "/why")
    expect(page).to_have_url(site.url + "/sign-in?next=%2Fwhy")
    signed_in(page, site)
    page.click("#why")
    passed = m.Passed(
        label="C002", number=4, called_at=site.play.now, why=Why.SCARCE, why_facts={"wait": "3", "target": "20"}
    )
    site.play.explained = m.Explained(
        id="e", re="x", label="A017", service=site.play.hall.services[0].id, state=TicketState.WAITING, since=site.play.now,
        wait_s=720, why_not=(WhyNot.LINE, WhyNot.BUSY), ahead=2, windows=(3, 4), passed=(passed,), passed_in_all=6,
    )  # fmt: skip
    page.fill("#label", "a017")
    page.click("#b-why")
    texts, answer = Texts("uk"), page.locator("#answer")
    expect(answer).to_contain_text("A017")
    for words in (
        texts.get("explain.line", ahead=2), texts.get("explain.busy"), texts.get("explain.windows", windows="3, 4"),
        texts.get("explain.passed", count=6), texts.get("explain.scarce", wait="3", target="20"),
    ):  # fmt: skip
        expect(answer).to_contain_text(words)
    assert [c.label for c in site.commands(m.TicketExplain) if isinstance(c, m.TicketExplain)] == ["A017"]
    site.play.refuse = m.Refused(id="r", re="x", code=Refusal.UNKNOWN_TICKET, text="today there is no such ticket")
    page.fill("#label", "<b>")
    page.click("#b-why")
    expect(page.locator(".said.warn")).to_have_text(texts.get("refusal.unknown_ticket"))
    assert seen.faults == []


@pytest.mark.parametrize("script", [True, False])
def test_an_unclear_payment_is_decided_and_what_is_typed_outlives_the_news(
    site: Site, opened: Open, script: bool
) -> None:
    page, seen = opened(script=script)
    entered(page, site, "manager")
    site.change(lambda play: play.paid("p-1", PaymentState.UNKNOWN))
    page.goto(site.url + "/hall?lang=en")
    expect(page.locator("#unclear")).to_have_text(Texts("en").get("till.unknown", count=1))
    page.click("#b-money")
    page.click("#b-decide-terminal-1-p-1")  # the browser says what is missing, nothing is sent
    expect(page).to_have_url(re.compile("/money[?]lang=en$"))
    page.check("input[value=not_performed]")
    page.fill("#why-terminal-1-p-1", "not in the report")
    if script:
        site.change(lambda play: play.paid("p-2", minor=700))
        expect(page.locator(".stats").first).to_contain_text("7 UAH")
        expect(page.locator("input[value=not_performed]")).to_be_checked()
    page.press("#why-terminal-1-p-1", "Enter")
    expect(page.locator("#b-sure")).to_be_visible()
    assert site.commands(m.TillCommand) == []
    page.click("#b-not")
    expect(page.locator("#f-decide-terminal-1-p-1")).to_be_visible()
    page.check("input[value=not_performed]")
    page.fill("#why-terminal-1-p-1", "not in the report")
    page.press("#why-terminal-1-p-1", "Enter")
    page.dblclick("#b-sure")
    expect(page.locator("#till-terminal-1")).to_be_visible()
    expect(page.locator("#f-decide-terminal-1-p-1")).to_have_count(0)
    (asked,) = site.commands(m.TillCommand)
    assert isinstance(asked, m.PaymentDecide)
    assert (asked.state, asked.why, asked.operator) == (PaymentState.NOT_PERFORMED, "not in the report", "manager")
    assert seen.faults == []


# Every element that shows text of its own: its text, colour, ground and size in pixels.
TEXTS = """() => {
  const style = (e) => getComputedStyle(e);
  const own = (e) => e.tagName == 'SELECT' || [...e.childNodes].some((n) => n.nodeType == 3 && n.nodeValue.trim());
  const ground = (e) => !e ? document.body : style(e).backgroundColor == 'rgba(0, 0, 0, 0)' ? ground(e.parentElement) : e;
  return [...document.querySelectorAll('body *')]
    .filter((e) => e.checkVisibility() && !e.closest('option, optgroup') && own(e))
    .map((e) => [e.textContent.trim().slice(0, 30), style(e).color, style(ground(e)).backgroundColor, parseFloat(style(e).fontSize)]);
}"""
SMALL = """() => [...document.querySelectorAll('a.b, button, select, label.b, label.row, input:not([type=hidden])')]
  .filter((e) => e.matches('label') || !e.closest('label.b, label.row'))
  .filter((e) => e.getBoundingClientRect().height < 40 || e.getBoundingClientRect().width < 40).map((e) => e.id || e.textContent)"""
CUT = """() => [...document.querySelectorAll('.pill, .b, .number')]
  .filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent)"""
FLAT = """() => [...document.querySelectorAll('a.b, button:enabled')]
  .filter((e) => parseFloat(getComputedStyle(e).borderBottomWidth) < 3).map((e) => e.id || e.textContent)"""


def _hex(colour: str) -> str:
    found = re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", colour)
    assert found is not None, colour
    return "#" + "".join(f"{int(c):02X}" for c in found.groups())


def _busy(play: Play) -> None:
    lights = [Light.SERVING, Light.CALLED, Light.FREE, Light.ARMED, Light.PAUSED, Light.CLOSED]
    for n, window in enumerate(play.windows):
        light = lights[n % 6]
        at = play.ticket(f"K{n:03}", 9, state=TicketState.SERVING) if light in {Light.SERVING, Light.CALLED} else None
        play.put(window, light=light, ticket=at, since=play.now - timedelta(minutes=3 * n), operator=f"op{n + 1:02}")
    group = play.hall.priority_groups[0].id
    told = m.Wait(low=5, high=15)
    first = play.ticket("P047", 17, state=TicketState.SERVING, priority_group=group, doubt=True, told=told)
    waits = (told, m.Wait(low=60), m.Wait(low=110, high=120))
    play.told = {g.id: waits[n % 3] for n, g in enumerate(play.hall.service_groups[:-1])}
    play.kept = m.Kept(told=131, within=65, longer=53)
    play.put("W01", ticket=first, why=Why.SCARCE, why_facts={"wait": "17", "target": "20", "alt": "12"})
    play.parked.append(play.ticket("C007", state=TicketState.PARKED))
    play.waits("B053", 17)
    play.waits("A050", 25, service=play.hall.services[9].id)
    shown = {"uk": "Вікна 3 і 4 сьогодні працюють до 15:00. " * 5}
    play.notices = (m.DeskNotice(zones=(play.hall.zones[0].id,), texts=shown, since=play.now, until=play.now),)
    longest = max(play.hall.service_groups, key=lambda g: len(g.names["uk"])).id
    recommended(play, "one", "W01", MeasureKind.WIDEN_PROFILE, group=longest, minutes=60, alone=True)
    recommended(play, "two", "W02", MeasureKind.DELAY_BREAK, minutes=30, break_at=play.now)
    for number, window in enumerate(("W01", "W02")):
        asked = m.Measure(
            id=f"m{number}", kind=MeasureKind.OPEN, state=MeasureState.ASKED, window=window, number=number + 1, by="op01",
            accepted_at=play.now, until=play.now,
        )  # fmt: skip
        play.measures = (*play.measures, asked)
    play.paid("p-71c2a90be3d1f044", PaymentState.UNKNOWN, why="no answer " * 20)
    play.paid("p-81c2a90be3d1f044", PaymentState.REVERSAL_UNKNOWN, minor=61800)
    play.paid("p-91c2a90be3d1f044", by="op01", why="двічі " * 30)
    play.paid("p-cash", minor=12300, method="cash", captured_minor=15000)
    play.balanced(104832, 99840, balances=False, why="the terminal has one sale less")
    play.cassettes = (
        m.DeskCassette(
            device="cash-1", cassette="cash-1-4", since=play.now, notes=15, minor=90000, nobodys=1, doubtful=2, currency="UAH"
        ),
    )  # fmt: skip
    play.devices = (
        m.DeskDevice(dev="kiosk-1", kind=Role.KIOSK, state="here", faults=("paper_low",)),
        *play.devices[1:],
    )


def _in_for(address: str, page: Page, site: Site) -> None:
    """Signed in as somebody who may see the page, and a program with a token is there."""
    if address.startswith(("/money", "/me", "/staff", "/audit")):
        entered(page, site, "admin")
    elif address != "/sign-in":
        signed_in(page, site)
    with site.staff() as staff:
        if staff.accounts.get("program") is None:
            staff.accounts.add("program", "Desk application", StaffRole.SERVICE, "op02")
            staff.tokens.make("program", "Second floor", {Act.SEE, Act.SERVE}, timedelta(days=30))


@pytest.mark.parametrize(
    "address",
    [
        "/", "/window/W01", "/window/W02", "/hall", "/hall/close", "/hall/notice", "/money", "/money/day", "/sign-in", "/me",
        "/staff", "/staff/program", "/audit",
    ],
)  # fmt: skip
def test_text_is_read_easily_fits_and_controls_are_large_enough(
    site: Site, opened: Open, tmp_path: Path, address: str
) -> None:
    page, _ = opened()
    _in_for(address, page, site)
    site.change(_busy)
    site.play.refuse = REFUSED
    page.goto(site.url + address)
    if address == "/window/W01":
        page.click("#b-park")
        expect(page.locator(".said.warn[role=alert]")).to_be_visible()
    page.screenshot(path=tmp_path / "page.png")
    faint = [
        (text, a, b) for text, a, b, _ in page.evaluate(TEXTS) if contrast.ratio(_hex(a), _hex(b)) < contrast.TEXT_MIN
    ]
    assert faint == []
    assert min(size for *_, size in page.evaluate(TEXTS)) >= 14
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(CUT) == [], "no word runs out of its pill or button"
    assert page.evaluate(SMALL) == []
    assert page.evaluate(FLAT) == [], "what can be pressed has a sill"


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/window/W01",
        "/hall",
        "/hall/close",
        "/hall/notice",
        "/money",
        "/money/day",
        "/sign-in",
        "/staff/program",
        "/audit",
    ],
)
def test_a_page_fits_a_phone(site: Site, opened: Open, tmp_path: Path, address: str) -> None:
    page, _ = opened()
    _in_for(address, page, site)
    site.change(_busy)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site.url + address)
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(CUT) == []
    assert page.evaluate(SMALL) == []


def test_every_language_of_the_hall_is_offered(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    page.click(".languages a[lang=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#b-pause")).to_contain_text("Take a break")
    page.click("#b-next")
    expect(page.locator(".ticket .pill.now")).to_have_text(Texts("en").get("operator.state_called", label="A047"))
    page.goto(site.url + "/window/W01?lang=xx")
    expect(page.locator("html")).to_have_attribute("lang", "uk")


# --- who may: by hand, without a browser ---------------------------------------------------------------------------------

OURS = {"sec-fetch-site": "same-origin"}
KEY = "c-" + "0" * 24


@pytest.mark.parametrize(
    "path", [path.format(window="W01", part="windows", key="W01", account="admin") for path in UNSAFE]
)
@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}])
def test_another_site_cannot_act(site: Site, path: str, headers: dict[str, str]) -> None:
    form = {"id": KEY, "button": "interrupt", "operator": "op01", "pin": PIN}
    assert httpx.post(site.url + path, data=form, headers=headers).status_code == 403
    assert site.coordinator.asked == []


@pytest.mark.parametrize(
    ("path", "button"),
    [
        ("/hall/press", "interrupt"),
        ("/hall/notice/press", "show"),
        ("/window/W01/press", "next"),
        ("/money/press", "balance"),
    ],
)
@pytest.mark.parametrize("cookie", ["", "made-up", "x" * 5000])
def test_nobody_acts_without_a_session(site: Site, path: str, button: str, cookie: str) -> None:
    form = {"id": KEY, "button": button}
    plain = httpx.post(site.url + path, data=form, headers=OURS, cookies={COOKIE: cookie})
    assert plain.status_code == 303
    script = httpx.post(site.url + path, data=form, headers={**OURS, "hx-request": "true"}, cookies={COOKIE: cookie})
    assert script.status_code == 401
    assert httpx.get(site.url + "/events/window/W01", cookies={COOKIE: cookie}).status_code == 401
    assert site.coordinator.asked == []


def _cookie(site: Site) -> dict[str, str]:
    answer = httpx.post(f"{site.url}/window/W01/sign-in", data={"operator": "op01", "pin": PIN}, headers=OURS)
    assert answer.status_code == 303
    return {COOKIE: answer.cookies[COOKIE]}


def test_a_session_acts_at_its_own_window_only(site: Site) -> None:
    cookies = _cookie(site)
    form = {"id": KEY, "button": "next", "window": "W02", "operator": "op02"}
    answer = httpx.post(site.url + "/window/W02/press", data=form, headers=OURS, cookies=cookies)
    assert answer.headers["location"] == "/window/W02"
    assert site.commands(m.CallNext) == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"button=next", b"button=next&id=short", f"button=dance&id={KEY}".encode(), b"\xff\xfe=1", b"a=" + b"x" * 20_000,
        b"&".join(b"f%d=1" % n for n in range(50)), f"button=return&id={KEY}&ticket={'x' * 100}".encode(),
    ],
)  # fmt: skip
def test_a_broken_form_is_refused_and_asks_nothing(site: Site, body: bytes) -> None:
    cookies = _cookie(site)
    headers = {**OURS, "content-type": "application/x-www-form-urlencoded"}
    answer = httpx.post(site.url + "/window/W01/press", content=body, headers=headers, cookies=cookies)
    assert answer.status_code == 400
    assert [type(c) for c in site.coordinator.asked] == [m.WindowLogin]


def test_the_sixth_wrong_pin_in_a_row_has_to_wait(site: Site) -> None:
    address = f"{site.url}/window/W07/sign-in"
    wrong = [httpx.post(address, data={"operator": "op07", "pin": "0"}, headers=OURS).status_code for _ in range(6)]
    assert wrong == [403] * 5 + [429]
    elsewhere = httpx.post(f"{site.url}/window/W08/sign-in", data={"operator": "op07", "pin": PIN}, headers=OURS)
    assert elsewhere.status_code == 429
    assert len(site.coordinator.asked) == 5


def test_every_answer_forbids_inline_script_framing_and_keeping(site: Site) -> None:
    for path in ["/", "/hall", "/window/W01", "/window/none"]:
        headers = httpx.get(site.url + path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


def test_the_stream_begins_with_the_whole_page_and_its_revision(site: Site) -> None:
    with httpx.stream("GET", site.url + "/events/hall", cookies=site.signed_in("auditor")) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert re.fullmatch(r"id: 1-\d+", next(lines))
        assert next(lines).startswith("data: ")


def test_a_hall_that_is_closed_offers_no_interruption(site: Site) -> None:
    cookies = _cookie(site)
    site.change(lambda play: setattr(play, "state", HallState.CLOSED))
    until(lambda: "b-interrupt" not in httpx.get(site.url + "/hall", cookies=cookies).text)


def test_the_log_is_one_json_object_a_line(site: Site) -> None:
    assert all(json.loads(line) for line in site.log.read_text("utf-8").splitlines())


# --- the visit, calls by number, breaks, alarm -----------------------------------------------------------------------------


def served(page: Page, site: Site, **more: object) -> str:
    """Signed in with a visitor at the window who has papers to show; the ticket's id."""
    signed_in(page, site, light=Light.CLOSED)
    service = next(s for s in site.play.hall.services if len(s.bring) > 1)
    at = site.play.ticket("A012", 17, state=TicketState.SERVING, service=service.id, **more)
    site.change(lambda play: play.put("W01", light=Light.SERVING, ticket=at))
    page.reload()
    expect(page.locator("#label")).to_have_text("A012")
    return at.ticket


Kind = TypeVar("Kind", bound=m.Command)


def one(site: Site, kind: type[Kind]) -> Kind:
    """The only command of this kind."""
    (command,) = site.commands(kind)
    assert isinstance(command, kind)
    return command


def test_a_visitor_is_called_by_number_for_a_reason(site: Site, opened: Open) -> None:
    page, seen = opened()
    signed_in(page, site)
    site.change(lambda play: play.parked.append(play.ticket("B003", state=TicketState.PARKED)))
    page.fill("#f-pick [name=label]", " b003")
    page.press("#f-pick [name=label]", "Enter")  # the browser asks for the reason
    assert site.commands(m.CallPick) == []
    page.select_option("#f-pick select", Pick.UNWELL)
    page.click("#b-pick")
    expect(page.locator("#label")).to_have_text("B003")
    picked = one(site, m.CallPick)
    assert (picked.label, picked.why, picked.operator) == ("B003", Pick.UNWELL, "op01")
    who, reason = site.play.hall.operator_by_id["op01"].name, Texts("uk").get("pick.unwell")
    expect(page.locator("p.why")).to_have_text(Texts("uk").get("why.picked", who=who, reason=reason))
    assert seen.faults == []


def test_services_of_the_visit_stand_in_their_order_and_one_is_added_and_taken_out(site: Site, opened: Open) -> None:
    page, seen = opened(script=False)
    first, _, last = (s.id for s in site.play.hall.services[-3:])
    served(page, site, done=(first,))
    page.select_option("#add", last)
    page.click("#b-add")
    turns = page.locator(".turns li")
    expect(turns).to_have_count(3)
    words = [Texts("uk").get(f"operator.visit_{word}") for word in ("done", "now", "then")]
    assert [turn.locator(".pill").inner_text() for turn in turns.all()] == words
    expect(page.locator(f"#add option[value={last}]")).to_have_count(0)
    page.click(f"#f-drop-{last} button")
    expect(turns).to_have_count(2)
    assert (one(site, m.VisitAdd).service, one(site, m.VisitDrop).service) == (last, last)
    assert seen.faults == []


def test_a_note_that_is_being_written_and_ticked_papers_outlive_the_news_and_go_with_the_visitor(
    site: Site, opened: Open
) -> None:
    page, _ = opened()
    ticket = served(page, site)
    page.fill(f"#note-{ticket}", "the seal is\nmissing")
    boxes = page.locator("#documents input[type=checkbox]")
    boxes.first.check()
    site.change(lambda play: play.waits("A099"))
    expect(page.locator(".desk .big")).to_have_text("2")
    expect(page.locator(f"#note-{ticket}")).to_have_value("the seal is\nmissing")
    expect(boxes.first).to_be_checked()
    page.click("#b-note")
    expect(page.locator("#noted")).to_have_text("the seal is missing")
    assert one(site, m.VisitNote).text == "the seal is\nmissing"
    assert "seal" not in site.log.read_text("utf-8")
    next_one = site.play.ticket("A013", state=TicketState.SERVING, service=site.play.windows["W01"].ticket.service)  # type: ignore[union-attr]
    site.change(lambda play: play.put("W01", ticket=next_one))
    expect(page.locator("#label")).to_have_text("A013")
    expect(page.locator("#documents input:checked")).to_have_count(0)
    expect(page.locator("textarea")).to_have_value("")
    expect(page.locator("#noted")).to_have_count(0)


def test_who_lacks_a_paper_is_parked_and_a_result_finishes(site: Site, opened: Open) -> None:
    page, seen = opened(script=False)
    served(page, site)
    page.click("#b-park-missing")
    expect(page.locator("#state")).to_be_visible()
    assert one(site, m.CallPark).result == "missing"
    site.change(
        lambda play: play.put("W01", light=Light.SERVING, ticket=play.ticket("A013", state=TicketState.SERVING))
    )
    page.reload()
    page.click("#b-finish-not_ours")
    expect(page.locator("#state")).to_be_visible()
    assert one(site, m.CallFinish).result == "not_ours"
    assert seen.faults == []


def test_a_visitor_is_sent_to_the_front_with_a_note(site: Site, opened: Open) -> None:
    page, _ = opened()
    served(page, site)
    page.select_option("#service", site.play.hall.services[3].id)
    page.fill("#f-transfer [name=note]", "knows the form")
    page.check("#f-transfer [name=first]")
    page.click("#b-transfer")
    expect(page.locator("#state")).to_be_visible()
    sent = one(site, m.CallTransfer)
    assert (sent.to_window, sent.first, sent.note) == (None, True, "knows the form")
    expect(page.locator("#f-transfer [name=note]")).to_have_value("")
    expect(page.locator("#f-transfer [name=first]")).not_to_be_checked()


def test_a_break_has_a_kind_and_an_end_that_the_hall_page_shows(site: Site, opened: Open) -> None:
    page, seen = opened(script=False)
    signed_in(page, site)
    page.select_option("#pause", PauseKind.LUNCH)
    page.fill("#minutes", "30")
    page.click("#b-pause")
    back = Texts("uk").get("operator.back_at", time="11:17")
    expect(page.locator("#pause-said")).to_contain_text(back)
    expect(page.locator("#pause-said")).to_contain_text(Texts("uk").get("pause.lunch"))
    page.goto(site.url + "/hall")
    expect(page.locator(".tile.paused")).to_contain_text(back)
    assert (one(site, m.WindowPause).pause, one(site, m.WindowPause).minutes) == (PauseKind.LUNCH, 30)
    assert seen.faults == []


def test_own_figures_of_the_day_are_asked_for_by_the_operator_at_the_window(site: Site, opened: Open) -> None:
    page, seen = opened(script=False)
    signed_in(page, site)
    lunch = m.Paused(kind=PauseKind.LUNCH, times=1, minutes=31)
    site.play.figures = m.OperatorFigures(
        id="f", re="x", day=site.play.now.date(), called=15, in_time=13, missed=1, served=14, service_s=541.0,
        results={"served": 12, "missing": 2}, pauses=(lunch,),
    )  # fmt: skip
    page.click("#day")
    expect(page.locator("#figures dd")).to_have_text(["14", "15", "9\u00a0хв", "13 / 15", "1"])
    expect(page.locator("#ended dt")).to_have_text([Texts("uk").get(f"result.{r}") for r in ("served", "missing")])
    expect(page.locator("#pauses li")).to_have_count(1)
    asked = one(site, m.OperatorDay)
    assert (asked.operator, asked.window) == ("op01", "W01")
    site.play.refuse = m.Refused(id="r", re="x", code=Refusal.NOT_YOURS, text="another one is there")
    page.reload()
    expect(page.locator(".said.warn")).to_have_text(Texts("uk").get("refusal.not_yours"))
    assert [fault for fault in seen.faults if "40" not in fault] == []


def test_a_silent_alarm_is_one_press_seen_at_other_windows_only_and_ended_on_the_hall_page(
    site: Site, opened: Open
) -> None:
    page, _ = opened()
    signed_in(page, site)
    page.keyboard.press("F9")
    expect(page.locator("#alarm-sent")).to_be_visible()
    expect(page.locator(".strip.stop")).to_have_count(0)
    assert len(site.commands(m.WindowAlarm)) == 1
    said = Texts("uk").get("hall.silent_alarm", window=1, time="10:47")
    page.goto(site.url + "/hall")
    expect(page.locator("#alarms")).to_contain_text(said)
    other, _ = opened()
    other.goto(site.url + "/window/W02")
    other.select_option("#operator", "op02")
    other.fill("#pin", PIN)
    other.click("form.sign-in button")
    expect(other.locator(".strip.stop")).to_have_text(said)
    page.click("#b-alarm_end-1")
    expect(page.locator("#alarms")).to_have_count(0)
    expect(other.locator(".strip.stop")).to_have_count(0)
    ended = one(site, m.AlarmEnd)
    assert (ended.window, ended.operator) == ("W01", "op01")


# --- by keyboard alone, and heard ------------------------------------------------------------------------------------------


def test_a_visit_is_served_by_the_keyboard_alone(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    page.keyboard.press("1")
    expect(page.locator("#label")).to_have_text("A047")
    page.keyboard.press("3")
    expect(page.locator(".ticket.serving")).to_be_visible()
    assert page.locator("#b-finish-served kbd").inner_text() == "Q"
    page.keyboard.press("KeyQ")
    expect(page.locator("#state")).to_be_visible()
    assert one(site, m.CallFinish).result == "served"
    page.keyboard.press("KeyN")
    expect(page.locator("#f-pick [name=label]")).to_be_focused()
    page.keyboard.type("A018")  # digits and letters are typed here, nothing is pressed
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#label")).to_have_text("A018")
    assert (one(site, m.CallPick).label, len(site.commands(m.CallNext))) == ("A018", 1)


def test_focus_stays_where_it_was_and_never_moves_to_another_button(site: Site, opened: Open) -> None:
    page, _ = opened()
    served(page, site)
    page.focus("#b-note")
    site.change(lambda play: play.waits("A099"))
    expect(page.locator(".desk .big")).to_have_text("2")
    expect(page.locator("#b-note")).to_be_focused()
    page.focus("#b-finish")
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_be_visible()
    until(lambda: page.evaluate("document.activeElement.id") == "at")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#at').compareDocumentPosition(document.activeElement)") & 4
    assert len(site.commands(m.CallFinish)) == 1


def test_a_call_is_said_once_and_not_with_every_redraw(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    page.evaluate(
        "() => { window.said = []; new MutationObserver(() => said.push(document.getElementById('spoken').innerText))"
        ".observe(document.getElementById('spoken'), {childList: true, characterData: true, subtree: true}); }"
    )
    page.click("#b-next")
    expect(page.locator("#label")).to_have_text("A047")
    page.click("#b-start")
    expect(page.locator(".ticket.serving")).to_be_visible()
    site.change(lambda play: play.waits("A099"))
    expect(page.locator(".desk .big")).to_have_text("1")
    words = Texts("uk").get("operator.spoken", label="A047", window=1, minutes=9, limit=20)
    assert page.locator("#spoken").inner_text() == words
    assert page.locator("#spoken").get_attribute("role") == "status"
    assert page.evaluate("said") == [words]


PAGES = (
    "/", "/window/W01", "/window/W02", "/window/W01/day", "/window/W01/card", "/hall", "/hall/close", "/hall/notice", "/bookings",
    "/why?label=A012",
)  # fmt: skip
"""Pages of the panel, the hall and bookings."""
OFFICE = (
    "/hall", "/hall/close", "/hall/notice", "/hall/change", "/hall/change/operators", "/hall/change/operators/op01",
    "/hall/change/services/res-register", "/hall/change/indices/pm", "/hall/change/calendar/2027", "/hall/change/boxes",
    "/hall/change/messages", "/hall/change/preview", "/hall/change/forms/residence", "/hall/change/self_service/res-register",
    "/hall/change/languages/hall", "/hall/change/payees/community", "/hall/change/streets", "/reports",
    "/reports/build", "/money", "/money/day", "/certificate", "/training",
    "/staff", "/staff/lead", "/audit", "/me",
)  # fmt: skip
"""Pages of who manages the hall and gives roles."""


def test_axe_finds_nothing_on_any_page(site: Site, opened: Open) -> None:
    page, _ = opened()
    served(page, site, then=(site.play.hall.services[-1].id,), note="knows the form")
    site.change(_busy)
    assert violations(page, site, PAGES) == {}


def test_axe_finds_nothing_on_the_pages_of_who_manages(site: Site, opened: Open) -> None:
    page, _ = opened()
    site.change(_busy)
    page.context.add_cookies([{"name": n, "value": v, "url": site.url} for n, v in site.signed_in("admin").items()])
    assert violations(page, site, OFFICE) == {}


def violations(page: Page, site: Site, addresses: tuple[str, ...]) -> dict[str, list[tuple[str, str]]]:
    """What axe finds wrong, page by page; a page that is not there, or not for this role, is wrong too."""
    axe, found = Axe(), dict[str, list[tuple[str, str]]]()
    for address in addresses:
        answer = page.goto(site.url + address)
        seen = axe.run(page).response["violations"]
        wrong = [(str(one["id"]), str(one["nodes"][0]["html"])) for one in seen]
        wrong += [] if answer is not None and answer.ok else [("status", str(answer and answer.status))]
        found |= {address: wrong} if wrong else {}
    return found


# --- two tabs, back, sent again, signed out --------------------------------------------------------------------------------


def test_two_tabs_of_a_window_show_the_same_and_call_one_visitor(site: Site, opened: Open) -> None:
    page, _ = opened()
    signed_in(page, site)
    site.change(lambda play: play.waits("A048"))
    other = page.context.new_page()
    other.goto(site.url + "/window/W01")
    page.click("#b-next")
    expect(page.locator("#label")).to_have_text("A047")
    expect(other.locator("#label")).to_have_text("A047")
    other.click("#b-start")
    expect(page.locator(".ticket.serving")).to_be_visible()
    expect(page.locator("#b-start")).to_be_disabled()
    assert len(site.commands(m.CallNext)) == 1


def test_going_back_after_a_call_shows_the_call_and_calls_nobody(site: Site, opened: Open) -> None:
    page, _ = opened(script=False)
    signed_in(page, site)
    site.change(lambda play: play.waits("A048"))
    page.goto(site.url + "/hall")
    page.goto(site.url + "/window/W01")
    page.click("#b-next")
    expect(page.locator("#label")).to_have_text("A047")
    page.go_back()
    page.go_forward()
    expect(page.locator("#label")).to_have_text("A047")
    page.go_back()
    page.go_back()
    page.goto(site.url + "/window/W01")
    expect(page.locator("#label")).to_have_text("A047")
    assert len(site.commands(m.CallNext)) == 1


def test_a_form_of_an_old_page_sent_again_is_the_same_press(site: Site, opened: Open) -> None:
    page, _ = opened(script=False)
    signed_in(page, site)
    site.change(lambda play: play.waits("A048"))
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.click("#b-next")
    expect(page.locator("#label")).to_have_text("A047")
    cookie = next(c for c in page.context.cookies() if c["name"] == COOKIE)
    headers = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
    again = httpx.post(
        sent.value.url,
        content=sent.value.post_data_buffer,
        cookies={COOKIE: str(cookie["value"])},
        headers=headers,
        follow_redirects=True,
    )
    assert (again.status_code, len(site.commands(m.CallNext))) == (200, 1)
    assert "A047" in again.text
    page.reload()
    expect(page.locator("#label")).to_have_text("A047")


def test_a_session_that_ends_in_the_middle_loses_nothing_and_says_what_to_do(site: Site, opened: Open) -> None:
    page, _ = opened()
    ticket = served(page, site)
    page.context.clear_cookies()
    page.click("#b-finish")
    expect(page.locator("form.sign-in")).to_be_visible()
    assert site.commands(m.CallFinish) == []
    assert page.url.split("?")[0] == site.url + "/window/W01"
    page.select_option("#operator", "op01")
    page.fill("#pin", PIN)
    page.click("form.sign-in button")
    expect(page.locator("#label")).to_have_text("A012")
    assert site.play.windows["W01"].ticket is not None
    assert site.play.windows["W01"].ticket.ticket == ticket


def test_an_act_of_an_old_tab_is_refused_in_words_that_say_what_to_do(site: Site, opened: Open) -> None:
    page, _ = opened(script=False)
    served(page, site)
    site.change(lambda play: play.put("W01", light=Light.FREE, ticket=None))
    site.play.refuse = m.Refused(id="r", re="x", code=Refusal.NOT_SERVING, text="nobody is there")
    page.click("#b-finish")
    expect(page.locator("#f-finish + .said[role=alert]")).to_have_text(Texts("uk").get("refusal.not_serving"))
