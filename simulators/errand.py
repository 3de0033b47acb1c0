"""People before a self-service terminal: they read its screen, lay their card there, pay by card, with notes or by their bank's app.

    python -m simulators.errand --plan PLAN.json --ledger FILE.jsonl --seconds 120

They know the terminal only as people do: they tap what it shows. They also are the weather: the card terminal declines or loses its
power in the middle, the power of the acceptor goes with a note on its way; it comes back a second later. Nothing of the product is
imported.

PLAN.json: {"seed", "languages": [...], "screen": ADDRESS, "pos": ADDRESS, "acceptor": ADDRESS, "notes": {minor units: kind, …},
  "codes": [[demand for payment, minor units], …], "service": of the certificate, "errands": names of `ERRANDS`, in turn,
  "broken": which of pos and acceptor stay without power,
  "card": {"control": ADDRESS, "name", "slot"}: an ID card and the reader at this terminal (may be left out)}
ADDRESS is as in simulators/hall/.

The ledger has one JSON object a line: `at` (CLOCK_MONOTONIC seconds), `what`, and
    came {errand} · paid {errand, way, took_s} · transfer {errand, took_s}: a code to scan, on paper
    certificate {took_s}: from the card on the reader to the end of printing · refused {minor}: a note that the slot did not take
    left {errand, screen, words} · weather {cause}
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
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulators.hall.id_card import IdCard
from simulators.hall.ledger import Ledger
from simulators.hall.wire import Wire

LOOK_S = 0.1
TAP_S = 0.3
"""Between two touches; a terminal takes no touch in the first 0.2 s of a screen."""
READ_S = 1.5
"""So long a sign may take to be seen; a busy machine draws late."""
ERRAND_S = 75.0
"""Nobody stays longer."""
UNKNOWN_S = 30.0
"""So long who does not know whether he has paid waits for a word."""
BETWEEN_S = 0.5
DARK_S = 1.0
CARD_S = 0.8
"""So long it takes to hold a card to the terminal."""
OVER = {"take", "claim", "error", "no_answer", "no_card", "number"}
"""Screens that end an errand."""
SPENT = {"claim", "unknown", "no_answer"}
"""Screens after which the demand is not brought again."""


@dataclass(frozen=True, slots=True)
class Errand:
    """`way`: how it is paid; `then`: how, where that gave nothing, "" for the same once more.

    `odd`: of a sum that notes pay over, False: of one that they pay exactly, None: of any. `notes`: so many go in before the visitor
    leaves; `large`: a note that is too large is tried first.
    `pos`, `acceptor`: what their device is ordered to do; `cause`: in words.
    """

    way: str
    then: str = ""
    odd: bool | None = None
    notes: int = 40
    large: bool = False
    pos: Mapping[str, Any] | None = None
    acceptor: Mapping[str, Any] | None = None
    cause: str = ""


_APPROVE = {"do": "next", "outcome": "approve", "hold_s": CARD_S}
ERRANDS = {
    "card": Errand("card"),
    "declined": Errand("card", then="cash", pos={**_APPROVE, "outcome": "decline_receipt"}, cause="the bank declines"),
    "cash": Errand("cash", odd=False),
    "over": Errand("cash", odd=True, large=True),
    "leaves": Errand("cash", notes=1),
    "qr": Errand("qr"),
    "certificate": Errand("certificate"),
    "card_cut": Errand(
        "card", pos={"do": "cut_sale", "place": "kept"}, cause="the card terminal's power goes when the bank has the sale"
    ),
    "card_lost": Errand(
        "card", pos={"do": "cut_sale", "place": "asked"}, cause="the card terminal's power goes before the bank is asked"
    ),
    "note_cut": Errand(
        "cash", acceptor={"do": "cut_note", "place": "moving"}, cause="the acceptor's power goes with a note on its way"
    ),
    "note_held": Errand(
        "cash", acceptor={"do": "cut_note", "place": "held"}, cause="the acceptor's power goes while it holds a note"
    ),
}  # fmt: skip


class Guest:
    """One errand at a time, for as long as the program runs."""

    def __init__(self, plan: dict[str, Any], ledger: Ledger) -> None:
        self._plan, self._ledger = plan, ledger
        self._random = random.Random(plan["seed"])
        self._screen, self._pos, self._acceptor = (Wire(plan[name]) for name in ("screen", "pos", "acceptor"))
        self._notes = {int(minor): int(kind) for minor, kind in plan["notes"].items()}
        self._codes: list[tuple[str, int]] = [(str(code), int(minor)) for code, minor in plan["codes"]]
        self._card = IdCard(plan["card"]) if "card" in plan else None
        self._errand = ERRANDS["card"]
        self._code, self._way, self._typed, self._here = "", "", False, False

    async def run(self, until: float) -> None:
        """One errand after another, until the demands are paid or the time is over."""
        number = 0
        while time.monotonic() < until and self._codes:
            name = str(self._plan["errands"][number % len(self._plan["errands"])])
            number += 1
            if name == "certificate" and self._card is None:
                continue
            await self._weather(ERRANDS[name])
            await self._go(name)
            await asyncio.sleep(BETWEEN_S)

    # --- the weather ---------------------------------------------------------------------------------------------------

    async def _weather(self, errand: Errand) -> None:
        for name, wire, order in (("pos", self._pos, errand.pos), ("acceptor", self._acceptor, errand.acceptor)):
            if name in self._plan["broken"]:
                continue
            await wire.ask({"do": "power", "on": True})
            if name == "pos":
                await wire.ask(_APPROVE)
            if order is not None:
                await wire.ask(dict(order))
                self._ledger.note("weather", cause=errand.cause)

    # --- one errand ----------------------------------------------------------------------------------------------------

    async def _go(self, name: str) -> None:
        began, seen = time.monotonic(), await self._until({"attract"})
        if seen is None:
            return
        self._ledger.note("came", errand=name)
        self._errand, self._way, self._typed, self._here = ERRANDS[name], "", False, True
        self._code = self._demand(self._errand.odd)
        paying = asyncio.create_task(self._pay_along())
        try:
            screen = await self._walk(began + ERRAND_S)
        finally:
            self._here = False  # not cancelled: a cancelled question may swallow that
            await paying
            if self._card is not None:
                await self._card.pick_up()
        await self._ended(name, screen, round(time.monotonic() - began, 2))
        await self._leave()

    def _demand(self, odd: bool | None) -> str:
        fit = (code for code, minor in self._codes if odd is None or bool(minor % min(self._notes, default=1)) is odd)
        return next(fit, self._codes[0][0])

    async def _ended(self, name: str, screen: str, took_s: float) -> None:
        paid = screen == "take" and self._way in ("card", "cash")
        if paid:
            self._ledger.note("paid", errand=name, way=self._way, took_s=took_s)
        elif screen == "take" and self._way == "qr":
            self._ledger.note("transfer", errand=name, took_s=took_s)
        elif screen != "take":
            seen = await self._screen.ask({"controls": True})
            self._ledger.note("left", errand=name, screen=screen, words=seen.get("words", [])[:4])
        if paid or (screen in SPENT and name != "certificate"):
            self._codes = [each for each in self._codes if each[0] != self._code]

    async def _walk(self, until: float) -> str:
        """Tap from screen to screen; the one that ended it."""
        laid_at = unknown_at = 0.0
        while time.monotonic() < until:
            seen = await self._screen.ask({"controls": True})
            screen, keys = seen.get("screen", ""), [control["key"] for control in seen.get("controls", [])]
            if self._card is not None and screen == "card" and not self._card.lies:
                laid_at = time.monotonic()
                await self._card.lay()
            if screen == "unknown":
                unknown_at = unknown_at or time.monotonic()
                if time.monotonic() - unknown_at > UNKNOWN_S:
                    return "unknown"
            if screen in OVER:
                if screen == "take" and laid_at and "again" not in keys:
                    self._ledger.note("certificate", took_s=round(time.monotonic() - laid_at, 2))
                return str(screen)
            await self._tap_next(screen, keys)
            await asyncio.sleep(LOOK_S)
        return "too long"

    async def _tap_next(self, screen: str, keys: list[str]) -> None:
        alone = self._errand.way == "certificate"
        match screen:
            case "code" if not alone:
                await self._type(self._code)
                return
            case "digits" if self._card is not None:
                await self._type(await self._card.can(), apart=True)
                return
            case "attract":
                self._typed = False
            case "pay_card" | "pay_cash" | "pay_qr":
                self._way = screen.removeprefix("pay_")
        wishes = {
            "attract": "start", "language": f"lang:{self._random.choice(self._plan['languages'])}", "still_here": "more_time",
            "how": "by:code", "consent": "agree", "menu": f"service:{self._plan['service']}" if alone else "dues",
            "dues": next((key for key in keys if key.startswith("due:")), ""), "check": "right", "pay_qr": "print",
            "total": self._wished(keys),
        }  # fmt: skip
        wish = wishes.get(screen, "")
        if wish not in keys and "forward" in keys and screen in ("menu", "dues"):
            wish = "forward"
        if wish in keys:
            await self._tap(wish)

    def _wished(self, keys: list[str]) -> str:
        """The way that was meant; after it gave nothing the other one; any that is offered where that is not."""
        meant = self._errand.then or self._errand.way if self._way else self._errand.way
        return next((f"pay:{way}" for way in (meant, "card", "cash", "qr") if f"pay:{way}" in keys), "")

    async def _tap(self, key: str) -> None:
        """Touch, and look again when the screen has had time."""
        await self._press(key)
        await asyncio.sleep(TAP_S)

    async def _press(self, key: str) -> None:
        """Touch, until the finger has left the glass."""
        await self._screen.ask({"tap": key})
        for _ in range(100):
            await asyncio.sleep(LOOK_S / 2)
            if not (await self._screen.ask({"controls": True})).get("pending"):
                return

    async def _type(self, text: str, *, apart: bool = False) -> None:
        """Each sign is looked for before the next; what was typed wrong before is erased. `apart`: each stands in a field of its own."""
        if self._typed and await self._reads(text, apart=apart):
            await self._tap("next")  # its touch was lost
            return
        for _ in text if self._typed else "":
            await self._press("erase")
        self._typed = True
        await asyncio.sleep(TAP_S)
        for count, sign in enumerate(text, 1):
            await self._press(f"digit:{sign}")
            if await self._reads(text[:count], apart=apart):
                continue
            if count > 1 and not await self._reads(text[: count - 1], apart=apart):
                return
            await self._press(f"digit:{sign}")  # the touch was lost in a change of the screen
            if not await self._reads(text[:count], apart=apart):
                return
        await self._tap("next")

    async def _reads(self, text: str, *, apart: bool) -> bool:
        """Whether `text` stands on the screen, soon; each sign also stands on its key."""
        until = time.monotonic() + READ_S
        while time.monotonic() < until:
            seen = await self._screen.ask({"controls": True})
            words = seen.get("words", [])
            keys = sum(control["key"].startswith("digit:") for control in seen.get("controls", []))
            signs = sum(len(word) == 1 for word in words) - keys
            whole = text in (re.sub(r"[^0-9A-Z]", "", each) for each in words)
            if signs == len(text) if apart or len(text) == 1 else whole:
                return True
            await asyncio.sleep(LOOK_S / 2)
        return False

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
            await asyncio.sleep(LOOK_S)

    # --- money ---------------------------------------------------------------------------------------------------------

    async def _pay_along(self) -> None:
        """Notes into the acceptor while it takes them; power back where it went."""
        put, large = 0, self._errand.large
        async for state in self._states():
            seen = await self._screen.ask({"controls": True})
            if seen.get("screen") != "pay_cash":
                continue
            if put >= self._errand.notes:
                await self._stop_paying()
            elif state.get("word") == "14" and not state.get("open"):
                enabled, large = int(state["enabled"]), large and not await self._try_large(int(state["enabled"]))
                put += await self._put_in(enabled)

    async def _states(self) -> AsyncIterator[dict[str, Any]]:
        while self._here:
            for name, wire in (("pos", self._pos), ("acceptor", self._acceptor)):
                state = await wire.ask({"do": "state"})
                if state and not state["powered"] and name not in self._plan["broken"]:
                    await asyncio.sleep(DARK_S)
                    await wire.ask({"do": "power", "on": True})
            yield await self._acceptor.ask({"do": "state"})
            await asyncio.sleep(LOOK_S)

    async def _try_large(self, enabled: int) -> bool:
        """The largest note, where the sum has no room for it; whether that could be tried."""
        minor, kind = max(self._notes.items())
        if enabled >> kind & 1:
            return False
        after = await self._acceptor.ask({"do": "insert", "kind": kind})
        if after.get("place") == "none":
            self._ledger.note("refused", minor=minor)
        return True

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
