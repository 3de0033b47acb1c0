"""Things to choose from, as tiles in order of reading, on as many pages as they need. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from glass.face import Box
from glass.sheet import GAP, INNER, LOW_Y, MARGIN, Sheet
from look import icons


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose; `blocked`: why it cannot be had now, "" when it can."""

    key: str
    text: str
    hint: str = ""
    icon: str = ""
    blocked: str = ""


def grid(
    sheet: Sheet[Any],
    choices: Sequence[Choice],
    *,
    columns: int,
    rows: int,
    height: float,
    page: int,
    under: float = 0,
) -> None:
    """Choices in order of reading; what does not fit goes to further pages, turned by one key; `under`: room left free below."""
    paged = len(choices) > columns * rows
    per_page = columns * (rows - 1 if paged else rows)
    pages = -(-len(choices) // per_page)
    page %= pages
    top = LOW_Y if sheet.state.low else sheet.y + 28
    high = min(height, (sheet.foot_y - GAP - under - top - GAP * (rows - 1)) / rows)
    wide = (INNER - GAP * (columns - 1)) / columns
    for n, choice in enumerate(choices[page * per_page : (page + 1) * per_page]):
        box = Box(MARGIN + n % columns * (wide + GAP), top + n // columns * (high + GAP), wide, high)
        _tile(sheet, choice, box)
    if paged:
        box = Box(MARGIN, top + (rows - 1) * (high + GAP), INNER, min(high, 150))
        hint = sheet.t("kiosk.page", page=page + 1, pages=pages)
        sheet.row(f"page:{(page + 1) % pages}", sheet.t("common.next"), box, icon="forward", hint=hint)


def _tile(sheet: Sheet[Any], choice: Choice, box: Box) -> None:
    hint = "" if sheet.state.low else choice.hint
    if choice.blocked:
        sheet.blocked(choice.text, box, choice.icon, choice.blocked)
    else:
        roles = ("tile", "note") if box.w < INNER else ("label", "tile", "note")
        sheet.row(choice.key, choice.text, box, icon=choice.icon, hint=hint, roles=roles)


def icon(name: str) -> str:
    """The group's icon; a plain ticket where the set has none of that name."""
    try:
        icons.glyph(name)
    except KeyError:
        return "ticket"
    return name
