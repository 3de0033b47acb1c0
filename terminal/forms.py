"""An open form: what may be typed, when a field is filled, and which question comes next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from contract.hall_part import Form, FormField
from contract.register import Entry
from terminal.state import Answer

SUGGESTIONS = 3
"""So many are shown; who types on sees others."""
_SIGNS = frozenset(" -’'./,№()")
_DATE_DIGITS = 8


def of_card(form: Form, fields: Mapping[str, str]) -> dict[str, Answer]:
    """What an ID card's `fields` fill in: field → answer. A field that does not fit is left to the visitor."""
    filled = ((field, fields.get(field.card.value, "") if field.card else "") for field in form.fields)
    answers = ((field, _of_card(field, text)) for field, text in filled if text)
    return {field.id: answer for field, answer in answers if answer is not None}


def question(form: Form, answers: Mapping[str, Answer]) -> int | None:
    """The first field that is not filled, None when all are."""
    return next((n for n, field in enumerate(form.fields) if field.id not in answers), None)


def without(form: Form, answers: Mapping[str, Answer], name: str) -> dict[str, Answer]:
    """The answers without the field `name` and all that stand under it."""
    gone = {name}
    for field in form.fields:  # a field stands after the one it is under
        if field.under in gone:
            gone.add(field.id)
    return {key: answer for key, answer in answers.items() if key not in gone}


def typed(field: FormField, text: str, sign: str) -> str:
    """`text` with `sign` behind it; unchanged where the field does not take it. A word begins with a capital letter."""
    if len(sign) != 1 or len(text) >= longest(field):
        return text
    if field.kind in ("digits", "date"):
        return text + sign if sign.isascii() and sign.isdecimal() else text
    if field.kind == "choice" or not (sign.isalpha() or sign.isdecimal() or sign in _SIGNS):
        return text
    if sign == " " and (not text or text[-1] == " "):
        return text
    return text + (sign.upper() if not text or text[-1] in " -" else sign.lower())


def longest(field: FormField) -> int:
    """How many signs fit."""
    return _DATE_DIGITS if field.kind == "date" else field.longest


def answered(field: FormField, text: str) -> Answer | None:
    """The answer that `text` is as far as it is typed; None: not yet, or no such day."""
    text = text.strip()
    if not text or field.kind == "choice":
        return None
    if field.kind == "date":
        return _date(f"{text[4:]}-{text[2:4]}-{text[:2]}") if len(text) == _DATE_DIGITS else None
    return Answer(text, free=field.kind == "entry")


def retyped(field: FormField, answer: Answer | None) -> str:
    """An answer as it was typed, to be corrected; "" where it was chosen."""
    if answer is None or field.kind in ("choice", "entry"):
        return ""
    return answer.text.replace(".", "") if field.kind == "date" else answer.text


def chosen(field: FormField, name: str, lang: str) -> Answer | None:
    """The choice `name`; None: the field has none such."""
    found = next((choice for choice in field.choices if choice.id == name), None)
    return None if found is None else Answer(found.names.get(lang, name), found.id)


def picked(entry: Entry, lang: str) -> Answer:
    """The answer that a directory's entry is."""
    return Answer(named(entry, lang), entry.id)


def named(entry: Entry, lang: str) -> str:
    """An entry in a language; in whatever it has where that one is missing."""
    return entry.names.get(lang) or next(iter(entry.names.values()), entry.id)


def fits(entry: Entry, text: str) -> bool:
    """Whether `text` is this entry, in any of its spellings."""
    return text.strip().casefold() in {name.casefold() for name in (*entry.names.values(), *entry.was)}


def under(field: FormField, answers: Mapping[str, Answer]) -> str | None:
    """The entry below which `field` is looked for, "" for all; None: nothing can be looked for, as that was typed freely."""
    if field.under is None:
        return ""
    above = answers.get(field.under)
    return above.value if above is not None and above.value else None


def _of_card(field: FormField, text: str) -> Answer | None:
    if field.kind == "date":
        return _date(text)
    if field.kind in ("choice", "entry") or len(text) > field.longest:
        return None  # a card's words are no ids of ours
    return Answer(text) if field.kind == "text" or (text.isascii() and text.isdecimal()) else None


def _date(text: str) -> Answer | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return Answer(f"{day:%d.%m.%Y}", day.isoformat()) if 1900 <= day.year <= 2100 else None
