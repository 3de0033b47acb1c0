"""Rows of events into tables: a plain upsert, the same in a commit, a rebuild and a database of many halls."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, ColumnDefault, Connection, Dialect, Table

from contract.errors import ContractError
from journal.database import prepared, write
from journal.event import Row, Scalar
from journal.schema import Schema

Values = dict[str, Scalar]


class Projector:
    """Writes after-images of one kind of journal. Its statements are built once: keep it as long as the connection."""

    def __init__(self, schema: Schema, dialect: Dialect) -> None:
        """`dialect`: that of the connection, SQLite's or PostgreSQL's, its parameters named."""
        self._targets = {name: _Target(schema.table(name), dialect) for name in schema.projected}

    def prepare(self, hall: str, rows: Iterable[Row]) -> dict[str, list[Values]]:
        """Whole rows by table, each table's in the order given.

        Raises: ContractError: a table or column that this kind of journal does not have, or a value is missing.
        """
        batches: dict[str, list[Values]] = {}
        for row in rows:
            target = self._targets.get(row.table)
            if target is None:
                raise ContractError(f"row of {row.table!r}: allowed are {', '.join(self._targets)}")
            batches.setdefault(row.table, []).append(target.whole(hall, row))
        return batches

    def write(self, connection: Connection, batches: dict[str, list[Values]]) -> None:
        """Insert or replace what `prepare` made."""
        for name, batch in batches.items():
            write(connection, self._targets[name].upsert, batch)


class _Target:
    def __init__(self, table: Table, dialect: Dialect) -> None:
        self._name = table.name
        self._blank: Values = {column.name: _blank(column) for column in table.columns if column.name != "hall"}
        self._needed = [column.name for column in table.columns if column.name != "hall" and not column.nullable]
        self._must = itemgetter("hall", *self._needed)
        self.upsert = _upsert(table, dialect)

    def whole(self, hall: str, row: Row) -> Values:
        """The row with every column. Raises: ContractError: it has one that the table has not."""
        values = {**self._blank, **row.values}
        if len(values) > len(self._blank):
            unknown = row.values.keys() - self._blank.keys()
            raise ContractError(f"row of {self._name!r}: no column {', '.join(sorted(unknown))}")
        values["hall"] = hall
        if None in self._must(values):
            missing = next(name for name in self._needed if values[name] is None)
            raise ContractError(f"row of {self._name!r}: {missing} must have a value")
        return values


def _blank(column: Column[Any]) -> Scalar:
    """What stands in a column that a row does not name."""
    return column.default.arg if isinstance(column.default, ColumnDefault) else None


def _upsert(table: Table, dialect: Dialect) -> str:
    insert: Any = import_module(f"sqlalchemy.dialects.{dialect.name}").insert(table)
    rest = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    keys = list(table.primary_key.columns)
    return prepared(insert.on_conflict_do_update(index_elements=keys, set_=rest), dialect)
