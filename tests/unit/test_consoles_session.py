"""Sessions: known by the cookie alone, ended by idleness, by age, by a newer one and by hand; and what role they give."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from consoles.staff.book import VERSION
from consoles.staff.role import StaffRole
from consoles.staff.session import ENDED, IDLE_S, LIFE_S, NEWER, SEEN_STEP_S, Session
from consoles.staff.staff import FILE, Staff
from contract.errors import ConfigError
from tests.clock import Clock

PASSWORD = "a wide open window"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def staff(tmp_path: Path, clock: Clock) -> Iterator[Staff]:
    with Staff(tmp_path / "data", clock) as store:
        yield store
    store.close()


def at_window(staff: Staff, window: str = "W01", operator: str = "op01") -> str:
    return staff.sessions.begin(operator, window=window, operator=operator)


def found(staff: Staff, secret: str) -> Session:
    session = staff.sessions.get(secret)
    assert session is not None
    return session


def test_a_session_is_found_by_its_secret_and_by_no_other(staff: Staff) -> None:
    secret = at_window(staff)
    session = found(staff, secret)
    assert (session.who, session.window, session.operator, session.account) == ("op01", "W01", "op01", None)
    assert [staff.sessions.get(other) for other in (secret + "x", "", session.key)] == [None] * 3


def test_the_secret_has_256_bits_and_is_never_the_same(staff: Staff) -> None:
    secrets = {staff.sessions.begin("olena", account="olena") for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(secret) >= 43 for secret in secrets)


def test_the_file_holds_no_secret_and_is_for_its_owner_only(staff: Staff, tmp_path: Path) -> None:
    secret = at_window(staff)
    files = list((tmp_path / "data").iterdir())
    assert all(secret.encode() not in file.read_bytes() for file in files)
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_at_a_window_a_session_lasts_a_working_day_without_a_sign_of_life(staff: Staff, clock: Clock) -> None:
    secret = at_window(staff)
    clock.on(LIFE_S - 1)
    assert staff.sessions.get(secret) is not None
    clock.on(1)
    assert staff.sessions.get(secret) is None


def test_at_no_window_it_ends_when_idle_and_at_the_latest_after_a_working_day(staff: Staff, clock: Clock) -> None:
    secret = staff.sessions.begin("olena", account="olena")
    for _ in range(LIFE_S // (IDLE_S - 1)):
        clock.on(IDLE_S - 1)
        staff.sessions.seen(found(staff, secret))
    clock.on(IDLE_S - 1)
    assert staff.sessions.get(secret) is None, "its day is over"
    idle = staff.sessions.begin("olena", account="olena")
    clock.on(IDLE_S)
    assert staff.sessions.get(idle) is None


def test_a_sign_of_life_is_not_written_at_each_request(staff: Staff, clock: Clock) -> None:
    secret = staff.sessions.begin("olena", account="olena")
    clock.on(SEEN_STEP_S - 1)
    staff.sessions.seen(found(staff, secret))
    assert found(staff, secret).seen == found(staff, secret).began
    clock.on(1)
    staff.sessions.seen(found(staff, secret))
    assert found(staff, secret).seen == clock.now


def test_old_sessions_are_swept_out_of_the_file(staff: Staff, clock: Clock, tmp_path: Path) -> None:
    at_window(staff)
    clock.on(LIFE_S)
    at_window(staff, "W02", "op02")
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / FILE)) as db:
        assert db.execute("SELECT window FROM session").fetchall() == [("W02",)]


@pytest.mark.parametrize(("window", "operator"), [("W01", "op02"), ("W02", "op01")])
def test_a_newer_session_of_the_window_or_the_operator_ends_the_older_which_knows_why(
    staff: Staff, window: str, operator: str
) -> None:
    older, other = at_window(staff), at_window(staff, "W03", "op03")
    newer = at_window(staff, window, operator)
    assert staff.sessions.get(older) is None
    assert staff.sessions.ended(older) == NEWER
    assert staff.sessions.get(newer) is not None
    assert staff.sessions.get(other) is not None


def test_somebody_signed_in_sits_down_and_keeps_the_session(staff: Staff) -> None:
    older, secret = at_window(staff), staff.sessions.begin("olena", account="olena")
    staff.sessions.sit(found(staff, secret), "W01", "op01")
    session = found(staff, secret)
    assert (session.who, session.account, session.window, session.operator) == ("olena", "olena", "W01", "op01")
    assert staff.sessions.ended(older) == NEWER


def test_leaving_and_ending_are_told_apart_and_twice_is_fine(staff: Staff) -> None:
    left, ended = (staff.sessions.begin("olena", account="olena") for _ in range(2))
    session = found(staff, left)
    for _ in range(2):
        staff.sessions.leave(session)
    key = found(staff, ended).key
    for _ in range(2):
        staff.sessions.end(key)
    assert (staff.sessions.ended(left), staff.sessions.ended(ended)) == ("", ENDED)
    assert staff.sessions.of("olena") == ()


def test_all_sessions_of_somebody_end_but_the_one_they_keep(staff: Staff) -> None:
    mine = staff.sessions.begin("olena", account="olena")
    other, window, stranger = (
        staff.sessions.begin("olena", account="olena"),
        at_window(staff),
        at_window(staff, "W02", "x"),
    )
    staff.sessions.end_of("olena", "op01", but=found(staff, mine).key)
    alive = [staff.sessions.get(secret) is not None for secret in (mine, other, window, stranger)]
    assert alive == [True, False, False, True]


def test_what_another_process_writes_counts_at_once(staff: Staff, tmp_path: Path, clock: Clock) -> None:
    secret = at_window(staff)
    session = found(staff, secret)
    with Staff(tmp_path / "data", clock) as beside:
        assert beside.sessions.get(secret) == session
        beside.sessions.end(session.key)
    assert staff.sessions.get(secret) is None


# --- the role of a session -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "at"),
    [
        (StaffRole.OPERATOR, StaffRole.OPERATOR), (StaffRole.LEAD, StaffRole.LEAD), (StaffRole.MANAGER, StaffRole.LEAD),
        (StaffRole.ADMIN, StaffRole.LEAD), (StaffRole.AUDITOR, StaffRole.OPERATOR), (StaffRole.TECHNICIAN, StaffRole.OPERATOR),
    ],
)  # fmt: skip
def test_a_pin_gives_at_most_a_shift_leads_role_and_a_password_the_accounts(
    staff: Staff, role: StaffRole, at: StaffRole
) -> None:
    staff.accounts.found("boss", "Boss", PASSWORD)
    staff.accounts.add("olena", "Olena", role, "op01")
    assert staff.role_of(found(staff, at_window(staff))) is at
    assert staff.role_of(found(staff, staff.sessions.begin("olena", account="olena"))) is role


def test_who_has_no_account_is_an_operator_at_a_window(staff: Staff) -> None:
    assert staff.role_of(found(staff, at_window(staff))) is StaffRole.OPERATOR


def test_a_disabled_account_has_no_role_by_password_or_pin_from_now_on(staff: Staff) -> None:
    staff.accounts.found("boss", "Boss", PASSWORD)
    staff.accounts.add("olena", "Olena", StaffRole.LEAD, "op01")
    sessions = [found(staff, at_window(staff)), found(staff, staff.sessions.begin("olena", account="olena"))]
    staff.accounts.disable("olena", disabled=True)
    assert [staff.role_of(session) for session in sessions] == [None, None]


# --- the file --------------------------------------------------------------------------------------------------------------


def test_a_file_of_sessions_alone_becomes_the_book_of_staff(tmp_path: Path, clock: Clock) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute("CREATE TABLE session (old TEXT)")
        db.execute("PRAGMA user_version = 1")
        db.commit()
    with Staff(tmp_path, clock) as staff:
        assert found(staff, at_window(staff))
        staff.accounts.found("boss", "Boss", PASSWORD)
    with Staff(tmp_path, clock) as again:
        assert [one.id for one in again.accounts.all()] == ["boss"]
        assert len(again.sessions.all()) == 1


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path, clock: Clock) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
        db.commit()
    with pytest.raises(ConfigError, match="update these consoles"):
        Staff(tmp_path, clock)
