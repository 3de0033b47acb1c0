"""What was done is added, found, bounded and tied together: a changed, missing or foreign row shows."""

from __future__ import annotations

import contextlib
import csv
import io
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from consoles.staff.audit import WORD_MAX
from consoles.staff.bound import STEP_S, Bound
from consoles.staff.staff import FILE, Staff
from tests.clock import Clock

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def staff(tmp_path: Path, clock: Clock) -> Iterator[Staff]:
    with Staff(tmp_path, clock, keep_days=30) as store:
        yield store


def add(staff: Staff, times: int = 1, *, who: str = "olena", act: str = "lead", what: str = "interrupt") -> None:
    for _ in range(times):
        staff.audit.add(who, "lead", act, "POST /hall/press", what, 303)


def found(staff: Staff, clock: Clock, who: str = "", act: str = "") -> list[str]:
    return [f"{one.who} {one.act}" for one in staff.audit.find(clock.now - DAY, clock.now + DAY, who, act)]


def change(folder: Path, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / FILE)) as db:
        db.execute(sql)
        db.commit()


def test_acts_are_found_by_day_person_and_kind_the_newest_first(staff: Staff, clock: Clock) -> None:
    add(staff)
    add(staff, who="taras", act="change")
    assert found(staff, clock) == ["taras change", "olena lead"]
    assert found(staff, clock, who="olena") == ["olena lead"]
    assert found(staff, clock, act="change") == ["taras change"]
    clock.now += 2 * DAY
    assert found(staff, clock) == []


def test_a_row_is_bounded_and_one_line(staff: Staff, clock: Clock) -> None:
    add(staff, what="a\nb " + "x" * 5000)
    (one,) = staff.audit.find(clock.now - DAY, clock.now + DAY)
    assert one.what.startswith("a b x")
    assert len(one.what) == WORD_MAX
    assert staff.audit.broken() is None


def test_the_table_holds_no_formula_and_every_act(staff: Staff, clock: Clock) -> None:
    add(staff, 3, who="=cmd")
    rows = list(csv.reader(io.StringIO("".join(staff.audit.table(clock.now - DAY, clock.now + DAY)))))
    assert rows[0] == ["at", "who", "role", "act", "did", "what", "status"]
    assert [row[1] for row in rows[1:]] == ["'=cmd"] * 3


@pytest.mark.parametrize(
    ("sql", "row"),
    [
        ("UPDATE audit SET who = 'taras' WHERE n = 3", 3), ("UPDATE audit SET status = 403 WHERE n = 1", 1),
        ("UPDATE audit SET at = at + 1 WHERE n = 5", 5), ("DELETE FROM audit WHERE n = 3", 4),
        ("UPDATE audit SET hash = prev WHERE n = 2", 2),
        ("UPDATE audit SET role = role || char(10) || act, act = did WHERE n = 4", 4),
    ],
)  # fmt: skip
def test_a_changed_or_missing_row_shows(staff: Staff, tmp_path: Path, sql: str, row: int) -> None:
    add(staff, 5)
    assert staff.audit.broken() is None
    change(tmp_path, sql)
    assert staff.audit.broken() == row


def test_what_is_too_old_goes_and_the_rest_stays_whole(staff: Staff, clock: Clock) -> None:
    add(staff, 3)
    clock.now += timedelta(days=31)
    add(staff, 2)
    assert len(staff.audit.find(clock.now - 365 * DAY, clock.now + DAY)) == 2
    assert staff.audit.broken() is None


def test_threads_and_processes_make_one_chain(staff: Staff, tmp_path: Path, clock: Clock) -> None:
    with Staff(tmp_path, clock) as beside, ThreadPoolExecutor(4) as pool:
        for one in [pool.submit(add, each, 3) for each in (staff, beside, staff, beside)]:
            one.result()
    assert len(staff.audit.find(clock.now - DAY, clock.now + DAY)) == 12
    assert staff.audit.broken() is None


def test_a_flood_is_let_through_by_the_minute_and_counted() -> None:
    bound = Bound(3)
    assert [bound.let(0.0) for _ in range(5)] == [True] * 3 + [False] * 2
    assert (bound.over(), bound.over()) == (2, 0)
    assert bound.let(STEP_S)
