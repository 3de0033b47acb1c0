"""Connections to a journal's file: the writer's, and read-only ones for everybody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import ClauseElement, Connection, Dialect, StaticPool, create_engine

from journal.errors import told

WRITE = ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL")
READ = ("busy_timeout=5000", "query_only=ON")
SCRATCH = ("journal_mode=OFF", "synchronous=OFF")


def connect(path: Path, pragmas: tuple[str, ...], *, create: bool = False) -> Connection:
    """A connection of its own, usable by any one thread at a time; transactions begin where the caller writes BEGIN.

    Raises: JournalError: SQLite cannot open the file.
    """
    # Named parameters: prepared statements take rows as dicts, here as on PostgreSQL.
    url = f"sqlite:///file:{quote(str(path))}?mode={'rwc' if create else 'rw'}&uri=true"
    engine = create_engine(
        url,
        paramstyle="named",
        poolclass=StaticPool,
        connect_args={"isolation_level": None, "check_same_thread": False},
    )
    with told(path):
        connection = engine.connect()
        try:
            for pragma in pragmas:
                connection.exec_driver_sql(f"PRAGMA {pragma}")
            connection.commit()
        except BaseException:
            close(connection)
            raise
    return connection


def close(connection: Connection) -> None:
    """Close the file itself, not only the handle on it."""
    connection.close()
    connection.engine.dispose()


def prepared(statement: ClauseElement, dialect: Dialect) -> str:
    """The statement's text, for `write` and `ask`: measured a fifth less time for a commit.

    Values go to the driver as they are: for tables whose types need no conversion.
    """
    return str(statement.compile(dialect=dialect))


def write(connection: Connection, statement: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Run a `prepared` statement for each of `rows`, within the transaction that is open.

    Raises: what the driver raises, which `told` understands.
    """
    # The driver's own cursor: what SQLAlchemy does around it costs as much as the rows of a small commit.
    with closing(connection.connection.cursor()) as cursor:
        cursor.executemany(statement, rows)


def ask(connection: Connection, statement: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """The rows that a statement finds. Raises: as `write`."""
    with closing(connection.connection.cursor()) as cursor:
        found: list[tuple[Any, ...]] = cursor.execute(statement, values).fetchall()
    return found


@contextmanager
def snapshot(path: Path) -> Iterator[Connection]:
    """The file as it is now, read-only: commits made meanwhile are not seen.

    Raises: JournalError: SQLite cannot open or read the file.
    """
    connection = connect(path, READ)
    try:
        with told(path), connection.begin():
            connection.exec_driver_sql("BEGIN")
            yield connection
    finally:
        close(connection)


def damage(connection: Connection) -> str | None:
    """What SQLite finds wrong in the file's structure, None when it is sound. Reads the whole file."""
    with closing(connection.exec_driver_sql("PRAGMA quick_check(1)")) as result:
        verdict = str(result.scalar())
    return None if verdict == "ok" else verdict
