"""The pages that change a hall, over the real engine: a browser's requests go in by ASGI, commands come to the engine without a wire.

No broker and no processes, so a test costs milliseconds; the wire between consoles and coordinator has tests of its own.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from consoles.app import Web
from consoles.changing.draft import Drafts
from consoles.live import Live
from consoles.staff.cookie import COOKIE
from consoles.staff.role import StaffRole
from consoles.staff.staff import Staff
from contract import messages as m
from contract import topics
from contract.hall import Hall
from contract.topics import Address
from contract.words import HallState, Light
from coordinator.engine import answer
from coordinator.revising.document import draft as as_draft
from coordinator.state import load
from runtime.asker import Answer
from runtime.box import Heard
from runtime.clock import utc_now
from tests.small_hall import CONSOLE, KEY, Play

ORIGIN = "http://vikno.test"


@dataclass
class Page:
    """An answer as a test reads it."""

    status: int
    text: str
    path: str

    @property
    def plain(self) -> str:
        """What a person reads."""
        return html.unescape(re.sub(r"<[^>]+>", " ", self.text))

    def fields(self, form: str = "f-part") -> dict[str, str]:
        """The fields of a form as a browser would send them."""
        body = re.search(rf'<form[^>]*id="{form}".*?</form>', self.text, re.DOTALL)
        assert body is not None, f"no form {form} on the page"
        found: dict[str, str] = {}
        for tag in re.findall(r"<input[^>]*>", body.group()):
            told = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
            if "name" in told and (told.get("type") not in ("checkbox", "radio") or " checked" in tag):
                found[told["name"]] = told.get("value", "")
        for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', body.group(), re.DOTALL):
            every = re.findall(r"<option([^>]*)>([^<]*)", options)
            attributes, text = next((each for each in every if " selected" in each[0]), every[0])
            value = re.search(r'value="([^"]*)"', attributes)
            found[name] = html.unescape(value.group(1) if value is not None else text)
        texts = re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', body.group(), re.DOTALL)
        return found | {name: html.unescape(text) for name, text in texts}


class ChangingSite:
    """The consoles' pages, a hall that `play` knows, and who is signed in: the operator `me` at `window`; `journal`: its days."""

    def __init__(
        self,
        folder: Path,
        hall: Hall,
        me: str,
        window: str,
        devices: tuple[m.DeskDevice, ...] = (),
        journal: Path | None = None,
    ) -> None:
        self._journal = journal
        self._folder, self._me, self._window, self.devices = folder, me, window, devices
        self.play = Play(hall)
        self.published: list[m.RevisionLine] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.live = Live(asyncio.get_running_loop())
        self.live.asks_by(self)
        self.drafts = Drafts(self._folder / "draft.json")
        self._staff = Staff(self._folder, utc_now)
        self._stack.callback(self._staff.close)
        self._web = Web(
            self.live, self._staff, self.drafts, self._journal, None, secure=False, monotonic=time.monotonic
        )
        self._app = self._web.app()
        self.client = await self.signed_in(self._me, self._window)
        self.tell()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def signed_in(self, operator: str, window: str) -> httpx.AsyncClient:
        """A browser of somebody who manages the hall and sits at a window."""
        name = self.play.state.hall.operator_by_id[operator].name
        self._staff.accounts.add(operator, name, StaffRole.MANAGER, operator, "a wide open window")
        secret = self._staff.sessions.begin(operator, window=window, operator=operator, account=operator)
        cookies = {COOKIE: secret}
        transport = httpx.ASGITransport(app=self._app)
        client = httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, cookies=cookies, follow_redirects=True, headers={"Origin": ORIGIN}
        )
        return await self._stack.enter_async_context(client)

    def tell(self) -> None:
        """The hall publishes its document and what consoles are shown."""
        hall, now = self.play.state.hall, self.play.now
        view = m.ConsolesView(
            id="v", ep=1, rev=hall.revision, state=HallState.OPEN, day=self.play.now.date(), now=self.play.now,
            windows=tuple(
                m.DeskWindow(window=w.id, number=hall.window_by_id[w.id].number, light=Light.CLOSED, since=now, operator=w.operator)
                for w in self.play.state.windows.values()
            ),
            queues=(), devices=self.devices, revision=hall.revision,
        )  # fmt: skip
        for message in (m.Cfg(id="c", hall=hall.for_box(CONSOLE.role)), view):
            self.live.take(Heard(Address(topics.DOWN_VIEW, hall.id, dev="console-1"), message, retained=False))

    def ask(self, command: m.Command, on_answer: Callable[[Answer], None]) -> None:
        """The engine's answer, at once."""
        on_answer(self._answer(command))

    def publish(self, topic: topics.Topic, message: m.Message) -> None:
        """Nothing of this page is published without an answer."""
        raise AssertionError(f"{topic} {message}")

    def _answer(self, command: m.Command) -> Any:
        match command:
            case m.HallRevisions():
                return m.Revisions(id=command.id, re=command.id, revisions=tuple(self.published))
            case m.HallPublish():
                done = self.play.do(command, CONSOLE)
                if isinstance(done, m.Done):
                    self._renew(command)
                return done
            case m.HallCheck():
                return answer(self.play.state, command, CONSOLE, self.play.now)
            case _:
                raise AssertionError(command)

    def _renew(self, command: m.HallPublish) -> None:
        old = self.play.state.hall
        self.play.state = load(as_draft(old, command.document), self.play.state.rows(), 1.0, KEY)
        told = {"revision": old.revision + 1, "at": self.play.now, "by": command.operator, "why": command.why}
        self.published.insert(0, m.RevisionLine.model_validate(told))
        self.tell()

    async def get(self, path: str, client: httpx.AsyncClient | None = None, **query: str) -> Page:
        """A page."""
        return _page(await (client or self.client).get(path, params={"lang": "en", **query}))

    async def send(self, path: str, fields: Mapping[str, str], client: httpx.AsyncClient | None = None) -> Page:
        """A form, sent."""
        return _page(await (client or self.client).post(f"{path}?lang=en", data=dict(fields)))

    async def fill(self, path: str, **fields: str | None) -> Page:
        """The form at `path` with some fields typed anew (None: not ticked), sent; `__` in a name stands for a point."""
        return await self.fill_as(self.client, path, **fields)

    async def fill_as(self, client: httpx.AsyncClient, path: str, **fields: str | None) -> Page:
        """The same in the browser of another."""
        filled = (await self.get(path, client)).fields() | {
            name.replace("__", "."): value for name, value in fields.items()
        }
        return await self.send(path, {name: value for name, value in filled.items() if value is not None}, client)

    def document(self) -> dict[str, Any]:
        """The document as drafted."""
        draft = self.drafts.get()
        assert draft is not None
        return json.loads(json.dumps(draft.document))  # type: ignore[no-any-return]

    def drafted(self, part: str, key: str) -> dict[str, Any]:
        """An entry of the draft."""
        return next(each for each in self.document()[part] if each["id"] == key)


def _page(response: httpx.Response) -> Page:
    return Page(response.status_code, response.text, response.url.path)
