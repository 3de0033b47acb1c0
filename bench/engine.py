"""Engine and journal in one process, 32 asyncio submitters, against prebuilt executemany of the same rows in the same run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from bench.rig import CALLERS, Figure, hall_of
from contract import messages as m
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
CONSOLE = Actor("console-1", Role.CONSOLE)
KIOSK = Actor("kiosk-1", Role.KIOSK)


class Desk:
    """Submitters put commands in and wait; what has gathered is one batch, one commit."""

    def __init__(self, truth: Truth, now: datetime) -> None:
        self._truth, self.now = truth, now
        self._waiting: list[tuple[Ask, asyncio.Future[m.AnyReply]]] = []
        self.batches: list[int] = []

    async def ask(self, ask: Ask) -> m.AnyReply:
        """The reply, durable."""
        future: asyncio.Future[m.AnyReply] = asyncio.get_running_loop().create_future()
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._commit)
        self._waiting.append((ask, future))
        return await future

    def _commit(self) -> None:
        batch, self._waiting = self._waiting, []
        self.batches.append(len(batch))
        outcome = self._truth.handle([ask for ask, _ in batch], self.now)
        for (_, future), (_, reply) in zip(batch, outcome.replies, strict=True):
            future.set_result(reply)


def measure(folder: Path, tickets: int) -> list[Figure]:
    """Issue and serve `tickets` over as many hall days as they need."""
    hall = hall_of("kz-con")
    journal = Journal.open(folder / "engine.db", hall.id, HALL, lambda: datetime.now(UTC))
    with journal:
        truth = Truth(journal, HallDay(hall), lambda _pin, _hash: True)
        commands, took, desk = asyncio.run(_days(truth, tickets))
    rate = commands / took
    limit = commands / _executemany_s(folder, hall.id, desk.batches)
    note = f"{commands} commands, {sum(desk.batches) / len(desk.batches):.1f} a commit"
    return [
        Figure("engine + journal, 32 submitters", rate, "cmd/s", limit, rate / limit, BUDGET, at_least=True, note=note)
    ]


async def _days(truth: Truth, tickets: int) -> tuple[int, float, Desk]:
    hall = truth.state.hall
    opening = hall.next_opening(datetime(2026, 3, 2, tzinfo=UTC))
    assert opening is not None
    desk = Desk(truth, opening.astimezone(UTC) + timedelta(minutes=1))
    truth.tick(desk.now)
    for number, (window, operator) in enumerate(zip(hall.windows, hall.operators, strict=False)):
        login = m.WindowLogin(id=f"in-{number}", window=window.id, operator=operator.id, pin="0")
        for command in (login, m.WindowOpen(id=f"open-{number}", window=window.id)):
            await desk.ask(Ask(CONSOLE, command))
    desk.batches.clear()
    done = 0
    began = time.perf_counter()

    async def submitter(name: int) -> None:
        nonlocal done
        act = (
            _issuing(truth, desk, name)
            if name % 2
            else _calling(desk, name, hall.windows[name // 2 % len(hall.windows)].id)
        )
        while done < 2 * tickets:
            done += 1
            await act(done)

    await asyncio.gather(*(submitter(n) for n in range(CALLERS)))
    return sum(desk.batches), time.perf_counter() - began, desk


def _issuing(truth: Truth, desk: Desk, name: int) -> Callable[[int], Awaitable[m.AnyReply]]:
    services = [s.id for s in truth.state.hall.services]

    def act(number: int) -> Awaitable[m.AnyReply]:
        service = services[(name + number) % len(services)]
        return desk.ask(Ask(KIOSK, m.TicketIssue(id=f"i-{number}", service=service, lang="ru", paper=False)))

    return act


def _calling(desk: Desk, name: int, window: str) -> Callable[[int], Awaitable[m.AnyReply]]:
    actor = Actor(f"caller-{name}", Role.BRIDGE, {"pad": (window, 1)})
    return lambda number: desk.ask(Ask(actor, m.CallNext(id=f"c-{number}", unit="pad")))


def _executemany_s(folder: Path, hall: str, batches: list[int]) -> float:
    """Seconds to write the very rows the run wrote, prebuilt, in as many commits, into an empty journal's tables."""
    connection = connect(folder / "engine.db", WRITE)
    events = [dict(row) for row in connection.execute(select(HALL.table("event"))).mappings()]
    replies = [dict(row) for row in connection.execute(select(HALL.table("cmd_seen"))).mappings()]
    close(connection)
    Journal.open(folder / "limit.db", hall, HALL, lambda: datetime.now(UTC)).close()
    connection = connect(folder / "limit.db", WRITE)
    projector = Projector(HALL, connection.dialect)
    commits = [
        (part, projector.prepare(hall, (row for event in part for row in rows_of(str(event["body"])))), kept)
        for part, kept in zip(_shared(events, len(batches)), _shared(replies, len(batches)), strict=True)
    ]
    insert_event, insert_reply = (prepared(insert(HALL.table(t)), connection.dialect) for t in ("event", "cmd_seen"))
    began = time.perf_counter()
    for part, rows, kept in commits:
        with connection.begin():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql(insert_event, part)
            projector.write(connection, rows)
            connection.exec_driver_sql(insert_reply, kept)
    took = time.perf_counter() - began
    close(connection)
    return took


def _shared(items: list[dict[str, Any]], parts: int) -> list[list[dict[str, Any]]]:
    edges = [len(items) * n // parts for n in range(parts + 1)]
    return [items[a:b] for a, b in pairwise(edges)]
