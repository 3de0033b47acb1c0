"""A folder of CSV files into a register's database: good rows in one transaction, bad ones listed, nothing half-written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from contract.errors import ConfigError
from registers.community import rows as csv_rows
from registers.community.rows import Bad, Row
from registers.community.table import DUES, PERSONS, SETTLEMENTS, STREETS, TABLES, Table
from registers.register import away
from registers.schema import DUE, ENTRY, METADATA, PERSON

MAX_FILE_BYTES = 256 * 2**20
_AT_ONCE = 500

Progress = Callable[[str, int, int], None]
"""(file, rows done, rows in all), now and then."""


@dataclass(slots=True)
class Report:
    """`taken`: file → rows that are in; `bad`: what is not, in the order of the files and lines."""

    taken: dict[str, int] = field(default_factory=dict)
    bad: list[Bad] = field(default_factory=list)


def load(folder: Path, engine: Engine, progress: Progress) -> Report:
    """Bring the files of `folder` that are there into the tables, which are made where they are missing.

    A row that is known by its key is changed, no row is taken out. Raises: ConfigError: no such folder, none of the files in it, a
    file cannot be read. TransientDeviceError: the database does not answer; nothing of the import is in it then.
    """
    present = [table for table in TABLES if (folder / table.file).exists()]
    if not present:
        raise ConfigError(folder, None, "folder", "no file", ", ".join(table.file for table in TABLES))
    report = Report()
    try:
        METADATA.create_all(engine)
        with engine.begin() as db:
            for table in present:
                read = csv_rows.read(table, _bytes(folder / table.file))
                good = _Sieve(db, table, report.bad)
                report.bad += read.bad
                _write(db, table, [row for line, row in read.rows if good.lets(line, row)], progress)
                report.taken[table.file] = good.count
    except SQLAlchemyError:
        raise away(str(engine.url.render_as_string())) from None  # its text holds people's data
    report.bad.sort(key=lambda bad: ([t.file for t in TABLES].index(bad.file), bad.line))
    return report


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise ConfigError(
                file, None, "size", file.stat().st_size, f"at most {MAX_FILE_BYTES} bytes; cut it in parts"
            )
        return file.read_bytes()
    except OSError as exc:
        raise ConfigError(file, None, "file", exc.strerror or "", "a readable file") from exc


class _Sieve:
    """Lets a row through that stands once, takes nobody else's number or code, and refers to what there is."""

    def __init__(self, db: Connection, table: Table, bad: list[Bad]) -> None:
        self._table, self._bad, self.count = table, bad, 0
        self._lines: dict[tuple[str, object], int] = {}
        self._owners = {key[0]: dict(_owners(db, table, key[0])) for key in table.keys[1:]}
        self._settlements = _ids(db, SETTLEMENTS)
        self._streets = {row.id: row.under for row in db.execute(_entries(STREETS))} if table is PERSONS else {}

    def lets(self, line: int, row: Row) -> bool:
        """Whether the row may go in; where not, why is in the report."""
        why = self._twice(line, row) or self._astray(row)
        if why is not None:
            column, said, allowed = why
            self._bad.append(Bad(self._table.file, line, column, said, allowed))
            return False
        self.count += 1
        return True

    def _twice(self, line: int, row: Row) -> tuple[str, str, str] | None:
        keys = [(key[0], row[key[0]]) for key in self._table.keys if row[key[0]] is not None]
        for key in keys:
            if key in self._lines:
                return key[0], f"stands in line {self._lines[key]} too", "each once"
            owner = self._owners.get(key[0], {}).get(key[1])
            if owner is not None and owner != row[self._table.keys[0][0]]:
                return key[0], "belongs to another row of the database", "each once"
        self._lines.update((key, line) for key in keys)
        return None

    def _astray(self, row: Row) -> tuple[str, str, str] | None:
        if self._table is STREETS and row["under"] not in self._settlements:
            return "under", "no such settlement", "an id of settlements.csv, or of the database"
        if self._table is not PERSONS:
            return None
        if row["settlement"] is not None and row["settlement"] not in self._settlements:
            return "settlement", "no such settlement", "an id of settlements.csv, or of the database"
        if row["street"] is not None and self._streets.get(str(row["street"])) != row["settlement"]:
            return "street", "no such street in this settlement", "an id of streets.csv, or of the database"
        return None


def _entries(table: Table) -> Any:
    return select(ENTRY.c.id, ENTRY.c.under).where(ENTRY.c.directory == table.directory)


def _ids(db: Connection, table: Table) -> set[str]:
    return {row.id for row in db.execute(_entries(table))}


def _owners(db: Connection, table: Table, column: str) -> Iterator[tuple[object, object]]:
    target, key = _target(table), table.keys[0][0]
    for row in db.execute(select(target.c[column], target.c[key]).where(target.c[column].is_not(None))):
        yield row[0], row[1]


def _target(table: Table) -> SqlTable:
    return {PERSONS.file: PERSON, DUES.file: DUE}.get(table.file, ENTRY)


def _write(db: Connection, table: Table, rows: list[Row], progress: Progress) -> None:
    target, done = _target(table), 0
    for at in range(0, len(rows), _AT_ONCE):
        part = rows[at : at + _AT_ONCE]
        _upsert(db, target, [_values(table, row) for row in part])
        done += len(part)
        progress(table.file, done, len(rows))


def _values(table: Table, row: Row) -> dict[str, Any]:
    empty = {"was": "", "house": "", "flat": ""}
    values = {name: empty.get(name) if value is None else value for name, value in row.items()}
    return values if table.directory is None else {"directory": table.directory, "under": None, **values}


def _upsert(db: Connection, target: SqlTable, rows: Iterable[dict[str, Any]]) -> None:
    make = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
    insert = make(target)
    keys = [column.name for column in target.primary_key]
    new = {name: insert.excluded[name] for name in target.c.keys() if name not in keys}  # noqa: SIM118 - a collection, no dict
    db.execute(insert.on_conflict_do_update(index_elements=keys, set_=new), list(rows))
