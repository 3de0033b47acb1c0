"""The HTTP API in a loop of its own, before a real broker and coordinator, with tokens of a test."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from broker_config.broker import Broker
from consoles.api.__main__ import document as openapi
from consoles.api.api import Api
from consoles.card import Cards
from consoles.gate import Gate
from consoles.live import Live
from consoles.page import Pages
from consoles.press import Presses
from consoles.staff.role import Act
from contract import messages as m
from contract import topics
from contract.words import Role
from runtime.asker import new_id
from runtime.box import Box
from tests.consoles_site import CONSOLE, address, document
from tests.coordinator_process import CoordinatorProcess
from tests.until import until

_HALL = document()
HALL = _HALL.model_copy(update={"rules": {**_HALL.rules, "call.double_press_s": 0}})  # programs are quick
OPEN_AT = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
"""Ten o'clock in the hall, a Tuesday."""
SPEC: dict[str, Any] = json.loads(openapi())
ALL, SEE = "vk_all", "vk_see"
URL = "http://hall/api/v1"
WINDOW, OPERATOR, PIN, SERVICE = "W03", "op03", "1003", "res-register"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token of a test."""

    id: str
    scopes: frozenset[Act]
    account: str = "robot"
    operator: str | None = None


TOKENS = {
    ALL: Bearer("all", frozenset(Act)),
    SEE: Bearer("see", frozenset({Act.SEE})),
    "vk_op04": Bearer("op04", frozenset(Act), operator="op04"),
}


class Program:
    """A program that uses the API; the API runs in a loop of its own, in front of a real hall."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        self.live = Live(self.loop)
        pages = Pages(self.live, Presses(), Cards(self.live, self.loop.time), None)
        self.notes: list[tuple[Any, ...]] = []
        self.api = Api(self.live, pages, TOKENS.get, lambda *note: self.notes.append(note))
        self._app = Gate(self.api.app())
        self._box = Box(
            address(broker, CONSOLE),
            Role.CONSOLE,
            [topics.DOWN_VIEW, topics.DOWN_CFG, topics.DOWN_CARD],
            self.live.post,
        )
        self.live.asks_by(self._box)
        self._box.start()
        until(lambda: self.live.view is not None and self.live.hall is not None, deadline_s=30)

    def ask(self, method: str, path: str, *, token: str = ALL, key: str = "", **more: Any) -> httpx.Response:
        """One request; `key` "": a new one."""
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        if method == "POST":
            headers["Idempotency-Key"] = key or new_id("k")
        return self.send(method=method, url=URL + path, headers=headers, **more)

    def send(self, **request: Any) -> httpx.Response:
        """One request as httpx takes it."""

        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, root_path="/api/v1")
            async with httpx.AsyncClient(transport=transport) as client:
                return await client.request(**request)

        return asyncio.run_coroutine_threadsafe(sent(), self.loop).result(20)

    def tell(self, command: m.Command) -> None:
        """A command that is not the API's."""
        asyncio.run_coroutine_threadsafe(self.live.ask(command), self.loop).result(20)

    def issue(self, **more: Any) -> dict[str, Any]:
        """A ticket."""
        made = self.ask("POST", "/tickets", json={"service": SERVICE, **more})
        assert made.status_code == 201, made.text
        told: dict[str, Any] = made.json()
        return told

    def stop(self) -> None:
        self._box.stop()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@contextlib.contextmanager
def site(folder: Path) -> Iterator[Program]:
    """A hall with a program at its API; an operator sits at `WINDOW`."""
    with Broker(folder / "broker", HALL.id, HALL.boxes) as broker, CoordinatorProcess(folder, HALL, broker, OPEN_AT):
        one = Program(folder, broker)
        try:
            one.tell(m.WindowLogin(id="in", window=WINDOW, operator=OPERATOR, pin=PIN))
            yield one
        finally:
            one.stop()
