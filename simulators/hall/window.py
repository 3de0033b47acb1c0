"""A window and who works there."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from simulators.hall.browser import Browser
from simulators.hall.eyes import LOOK_S
from simulators.hall.hall import Hall
from simulators.hall.id_card import CARD_S, IdCard
from simulators.hall.panel import Filled, ask_for_card, form_filled, log_in

LOOK_AGAIN_S = 12.0
"""An operator whose press changes nothing looks and presses again; a lost press has expired by then."""
NEXT, START, NO_SHOW = 0, 2, 3
FORMS = 3
"""So many visitors are asked for their card at the window that reads them."""


class Window:
    """Its operator, its pad, its display, and who stands before it. `worked` False: a person works there, at the panel."""

    def __init__(self, hall: Hall, plan: dict[str, Any]) -> None:
        self._hall, self._plan = hall, plan
        self.id: str = plan["id"]
        self.worked: bool = plan.get("worked", True)
        self.display: str = plan["display"]
        self.visitor: str | None = None
        self.minutes = 5.0
        card = hall.plan.get("window_card")
        self._card = IdCard(card) if card is not None and card["window"] == self.id else None
        self._browser = Browser(hall.plan["panel"])
        self._forms = 0

    @property
    def shown(self) -> str:
        """The display's upper line."""
        return self._hall.eyes.shown[self.display]

    @property
    def lamp(self) -> str:
        """What the pad's lamp does."""
        return self._hall.eyes.lamp.get(self._plan["pad"], "unknown")

    async def work(self) -> None:
        """Log in, then call, wait, serve, for ever."""
        while not await asyncio.to_thread(log_in, self._browser, self._plan):
            await self._hall.eyes.until(lambda: False, 1.0)
        self._hall.ledger.note("operator.in", window=self.id)
        await self._hall.pause(self._hall.random.uniform(5, 60))
        while True:
            await self._turn()

    async def _turn(self) -> None:
        shown = self.shown
        if shown.startswith("> "):
            await self._await_visitor(shown.strip("<> "))
        elif shown and self.visitor == shown:
            await self._hall.pause(self.minutes * 60)
            await self._press(NEXT, "served", shown)
        elif not shown and self.lamp == "off":
            await self._press(NEXT, "free", shown)
        elif shown and not shown.startswith(("?", "|", "-")) and self.visitor is None:
            self._hall.ledger.note("puzzled", window=self.id, shown=shown, lamp=self.lamp)
            await self._press(NEXT, "nobody here", shown)
        else:
            await self._hall.eyes.until(lambda: self.shown != shown or (not self.shown and self.lamp == "off"), 1.0)

    async def _await_visitor(self, label: str) -> None:
        here = await self._hall.eyes.until(lambda: self.visitor == label, self._hall.wall(150))
        if self.shown.strip("<> ") != label:
            return
        await self._press(START if here else NO_SHOW, "came" if here else "nobody came", self.shown)
        if here and self._card is not None and self._forms < FORMS:
            await self._fill_form(self._card)

    async def _fill_form(self, card: IdCard) -> None:
        """Ask the visitor, type what opens the card, and look at the panel until the fields stand there."""
        began = time.monotonic()
        if not await asyncio.to_thread(ask_for_card, self._browser, self.id, await card.zone()):
            return
        await card.lay()
        seen = Filled(0)
        while not seen.over and time.monotonic() - began < CARD_S:
            await asyncio.sleep(LOOK_S)
            seen = await asyncio.to_thread(form_filled, self._browser, self.id)
        await card.pick_up()
        self._forms += seen.fields > 0
        took_s = round(time.monotonic() - began, 3)
        self._hall.ledger.note(
            "form", window=self.id, fields=seen.fields, level=seen.level, failed=seen.failed, took_s=took_s
        )

    async def _press(self, key: int, why: str, shown: str) -> None:
        if self._hall.closing and key == NEXT and why == "free":
            await asyncio.sleep(1.0)
            return
        self._hall.ledger.note("press", window=self.id, key=key, why=why)
        await self._hall.pads.ask({"do": "press", "pad": self._plan["pad"], "key": key})
        await self._hall.eyes.until(lambda: self.shown != shown or self.lamp == "slow", LOOK_AGAIN_S)
