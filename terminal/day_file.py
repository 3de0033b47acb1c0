"""A day of a terminal's money as a file: read from its journal while the terminal runs, written as CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path

from sqlalchemy import Connection, select

from contract.errors import ContractError
from journal import database, migration
from journal.event import Scalar
from journal.schema import MONEY

Found = dict[str, list[dict[str, Scalar]]]
COLUMNS = (
    "what", "id", "device", "order", "state", "method", "amount", "currency", "at", "ended_at", "reconciled", "note",
)  # fmt: skip
"""Of the CSV file, one line a payment, note, claim, fiscal receipt or balance; amounts with two decimals."""
_MOMENTS = {
    "payment": "opened_at",
    "note": "at",
    "claim": "at",
    "fiscal": "at",
    "stray": "at",
    "cassette": "collected_at",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class DayFile:
    """Rows of the tables of one day. `left`: payments of that day that no balance reconciles."""

    day: date
    found: Found

    @property
    def left(self) -> list[str]:
        """The staff's list of that day."""
        paid = [row for row in self.found["payment"] if not row["reconciled"]]
        return [str(row["id"]) for row in paid]

    def json(self) -> str:
        """All columns, in the journal's words."""
        return json.dumps({"day": self.day.isoformat(), "left": self.left, **self.found}, ensure_ascii=False, indent=1)

    def csv(self) -> str:
        """`COLUMNS`; no cell is a formula."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for line in self._lines():
            writer.writerow([_cell(line.get(column)) for column in COLUMNS])
        return text.getvalue()

    def _lines(self) -> Iterator[dict[str, Scalar]]:
        for table in ("payment", "note", "claim", "fiscal", "stray", "balance"):
            for row in self.found[table]:
                yield {**row, "what": table, "amount": _amount(row), **_words(table, row)}


def read(path: Path, day: date, zone: tzinfo | None = None) -> DayFile:
    """What happened on `day`, local to `zone` (None: this machine's); the journal is only read, its terminal may run.

    Raises: ContractError: no journal of a terminal, or one of another Vikno; JournalError: it cannot be read.
    """
    if not path.is_file():
        raise ContractError(f"{path}: there is no journal: --data is the folder named in the terminal's TOML file")
    with database.snapshot(path) as connection:
        if migration.version(connection) != MONEY.head:
            raise ContractError(f"{path}: no journal of a terminal that this program knows ({MONEY.head})")
        found = {table: _of_day(connection, table, moment, day, zone) for table, moment in _MOMENTS.items()}
        found["balance"] = [row for row in _rows(connection, "balance") if row["day"] == day.isoformat()]
        done = {str(row["payment"]): row["balance"] for row in _rows(connection, "reconciled")}
    for row in found["payment"]:
        row["reconciled"] = done.get(str(row["id"]))
    for row in found["note"]:
        row["reconciled"] = done.get(str(row["order_id"]))
    return DayFile(day, found)


def _of_day(connection: Connection, table: str, moment: str, day: date, zone: tzinfo | None) -> list[dict[str, Scalar]]:
    rows = _rows(connection, table)
    return [row for row in rows if row[moment] and _local(str(row[moment]), zone) == day]


def _rows(connection: Connection, table: str) -> list[dict[str, Scalar]]:
    target = MONEY.table(table)
    query = select(*(column for column in target.c if column.name != "hall")).order_by(*target.primary_key)
    return [dict(row) for row in connection.execute(query).mappings()]


def _local(moment: str, zone: tzinfo | None) -> date:
    return datetime.fromisoformat(moment).astimezone(zone).date()


def _words(table: str, row: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """What a table calls otherwise."""
    match table:
        case "payment":
            return {"order": row["order_id"], "method": "card", "at": row["opened_at"]}
        case "note":
            return {"order": row["order_id"], "method": "cash", "note": row["cassette"]}
        case "claim":
            return {"id": row["order_id"], "order": row["order_id"], "method": "cash"}
        case "fiscal":
            return {"note": row["number"] or row["why"]}
        case "stray":
            return {"id": row["mark"], "state": "unexplained", "method": "card"}
        case _:
            state = "balances" if row["balances"] else "does not balance"
            return {"state": state, "note": row["why"], "reconciled": None}


def _amount(row: Mapping[str, Scalar]) -> str:
    minor = row.get("amount_minor", row.get("ours_minor"))
    if minor is None:
        return ""
    whole, part = divmod(abs(int(str(minor))), 100)
    return f"{'-' if int(str(minor)) < 0 else ''}{whole}.{part:02}"


def _cell(value: Scalar) -> str:
    text = "" if value is None else str(value)
    number = text.lstrip("-").replace(".", "", 1).isdecimal()
    return f"'{text}" if text.startswith(_FORMULA) and not number else text
