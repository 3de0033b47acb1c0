"""What can go wrong with a journal; each text ends in the next step for a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from contract.errors import ViknoError

RESTORE = "stop this service, keep the file for inquiry, and put back the last backup: see journal/README.md"
_FULL = {"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"}
_BROKEN = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT")
_STEPS = {
    "SQLITE_BUSY": "another program is writing to this file: stop it; only one service owns a journal",
    "SQLITE_CANTOPEN": "check that the folder exists and that this service may write to it",
    "SQLITE_READONLY": "this service may not write here: check the owner of the file, its folder and the mount",
    "SQLITE_PERM": "this service may not write here: check the owner of the file and its folder",
}


class JournalError(ViknoError):
    """A journal cannot be used. `fault` says what is wrong, `hint` what a person does next."""

    def __init__(self, path: Path | str, fault: str, hint: str) -> None:
        self.path, self.fault, self.hint = str(path), fault, hint
        super().__init__(f"{path}: {fault}: {hint}")


class JournalFull(JournalError):  # noqa: N818  it says what is: the journal is full
    """There is no room left for what must be remembered; nothing of the last commit was kept."""

    def __init__(self, path: Path | str, fault: str = "no space left on the disk") -> None:
        super().__init__(path, fault, "free space on this disk; a ballast file beside the journal may be released")


@contextmanager
def told(path: Path | str) -> Iterator[None]:
    """What SQLite says about the file at `path` is raised as a JournalError."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as exc:
        raise _error(path, exc) from exc


def _error(path: Path | str, exc: DBAPIError | sqlite3.Error) -> JournalError:
    said = exc.orig if isinstance(exc, DBAPIError) else exc
    name = getattr(said, "sqlite_errorname", type(said).__name__)
    if name in _FULL:
        return JournalFull(path)
    if name.startswith(_BROKEN):
        return JournalError(path, f"the file is damaged ({said})", RESTORE)
    step = next((step for code, step in _STEPS.items() if name.startswith(code)), "check the disk, then start again")
    return JournalError(path, f"{said} ({name})", step)
