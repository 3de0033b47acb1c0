"""One service owns a journal: a lock that the kernel drops when its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from journal.errors import JournalError


class Lock:
    """Held from the making until `close`.

    On a file of its own: closing any handle on SQLite's file drops the locks that SQLite has on it.
    """

    def __init__(self, journal: Path) -> None:
        """Raises: JournalError: another service (or this one, twice) holds it, or the folder is not writable."""
        try:
            self._handle = os.open(f"{journal}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as exc:
            hint = "check that the folder exists and that this service may write to it"
            raise JournalError(journal, f"cannot be locked ({exc.strerror})", hint) from exc
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            self.close()
            raise JournalError(journal, "another service has it open", "stop that service first") from exc

    def close(self) -> None:
        """Let the next one in."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
