"""A message to visitors kept in the document: its name for staff, its text in every language, whether it is said aloud. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, kept, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, text_of

LONGEST = 200
"""Letters that a board can show."""
_BLANK: Document = {"names": {}, "texts": {}, "speak": False}


def edit(document: Document, key: str, fields: Fields) -> None:
    """Name, texts, voice; or it is taken away."""
    if field.yes(fields, "remove"):
        remove(document, "messages", key)
        return
    one = filled(document, "messages", key, _BLANK)
    values = {
        "names": field.texts(document, fields, "name", one["names"]),
        "texts": field.texts(document, fields, "text", one["texts"], most=LONGEST),
        "speak": field.yes(fields, "speak"),
    }
    kept(document, "messages", key, "message", values)


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The message."""
    return {"one": filled(telling.document, "messages", key, _BLANK), "longest": LONGEST}


def lines(telling: Telling) -> list[Line]:
    """The messages with their texts."""
    return [
        Line(each["id"], text_of(each["names"], telling.language), text_of(each["texts"], telling.language))
        for each in telling.document["messages"]
    ]


PART = Part("messages", "places", edit, told, lines, adds=True, icon="info")
