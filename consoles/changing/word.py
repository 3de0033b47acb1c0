"""What a draft would do and how it differs, in words. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable

from consoles.changing.part import Document, entry_name
from contract.messages import Finding


def found(say: Callable[..., str], document: Document, one: Finding, language: str) -> str:
    """What a document would do; ids of the document are told by their names."""
    facts = {name: entry_name(document, f"{name}s", text, language) for name, text in one.facts.items()}
    return say(f"check.{one.code}", **{"of": ", ".join(one.of), **facts})


def worth(document: Document, field: str, text: str, language: str) -> str:
    """A value of the document as people read it: a list by the names of what it lists."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if not isinstance(value, list):
        return text
    return ", ".join(
        entry_name(document, field, each, language) if isinstance(each, str) else str(each) for each in value
    )
