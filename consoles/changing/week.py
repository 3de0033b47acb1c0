"""The hall's opening hours by weekday. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.dates import get_day_names

from consoles.changing import field
from consoles.changing.part import Document, Fields, Part, Telling
from contract.hours import WEEKDAYS


def edit(document: Document, _key: str, fields: Fields) -> None:
    """The spans of each day."""
    document["hours"] = week(fields)


def week(fields: Fields, before: str = "") -> dict[str, list[str]]:
    """Weekday → spans of the fields `<before><weekday>`; a day without one is left out. Raises: UntakenError."""
    hours = {day: field.spans(fields, before + day) for day in WEEKDAYS}
    return {day: spans for day, spans in hours.items() if spans}


def told(telling: Telling, _key: str) -> Mapping[str, Any]:
    """The days with their names."""
    return {"one": telling.document["hours"], "weekdays": weekdays(telling.language)}


def weekdays(language: str) -> list[tuple[str, str]]:
    """(weekday, its name), Monday first."""
    return [(day, get_day_names(locale=language)[n]) for n, day in enumerate(WEEKDAYS)]


PART = Part("hours", "time", edit, told, only="week", icon="wait")
