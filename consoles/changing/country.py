"""Whose holidays are proposed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel import Locale

from consoles.changing import field, holiday
from consoles.changing.part import Document, Fields, Part, Telling


def edit(document: Document, _key: str, fields: Fields) -> None:
    """The country, or none."""
    wanted = fields.get("country", "")
    calendar = document.setdefault("calendar", {})
    calendar["country"] = field.chosen(fields, "country", holiday.countries()) if wanted else None


def told(telling: Telling, _key: str) -> Mapping[str, Any]:
    """The countries by name in the reader's language; without the library's other codes of the same ones."""
    names = Locale.parse(telling.language).territories
    one = telling.document.get("calendar", {}).get("country") or ""
    codes = [code for code in holiday.countries() if code in names or code == one]
    known = sorted(((code, str(names.get(code, code))) for code in codes), key=lambda each: each[1])
    return {"one": one, "countries": known}


PART = Part("country", "time", edit, told, only="hall", icon="language")
