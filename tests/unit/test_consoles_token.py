"""Tokens: told once, worth their scopes, until their end or until they are taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, update

from consoles.staff.book import ACCOUNT, opened
from consoles.staff.role import Act
from consoles.staff.token import PREFIX, USED_STEP_S, Tokens
from tests.clock import Clock

DAY = timedelta(days=1)
SCOPES = {Act.SEE, Act.SERVE}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Engine]:
    engine = opened(tmp_path / "consoles.db")
    row = {
        "id": "desk",
        "name": "Desk",
        "role": "service",
        "operator": "op01",
        "disabled": False,
        "since": 0,
        "once": 0,
    }
    with engine.begin() as db:
        db.execute(insert(ACCOUNT).values(row))
    yield engine
    engine.dispose()


@pytest.fixture
def tokens(book: Engine, clock: Clock) -> Tokens:
    return Tokens(book, clock)


def test_a_token_is_found_by_its_secret_with_its_scopes_and_operator(tokens: Tokens) -> None:
    secret, made = tokens.make("desk", "Desk application", SCOPES, DAY)
    found = tokens.get(secret)
    assert found is not None
    assert (found.id, found.account, found.operator) == (made.id, "desk", "op01")
    assert found.scopes == frozenset(SCOPES)
    assert secret.startswith(PREFIX)
    assert len(secret) >= 46
    assert tokens.get(secret + "x") is None
    assert tokens.get(made.id) is None


def test_the_file_holds_no_secret(tokens: Tokens, tmp_path: Path) -> None:
    secret, _ = tokens.make("desk", "Desk application", SCOPES, DAY)
    assert all(secret.encode() not in file.read_bytes() for file in tmp_path.iterdir())


def test_a_token_ends_at_its_moment(tokens: Tokens, clock: Clock) -> None:
    secret, _ = tokens.make("desk", "Desk application", SCOPES, DAY)
    clock.now += DAY - timedelta(seconds=1)
    assert tokens.get(secret) is not None
    clock.now += timedelta(seconds=1)
    assert tokens.get(secret) is None


def test_a_revoked_token_and_one_of_a_disabled_account_are_worth_nothing(tokens: Tokens, book: Engine) -> None:
    first, made = tokens.make("desk", "first", SCOPES, DAY)
    second, _ = tokens.make("desk", "second", SCOPES, DAY)
    tokens.revoke(made.id)
    tokens.revoke(made.id)
    assert tokens.get(first) is None
    assert tokens.get(second) is not None
    with book.begin() as db:
        db.execute(update(ACCOUNT).values(disabled=True))
    assert tokens.get(second) is None


def test_the_last_use_is_kept_to_the_minute(tokens: Tokens, clock: Clock) -> None:
    secret, made = tokens.make("desk", "Desk application", SCOPES, DAY)
    assert made.used_at is None
    first = clock.now
    tokens.get(secret)
    clock.now += timedelta(seconds=USED_STEP_S - 1)
    tokens.get(secret)
    assert tokens.of("desk")[0].used_at == first
    clock.now += timedelta(seconds=1)
    tokens.get(secret)
    assert tokens.of("desk")[0].used_at == clock.now
