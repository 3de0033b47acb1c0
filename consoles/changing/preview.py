"""What visitors would see of the draft: the kiosk's real screens and the ticket, drawn by running what draws them in the hall."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from fastapi import Response
from fastapi.responses import PlainTextResponse

from consoles import route
from consoles.changing.part import Document, text_of
from consoles.page import Pages
from consoles.route import Asked, Kind, Route
from consoles.staff.role import Act

TIMEOUT_S = 30.0
MOST_KEPT = 60
WIDTH = 540
TICKET = "ticket"
_FIXED = ("attract", "language", "groups")


@dataclass(frozen=True, slots=True)
class Screen:
    """Something to look at: the name by which it is drawn, and what people call it."""

    name: str
    text: str


class Previews:
    """The page `/hall/change/preview`. `drafted`: the document as it would be published now, and as text."""

    def __init__(self, pages: Pages, drafted: Callable[[], tuple[Document, str]]) -> None:
        self._pages, self._drafted = pages, drafted
        self._turn = asyncio.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/hall/change/preview", self._show, Act.CHANGE),
            Route("GET", "/hall/change/preview.png", self._picture, Act.CHANGE, Kind.DATA),
        )

    async def _show(self, asked: Asked) -> Response:
        document, _ = self._drafted()
        language = self._pages.language(asked.reader.wanted)
        shown = _shown(document, asked.query, language)
        return route.page(
            self._pages.sheet(
                "changing/preview.html", asked.reader, document=document, shown=shown[0], spoken=shown[1],
                screens=screens(document, language), installed=installed(), ticket=TICKET, width=WIDTH,
            )
        )  # fmt: skip

    async def _picture(self, asked: Asked) -> Response:
        document, text = self._drafted()
        screen, spoken = _shown(document, asked.query, self._pages.language(asked.reader.wanted))
        made = await self.picture(text, screen, spoken)
        if isinstance(made, str):
            return PlainTextResponse(f"{made}\n", 503)
        return Response(made, media_type="image/png")

    async def picture(self, text: str, screen: str, language: str) -> bytes | str:
        """The PNG of a screen of the document `text`; as words why there is none."""
        key = hashlib.sha256(f"{screen} {language} {text}".encode()).hexdigest()
        async with self._turn:  # one at a time: it takes a whole core for seconds
            if key not in self._kept:
                made = await _draw(text, screen, language)
                if isinstance(made, str):
                    return made
                self._kept[key] = made
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]


def screens(document: Document, language: str) -> list[Screen]:
    """What can be looked at: where a visit begins, the services of every group, the questions, the ticket."""
    groups = [(f"services-{n}", group["names"]) for n, group in enumerate(document["service_groups"], 1)]
    questions = [
        (f"question-{each['id']}", each["question"]["names"]) for each in document["services"] if each.get("question")
    ]
    named = [Screen(name, text_of(names, language)) for name, names in (*groups, *questions)]
    return [
        *(Screen(name, "") for name in _FIXED),
        *named,
        Screen("confirm", ""),
        Screen("take", ""),
        Screen(TICKET, ""),
    ]


def installed() -> bool:
    """Whether the kiosk is on this machine."""
    return find_spec("kivy") is not None


def _shown(document: Document, query: Mapping[str, str], language: str) -> tuple[str, str]:
    """The screen and its language that an address asks for; else the first ones."""
    known = [each.name for each in screens(document, language)]
    spoken = query.get("spoken", "")
    return (
        query["screen"] if query.get("screen") in known else known[2],
        spoken if spoken in document["languages"] else document["default_language"],
    )


async def _draw(text: str, screen: str, language: str) -> bytes | str:
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        file = room / "hall.json"
        file.write_text(text, "utf-8")
        picture = room / "ticket.png" if screen == TICKET else room / f"{language}-{screen}.png"
        if screen == TICKET:
            words = ["vikno", "preview", "ticket", "--hall", str(file), "--lang", language, "--png", str(picture)]
        else:
            words = [
                "kiosk",
                "--render",
                str(room),
                "--hall",
                str(file),
                "--lang",
                language,
                "--width",
                str(WIDTH),
                "--only",
                screen,
            ]
        said = await _run(words, room)
        return picture.read_bytes() if picture.is_file() else said


async def _run(words: list[str], room: Path) -> str:
    """Run a command of ours; returns the last line it said."""
    env = {**os.environ, "KIVY_HOME": str(room / "kivy"), "LIBGL_ALWAYS_SOFTWARE": "1", "KIVY_NO_ARGS": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, env=env
    )
    try:
        _, err = await asyncio.wait_for(process.communicate(), TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"not drawn within {TIMEOUT_S:.0f} s"
    return err.decode(errors="replace").strip().rpartition("\n")[2][:300] or "nothing was drawn"
