"""A window in the document: its groups of services. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import entry
from consoles.changing.part import Document, Fields, Line, Part, Telling, UntakenError


def edit(document: Document, key: str, fields: Fields) -> None:
    """Groups, reserve, without steps."""
    window = entry(document, "windows", key)
    window["groups"] = field.ticked(fields, "group", [group["id"] for group in document["service_groups"]])
    if not window["groups"]:
        raise UntakenError("untaken.window_groups")
    window["reserve"] = field.yes(fields, "reserve")
    window["step_free"] = field.yes(fields, "step_free")


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The window."""
    return {"one": entry(telling.document, "windows", key)}


def lines(telling: Telling) -> list[Line]:
    """The windows."""
    return [Line(each["id"], str(each["number"])) for each in telling.document["windows"]]


PART = Part("windows", "places", edit, told, lines, icon="open")
