"""The mark of a paper from a hall to learn in. Pure."""

from __future__ import annotations

from typing import Literal

from contract.hall import Hall
from look import training
from look.texts import Texts
from printers.document import Training


def band(hall: Hall, lang: str, kind: Literal["ticket", "money", "paper"]) -> Training | None:
    """What makes a paper in `lang` one that nobody takes for real; None in a real hall."""
    if not hall.training:
        return None
    languages = (lang, *(each for each in hall.languages if each != lang))
    return Training(training.mark(languages), Texts(lang).get(f"training.{kind}"))
