"""Guessing: five tries, then half a minute, then a whole one; over restarts too, and strangers keep nobody out for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import Request

from consoles.route import Asked
from consoles.staff.account import StaffError
from consoles.staff.attempt import (
    ADDRESS_MAX,
    FORGET_S,
    KNOWN_S,
    MOST_KEPT,
    WAIT_MAX_S,
    WAIT_S,
    WRONG_MAX,
    Attempts,
)
from consoles.staff.book import ATTEMPT
from consoles.staff.cookie import BROWSER, COOKIE
from consoles.staff.staff import FILE, Staff
from tests.consoles_inside import PASSWORD, Clock, Inside

BOSS = ("account boss",)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def staff(tmp_path: Path, clock: Clock) -> Iterator[Staff]:
    with Staff(tmp_path, clock) as store:
        yield store


@pytest.fixture
def attempts(staff: Staff) -> Attempts:
    return staff.attempts


def asked(address: str, browser: str = "", host: str = "hall") -> Asked:
    headers = [(b"host", host.encode()), (b"cookie", f"{BROWSER}={browser}".encode())]
    scope = {"type": "http", "headers": headers, "client": (address, 1), "path_params": {}, "http_version": "1.1"}
    return Asked(Request(scope), None, None, lambda: None)


def wrong(attempts: Attempts, times: int, names: tuple[str, ...] = BOSS) -> None:
    for _ in range(times):
        attempts.begin(names)


def test_four_wrong_ones_do_not_wait_and_the_fifth_waits_half_a_minute(attempts: Attempts, clock: Clock) -> None:
    wrong(attempts, WRONG_MAX - 1)
    assert attempts.wait_s(BOSS) == 0.0
    wrong(attempts, 1)
    assert attempts.wait_s(BOSS) == WAIT_S
    clock.wait(WAIT_S - 1)
    assert attempts.wait_s(BOSS) == 1.0
    clock.wait(1)
    assert attempts.wait_s(BOSS) == 0.0


def test_the_wait_doubles_up_to_a_quarter_of_an_hour_and_the_right_one_ends_that(
    attempts: Attempts, clock: Clock
) -> None:
    waits = []
    for _ in range(7):
        wrong(attempts, WRONG_MAX - 1)
        assert attempts.wait_s(BOSS) == 0.0
        wrong(attempts, 1)
        waits.append(attempts.wait_s(BOSS))
        clock.wait(waits[-1])
    assert waits == [30, 60, 120, 240, 480, WAIT_MAX_S, WAIT_MAX_S]
    attempts.right(BOSS)
    wrong(attempts, WRONG_MAX)
    assert attempts.wait_s(BOSS) == WAIT_S


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    clock = Clock()
    with Staff(tmp_path, clock) as staff:
        wrong(staff.attempts, WRONG_MAX)
    clock.wait(10)
    with Staff(tmp_path, clock) as staff:
        assert staff.attempts.wait_s(BOSS) == WAIT_S - 10


def test_a_try_that_did_not_come_to_the_pin_does_not_count(attempts: Attempts) -> None:
    wrong(attempts, WRONG_MAX)
    attempts.undo(BOSS)
    assert attempts.wait_s(BOSS) == 0.0
    attempts.undo(("nobody",))


def test_a_clock_that_was_set_back_keeps_nobody_out(attempts: Attempts, clock: Clock) -> None:
    clock.wait(86_400)
    wrong(attempts, WRONG_MAX)
    clock.wait(-86_400)
    assert attempts.wait_s(BOSS) == 0.0


def test_an_address_has_more_tries_and_its_own_account_does_not_give_it_others(attempts: Attempts) -> None:
    for n in range(ADDRESS_MAX):
        assert attempts.wait_s(attempts.names(asked("192.0.2.7"), f"account a{n}")) == 0.0
        attempts.begin(own := attempts.names(asked("192.0.2.7"), "account own"))
        attempts.right(own)
        attempts.begin(attempts.names(asked("192.0.2.7"), f"account a{n}"))
    assert attempts.wait_s(attempts.names(asked("192.0.2.7"), "account boss")) == WAIT_S
    assert attempts.wait_s(attempts.names(asked("192.0.2.8"), "account boss")) == 0.0


def test_all_addresses_of_an_ipv6_network_are_one(attempts: Attempts) -> None:
    names = [attempts.names(asked(one), "") for one in ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1")]
    assert names[0] == names[1] != names[2]


def test_strangers_keep_nobody_out_of_a_browser_that_was_let_in_or_off_the_machine_itself(attempts: Attempts) -> None:
    browser = attempts.let_in(asked("192.0.2.9"), "account boss")
    wrong(attempts, WRONG_MAX, attempts.names(asked("192.0.2.66"), "account boss"))
    assert attempts.wait_s(attempts.names(asked("192.0.2.9"), "account boss")) == WAIT_S
    for known in (asked("192.0.2.66", browser), asked("127.0.0.1", host="localhost:8080")):
        names = attempts.names(known, "account boss")
        assert attempts.wait_s(names) == 0.0
        wrong(attempts, WRONG_MAX, names)
        assert attempts.wait_s(names) == WAIT_S, "it guesses no faster"
    assert attempts.let_in(asked("192.0.2.9", browser), "account other") == browser


def test_a_browser_is_known_for_who_was_let_in_by_it_alone_and_not_for_ever(attempts: Attempts, clock: Clock) -> None:
    browser = attempts.let_in(asked("192.0.2.9"), "account insider")
    strange = attempts.names(asked("192.0.2.9"), "account boss")
    assert attempts.names(asked("192.0.2.9", browser), "account boss") == strange
    assert attempts.names(asked("192.0.2.9", browser), "account insider") != attempts.names(
        asked("192.0.2.9"), "account insider"
    )
    clock.wait(KNOWN_S + 1)
    assert attempts.names(asked("192.0.2.9", browser), "account insider")[0] == "account insider"


@pytest.mark.parametrize("browser", ["", "x", "x" * 4000, "..", "é" * 32])
def test_a_secret_that_we_gave_to_no_browser_is_worth_nothing(attempts: Attempts, browser: str) -> None:
    assert attempts.names(asked("192.0.2.9", browser), "account boss")[0] == "account boss"


def test_made_up_names_do_not_fill_the_disk_and_old_ones_go(
    staff: Staff, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consoles.staff.attempt.MOST_KEPT", 20)
    assert MOST_KEPT > 20
    wrong(staff.attempts, WRONG_MAX)
    for n in range(30):
        clock.wait(0.01)
        staff.attempts.begin((f"account {n}",))
    assert staff.attempts.wait_s(BOSS) == 0.0
    clock.wait(FORGET_S + 1)
    staff.attempts.begin(BOSS)
    with staff.attempts._book.connect() as db:
        assert len(db.execute(ATTEMPT.select()).all()) == 1
    assert b"account boss" not in (tmp_path / FILE).read_bytes()


def test_a_guesser_waits_after_a_restart_and_the_administrator_comes_in(tmp_path: Path) -> None:
    clock = Clock()
    with Staff(tmp_path, clock) as staff:
        staff.accounts.found("boss", "Boss", PASSWORD)

        async def guessed(to: Inside) -> None:
            answer = await to.sign_in()
            browser.append(answer.cookies[BROWSER])
            codes = [(await to.sign_in("boss", "a wrong password")).status_code for _ in range(WRONG_MAX + 1)]
            assert codes == [403] * WRONG_MAX + [429]

        browser: list[str] = []
        Inside(staff).talk(tmp_path, guessed)
    with Staff(tmp_path, clock) as staff:

        async def again(to: Inside) -> None:
            assert (await to.sign_in()).status_code == 429
            to.browser = browser[0]
            answer = await to.sign_in()
            assert answer.status_code == 303
            assert COOKIE in answer.cookies

        Inside(staff).talk(tmp_path, again)


def test_a_one_time_password_from_the_shell_lets_on_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import vikno

    with Staff(tmp_path, Clock()) as staff:
        staff.accounts.found("boss", "Boss", PASSWORD)
        wrong(staff.attempts, WRONG_MAX)
        with pytest.raises(StaffError):
            staff.accounts.disable("boss", disabled=True)
        assert vikno.main(["account", "--data", str(tmp_path), "password", "boss"]) == 0
        assert "one-time password" in capsys.readouterr().out
        assert staff.attempts.wait_s(BOSS) == 0.0
