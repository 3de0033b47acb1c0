"""Whether what was written down is whole: the hall's journal by `vikno verify`, the acts by their chain. One asyncio loop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

TIMEOUT_S = 1800.0
OLD = timedelta(hours=24)
"""After so long a run says nothing of today."""
SAID_MAX = 300


@dataclass(frozen=True, slots=True)
class Proven:
    """One run. `said`: its own words."""

    at: datetime
    whole: bool
    said: str


class Proof:
    """One run at a time. `journal` None: it is on another machine; `broken`: the first bad row of the acts, from any thread.

    `now`: aware wall clock. `last`, `acts`: the last runs, None before the first.
    """

    def __init__(self, journal: Path | None, broken: Callable[[], int | None], now: Callable[[], datetime]) -> None:
        self._journal, self._broken, self._now = journal, broken, now
        self._task: asyncio.Task[None] | None = None
        self.last: Proven | None = None
        self.acts: Proven | None = None

    @property
    def possible(self) -> bool:
        """Whether there is a journal to read."""
        return self._journal is not None

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self._task is not None and not self._task.done()

    @property
    def old(self) -> bool:
        """Whether the last run says nothing of today, or there was none."""
        return self.acts is None or self._now() - self.acts.at > OLD

    def begin(self, hall: str) -> None:
        """Start a run unless one goes on. `hall` "": it is not known yet, the acts alone are looked at."""
        if not self.running:
            self._task = asyncio.create_task(self._run(hall))

    async def stop(self) -> None:
        """End a run that goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, hall: str) -> None:
        if self._journal is not None and hall:
            await self._verify(self._journal, hall)
        row = await asyncio.to_thread(self._broken)
        self.acts = Proven(self._now(), row is None, str(row or ""))

    async def _verify(self, journal: Path, hall: str) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "vikno", "verify", str(journal), "--hall", hall,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            out, _ = await asyncio.wait_for(process.communicate(), TIMEOUT_S)
        except TimeoutError:
            self.last = Proven(self._now(), False, f"not done within {TIMEOUT_S:.0f} s")
        else:
            said = out.decode(errors="replace").strip().removeprefix(f"{journal}: ")[-SAID_MAX:]
            self.last = Proven(self._now(), process.returncode == 0, said)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
