"""Backups while the service runs, and the reserve on the disk."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from journal.backup import backup
from journal.ballast import Ballast, room
from journal.errors import JournalError
from tests.journal_sample import HALL_ID, SampleDay, opened


def test_a_backup_beside_the_writer_opens_as_another_incarnation(tmp_path: Path) -> None:
    day, target = SampleDay(4), tmp_path / "backup.db"
    with opened(tmp_path / "hall.db") as journal:
        journal.commit(day.events(50))
        report = backup(tmp_path / "hall.db", HALL_ID, target)
        journal.commit(day.events(5))
        saved, inc = journal.events(0, 50), journal.inc
    assert (report.ok, report.events) == (True, 50)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.db", "hall.db", "hall.db.lock"]
    with opened(target) as journal:
        assert journal.events(0, 99) == saved
        assert journal.inc != inc
        assert list(journal.commit(SampleDay(9, "B").events(1))) == [51]


def test_a_backup_never_overwrites(tmp_path: Path) -> None:
    opened(tmp_path / "hall.db").close()
    (tmp_path / "backup.db").write_text("precious")
    with pytest.raises(JournalError, match="never overwrites"):
        backup(tmp_path / "hall.db", HALL_ID, tmp_path / "backup.db")
    assert (tmp_path / "backup.db").read_text() == "precious"


def test_a_damaged_journal_makes_no_backup(tmp_path: Path) -> None:
    with opened(tmp_path / "hall.db") as journal:
        journal.commit(SampleDay(4).events(50))
    with sqlite3.connect(tmp_path / "hall.db") as raw:
        raw.execute("UPDATE event SET who = 'x' WHERE seq = 7")
    raw.close()
    with pytest.raises(JournalError, match="its copy does not verify: event 7"):
        backup(tmp_path / "hall.db", HALL_ID, tmp_path / "backup.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hall.db", "hall.db.lock"]


def test_a_backup_of_nothing_or_to_nowhere_says_so(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"hall\.db: unable to open"):
        backup(tmp_path / "hall.db", HALL_ID, tmp_path / "backup.db")
    opened(tmp_path / "hall.db").close()
    with pytest.raises(JournalError, match=r"nowhere.*check that the folder exists"):
        backup(tmp_path / "hall.db", HALL_ID, tmp_path / "nowhere" / "backup.db")


def test_ballast_is_real_blocks_and_comes_back(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", 4 * 1024 * 1024)
    held = [ballast.held, ballast.hold(), ballast.held, ballast.hold()]
    assert held == [False, True, True, True]
    assert ballast.path.stat().st_blocks * 512 >= ballast.size
    ballast.release()
    ballast.release()
    assert not ballast.held


def test_ballast_is_not_taken_from_the_last_room(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", room(tmp_path) * 2 // 3)
    assert not ballast.hold()
    assert not ballast.path.exists()


def test_a_short_ballast_is_taken_anew(tmp_path: Path) -> None:
    (tmp_path / "ballast").write_bytes(b"short")
    ballast = Ballast(tmp_path / "ballast", 1024 * 1024)
    assert not ballast.held
    assert ballast.hold()
    assert ballast.path.stat().st_size == ballast.size
