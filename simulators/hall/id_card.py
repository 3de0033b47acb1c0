"""The ID card a visitor brings."""

from __future__ import annotations

from typing import Any

from simulators.hall.wire import Wire

CARD_S = 40.0
"""So long who lays a card somewhere waits for what comes of it."""


class IdCard:
    """One visitor's ID card, and the reader it can be laid on."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.kiosk: str = plan.get("kiosk", "")
        self._name, self._slot = plan["name"], plan["slot"]
        self._wire = Wire(plan["control"])
        self.lies = self.used = False

    async def number(self) -> str:
        """The document number printed on it: in the upper line of its zone, after kind and state."""
        printed = await self._wire.ask({"do": "describe", "card": self._name})
        return str(printed["mrz"][0][5:14]).strip("<")

    async def can(self) -> str:
        """The six digits printed on it."""
        return str((await self._wire.ask({"do": "describe", "card": self._name}))["can"])

    async def zone(self) -> dict[str, str]:
        """The three fields that open it, off the zone of a TD1 card, as a browser's form has them."""
        upper, lower, _ = (await self._wire.ask({"do": "describe", "card": self._name}))["mrz"]
        return {
            "number": upper[5:14].strip("<"),
            "birth": calendar_date(lower[:6]),
            "expiry": calendar_date(lower[8:14]),
        }

    async def lay(self) -> None:
        """Put it on the reader, once."""
        if not self.lies:
            self.lies = self.used = True
            await self._wire.ask({"do": "insert", "card": self._name, "slot": self._slot})

    async def pick_up(self) -> None:
        """Take it along."""
        if self.lies:
            self.lies = False
            await self._wire.ask({"do": "remove", "slot": self._slot})


def calendar_date(yymmdd: str) -> str:
    """A zone's date as ISO 8601: people who are served are younger than seventy, cards end before 2050."""
    century = 1900 if int(yymmdd[:2]) > 49 else 2000
    return f"{century + int(yymmdd[:2])}-{yymmdd[2:4]}-{yymmdd[4:]}"
