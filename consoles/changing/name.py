"""What the hall is called in the document: whole, short as boards and tickets have it, and where it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.part import Document, Fields, Part, Telling

LONGEST = 120
LONGEST_SHORT = 60
"""Longer ones do not fit on a board."""


def edit(document: Document, _key: str, fields: Fields) -> None:
    """The names, and the place where there is one."""
    document["names"] = field.texts(document, fields, "name", document["names"], most=LONGEST)
    document["short_names"] = field.texts(document, fields, "short", document["short_names"], most=LONGEST_SHORT)
    document["place"] = field.texts(document, fields, "place", document.get("place"), needed=False, most=LONGEST)


def told(telling: Telling, _key: str) -> Mapping[str, Any]:
    """The texts so far."""
    document = telling.document
    return {
        "names": document["names"], "short_names": document["short_names"], "place": document.get("place", {}), "longest": LONGEST,
        "longest_short": LONGEST_SHORT,
    }  # fmt: skip


PART = Part("name", "places", edit, told, only="hall", icon="residence")
