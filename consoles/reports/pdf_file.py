"""A report on A4 sheets: what was asked, of whom and for which days, a chart, the table; every sheet has its number. In memory."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from consoles.cell import one_line
from consoles.reports.chart import LETTERS_PX, Chart, chart
from consoles.reports.table import Named, Report, written
from look.texts import Texts
from look.tokens import font, theme

if TYPE_CHECKING:
    from fpdf import FPDF

TYPE = "application/pdf"
MARGIN, FOOT = 15.0, 12.0
NAME_LETTERS = 160
"""Letters of a line's name on paper; the other files have all."""
POINT = 0.3528
"""Millimetres."""
_TITLE, _TEXT, _SMALL, _LEAST = 16.0, 9.0, 8.0, 5.0
_LEADING, _NAME = 4.4, 62.0
_UPRIGHT_COLUMNS = 5
"""With more figures the sheet lies."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above: the hall, the report's name, its sentence, the days with the part of the hall, and what to know of them."""

    hall: str
    title: str
    what: str
    about: str
    note: str = ""


def pdf(made: Report, heading: Heading, texts: Texts) -> bytes:
    """The sheets. Letters that the fonts do not have are shown as a question mark."""
    with closing(_Sheets(made, heading, texts)) as sheets:
        return sheets.data()


class _Sheets:
    """One report, drawn."""

    def __init__(self, made: Report, heading: Heading, texts: Texts) -> None:
        self._made, self._texts, self._colours = made, texts, theme("light")
        self._pdf = _empty(heading, texts.language, lying=len(made.figures) > _UPRIGHT_COLUMNS)
        self._seen = _letters(self._pdf)
        self._pdf.add_page()
        self._heading(heading)
        drawing = chart(made, texts.language)
        if drawing is not None:
            self._chart(drawing)
        self._table()
        self._numbers(heading)

    def data(self) -> bytes:
        return bytes(self._pdf.output())

    def close(self) -> None:
        """Close the font files, which fpdf2 leaves open."""
        from fpdf.fonts import CoreFont

        for each in self._pdf.fonts.values():
            if not isinstance(each, CoreFont):
                each.close()

    # --- parts, from top to bottom --------------------------------------------------------------------------------------

    def _heading(self, heading: Heading) -> None:
        self._say(heading.hall, _TEXT, soft=True)
        self._say(heading.title, _TITLE, bold=True)
        self._say(heading.what, _TEXT)
        self._say(heading.about, _TEXT, bold=True)
        if heading.note:
            self._say(heading.note, _TEXT)
        self._pdf.ln(3)

    def _chart(self, drawing: Chart) -> None:
        """The same picture as on the page, not taller than half a sheet; none where its words could not be read."""
        wide = min(self._pdf.epw, self._pdf.eph / 2 * drawing.width / drawing.height)
        scale, left, top = wide / drawing.width, self._pdf.l_margin, self._pdf.get_y() + 5
        if LETTERS_PX * scale / POINT < _LEAST:
            return
        self._say(drawing.title, _SMALL, soft=True)
        self._ink(self._colours.line, draw=True)
        for x1, y1, x2, y2 in drawing.rules:
            self._pdf.line(left + x1 * scale, top + y1 * scale, left + x2 * scale, top + y2 * scale)
        for bar in drawing.bars:
            self._fill(self._colours.stop if bar.late else self._colours.action)
            self._pdf.rect(left + bar.x * scale, top + bar.y * scale, bar.width * scale, bar.height * scale, style="F")
        self._face(min(_SMALL, LETTERS_PX * scale / POINT))
        for word in drawing.words:
            text = self._known(word.text)
            back = {"start": 0.0, "middle": 0.5, "end": 1.0}[word.anchor] * self._pdf.get_string_width(text)
            self._pdf.text(left + word.x * scale - back, top + word.y * scale, text)
        self._pdf.set_y(top + drawing.height * scale + 4)

    def _table(self) -> None:
        """A line is never broken over two sheets; the heads stand on each again."""
        self._row(self._made.heads, bold=True)
        for line in self._made.lines:
            self._row(self._cells(line))
        self._row(self._cells(self._made.total), bold=True)

    def _cells(self, line: Named) -> tuple[str, ...]:
        figures = zip(self._made.figures, line.figures, strict=True)
        return (_cut(line.name), *(written(name, worth, self._texts.language) for name, worth in figures))

    def _numbers(self, heading: Heading) -> None:
        """Every sheet says which it is, how many there are, and of what."""
        sheets = self._pdf
        sheets.set_auto_page_break(False)
        for page in range(1, sheets.pages_count + 1):
            sheets.page = page
            self._face(_SMALL - page % 2 * 0.01)  # another size, so that the sheet says its font anew
            sheets.set_xy(sheets.l_margin, sheets.h - FOOT)
            sheets.cell(
                sheets.epw * 0.75, _LEADING, self._known(_cut(f"{heading.hall} · {heading.title} · {heading.about}"))
            )
            number = self._texts.get("paper.page", page=page, pages=sheets.pages_count)
            sheets.cell(sheets.epw * 0.25, _LEADING, number, align="R")

    # --- the pen ---------------------------------------------------------------------------------------------------------

    def _row(self, texts: tuple[str, ...], *, bold: bool = False) -> None:
        """Texts side by side and a hair line under them: the name at the left, figures at the right."""
        sheets = self._pdf
        self._face(size := _SMALL - 0.5 if texts == self._made.heads else _TEXT, bold=bold)
        each = (sheets.epw - _NAME) / max(len(texts) - 1, 1)
        widths = [_NAME] + [each] * (len(texts) - 1)
        cells = [self._broken(text, width - 3) for text, width in zip(texts, widths, strict=True)]
        tall = max(map(len, cells)) * _LEADING + 1.6
        if sheets.get_y() + tall > sheets.page_break_trigger:
            sheets.add_page()
            if texts != self._made.heads:
                self._row(self._made.heads, bold=True)
            self._face(size, bold=bold)
        x, y = sheets.l_margin, sheets.get_y()
        for lines, width in zip(cells, widths, strict=True):
            for number, line in enumerate(lines):
                back = 0.0 if x == sheets.l_margin else width - sheets.get_string_width(line)
                sheets.text(x + back, y + (number + 0.85) * _LEADING, line)
            x += width
        self._ink(self._colours.line, draw=True)
        sheets.line(sheets.l_margin, y + tall - 0.4, sheets.l_margin + sheets.epw, y + tall - 0.4)
        sheets.set_y(y + tall)

    def _broken(self, text: str, width: float) -> list[str]:
        from fpdf.enums import MethodReturnValue

        lines = self._pdf.multi_cell(
            width, _LEADING, self._known(text) or " ", dry_run=True, output=MethodReturnValue.LINES, padding=0
        )
        return cast("list[str]", lines)

    def _say(self, text: str, size: float, *, bold: bool = False, soft: bool = False) -> None:
        self._face(size, bold=bold)
        if soft:
            self._ink(self._colours.ink_soft)
        self._pdf.multi_cell(0, size * POINT * 1.35, self._known(text), align="L", new_x="LMARGIN", new_y="NEXT")
        self._ink(self._colours.ink)

    def _face(self, size: float, *, bold: bool = False) -> None:
        self._pdf.set_font("Noto", "B" if bold else "", size)

    def _known(self, text: str) -> str:
        """The text with a question mark for what the fonts cannot show; marks of direction are for screens."""
        return "".join(letter if ord(letter) in self._seen else "?" for letter in one_line(text))

    def _fill(self, colour: str) -> None:
        self._pdf.set_fill_color(*_parts(colour))

    def _ink(self, colour: str, *, draw: bool = False) -> None:
        (self._pdf.set_draw_color if draw else self._pdf.set_text_color)(*_parts(colour))


def _empty(heading: Heading, language: str, *, lying: bool) -> FPDF:
    from fpdf import FPDF

    sheets = FPDF(orientation="landscape" if lying else "portrait", unit="mm", format="A4")
    sheets.set_margin(MARGIN)
    sheets.set_auto_page_break(True, MARGIN + FOOT / 2)
    sheets.set_producer("Vikno")
    sheets.set_title(one_line(heading.title))
    sheets.set_lang(language)
    for style, path in (("", font().regular), ("B", font().bold)):
        sheets.add_font("Noto", style, path)
    return sheets


def _letters(sheets: FPDF) -> frozenset[int]:
    """Code points that the fonts can show."""
    from fpdf.fonts import TTFFont

    return frozenset(code for each in sheets.fonts.values() if isinstance(each, TTFFont) for code in each.cmap)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _cut(text: str) -> str:
    return text if len(text) <= NAME_LETTERS else f"{text[: NAME_LETTERS - 1]}…"
