"""The people who come, and what they do from the door to the window."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from datetime import datetime, timedelta
from typing import Any

from simulators.hall.hall import Hall
from simulators.hall.id_card import IdCard
from simulators.hall.kiosk import Kiosk
from simulators.hall.reception import Reception
from simulators.hall.window import Window

BOOKED = 1000
"""Visitors with a booking are counted from here on."""
EARLY_S = 600.0
"""At most so many hall seconds before their time those with a booking come."""


class Visitors:
    """Everybody who wants something: from the door or the telephone to a window."""

    def __init__(self, hall: Hall, windows: dict[str, Window]) -> None:
        """`windows`: by the name of their display."""
        self._hall, self._windows = hall, windows
        self._kiosks = [Kiosk(k) for k in hall.plan["kiosks"]]
        self._people: set[asyncio.Task[None]] = set()

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """Those who are in the hall now."""
        return list(self._people)

    async def arrive(self) -> None:
        """People come through the door, for ever."""
        async for number in self._arrival_times():
            self._come(self._visit(number))

    async def telephone(self) -> None:
        """Those who want a time of their own call the reception, where somebody books it who sits at no window."""
        reception = Reception(self._hall.plan["panel"], self._hall.plan["reception"])
        for number in range(BOOKED, BOOKED + self._hall.plan.get("bookings", 0)):
            service = self._hall.random.choice(self._hall.plan["services"])
            card = IdCard(self._hall.plan["card"]) if number == BOOKED and "card" in self._hall.plan else None
            person = await card.number() if card else ""
            while (
                booked := await asyncio.to_thread(
                    reception.book, service["id"], 0.0 if card else self._hall.random.random(), person
                )
            ) is None:
                service = self._hall.random.choice(self._hall.plan["services"])
                await asyncio.sleep(1.0)
            code, start = booked
            self._hall.ledger.note("booked", visitor=number, service=service["id"], start=start.isoformat())
            self._come(self._booked_visit(number, service, code, start, card))

    def _come(self, visit: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(visit)
        self._people.add(task)
        task.add_done_callback(self._gone)

    def _gone(self, task: asyncio.Task[None]) -> None:
        self._people.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            raise fault

    async def _booked_visit(
        self, number: int, service: dict[str, Any], code: str, start: datetime, card: IdCard | None
    ) -> None:
        come = start - timedelta(seconds=self._hall.random.uniform(0, EARLY_S))
        await self._hall.pause(max(0.0, (come - self._hall.now()).total_seconds()))
        fit = [kiosk for kiosk in self._kiosks if card is None or kiosk.id == card.kiosk]
        await self._take_and_be_served(number, min(fit, key=lambda k: k.line), service, code, card)

    async def _arrival_times(self) -> AsyncIterator[int]:
        number = 0
        while True:
            number += 1
            yield number
            if number > self._hall.plan["at_the_door"]:
                await self._hall.pause(self._hall.random.expovariate(1.0 / self._hall.plan["every_hall_s"]))

    async def _visit(self, number: int) -> None:
        kiosk = min(self._kiosks, key=lambda k: k.line)
        if kiosk.line >= 4:
            return  # a long line at the kiosks: comes back another day
        await self._take_and_be_served(number, kiosk, self._hall.random.choice(self._wanted(number)))

    def _wanted(self, number: int) -> list[dict[str, Any]]:
        """What a visitor may come for, every fifth for what is done where cards are read."""
        services: list[dict[str, Any]] = self._hall.plan["services"]
        group = self._hall.plan.get("window_card", {}).get("group") if number % 5 == 1 else None
        return [s for s in services if group in {None, s["group"]}] or services

    async def _take_and_be_served(
        self, number: int, kiosk: Kiosk, service: dict[str, Any], code: str = "", card: IdCard | None = None
    ) -> None:
        lang = self._hall.random.choice(self._hall.plan["languages"])
        self._hall.ledger.note("arrived", visitor=number, kiosk=kiosk.id)
        began = time.monotonic()
        got = await kiosk.take(service["group"], service["id"], lang, code, card)
        if got == "no_paper" and (others := [each for each in self._kiosks if each is not kiosk]):
            kiosk, card = min(others, key=lambda k: k.line), None
            got = await kiosk.take(service["group"], service["id"], lang, code)
        if isinstance(got, str):
            self._hall.ledger.note("turned_away", visitor=number, kiosk=kiosk.id, screen=got)
            return
        label, ticket = got
        took_s = round(time.monotonic() - began, 3)
        by_card = card is not None and card.used
        self._hall.ledger.note(
            "paper", visitor=number, label=label, ticket=ticket, kiosk=kiosk.id, took_s=took_s, by_card=by_card
        )
        if self._hall.random.random() < self._hall.plan["no_show_share"]:
            self._hall.ledger.note("left", visitor=number, label=label)
            return
        await self._wait_and_be_served(number, label, service)

    async def _wait_and_be_served(self, number: int, label: str, service: dict[str, Any]) -> None:
        while not await self._hall.eyes.until(lambda: self._hall.eyes.called(label) is not None, 30.0):
            pass
        window = self._windows[str(self._hall.eyes.called(label))]
        self._hall.ledger.note("called", visitor=number, label=label, window=window.id)
        await self._hall.pause(self._hall.random.uniform(8, 30))
        window.visitor, window.minutes = label, service["minutes"] * self._hall.random.lognormvariate(0, 0.35)
        while not await self._hall.eyes.until(lambda: label not in self._hall.eyes.shown[window.display], 30.0):
            pass
        if window.visitor == label:
            window.visitor = None
        self._hall.ledger.note("served", visitor=number, label=label, window=window.id)
