"""What everybody in the hall can see."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulators.hall.wire import Wire

LOOK_S = 0.08
"""How often eyes look, seconds on the wall."""


class Eyes:
    """What can be seen in the hall: upper line of every display, lamp of every pad."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._displays = Wire(plan["displays"]["control"])
        self._names = [w["display"] for w in plan["windows"]]
        self._pad_ledger = Path(plan["pads"]["ledger"])
        self._read_to = 0
        self.shown: dict[str, str] = dict.fromkeys(self._names, "")
        self.lamp: dict[str, str] = {}
        self._changed = asyncio.Condition()

    async def watch(self) -> None:
        """Look around for ever."""
        while True:
            for name in self._names:
                answer = await self._displays.ask({"read": name})
                if "cells" in answer:
                    self.shown[name] = answer["cells"][0].strip()
            self._look_at_lamps()
            async with self._changed:
                self._changed.notify_all()
            await asyncio.sleep(LOOK_S)

    async def until(self, true: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until what is seen makes it true; False after the time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(true)
        return true()

    def called(self, label: str) -> str | None:
        """The display that calls this label."""
        return next((name for name, text in self.shown.items() if text == f"> {label} <"), None)

    def _look_at_lamps(self) -> None:
        if not self._pad_ledger.exists():
            return
        with self._pad_ledger.open(encoding="utf-8") as file:
            file.seek(self._read_to)
            for line in iter(file.readline, ""):
                if not line.endswith("\n"):
                    break
                self._read_to += len(line.encode())
                entry = json.loads(line)
                if entry["what"] == "lamp":
                    self.lamp[entry["pad"]] = entry["pattern"]
