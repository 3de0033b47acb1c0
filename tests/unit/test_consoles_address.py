"""The addresses: none changes something but those whose guards are tested one by one."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from fastapi import Request
from fastapi.routing import APIRoute

from consoles.app import Web
from consoles.changing.draft import Drafts
from consoles.live import Live
from consoles.pulse import MOST_PAGES
from consoles.staff.cookie import COOKIE
from consoles.staff.role import StaffRole
from consoles.staff.staff import Staff
from runtime.clock import utc_now
from tests.consoles_site import UNSAFE


@contextlib.contextmanager
def web(folder: Path, live: Live) -> Iterator[Web]:
    with Staff(folder, utc_now) as staff:
        yield Web(live, staff, Drafts(folder / "draft.json"), None, None, secure=False, monotonic=time.monotonic)


def test_every_address_that_changes_something_is_on_the_list_of_guarded_ones(tmp_path: Path) -> None:
    async def paths() -> set[str]:
        with web(tmp_path, Live(asyncio.get_running_loop())) as one:
            routes = one.app().routes
            assert {r.path for r in routes if isinstance(r, APIRoute)} == {r.path for r in one.routes}
        return {r.path for r in routes if isinstance(r, APIRoute) and (r.methods or set()) - {"GET", "HEAD"}}

    assert asyncio.run(paths()) == set(UNSAFE)


def test_one_page_too_many_is_asked_to_come_back(tmp_path: Path) -> None:
    with Staff(tmp_path, utc_now) as staff:
        staff.accounts.add("seer", "Seer", StaffRole.AUDITOR)
        cookie = f"{COOKIE}={staff.sessions.begin('seer', account='seer')}".encode()
    asked = {
        "type": "http",
        "method": "GET",
        "path": "/events/hall",
        "headers": [(b"cookie", cookie)],
        "query_string": b"",
    }
    request = Request(asked)

    async def statuses() -> tuple[int, int]:
        live = Live(asyncio.get_running_loop())
        with web(tmp_path, live) as one, contextlib.ExitStack() as pages:
            for _ in range(MOST_PAGES - 1):
                pages.enter_context(live.pulse.watch())
            events = next(r for r in one.app().routes if isinstance(r, APIRoute) and r.path == "/events/hall").endpoint
            last = await events(request)
            pages.enter_context(live.pulse.watch())
            return last.status_code, (await events(request)).status_code

    assert asyncio.run(statuses()) == (200, 503)
