"""The consoles inside the tests' own process: a template hall that was told once, and a coordinator that is a function."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from consoles.app import Web
from consoles.changing.draft import Drafts
from consoles.live import Live
from consoles.staff.cookie import BROWSER, COOKIE
from consoles.staff.staff import Staff
from contract import messages as m
from contract import topics
from contract.topics import Address
from contract.words import HallState, Light, Refusal, Role
from runtime.asker import Answer, Unanswered
from runtime.box import Heard
from tests import halls

PASSWORD = "a wide open window"
"""Of the account `boss`."""
NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
Answers = Callable[[m.Command], Answer]
Talk = Callable[["Inside"], Awaitable[None]]


def mute(command: m.Command) -> Answer:
    """A hall that answers nothing."""
    return Unanswered(command.id)


class _Asks:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def ask(self, command: m.Command, on_answer: Callable[[Answer], None]) -> None:
        on_answer(self._answers(command))

    def publish(self, topic: topics.Topic, message: m.Message) -> None:
        raise AssertionError("nothing is told")


def web(
    staff: Staff, folder: Path, monotonic: Callable[[], float], answers: Answers = mute, **rules: object
) -> tuple[Web, Live]:
    """The consoles of the Ukrainian template with one window, W01, at which op01 sits; `rules` of the hall by their names
    with "__" for the point. In a running loop."""
    hall = halls.load("ua-cnap").for_box(Role.CONSOLE)
    given = {name.replace("__", "."): one for name, one in rules.items()}
    hall = hall.model_copy(update={"rules": {**hall.rules, **given}})
    window = m.DeskWindow(window="W01", number=1, light=Light.FREE, since=NOW, operator="op01", can=())
    view = m.ConsolesView(
        id="v", ep=1, rev=1, state=HallState.OPEN, day=NOW.date(), now=NOW, windows=(window,), queues=()
    )
    beat = m.Heartbeat(id="b", state=HallState.OPEN, day=NOW.date(), now=NOW, speed=1.0, ep=1, revision=hall.revision)
    live = Live(asyncio.get_running_loop())
    for message in (m.Cfg(id="c", hall=hall), view, beat):
        live.take(Heard(Address(topics.DOWN_VIEW, hall.id, dev="console-1"), message, retained=False))
    live.asks_by(_Asks(answers))
    return Web(live, staff, Drafts(folder / "draft.json"), None, "en", secure=False, monotonic=monotonic), live


class Clock:
    """A wall clock that stands."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


class Inside:
    """A browser and the consoles; `asked`: what came to the hall, `refuse`: what it answers instead."""

    def __init__(self, staff: Staff) -> None:
        self.staff, self.now, self.asked = staff, 1000.0, list[m.Command]()
        self.refuse: Refusal | None = None
        self.client = ("192.0.2.7", 1)
        self.browser, self.host = "", "hall"

    def answer(self, command: m.Command) -> Answer:
        self.asked.append(command)
        if self.refuse is not None:
            return m.Refused(id="r", re=command.id, code=self.refuse, text="no")
        return m.Done(id="d", re=command.id, window="W01", light=Light.FREE)

    async def post(self, path: str, cookie: str = "", **fields: str) -> httpx.Response:
        """Press a button."""
        headers = {"origin": f"http://{self.host}", "cookie": f"{COOKIE}={cookie}; {BROWSER}={self.browser}"}
        return await self.web.post(path, data=fields, headers=headers)

    async def get(self, path: str, cookie: str = "") -> httpx.Response:
        """Open a page."""
        return await self.web.get(path, headers={"cookie": f"{COOKIE}={cookie}"})

    async def sign_in(self, name: str = "boss", password: str = PASSWORD, **fields: str) -> httpx.Response:
        """By a password."""
        return await self.post("/sign-in", name=name, password=password, **fields)

    def signed_in(self, who: str = "boss") -> str:
        """The cookie of somebody signed in."""
        return self.staff.sessions.begin(who, account=who)

    def talk(self, folder: Path, talk: Talk, **rules: object) -> None:
        """Run `talk` against the consoles."""

        async def run() -> None:
            self.consoles, _ = web(self.staff, folder, lambda: self.now, self.answer, **rules)
            transport = httpx.ASGITransport(self.consoles.app(), client=self.client)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{self.host}") as self.web:
                await talk(self)

        asyncio.run(run())
