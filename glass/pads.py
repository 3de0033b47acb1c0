"""Keys on the glass for what a visitor types: numbers, and numbers with letters. Pure."""

from __future__ import annotations

from typing import Any

from glass.face import Box, Plate
from glass.sheet import GAP, INNER, LOW_Y, MARGIN, PRIMARY, TILE, Sheet

KEY_H = 146
"""36 mm: a key that is found without looking twice."""
_ROWS = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), ("erase", "0", "next"))

LINE_SIGNS = 26
"""So many of the widest letters fit on a line of what is typed."""
_SIGNS = "1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SIGN_COLUMNS = 9
"""Four rows of all signs and one of keys: each 20 mm wide and high, also within the reach of every hand."""
_SIGN_H = 120


def number_pad(sheet: Sheet[Any], typed: str, count: int, under: float = 0, *, complete: bool | None = None) -> None:
    """The keys for a number of `count` digits, and above them what was typed so far; `under`: room left free below.

    `complete`: it may be gone on; None: when it has all its digits.
    """
    top = _numbers(sheet, under, complete=len(typed) == count if complete is None else complete)
    _digits(sheet, top - 200, typed, count)


def digit_pad(sheet: Sheet[Any], typed: str, *, complete: bool, under: float = 0) -> None:
    """As `number_pad`, for a number of which nobody knows how many digits it has; `complete`: it may be gone on."""
    top = _numbers(sheet, under, complete=complete)
    typed_line(sheet, typed, top - 174)


def sign_pad(sheet: Sheet[Any], typed: str, *, complete: bool) -> None:
    """The keys for a number that has letters, and above them what was typed so far; `complete`: it may be gone on."""
    bottom = sheet.foot_y - GAP
    high = min(_SIGN_H, (bottom - (LOW_Y if sheet.state.low else sheet.y) - 4 * GAP) / 5)
    top = bottom - 5 * high - 4 * GAP
    typed_line(sheet, typed, top - 174)
    wide = (INNER - (_SIGN_COLUMNS - 1) * GAP) / _SIGN_COLUMNS
    for n, sign in enumerate(_SIGNS):
        row, column = divmod(n, _SIGN_COLUMNS)
        place = Box(MARGIN + column * (wide + GAP), top + row * (high + GAP), wide, high)
        sheet.key(f"digit:{sign}", sign, place, look=TILE, roles=("label",))
    half, y = (INNER - GAP) / 2, top + 4 * (high + GAP)
    _key(sheet, "erase", Box(MARGIN, y, half, high), complete=complete)
    _key(sheet, "next", Box(MARGIN + half + GAP, y, half, high), complete=complete)


def typed_line(sheet: Sheet[Any], typed: str, y: float, high: float = 150) -> None:
    """What was typed so far, large, its end where it is too long."""
    line = Box(MARGIN, y, INNER, high)
    sheet.plate(Plate(line, "surface", sheet.radius["button"], "action", 2 * sheet.border))
    if not typed:
        return
    shown = typed if len(typed) <= LINE_SIGNS else f"…{typed[-LINE_SIGNS:]}"
    roles = ("title", "heading", "label", "body", "note")
    sheet.put(shown, line.inset(12), roles, "ink", bold=True, align="center", line="title", max_lines=1)


def _numbers(sheet: Sheet[Any], under: float, *, complete: bool) -> float:
    """The keys of a number pad; where they begin."""
    bottom = sheet.foot_y - GAP - under
    room = bottom - (LOW_Y if sheet.state.low else sheet.y)
    high = min(KEY_H, (room - 3 * GAP) / 4)
    top = bottom - 4 * high - 3 * GAP
    wide = (INNER - 2 * GAP) / 3
    for row, keys in enumerate(_ROWS):
        for column, key in enumerate(keys):
            place = Box(MARGIN + column * (wide + GAP), top + row * (high + GAP), wide, high)
            _key(sheet, key, place, complete=complete)
    return top


def _digits(sheet: Sheet[Any], y: float, typed: str, count: int) -> None:
    """Two groups of places, the next one marked."""
    gap, between = 12.0, 48.0
    wide = (INNER - (count - 2) * gap - between) / count
    for n in range(count):
        x = MARGIN + n * (wide + gap) + (between - gap if n >= count // 2 else 0)
        box = Box(x, y, wide, 150)
        here = n == len(typed)
        edge, border = ("action", 2 * sheet.border) if here else ("line_strong", sheet.border)
        sheet.plate(Plate(box, "surface", sheet.radius["button"], edge, border))
        if n < len(typed):
            sheet.put(typed[n], box, ("title",), "ink", bold=True, align="center", line="title", max_lines=1)


def _key(sheet: Sheet[Any], key: str, box: Box, *, complete: bool) -> None:
    if key == "erase":
        sheet.key("erase", sheet.t("kiosk.delete_digit"), box, icon="erase", roles=("tile", "note"))
    elif key != "next":
        sheet.key(f"digit:{key}", key, box, look=TILE, roles=("title", "heading", "label"))
    elif complete:
        sheet.key("next", sheet.t("common.next"), box, look=PRIMARY, roles=("heading", "label", "tile"))
    else:
        sheet.plate(Plate(box, "canvas", sheet.radius["button"], "line_strong", sheet.border))
        sheet.put(
            sheet.t("common.next"), box, ("heading", "label", "tile", "note"), "ink_soft", bold=True, align="center"
        )
