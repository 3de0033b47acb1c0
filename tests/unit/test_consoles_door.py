"""Every address of the consoles, asked by every role and by nobody: who is let in is written here by hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request, Response

from consoles.app import Web
from consoles.gate import FormError
from consoles.money import UnansweredError
from consoles.page import NotReadyError
from consoles.route import Route
from consoles.staff.cookie import COOKIE
from consoles.staff.role import StaffRole
from consoles.staff.staff import Staff
from contract.errors import ContractError
from runtime.clock import utc_now
from tests import consoles_inside

LETTERS = {
    "o": StaffRole.OPERATOR, "l": StaffRole.LEAD, "m": StaffRole.MANAGER, "u": StaffRole.AUDITOR, "t": StaffRole.TECHNICIAN,
    "a": StaffRole.ADMIN, "s": StaffRole.SERVICE,
}  # fmt: skip
LET_IN = {
    # anybody
    "GET /": "*", "GET /window/{window}": "*", "GET /sign-in": "*", "POST /sign-in": "*", "POST /sign-out": "*",
    "GET /first": "*", "POST /first": "*", "POST /window/{window}/sign-in": "*", "POST /window/{window}/badge": "*",
    "GET /board/{zone}": "*", "GET /events/board/{zone}": "*", "GET /look/board.css": "*", "GET /look/tokens.css": "*",
    "GET /look/logo.svg": "*", "GET /training/here": "*",
    # everybody of the staff
    "GET /hall": "olmuta", "GET /events/hall": "olmuta", "POST /hall/press": "lma",  # for a button of the floor
    "GET /me": "olmuta", "POST /me/password": "olmuta", "POST /me/end": "olmuta",
    # who serves; `window` where one must sit at it
    "POST /window/{window}/sit": "olma", "POST /window/{window}/press": "window olma", "GET /window/{window}/card": "window olma",
    "GET /window/{window}/day": "window olma",
    "POST /window/{window}/card": "window olma", "GET /events/window/{window}": "window olma",
    "GET /why": "olma", "GET /certificate": "olma", "GET /bookings": "olma", "POST /bookings/press": "olma",
    # who runs the floor
    "GET /hall/close": "lma", "GET /events/hall/close": "lma", "GET /hall/notice": "lma", "POST /hall/notice/press": "lma",
    # who manages
    "GET /training": "ma", "GET /hall/change/{part}": "ma", "GET /hall/change/file.{kind}": "ma", "POST /hall/change/import": "ma",
    "GET /hall/change/preview": "ma", "GET /hall/change/streets": "ma",
    "GET /hall/change/preview.png": "ma", "GET /hall/change/preview.wav": "ma",
    "GET /events/hall/change": "ma", "GET /hall/change": "ma", "POST /hall/change/press": "ma", "GET /hall/change/{part}/{key}": "ma",
    "POST /hall/change/{part}/{key}": "ma", "POST /money/sure": "ma", "GET /money/back": "ma", "POST /money/press": "ma",
    # who looks at figures
    "GET /money": "mua", "GET /events/money": "mua", "GET /money/day": "mua", "GET /events/money/day": "mua",
    "GET /money/payments.csv": "mua", "GET /money/balances.csv": "mua", "GET /reports": "lmua", "GET /reports/file.{kind}": "lmua",
    "GET /reports/show": "lmua", "GET /reports/build": "mua", "POST /reports/save": "mua", "POST /reports/saved": "mua",
    "POST /reports/stop": "lmua", "GET /reports/tickets.{kind}": "mua", "GET /reports/open.zip": "mua",
    "GET /audit": "mua", "GET /audit/acts.csv": "mua", "POST /audit/verify": "mua",
    # who gives roles
    "GET /staff": "a", "POST /staff/add": "a", "POST /staff/end": "a", "GET /staff/{account}": "a",
    "POST /staff/{account}/press": "a",
}  # fmt: skip
"""Address → the roles (by letter) that are let in, "*" for anybody."""
FIELDS = {"window": "W01", "zone": "main", "part": "windows", "key": "W01", "account": "boss", "kind": "csv"}


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with Staff(tmp_path, utc_now) as store:
        store.accounts.found("boss", "Boss", "a wide open window")
        yield store


def web(staff: Staff, folder: Path) -> Web:
    return consoles_inside.web(staff, folder, time.monotonic)[0]


async def knock(one: Web, route: Route, cookie: str) -> Response | None:
    """How a request without any field is answered; None: it was let in, and what it asks for is not there."""
    scope: dict[str, Any] = {
        "type": "http", "method": route.method, "path": route.path.format(**FIELDS), "query_string": b"",
        "path_params": FIELDS, "client": ("192.0.2.7", 1), "headers": [
            (b"cookie", f"{COOKIE}={cookie}".encode()), (b"host", b"hall"), (b"referer", b"http://hall/hall?lang=en"),
        ],
    }  # fmt: skip
    sent = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(sent)

    try:
        return await one.open(route)(Request(scope, receive))
    except (ContractError, FormError, NotReadyError, UnansweredError):
        return None


def verdict(response: Response | None) -> str:
    """in, role (not this role's), sign-in, window."""
    if response is None:
        return "in"
    there = response.headers.get("location", "")
    if response.status_code == 401 or there.startswith("/sign-in?next="):
        return "sign-in"
    if response.status_code == 303 and there.startswith("/window/W01"):
        return "window"
    refused = (b"may not do this", b"Your role does not allow this")
    return "role" if response.status_code == 403 and any(one in bytes(response.body) for one in refused) else "in"


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_every_address_is_in_the_table_and_nothing_else(staff: Staff, tmp_path: Path) -> None:
    async def names() -> set[str]:
        return {name(route) for route in web(staff, tmp_path).routes}

    assert asyncio.run(names()) == set(LET_IN)


def expected(route: Route, letter: str) -> str:
    """What the table says; `letter`: of a role, or who is none."""
    at_window, roles = LET_IN[name(route)].startswith("window "), LET_IN[name(route)].removeprefix("window ")
    stream = route.path.startswith("/events")
    if roles == "*":
        return "in"
    if letter not in LETTERS:
        return "window" if at_window and not stream else "sign-in"
    if letter not in roles or (at_window and stream):
        return "role"
    return "window" if at_window else "in"


def cookie(staff: Staff, letter: str) -> str:
    """Of somebody with this role; of nobody, of an ended session, of a disabled account."""
    if letter == "nobody":
        return ""
    secret = staff.sessions.begin(f"{letter}-", account=f"{letter}-")
    if letter == "ended":
        staff.sessions.end_of(f"{letter}-")
    return secret


def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(staff: Staff, tmp_path: Path) -> None:
    for letter, role in {**LETTERS, "ended": StaffRole.ADMIN, "disabled": StaffRole.ADMIN}.items():
        staff.accounts.add(f"{letter}-", "Someone", role, secret="never typed here")
    staff.accounts.disable("disabled-", disabled=True)

    async def walk() -> dict[str, tuple[str, str]]:
        one, wrong = web(staff, tmp_path), {}
        for letter in (*LETTERS, "nobody", "ended", "disabled"):
            who = cookie(staff, letter)
            for route in one.routes:
                got = verdict(await knock(one, route, who))
                if got != expected(route, letter):
                    wrong[f"{letter} {name(route)}"] = (got, expected(route, letter))
                if route.path == "/sign-out":
                    who = cookie(staff, letter)
        return wrong

    assert asyncio.run(walk()) == {}


def test_before_there_is_any_account_every_address_leads_to_the_first_page(tmp_path: Path) -> None:
    async def walk() -> set[str]:
        with Staff(tmp_path, utc_now) as empty:
            one = web(empty, tmp_path)
            led = set()
            for route in one.routes:
                response = await knock(one, route, "")
                away = response is not None and response.headers.get("location") == "/first"
                if not away and (response is None or response.status_code != 503):
                    led.add(name(route))
            return led

    public = {"GET /first", "POST /first", "GET /board/{zone}", "GET /look/board.css", "GET /look/tokens.css"}
    assert asyncio.run(walk()) - {"GET /events/board/{zone}"} == public | {"GET /look/logo.svg", "GET /training/here"}


def test_what_is_done_and_what_is_refused_is_written_down_without_what_was_typed(staff: Staff, tmp_path: Path) -> None:
    async def knocks() -> None:
        one = web(staff, tmp_path)
        by_name = {name(route): route for route in one.routes}
        boss = staff.sessions.begin("boss", account="boss")
        for address, cookie in (
            ("GET /staff", boss), ("POST /hall/change/{part}/{key}", boss), ("GET /audit", ""), ("POST /sign-in", ""),
        ):  # fmt: skip
            await knock(one, by_name[address], cookie)

    asyncio.run(knocks())
    written = staff.audit.find(datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    assert [(one.who, one.role, one.act, one.did, one.status) for one in reversed(written)] == [
        ("boss", "admin", "change", "POST /hall/change/{part}/{key}", 422), ("", "", "audit", "GET /audit", 303),
        ("", "", "", "POST /sign-in", 403),
    ]  # fmt: skip
    assert "windows W01" in written[-1].what


def test_a_flood_of_strangers_does_not_fill_the_book(staff: Staff, tmp_path: Path) -> None:
    async def knocks() -> None:
        one = web(staff, tmp_path)
        audit = next(route for route in one.routes if name(route) == "GET /audit")
        for _ in range(100):
            await knock(one, audit, "")

    asyncio.run(knocks())
    assert len(staff.audit.find(datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))) == 60
