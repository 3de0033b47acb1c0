"""Each page of the consoles has one heading and says under it, in one sentence, what it is for."""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from consoles.app import FirstRun
from consoles.changing.parts import PARTS
from consoles.live import Live
from consoles.route import Kind, Route
from consoles.staff.cookie import COOKIE
from consoles.staff.staff import Staff
from contract import messages as m
from contract import topics
from contract.topics import Address
from look.texts import Texts
from runtime.box import Heard
from runtime.clock import utc_now
from tests import consoles_inside

ORIGIN = "http://vikno.test"
ELSEWHERE = {"/board/{zone}", "/money/back", "/hall/change/{part}", "/hall/change/{part}/{key}"}
"""The board is the visitors' and needs no words, a payment to give back comes from a terminal, the document's parts are
walked by their links."""
LINK = re.compile(r'href="(/hall/change/[^"?]+/[^"?]+)')


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with Staff(tmp_path, utc_now) as store:
        store.accounts.found("boss", "Boss", "a wide open window")
        yield store


def addresses(routes: tuple[Route, ...]) -> list[str]:
    """Every page as it is opened, lists of the document's parts too; of a part without a list its one form."""
    pages = [r.path for r in routes if r.method == "GET" and r.kind is Kind.PAGE and r.path not in ELSEWHERE]
    lists = ["/hall/change/" + (name if part.lines else f"{name}/hall") for name, part in PARTS.items()]
    return [path.format(window="W01", account="boss") for path in pages] + lists


def help_of(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'<p class="help">([^<]*)</p>', page)]


def check(address: str, page: httpx.Response) -> None:
    """Also that the page says of a hall to learn in that it is one, above all else and in its title."""
    told, said = help_of(page.text), Texts("en")
    assert f"<title>{said.get('training.mark')}" in page.text, address
    assert said.get("training.band") in page.text, address
    assert (page.status_code, len(re.findall(r"<h1[ >]", page.text))) == (200, 1), address
    assert [one[-1:] for one in told] == ["."], (address, told)


def test_every_page_has_one_heading_and_one_sentence_of_help(staff: Staff, tmp_path: Path) -> None:
    async def walk() -> None:
        web, live = consoles_inside.web(staff, tmp_path, time.monotonic)
        assert live.hall is not None
        learning = m.Cfg(id="c2", hall=live.hall.model_copy(update={"training": True}))
        live.take(Heard(Address(topics.DOWN_CFG, live.hall.id, dev="console-1"), learning, retained=False))
        sitting = staff.sessions.begin("boss", window="W01", operator="op01", account="boss")
        transport = httpx.ASGITransport(app=web.app())
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, cookies={COOKIE: sitting}, follow_redirects=True
        ) as client:
            for address in addresses(web.routes):
                page = await client.get(address, params={"lang": "en"})
                check(address, page)
                if (form := LINK.search(page.text)) is not None and address.startswith("/hall/change/"):
                    check(form.group(1), await client.get(form.group(1), params={"lang": "en"}))

    asyncio.run(walk())


def test_the_sentence_is_in_the_language_of_the_page(staff: Staff, tmp_path: Path) -> None:
    async def ask() -> None:
        web, _ = consoles_inside.web(staff, tmp_path, time.monotonic)
        transport = httpx.ASGITransport(app=web.app())
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            for language in ("uk", "en"):
                page = await client.get("/", params={"lang": language})
                assert help_of(page.text) == [Texts(language).get("help.windows")]

    asyncio.run(ask())


def test_a_machine_without_a_hall_says_what_its_one_page_is_for(tmp_path: Path) -> None:
    async def ask() -> None:
        with Staff(tmp_path / "empty", utc_now) as nobody:
            live = Live(asyncio.get_running_loop())
            first = FirstRun(live, nobody, tmp_path, (), (8883, 8080), time.monotonic)
            transport = httpx.ASGITransport(app=first.app())
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
                page = await client.get("/first", params={"lang": "en"})
        assert help_of(page.text) == [Texts("en").get("first.what_hall")]

    asyncio.run(ask())
