"""Records as rows of the journal's tables, and rows as records: columns as JSON scalars. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic_core import to_json

from contract.messages import utc
from contract.words import (
    BookingState,
    HallState,
    MeasureKind,
    MeasureState,
    Paper,
    PauseKind,
    PaymentState,
    TicketState,
    Why,
    WindowState,
)
from coordinator.record import (
    Balance,
    Booking,
    Cassette,
    Certificate,
    DayRow,
    Fault,
    Kind,
    LastCall,
    Leg,
    Measure,
    Notice,
    Pause,
    Payment,
    Person,
    Record,
    Revision,
    Series,
    Ticket,
    Window,
)
from journal.event import Row, Scalar

KINDS: dict[str, type[Record]] = {
    "day": DayRow,
    "window": Window,
    "ticket": Ticket,
    "leg": Leg,
    "pause": Pause,
    "series": Series,
    "notice": Notice,
    "booking": Booking,
    "person": Person,
    "measure": Measure,
    "payment": Payment,
    "cassette": Cassette,
    "balance": Balance,
    "certificate": Certificate,
    "revision": Revision,
    "fault": Fault,
}
"""Every table of the hall's journal that a record fills."""


def image(record: Record) -> Row:
    """The after-image that goes into an event: the columns as JSON scalars; one that is None is left out."""
    form = _FORMS[type(record)]
    values = [*record]
    for at, write in form.written:
        if (value := values[at]) is not None:
            values[at] = write(value)
    return Row(form.table, {name: value for name, value in zip(form.at, values) if value is not None})  # noqa: B905  as many


def read(kind: type[Kind], values: Mapping[str, Any]) -> Kind:
    """The record of a row; `hall` and columns that are not fields are ignored, None and absent are the same.

    Raises: TypeError: a column that must be there is not. ValueError: a value is not one that `image` wrote.
    """
    readers, given = _FORMS[kind].read, {}
    for name, value in values.items():
        if value is not None and name in readers:
            reader = readers[name]
            given[name] = value if reader is None else reader(value)
    return kind(**given)


# --- columns ---------------------------------------------------------------------------------------------------------------

Codec = tuple[Callable[[Any], Scalar] | None, Callable[[Any], Any] | None]
"""How a value is written into a row and read from it; None: as it is."""


def _last_call(value: str) -> LastCall:
    at, ticket, label, *more = json.loads(value)
    if not more:  # as it was written before calls had reasons
        return LastCall(datetime.fromisoformat(at), ticket, label)
    service, why, facts = more
    said = tuple((name, text) for name, text in facts)
    return LastCall(datetime.fromisoformat(at), ticket, label, service, None if why is None else Why(why), said)


@lru_cache(256)
def _last_call_words(value: LastCall) -> str:
    return to_json([utc(value.at), *value[1:]]).decode()


@lru_cache(256)
def _words(value: tuple[object, ...]) -> str:
    return json.dumps(value, ensure_ascii=False)


_PLAIN: Codec = (None, None)
_CODECS: dict[str, Codec] = {
    "str": _PLAIN,
    "int": _PLAIN,
    "float": _PLAIN,
    "bool": (None, bool),
    "date": (date.isoformat, date.fromisoformat),
    "datetime": (utc, datetime.fromisoformat),
    "tuple[str, ...]": (_words, lambda v: tuple(json.loads(v))),
    "tuple[tuple[str, str], ...]": (_words, lambda v: tuple((name, text) for name, text in json.loads(v))),
    "tuple[tuple[int, int], ...]": (_words, lambda v: tuple((worth, count) for worth, count in json.loads(v))),
    "LastCall": (_last_call_words, _last_call),
    "HallState": (str, HallState),
    "WindowState": (str, WindowState),
    "TicketState": (str, TicketState),
    "BookingState": (str, BookingState),
    "Paper": (str, Paper),
    "PauseKind": (str, PauseKind),
    "MeasureKind": (str, MeasureKind),
    "MeasureState": (str, MeasureState),
    "PaymentState": (str, PaymentState),
}


class _Form(NamedTuple):
    """How a kind of record is written: its table, `at`: column → place, what is not stored as it is, and how columns are read."""

    table: str
    at: dict[str, int]
    written: list[tuple[int, Callable[[Any], Scalar]]]
    read: dict[str, Callable[[Any], Any] | None]


def _form(table: str, kind: type[Record]) -> _Form:
    named = {name: _CODECS[hint.__forward_arg__.removesuffix(" | None")] for name, hint in kind.__annotations__.items()}
    written = [(at, write) for at, (write, _) in enumerate(named.values()) if write is not None]
    return _Form(
        table, {name: at for at, name in enumerate(named)}, written, {n: read for n, (_, read) in named.items()}
    )


_FORMS: dict[type[Any], _Form] = {kind: _form(table, kind) for table, kind in KINDS.items()}
