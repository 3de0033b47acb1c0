"""The journal: one file, one writer, one transaction for events, rows and replies."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, delete, insert, select, update

from contract.errors import ContractError
from journal import birth, database, log, migration
from journal.chain import GENESIS, link
from journal.errors import RESTORE, JournalError, told
from journal.event import Event, Scalar, body
from journal.lock import Lock
from journal.log import ChainError, Entry
from journal.project import Projector
from journal.schema import Schema

TAIL_EVENTS = 1000
# Up to here a start reads the whole file; a larger one is read by `verify`, beside the running service.
QUICK_CHECK_BYTES = 64 * 1024 * 1024

Also = Callable[[Connection], object]


class Journal:
    """The only writer of its file. Threads may share it; a call returns when the disk has it.

    `inc` names this storage since it was new, `ep` counts its openings, `path`, `hall` and `schema` are as opened.
    After a failed commit it refuses all further ones: the process is to end and open the file again.
    """

    def __init__(self, path: Path, hall: str, schema: Schema, now: Callable[[], datetime]) -> None:
        """As `open`."""
        self.path, self.hall, self.schema = path, hall, schema
        self._now = now
        self._mutex = threading.RLock()
        self._refused: str | None = None
        self._seq, self._hash = 0, GENESIS
        self._lock = Lock(path)
        try:
            self._start()
        except BaseException:
            self._lock.close()
            raise

    @classmethod
    def open(cls, path: Path, hall: str, schema: Schema, now: Callable[[], datetime]) -> Self:
        """The journal of `hall` at `path`, made new where there is none, its tables brought to the newest form.

        `now`: wire time, aware; it dates the replies. The structure of a file up to `QUICK_CHECK_BYTES` is checked
        whole, of the events the last `TAIL_EVENTS`: start `verify` beside the service.
        Raises: JournalFull: no room even to open; JournalError: the file is damaged, in use, newer than this
        program, or the journal of something else.
        """
        return cls(path, hall, schema, now)

    def commit(
        self, events: Sequence[Event] = (), replies: Sequence[tuple[str, str]] = (), also: Also | None = None
    ) -> range:
        """Remember all of it or nothing; returns the numbers given to `events`.

        `replies`: (command id, reply as JSON), each id once and new, found again by `seen`. `also` writes what else
        belongs to the transaction; it must not call the journal.
        Raises: ContractError: an event or a row is not well formed, nothing was begun; JournalFull, JournalError:
        nothing was kept, and nothing will be until the file is opened again.
        """
        if replies:
            self._need_replies()
        batches = self._projector.prepare(self.hall, (row for event in events for row in event.rows))
        bodies = [body(event) for event in events]
        with self._mutex:
            lines = self._chained(events, bodies)
            with self._transaction() as connection:
                if lines:
                    database.write(connection, self._insert_event, lines)
                self._projector.write(connection, batches)
                if replies:
                    database.write(connection, self._insert_reply, self._dated(replies))
                if also:
                    also(connection)
            return self._advance(lines)

    def seen(self, commands: Sequence[str]) -> dict[str, str]:
        """Command id → the reply that was committed for it; ids without one (any more) are missing."""
        self._need_replies()
        with self.reading() as connection:
            asked = {"hall": self.hall, "ids": json.dumps(list(commands))}
            return dict(database.ask(connection, self._select_replies, asked))

    def prune_seen(self, before: datetime) -> int:
        """Forget replies given before then; returns how many."""
        cmd_seen = self.schema.table("cmd_seen")
        old = delete(cmd_seen).where(cmd_seen.c.hall == self.hall, cmd_seen.c.at < stamp(before))
        forgotten = 0

        def forget(connection: Connection) -> None:
            nonlocal forgotten
            forgotten = connection.execute(old).rowcount

        self.commit(also=forget)
        return forgotten

    def rows(self, table: str, **where: Scalar | tuple[Scalar, ...]) -> list[dict[str, Scalar]]:
        """Rows of a projected table as `Row.values` has them, ordered by key.

        `where`: column = value (None too), or a tuple: one of these values.
        Raises: KeyError: no such table or column.
        """
        target = self.schema.table(table)
        query = select(*(column for column in target.c if column.name != "hall")).where(target.c.hall == self.hall)
        for name, value in where.items():
            column = target.c[name]
            query = query.where(column.in_(value) if isinstance(value, tuple) else column == value)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(query.order_by(*target.primary_key)).mappings()]

    def events(self, after: int, limit: int) -> list[Entry]:
        """Up to `limit` events that follow number `after`, in order."""
        with self.reading() as connection:
            return list(log.entries(connection, self.schema, self.hall, after, limit))

    def meta(self, key: str) -> str | None:
        """A word the journal keeps about itself, None when it was never written."""
        meta = self.schema.table("meta")
        with self.reading() as connection:
            return connection.scalar(select(meta.c.value).where(meta.c.hall == self.hall, meta.c.key == key))

    @property
    def last_seq(self) -> int:
        """Number of the newest event, 0 before the first."""
        return self._seq

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The writer's own connection, to read what was committed; held by one thread at a time."""
        with self._mutex:
            if self._connection.closed:
                raise JournalError(self.path, "is closed", "open it again")
            with told(self.path), self._connection.begin():
                yield self._connection

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """No other thread reads or commits meanwhile: for a look and a commit that belong together."""
        with self._mutex:
            yield

    def close(self) -> None:
        """Give the file back; a second call does nothing."""
        with self._mutex:
            self._refused = "it is closed"
            database.close(self._connection)
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if self._refused:
            raise JournalError(self.path, f"commit refused: {self._refused}", "restart this service")
        try:
            with told(self.path), self._connection.begin():
                self._connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield self._connection
        except BaseException as exc:
            # Whatever it was, what the disk holds is no longer known for sure.
            self._refused = f"an earlier one failed ({exc})"
            raise

    def _chained(self, events: Sequence[Event], bodies: Sequence[str]) -> list[dict[str, Scalar]]:
        lines: list[dict[str, Scalar]] = []
        seq, prev = self._seq, self._hash
        for event, text in zip(events, bodies, strict=True):
            seq += 1
            prev = link(prev, self.hall, seq, event.at, event.kind, event.who, event.cmd, text)
            lines.append(
                {
                    "hall": self.hall, "seq": seq, "at": event.at, "kind": event.kind, "who": event.who, "cmd": event.cmd,
                    "body": text, "hash": prev,
                }
            )  # fmt: skip
        return lines

    def _advance(self, lines: Sequence[dict[str, Scalar]]) -> range:
        first = self._seq + 1
        if lines:
            self._seq, self._hash = self._seq + len(lines), str(lines[-1]["hash"])
        return range(first, self._seq + 1)

    def _need_replies(self) -> None:
        if not self._insert_reply:
            raise ContractError(f"a {self.schema.name} journal keeps no replies")

    def _dated(self, replies: Sequence[tuple[str, str]]) -> list[dict[str, Scalar]]:
        at = stamp(self._now())
        return [{"hall": self.hall, "id": command, "at": at, "reply": reply} for command, reply in replies]

    def _start(self) -> None:
        if not self.path.exists():
            birth.create(self.path, self.hall, self.schema)
        self._connection = database.connect(self.path, database.WRITE)
        self._prepare()
        try:
            self._check_file()
            self._upgrade()
            self._check_owner()
            self._seq, self._hash = self._proven_tail()
            self._count_opening()
        except BaseException:
            database.close(self._connection)
            raise

    def _prepare(self) -> None:
        dialect = self._connection.dialect
        self._projector = Projector(self.schema, dialect)
        self._insert_event = database.prepared(insert(self.schema.table("event")), dialect)
        self._insert_reply = ""
        # One question for a whole batch; SQLite's own JSON makes it one statement for any number of ids.
        self._select_replies = (
            "SELECT id, reply FROM cmd_seen WHERE hall = :hall AND id IN (SELECT value FROM json_each(:ids))"
        )
        seen = self.schema.metadata.tables.get("cmd_seen")
        if seen is not None:
            self._insert_reply = database.prepared(insert(seen), dialect)

    def _check_file(self) -> None:
        if self.path.stat().st_size > QUICK_CHECK_BYTES:
            return
        with self.reading() as connection:
            fault = database.damage(connection)
        if fault:
            raise JournalError(self.path, f"the file is damaged ({fault})", RESTORE)

    def _upgrade(self) -> None:
        with self.reading() as connection:
            found = migration.version(connection)
        if found == self.schema.head:
            return
        if found is None:
            raise JournalError(self.path, "there is no journal in this file", RESTORE)
        if found not in migration.known(self.schema):
            fault = f"its tables are {found}, this program knows them up to {self.schema.head}"
            raise JournalError(self.path, fault, "check the path, or install the Vikno that wrote it")
        with self._transaction() as connection:
            migration.upgrade(connection, self.schema)

    def _check_owner(self) -> None:
        meta = self.schema.table("meta")
        with self.reading() as connection:
            owner = connection.scalar(select(meta.c.hall).where(meta.c.key == "inc"))
        if owner != self.hall:
            raise JournalError(
                self.path, f"it belongs to hall {owner!r}, not {self.hall!r}", "check path and hall in the TOML file"
            )

    def _proven_tail(self) -> tuple[int, str]:
        with self.reading() as connection:
            try:
                return log.tail(connection, self.schema, self.hall, TAIL_EVENTS)
            except ChainError as exc:
                raise JournalError(self.path, f"the chain is broken: {exc}", RESTORE) from exc

    def _count_opening(self) -> None:
        self.inc, self.ep = str(self.meta("inc")), int(self.meta("ep") or 0) + 1
        meta = self.schema.table("meta")
        line = update(meta).where(meta.c.hall == self.hall, meta.c.key == "ep").values(value=str(self.ep))
        self.commit(also=lambda connection: connection.execute(line))


def stamp(moment: datetime) -> str:
    """An aware moment as every journal writes it: UTC, ISO 8601 with ms and 'Z'."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
