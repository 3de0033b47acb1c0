"""Sessions last a working day, are known by the cookie alone, and the file does not hold the cookie."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consoles.staff.session import LIFE_S, Sessions


class Clock:
    now = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "consoles.db"


@pytest.fixture
def sessions(file: Path, clock: Clock) -> Iterator[Sessions]:
    store = Sessions(file, clock)
    yield store
    store.close()
    store.close()


def test_a_session_is_found_by_its_secret_and_by_no_other(sessions: Sessions) -> None:
    secret = sessions.begin("W01", "op01")
    found = sessions.get(secret)
    assert found is not None
    assert (found.window, found.operator) == ("W01", "op01")
    assert sessions.get(secret + "x") is None
    assert sessions.get("") is None
    assert sessions.get(found.key) is None


def test_the_secret_has_256_bits_and_is_never_the_same(sessions: Sessions) -> None:
    secrets = {sessions.begin("W01", "op01") for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(s) >= 43 for s in secrets)


def test_the_file_holds_no_secret_and_is_for_its_owner_only(sessions: Sessions, file: Path) -> None:
    secret = sessions.begin("W01", "op01")
    assert secret.encode() not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0


def test_a_session_ends_after_a_working_day(sessions: Sessions, clock: Clock) -> None:
    secret = sessions.begin("W01", "op01")
    clock.now += timedelta(seconds=LIFE_S - 1)
    assert sessions.get(secret) is not None
    clock.now += timedelta(seconds=1)
    assert sessions.get(secret) is None


def test_old_sessions_are_swept_out_of_the_file(sessions: Sessions, clock: Clock, file: Path) -> None:
    sessions.begin("W01", "op01")
    clock.now += timedelta(seconds=LIFE_S)
    sessions.begin("W02", "op02")
    with contextlib.closing(sqlite3.connect(file)) as db:
        rows = db.execute("SELECT window FROM session").fetchall()
    assert rows == [("W02",)]


def test_an_ended_session_is_gone_and_ending_twice_is_fine(sessions: Sessions) -> None:
    secret = sessions.begin("W01", "op01")
    found = sessions.get(secret)
    assert found is not None
    sessions.end(found)
    sessions.end(found)
    assert sessions.get(secret) is None


def test_sessions_outlive_a_restart(sessions: Sessions, file: Path, clock: Clock) -> None:
    secret = sessions.begin("W01", "op01")
    again = Sessions(file, clock)
    assert again.get(secret) == sessions.get(secret)
    again.close()


def test_a_file_of_another_version_is_emptied(file: Path, clock: Clock) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE session (old TEXT)")
        db.execute("PRAGMA user_version = 99")
    db.close()
    store = Sessions(file, clock)
    assert store.get(store.begin("W01", "op01")) is not None
    store.close()
