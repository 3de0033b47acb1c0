"""The words of the five languages, from `words/<language>.json`."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from displays.voice.grammar import Words

LANGUAGES = ("uk", "ru", "kk", "ky", "en")


@cache
def words(language: str) -> Words:
    """The words of one of `LANGUAGES`. Raises: KeyError: another language."""
    if language not in LANGUAGES:
        raise KeyError(language)
    said = json.loads(files("displays.voice").joinpath(f"words/{language}.json").read_text(encoding="utf-8"))
    return Words(**{**said, "template": tuple(said["template"]), "review": tuple(said["review"])})
