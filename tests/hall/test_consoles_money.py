"""The page of money between a real coordinator and a terminal, by forms alone: seen, decided, given back, held, exported."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from html import unescape

import httpx
import pytest

from contract import messages as m
from contract.words import Paper, PaymentState
from look.texts import Texts
from tests.consoles_site import Consoles
from tests.hall_rig import BOXES, PINS, HallRig, rigged
from tests.till_box import BOX, TillBox
from tests.until import until

PAID_AT = datetime.now(UTC)
"""By the terminal's clock; in the small hall it is ten in the morning of a Tuesday."""
TODAY = "2026-03-17"
EN = Texts("en")
S = PaymentState
KEY = "c-" + "1" * 24


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HallRig]:
    document = rigged().model_copy(update={"boxes": (*BOXES, BOX)})
    with HallRig(tmp_path_factory.mktemp("hall"), document) as rig:
        yield rig


@pytest.fixture(scope="module")
def consoles(rig: HallRig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consoles]:
    site = Consoles(tmp_path_factory.mktemp("consoles"), rig.broker)
    try:
        site.start()
        until(lambda: "hall" in httpx.get(site.url).text)
        yield site
    finally:
        site.stop()


def signed_in(consoles: Consoles, window: str, operator: str) -> httpx.Client:
    client = httpx.Client(
        base_url=consoles.url, follow_redirects=True, timeout=20, headers={"Origin": consoles.url}
    )  # fmt: skip
    client.post(f"/window/{window}/sign-in", data={"operator": operator, "pin": PINS[operator]})
    return client


@pytest.fixture(scope="module")
def manager(consoles: Consoles) -> Iterator[httpx.Client]:
    headers = {"Origin": consoles.url}
    with httpx.Client(
        base_url=consoles.url, follow_redirects=True, timeout=20, headers=headers, cookies=consoles.signed_in("manager")
    ) as client:
        yield client


@pytest.fixture(scope="module")
def till(rig: HallRig) -> TillBox:
    till = TillBox(rig)
    till.pay("p-1", S.UNKNOWN, PAID_AT, why="=no answer")
    till.pay("p-2", S.APPROVED, PAID_AT, minor=10000)
    till.count({"2000": 3}, PAID_AT, doubtful=1)
    till.until(lambda: till.depth == 0, "the hall hears the terminal")
    return till


def hidden(page: str, form: str) -> dict[str, str]:
    """The hidden fields of a form."""
    part = page[page.index(f'id="{form}"') :].split("</form>")[0]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', part)}


def words(page: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def test_an_unknown_payment_is_seen_decided_in_two_steps_and_gone(till: TillBox, manager: httpx.Client) -> None:
    page = till.until(lambda: text if "p-1" in (text := text_of(manager)) else "", "it is shown")
    assert EN.get("till.unknown", count=1) in words(page)
    assert EN.get("till.state_unknown") in words(page)
    assert EN.money(6000, "KGS") in words(page)
    assert EN.get("till.doubtful", count=1) in words(page)
    assert EN.get("till.unknown", count=1) in words(manager.get("/hall").text)

    step = {**hidden(page, "f-decide-terminal-1-p-1"), "state": "approved", "why": "the bank’s list has it"}
    sure = manager.post("/money/sure", data=step).text
    assert EN.get("till.sure_state", state=EN.get("till.state_approved")) in words(sure)
    assert till.done == {}, "nothing is done before somebody is sure"
    fields = hidden(sure, "f-sure")
    for _ in range(2):
        answer = manager.post("/money/press", data=fields)
        assert answer.url.path == "/money"
    page = till.until(lambda: text if "p-1" not in (text := text_of(manager)) else "", "it is decided")
    assert EN.money(14992, "KGS") in words(page)
    assert [order.who for order in till.done.values()] == ["manager"]
    assert till.payments["p-1"].why == "the bank’s list has it"
    again = manager.post("/money/sure", data=step).text
    assert EN.get("refusal.unknown_payment") in words(again)
    late = manager.post("/money/press", data={**fields, "id": KEY}).text
    assert EN.get("till.wrong_state") in words(late)
    assert len(till.done) == 1


def text_of(manager: httpx.Client) -> str:
    return manager.get("/money").text


def test_a_payment_of_today_is_given_back_with_a_reason(till: TillBox, manager: httpx.Client) -> None:
    day = manager.get("/money/day").text
    link = next(unescape(a) for a in re.findall(r'href="(/money/back[^"]*)"', day) if "p-2" in a)
    sure = manager.get(link).text
    assert EN.get("till.back_note", amount=EN.money(10000, "KGS")) in words(sure)
    answer = manager.post("/money/press", data={**hidden(sure, "f-sure"), "why": "paid twice"})
    assert answer.url.path == "/money/day"
    shown = till.until(lambda: t if "paid twice" in (t := words(manager.get("/money/day").text)) else "", "given back")
    assert f"{EN.get('till.state_reversed')} Test manager: paid twice" in shown
    assert [order.do for order in till.done.values()][-1] == "reverse"


def test_the_books_are_held_against_the_device(till: TillBox, manager: httpx.Client) -> None:
    page = text_of(manager)
    assert EN.get("till.never") in words(page)
    manager.post("/money/press", data=hidden(page, "f-balance-terminal-1"))
    said = EN.get("till.more", amount=EN.money(1, "KGS"))
    page = till.until(lambda: t if said in (t := words(text_of(manager))) else "", "the balance is shown")
    assert "one tiyin more" in page


def test_a_cassette_that_was_taken_out_is_counted_in_two_steps(till: TillBox, manager: httpx.Client) -> None:
    till.count({"2000": 3, "10000": 1}, PAID_AT, collected=True)
    step = "f-count-terminal-1-cash-1-1"
    page = till.until(lambda: text if step in (text := text_of(manager)) else "", "it waits for its count")
    assert "n-2000" in page
    assert EN.money(16_000, "KGS") not in words(page), "it is counted without seeing the books"
    wrong = {**hidden(page, step), "n-2000": "2", "n-10000": "1"}
    sure = manager.post("/money/sure", data=wrong).text
    assert EN.get("till.count_less", amount=EN.money(2000, "KGS")) in words(sure)
    assert EN.get("till.reason_count") in words(sure)
    assert not any(order.cassette for order in till.done.values())
    manager.post("/money/press", data={**hidden(sure, "f-sure"), "why": "one is missing"})
    shown = till.until(lambda: t if "one is missing" in (t := words(text_of(manager))) else "", "the difference")
    assert EN.get("till.count_less", amount=EN.money(2000, "KGS")) in shown
    right = {**hidden(text_of(manager), step), "n-2000": "3", "n-10000": "1"}
    sure = manager.post("/money/sure", data=right).text
    assert EN.get("till.count_agrees") in words(sure)
    assert 'name="why"' not in sure
    manager.post("/money/press", data=hidden(sure, "f-sure"))
    till.until(lambda: step not in text_of(manager), "it is counted")
    assert [order.counted for order in till.done.values() if order.cassette] == [
        {"2000": 2, "10000": 1}, {"2000": 3, "10000": 1},
    ]  # fmt: skip
    late = manager.post("/money/sure", data=right).text
    assert EN.get("till.not_collected") in words(late)
    assert manager.post("/money/sure", data={**wrong, "n-2000": "many"}).status_code == 200


def test_the_card_terminals_day_is_closed_in_two_steps_and_its_balance_printed(
    till: TillBox, manager: httpx.Client
) -> None:
    sure = manager.post("/money/sure", data=hidden(text_of(manager), "f-cards-terminal-1")).text
    assert EN.get("till.close_cards_note") in words(sure)
    for _ in range(2):
        manager.post("/money/press", data=hidden(sure, "f-sure"))
    said = f"{EN.get('paper.batch_state')}: {EN.get('till.batch_closed')}."
    till.until(lambda: said in words(text_of(manager)), "the batch is closed")
    assert [order.do for order in till.done.values()].count("cards") == 1
    paper = hidden(text_of(manager), "f-print-terminal-1-pos-1-0")
    answer = manager.post("/money/press", data=paper).text
    assert EN.get("till.sent") in words(answer)
    till.until(lambda: any(order.do == "print" for order in till.done.values()), "the order to print")
    order = [order for order in till.done.values() if order.do == "print"][-1]
    assert (order.device, order.batch, order.lang, order.who) == ("pos-1", "0", "en", "manager")


def test_a_certificate_is_found_by_its_number_by_whoever_is_signed_in(
    till: TillBox, consoles: Consoles, rig: HallRig
) -> None:
    said = {"number": "4071826355", "layout": "household", "service": rig.hall.services[0].id, "numbered_at": PAID_AT}
    till._tell(m.CertificateFact, paper=Paper.CONFIRMED, **said)
    till.until(lambda: till.depth == 0, "the hall hears it")
    with closing(signed_in(consoles, "W2", "tam")) as client:
        found = words(client.get("/certificate", params={"number": "4071 826355"}).text)
        assert EN.get("certificate.paper_confirmed") in found
        assert "terminal-1" in found
        assert EN.get("certificate.none") in words(client.get("/certificate", params={"number": "0000000000"}).text)
        assert client.get("/certificate", params={"number": "40718"}).status_code == 400
    nobody = httpx.get(f"{consoles.url}/certificate", params={"number": "4071826355"}, follow_redirects=True).text
    assert EN.get("certificate.paper_confirmed") not in words(nobody)


def test_a_day_is_exported_without_formulas(till: TillBox, manager: httpx.Client) -> None:
    till.pay("p-3", S.DECLINED, PAID_AT, why="=HYPERLINK(1)")
    till.until(lambda: till.depth == 0, "it is heard")
    answer = manager.get("/money/payments.csv", params={"day": TODAY})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    told = {line["payment"]: (line["state"], line["amount"], line["why"]) for line in lines}
    assert told["p-2"] == ("reversed", "100.00", "paid twice")
    assert told["p-3"] == ("declined", "49.92", "'=HYPERLINK(1)")
    assert {line["time"][:2] for line in lines} <= {"09", "10"}
    balances = manager.get("/money/balances.csv", params={"day": TODAY}).content.decode("utf-8-sig")
    assert [(b["device"], b["batch"], b["state"]) for b in csv.DictReader(io.StringIO(balances, newline=""))] == [
        ("cash-1", "cash-1-1", "closed"), ("pos-1", "0", "closed"),
    ]  # fmt: skip
    assert manager.get("/money/payments.csv", params={"day": "2026-13-45"}).status_code == 400


def test_the_page_is_told_anew_when_a_terminal_tells_something(till: TillBox, manager: httpx.Client) -> None:
    with manager.stream("GET", "/events/money/day", params={"day": TODAY}) as stream:
        lines = stream.iter_lines()
        assert any("p-3" in line for line in until_event(lines))
        till.pay("p-live", S.APPROVED, PAID_AT)
        till.until(lambda: till.depth == 0, "it is heard")
        assert any("p-live" in line for _ in range(40) for line in until_event(lines)), "no news came"


def until_event(lines: Iterator[str]) -> list[str]:
    """The lines of the next event."""
    found: list[str] = []
    for line in lines:
        if not line and found:
            break
        found.append(line)
    return found


def test_who_does_not_manage_the_hall_has_no_page_of_money(till: TillBox, consoles: Consoles) -> None:
    before = dict(till.done)
    with closing(signed_in(consoles, "W2", "tam")) as client:
        assert EN.get("till.title") not in client.get("/hall").text
        for path in ("/money", "/money/day", "/money/payments.csv", "/money/back"):
            assert client.get(path).status_code == 403
        fields = {"id": KEY, "button": "balance", "dev": "terminal-1"}
        assert client.post("/money/press", data=fields).status_code == 403
        assert client.get("/events/money").status_code == 403
    assert till.done == before


@pytest.mark.parametrize(
    "fields",
    [{"button": "eat"}, {"button": "decide"}, {"button": "balance", "dev": "a b"}, {"button": "balance", "id": "mine"}],
)
def test_a_form_that_no_page_sends_is_refused(till: TillBox, manager: httpx.Client, fields: dict[str, str]) -> None:
    assert manager.post("/money/press", data={"id": KEY, "dev": "terminal-1", **fields}).status_code == 400
