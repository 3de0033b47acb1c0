"""Guessing is made slow, over restarts too: after five wrong PINs or passwords the next waits 30 s, after five more a minute, and so on.

Counted is who is tried and the address it is tried from. A browser by which the same person was let in before, and one on this very
machine, are counted apart: strangers, however many, keep nobody out who has been in (OWASP Authentication Cheat Sheet, device cookies).
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, delete, insert, select

from consoles.route import Asked
from consoles.staff.book import ATTEMPT, KNOWN

WRONG_MAX = 5
ADDRESS_MAX = 20
"""Wrong tries from an address: several people may come by one."""
WAIT_S = 30.0
WAIT_MAX_S = 900.0
FORGET_S = 24 * 3600.0
"""After so long without a try it is as if there had been none."""
KNOWN_S = 180 * 24 * 3600.0
"""So long is a browser known after somebody was let in by it."""
MOST_KEPT = 10_000
"""Rows of each kind; beyond it the one idle for longest is forgotten."""
ROUNDS_MAX = 10
_ADDRESS = "address "
_SECRET_LETTERS = 32


class Attempts:
    """Tries that were not right, by name, and the browsers that are known. `now`: aware wall clock; one that was set back lets on."""

    def __init__(self, book: Engine, now: Callable[[], datetime]) -> None:
        self._book, self._now = book, now

    def names(self, asked: Asked, who: str) -> tuple[str, ...]:
        """What a try is counted under. `who`: an account, an operator; "": whoever comes from this address."""
        if who and self._knows(asked.browser, who):
            return (f"browser {asked.browser} {who}",)
        if who and asked.here:
            return (f"here {who}",)
        return tuple(name for name in (who, f"{_ADDRESS}{_network(asked.address)}") if name)

    def wait_s(self, names: Sequence[str]) -> float:
        """Seconds until the next try is allowed; 0.0: now."""
        now = self._now().timestamp()
        with self._book.connect() as db:
            return max((_wait_s(name, row, now) for name in names if (row := _row(db, name)) is not None), default=0.0)

    def begin(self, names: Sequence[str]) -> None:
        """Count a try as wrong until it was `right`, so that tries at the same moment count too.

        When the wait is over the count starts anew, and the next wait is twice as long.
        """
        now = self._now().timestamp()
        with self._book.begin() as db:
            for name in names:
                wrong, rounds = _counted(_row(db, name))
                if wrong >= _most(name):
                    wrong, rounds = 0, min(rounds + 1, ROUNDS_MAX)
                _put(db, ATTEMPT, name=_hash(name), wrong=wrong + 1, rounds=rounds, last=now)
            _forget(db, ATTEMPT, now - FORGET_S)

    def right(self, names: Sequence[str]) -> None:
        """It was right: forget what was counted. Of an address only this try, or one's own account would let on to guess another's."""
        self.undo([name for name in names if name.startswith(_ADDRESS)])
        self.clear([name for name in names if not name.startswith(_ADDRESS)])

    def undo(self, names: Sequence[str]) -> None:
        """The last try did not come to the PIN or password, or was not wrong: it does not count."""
        with self._book.begin() as db:
            for name in names:
                if (row := _row(db, name)) is not None and row.wrong:
                    _put(db, ATTEMPT, name=row.name, wrong=row.wrong - 1, rounds=row.rounds, last=row.last)

    def clear(self, names: Sequence[str]) -> None:
        """As if there had been no try."""
        with self._book.begin() as db:
            db.execute(delete(ATTEMPT).where(ATTEMPT.c.name.in_([_hash(name) for name in names])))

    def let_in(self, asked: Asked, who: str) -> str:
        """`who` was let in: the browser is known from now on. Returns its secret, a new one where it has none."""
        browser = asked.browser if len(asked.browser) == _SECRET_LETTERS else secrets.token_urlsafe(24)
        now = self._now().timestamp()
        with self._book.begin() as db:
            _put(db, KNOWN, name=_hash(f"{browser} {who}"), last=now)
            _forget(db, KNOWN, now - KNOWN_S)
        return browser

    def _knows(self, browser: str, who: str) -> bool:
        if len(browser) != _SECRET_LETTERS:
            return False
        found = select(KNOWN.c.last).where(KNOWN.c.name == _hash(f"{browser} {who}"))
        with self._book.connect() as db:
            last = db.scalar(found)
        return last is not None and last >= self._now().timestamp() - KNOWN_S


def _counted(row: Row[Any] | None) -> tuple[int, int]:
    return (row.wrong, row.rounds) if row is not None else (0, 0)


def _wait_s(name: str, row: Row[Any], now: float) -> float:
    if row.wrong < _most(name) or row.last > now:
        return 0.0
    waits_s: float = min(WAIT_S * 2.0**row.rounds, WAIT_MAX_S)
    return max(0.0, float(row.last) + waits_s - now)


def _most(name: str) -> int:
    return ADDRESS_MAX if name.startswith(_ADDRESS) else WRONG_MAX


def _row(db: Connection, name: str) -> Row[Any] | None:
    return db.execute(select(ATTEMPT).where(ATTEMPT.c.name == _hash(name))).one_or_none()


def _put(db: Connection, table: Table, **values: object) -> None:
    db.execute(insert(table).prefix_with("OR REPLACE").values(values))


def _forget(db: Connection, table: Table, since: float) -> None:
    most = select(table.c.name).order_by(table.c.last.desc()).limit(-1).offset(MOST_KEPT)
    db.execute(delete(table).where(table.c.last < since))
    db.execute(delete(table).where(table.c.name.in_(most)))


def _network(address: str) -> str:
    """Of IPv6 the half that somebody is given whole: all addresses in it are one."""
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(one, ipaddress.IPv6Address) and one.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(one), 64), strict=False))
    return str(one)


def _hash(name: str) -> str:
    """Names are kept as hashes: one may be a password that was typed into the wrong field."""
    return hashlib.sha256(name.encode(errors="replace")).hexdigest()
