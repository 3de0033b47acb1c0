"""A kiosk as a visitor uses it: its glass, and the paper that comes out."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path
from typing import Any

from simulators.hall.eyes import LOOK_S
from simulators.hall.id_card import CARD_S, IdCard
from simulators.hall.wire import Wire

PAPER_S = 20.0
"""How long a visitor waits for paper after the last touch."""
DOOR_S = 60.0
"""How long people stand before a kiosk that is not open yet."""
LEAVE_S = 5.0
TYPE_S = 5.0
"""Longest typing at once; where the pad took no notice of a finger, it goes on after that."""
TAP_S = 0.25
"""Between two touches; a kiosk takes no touch in the first 0.2 s of a screen."""


class Kiosk:
    """A kiosk with its line of people: one pair of hands at a time."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.id: str = plan["id"]
        self._wire = Wire(plan["screen"])
        self._papers = Path(plan["papers"])
        self._hands = asyncio.Lock()
        self._taken = {p.name for p in self._papers.glob("*.png")}
        self.line = 0

    async def take(
        self, group: str, service: str, lang: str, code: str = "", card: IdCard | None = None
    ) -> tuple[str, str] | str:
        """Label and ticket id read off the paper, or the name of the screen that turned the visitor away.

        `code`: of a booking, typed in place of choosing group and service; `card`: laid there in place of the code.
        """
        steps = {
            "attract": "booking" if code else "start",
            "language": f"lang:{lang}",
            "groups": f"group:{group}",
            "services": f"service:{service}",
            "notice": "ticket",
            "confirm": "take",
            "how": "by:card" if card else "by:code",
            "consent": "agree",
            "found": "take",
            "still_here": "finish",
        }
        self.line += 1
        try:
            async with self._hands:
                await self._clear()
                return await self._tap_through(steps, code, card)
        finally:
            self.line -= 1

    async def _clear(self) -> None:
        """Take back what stands there of somebody who went away in the middle: a half-typed code would be taken for one's own."""
        seen = await self._wire.ask({"controls": True})
        if any(control["key"] == "back" for control in seen.get("controls", [])):
            await self._leave("back")

    async def _tap_through(self, steps: dict[str, str], code: str, card: IdCard | None) -> tuple[str, str] | str:
        deadline, deadline_moves = time.monotonic() + (CARD_S if card else PAPER_S), int(DOOR_S / TAP_S)
        while time.monotonic() < deadline:
            if paper := await self._new_paper():
                await self._leave()
                return paper
            seen = await self._wire.ask({"controls": True})
            screen, keys = str(seen.get("screen", "")), {c["key"] for c in seen.get("controls", [])}
            if screen == "out" and deadline_moves > 0:  # before opening people wait at the door
                deadline_moves -= 1
                deadline += TAP_S
            elif screen in {"no_booking", "no_card"}:
                await self._leave("back")
                return screen
            elif screen in {"error", "out", "no_paper"}:
                await self._wire.ask({"tap": "close"})
                return screen
            if card is not None:
                await (card.lay() if screen == "card" else card.pick_up())
            if screen == "code":
                await self._type("code", code)
            elif screen == "digits" and card is not None:
                await self._type("digits", await card.can())
            elif screen == "question":
                await self._wire.ask({"tap": min((k for k in keys if k.startswith("reply:")), default="back")})
            elif screen in steps and (key := _wanted(steps[screen], keys)):
                await self._wire.ask({"tap": key})
            await asyncio.sleep(TAP_S)
        return "silence"

    async def _type(self, screen: str, code: str) -> None:
        """Type what is missing of the code or number, each digit when the one before stands on the screen, and go on."""
        deadline = time.monotonic() + TYPE_S
        tapped = -1
        while time.monotonic() < deadline:
            seen = await self._wire.ask({"controls": True})
            if seen.get("screen") != screen:
                return
            typed = sum(len(word) == 1 for word in seen["words"]) - 10  # the pad's own ten digits stand there too
            if typed == len(code):
                await self._wire.ask({"tap": "next"})
                return
            if typed > tapped:
                await self._wire.ask({"tap": f"digit:{code[typed]}"})
                tapped = typed
            await asyncio.sleep(LOOK_S)

    async def _leave(self, key: str = "done") -> None:
        """Press `key` until the kiosk is free again; it passes over a finger that comes too quickly."""
        deadline = time.monotonic() + LEAVE_S
        while time.monotonic() < deadline:
            seen = await self._wire.ask({"controls": True})
            if seen.get("screen") == "attract":
                return
            await self._wire.ask({"tap": key})
            await asyncio.sleep(TAP_S)

    async def _new_paper(self) -> tuple[str, str] | None:
        for picture in sorted(self._papers.glob("*.png")):
            if picture.name in self._taken:
                continue
            self._taken.add(picture.name)
            text = await asyncio.to_thread(scan, picture)
            if text is None:  # a torn paper without its code
                continue
            label, _, ticket = text.partition(" ")
            return label, ticket
        return None


def _wanted(key: str, keys: set[str]) -> str | None:
    """What to touch for `key`: where it is not on this page, the next one; None: neither is there."""
    return key if key in keys else next((other for other in keys if other.startswith("page:")), None)


def scan(picture: Path) -> str | None:
    """The text of the QR code in a picture, by zbarimg; None while there is none."""
    done = subprocess.run(
        ["zbarimg", "--raw", "-q", str(picture)], capture_output=True, text=True, timeout=20, check=False
    )
    return done.stdout.strip() or None
