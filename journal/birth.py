"""A journal's file from nothing: made aside and renamed, so that a half-made one is never met."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sqlalchemy import insert

from journal import database, migration
from journal.errors import RESTORE, JournalError, told
from journal.schema import Schema


def create(path: Path, hall: str, schema: Schema) -> None:
    """Make the journal of `hall` at `path`, empty, with an incarnation of its own.

    Raises: JournalError: a write-ahead log is left of a journal that is gone, or the file cannot be made.
    """
    if path.with_name(f"{path.name}-wal").exists():
        raise JournalError(path, "the file is gone but its -wal is there", RESTORE)
    aside = path.with_name(f"{path.name}.new")
    discard(aside)
    _fill(aside, hall, schema)
    settle(aside, path)


def discard(aside: Path) -> None:
    """Remove what an interrupted run left at `aside`."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        aside.with_name(f"{aside.name}{suffix}").unlink(missing_ok=True)


def settle(aside: Path, path: Path) -> None:
    """Give a finished file its name, durably."""
    _sync(aside, os.O_RDWR)
    aside.replace(path)
    _sync(path.parent, os.O_RDONLY)


def _fill(aside: Path, hall: str, schema: Schema) -> None:
    connection = database.connect(aside, database.WRITE, create=True)
    try:
        with told(aside), connection.begin():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            migration.upgrade(connection, schema)
            born = {"inc": secrets.token_hex(8), "ep": "0"}
            lines = [{"hall": hall, "key": key, "value": value} for key, value in born.items()]
            connection.execute(insert(schema.table("meta")), lines)
    finally:
        database.close(connection)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
