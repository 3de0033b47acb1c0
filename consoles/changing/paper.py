"""A document that visitors bring. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import free_id, remove
from consoles.changing.part import NEW, Document, Fields, Line, Part, Telling, text_of
from contract.errors import ContractError


def edit(document: Document, key: str, fields: Fields) -> None:
    """What it is called; or it is taken away."""
    _known(document, key)
    if field.yes(fields, "remove"):
        remove(document, "documents", key)
        return
    name = free_id(document, "documents", "paper") if key == NEW else key
    document["documents"][name] = field.texts(document, fields, "name", document["documents"].get(key))


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The document's texts."""
    _known(telling.document, key)
    return {"one": {"id": key, "names": telling.document["documents"].get(key, {})}}


def lines(telling: Telling) -> list[Line]:
    """The documents with how many services ask for each."""
    asked = [key for service in telling.document["services"] for key in service.get("bring", ())]
    return [
        Line(key, text_of(texts, telling.language), telling.say("change.services_ask", count=asked.count(key)))
        for key, texts in telling.document["documents"].items()
    ]


PART = Part("documents", "services", edit, told, lines, adds=True, icon="id_card")


def _known(document: Document, key: str) -> None:
    if key != NEW and key not in document["documents"]:
        raise ContractError(f"documents: there is no {key[:32]!r}")
