"""Questions being read in a thread of their own: how far they are, what came of them, and giving up."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import structlog

from consoles.reports.question import Enquiry
from consoles.reports.reading import Lines, StoppedError, read
from contract.hall import Hall
from journal.database import snapshot
from journal.errors import JournalError

log = structlog.get_logger(__name__)

State = Literal["reading", "done", "stopped", "broken"]
LIMIT_S = 60.0
"""Longest that a question may take."""
KEEP_S = 60.0
"""So long an answer is kept for the page that comes back, and for its files."""
MOST = 6
"""Questions at a time, those that are kept among them."""


class BusyError(Exception):
    """Others ask as many questions as there is room for."""


@dataclass(slots=True, eq=False)
class Work:
    """One question and what became of it. `share`: how much is read, 0 to 1; written by the thread that reads."""

    enquiry: Enquiry
    hall: Hall
    until: float
    monotonic: Callable[[], float]
    share: float = 0.0
    state: State = "reading"
    found: Lines = field(default_factory=dict)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def going(self, share: float) -> bool:
        """Tells how far it is; False: give up."""
        self.share = share
        return self.state == "reading" and self.monotonic() < self.until

    def stop(self) -> None:
        """Nobody wants it any more."""
        if self.state == "reading":
            self.state = "stopped"


class Works:
    """Reads one question after another beside the running hall. All but the reading happens in the loop's thread."""

    def __init__(self, journal: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._journal, self._monotonic = journal, monotonic
        self._turn = asyncio.Lock()
        self._works: dict[Enquiry, Work] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, enquiry: Enquiry, hall: Hall, patience_s: float) -> Work:
        """The work of a question, begun where nobody asked it lately; over, or `patience_s` later. Raises: BusyError."""
        work = self._works.get(enquiry)
        if work is None or self._stale(work, hall):
            work = self._begin(enquiry, hall)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await work.over.wait()
        return work

    def stop(self, enquiry: Enquiry | None = None) -> None:
        """Give a question up; None: all of them."""
        for work in list(self._works.values()):
            if enquiry in (None, work.enquiry):
                work.stop()

    def _begin(self, enquiry: Enquiry, hall: Hall) -> Work:
        now = self._monotonic()
        self._works = {one: work for one, work in self._works.items() if not self._stale(work, hall)}
        if len(self._works) >= MOST:
            self._drop_oldest()
        work = self._works[enquiry] = Work(enquiry, hall, now + LIMIT_S, self._monotonic)
        task = asyncio.create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return work

    def _drop_oldest(self) -> None:
        over = [one for one, work in self._works.items() if work.over.is_set()]
        if not over:
            raise BusyError
        del self._works[over[0]]

    def _stale(self, work: Work, hall: Hall) -> bool:
        """Whether it is to be asked anew: it gave nothing, is too old, or the hall's document is another."""
        return work.over.is_set() and (
            work.state != "done" or work.hall is not hall or self._monotonic() > work.until - LIMIT_S + KEEP_S
        )

    async def _run(self, work: Work) -> None:
        async with self._turn:
            try:
                opened = partial(snapshot, self._journal)
                work.found = await asyncio.to_thread(read, opened, work.hall, work.enquiry, work.going)
                work.state = "done"
            except StoppedError:
                work.state = "stopped"
            except JournalError as exc:
                log.warning("report.unread", fault=str(exc))
            finally:
                # The journal cannot be read, or a fault of ours: never a page that waits for ever.
                if work.state == "reading":
                    work.state = "broken"
                work.over.set()
