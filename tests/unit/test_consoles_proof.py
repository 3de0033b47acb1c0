"""The light of the hall's journal: never green without a run, red where the run finds damage, old after a day."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from consoles.staff.proof import OLD, Proof, Proven
from journal.event import Event
from journal.journal import Journal
from journal.schema import HALL

NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)


def proven(journal: Path) -> Proven:
    async def run() -> Proven:
        proof = Proof(journal, lambda: 7, lambda: NOW)
        assert (proof.possible, proof.running, proof.old, proof.last) == (True, False, True, None)
        proof.begin("small")
        proof.begin("small")
        assert proof.running
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
        assert proof.last is not None
        assert proof.acts == Proven(NOW, False, "7")
        return proof.last

    return asyncio.run(run())


def test_a_whole_journal_is_proven_and_a_changed_one_is_not(tmp_path: Path) -> None:
    file = tmp_path / "hall.db"
    with Journal.open(file, "small", HALL, lambda: NOW) as journal:
        journal.commit([Event("hall.noticed", "2026-03-17T08:00:00.000Z", "console-1")] * 3)
    found = proven(file)
    assert (found.whole, found.at) == (True, NOW)
    assert "3 events" in found.said
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE event SET who = 'somebody' WHERE seq = 2")
        db.commit()
    found = proven(file)
    assert not found.whole
    assert "first bad event: 2" in found.said


def test_a_run_is_ended_with_the_consoles_and_says_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        proof = Proof(tmp_path / "hall.db", lambda: None, lambda: NOW)
        proof.begin("small")
        await asyncio.sleep(0)
        await proof.stop()
        await proof.stop()
        assert (proof.running, proof.last) == (False, None)

    asyncio.run(run())


def test_a_run_of_yesterday_says_nothing_of_today_and_the_acts_are_looked_at_without_a_journal() -> None:
    async def run() -> None:
        now = NOW
        proof = Proof(None, lambda: None, lambda: now)
        proof.begin("small")
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
        assert (proof.possible, proof.old, proof.last, proof.acts) == (False, False, None, Proven(NOW, True, ""))
        now += OLD + timedelta(seconds=1)
        assert proof.old

    asyncio.run(run())
