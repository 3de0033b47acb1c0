"""The consoles' own database: people, their sessions and tokens, wrong tries, and what was done. One SQLite file, `consoles.db`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    inspect,
    text,
)

from contract.errors import ConfigError

VERSION = 2
"""Of the file. 1 had sessions alone: a file of it loses them, and nothing else that is older is known."""
WAIT_S = 5.0
"""Longest wait for another process that writes: `vikno account` beside running consoles."""

_METADATA = MetaData()

ACCOUNT = Table(
    "account",
    _METADATA,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("operator", String),
    Column("disabled", Boolean, nullable=False),
    Column("since", Float, nullable=False),
    Column("password", String),
    Column("once", Boolean, nullable=False),
)
BADGE = Table(
    "badge",
    _METADATA,
    Column("number_hash", String, primary_key=True),
    Column("account", String, nullable=False, unique=True),
)
KEY = Table(
    "key",
    _METADATA,
    Column("name", String, primary_key=True),
    Column("secret", String, nullable=False),
)
TOKEN = Table(
    "token",
    _METADATA,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("name", String, nullable=False),
    Column("secret_hash", String, nullable=False, unique=True),
    Column("scopes", String, nullable=False),
    Column("made", Float, nullable=False),
    Column("until", Float, nullable=False),
    Column("used", Float),
)
SESSION = Table(
    "session",
    _METADATA,
    Column("secret_hash", String, primary_key=True),
    Column("who", String, nullable=False, index=True),
    Column("account", String),
    Column("operator", String),
    Column("window", String),
    Column("began", Float, nullable=False),
    Column("seen", Float, nullable=False),
    Column("until", Float, nullable=False),
    Column("ended", String),
)
ATTEMPT = Table(
    "attempt",
    _METADATA,
    Column("name", String, primary_key=True),
    Column("wrong", Integer, nullable=False),
    Column("rounds", Integer, nullable=False),
    Column("last", Float, nullable=False, index=True),
)
KNOWN = Table(
    "known",
    _METADATA,
    Column("name", String, primary_key=True),
    Column("last", Float, nullable=False, index=True),
)
AUDIT = Table(
    "audit",
    _METADATA,
    Column("n", Integer, primary_key=True),
    Column("at", Float, nullable=False, index=True),
    Column("who", String, nullable=False),
    Column("role", String, nullable=False),
    Column("act", String, nullable=False),
    Column("did", String, nullable=False),
    Column("what", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("prev", String, nullable=False),
    Column("hash", String, nullable=False),
)


def opened(file: Path) -> Engine:
    """The database of `file`, made where it is not there, readable by its owner alone. Its user disposes of it.

    Raises: ConfigError: a newer version of the consoles wrote it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": WAIT_S})
    event.listen(engine, "connect", _set_up)
    with engine.begin() as db:
        version = db.execute(text("PRAGMA user_version")).scalar_one()
        if version > VERSION:
            engine.dispose()
            raise ConfigError(str(file), None, "version", str(version), f"{VERSION}: update these consoles")
        if version < 2 and inspect(db).has_table("session"):
            db.execute(text("DROP TABLE session"))
        _METADATA.create_all(db)
        db.execute(text(f"PRAGMA user_version = {VERSION}"))
    return engine


class Mark:
    """A number that is another one after anything in the file has changed, by this process or another. Cheap to ask."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, check_same_thread=False)

    def now(self) -> int:
        """The number. A connection sees by it what all others committed (SQLite, PRAGMA data_version)."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Let the file go; twice is fine."""
        self._connection.close()


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
