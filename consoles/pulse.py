"""Waking pages when something changed: a slow page gets one wake-up with the newest state, never a backlog. One asyncio loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST_PAGES = 1500
"""Pages and programs that may watch at once (`full`); a hall has some forty, its visitors' telephones more."""


class Pulse:
    """Every watching page has one place for one wake-up."""

    def __init__(self) -> None:
        self._pages: set[asyncio.Event] = set()
        self.closed = False
        self.beats = 0
        """How often something changed: what was drawn at the same count is the same, but for time that went by."""

    def __len__(self) -> int:
        return len(self._pages)

    @property
    def full(self) -> bool:
        """Whether one more page would be too many."""
        return len(self._pages) >= MOST_PAGES

    def beat(self) -> None:
        """Something changed: wake everybody."""
        self.beats += 1
        for page in self._pages:
            page.set()

    def close(self) -> None:
        """End every stream."""
        self.closed = True
        self.beat()

    @contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """The wake-up of one page, as long as it watches."""
        page = asyncio.Event()
        self._pages.add(page)
        try:
            yield page
        finally:
            self._pages.discard(page)

    async def until(self, true: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until `true()` after a wake-up; False when the time ran out."""
        with self.watch() as woken:
            try:
                async with asyncio.timeout(timeout_s):
                    while not true():
                        woken.clear()
                        await woken.wait()
            except TimeoutError:
                return False
        return True
