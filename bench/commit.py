"""The disk's part of the limits: a durable commit of N commands' rows, and the bare fdatasync beside it."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from journal.event import Event, Row
from journal.journal import Journal
from journal.schema import HALL

NOW = "2026-03-02T08:00:00.000Z"


class Disk:
    """A journal of its own on the same disk. Each command is 3 rows: its event, one projected row, its reply."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._journal = Journal.open(folder / "limit.db", "limit", HALL, lambda: datetime.now(UTC))
        self._count = 0

    def commit_s(self, commands: int) -> float:
        """Seconds of one durable commit of so many commands."""
        events, replies = [], []
        for _ in range(commands):
            self._count += 1
            row = Row("series", {"day": "2026-03-02", "letter": f"L{self._count % 400}", "next": self._count})
            events.append(Event("ticket.called", NOW, "probe", f"c-{self._count}", {}, (row,)))
            replies.append((f"c-{self._count}", '{"t":"done"}'))
        began = time.perf_counter()
        self._journal.commit(events, replies)
        return time.perf_counter() - began

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._journal.close()


def fdatasync_s(folder: Path, times: int = 200) -> list[float]:
    """Seconds of `times` bare fdatasyncs of 4 KiB appended to a file."""
    found = []
    fd = os.open(folder / "fdatasync", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        for _ in range(times):
            os.write(fd, bytes(4096))
            began = time.perf_counter()
            os.fdatasync(fd)
            found.append(time.perf_counter() - began)
    finally:
        os.close(fd)
    return found
