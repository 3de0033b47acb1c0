"""The letters of a language on the glass, as people know them from their phones, with digits above. Pure."""

from __future__ import annotations

from typing import Any

from glass.face import WIDTH, Box, Plate
from glass.sheet import LOW_Y, PRIMARY, TILE, Sheet

ROWS = {
    "uk": ("ЙЦУКЕНГШЩЗХЇ", "ФІВАПРОЛДЖЄҐ", "ЯЧСМИТЬБЮ’."),
    "ru": ("ЙЦУКЕНГШЩЗХЪ", "ФЫВАПРОЛДЖЭЁ", "ЯЧСМИТЬБЮ.,"),
    "kk": ("ӘІҢҒҮҰҚӨҺЁ.", "ЙЦУКЕНГШЩЗХЪ", "ФЫВАПРОЛДЖЭ", "ЯЧСМИТЬБЮ"),
    "ky": ("ЙЦУКЕНГШЩЗХЪ", "ФЫВАПРОЛДЖЭЁ", "ЯЧСМИТЬБЮҢӨҮ"),
    "en": ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM’.,"),
}
SIGNS = ("1234567890", "-/.,№’()")
"""In place of the letters where there is no room for both."""
_DIGITS = "1234567890-/"
_COLUMNS = 12
_EDGE, _GAP = 12.0, 6.0
_HIGH = 97.0
"""24 mm, narrow gaps: the one exception from the distance between targets; keys act on release (visual design §4)."""


def top(sheet: Sheet[Any]) -> float:
    """Where the keyboard begins."""
    rows = _rows(sheet, signs=False)
    high = _high(sheet, len(rows) + 1)
    return sheet.foot_y - _EDGE - (len(rows) + 1) * (high + _GAP) + _GAP


def keyboard(sheet: Sheet[Any], *, signs: bool, complete: bool, skip: bool) -> None:
    """Keys `sign:X`, `sign:space`, `erase`, and `next` or, where nothing is needed (`skip`), `skip`; in low mode `signs` changes between
    letters and digits. It ends above the tools.
    """
    rows = _rows(sheet, signs=signs)
    high = _high(sheet, len(_rows(sheet, signs=False)) + 1)
    y = top(sheet)
    for row in rows:
        _row(sheet, row, y, high)
        y += high + _GAP
    _last(sheet, sheet.foot_y - _EDGE - high, high, signs=signs, complete=complete, skip=skip)


def _rows(sheet: Sheet[Any], *, signs: bool) -> tuple[str, ...]:
    letters = ROWS[sheet.state.lang]
    if not sheet.state.low:
        return (_DIGITS, *letters)
    return SIGNS if signs else letters


def _high(sheet: Sheet[Any], rows: int) -> float:
    if not sheet.state.low:
        return _HIGH
    return min(_HIGH, (sheet.foot_y - _EDGE - LOW_Y - 104 - (rows - 1) * _GAP) / rows)


def _row(sheet: Sheet[Any], row: str, y: float, high: float) -> None:
    columns = _COLUMNS if len(row) > 10 else max(10, len(row))
    wide = (WIDTH - 2 * _EDGE - (columns - 1) * _GAP) / columns
    x = (WIDTH - len(row) * wide - (len(row) - 1) * _GAP) / 2
    for sign in row:
        sheet.key(f"sign:{sign}", sign, Box(x, y, wide, high), look=TILE, roles=("label",), air=4)
        x += wide + _GAP


def _last(sheet: Sheet[Any], y: float, high: float, *, signs: bool, complete: bool, skip: bool) -> None:
    shares = {"signs": 170.0, "space": 350.0, "erase": 260.0} if sheet.state.low else {"space": 460.0, "erase": 290.0}
    x = _EDGE
    for key, wide in shares.items():
        box = Box(x, y, wide, high)
        if key == "signs":
            sheet.key("signs", ROWS[sheet.state.lang][-1][:3] if signs else "123", box, roles=("tile", "note"))
        elif key == "space":
            sheet.key("sign:space", sheet.t("terminal.space"), box, roles=("tile", "note"))
        else:
            sheet.key("erase", sheet.t("terminal.erase"), box, icon="erase", roles=("tile", "note"), air=6)
        x += wide + _GAP
    box = Box(x, y, WIDTH - _EDGE - x, high)
    if complete or skip:
        key, text = ("next", "common.next") if complete else ("skip", "terminal.skip")
        sheet.key(key, sheet.t(text), box, look=PRIMARY, roles=("heading", "label", "tile", "note"), air=8)
    else:
        sheet.plate(Plate(box, "canvas", sheet.radius["button"], "line_strong", sheet.border))
        sheet.put(sheet.t("common.next"), box, ("heading", "label", "tile"), "ink_soft", bold=True, align="center")
