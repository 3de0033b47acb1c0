"""The way in, walked as an attacker: what is tried at it, and what comes of that."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from consoles import connection, gate, service
from consoles.config import WebSection
from consoles.live import Live
from consoles.staff.cookie import BROWSER, COOKIE
from consoles.staff.entry import ours
from consoles.staff.staff import Staff
from runtime.clock import utc_now
from tests import consoles_inside
from tests.consoles_inside import PASSWORD, Inside
from tests.consoles_site import UNSAFE

EVIL = "http://evil.example"


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with Staff(tmp_path, utc_now) as store:
        store.accounts.found("boss", "Boss", PASSWORD)
        yield store


# --- forms ------------------------------------------------------------------------------------------------------------------


def test_no_form_is_taken_from_another_site_whoever_is_signed_in(staff: Staff, tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        posts = {route.path for route in to.consoles.routes if route.method == "POST"}
        assert posts == set(UNSAFE)
        cookie = {"cookie": f"{COOKIE}={to.signed_in()}"}
        for path in posts:
            for said in ({"origin": EVIL}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {}):
                answer = await to.web.post(path.replace("{", "").replace("}", ""), headers={**cookie, **said})
                assert (answer.status_code, answer.text) == (403, "refused: sent by another site\n"), (path, said)
        assert to.asked == []

    Inside(staff).talk(tmp_path, talk)


@pytest.mark.parametrize(
    "there",
    [
        EVIL, "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
        "javascript:alert(1)", "data:text/html,x", " //evil.example", "hall", "/%0d%0aSet-Cookie:x=1" * 40, "http:/evil.example",
        "//[", "/\u3000/evil.example",
    ],
)  # fmt: skip
def test_who_signs_in_is_led_to_no_other_site(there: str) -> None:
    assert ours(there) == ""


def test_a_form_that_is_too_long_is_refused_unread(staff: Staff, tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        for path in ("/sign-in", "/window/W01/sign-in", "/window/W01/badge"):
            answer = await to.post(path, name="boss", password="x" * gate.MAX_FORM_BYTES)
            assert (answer.status_code, "the form is too long" in answer.text) == (400, True)

    Inside(staff).talk(tmp_path, talk)


# --- cookies and headers ------------------------------------------------------------------------------------------------------


def test_a_session_that_somebody_else_chose_is_never_the_one_that_is_signed_in(staff: Staff, tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        for chosen in ("chosen-by-another", to.signed_in()):
            answer = await to.post("/sign-in", chosen, name="boss", password=PASSWORD)
            assert answer.cookies[COOKIE] != chosen
            assert (await to.get("/staff", chosen)).status_code == 303, "what came before is nobody's"

    Inside(staff).talk(tmp_path, talk)


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_seen_by_no_script_no_other_site_and_no_other_host(
    staff: Staff, tmp_path: Path, secure: bool
) -> None:
    async def talk(to: Inside) -> None:
        answer = await to.sign_in()
        said = {one.partition("=")[0]: set(one.split("; ")[1:]) for one in answer.headers.get_list("set-cookie")}
        name = f"__Host-{COOKIE}" if secure else COOKIE
        assert set(said) == {name, BROWSER}
        for flags in said.values():
            assert {"HttpOnly", "SameSite=strict", "Path=/"} <= flags
            assert ("Secure" in flags) is secure
            assert not any(flag.startswith("Domain") for flag in flags)
        cookie = {"cookie": f"{name}={answer.cookies[name]}"}
        assert (await to.web.get("/staff", headers=cookie)).status_code == 200
        ended = await to.web.post("/sign-out", headers={**cookie, "origin": "http://hall"})
        assert f'{name}=""; ' in ended.headers["set-cookie"]
        assert (await to.web.get("/staff", headers=cookie)).status_code == 303

    to = Inside(staff)
    to.secure = secure
    to.talk(tmp_path, talk)


def test_nothing_in_an_address_becomes_a_header(staff: Staff, tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        for script in ("true", "false"):
            headers = {"origin": "http://hall", "hx-request": script}
            answer = await to.web.post("/window/W01%0d%0aset-cookie:%20x=1%20вікно/press", headers=headers)
            there = answer.headers.get("hx-redirect") or answer.headers["location"]
            assert there.startswith("/window/W01%0D%0Aset-cookie:%20x=1%20%D0")
            assert "set-cookie" not in answer.headers

    Inside(staff).talk(tmp_path, talk)


def test_the_name_a_browser_asks_for_leads_nowhere(staff: Staff, tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        for path in ("/hall", "/hall/", "/staff/", "/sign-in/", "/"):
            answer = await to.web.get(path, headers={"host": "evil.example"})
            assert "evil.example" not in answer.headers.get("location", "") + answer.text

    Inside(staff).talk(tmp_path, talk)


def test_headers_that_are_none_break_nothing(staff: Staff, tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        for name in ("referer", "origin", "host"):
            headers = {"origin": "http://hall", name: "http://["}
            assert (await to.web.post("/hall/press", headers=headers)).status_code in {303, 403}

    Inside(staff).talk(tmp_path, talk)


# --- slow ones --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/tickets"])
def test_a_form_that_never_ends_is_given_up(
    staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(gate, "BODY_S", 0.05)

    async def talk(to: Inside) -> None:
        async def dribble() -> AsyncIterator[bytes]:
            yield b"name=boss"
            await asyncio.Event().wait()

        status: list[int] = []
        chunks = dribble()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": await anext(chunks), "more_body": True}

        async def send(message: Any) -> None:
            status.extend([message["status"]] if message["type"] == "http.response.start" else [])

        headers = [(b"host", b"hall"), (b"origin", b"http://hall")]
        scope = {
            "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers,
            "client": ("192.0.2.7", 1), "server": ("hall", 80), "scheme": "http", "http_version": "1.1", "root_path": "",
        }  # fmt: skip
        await asyncio.wait_for(to.consoles.app()(scope, receive, send), 10)
        assert status == [408]

    Inside(staff).talk(tmp_path, talk)


@contextlib.asynccontextmanager
async def served(staff: Staff, folder: Path) -> AsyncIterator[tuple[str, int]]:
    """The consoles on a socket; where."""
    stop = threading.Event()
    web, live = consoles_inside.web(staff, folder, asyncio.get_running_loop().time)
    assert isinstance(live, Live)
    section = WebSection(port=0)
    with contextlib.closing(service.listen(section)) as listener:
        host, port = listener.getsockname()[:2]
        running = asyncio.create_task(service.serve(section, web.app(), listener, live, stop))
        try:
            yield host, port
        finally:
            stop.set()
            await asyncio.wait_for(running, 20)


def test_connections_that_only_begin_to_ask_are_closed_and_one_that_listens_stays(
    staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_S", 0.3)
    monkeypatch.setattr(connection, "HEAD_MAX", 100_000)

    async def closed(address: tuple[str, int], first: bytes, more: bytes) -> None:
        """Dribbles until the other side has had enough. Raises: TimeoutError."""
        reader, writer = await asyncio.open_connection(*address)
        writer.write(first)
        gone = asyncio.create_task(reader.read())
        async with asyncio.timeout(10):
            while not gone.done():
                writer.write(more)
                await asyncio.wait({gone}, timeout=0.02)
        with contextlib.suppress(ConnectionError):
            await gone
        writer.close()

    async def run() -> None:
        async with (
            served(staff, tmp_path) as address,
            httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}") as web,
        ):
            cookies = {"cookie": f"{COOKIE}={staff.sessions.begin('boss', account='boss')}"}
            async with web.stream("GET", "/events/hall", headers=cookies) as listening:
                pieces = listening.aiter_raw()
                await anext(pieces)
                await closed(address, b"GET / HTTP/1.1\r\nHost: hall\r\n", b"x: y\r\n")
                await closed(address, b"", b"")
                await closed(address, b"GET / HTTP/1.1\r\nHost: hall\r\n", b"x: %b\r\n" % (b"y" * 20_000))
                assert (await web.get("/sign-in")).status_code == 200
                assert not listening.is_closed

    asyncio.run(run())
