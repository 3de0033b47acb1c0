"""Events and the rows they leave: pure values, and their text in the journal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic_core import to_json

from contract.errors import ContractError

Scalar = str | int | float | bool | None
Fact = Scalar | list["Fact"] | dict[str, "Fact"]

_strict = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_PLAIN = frozenset({str, int, float, bool, type(None)})


class Row(NamedTuple):
    """The whole after-image of one row of a projected table.

    `values`: every column but `hall`, which the journal adds; a column left out is NULL.
    """

    table: str
    values: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, and what it changed.

    `kind` dotted ('ticket.called'); `at` UTC, ISO 8601 with ms and 'Z'; `who` the device or operator that caused it;
    `cmd` the command's id, None where nobody asked; `facts` what a reader or another box wants to know;
    `rows` in the order in which they are to be written.
    """

    kind: str
    at: str
    who: str
    cmd: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()


def body(event: Event) -> str:
    """The event's facts and rows as one line of JSON; a row's columns that are None are left out.

    Raises: ContractError: a word of the event is empty or has a line break, or a value is not JSON.
    """
    words = (event.kind, event.at, event.who, "-" if event.cmd is None else event.cmd)
    if not all(words) or not "".join(words).isprintable():
        raise ContractError(f"event {event.kind!r}: kind, at, who, cmd: {words}: each one printable line, not empty")
    try:
        return _encode(event)
    except (TypeError, ValueError) as exc:
        raise ContractError(f"event {event.kind!r}: facts and rows hold JSON values only: {exc}") from exc


def _encode(event: Event) -> str:
    kinds = set(map(type, event.facts.values())).union(*[map(type, values.values()) for _, values in event.rows])
    rows = event.rows
    if type(None) in kinds:
        rows = tuple(Row(table, {name: v for name, v in values.items() if v is not None}) for table, values in rows)
    said = {"facts": event.facts, "rows": rows}
    if kinds <= _PLAIN:
        # A third of the time, but it takes more than JSON: only plain values go to it, and no number that is none.
        line = to_json(said).decode()
        if float not in kinds or ("NaN" not in line and "Infinity" not in line):
            return line
    line = _strict(said)
    line.encode()  # what is no text of any language cannot be stored
    return line


def rows_of(text: str) -> list[Row]:
    """The rows in a stored body. Raises: ValueError, KeyError, TypeError: the text is not one that `body` wrote."""
    return [Row(table, values) for table, values in json.loads(text)["rows"]]


def facts_of(text: str) -> dict[str, Fact]:
    """The facts in a stored body. Raises: ValueError, KeyError: the text is not one that `body` wrote."""
    facts: dict[str, Fact] = json.loads(text)["facts"]
    return facts
