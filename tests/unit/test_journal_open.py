"""Opening: new, again, migrated, damaged, somebody else's."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy import text as sql

import journal.journal as room
from journal import database, migration
from journal.errors import JournalError
from journal.event import Event, Row, Scalar
from journal.journal import Journal
from journal.log import Entry
from journal.rebuild import rebuild
from journal.schema import BOX, HALL, MONEY, Schema
from tests.journal_sample import HALL_ID, SampleDay, clock, opened

KINDS = pytest.mark.parametrize("schema", [HALL, BOX, MONEY], ids=lambda schema: schema.name)


def _filled(path: Path, count: int = 60) -> list[Entry]:
    with opened(path) as journal:
        journal.commit(SampleDay(2).events(count))
        return journal.events(0, count)


@KINDS
def test_a_storage_keeps_its_incarnation_and_counts_its_openings(tmp_path: Path, schema: Schema) -> None:
    with Journal.open(tmp_path / "a.db", HALL_ID, schema, clock) as journal:
        first, ep = journal.inc, journal.ep
    with Journal.open(tmp_path / "a.db", HALL_ID, schema, clock) as journal:
        assert (journal.inc, ep, journal.ep) == (first, 1, 2)
    with Journal.open(tmp_path / "b.db", HALL_ID, schema, clock) as journal:
        assert journal.inc != first


def _unseen_by_alembic(connection: Connection) -> set[tuple[object, ...]]:
    indexes = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    tables = connection.exec_driver_sql("SELECT name, strict FROM pragma_table_list WHERE name NOT LIKE 'sqlite%'")
    strict = {tuple(row) for row in tables if row[0] != "alembic_version"}
    return strict | {(" ".join(sql.split()),) for (sql,) in indexes}


@KINDS
def test_migrations_and_tables_say_the_same(tmp_path: Path, schema: Schema) -> None:
    with Journal.open(tmp_path / "a.db", HALL_ID, schema, clock) as journal, journal.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
        migrated = _unseen_by_alembic(connection)
    fresh = database.connect(tmp_path / "b.db", database.SCRATCH, create=True)
    schema.metadata.create_all(fresh)
    assert _unseen_by_alembic(fresh) == migrated
    database.close(fresh)


@KINDS
def test_every_released_version_comes_up_to_the_newest(tmp_path: Path, schema: Schema) -> None:
    released = migration.known(schema)
    assert released[-1] == schema.head
    for version in released:
        path = tmp_path / f"{version}.db"
        old = database.connect(path, database.WRITE, create=True)
        with old.begin():
            migration.upgrade(old, schema, version)
            old.exec_driver_sql("INSERT INTO meta VALUES ('demo-01', 'inc', 'abc'), ('demo-01', 'ep', '4')")
        database.close(old)
        with Journal.open(path, HALL_ID, schema, clock) as journal, journal.reading() as connection:
            assert (journal.inc, journal.ep) == ("abc", 5)
            assert migration.version(connection) == schema.head


def test_balances_that_name_no_batch_come_up_and_are_rebuilt_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "hall.db"
    words: dict[str, Scalar] = {
        "dev": "terminal-1", "device": "pos-1", "method": "card", "currency": "UAH", "ours_minor": 5, "ours_count": 1, "unknown": 0,
        "balances": 1, "at": "2026-11-22T08:00:00.000Z", "why": "",
    }  # fmt: skip
    old = database.connect(path, database.WRITE, create=True)
    with old.begin():
        migration.upgrade(old, HALL, "hall_0004")
        old.exec_driver_sql("INSERT INTO meta VALUES ('demo-01', 'inc', 'abc'), ('demo-01', 'ep', '4')")
        for day in ("2026-11-21", "2026-11-22"):
            values = {"hall": HALL_ID, "day": day, **words}
            marks = ", ".join(f":{name}" for name in values)
            old.execute(sql(f"INSERT INTO balance ({', '.join(values)}) VALUES ({marks})"), values)
    database.close(old)
    with Journal.open(path, HALL_ID, HALL, clock) as journal:
        kept = journal.rows("balance")
        assert [(row["day"], row["batch"], row["state"]) for row in kept] == [
            ("2026-11-21", "", None),
            ("2026-11-22", "", None),
        ]
        told = [Row("balance", {**words, "day": row["day"], "balances": True}) for row in kept]
        journal.commit(
            [Event("till.balanced", "2026-11-22T08:00:00.000Z", "terminal-1", None, {}, (row,)) for row in told]
        )
        assert journal.rows("balance") == kept
        rebuild(journal)
        assert journal.rows("balance") == kept


def test_a_second_service_is_kept_out_until_the_first_has_gone(tmp_path: Path) -> None:
    with opened(tmp_path / "hall.db") as journal:
        with pytest.raises(JournalError, match="another service has it open: stop that service"):
            opened(tmp_path / "hall.db")
        journal.close()
        journal.close()
        with pytest.raises(JournalError, match="closed"):
            journal.rows("ticket")
        with pytest.raises(JournalError, match="closed"):
            journal.commit(SampleDay(1).events(1))
    opened(tmp_path / "hall.db").close()


def test_commits_are_in_wal_and_synced(tmp_path: Path) -> None:
    with opened(tmp_path / "hall.db") as journal, journal.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_another_hall_or_another_kind_is_refused(tmp_path: Path) -> None:
    _filled(tmp_path / "hall.db")
    with pytest.raises(JournalError, match="belongs to hall 'demo-01', not 'demo-02'"):
        Journal.open(tmp_path / "hall.db", "demo-02", HALL, clock)
    with pytest.raises(JournalError, match=f"tables are {HALL.head}, this program knows them up to {BOX.head}"):
        Journal.open(tmp_path / "hall.db", HALL_ID, BOX, clock)


def test_a_journal_from_the_future_is_refused(tmp_path: Path) -> None:
    _filled(tmp_path / "hall.db")
    with sqlite3.connect(tmp_path / "hall.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = 'hall_9999'")
    raw.close()
    with pytest.raises(JournalError, match=r"hall_9999.*install the Vikno that wrote it"):
        opened(tmp_path / "hall.db")


def test_an_interrupted_birth_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "hall.db.new").write_bytes(b"SQLite format 3\0half")
    (tmp_path / "hall.db.new-wal").write_bytes(b"half")
    with opened(tmp_path / "hall.db") as journal:
        assert journal.ep == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hall.db", "hall.db.lock"]


def test_a_missing_file_with_its_log_left_is_not_taken_for_a_new_box(tmp_path: Path) -> None:
    (tmp_path / "hall.db-wal").write_bytes(b"\0" * 4096)
    with pytest.raises(JournalError, match=r"gone but its -wal is there.*last backup"):
        opened(tmp_path / "hall.db")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"nowhere/hall\.db.*check that the folder exists"):
        opened(tmp_path / "nowhere" / "hall.db")


@pytest.mark.parametrize("keep", [0, 1, 50, 4096, 0.3, 0.5, 0.9])
def test_a_truncated_file_is_refused_with_the_next_step(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "hall.db"
    _filled(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep) if 0 < keep < 1 else int(keep)])
    with pytest.raises(JournalError, match="put back the last backup"):
        opened(path)


def test_a_damaged_page_that_a_start_does_not_need_is_found_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "hall.db"
    _filled(path)
    raw = sqlite3.connect(path)
    page = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ticket_label'").fetchone()[0]
    raw.close()
    data = bytearray(path.read_bytes())
    data[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(data)
    with pytest.raises(JournalError, match="the file is damaged"):
        opened(path)


def test_a_large_truncated_file_is_refused_without_reading_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hall.db"
    _filled(path, 2000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    monkeypatch.setattr(room, "QUICK_CHECK_BYTES", 0)
    with pytest.raises(JournalError, match="put back the last backup"):
        opened(path)


@pytest.mark.parametrize("damage", ["body = replace(body, 'waiting', 'serving')", "who = who || 'x'", "cmd = NULL"])
def test_a_changed_tail_is_refused_by_number(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "hall.db"
    changed = next(entry.seq for entry in _filled(path) if entry.seq > 40 and "waiting" in entry.body)
    with sqlite3.connect(path) as raw:
        raw.execute(f"UPDATE event SET {damage} WHERE seq = ?", (changed,))
    raw.close()
    with pytest.raises(JournalError, match=f"the chain is broken: event {changed}: changed"):
        opened(path)


@pytest.mark.parametrize("lost", [51, 55])
def test_the_tail_of_a_long_journal_is_proven_from_an_anchor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    path = tmp_path / "hall.db"
    _filled(path)
    monkeypatch.setattr(room, "TAIL_EVENTS", 10)
    with opened(path) as journal:
        assert list(journal.commit(SampleDay(5, "B").events(1))) == [61]
    with sqlite3.connect(path) as raw:
        raw.execute("DELETE FROM event WHERE seq = ?", (lost,))
    raw.close()
    with pytest.raises(JournalError, match=f"event {lost}: missing"):
        opened(path)
