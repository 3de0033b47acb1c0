"""Accounts: who may sign in to the consoles, with which role. The hall document says who serves; an account may be linked to them."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from consoles.staff import password
from consoles.staff.book import ACCOUNT, BADGE, KEY, Mark
from consoles.staff.role import StaffRole

_ID = re.compile(r"[a-z][a-z0-9_-]{1,31}")
_BADGE = re.compile(r"[0-9A-F]{4,32}")
NAME_MAX = 80


class StaffError(ValueError):
    """What was asked of the staff's book cannot be done; `key` is the text that says why."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


@dataclass(frozen=True, slots=True)
class Account:
    """`id`: the name one signs in with, `name`: the person's (or the program's) own. `operator`: whom of the hall document
    this is, None: nobody. `once`: its password is to be changed at the next sign-in. `badge`: whether there is one."""

    id: str
    name: str
    role: StaffRole
    operator: str | None
    disabled: bool
    since: datetime
    once: bool
    badge: bool


class Accounts:
    """The store. `now`: aware wall clock. What it tells is what the file holds now, whoever wrote it."""

    def __init__(self, book: Engine, mark: Mark, now: Callable[[], datetime]) -> None:
        self._book, self._mark, self._now = book, mark, now
        self._seen, self._kept = -1, dict[str, Account]()

    def all(self) -> tuple[Account, ...]:
        """Every account, by the name one signs in with."""
        return tuple(self._accounts().values())

    def get(self, key: str) -> Account | None:
        """The account of this name; None: there is none."""
        return self._accounts().get(key)

    def linked(self, operator: str) -> Account | None:
        """The account of an operator of the hall document; None: there is none."""
        return next((one for one in self._accounts().values() if one.operator == operator), None)

    def add(self, key: str, name: str, role: StaffRole, operator: str | None = None, secret: str | None = None) -> str:
        """A new account; returns its one-time password, told this once, or "" where `secret` is the password.

        A service account has none. Takes the time of a hash. Raises: StaffError.
        """
        told = "" if secret is not None or role is StaffRole.SERVICE else password.once()
        kept = (
            None if role is StaffRole.SERVICE else _kept(secret if secret is not None else told, new=secret is not None)
        )
        row = self._row(key, name, role, operator, kept, once=bool(told))
        with self._book.begin() as db:
            _need_free(db, key, operator)
            try:
                db.execute(insert(ACCOUNT).values(row))
            except IntegrityError:
                raise StaffError("staff.taken") from None
        return told

    def found(self, key: str, name: str, secret: str) -> None:
        """The very first account, an administrator. Takes the time of a hash. Raises: StaffError: there is one already, too."""
        row = self._row(key, name, StaffRole.ADMIN, None, _kept(secret, new=True), once=False)
        with self._book.begin() as db:
            db.exec_driver_sql("BEGIN IMMEDIATE")
            if db.scalar(select(func.count()).select_from(ACCOUNT)):
                raise StaffError("first.done")
            db.execute(insert(ACCOUNT).values(row))

    def check_found(self, key: str, name: str, secret: str) -> None:
        """Raises: StaffError where `found` would, so that what belongs to it is not begun."""
        if self.all():
            raise StaffError("first.done")
        self._row(key, name, StaffRole.ADMIN, None, None, once=False)
        if fault := password.fault(secret):
            raise StaffError(fault)

    def signs_in(self, key: str, secret: str) -> Account | None:
        """The account where the password is right and it is not disabled. Takes the time of a hash, also for an unknown name."""
        with self._book.connect() as db:
            row = db.execute(select(ACCOUNT).where(ACCOUNT.c.id == key)).one_or_none()
        kept = row.password if row is not None else None
        if not password.right(secret, kept) or row is None or row.disabled:
            return None
        if password.old(row.password):
            self._put(key, password=password.hashed(secret))
        return self.get(key)

    def change_password(self, key: str, secret: str) -> None:
        """From now on this one. Takes the time of a hash. Raises: StaffError: it may not be one."""
        self._put(key, password=_kept(secret, new=True), once=False)

    def forget_password(self, key: str) -> str:
        """A new one-time password, told this once. Takes the time of a hash."""
        told = password.once()
        self._put(key, password=_kept(told, new=False), once=True)
        return told

    def put(self, key: str, role: StaffRole, operator: str | None) -> None:
        """Give an account its role and its link. Raises: StaffError: it is the last administrator, or the link is another's."""
        with self._book.begin() as db:
            db.exec_driver_sql("BEGIN IMMEDIATE")
            _need_free(db, key, operator)
            if (role is StaffRole.SERVICE) != (_role(db, key) == StaffRole.SERVICE.value):
                raise StaffError("staff.service_stays")
            db.execute(update(ACCOUNT).where(ACCOUNT.c.id == key).values(role=role.value, operator=operator))
            _need_admin(db)

    def disable(self, key: str, *, disabled: bool) -> None:
        """Let nobody in by this account any more, or again. Raises: StaffError: it is the last administrator."""
        with self._book.begin() as db:
            db.exec_driver_sql("BEGIN IMMEDIATE")
            db.execute(update(ACCOUNT).where(ACCOUNT.c.id == key).values(disabled=disabled))
            _need_admin(db)

    # --- badges ---------------------------------------------------------------------------------------------------------

    def give_badge(self, key: str, number: str) -> None:
        """Bind a badge to an account, in place of the one it had; "" takes it away. Raises: StaffError: another's, or no number."""
        if number and not is_badge(number):
            raise StaffError("staff.bad_badge")
        with self._book.begin() as db:
            db.execute(delete(BADGE).where(BADGE.c.account == key))
            if number:
                try:
                    db.execute(insert(BADGE).values(number_hash=self._keyed(db, number), account=key))
                except IntegrityError:
                    raise StaffError("staff.badge_taken") from None

    def badge(self, number: str) -> Account | None:
        """Whose badge it is; None: nobody's who may sign in."""
        if not is_badge(number):
            return None
        with self._book.begin() as db:
            owner = db.scalar(select(BADGE.c.account).where(BADGE.c.number_hash == self._keyed(db, number)))
        account = self.get(owner) if owner is not None else None
        return account if account is not None and not account.disabled else None

    def _keyed(self, db: Connection, number: str) -> str:
        """Badge numbers are few: a plain hash of one is found by trying them all, so the hash has a key of this file."""
        secret = db.scalar(select(KEY.c.secret).where(KEY.c.name == "badge"))
        if secret is None:
            secret = secrets.token_hex(32)
            db.execute(insert(KEY).values(name="badge", secret=secret))
        return hmac.new(bytes.fromhex(secret), _plain(number).encode(), hashlib.sha256).hexdigest()

    # --- the file -------------------------------------------------------------------------------------------------------

    def _row(
        self, key: str, name: str, role: StaffRole, operator: str | None, kept: str | None, *, once: bool
    ) -> dict[str, object]:
        name = " ".join(name.split())
        if _ID.fullmatch(key) is None:
            raise StaffError("staff.bad_id")
        if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
            raise StaffError("staff.bad_name")
        return {
            "id": key, "name": name, "role": role.value, "operator": operator, "disabled": False,
            "since": self._now().timestamp(), "password": kept, "once": once,
        }  # fmt: skip

    def _put(self, key: str, **values: object) -> None:
        with self._book.begin() as db:
            db.execute(update(ACCOUNT).where(ACCOUNT.c.id == key).values(values))

    def _accounts(self) -> dict[str, Account]:
        if (now := self._mark.now()) != self._seen:
            with self._book.connect() as db:
                found = db.execute(
                    select(ACCOUNT, BADGE.c.account.label("badge"))
                    .outerjoin(BADGE, BADGE.c.account == ACCOUNT.c.id)
                    .order_by(ACCOUNT.c.id)
                )
                self._kept = {row.id: _account(row) for row in found}
            self._seen = now
        return self._kept


def is_badge(number: str) -> bool:
    """Whether a reader could have typed this: 4 to 32 digits of a decimal or hexadecimal number."""
    return _BADGE.fullmatch(_plain(number)) is not None


def _plain(number: str) -> str:
    return "".join(number.split()).upper()


def _kept(secret: str, *, new: bool) -> str:
    if new and (key := password.fault(secret)):
        raise StaffError(key)
    return password.hashed(secret)


def _need_free(db: Connection, key: str, operator: str | None) -> None:
    if operator is None:
        return
    other = db.scalar(select(ACCOUNT.c.id).where(ACCOUNT.c.operator == operator, ACCOUNT.c.id != key))
    if other is not None:
        raise StaffError("staff.operator_taken")


def _need_admin(db: Connection) -> None:
    """Raises StaffError, which undoes what was done, where no administrator would be left."""
    admins = select(func.count()).where(ACCOUNT.c.role == StaffRole.ADMIN.value, ~ACCOUNT.c.disabled)
    if db.scalar(admins) == 0:
        raise StaffError("staff.last_admin")


def _role(db: Connection, key: str) -> str | None:
    return db.scalar(select(ACCOUNT.c.role).where(ACCOUNT.c.id == key))


def _account(row: Row[Any]) -> Account:
    since = datetime.fromtimestamp(row.since, UTC)
    return Account(
        row.id, row.name, StaffRole(row.role), row.operator, row.disabled, since, row.once, row.badge is not None
    )
