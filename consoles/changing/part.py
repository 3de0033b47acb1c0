"""A part of the hall document that has forms: which entries it has, what a form shows of one, what it does to the document. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from contract.errors import ContractError
from contract.hall import Hall
from contract.messages import ConsolesView

Document = dict[str, Any]
"""The hall document as JSON has it."""
Fields = Mapping[str, str]
"""What a person filled in, by the names of the form's fields."""
NEW = "+"
"""The key of an entry that is not there yet."""


class UntakenError(ContractError):
    """A form that cannot be taken. `key` of the catalogue with `facts` says why to the person who filled it in."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(f"{key} {facts}" if facts else key)
        self.key, self.facts = key, facts


@dataclass(frozen=True, slots=True)
class Telling:
    """What a form may know: the document as drafted, the hall in force, what is heard of it now, the hall's day.

    `say`: a text of the catalogue in the reader's language; `plural`: one with a count.
    """

    document: Document
    hall: Hall
    view: ConsolesView
    today: date
    language: str
    say: Callable[..., str]
    plural: Callable[[str, int], str]

    def name(self, part: str, key: str) -> str:
        """The name of an entry; its key where it has none."""
        return entry_name(self.document, part, key, self.language)


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in the list of a part. `note`: what else to know; `mark`: an icon, "" for none; `head`: what it stands under."""

    key: str
    text: str
    note: str = ""
    mark: str = ""
    head: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: forms at `/hall/change/<name>/<key>`, drawn by `changing/part_<name>.html`, its words `change.part_<name>`.

    `edit` takes a form into the document in place; raises UntakenError or ContractError. `told`: what the template draws of an
    entry as `one`, and more; raises ContractError where there is no such entry. `lines`: the list at `/hall/change/<name>`;
    None where the part is one form, of the key `only`. `adds`: whether an entry NEW can be filled in; `moves`: whether its order
    matters: a form with `move` up or down.
    """

    name: str
    under: Literal["people", "places", "services", "terminals", "time", "devices", "rules"]
    edit: Callable[[Document, str, Fields], None]
    told: Callable[[Telling, str], Mapping[str, Any]]
    lines: Callable[[Telling], list[Line]] | None = None
    only: str = ""
    adds: bool = False
    moves: bool = False
    icon: str = field(default="info")


def entry_name(document: Document, part: str, key: str, language: str) -> str:
    """What people call an entry of the document: a window by its number, others by their names; the key where there is none."""
    part = {"groups": "service_groups"}.get(part, part)
    entries = document.get(part)
    if isinstance(entries, dict):
        return text_of(entries[key], language) if isinstance(entries.get(key), dict) else key
    found = next((each for each in entries if each["id"] == key), None) if isinstance(entries, list) else None
    if found is None:
        return key
    if part == "windows":
        return str(found["number"])
    return text_of(found["names"], language) if found.get("names") else str(found.get("name", key))


def text_of(texts: Mapping[str, str], language: str) -> str:
    """A text in `language`, or in the first one there is."""
    return texts.get(language) or next(iter(texts.values()), "")
