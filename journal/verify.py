"""Is the journal still what was written? The whole of it, beside the service that writes it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Table, select
from sqlalchemy.exc import DBAPIError

from contract.errors import ContractError
from journal import database, log, migration
from journal.chain import GENESIS
from journal.errors import JournalError
from journal.log import ChainError, Entry
from journal.rebuild import Progress, quiet, replay
from journal.schema import Schema


@dataclass(frozen=True, slots=True)
class Report:
    """What was found.

    `events`: how many were proven; `head`: the hash of the last of them; `first_bad_seq`: the first that could not be
    proven, None when all were.
    `rows`: how many projected rows were compared with those made again from the events; 0 when the chain is broken.
    `problems`: one sentence each, none when all is well.
    """

    events: int
    head: str
    rows: int
    first_bad_seq: int | None
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.problems


def verify(path: Path, hall: str, schema: Schema, progress: Progress = quiet) -> Report:
    """Read the whole file, prove every event, and compare the projected rows with those that the events make.

    Works on a snapshot, so that the service may go on; needs about the journal's size in the temporary folder.
    `progress` gets (done, total) now and then. Damage is reported, never raised.
    """
    try:
        with database.snapshot(path) as connection:
            return _report(connection, hall, schema, progress)
    except JournalError as exc:
        return Report(0, GENESIS, 0, None, (exc.fault,))


def _report(connection: Connection, hall: str, schema: Schema, progress: Progress) -> Report:
    found = migration.version(connection)
    if found != schema.head:
        return Report(0, GENESIS, 0, None, (f"tables are {found}, not {schema.head}: start the service once",))
    fault = database.damage(connection)
    audit = _Audit(problems=[f"structure: {fault}"] if fault else [])
    with tempfile.TemporaryDirectory(prefix="vikno-verify-") as folder:
        scratch = database.connect(Path(folder) / "rebuilt.db", database.SCRATCH, create=True)
        try:
            audit.walk(connection, scratch, hall, schema, progress)
            if audit.first_bad_seq is None:
                audit.compare(connection, scratch, schema)
        finally:
            database.close(scratch)
    return Report(audit.events, audit.head, audit.rows, audit.first_bad_seq, tuple(audit.problems))


@dataclass(slots=True)
class _Audit:
    problems: list[str]
    events: int = 0
    head: str = GENESIS
    rows: int = 0
    first_bad_seq: int | None = None

    def walk(self, source: Connection, scratch: Connection, hall: str, schema: Schema, progress: Progress) -> None:
        """Prove the events and write their rows into `scratch`."""
        total = log.last_seq(source, schema, hall)
        proven = self._counted(log.checked(log.entries(source, schema, hall), hall))
        try:
            with scratch.begin():
                scratch.exec_driver_sql("BEGIN")
                schema.metadata.create_all(scratch)
                replay(proven, scratch, schema, hall, lambda done: progress(done, total))
        except ChainError as exc:
            self._bad(exc.seq, str(exc))
        except DBAPIError as exc:
            self._bad(self.events + 1, f"from event {self.events + 1} on: {exc.orig}")
        except (ContractError, KeyError, TypeError, ValueError) as exc:
            self._bad(self.events, f"up to event {self.events}: rows that do not fit the tables: {exc}")

    def compare(self, live: Connection, scratch: Connection, schema: Schema) -> None:
        """Hold each projected table against the one made again, value by value."""
        for name in schema.projected:
            table = schema.table(name)
            query = select(table).order_by(*table.primary_key)
            for ours, made in zip_longest(_stream(live, query), _stream(scratch, query)):
                self.rows += 1
                if ours != made:
                    self.problems.append(f"{name}: {_difference(table, ours, made)}")
                    break

    def _counted(self, found: Iterator[Entry]) -> Iterator[Entry]:
        for entry in found:
            self.events, self.head = entry.seq, entry.hash
            yield entry

    def _bad(self, seq: int, problem: str) -> None:
        self.first_bad_seq = seq
        self.problems.append(problem)


def _stream(connection: Connection, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield tuple(row)


def _difference(table: Table, ours: tuple[Any, ...] | None, made: tuple[Any, ...] | None) -> str:
    key = len(table.primary_key)
    if ours is None or made is None or ours[:key] != made[:key]:
        extra = made is None or (ours is not None and ours[:key] < made[:key])
        row = ours if extra else made
        return f"row {(row or ())[:key]} {'has no event' if extra else 'is missing'}"
    columns = [name for name, a, b in zip(table.columns.keys(), ours, made, strict=True) if a != b]
    return f"row {ours[:key]} differs from its events in {', '.join(columns)}"
