"""What people did at the consoles: one row an act, each tied to the one before it by its hash. Rows are added and never changed.

It is no journal of `journal/`: two processes write it (the consoles and `vikno account`), and its oldest rows go.
"""

from __future__ import annotations

import csv
import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, Select, delete, insert, select

from consoles.cell import plain
from consoles.staff.book import AUDIT

GENESIS = "0" * 64
KEEP_DAYS = 730
WORD_MAX = 120
PIECE = 1000
HEADS = ("at", "who", "role", "act", "did", "what", "status")


@dataclass(frozen=True, slots=True)
class Deed:
    """`act`: what it needed, "" nothing; `did`: method and pattern of the address; `what`: names of buttons and parts, never
    what was typed; `status`: how it was answered (HTTP). `at`: wall clock."""

    at: datetime
    who: str
    role: str
    act: str
    did: str
    what: str
    status: int


class Audit:
    """The store. `now`: aware wall clock. From any thread."""

    def __init__(self, book: Engine, now: Callable[[], datetime], keep_days: int = KEEP_DAYS) -> None:
        self._book, self._now, self._keep = book, now, timedelta(days=keep_days)
        # One of our threads at a time: SQLite makes those who wait sleep, longer than the writing takes.
        self._turn = threading.Lock()

    def add(self, who: str, role: str, act: str, did: str, what: str, status: int) -> None:
        """Write down an act; returns when the disk has it. What is older than is kept goes."""
        now = self._now().timestamp()
        words = [" ".join(word.split())[:WORD_MAX] for word in (who, role, act, did, what)]
        with self._turn, self._book.begin() as db:
            db.exec_driver_sql("BEGIN IMMEDIATE")
            last = db.execute(select(AUDIT.c.n, AUDIT.c.hash).order_by(AUDIT.c.n.desc()).limit(1)).one_or_none()
            n, prev = (last.n + 1, last.hash) if last is not None else (1, GENESIS)
            row: dict[str, object] = dict(zip(("who", "role", "act", "did", "what"), words, strict=True))
            row |= {"n": n, "at": now, "status": status, "prev": prev, "hash": _link(prev, n, now, *words, status)}
            db.execute(insert(AUDIT).values(row))
            db.execute(delete(AUDIT).where(AUDIT.c.at < now - self._keep.total_seconds(), AUDIT.c.n < n))

    def find(self, since: datetime, until: datetime, who: str = "", act: str = "", limit: int = PIECE) -> list[Deed]:
        """Acts from `since` to before `until`, the newest first; `who`, `act`: "" for all."""
        with self._book.connect() as db:
            return [_deed(row) for row in db.execute(_found(since, until, who, act).limit(limit))]

    def table(self, since: datetime, until: datetime, who: str = "", act: str = "") -> Iterator[str]:
        """The same as CSV, in pieces."""
        yield _line(HEADS)
        with self._book.connect() as db:
            for row in db.execution_options(yield_per=PIECE).execute(_found(since, until, who, act)):
                deed = _deed(row)
                words = (deed.who, deed.role, deed.act, deed.did, deed.what, str(deed.status))
                yield _line((deed.at.isoformat(timespec="seconds"), *map(plain, words)))

    def broken(self) -> int | None:
        """The number of the first row that is not what was written, or is missing; None: the chain is whole.

        Cut off at its newest end it looks whole: keep copies (`vikno backup` of the hall's journal is the other witness).
        """
        with self._book.connect() as db:
            before: Row[Any] | None = None
            for row in db.execution_options(yield_per=PIECE).execute(select(AUDIT).order_by(AUDIT.c.n)):
                if before is not None and (row.n, row.prev) != (before.n + 1, before.hash):
                    return int(row.n)
                told = (row.who, row.role, row.act, row.did, row.what, row.status)
                if row.hash != _link(row.prev, row.n, row.at, *told):
                    return int(row.n)
                before = row
        return None


def _found(since: datetime, until: datetime, who: str, act: str) -> Select[Any]:
    found = select(AUDIT).where(AUDIT.c.at >= since.timestamp(), AUDIT.c.at < until.timestamp())
    found = found.where(AUDIT.c.who == who) if who else found
    found = found.where(AUDIT.c.act == act) if act else found
    return found.order_by(AUDIT.c.n.desc())


def _deed(row: Row[Any]) -> Deed:
    return Deed(datetime.fromtimestamp(row.at, UTC), row.who, row.role, row.act, row.did, row.what, row.status)


def _link(prev: str, *columns: object) -> str:
    """No column holds a line break (`add` sees to it), so two different rows never make the same text."""
    return hashlib.sha256("\n".join((prev, *map(str, columns))).encode()).hexdigest()


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
