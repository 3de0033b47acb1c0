"""Tokens of programs: a secret told once, what it may do, until when. Looked up by its SHA-256, which is all that is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from consoles.staff.book import ACCOUNT, TOKEN
from consoles.staff.role import Act

PREFIX = "vk_"
"""Of every secret, so that one that lies where it should not is found by its looks."""
LIFE_DAYS_MAX = 730
USED_STEP_S = 60.0
"""How exactly the last use is kept: a busy program does not write at each request."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a program may do. `account`: the service account it belongs to; `operator`: whom of the hall document it acts for, or None.

    `used_at` None: not used yet.
    """

    id: str
    account: str
    name: str
    operator: str | None
    scopes: frozenset[Act]
    made_at: datetime
    until: datetime
    used_at: datetime | None


class Tokens:
    """The store. `now`: aware wall clock."""

    def __init__(self, book: Engine, now: Callable[[], datetime]) -> None:
        self._book, self._now = book, now

    def make(self, account: str, name: str, scopes: Collection[Act], life: timedelta) -> tuple[str, Token]:
        """A new token of `account`: its secret (256 random bits, told this once) and what was kept."""
        secret, key, now = PREFIX + secrets.token_urlsafe(32), secrets.token_hex(8), self._now()
        row = {
            "id": key,
            "account": account,
            "name": name,
            "secret_hash": _hash(secret),
            "scopes": " ".join(sorted(scopes)),
            "made": now.timestamp(),
            "until": (now + life).timestamp(),
        }
        with self._book.begin() as db:
            db.execute(insert(TOKEN).values(row))
        return secret, next(one for one in self.of(account) if one.id == key)

    def get(self, secret: str) -> Token | None:
        """The token of a secret; None where it is unknown, revoked, too old, or its account is disabled."""
        now = self._now().timestamp()
        asked = _rows().where(TOKEN.c.secret_hash == _hash(secret), TOKEN.c.until > now, ~ACCOUNT.c.disabled)
        with self._book.connect() as db:
            row = db.execute(asked).one_or_none()
        if row is None:
            return None
        if row.used is None or now - row.used >= USED_STEP_S:
            with self._book.begin() as db:
                db.execute(update(TOKEN).where(TOKEN.c.id == row.id).values(used=now))
        return _token(row)

    def of(self, account: str) -> tuple[Token, ...]:
        """The tokens of an account, newest first; those that are too old too."""
        asked = _rows().where(TOKEN.c.account == account).order_by(TOKEN.c.made.desc())
        with self._book.connect() as db:
            return tuple(_token(row) for row in db.execute(asked))

    def revoke(self, key: str) -> None:
        """The token is worth nothing from now on. Revoking twice changes nothing."""
        with self._book.begin() as db:
            db.execute(delete(TOKEN).where(TOKEN.c.id == key))


def _rows() -> Any:
    return select(TOKEN, ACCOUNT.c.operator).join(ACCOUNT, ACCOUNT.c.id == TOKEN.c.account)


def _token(row: Row[Any]) -> Token:
    return Token(
        row.id, row.account, row.name, row.operator, frozenset(Act(name) for name in row.scopes.split()),
        _moment(row.made), _moment(row.until), _moment(row.used) if row.used is not None else None,
    )  # fmt: skip


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
