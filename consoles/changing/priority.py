"""A priority group in the document: its level, how it is proved, its letter. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, kept, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, UntakenError, text_of
from contract.words import LETTERS

_BLANK = {"names": {}, "level": 1, "proof": None, "letter": None}


def edit(document: Document, key: str, fields: Fields) -> None:
    """Names, level, proof, letter; or it is taken away."""
    if field.yes(fields, "remove"):
        remove(document, "priority_groups", key)
        return
    before = filled(document, "priority_groups", key, _BLANK)
    letter = fields.get("letter", "")
    if letter and letter not in free_letters(document, key):
        raise UntakenError("untaken.letter_taken", letter=letter[:1])
    values = {
        "names": field.texts(document, fields, "name", before["names"]),
        "level": int(field.number(fields, "level", least=1, most=9)),
        "proof": field.texts(document, fields, "proof", before.get("proof"), needed=False) or None,
        "letter": letter or None,
    }
    kept(document, "priority_groups", key, "priority", values)


def free_letters(document: Document, key: str = "") -> list[str]:
    """Letters of tickets that no group has, and that of `key` itself."""
    taken = {
        each.get("letter") for part in ("service_groups", "priority_groups") for each in document[part] if each["id"] != key
    }  # fmt: skip
    return [letter for letter in LETTERS if letter not in taken]


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The group."""
    one = filled(telling.document, "priority_groups", key, _BLANK)
    return {"one": one, "letters": free_letters(telling.document, key)}


def lines(telling: Telling) -> list[Line]:
    """The groups, who goes first on top."""
    groups = sorted(telling.document["priority_groups"], key=lambda each: int(each["level"]))
    return [
        Line(each["id"], text_of(each["names"], telling.language), telling.say("change.level", level=each["level"]))
        for each in groups
    ]


PART = Part("priority_groups", "services", edit, told, lines, adds=True, icon="priority")
