"""Spreadsheets, a piece at a time, whatever their length: ECMA-376 with the texts in their cells, zipped while it is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from zipfile import ZIP_DEFLATED, ZipFile

from markupsafe import escape

from consoles.cell import one_line
from consoles.reports.csv_file import PIECE_BYTES, Cell, Row
from consoles.reports.outgo import Outgo

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_576
"""Rows of one sheet; what is more goes to the next."""
MOST_LETTERS = 32_767
"""Letters of one cell."""
_FOREIGN = dict.fromkeys((0xFFFE, 0xFFFF))
"""What XML has no letters for."""
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.0%"/></numFmts>'
    '<fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" xfId="0"/>'
    '<xf numFmtId="164" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
"""Style 0: as it is; 1: in percent."""


def pieces(rows: Iterable[Row], *, shares: Collection[int] = (), most_rows: int = MOST_ROWS) -> Iterator[bytes]:
    """The file. The first row is the head, on every sheet again; texts are texts, whatever they begin with.

    `shares`: columns, from 0, whose numbers are shown in percent.
    """
    outgo = Outgo()
    left = iter(rows)
    head = tuple(next(left, ()))
    sheets = 0
    with ZipFile(outgo, "w", ZIP_DEFLATED, compresslevel=1) as book:
        more = next(left, None)
        while more is not None or not sheets:
            sheets += 1
            with book.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet:
                sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{_row(head, shares)}'.encode())
                for _ in range(most_rows - 1):
                    if more is None:
                        break
                    sheet.write(_row(more, shares).encode())
                    more = next(left, None)
                    if outgo.size >= PIECE_BYTES:
                        yield outgo.take()
                sheet.write(b"</sheetData></worksheet>")
        for name, text in _rest(sheets):
            book.writestr(name, text)
    yield outgo.take()


def _row(row: Row, shares: Collection[int]) -> str:
    return f"<row>{''.join(_cell(cell, share=at in shares) for at, cell in enumerate(row))}</row>"


def _cell(cell: Cell, *, share: bool) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, str):
        text = one_line(cell).translate(_FOREIGN)[:MOST_LETTERS]
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
    return f'<c s="1"><v>{cell}</v></c>' if share else f"<c><v>{cell}</v></c>"


def _rest(sheets: int) -> Iterator[tuple[str, str]]:
    """What makes sheets a book."""
    numbers = range(1, sheets + 1)
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPES}.worksheet+xml"/>' for n in numbers
    )
    styles = f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
    main = f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    relations = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    types = f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{relations}{main}{styles}{kinds}</Types>'
    yield "[Content_Types].xml", types
    book = f'<Relationship Id="rId1" Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/>'
    yield "_rels/.rels", f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{book}</Relationships>'
    named = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    yield (
        "xl/workbook.xml",
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets>{named}</sheets></workbook>',
    )
    held = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATION}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    yield "xl/styles.xml", _STYLES
    held += f'<Relationship Id="rId0" Type="{_RELATION}/styles" Target="styles.xml"/>'
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{held}</Relationships>',
    )
