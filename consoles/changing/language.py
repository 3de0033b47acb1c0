"""The hall's languages in the document: which it offers, and which is its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.part import Document, Fields, Part, Telling, UntakenError, text_of
from consoles.changing.text import shortage
from look.texts import LANGUAGES


def edit(document: Document, _key: str, fields: Fields) -> None:
    """Those that are ticked, in the order they had, new ones last; and the one that is the hall's own."""
    wanted = field.ticked(fields, "offers", _known(document))
    own = field.chosen(fields, "own", _known(document))
    if own not in wanted:
        raise UntakenError("untaken.own_language", language=own)
    for gone in set(document["languages"]) - set(wanted):
        zones = [text_of(each["names"], own) for each in document["zones"] if gone in each.get("spoken", ())]
        if zones:
            raise UntakenError("untaken.spoken", language=gone, of=", ".join(zones))
    document["languages"], document["default_language"] = wanted, own


def told(telling: Telling, _key: str) -> Mapping[str, Any]:
    """Every language there can be, and how many texts are missing in each."""
    document = telling.document
    known = _known(document)
    return {"known_languages": known, "offered": document["languages"], "own": document["default_language"],
            "short": shortage({**document, "languages": known})}  # fmt: skip


PART = Part("languages", "places", edit, told, only="hall", icon="language")


def _known(document: Document) -> list[str]:
    """The hall's languages in their order, then the others that the product speaks."""
    return list(dict.fromkeys((*document["languages"], *LANGUAGES)))
