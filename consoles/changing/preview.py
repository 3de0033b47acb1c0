"""What visitors would see and hear of the draft: kiosk, board, ticket and voice, made by running what makes them in the hall."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from fastapi import Response
from fastapi.responses import PlainTextResponse

from consoles import route
from consoles.changing import tool
from consoles.changing.part import Document, text_of
from consoles.changing.voice import Voices
from consoles.page import Pages
from consoles.route import Asked, Kind, Route
from consoles.staff.role import Act
from contract.errors import ContractError
from contract.hall import load

MOST_KEPT = 60
WIDTH, BOARD_WIDTH, BOARD_HEIGHT = 540, 1280, 720
TICKET, VOICE = "ticket", "voice"
_FIXED = ("attract", "language", "groups")


@dataclass(frozen=True, slots=True)
class Screen:
    """Something to look at: the name by which it is drawn, what people call it, and of what kind it is, where that is not said."""

    name: str
    text: str
    kind: str = ""


class Previews:
    """The page `/hall/change/preview`. `drafted`: the document as it would be published now, and as text."""

    def __init__(self, pages: Pages, drafted: Callable[[], tuple[Document, str]]) -> None:
        self._pages, self._drafted, self._voices = pages, drafted, Voices()
        self._turn = asyncio.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/hall/change/preview", self._show, Act.CHANGE),
            Route("GET", "/hall/change/preview.png", self._picture, Act.CHANGE, Kind.DATA),
            Route("GET", "/hall/change/preview.wav", self._sound, Act.CHANGE, Kind.DATA),
        )

    async def _show(self, asked: Asked) -> Response:
        document, text = self._drafted()
        language, faulty = self._pages.language(asked.reader.wanted), _faulty(text)
        shown, spoken = _shown(document, asked.query, language)
        return route.page(
            self._pages.sheet(
                "changing/preview.html", asked.reader, document=document, shown=shown, spoken=spoken,
                screens=screens(document, language), ticket=TICKET, voice=VOICE, width=_width(shown),
                installed=shown.name in (TICKET, VOICE) or installed(),
                call=await self._voices.call(document) if shown.name == VOICE and not faulty else None, faulty=faulty,
            )
        )  # fmt: skip

    async def _picture(self, asked: Asked) -> Response:
        document, text = self._drafted()
        screen, spoken = _shown(document, asked.query, self._pages.language(asked.reader.wanted))
        made = await self.picture(text, screen.name, spoken)
        if isinstance(made, str):
            return PlainTextResponse(f"{made}\n", 503)
        return Response(made, media_type="image/png")

    async def _sound(self, asked: Asked) -> Response:
        document, _ = self._drafted()
        call = await self._voices.call(document)
        sound = call.sounds.get(asked.query.get("spoken", ""))
        if sound is None:
            return PlainTextResponse(f"{call.fault or 'there is no such language'}\n", 503 if call.fault else 404)
        return Response(sound, media_type="audio/wav")

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
    """What there is: where a visit begins, the services of every group, the questions, the ticket, boards, messages, a call."""

    def named(kind: str, each: Document, stem: object) -> Screen:
        return Screen(f"{kind}-{stem}", text_of(each["names"], language), kind)

    asking = [each for each in document["services"] if each.get("question")]
    return [
        *(Screen(name, "") for name in _FIXED),
        *(named("services", each, n) for n, each in enumerate(document["service_groups"], 1)),
        *(named("question", each["question"], each["id"]) for each in asking),
        Screen("confirm", ""),
        Screen("take", ""),
        Screen(TICKET, ""),
        *(named("board", each, each["id"]) for each in document["zones"]),
        *(named("message", each, each["id"]) for each in document.get("messages", ())),
        Screen(VOICE, ""),
    ]


def installed() -> bool:
    """Whether what draws the kiosk and the boards is on this machine."""
    return find_spec("kivy") is not None


def _width(shown: Screen) -> int | None:
    """Pixels of its picture; None: as the picture has it."""
    return None if shown.name == TICKET else BOARD_WIDTH if shown.kind in ("board", "message") else WIDTH


def _faulty(text: str) -> bool:
    """Whether a draft is no document yet, as while texts of a new language are missing: nothing can draw it."""
    try:
        load(text)
    except ContractError:
        return True
    return False


def _shown(document: Document, query: Mapping[str, str], language: str) -> tuple[Screen, str]:
    """The screen and its language that an address asks for; else the groups, in the hall's own."""
    every = {each.name: each for each in screens(document, language)}
    spoken = query.get("spoken", "")
    return (
        every.get(query.get("screen", ""), every["groups"]),
        spoken if spoken in document["languages"] else document["default_language"],
    )


async def _draw(text: str, screen: str, language: str) -> bytes | str:
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        (room / "hall.json").write_text(text, "utf-8")
        words, picture = _command(screen, language, room)
        ran = await tool.run([*words, "--hall", str(room / "hall.json")], room)
        return picture.read_bytes() if picture.is_file() else ran.fault or "nothing was drawn"


def _command(screen: str, language: str, room: Path) -> tuple[list[str], Path]:
    """What draws a screen, and the file it writes."""
    kind, _, key = screen.partition("-")
    picture = room / "drawn.png"
    board = [
        "displays.board",
        "--render",
        str(picture),
        "--language",
        language,
        "--size",
        f"{BOARD_WIDTH}x{BOARD_HEIGHT}",
    ]
    match kind:
        case "ticket":
            return ["vikno", "preview", "ticket", "--lang", language, "--png", str(picture)], picture
        case "board":
            return [*board, "--zone", key], picture
        case "message":
            return [*board, "--moment", "notice", "--message", key], picture
    words = ["kiosk", "--render", str(room), "--lang", language, "--width", str(WIDTH), "--only", screen]
    return words, room / f"{language}-{screen}.png"
