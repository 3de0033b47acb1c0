"""What any job store must do, held against the one the tests use and the one the box uses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journal.journal import Journal
from journal.schema import BOX
from printers.job import Job, JobState
from printers.store import JobStore, JournalStore
from tests.printing import MemoryStore

S = JobState
AT = datetime(2026, 3, 17, 8, 24, 0, 123000, tzinfo=UTC)


@pytest.fixture(params=["memory", "journal"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with Journal.open(tmp_path / "box.db", "hall-1", BOX, lambda: AT) as journal:
        yield JournalStore(journal, "kiosk-1")


def job(job_id: str, age_s: int = 0) -> Job:
    return Job(job_id, "t-1", "ticket", "cmd-1", "ab" * 32, AT - timedelta(seconds=age_s))


def test_every_state_comes_back_as_saved(store: JobStore) -> None:
    life = [job("a")]
    life.append(life[-1].moved(S.SENT, AT))
    life.append(life[-1].moved(S.UNKNOWN, AT, "no proof in time"))
    life.append(life[-1].moved(S.VOIDED, AT + timedelta(seconds=1)))
    for step in life:
        store.save(step)
        assert store.get("a") == step


def test_unknown_id_is_none(store: JobStore) -> None:
    assert store.get("a") is None


def test_only_open_jobs_are_loaded_oldest_first(store: JobStore) -> None:
    done = job("done").moved(S.SENT, AT).moved(S.CONFIRMED, AT)
    new, sent, doubt = (
        job("new", 1),
        job("sent", 3).moved(S.SENT, AT),
        job("a", 2).moved(S.SENT, AT).moved(S.UNKNOWN, AT),
    )
    for each in (done, new, sent, doubt):
        store.save(each)
    assert store.load_open() == [sent, doubt, new]


def test_paper_that_is_no_ticket_is_kept_too(store: JobStore) -> None:
    receipt = Job("r", None, "receipt", "cmd-2", "00" * 32, AT)
    store.save(receipt)
    assert store.get("r") == receipt


def test_each_step_is_an_event_in_the_journal(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "box.db", "hall-1", BOX, lambda: AT) as journal:
        store = JournalStore(journal, "kiosk-1", lambda: AT)
        store.save(job("a"))
        store.save(job("a").moved(S.SENT, AT))
    with Journal.open(tmp_path / "box.db", "hall-1", BOX, lambda: AT) as journal:
        assert [(entry.kind, entry.who, entry.cmd) for entry in journal.events(0, 9)] == [
            ("job.new", "kiosk-1", "cmd-1"),
            ("job.sent", "kiosk-1", "cmd-1"),
        ]
        assert JournalStore(journal, "kiosk-1").load_open() == [job("a").moved(S.SENT, AT)]
