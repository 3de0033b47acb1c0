"""Engine and journal in one process, 32 asyncio submitters, against prebuilt executemany of the same rows, in turn."""

from __future__ import annotations

import asyncio
import gc
import itertools
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any, Self

from sqlalchemy import insert, select, text

from bench.rig import CALLERS, Figure, hall_of
from contract import messages as m
from contract.errors import ViknoError
from contract.hall import Hall
from contract.words import Role
from coordinator.engine import Actor
from coordinator.state import HallDay
from coordinator.truth import Ask, Truth
from journal.database import WRITE, close, connect, prepared
from journal.event import rows_of
from journal.journal import Journal
from journal.project import Projector
from journal.schema import HALL

BUDGET = 0.35
DAYS = 7
CONSOLE = Actor("console-1", Role.CONSOLE)
KIOSK = Actor("kiosk-1", Role.KIOSK)
Line = dict[str, Any]


class Desk:
    """Submitters put commands in and wait; what has gathered is one batch, one commit."""

    def __init__(self, truth: Truth, now: datetime) -> None:
        self._truth, self.now = truth, now
        self._waiting: list[tuple[Ask, asyncio.Future[m.AnyReply]]] = []
        self.batches: list[int] = []
        self.took_s = 0.0

    async def ask(self, ask: Ask) -> m.AnyReply:
        """The reply, durable. Raises: ViknoError: a refusal, which would be cheaper than what is measured."""
        future: asyncio.Future[m.AnyReply] = asyncio.get_running_loop().create_future()
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._commit)
        self._waiting.append((ask, future))
        reply = await future
        if isinstance(reply, m.Refused):
            raise ViknoError(f"{reply.re}: {reply.text}")
        return reply

    def _commit(self) -> None:
        batch, self._waiting = self._waiting, []
        self.batches.append(len(batch))
        outcome = self._truth.handle([ask for ask, _ in batch], self.now)
        for (_, future), answer in zip(batch, outcome.answers, strict=True):
            future.set_result(answer.reply)


def measure(folder: Path, tickets: int) -> list[Figure]:
    """Issue and serve `tickets` in `DAYS` hall days; after each the limit of that day's rows, so that both see the same machine."""
    hall = hall_of("kz-con")
    ratios, rates, sizes = [], [], []
    with Journal.open(folder / "engine.db", hall.id, HALL, lambda: datetime.now(UTC)) as journal:
        truth = Truth(journal, HallDay(hall), lambda _pin, _hash: True)
        with Limit(folder, journal) as limit:
            now = datetime(2026, 3, 2, tzinfo=UTC)
            gc.freeze()  # as the coordinator does when it has started
            for _ in range(DAYS):
                opening = hall.next_opening(now)
                assert opening is not None
                now = opening.astimezone(UTC) + timedelta(minutes=1)
                day = asyncio.run(_day(truth, now, tickets // DAYS, limit))
                rates.append(sum(day.batches) / day.took_s)
                ratios.append(limit.seconds(len(day.batches)) / day.took_s)
                sizes += day.batches
                now += timedelta(hours=20)
    rate, ratio = median(rates), median(ratios)
    note = f"{sum(sizes)} commands, {mean(sizes):.1f} a commit, {DAYS} pairs, spread {max(ratios) / min(ratios):.2f}x"
    return [
        Figure("engine + journal, 32 submitters", rate, "cmd/s", rate / ratio, ratio, BUDGET, at_least=True, note=note)
    ]


async def _day(truth: Truth, now: datetime, tickets: int, limit: Limit) -> Desk:
    hall = truth.state.hall
    desk = Desk(truth, now)
    truth.tick(now)
    for window, operator in zip(hall.windows, hall.operators, strict=False):
        named = f"{now:%d}-{window.id}"
        await desk.ask(Ask(CONSOLE, m.WindowLogin(id=f"in-{named}", window=window.id, operator=operator.id, pin="0")))
        await desk.ask(Ask(CONSOLE, m.WindowOpen(id=f"open-{named}", window=window.id)))
    desk.batches.clear()
    limit.begin()
    asks = [list(_asks(hall, caller, 2 * tickets // CALLERS, f"{now:%d}-{caller}")) for caller in range(CALLERS)]

    async def submitter(mine: Sequence[Ask]) -> None:
        for ask in mine:
            await desk.ask(ask)

    began = time.perf_counter()
    await asyncio.gather(*map(submitter, asks))
    desk.took_s = time.perf_counter() - began
    return desk


def _asks(hall: Hall, caller: int, count: int, key: str) -> Iterator[Ask]:
    """What a caller will ask, made beforehand as the limit's rows are: odd ones take tickets, even ones press at their window."""
    services = itertools.cycle(s.id for s in hall.services[caller:] + hall.services[:caller])
    pads = {"pad": (hall.windows[caller // 2 % len(hall.windows)].id, 1)}
    bridge = Actor(f"caller-{caller}", Role.BRIDGE, pads)
    for number in range(count):
        if caller % 2:
            issue = m.TicketIssue(id=f"i-{key}-{number}", service=next(services), lang="ru", paper=False)
            yield Ask(KIOSK, issue)
        else:
            yield Ask(bridge, m.CallNext(id=f"c-{key}-{number}", unit="pad"))


class Limit:
    """The very rows that `journal` got, prebuilt, written in as many commits into tables that had the same before."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        self._journal = journal
        Journal.open(folder / "limit.db", journal.hall, HALL, lambda: datetime.now(UTC)).close()
        self._connection = connect(folder / "limit.db", WRITE)
        self._projector = Projector(HALL, self._connection.dialect)
        self._event, self._reply = (
            prepared(insert(HALL.table(t)), self._connection.dialect) for t in ("event", "cmd_seen")
        )
        self._seq = self._replies = 0

    def begin(self) -> None:
        """Take over what was written up to now; the measured part follows."""
        if self._journal.last_seq > self._seq:
            self.seconds(1)

    def seconds(self, commits: int) -> float:
        """Write what the journal got since the last time, in so many commits."""
        prepared_commits = self._commits(commits)
        began = time.perf_counter()
        for events, rows, replies in prepared_commits:
            with self._connection.begin():
                self._connection.exec_driver_sql("BEGIN IMMEDIATE")
                self._connection.exec_driver_sql(self._event, events)
                self._projector.write(self._connection, rows)
                self._connection.exec_driver_sql(self._reply, replies)
        return time.perf_counter() - began

    def _commits(self, count: int) -> list[tuple[list[Line], dict[str, list[Line]], list[Line]]]:
        with self._journal.reading() as connection:
            new = connection.execute(select(HALL.table("event")).where(HALL.table("event").c.seq > self._seq))
            events = [dict(row) for row in new.mappings()]
            said = connection.execute(select(HALL.table("cmd_seen")).where(text("rowid > :n")), {"n": self._replies})
            replies = [dict(row) for row in said.mappings()]
        self._seq, self._replies = self._seq + len(events), self._replies + len(replies)
        return [
            (
                part,
                self._projector.prepare(self._journal.hall, (r for e in part for r in rows_of(str(e["body"])))),
                kept,
            )
            for part, kept in zip(_shared(events, count), _shared(replies, count), strict=True)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        close(self._connection)


def _shared(items: list[Line], parts: int) -> list[list[Line]]:
    edges = [len(items) * n // parts for n in range(parts + 1)]
    return [items[a:b] for a, b in pairwise(edges)]
