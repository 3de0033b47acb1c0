"""Texts of the hall that are still missing in one of its languages: what stops a draft after a language was added. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from babel import Locale

from consoles.changing import field
from consoles.changing.part import Document, Fields, Line, Part, Telling, text_of
from contract.errors import ContractError

MOST = 40
"""Texts that one form asks for; saved, it asks for the next."""
LONGEST = 200
_TEXTS = frozenset({"names", "short_names", "place", "hint", "proof", "texts"})
"""Keys under which texts by language stand, besides the documents."""


def edit(document: Document, key: str, fields: Fields) -> None:
    """The texts in the language `key` that were filled in; those left empty are asked for again."""
    _offered(document, key)
    for place, texts in missing(document, key):
        if said := field.line(fields, f"text.{place}", most=LONGEST):
            texts[key] = said


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The first texts that are missing in the language, with what they say in the hall's own."""
    document = telling.document
    _offered(document, key)
    found = [*missing(document, key)]
    rows = [(place, _known(document, texts), place.partition("/")[0]) for place, texts in found[:MOST]]
    return {"language": key, "rows": rows, "left": len(found), "longest": LONGEST}


def lines(telling: Telling) -> list[Line]:
    """The hall's languages with how many texts each is short of."""
    short = shortage(telling.document)
    return [_line(telling, code, short.get(code, 0)) for code in telling.document["languages"]]


def shortage(document: Document) -> dict[str, int]:
    """Language → texts that are missing in it, where there are any."""
    found = {code: sum(1 for _ in missing(document, code)) for code in document["languages"]}
    return {code: count for code, count in found.items() if count}


def missing(document: Document, language: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(place, texts by language) of every text that has others and none in `language`."""
    for place, texts in every(document):
        if not texts.get(language) and any(texts.values()):
            yield place, texts


def every(document: Document) -> Iterator[tuple[str, dict[str, str]]]:
    """(place, texts by language) of every text of the document; a place is keys and ids with `/` between them."""
    for key, texts in document.get("documents", {}).items():
        yield f"documents/{key}", texts
    for key, value in document.items():
        if key != "documents":
            yield from _inside(key, key, value)


PART = Part("texts", "places", edit, told, lines, icon="language")


def _line(telling: Telling, code: str, count: int) -> Line:
    name = Locale.parse(code).get_display_name(telling.language) or code
    note = telling.say("change.texts_missing", count=count) if count else telling.say("change.texts_whole")
    return Line(code, name, note, "warn" if count else "done")


def _inside(place: str, key: str, value: Any) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(value, dict) and key in _TEXTS:
        yield place, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _inside(f"{place}/{name}", name, each)
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, dict) and "id" in each:
                yield from _inside(f"{place}/{each['id']}", "", each)


def _known(document: Document, texts: Mapping[str, str]) -> str:
    """The text in the hall's own language, or in the first one there is."""
    return text_of({code: text for code, text in texts.items() if text}, document["default_language"])


def _offered(document: Document, language: str) -> None:
    if language not in document["languages"]:
        raise ContractError(f"the hall does not offer {language[:8]!r}")
