"""A window in the document: whose it is, where it is, what can be done there, when it is staffed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, free_number, kept, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, UntakenError, text_of
from consoles.changing.week import week, weekdays

_BLANK: Document = {
    "employer": "", "zone": "", "groups": [], "station": None, "step_free": False, "roster": {}, "reserve": False,
}  # fmt: skip


def edit(document: Document, key: str, fields: Fields) -> None:
    """Everything of it; or it is taken away."""
    if field.yes(fields, "remove"):
        remove(document, "windows", key)
        return
    groups = field.ticked(fields, "group", [group["id"] for group in document["service_groups"]])
    if not groups:
        raise UntakenError("untaken.window_groups")
    number = int(field.number(fields, "number", least=1, most=999))
    if any(each["number"] == number and each["id"] != key for each in document["windows"]):
        raise UntakenError("untaken.number_taken", number=number)
    values = {
        "number": number,
        "employer": field.chosen(fields, "employer", [each["id"] for each in document["employers"]]),
        "zone": field.chosen(fields, "zone", [each["id"] for each in document["zones"]]),
        "groups": groups,
        "station": field.line(fields, "station", most=40) or None,
        "step_free": field.yes(fields, "step_free"),
        "reserve": field.yes(fields, "reserve"),
        "roster": week(fields, "roster."),
    }
    kept(document, "windows", key, "W", values)


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The window; `stations`: those that rights need."""
    document = telling.document
    one = filled(document, "windows", key, _BLANK | {"number": free_number(document)})
    stations = sorted({right["station"] for right in document["rights"] if right.get("station")})
    return {"one": one, "weekdays": weekdays(telling.language), "stations": stations}


def lines(telling: Telling) -> list[Line]:
    """The windows by zone, with their groups."""
    document = telling.document
    return [
        Line(one["id"], telling.say("change.window", number=one["number"]),
             ", ".join(telling.name("groups", group) for group in one["groups"]), head=text_of(zone["names"], telling.language))
        for zone in document["zones"] for one in sorted(document["windows"], key=lambda each: int(each["number"]))
        if one["zone"] == zone["id"]
    ]  # fmt: skip


PART = Part("windows", "places", edit, told, lines, adds=True, icon="open")
