"""The consoles' web in the test's own process before a journal that SQL filled: for pages that ask the journal and not the hall."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import httpx

from consoles.app import Web
from consoles.changing.draft import Drafts
from consoles.live import Live
from consoles.staff.cookie import COOKIE
from consoles.staff.role import StaffRole
from consoles.staff.staff import Staff
from contract import hall as document
from contract import messages as m
from contract import topics
from contract.hall import Hall
from contract.topics import Address
from contract.words import HallState
from runtime.box import Heard
from runtime.clock import utc_now

NOW = datetime(2026, 3, 17, 12, tzinfo=UTC)
BASE = "http://hall.test"
PEOPLE = {
    "manager": StaffRole.MANAGER,
    "operator": StaffRole.OPERATOR,
    "lead": StaffRole.LEAD,
    "stranger": StaffRole.LEAD,
}
WHOSE = {"lead": "op01"}
"""Account → whom of the hall document it is."""
OURS = {"Origin": BASE}
_HIDDEN = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')


def hall(template: str = "ua-cnap", names: Mapping[str, str] = MappingProxyType({})) -> Hall:
    """A template; `names`: service → its name in every language."""
    found = document.load(Path(f"coordinator/templates/{template}.json").read_text("utf-8"))
    services = tuple(
        s.model_copy(update={"names": dict.fromkeys(found.languages, names[s.id])}) if s.id in names else s
        for s in found.services
    )
    return found.model_copy(update={"services": services})


@dataclass
class Reading:
    """One console's web, and who is signed in; `lead` works for the first employer, `stranger` is a shift lead of nobody's."""

    web: Web
    live: Live
    manager: httpx.AsyncClient
    operator: httpx.AsyncClient
    lead: httpx.AsyncClient
    stranger: httpx.AsyncClient

    async def get(self, path: str, **query: str) -> httpx.Response:
        """As the manager."""
        return await self.manager.get(httpx.URL(path).copy_merge_params(query))

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """A form of the manager's; not followed."""
        return await self.manager.post(path, data=fields)


@contextlib.asynccontextmanager
async def site(folder: Path, told: Hall, journal: Path) -> AsyncIterator[Reading]:
    """The consoles with their own files in `folder`."""
    with Staff(folder, utc_now) as staff:
        live = Live(asyncio.get_running_loop())
        web = Web(live, staff, Drafts(folder / "d.json"), journal, None, secure=False, monotonic=time.monotonic)
        tell(live, told)
        wire = httpx.ASGITransport(web.app())
        async with contextlib.AsyncExitStack() as open_ones:
            clients = {}
            for who, role in PEOPLE.items():
                cookies = {COOKIE: _signed_in(staff, who, role)}
                client = httpx.AsyncClient(transport=wire, base_url=BASE, headers=OURS, cookies=cookies)
                clients[who] = await open_ones.enter_async_context(client)
            yield Reading(web, live, **clients)
        web.stop()


def _signed_in(staff: Staff, who: str, role: StaffRole) -> str:
    staff.accounts.add(who, who, role, WHOSE.get(who), "a wide open window")
    return staff.sessions.begin(who, account=who)


def tell(live: Live, told: Hall) -> None:
    """What the hall publishes before anybody looks."""
    view = m.ConsolesView(id="v", ep=1, rev=1, state=HallState.OPEN, day=NOW.date(), now=NOW, windows=(), queues=())
    beat = m.Heartbeat(id="b", ep=1, state=HallState.OPEN, day=NOW.date(), now=NOW, speed=1, revision=told.revision)
    for message in (m.Cfg(id="c", hall=told), view):
        live.take(Heard(Address(topics.DOWN_VIEW, told.id, dev="console-1"), message, retained=False))
    live.take(Heard(Address(topics.PUB_HALL, told.id), beat, retained=False))


def hidden(page: str, form: str) -> Mapping[str, str]:
    """The hidden fields of the form with this id."""
    found = re.search(rf'<form[^>]*id="{form}".*?</form>', page, re.DOTALL)
    assert found is not None, form
    return dict(_HIDDEN.findall(found[0]))
