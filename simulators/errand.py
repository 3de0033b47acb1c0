"""People before a self-service terminal: they read its screen, lay their card there, pay by card, with notes or by their bank's app.

    python -m simulators.errand --plan PLAN.json --ledger FILE.jsonl --seconds 120

They know the terminal only as people do: they tap what it shows. They also are the weather: now and then the card terminal declines, or
loses its power in the middle, a note jams, the power of the acceptor goes. Nothing of the product is imported.

PLAN.json: {"seed", "languages": [...], "screen": ADDRESS, "pos": ADDRESS, "acceptor": ADDRESS, "notes": {minor units: kind, …},
  "codes": [demands for payment, …], "service": of the certificate, "faults": true,
  "errands": which, in turn: card, cash, certificate, leaves (with notes inside), qr,
  "card": {"control": ADDRESS, "name", "slot"}: an ID card and the reader at this terminal (may be left out)}
ADDRESS is as in simulators/hall.py.

The ledger has one JSON object a line: `at` (CLOCK_MONOTONIC seconds), `what`, and
    came {errand} · paid {errand, way, screen, took_s} · certificate {took_s}: from the card on the reader to the end of printing
    left {errand, screen, words} · weather {what}
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import re
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from simulators.hall import IdCard, Ledger, Wire

LOOK_S = 0.1
TAP_S = 0.3
"""Between two touches; a terminal takes no touch in the first 0.2 s of a screen."""
ERRAND_S = 75.0
"""Nobody stays longer."""
BETWEEN_S = 1.0
OVER = {"take", "claim", "unknown", "error", "no_answer", "no_card", "number"}
"""Screens that end an errand."""


class Guest:
    """One errand at a time, for as long as the program runs."""

    def __init__(self, plan: dict[str, Any], ledger: Ledger) -> None:
        self._plan, self._ledger = plan, ledger
        self._random = random.Random(plan["seed"])
        self._screen, self._pos, self._acceptor = (Wire(plan[name]) for name in ("screen", "pos", "acceptor"))
        self._notes = {int(minor): int(kind) for minor, kind in plan["notes"].items()}
        self._codes = list(plan["codes"])
        self._card = IdCard(plan["card"]) if "card" in plan else None
        self._typed = False

    async def run(self, until: float) -> None:
        """One errand after another, until the demands are paid or the time is over."""
        number = 0
        while time.monotonic() < until:
            errand = str(self._plan["errands"][number % len(self._plan["errands"])])
            number += 1
            if errand == "certificate" and self._card is None:
                continue
            if errand != "certificate" and not self._codes:
                errand = "certificate"
                if self._card is None:
                    return
            await self._weather(errand)
            await self._go(errand)
            await asyncio.sleep(BETWEEN_S)

    # --- the weather ---------------------------------------------------------------------------------------------------

    async def _weather(self, errand: str) -> None:
        await self._pos.ask({"do": "power", "on": True})
        await self._acceptor.ask({"do": "power", "on": True})
        await self._acceptor.ask({"do": "fault", "word": "none"})
        await self._pos.ask({"do": "next", "outcome": "approve", "hold_s": 0.8})
        if not self._plan["faults"]:
            return
        lot = self._random.random()
        if errand == "card" and lot < 0.25:
            await self._pos.ask({"do": "next", "outcome": "decline_receipt", "hold_s": 0.8})
            self._ledger.note("weather", cause="the bank declines")
        elif errand == "card" and lot < 0.6:
            await self._pos.ask({"do": "cut_at", "step": self._random.randint(9, 14)})
            self._ledger.note("weather", cause="the card terminal's power goes in the sale")
        elif errand in ("cash", "leaves") and lot < 0.35:
            await self._acceptor.ask({"do": "cut_note", "place": self._random.choice(("held", "moving"))})
            self._ledger.note("weather", cause="the acceptor's power goes while it takes a note")

    # --- one errand ----------------------------------------------------------------------------------------------------

    async def _go(self, errand: str) -> None:
        began, seen = time.monotonic(), await self._until({"attract"})
        if seen is None:
            return
        self._ledger.note("came", errand=errand)
        self._typed = False
        paying = asyncio.create_task(self._pay_along(errand))
        try:
            screen = await self._walk(errand, began + ERRAND_S)
        finally:
            paying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await paying
            if self._card is not None:
                await self._card.pick_up()
        seen = await self._screen.ask({"controls": True})
        took_s = round(time.monotonic() - began, 2)
        if screen == "take" and errand != "certificate":
            self._codes.pop(0)
            self._ledger.note("paid", errand=errand, way=errand, screen=screen, took_s=took_s)
        elif screen != "take":
            self._ledger.note("left", errand=errand, screen=screen, words=seen.get("words", [])[:4])
            if screen in ("claim", "unknown"):
                self._codes.pop(0)
        await self._leave()

    async def _walk(self, errand: str, until: float) -> str:
        """Tap from screen to screen; the one that ended it."""
        laid_at, pos_asked = 0.0, False
        while time.monotonic() < until:
            seen = await self._screen.ask({"controls": True})
            screen, keys = seen.get("screen", ""), [control["key"] for control in seen.get("controls", [])]
            if self._card is not None and screen == "card" and not self._card.lies:
                laid_at = time.monotonic()
                await self._card.lay()
            if screen in OVER:
                if errand == "certificate" and screen == "take" and laid_at and "again" not in keys:
                    self._ledger.note("certificate", took_s=round(time.monotonic() - laid_at, 2))
                return str(screen)
            if errand == "qr" and screen == "pay_qr":
                return str(screen)
            if screen == "total" and pos_asked:  # said no once: now it says yes
                await self._pos.ask({"do": "next", "outcome": "approve", "hold_s": 0.8})
            pos_asked = pos_asked or screen == "pay_card"
            await self._tap_next(errand, screen, keys)
            await asyncio.sleep(LOOK_S)
        return "too long"

    async def _tap_next(self, errand: str, screen: str, keys: list[str]) -> None:
        language = self._random.choice(self._plan["languages"])
        match screen:
            case "code" if errand != "certificate":
                await self._type(str(self._codes[0]))
                return
            case "digits" if self._card is not None:
                await self._type(await self._card.can())
                return
        wishes = {
            "attract": "start", "language": f"lang:{language}", "still_here": "more_time", "how": "by:code", "consent": "agree",
            "menu": f"service:{self._plan['service']}" if errand == "certificate" else "dues",
            "dues": next((key for key in keys if key.startswith("due:")), ""), "check": "right",
            "total": {"card": "pay:card", "qr": "pay:qr"}.get(errand, "pay:cash"),
        }  # fmt: skip
        wish = wishes.get(screen, "")
        if wish not in keys and "forward" in keys and screen in ("menu", "dues"):
            wish = "forward"
        if wish in keys:
            await self._tap(wish)

    async def _tap(self, key: str) -> None:
        """Touch, and look again when the finger has left the glass and the screen has had time."""
        await self._screen.ask({"tap": key})
        for _ in range(100):
            await asyncio.sleep(LOOK_S / 2)
            if not (await self._screen.ask({"controls": True})).get("pending"):
                break
        await asyncio.sleep(TAP_S)

    async def _type(self, text: str) -> None:
        """What was typed before is erased first; "next" only where the screen says what was meant, or has room for no more signs."""
        for _ in text if self._typed else "":
            await self._tap("erase")
        self._typed = True
        await asyncio.sleep(TAP_S)
        for sign in text:
            await self._tap(f"digit:{sign}")
        for _ in range(20):
            seen = await self._screen.ask({"controls": True})
            said = re.sub(r"[^0-9A-Z]", "", "".join(seen.get("words", [])))
            if text in said or seen.get("screen") == "digits":
                await self._tap("next")
                return
            await asyncio.sleep(LOOK_S)

    async def _leave(self) -> None:
        """Back to the attract screen, by whatever the screen offers; else it finds that out by itself."""
        for _ in range(20):
            seen = await self._screen.ask({"controls": True})
            if seen.get("screen") == "attract":
                return
            keys = [control["key"] for control in seen.get("controls", [])]
            wish = next((key for key in ("done", "stop", "finish", "back", "home") if key in keys), "")
            if wish:
                await self._tap(wish)
            await asyncio.sleep(TAP_S)

    # --- money ---------------------------------------------------------------------------------------------------------

    async def _pay_along(self, errand: str) -> None:
        """Notes into the acceptor while it takes them; power back where it went."""
        put, most = 0, 1 if errand == "leaves" else 40
        async for state in self._states():
            seen = await self._screen.ask({"controls": True})
            if seen.get("screen") != "pay_cash" or errand not in ("cash", "leaves"):
                continue
            if put >= most:
                await self._stop_paying()
            elif state.get("word") == "14" and not state.get("open"):
                put += await self._put_in(int(state["enabled"]))

    async def _states(self) -> AsyncIterator[dict[str, Any]]:
        while True:
            for wire in (self._pos, self._acceptor):
                state = await wire.ask({"do": "state"})
                if state and not state["powered"]:
                    await asyncio.sleep(1.0)
                    await wire.ask({"do": "power", "on": True})
            yield await self._acceptor.ask({"do": "state"})
            await asyncio.sleep(LOOK_S)

    async def _put_in(self, enabled: int) -> int:
        """The largest note that is taken now."""
        for _, kind in sorted(self._notes.items(), reverse=True):
            if enabled >> kind & 1:
                await self._acceptor.ask({"do": "insert", "kind": kind})
                await asyncio.sleep(0.5)
                return 1
        return 0

    async def _stop_paying(self) -> None:
        for _ in range(2):
            await self._tap("stop")

    async def _until(self, screens: set[str]) -> dict[str, Any] | None:
        until = time.monotonic() + ERRAND_S
        while time.monotonic() < until:
            seen = await self._screen.ask({"controls": True})
            if seen.get("screen") in screens:
                return seen
            await asyncio.sleep(LOOK_S)
        return None


async def run(options: argparse.Namespace) -> None:
    """Until the time is over, or SIGTERM or SIGINT."""
    plan = json.loads(options.plan.read_text(encoding="utf-8"))
    guest = asyncio.create_task(Guest(plan, Ledger(options.ledger)).run(time.monotonic() + options.seconds))
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, guest.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await guest


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="simulators.errand", description="people before a self-service terminal")
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=120.0)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
