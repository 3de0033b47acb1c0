"""Who is signed in: at a window by a PIN or a badge, or by an account's password. The cookie's secret is kept only as its hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, insert, or_, select, update

from consoles.staff.book import SESSION, Mark

LIFE_S = 12 * 3600
"""A working day: no session lasts longer."""
IDLE_S = 30 * 60
"""Of a session that sits at no window: without a press or a page for so long it ends."""
SEEN_STEP_S = 60.0
"""How exactly the last sign of life is kept."""
NEWER, ENDED = "newer", "ended"
"""Why a session ended that nobody left: the operator or the window has a newer one; somebody ended it."""


@dataclass(frozen=True, slots=True)
class Session:
    """`key` names the session and is no secret. `who` acts: an account, or an operator of the hall document.

    `window`, `operator`: at which window who of the hall document sits, "" at none. `account`: None where a PIN or a
    badge let them in.
    """

    key: str
    who: str
    window: str
    operator: str
    account: str | None
    began: datetime
    seen: datetime


class Sessions:
    """The store. `now`: aware wall clock."""

    def __init__(self, book: Engine, mark: Mark, now: Callable[[], datetime]) -> None:
        self._book, self._mark, self._now = book, mark, now
        self._seen, self._kept = -1, dict[str, Row[Any]]()

    def begin(self, who: str, *, window: str = "", operator: str = "", account: str | None = None) -> str:
        """A new session; returns its secret: 256 random bits for the cookie, told this once.

        Of an operator and of a window there is one session: an older one ends.
        """
        secret, now = secrets.token_urlsafe(32), self._now().timestamp()
        row = {
            "secret_hash": _hash(secret), "who": who, "account": account, "window": window, "operator": operator,
            "began": now, "seen": now, "until": now + LIFE_S,
        }  # fmt: skip
        with self._book.begin() as db:
            db.execute(delete(SESSION).where(SESSION.c.until <= now))
            _alone(db, window, operator)
            db.execute(insert(SESSION).values(row))
        return secret

    def sit(self, session: Session, window: str, operator: str) -> None:
        """Somebody signed in by a password sits down at a window as `operator`, or gets up ("", "")."""
        with self._book.begin() as db:
            _alone(db, window, operator, session.key)
            _put(db, SESSION.c.secret_hash == session.key, window=window, operator=operator)

    def get(self, secret: str) -> Session | None:
        """The session of a cookie; None where it is unknown, ended, idle for too long or too old."""
        row = self._rows().get(_hash(secret))
        now = self._now().timestamp()
        return _session(row) if row is not None and row.ended is None and now < _until(row) else None

    def seen(self, session: Session) -> None:
        """A sign of life."""
        now = self._now()
        if (now - session.seen).total_seconds() >= SEEN_STEP_S:
            with self._book.begin() as db:
                _put(db, SESSION.c.secret_hash == session.key, seen=now.timestamp())

    def ended(self, secret: str) -> str:
        """Why a session ended: `NEWER`, `ENDED`; "" where it did not, or by itself."""
        row = self._rows().get(_hash(secret))
        return row.ended or "" if row is not None else ""

    def of(self, who: str) -> tuple[Session, ...]:
        """The sessions of an account or an operator, the newest first."""
        return tuple(one for one in self.all() if one.who == who)

    def all(self) -> tuple[Session, ...]:
        """Everybody who is signed in now, the newest first."""
        now = self._now().timestamp()
        found = (row for row in self._rows().values() if row.ended is None and now < _until(row))
        return tuple(sorted(map(_session, found), key=lambda one: one.began, reverse=True))

    def leave(self, session: Session) -> None:
        """Somebody signs out. Leaving twice changes nothing."""
        with self._book.begin() as db:
            db.execute(delete(SESSION).where(SESSION.c.secret_hash == session.key))

    def end(self, key: str) -> None:
        """End a session by its key. Ending twice changes nothing."""
        self._end(SESSION.c.secret_hash == key)

    def end_of(self, *who: str, but: str = "") -> None:
        """End every session of these accounts and operators, but the one of key `but`."""
        self._end(SESSION.c.who.in_(who), SESSION.c.secret_hash != but)

    def _end(self, *which: ColumnElement[bool]) -> None:
        with self._book.begin() as db:
            _put(db, *which, SESSION.c.ended.is_(None), ended=ENDED)

    def _rows(self) -> dict[str, Row[Any]]:
        if (now := self._mark.now()) != self._seen:
            with self._book.connect() as db:
                self._kept = {row.secret_hash: row for row in db.execute(select(SESSION))}
            self._seen = now
        return self._kept


def _alone(db: Connection, window: str, operator: str, key: str = "") -> None:
    if window:
        same = or_(SESSION.c.window == window, SESSION.c.operator == operator)
        _put(db, same, SESSION.c.secret_hash != key, SESSION.c.ended.is_(None), ended=NEWER)


def _put(db: Connection, *which: ColumnElement[bool], **values: object) -> None:
    db.execute(update(SESSION).where(*which).values(values))


def _until(row: Row[Any]) -> float:
    return float(row.until) if row.window else min(row.until, row.seen + IDLE_S)


def _session(row: Row[Any]) -> Session:
    began, seen = (datetime.fromtimestamp(moment, UTC) for moment in (row.began, row.seen))
    return Session(row.secret_hash, row.who, row.window, row.operator, row.account, began, seen)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
