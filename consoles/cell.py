"""A cell of a table that goes into a spreadsheet: one line, and never a formula (OWASP, CSV injection). Pure."""

from __future__ import annotations

import unicodedata

FORMULA = tuple("=+-@＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula."""
UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Categories of letters that nobody sees, line ends among them."""


def plain(value: object) -> str:
    """The value as text; None is empty; what begins like a formula gets a mark before it."""
    said = "" if value is None else str(value)
    text = " ".join("".join(" " if unicodedata.category(c) in UNSEEN else c for c in said).split())
    return f"'{text}" if text.startswith(FORMULA) else text
