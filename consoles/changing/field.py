"""Fields of a form as the document has them. Pure; every function raises UntakenError with a sentence for who filled it in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from consoles.changing.part import Document, Fields, UntakenError
from contract.hours import span_faults

LONGEST = 120


def line(fields: Fields, name: str, *, most: int = LONGEST) -> str:
    """One line of text; "" where it is empty."""
    text = " ".join(fields.get(name, "").split())
    if len(text) > most:
        raise UntakenError("untaken.long", most=most)
    if not text.isprintable():
        raise UntakenError("untaken.signs")
    return text


def texts(
    document: Document,
    fields: Fields,
    name: str,
    before: Mapping[str, str] | None,
    *,
    needed: bool = True,
    most: int = LONGEST,
) -> dict[str, str]:
    """A text in every language of the hall, fields `name.<language>`; where it is not `needed`, those that are there.

    `before`: the texts so far; those in languages that the hall does not offer stay.
    """
    found = {language: line(fields, f"{name}.{language}", most=most) for language in document["languages"]}
    missing = [language for language, text in found.items() if not text]
    if missing and (needed or len(missing) < len(found)):
        raise UntakenError("untaken.text_missing", of=", ".join(missing))
    kept = {language: text for language, text in (before or {}).items() if found.get(language, text)}
    return kept | {language: text for language, text in found.items() if text}


def number(fields: Fields, name: str, *, least: float, most: float) -> float:
    """A number; a comma is as good as a point."""
    try:
        found = float(fields.get(name, "").strip().replace(",", "."))
    except ValueError as exc:
        raise UntakenError("untaken.number", least=f"{least:g}", most=f"{most:g}") from exc
    if not least <= found <= most:
        raise UntakenError("untaken.number", least=f"{least:g}", most=f"{most:g}")
    return found


def ticked(fields: Fields, name: str, known: Iterable[str]) -> list[str]:
    """Which of `known` are ticked, fields `name.<key>`."""
    return [key for key in known if fields.get(f"{name}.{key}") == "yes"]


def yes(fields: Fields, name: str) -> bool:
    """Whether it is ticked."""
    return fields.get(name) == "yes"


def chosen(fields: Fields, name: str, known: Iterable[str]) -> str:
    """One of `known`."""
    found = fields.get(name, "")
    if found not in known:
        raise UntakenError("untaken.choose")
    return found


def day(fields: Fields, name: str) -> str | None:
    """A date as YYYY-MM-DD; None where it is empty."""
    text = fields.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as exc:
        raise UntakenError("untaken.date") from exc


def needed_day(fields: Fields, name: str) -> str:
    """A date as YYYY-MM-DD."""
    found = day(fields, name)
    if found is None:
        raise UntakenError("untaken.date")
    return found


def spans(fields: Fields, name: str) -> list[str]:
    """Hours of a day, as 08:00-12:00 13:00-17:00; empty: none."""
    found = fields.get(name, "").replace("–", "-").replace(",", " ").split()
    if any(span_faults("", "", found)):
        raise UntakenError("untaken.spans")
    return found


def code(fields: Fields, name: str) -> str:
    """An id that people write on labels."""
    found = fields.get(name, "").strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", found):
        raise UntakenError("untaken.code")
    return found


def rows(fields: Fields, name: str, *, most: int) -> list[str]:
    """The lines of a text of several lines that are not empty, `most` of them."""
    found = [line({name: each}, name) for each in fields.get(name, "").splitlines() if each.strip()]
    if len(found) > most:
        raise UntakenError("untaken.number", least=0, most=most)
    return found
