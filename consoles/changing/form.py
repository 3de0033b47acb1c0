"""A form of the terminals in the document: the questions that are asked before a paper, one at a time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, kept, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, UntakenError, text_of
from contract.words import CardField

KINDS = ("text", "digits", "date", "choice", "entry")
DIRECTORIES = ("settlements", "streets", "documents", "given_names")
"""Lists that a register has; the hall's file may name others."""
MOST_QUESTIONS, MOST_CHOICES, LONGEST = 12, 12, 200
_BLANK: Document = {"names": {}, "fields": []}
_NEW: Document = {
    "id": "", "names": {}, "kind": "text", "directory": None, "under": None, "choices": [], "card": None, "required": True, "longest": 60,
}  # fmt: skip


def edit(document: Document, key: str, fields: Fields) -> None:
    """Names and questions, those that were there and a new one where it has a name; or the form is taken away."""
    if field.yes(fields, "remove"):
        remove(document, "forms", key)
        return
    document.setdefault("forms", [])
    one = filled(document, "forms", key, _BLANK)
    names = field.texts(document, fields, "name", one["names"])
    placed = sorted(_questions(document, one, fields), key=lambda each: each[0])
    questions = [each for _, each in placed]
    if not 0 < len(questions) <= MOST_QUESTIONS:
        raise UntakenError("untaken.form_questions", most=MOST_QUESTIONS)
    for n, each in enumerate(questions):
        if each["under"] is not None and each["under"] not in {earlier["id"] for earlier in questions[:n]}:
            raise UntakenError("untaken.under")
    kept(document, "forms", key, "form", {"names": names, "fields": questions})


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The form; `rows`: its questions, and an empty one where there is room."""
    document = telling.document
    one = filled(document, "forms", key, _BLANK)
    known = [{**_NEW, **each} for each in one["fields"]]
    return {
        "one": one, "rows": [*known, *([_NEW] if len(known) < MOST_QUESTIONS else [])], "kinds": KINDS,
        "directories": _directories(document), "cards": [each.value for each in CardField], "most": MOST_CHOICES,
        "others": [(each["id"], text_of(each["names"], telling.language)) for each in known], "longest": LONGEST,
    }  # fmt: skip


def lines(telling: Telling) -> list[Line]:
    """The forms with the services that ask them."""
    asked: dict[str | None, list[str]] = {}
    for service in telling.document["services"]:
        name = (service.get("self_service") or {}).get("form")
        asked.setdefault(name, []).append(text_of(service["names"], telling.language))
    return [
        Line(each["id"], text_of(each["names"], telling.language), ", ".join(asked.get(each["id"], ())))
        for each in telling.document.get("forms", ())
    ]


PART = Part("forms", "terminals", edit, told, lines, adds=True, icon="certificates")


def _questions(document: Document, one: Document, fields: Fields) -> Iterator[tuple[float, Document]]:
    """(place, question) of those that stay, and of a new one."""
    taken = {each["id"] for each in one["fields"]}
    for n, old in enumerate([*one["fields"], None]):
        names = field.texts(document, fields, f"q{n}", (old or _NEW)["names"], needed=old is not None)
        if not names or field.yes(fields, f"q{n}.gone"):
            continue
        name = old["id"] if old is not None else next(x for k in count(1) if (x := f"q{k:02}") not in taken)
        place = field.number(fields, f"q{n}.place", least=0, most=99)
        place += (place > n + 1) / 2 - (place < n + 1) / 2  # who was moved goes past who stands there
        yield place, {"id": name, "names": names, **_asks(document, f"q{n}", old or _NEW, fields)}


def _asks(document: Document, name: str, old: Document, fields: Fields) -> Document:
    """What a question wants to know. Under another, and from a list: an entry alone; a choice has its answers."""
    kind = field.chosen(fields, f"{name}.kind", KINDS)
    entry = kind == "entry"
    return {
        "kind": kind,
        "directory": field.chosen(fields, f"{name}.directory", _directories(document)) if entry else None,
        "under": (fields.get(f"{name}.under") or None) if entry else None,
        "choices": _choices(document, name, old, fields) if kind == "choice" else [],
        "card": field.chosen(fields, f"{name}.card", ("", *CardField)) or None,
        "required": field.yes(fields, f"{name}.required"),
        "longest": int(field.number(fields, f"{name}.longest", least=1, most=LONGEST)),
    }


def _choices(document: Document, name: str, old: Document, fields: Fields) -> list[Document]:
    """The answers, a line each, the same lines in every language. One whose text stays, or else its line, keeps its id."""
    own, languages = document["default_language"], document["languages"]
    said = {code: field.rows(fields, f"{name}.choices.{code}", most=MOST_CHOICES) for code in languages}
    if not said[own] or len({len(texts) for texts in said.values()}) > 1:
        raise UntakenError("untaken.choices")
    before = old.get("choices", [])
    by_text = {each["names"].get(own): each for each in before}
    stay = {each["id"] for text, each in by_text.items() if text in said[own]}
    free = (x for k in count(1) if (x := f"c{k:02}") not in {each["id"] for each in before})
    found = []
    for n, text in enumerate(said[own]):
        at = by_text.pop(text, None) or (before[n] if n < len(before) and before[n]["id"] not in stay else None)
        names = (at or {"names": {}})["names"] | {code: texts[n] for code, texts in said.items()}
        found.append({"id": at["id"] if at is not None else next(free), "names": names})
    return found


def _directories(document: Document) -> list[str]:
    """The lists of the registers, and those that the hall's file names besides."""
    named = [each.get("directory") for form in document.get("forms", ()) for each in form["fields"]]
    return list(dict.fromkeys((*DIRECTORIES, *(each for each in named if each))))
