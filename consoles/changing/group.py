"""A group of services in the document: its page on the kiosk, its letter on the ticket, its zone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, kept, move, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, text_of
from contract.words import LETTERS

ICONS = (
    "residence", "family", "id_card", "benefits", "land", "vehicle", "business", "certificates", "foreign", "defence", "collect", "advice",
    "people", "ticket",
)  # fmt: skip
"""Pictures that say what people come for."""
_BLANK: Document = {"names": {}, "letter": "", "zone": "", "hint": {}, "icon": "ticket"}


def edit(document: Document, key: str, fields: Fields) -> None:
    """Names, hint, letter, zone, icon; or it is taken away, or put one place up or down."""
    if field.yes(fields, "remove"):
        remove(document, "service_groups", key)
        return
    if fields.get("move") in ("up", "down"):
        move(document, "service_groups", key, -1 if fields["move"] == "up" else 1)
        return
    one = filled(document, "service_groups", key, _BLANK)
    values = {
        "names": field.texts(document, fields, "name", one["names"]),
        "hint": field.texts(document, fields, "hint", one["hint"], needed=False),
        "letter": field.chosen(fields, "letter", LETTERS),
        "zone": field.chosen(fields, "zone", [each["id"] for each in document["zones"]]),
        "icon": field.chosen(fields, "icon", ICONS),
    }
    kept(document, "service_groups", key, "group", values)


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The group, the letters that are free, and the icons."""
    document = telling.document
    one = filled(document, "service_groups", key, _BLANK)
    taken = {each.get("letter") for part in ("service_groups", "priority_groups") for each in document[part]}
    letters = [x for x in LETTERS if x == one["letter"] or x not in taken]
    return {"one": one, "letter_pairs": [(x, x) for x in letters], "icons": ICONS}


def lines(telling: Telling) -> list[Line]:
    """The groups as they stand on the kiosk."""
    document = telling.document
    count = {g["id"]: sum(s["group"] == g["id"] for s in document["services"]) for g in document["service_groups"]}
    return [
        Line(
            each["id"],
            f"{each['letter']} · {text_of(each['names'], telling.language)}",
            str(count[each["id"]]),
            each["icon"],
        )
        for each in document["service_groups"]
    ]


PART = Part("service_groups", "services", edit, told, lines, adds=True, moves=True, icon="people")
