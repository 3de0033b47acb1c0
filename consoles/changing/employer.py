"""An employer in the document. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, kept, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, text_of


def edit(document: Document, key: str, fields: Fields) -> None:
    """Its names, or it is taken away."""
    if field.yes(fields, "remove"):
        remove(document, "employers", key)
        return
    before = filled(document, "employers", key, {"names": {}})
    kept(document, "employers", key, "employer", {"names": field.texts(document, fields, "name", before["names"])})


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The employer."""
    return {"one": filled(telling.document, "employers", key, {"names": {}})}


def lines(telling: Telling) -> list[Line]:
    """The employers with how many people each has."""
    people = [each["employer"] for each in telling.document["operators"]]
    return [
        Line(each["id"], text_of(each["names"], telling.language), telling.say("change.people", count=people.count(each["id"])))
        for each in telling.document["employers"]
    ]  # fmt: skip


PART = Part("employers", "people", edit, told, lines, adds=True, icon="business")
