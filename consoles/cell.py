"""A cell of a table that goes into a spreadsheet: one line, and never a formula (OWASP, CSV injection). Pure."""

from __future__ import annotations

import unicodedata

FORMULA = tuple("=+-@＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula."""
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of letters that nobody sees, line ends among them."""


def plain(value: object) -> str:
    """The value as text; None is empty; what begins like a formula gets a mark before it."""
    text = one_line(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def one_line(value: object) -> str:
    """The value as text without what nobody sees; None is empty."""
    said = "" if value is None else str(value)
    if not said.isprintable():
        said = "".join(" " if unicodedata.category(c) in UNSEEN else c for c in said)
    return " ".join(said.split())
