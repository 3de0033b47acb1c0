"""The word that stands on whatever shows, prints or says a hall to learn in. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from look.texts import Texts

PLAIN = "TRAINING"
"""For what has no letters but ASCII: displays of windows, names of files."""


def mark(languages: Iterable[str]) -> str:
    """The word in each of `languages`, the first of them first: what stands where nobody's language is known."""
    return " · ".join(dict.fromkeys(Texts(language).get("training.mark") for language in languages))


def spoken(language: str) -> str:
    """The word as it is read aloud: capitals would be spelled."""
    return f"{mark([language]).capitalize()}."
