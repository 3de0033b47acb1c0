"""Streets and settlements: they are the registers', not the document's; which forms ask for them, and through what. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from consoles.changing.part import Document, text_of

DIRECTORIES = frozenset({"streets", "settlements"})
COMMANDS = (
    ("find", "./vikno register find streets … --db …"),
    ("rename", "./vikno register rename streets ID {names} --db …"),
)
"""(what it does, the command): `streets.<what>` says it in words."""


def told(document: Document, language: str) -> Mapping[str, Any]:
    """What the page of streets draws."""
    names = " ".join(f"{code}='…'" for code in document["languages"])
    return {
        "connectors": [each["id"] for each in document["boxes"] if each["kind"] == "register"],
        "asked": [*_asked(document, language)],
        "commands": [(what, command.format(names=names)) for what, command in COMMANDS],
    }


def _asked(document: Document, language: str) -> Iterator[tuple[str, str, str]]:
    """(form, its name, the questions that ask for them)."""
    for form in document.get("forms", ()):
        asked = [text_of(each["names"], language) for each in form["fields"] if each.get("directory") in DIRECTORIES]
        if asked:
            yield form["id"], text_of(form["names"], language), ", ".join(asked)
