"""A right in the document: who may give it to operators, and the station it needs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, kept, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, UntakenError, text_of

_BLANK: Document = {"names": {}, "employers": [], "station": None, "civil_servant_only": False}


def edit(document: Document, key: str, fields: Fields) -> None:
    """Names, employers, station, civil servants only; or it is taken away."""
    if field.yes(fields, "remove"):
        remove(document, "rights", key)
        return
    before = filled(document, "rights", key, _BLANK)
    employers = field.ticked(fields, "employer", [each["id"] for each in document["employers"]])
    if not employers:
        raise UntakenError("untaken.right_employer")
    values = {
        "names": field.texts(document, fields, "name", before["names"]),
        "employers": employers,
        "station": field.line(fields, "station", most=40) or None,
        "civil_servant_only": field.yes(fields, "civil_servant_only"),
    }
    kept(document, "rights", key, "right", values)


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The right."""
    return {"one": filled(telling.document, "rights", key, _BLANK)}


def lines(telling: Telling) -> list[Line]:
    """The rights with their employers."""
    return [
        Line(each["id"], text_of(each["names"], telling.language), ", ".join(telling.name("employers", e) for e in each["employers"]))
        for each in telling.document["rights"]
    ]  # fmt: skip


PART = Part("rights", "people", edit, told, lines, adds=True, icon="certificates")
