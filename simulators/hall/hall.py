"""What visitors and operators share."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from simulators.hall.eyes import Eyes
from simulators.hall.ledger import Ledger
from simulators.hall.wire import Wire


class Hall:
    """What everybody in it has in common: the plan, the hall's time, what can be seen, the pads."""

    def __init__(self, plan: dict[str, Any], ledger: Ledger) -> None:
        self.plan, self.ledger = plan, ledger
        self.random = random.Random(plan["seed"])
        self.eyes = Eyes(plan)
        self.pads = Wire(plan["pads"]["control"])
        self.closing = False

    def wall(self, hall_s: float) -> float:
        """Hall seconds as seconds on the wall."""
        return hall_s / float(self.plan["speed"])

    async def pause(self, hall_s: float) -> None:
        """Let hall time pass."""
        await asyncio.sleep(self.wall(hall_s))

    def now(self) -> datetime:
        """Hall time."""
        wall_s = (datetime.now(UTC) - datetime.fromisoformat(self.plan["wall_anchor"])).total_seconds()
        return datetime.fromisoformat(self.plan["anchor"]) + timedelta(seconds=wall_s * self.plan["speed"])
