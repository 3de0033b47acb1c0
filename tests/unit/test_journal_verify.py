"""Verification: whatever is done to the file, it is found and named; what is sound is called sound."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal.chain import GENESIS
from journal.errors import JournalError
from journal.journal import Journal
from journal.rebuild import rebuild
from journal.schema import BOX, HALL
from journal.verify import Report, verify
from tests.journal_sample import HALL_ID, SampleDay, clock, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of 120 events."""
    path = tmp_path / "hall.db"
    with opened(path) as journal:
        day = SampleDay(11)
        for _ in range(6):
            journal.commit(day.events(20))
    return path


def _do(path: Path, *statements: str) -> None:
    raw = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        raw.execute(statement)
    raw.close()


def _dump(path: Path) -> list[list[tuple[object, ...]]]:
    raw = sqlite3.connect(path)
    found = [raw.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3").fetchall() for name in HALL.projected]
    raw.close()
    return found


def test_a_sound_journal_is_called_sound_and_counted(path: Path) -> None:
    steps: list[tuple[int, int]] = []
    report = verify(path, HALL_ID, HALL, lambda done, total: steps.append((done, total)))
    with opened(path) as journal:
        head = journal.events(119, 1)[0].hash
        rows = sum(len(journal.rows(name)) for name in HALL.projected)
    assert report == Report(120, head, rows, None, ())
    assert report.ok
    assert steps[-1] == (120, 120)


def test_an_empty_journal_is_sound(tmp_path: Path) -> None:
    opened(tmp_path / "hall.db").close()
    assert verify(tmp_path / "hall.db", HALL_ID, HALL) == Report(0, GENESIS, 0, None, ())


def test_verification_runs_beside_the_writer_on_what_was_there(path: Path) -> None:
    with opened(path) as journal:
        day = SampleDay(12, "B")
        report = verify(path, HALL_ID, HALL, lambda _done, _total: journal.commit(day.events(3)))
        assert (report.ok, report.events, journal.last_seq) == (True, 120, 123)


@pytest.mark.parametrize(
    ("damage", "bad"),
    [
        (["UPDATE event SET body = 'x' || substr(body, 2) WHERE seq = 37"], 37),
        (["UPDATE event SET body = replace(body, '\"number\":1', '\"number\":2') WHERE seq = 1"], 1),
        (["UPDATE event SET at = at || ' ' WHERE seq = 120"], 120),
        (["UPDATE event SET who = 'op-9' WHERE seq = 64"], 64),
        (["UPDATE event SET cmd = NULL WHERE seq = 2"], 2),
        (["UPDATE event SET hash = upper(hash) WHERE seq = 99"], 99),
        (["DELETE FROM event WHERE seq = 50"], 50),
        (["DELETE FROM event WHERE seq = 1"], 1),
        (["DELETE FROM event WHERE seq = 80", "UPDATE event SET seq = seq - 1 WHERE seq > 80"], 80),
        (
            [
                "UPDATE event SET seq = 1000 WHERE seq = 10",
                "UPDATE event SET seq = 10 WHERE seq = 11",
                "UPDATE event SET seq = 11 WHERE seq = 1000",
            ],
            10,
        ),
    ],
)
def test_a_changed_lost_or_swapped_event_is_named(path: Path, damage: list[str], bad: int) -> None:
    _do(path, *damage)
    report = verify(path, HALL_ID, HALL)
    assert (report.first_bad_seq, report.events) == (bad, bad - 1)
    assert report.problems[0].startswith(f"event {bad}: ")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("UPDATE ticket SET wait_s = wait_s + 0.001 WHERE id = 't-A002'", "ticket: row .*'t-A002'.* in wait_s"),
        ("UPDATE series SET next = 999", "series: row .*'A'.* differs from its events in next"),
        ("DELETE FROM window WHERE id = 'W02'", "window: row .*'W02'.* is missing"),
        ("INSERT INTO day (hall, day, state, revision) VALUES ('demo-01', '2026-03-03', 'open', 1)", "has no event"),
        ("DELETE FROM event WHERE seq = 120", "differs from its events"),
    ],
)
def test_rows_that_no_event_wrote_are_named(path: Path, damage: str, sentence: str) -> None:
    _do(path, damage)
    report = verify(path, HALL_ID, HALL)
    assert not report.ok
    assert report.first_bad_seq is None
    assert any(re.search(sentence, problem) for problem in report.problems)


def test_one_changed_byte_anywhere_in_an_event_is_found(path: Path) -> None:
    data = path.read_bytes()
    for label in (b"t-A003", b"kiosk-1", b'Z"', b"facts"):
        place = data.index(label)
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert not verify(path, HALL_ID, HALL).ok, label


@pytest.mark.parametrize("keep", [0, 100, 0.2, 0.6])
def test_a_truncated_file_is_reported_not_raised(path: Path, keep: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep) if keep < 1 else int(keep)])
    assert verify(path, HALL_ID, HALL).problems


def test_a_file_of_another_kind_or_none_at_all_is_reported(path: Path, tmp_path: Path) -> None:
    Journal.open(tmp_path / "box.db", HALL_ID, BOX, clock).close()
    assert "tables are box_0002" in verify(tmp_path / "box.db", HALL_ID, HALL).problems[0]
    assert "unable to open" in verify(tmp_path / "none.db", HALL_ID, HALL).problems[0]
    assert not (tmp_path / "none.db").exists()


def test_the_chain_can_be_recomputed_with_the_database_shell_and_sha256sum(path: Path) -> None:
    with opened(path) as journal:
        first, second = journal.events(0, 2)
    columns = "seq||x'0a'||at||x'0a'||kind||x'0a'||who||x'0a'||ifnull(cmd,'')||x'0a'||body"
    raw = sqlite3.connect(path)
    text = raw.execute(f"SELECT ?||x'0a'||hall||x'0a'||{columns} FROM event WHERE seq = 2", (first.hash,)).fetchone()[0]
    raw.close()
    said = subprocess.run(["sha256sum"], input=text.encode(), capture_output=True, check=True, timeout=10).stdout
    assert said.split()[0].decode() == second.hash


def test_rebuild_puts_back_what_was_changed(path: Path) -> None:
    before = _dump(path)
    _do(path, "DELETE FROM ticket", "UPDATE window SET state = 'lost'", "UPDATE series SET next = 1")
    _do(path, "INSERT INTO day (hall, day, state, revision) VALUES ('demo-01', '2026-03-03', 'open', 1)")
    steps: list[tuple[int, int]] = []
    with opened(path) as journal:
        assert rebuild(journal, lambda done, total: steps.append((done, total))) == 120
        assert _dump(path) == before
        assert list(journal.commit(SampleDay(5, "B").events(1))) == [121]
    assert steps == [(120, 120)]
    assert verify(path, HALL_ID, HALL).ok


def test_rebuild_of_damaged_events_changes_nothing(path: Path) -> None:
    with opened(path) as journal:
        _do(path, "UPDATE event SET who = 'op-9' WHERE seq = 64")
        before = _dump(path)
        with pytest.raises(JournalError, match="event 64"):
            rebuild(journal)
    assert _dump(path) == before


@given(
    seeds=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 9)), max_size=12),
    letters=st.permutations("ABCEHKMOPTX"),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rebuild_equals_live(
    tmp_path_factory: pytest.TempPathFactory, seeds: list[tuple[int, int]], letters: list[str]
) -> None:
    path = tmp_path_factory.mktemp("day") / "hall.db"
    days = [SampleDay(seed, letter) for (seed, _), letter in zip(seeds, letters, strict=False)]
    with opened(path) as journal:
        for day, (_, count) in zip(days, seeds, strict=False):
            journal.commit(day.events(count))
            # One window holds one live ticket: what is left is cleared before the next day begins.
            journal.commit(day.cleared())
        live = _dump(path)
        rebuild(journal)
    assert _dump(path) == live
    assert verify(path, HALL_ID, HALL).ok
