"""Public holidays that the library `holidays` knows of: proposals for a manager, never asked by a running hall."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

_LANGUAGES = {"uk": ("uk",), "kk": ("kk",), "ky": ("ky",), "ru": ("ru_KG", "ru"), "en": ("en_US", "en_GB", "en")}
"""Our languages → the library's names for them, the first that a country has. One it has not is English there, without an error."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day with its names by language. `off`: a day off by the law of now; else a date that is worked, as in Ukraine under martial law."""

    day: date
    names: Mapping[str, str]
    off: bool


def installed() -> bool:
    """Whether the library is there."""
    return _library() is not None


def countries() -> list[str]:
    """ISO 3166 codes of the countries that the library knows; none where it is not installed."""
    library = _library()
    return sorted(library.list_supported_countries()) if library is not None else []


def proposed(country: str, year: int) -> tuple[Holiday, ...]:
    """The holidays of a year, in order; none where the library is not there or does not know the country."""
    if country not in countries():
        return ()
    public = _days(country, year, "public")
    worked = {day: names for day, names in _days(country, year, "workday").items() if day not in public}
    found = [Holiday(day, names, True) for day, names in public.items()]
    found += [Holiday(day, names, False) for day, names in worked.items()]
    return tuple(sorted(found, key=lambda each: each.day))


def _days(country: str, year: int, category: str) -> dict[date, dict[str, str]]:
    library = _library()
    kind = getattr(library, country)
    found: dict[date, dict[str, str]] = {}
    if category not in kind.supported_categories:
        return found
    for ours, theirs in _LANGUAGES.items():
        language = next((name for name in theirs if name in kind.supported_languages), None)
        if language is not None:
            for day, name in kind(years=year, language=language, categories=(category,)).items():
                found.setdefault(day, {})[ours] = " ".join(name.split())
    return found or {day: {"en": name} for day, name in kind(years=year, categories=(category,)).items()}


def _library() -> Any:
    """The module; None where it is not installed."""
    try:
        return importlib.import_module("holidays")
    except ImportError:
        return None
