"""A certificate as a PDF of A4 sheets: bytes in memory, the same for the same paper. Pure: fonts are package data. Sizes are in mm.

The text can be taken out again (ToUnicode), the document says its language (/Lang), and nothing in it tells when or where it was made.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from look.texts import Texts
from look.tokens import font
from printers.document import CertificateDoc
from printers.line import wrap

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH, HEIGHT = 210, 297
LEFT, RIGHT, TOP, BOTTOM = 25, 15, 15, 22
"""Margins; the left one has room for two holes."""
INNER = WIDTH - LEFT - RIGHT
FOOT = HEIGHT - BOTTOM + 6
POINT = 0.3528
_TEXT, _SMALL, _TITLE, _HALL = 11.0, 9.0, 17.0, 10.0
_LARGE = 1.35
_NAME = 55.0
_QR = 26.0
_NO_DATE = datetime(2020, 1, 1, tzinfo=UTC)
_HAIR, _RULE = 0.15, 0.4


def pdf(doc: CertificateDoc) -> bytes:
    """The sheets of `doc`: a line of a table is never broken over two, the columns' names stand again on each, and every sheet has
    the number and how many there are.
    """
    with closing(_Sheets(doc, 1)) as draft:
        if draft.count == 1:
            return draft.data()
    with closing(_Sheets(doc, draft.count)) as sheets:
        return sheets.data()


class _Sheets:
    """One paper, drawn. `pages`: how many sheets it says that it has; `count`: how many it has."""

    def __init__(self, doc: CertificateDoc, pages: int) -> None:
        self._doc, self._texts, self._pages = doc, Texts(doc.lang), pages
        self._scale = _LARGE if doc.large else 1.0
        self._pdf = _empty(doc)
        self._y = float(TOP)
        self._over: Callable[[], None] = lambda: None
        self._turn()
        for part in (self._head, self._facts, self._people, self._closing, self._foot):
            part()

    @property
    def count(self) -> int:
        return int(self._pdf.pages_count)

    def data(self) -> bytes:
        return bytes(self._pdf.output())

    def close(self) -> None:
        """Close the font files, which fpdf2 leaves open."""
        from fpdf.fonts import CoreFont

        for each in self._pdf.fonts.values():
            if not isinstance(each, CoreFont):
                each.close()

    # -- parts, from top to bottom ----------------------------------------------------------------------------------

    def _head(self) -> None:
        """Who says it, what it is, its number."""
        doc = self._doc
        self._icon(LEFT, self._y)
        tall = self._tall(doc.hall, _HALL, INNER - 12, bold=True)
        self._put(doc.hall, _HALL, LEFT + 12, INNER - 12, bold=True, down=max(8 - tall, 0) / 2)
        self._y += max(tall, 8) + 3
        self._line(_RULE)
        self._y += 8
        self._y += self._put(doc.title, _TITLE, LEFT, INNER, bold=True) + 2
        self._y += self._put(doc.number, _TEXT, LEFT, INNER) + 6
        if doc.opening:
            self._y += self._put(doc.opening, _TEXT, LEFT, INNER) + 3

    def _facts(self) -> None:
        for name, value in self._doc.facts:
            texts = ((name, _SMALL, 0.0, _NAME, False), (value, _TEXT, _NAME + 4, INNER - _NAME - 4, True))
            self._row(texts)
        self._y += 6

    def _people(self) -> None:
        """The table; where it goes over to another sheet, the columns' names stand there again."""
        doc = self._doc
        if not doc.people:
            return
        title = self._tall(doc.people_title, _TEXT, INNER, bold=True) + 2
        self._room(title + 2 * self._row_height(self._cells(doc.columns, "", bold=False)))
        self._y += self._put(doc.people_title, _TEXT, LEFT, INNER, bold=True) + 2
        self._heads()
        self._over = self._heads
        for number, line in enumerate(doc.people, 1):
            self._row(self._cells(line, str(number), bold=True))
        self._over = lambda: None
        self._y += 6

    def _closing(self) -> None:
        """Paragraphs, and the lines to write on: all of these together on one sheet."""
        doc = self._doc
        tall = sum(self._tall(text, _TEXT, INNER) + 3 for text in doc.closing)
        self._room(tall + (24 if doc.sign else 0))
        for text in doc.closing:
            self._y += self._put(text, _TEXT, LEFT, INNER) + 3
        if not doc.sign:
            return
        self._y += 14
        width = (INNER - 10 * (len(doc.sign) - 1)) / len(doc.sign)
        for place, text in enumerate(doc.sign):
            x = LEFT + place * (width + 10)
            self._pdf.set_line_width(_RULE)
            self._pdf.line(x, self._y, x + width, self._y)
            self._put(text, _SMALL, x, width, down=1.0)
        self._y += 12

    def _foot(self) -> None:
        """The code, and what the paper is worth, on one sheet; then every sheet's number."""
        doc, beside = self._doc, INNER - _QR - 5
        texts = [(doc.note, True), (doc.check, False), (doc.issued, False)]
        tall = sum(self._tall(text, _SMALL, beside, bold=bold) + 1.5 for text, bold in texts)
        self._room(max(tall, _QR) + 5)
        self._line(_HAIR)
        self._y += 4
        self._code(doc.qr, LEFT, self._y)
        for text, bold in texts:
            self._y += self._put(text, _SMALL, LEFT + _QR + 5, beside, bold=bold) + 1.5

    # -- the pen ----------------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        """A new sheet with its number under it."""
        self._pdf.add_page()
        self._y = FOOT
        page = self._texts.get("paper.page", page=self._pdf.page_no(), pages=self._pages)
        self._put(self._doc.number, 8, LEFT, INNER / 2)
        self._put(page, 8, LEFT + INNER / 2, INNER / 2, right=True)
        self._y = float(TOP)
        self._band()

    def _band(self) -> None:
        """On every sheet of a hall to learn in: the word white on black, and what it means."""
        mark = self._doc.training
        if mark is None:
            return
        tall = self._tall(mark.words, _TITLE, INNER - 4, bold=True) + 3
        self._pdf.rect(LEFT, self._y, INNER, tall, style="F")
        self._pdf.set_text_color(255)
        self._put(mark.words, _TITLE, LEFT + 2, INNER - 4, bold=True, down=1.0)
        self._pdf.set_text_color(0)
        self._y += tall + 1
        self._y += self._put(mark.note, _TEXT, LEFT, INNER, bold=True) + 3

    def _room(self, tall: float) -> None:
        """Go over to a new sheet where `tall` mm do not fit under the pen any more."""
        if self._y + tall > HEIGHT - BOTTOM and self._y > TOP:
            self._turn()
            self._over()

    def _heads(self) -> None:
        self._y += self._row_height(cells := self._cells(self._doc.columns, "№", bold=False, size=_SMALL - 1), pad=1.0)
        self._write(cells, self._row_height(cells, pad=1.0), pad=1.0)
        self._line(_RULE)

    def _cells(
        self, texts: tuple[str, ...], number: str, *, bold: bool, size: float = _SMALL + 1
    ) -> tuple[tuple[str, float, float, float, bool], ...]:
        """(text, size, from the left margin, width, bold): the number, the name in what the others leave, the others."""
        rest = 28.0 * self._scale**0.5
        first = 9.0 * self._scale
        name = INNER - first - rest * (len(texts) - 1)
        cells = [(number, size, 0.0, first, False), (texts[0], size, first, name - 3, bold)]
        cells += [(text, size, first + name + rest * place, rest - 3, False) for place, text in enumerate(texts[1:])]
        return tuple(cells)

    def _row(self, cells: tuple[tuple[str, float, float, float, bool], ...]) -> None:
        """Texts side by side, whole on one sheet, and a hair line under them."""
        tall = self._row_height(cells)
        self._room(tall)
        self._y += tall
        self._write(cells, tall)
        self._line(_HAIR)

    def _row_height(self, cells: tuple[tuple[str, float, float, float, bool], ...], pad: float = 1.4) -> float:
        return max(self._tall(text, size, width, bold=bold) for text, size, _, width, bold in cells) + 2 * pad

    def _write(self, cells: tuple[tuple[str, float, float, float, bool], ...], tall: float, pad: float = 1.4) -> None:
        """The texts of a row that ends at the pen; smaller ones stand on the first line of the larger."""
        largest = max(size for _, size, _, _, _ in cells)
        for text, size, x, width, bold in cells:
            sink = (largest - size) * self._scale * POINT
            self._put(text, size, LEFT + x, width, bold=bold, down=pad + sink - tall)

    def _put(
        self,
        text: str,
        size: float,
        x: float,
        width: float,
        *,
        bold: bool = False,
        down: float = 0.0,
        right: bool = False,
    ) -> float:
        """Set `text` in lines from the pen on, `down` mm lower, `right`: at the right end; how tall it is. The pen stays."""
        lines = self._broken(text, size, width, bold=bold)
        for number, line in enumerate(lines):
            indent = width - self._pdf.get_string_width(line) if right else 0
            self._pdf.text(x + indent, self._y + down + (number + 0.8) * self._leading(size), line)
        return len(lines) * self._leading(size)

    def _tall(self, text: str, size: float, width: float, *, bold: bool = False) -> float:
        return max(len(self._broken(text, size, width, bold=bold)), 1) * self._leading(size)

    def _broken(self, text: str, size: float, width: float, *, bold: bool) -> list[str]:
        self._face(size, bold=bold)
        return wrap(text, width, self._pdf.get_string_width)

    def _face(self, size: float, *, bold: bool) -> None:
        self._pdf.set_font("Noto", "B" if bold else "", size * self._scale)

    def _leading(self, size: float) -> float:
        return size * self._scale * POINT * 1.25

    def _line(self, width: float) -> None:
        self._pdf.set_line_width(width)
        self._pdf.line(LEFT, self._y, WIDTH - RIGHT, self._y)

    def _code(self, payload: str, x: float, y: float) -> None:
        """The code as black squares: sharp at any size."""
        import qrcode

        code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=0, mask_pattern=2)
        code.add_data(payload)
        matrix = code.get_matrix()
        side = _QR / len(matrix)
        for row, dots in enumerate(matrix):
            for start, length in _runs(dots):
                self._pdf.rect(x + start * side, y + row * side, length * side, side, style="F")

    def _icon(self, x: float, y: float) -> None:
        """The window with four panes and its sill, 8 mm wide."""
        for left, top, width, height, grey in ((0.3, 0.3, 7.4, 6.5, 0), (0, 6.8, 8, 1, 0)):
            self._pdf.set_fill_color(grey)
            self._pdf.rect(x + left, y + top, width, height, style="F")
        self._pdf.set_fill_color(255)
        for left, top in ((1.3, 1.3), (4.3, 1.3), (1.3, 3.8), (4.3, 3.8)):
            self._pdf.rect(x + left, y + top, 2.4, 2.0, style="F")
        self._pdf.set_fill_color(0)


def _empty(doc: CertificateDoc) -> FPDF:
    from fpdf import FPDF

    sheets = FPDF(orientation="portrait", unit="mm", format="A4")
    sheets.set_creation_date(_NO_DATE)
    sheets.set_producer("Vikno")
    sheets.set_title(doc.title)
    sheets.set_lang(doc.lang)
    sheets.set_auto_page_break(False)
    for style, path in (("", font().regular), ("B", font().bold)):
        sheets.add_font("Noto", style, path)
    sheets.set_fill_color(0)
    return sheets


def _runs(dots: list[bool]) -> list[tuple[int, int]]:
    """Where dark dots begin, and how many follow: no hair lines between them."""
    runs: list[tuple[int, int]] = []
    for place, dark in enumerate(dots):
        if dark and runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((place, 1))
    return runs
