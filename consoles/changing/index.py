"""A national index in the document, in which fees are counted: its name and what it was worth from which day on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, kept, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, text_of

_BLANK: Document = {"names": {}, "values": []}


def edit(document: Document, key: str, fields: Fields) -> None:
    """Names, and a value from a day on; or it is taken away."""
    if field.yes(fields, "remove"):
        remove(document, "indices", key)
        return
    one = filled(document, "indices", key, _BLANK)
    values = [each for each in one["values"] if not field.yes(fields, f"novalue.{each['from']}")]
    if fields.get("from", "").strip() or not values:
        since = field.needed_day(fields, "from")
        minor = round(field.number(fields, "value", least=0.01, most=10_000_000) * 100)
        new = {"from": since, "minor": minor, "source": field.line(fields, "source")}
        values = sorted([*(each for each in values if each["from"] != since), new], key=lambda each: str(each["from"]))
    kept(
        document,
        "indices",
        key,
        "index",
        {"names": field.texts(document, fields, "name", one["names"]), "values": values},
    )


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The index."""
    return {"one": filled(telling.document, "indices", key, _BLANK)}


def lines(telling: Telling) -> list[Line]:
    """The indices with their newest value."""
    return [
        Line(each["id"], text_of(each["names"], telling.language), _newest(each["values"][-1]))
        for each in telling.document["indices"]
    ]


def _newest(value: Document) -> str:
    return f"{value['minor'] / 100:.2f} · {value['from']}"


PART = Part("indices", "services", edit, told, lines, adds=True, icon="cash")
