"""A copy of the hall's journal while the service runs."""

from __future__ import annotations

import secrets
from pathlib import Path

from sqlalchemy import update

from journal import birth, database
from journal.errors import JournalError, told
from journal.schema import HALL
from journal.verify import Report, verify


def backup(path: Path, hall: str, target: Path) -> Report:
    """Copy the hall's journal at `path` to the new file `target`, which appears when the copy is whole and verified.

    The copy is another incarnation (`inc`): opened again one day, what it numbers is not taken for the original's.
    Boxes are not backed up: what matters of theirs is in the hall.
    Raises: JournalError: `target` exists, the copy cannot be written, or it does not verify (nothing is left then).
    """
    if target.exists():
        raise JournalError(target, "it exists already", "choose another name; a backup never overwrites one")
    aside = target.with_name(f"{target.name}.new")
    birth.discard(aside)
    try:
        _copy(path, aside)
        report = verify(aside, hall, HALL)
        if not report.ok:
            raise JournalError(path, f"its copy does not verify: {report.problems[0]}", "run: vikno verify")
        birth.settle(aside, target)
    finally:
        birth.discard(aside)
    return report


def _copy(path: Path, aside: Path) -> None:
    source, copy = database.connect(path, database.READ), None
    try:
        copy = database.connect(aside, ("synchronous=FULL",), create=True)
        with told(aside), copy.begin():
            source.connection.backup(copy.connection.dbapi_connection, pages=1000)
            # One file, without -wal and -shm beside it, for as long as nobody opens it to write.
            copy.exec_driver_sql("PRAGMA journal_mode=DELETE")
            meta = HALL.table("meta")
            copy.execute(update(meta).where(meta.c.key == "inc").values(value=secrets.token_hex(8)))
    finally:
        database.close(source)
        if copy:
            database.close(copy)
