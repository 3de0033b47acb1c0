"""Who sits at which window: sessions in the consoles' own SQLite file. The cookie's secret is kept only as its hash.

Sessions are worth one working day, so a file of another version is emptied and operators sign in again.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Column, Float, MetaData, String, Table, create_engine, delete, insert, select, text

LIFE_S = 12 * 3600
VERSION = 1

_METADATA = MetaData()
_SESSION = Table(
    "session",
    _METADATA,
    Column("secret_hash", String, primary_key=True),
    Column("window", String, nullable=False),
    Column("operator", String, nullable=False),
    Column("until", Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Session:
    """An operator signed in at a window. `key` names the session and is no secret."""

    key: str
    window: str
    operator: str


class Sessions:
    """The store. `now`: aware wall clock. `close()` may be called twice."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        self._now = now
        self._engine = create_engine(f"sqlite:///{file}")
        with self._engine.begin() as db:
            if db.execute(text("PRAGMA user_version")).scalar_one() != VERSION:
                _METADATA.drop_all(db)
                db.execute(text(f"PRAGMA user_version = {VERSION}"))
            _METADATA.create_all(db)

    def begin(self, window: str, operator: str) -> str:
        """A new session of `LIFE_S` seconds; returns its secret: 256 random bits for the cookie, told this once."""
        secret = secrets.token_urlsafe(32)
        now = self._now()
        row = {
            "secret_hash": _hash(secret),
            "window": window,
            "operator": operator,
            "until": (now + timedelta(seconds=LIFE_S)).timestamp(),
        }
        with self._engine.begin() as db:
            db.execute(delete(_SESSION).where(_SESSION.c.until <= now.timestamp()))
            db.execute(insert(_SESSION).values(row))
        return secret

    def get(self, secret: str) -> Session | None:
        """The session of a cookie; None where it is unknown, ended or too old."""
        rows = select(_SESSION).where(
            _SESSION.c.secret_hash == _hash(secret), _SESSION.c.until > self._now().timestamp()
        )
        with self._engine.connect() as db:
            row = db.execute(rows).one_or_none()
        return Session(row.secret_hash, row.window, row.operator) if row is not None else None

    def end(self, session: Session) -> None:
        """The operator leaves. Ending twice changes nothing."""
        with self._engine.begin() as db:
            db.execute(delete(_SESSION).where(_SESSION.c.secret_hash == session.key))

    def close(self) -> None:
        """Let the file go."""
        self._engine.dispose()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
