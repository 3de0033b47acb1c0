"""A disk that is full or fails: commits fail whole, nothing acknowledged is lost, and room brings the journal back."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from journal.errors import JournalError, JournalFull
from journal.event import Event
from journal.journal import Journal
from journal.schema import HALL
from journal.verify import verify
from tests.journal_sample import HALL_ID, SampleDay, opened


def _fill(journal: Journal, batches: Iterator[list[Event]]) -> int:
    """Commit until there is no room; how many commits were done."""
    for done, events in enumerate(batches):
        try:
            journal.commit(events, [(f"c{done}", "{}")])
        except JournalFull:
            return done
    raise AssertionError("never full")


def _batches() -> Iterator[list[Event]]:
    day = SampleDay(6)
    while True:
        yield day.events(16)


def test_a_full_disk_stops_commits_whole_and_room_brings_them_back(tmp_path: Path) -> None:
    path = tmp_path / "hall.db"
    with opened(path) as journal:
        with journal.reading() as connection:
            pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar() or 0)
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 60}")
        done = _fill(journal, _batches())
        assert done > 3
        assert journal.seen([f"c{done - 1}"]) == {f"c{done - 1}": "{}"}
        assert (journal.seen([f"c{done}"]), journal.last_seq) == ({}, 16 * done)
        with pytest.raises(JournalError, match=r"commit refused.*no space left"):
            journal.commit(SampleDay(7, "B").events(1))
    with opened(path) as journal:
        assert journal.last_seq == 16 * done
        assert list(journal.commit(SampleDay(7, "B").events(1))) == [16 * done + 1]
    assert verify(path, HALL_ID, HALL).ok


def test_the_error_names_the_file_and_the_way_out(tmp_path: Path) -> None:
    with opened(tmp_path / "hall.db") as journal:
        with journal.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(JournalFull, match=r"hall\.db: no space left on the disk: free space.*ballast"):
            journal.commit(SampleDay(6).events(2000))


def test_a_disk_that_fails_in_the_commit_itself_loses_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "hall.db"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(path) as journal:
        journal.commit(SampleDay(7, "B").events(1))
        # The kernel lets no file grow beyond this: met when the write-ahead log is written, in COMMIT.
        limit = path.with_name("hall.db-wal").stat().st_size + 300_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            with pytest.raises(JournalError, match=r"disk I/O error.*check the disk"):
                _fill(journal, _batches())
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        done = journal.last_seq
        assert done > 16
        assert journal.events(done, 1) == []
    with opened(path) as journal:
        assert journal.last_seq == done
        assert list(journal.seen([f"c{(done - 1) // 16 - 1}"]).values()) == ["{}"]
    assert verify(path, HALL_ID, HALL).ok
