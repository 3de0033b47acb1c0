"""How a turn at a window may end, in the document: a code for reports, its words for staff, whether the visitor is to come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import entry, move, remove
from consoles.changing.part import NEW, Document, Fields, Line, Part, Telling, UntakenError, text_of
from contract.hall_part import USUAL_RESULTS
from look.texts import LANGUAGES, Texts

_BLANK: Document = {"id": NEW, "names": {}, "parks": False}


def edit(document: Document, key: str, fields: Fields) -> None:
    """Code of a new one, names, whether it parks; or it is taken away, or put one place up or down.

    Where the document names none, the usual ones are written into it first: one more is not one alone.
    """
    before = document.get("results") or []
    document["results"] = _results(document)
    _edit(document, key, fields)
    if not before and document["results"] == _results({**document, "results": []}):
        document["results"] = before


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The result."""
    return {"one": _BLANK if key == NEW else entry({"results": _results(telling.document)}, "results", key)}


def lines(telling: Telling) -> list[Line]:
    """The results in the order of the panel's buttons, the usual ones where the hall has none of its own."""
    parks = telling.say("change.field_parks")
    return [
        Line(each["id"], text_of(each["names"], telling.language), " · ".join([each["id"], *([parks] if each["parks"] else [])]))
        for each in _results(telling.document)
    ]  # fmt: skip


PART = Part("results", "services", edit, told, lines, adds=True, moves=True, icon="done")


def _edit(document: Document, key: str, fields: Fields) -> None:
    results = document["results"]
    if field.yes(fields, "remove"):
        if len(results) == 1:
            raise UntakenError("untaken.last_result")
        remove(document, "results", key)
        return
    if fields.get("move") in ("up", "down"):
        move(document, "results", key, -1 if fields["move"] == "up" else 1)
        return
    one = _BLANK if key == NEW else entry(document, "results", key)
    values = {"names": field.texts(document, fields, "name", one["names"]), "parks": field.yes(fields, "parks")}
    if key != NEW:
        one.update(values)
        return
    name = field.code(fields, "id")
    if any(each["id"] == name for each in results):
        raise UntakenError("untaken.name_taken", name=name)
    results.append({"id": name, **values})


def _results(document: Document) -> list[Document]:
    own: list[Document] = document.get("results") or [
        {"id": name, "names": _usual(document, name), "parks": parks} for name, parks in USUAL_RESULTS.items()
    ]
    return own


def _usual(document: Document, name: str) -> dict[str, str]:
    """The words that every hall has for a usual result, in the hall's languages."""
    return {code: Texts(code if code in LANGUAGES else "en").get(f"result.{name}") for code in document["languages"]}
