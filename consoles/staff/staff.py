"""The hall's staff as the consoles keep it: accounts, sessions, tokens, what was done, saved reports; and what somebody is now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from consoles.reports.saved import SavedReports
from consoles.staff import role
from consoles.staff.account import Accounts
from consoles.staff.attempt import Attempts
from consoles.staff.audit import KEEP_DAYS, Audit
from consoles.staff.book import Mark, opened
from consoles.staff.role import StaffRole
from consoles.staff.session import Session, Sessions
from consoles.staff.token import Tokens

FILE, REPORTS = "consoles.db", "reports.db"


class Staff:
    """The book of `folder`, made where it is not there. `now`: aware wall clock. A context manager; `close()` twice is fine.

    Raises: ConfigError: a newer version of the consoles wrote it.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime], keep_days: int = KEEP_DAYS) -> None:
        self._book, self._mark = opened(folder / FILE), Mark(folder / FILE)
        self.accounts = Accounts(self._book, self._mark, now)
        self.sessions = Sessions(self._book, self._mark, now)
        self.tokens = Tokens(self._book, now)
        self.attempts = Attempts(self._book, now)
        self.audit = Audit(self._book, now, keep_days)
        self.reports = SavedReports(folder / REPORTS, now)

    def role_of(self, session: Session) -> StaffRole | None:
        """What somebody is now; None: nobody any more, for the account is disabled or gone."""
        if session.account is not None:
            account = self.accounts.get(session.account)
            return account.role if account is not None and not account.disabled else None
        linked = self.accounts.linked(session.operator)
        if linked is None:
            return StaffRole.OPERATOR
        return None if linked.disabled else role.at_window(linked.role)

    def operator_of(self, session: Session) -> str:
        """Whom of the hall document somebody is: as who sits at a window, else by the account's link; "" nobody."""
        account = self.accounts.get(session.account or "")
        return session.operator or (account.operator if account is not None else None) or ""

    def name(self, who: str) -> str:
        """The name of an account; "" where there is none."""
        account = self.accounts.get(who)
        return account.name if account is not None else ""

    @property
    def founded(self) -> bool:
        """Whether there is any account; before that nobody can sign in."""
        return bool(self.accounts.all())

    def close(self) -> None:
        """Let the file go."""
        self._mark.close()
        self._book.dispose()
        self.reports.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
