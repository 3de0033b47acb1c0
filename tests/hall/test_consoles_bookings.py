"""The reception's bookings page before the real coordinator, by forms alone: book, move, check in, cancel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import httpx
import pytest

from look.texts import Texts
from tests.consoles_hall import consoles_hall
from tests.consoles_site import PIN, Consoles, document

HALL = document()
OPEN_AT = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
"""Ten o'clock in the hall, a Tuesday."""
TODAY = "2026-03-17"
SERVICE = "res-register"
EN = Texts("en")


@pytest.fixture(scope="module")
def consoles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consoles]:
    with consoles_hall(tmp_path_factory.mktemp("hall"), HALL, OPEN_AT) as site:
        yield site


@pytest.fixture(scope="module")
def staff(consoles: Consoles) -> Iterator[httpx.Client]:
    """A browser signed in at window 1, without JavaScript."""
    with httpx.Client(base_url=consoles.url, follow_redirects=True, timeout=20) as client:
        client.post("/window/W01/sign-in", data={"operator": "op01", "pin": PIN}, headers={"Origin": consoles.url})
        yield client


def forms(page: str) -> list[dict[str, str]]:
    """The hidden fields of each form that posts, and the values of its radio buttons under `starts`."""
    found = []
    for part in re.findall(r'<form method="post".*?</form>', page, re.DOTALL):
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', part))
        starts = " ".join(re.findall(r'type="radio" name="start" value="([^"]*)"', part))
        found.append({name: unescape(value) for name, value in hidden.items()} | {"starts": unescape(starts)})
    return found


def form(page: str, button: str, code: str = "") -> dict[str, str]:
    """The form of one button on the page."""
    return next(f for f in forms(page) if f.get("button") == button and (not code or f["code"] == code))


def look(staff: httpx.Client, **query: str) -> str:
    answer = staff.get("/bookings", params={"lang": "en", **query})
    assert answer.status_code == 200, answer.text
    return answer.text


def press(staff: httpx.Client, fields: dict[str, str], **more: str) -> str:
    data = {name: value for name, value in fields.items() if name != "starts"} | more
    origin = str(staff.base_url).rstrip("/")
    answer = staff.post("/bookings/press", params={"lang": "en"}, data=data, headers={"Origin": origin})
    assert answer.status_code == 200, answer.text
    return answer.text


def book(staff: httpx.Client, nth: int, day: str = TODAY, **more: str) -> str:
    """Books the nth free time of a day; the code."""
    fields = form(look(staff, day=day, services=SERVICE), "book")
    page = press(staff, fields, start=fields["starts"].split()[nth], **more)
    code = re.search(r'id="booked".*?Code (\d{4})\u00a0(\d{4})', page, re.DOTALL)
    assert code is not None, page
    return code[1] + code[2]


def row(page: str, code: str) -> str:
    """The table row of a code, without its tags."""
    rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
    mine = next((r for r in rows if f"{code[:4]}\u00a0{code[4:]}" in r), "")
    return " ".join(re.sub(r"<[^>]+>", " ", mine).split())


def test_without_a_session_nobody_sees_bookings(consoles: Consoles) -> None:
    answer = httpx.get(consoles.url + "/bookings")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fbookings")
    sent = httpx.post(consoles.url + "/bookings/press", data={"id": "c-" + "0" * 24}, headers={"Origin": consoles.url})
    assert sent.status_code == 303


def test_a_visit_is_booked_moved_and_cancelled(staff: httpx.Client) -> None:
    code = book(staff, 3, "2026-03-18", person="invented 0001")
    page = look(staff, day="2026-03-18")
    assert "invented" not in page
    assert EN.get("booking.state_booked") in row(page, code)
    before = row(page, code).split()[0]
    moving = look(staff, day="2026-03-18", services=SERVICE, move=code)
    fields = form(moving, "move")
    press(staff, fields, start=fields["starts"].split()[-1])
    page = look(staff, day="2026-03-18")
    assert row(page, code).split()[0] > before
    page = press(staff, form(page, "cancel", code))
    assert EN.get("booking.state_cancelled") in row(page, code)
    assert EN.get("refusal.booking_cancelled") in page


def test_a_code_is_checked_in_at_the_reception_once(staff: httpx.Client) -> None:
    code = book(staff, 0)
    fields = form(look(staff, day=TODAY), "check_in", code)
    page = press(staff, fields)
    label = re.search(r'id="issued".*?Ticket (\w\d{3})', page, re.DOTALL)
    assert label is not None
    assert EN.get("booking.state_checked_in") in row(page, code)
    again = press(staff, fields)  # the same form sent twice is the same press
    assert f"Ticket {label[1]}" in again
    refused = press(staff, {**fields, "id": "c-" + "1" * 24})
    assert EN.get("refusal.booking_used") in refused


def test_limits_and_bad_fields_are_told(staff: httpx.Client) -> None:
    book(staff, 5, "2026-03-19", person="invented 0002")
    fields = form(look(staff, day="2026-03-19", services=SERVICE), "book")
    page = press(staff, fields, start=fields["starts"].split()[-1], person="INVENTED-0002")
    assert EN.get("refusal.booking_limit", limit="1") in unescape(page)
    past = press(staff, fields, id="c-" + "2" * 24, start="2026-03-16T10:00:00+02:00")
    assert EN.get("refusal.booking_past") in past
    origin = {"Origin": str(staff.base_url).rstrip("/")}
    for bad in ({"start": "now"}, {"person": "x" * 65}, {"button": "fly"}, {"id": "mine"}, {"day": "someday"}):
        data = (
            {name: value for name, value in fields.items() if name != "starts"}
            | {"start": "2026-03-19T10:00:00Z"}
            | bad
        )
        answer = staff.post("/bookings/press", data=data, headers=origin)
        assert answer.status_code == 400
        assert "xxxx" not in answer.text
    assert staff.get("/bookings", params={"day": "2026-13-45"}).status_code == 400
    far = look(staff, day="2027-01-01", services=SERVICE)
    assert "Booking for this day opens on" in far


def test_the_hall_page_leads_to_the_bookings(staff: httpx.Client) -> None:
    assert 'href="/bookings?lang=en"' in staff.get("/hall", params={"lang": "en"}).text
