"""A zone in the document: its names, the languages of its calls, how its board looks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, kept, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, text_of
from contract.hall_part import PLAIN_BOARD

THEMES = ("dark", "contrast")
LINES = ("why", "waiting", "waits")
_PLAIN: Document = PLAIN_BOARD.model_dump(mode="json")
_BLANK: Document = {"names": {}, "spoken": [], "board": None}


def edit(document: Document, key: str, fields: Fields) -> None:
    """Names, languages, board; or it is taken away."""
    if field.yes(fields, "remove"):
        remove(document, "zones", key)
        return
    before = filled(document, "zones", key, _BLANK)
    board = {
        "theme": field.chosen(fields, "theme", THEMES),
        "rows": int(field.number(fields, "rows", least=1, most=12)),
        "card": field.yes(fields, "card"),
        "lines": field.ticked(fields, "line", LINES),
    }
    spoken = [fields.get(f"spoken.{n}", "") for n in (1, 2)]
    values = {
        "names": field.texts(document, fields, "name", before["names"]),
        "spoken": [language for language in dict.fromkeys(spoken) if language in document["languages"]],
        "board": board if board != _PLAIN else None,
    }
    kept(document, "zones", key, "zone", values)


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The zone."""
    one = filled(telling.document, "zones", key, _BLANK)
    return {"one": one, "board": one.get("board") or _PLAIN, "themes": THEMES, "board_lines": LINES}


def lines(telling: Telling) -> list[Line]:
    """The zones with their windows."""
    document = telling.document
    return [
        Line(each["id"], text_of(each["names"], telling.language),
             ", ".join(f"№ {w['number']}" for w in document["windows"] if w["zone"] == each["id"]))
        for each in document["zones"]
    ]  # fmt: skip


PART = Part("zones", "places", edit, told, lines, adds=True, icon="residence")
