"""A draft tried on the last days: `vikno try` run as a command beside the consoles, for the journal is the coordinator's."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consoles.changing import tool

TIMEOUT_S = 60.0
LAST_DAYS = 10
FIGURES = ("late", "longest", "debt", "lost", "booked", "priority", "worst_service")
"""What is shown, in order; their words are `try.<name>`."""
SHARES = frozenset({"late", "lost", "booked", "priority", "worst_service"})


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a trial. `told`: as the command says it, None where it could not.

    `fault`: why not, a key of the catalogue; `words`: what the command itself said then, in English.
    """

    told: Mapping[str, Any] | None = None
    fault: str = ""
    words: str = ""


class Trials:
    """One trial at a time. `journal` None: it is not on this machine, and nothing can be tried."""

    def __init__(self, journal: Path | None) -> None:
        self._journal = journal
        self._turn = asyncio.Lock()

    async def run(self, now: str, draft: str) -> Tried:
        """Play the last days by both documents (JSON)."""
        if self._journal is None:
            return Tried(fault="report.no_journal")
        async with self._turn:
            with tempfile.TemporaryDirectory() as room:
                files = {"hall": Path(room, "hall.json"), "draft": Path(room, "draft.json")}
                files["hall"].write_text(now, "utf-8")
                files["draft"].write_text(draft, "utf-8")
                words = [word for name, file in files.items() for word in (f"--{name}", str(file))]
                words += ["--journal", str(self._journal), "--last", str(LAST_DAYS), "--json"]
                ran = await tool.run(["vikno", "try", *words], Path(room), TIMEOUT_S)
        if not ran.done:
            return Tried(fault="try.given_up" if ran.late else "try.failed", words=ran.fault)
        return Tried(told=json.loads(ran.said))
