"""A document as a picture by its form: strips of black and white, stacked. Pure: its fonts are package data. Sizes are in dots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from contract.errors import ContractError
from look.tokens import font, paper
from printers.document import CertificateDoc, Doc, Fact, TicketDoc
from printers.form import Block, Kind, form
from printers.line import wrap

_WHITE, _BLACK = 255, 0
_QR_LEAST = 3
"""Dots of a module: 0.37 mm, what a telephone reads from a receipt."""
_LOUD, _CLEAR = ("heading", "body"), ("body", "note")
"""Of the band's word, and of what it means."""
_ICON_GRID = 48
_ICON = (
    # x0, y0, x1, y1, radius, ink: the window with four panes and its sill
    (2, 2, 46, 41, 7, _BLACK),
    (8, 8, 22.5, 20, 2, _WHITE),
    (25.5, 8, 40, 20, 2, _WHITE),
    (8, 23, 22.5, 35, 2, _WHITE),
    (25.5, 23, 40, 35, 2, _WHITE),
    (0, 41, 48, 47, 3, _BLACK),
)


@dataclass(frozen=True, slots=True)
class Face:
    """A font file and a size in dots, with what is needed to set lines in it."""

    path: Path
    size: int

    @property
    def font(self) -> ImageFont.FreeTypeFont:
        return _font(self.path, self.size)

    def width(self, text: str) -> int:
        """Dots that `text` takes on one line, with room for ink that leans out of the last letter's box."""
        return ceil(
            self.bearing(text) + sum(_advance(self.path, self.size, letter) for letter in text) + self.size * 0.03
        )

    def bearing(self, text: str) -> int:
        """Dots by which the first letter's ink begins left of its box."""
        return _bearing(self.path, self.size, text[:1])

    def wrap(self, text: str, width: int) -> list[str]:
        """Lines of at most `width` dots (see `printers.line`)."""
        return wrap(text, width, self.width)


@dataclass(frozen=True, slots=True)
class Page:
    """What the blocks of one paper share: the document, the width between the margins, and the sizes; `coarse`: see `render`."""

    doc: Doc
    width: int
    large: bool
    coarse: bool = False

    def size(self, role: str) -> int:
        """Dots of a role."""
        return (paper().type_large if self.large else paper().type)[role]

    def face(self, role: str, *, bold: bool = True) -> Face:
        return _face_of(self.size(role), bold=bold)

    def text(self, name: str) -> str:
        """A field of the document that is one text; "" where the block names none."""
        return str(getattr(self.doc, name)) if name else ""

    def narrowed(self, width: int) -> Page:
        """The same for a block inside another."""
        return replace(self, width=width)


def render(doc: Doc, width_dots: int = 576, *, coarse: bool = False) -> Image.Image:
    """The paper as a 1-bit image `width_dots` wide by its form: 0 is ink, ink stays inside the margins.

    Text that does not fit shrinks, then wraps; nothing is cut off. `coarse`: the number in dots of two by two, a quarter of
    its bytes on a slow line.
    Raises: ContractError: the paper would be longer than its form allows (large print: twice that).
    """
    style, plan = paper(), form(doc.form)
    page = Page(doc, width_dots - 2 * style.margin, doc.large, coarse)
    strips = [strip for block in plan.blocks if (strip := _block(block, page)) is not None]
    body = _stack(strips, style.gap)
    most = round(plan.max_mm * style.dots_per_mm) * (2 if doc.large else 1)
    if body.height > most:
        name = page.text("label" if isinstance(doc, TicketDoc) else "number")
        raise ContractError(f"{doc.form} {name}: {body.height} rows: at most {most}; shorten its texts or its list")
    sheet = Image.new("L", (width_dots, body.height + 2 * style.gap), _WHITE)
    sheet.paste(body, (style.margin, style.gap))
    return sheet.point(lambda grey: _WHITE if grey > style.threshold else _BLACK, "1")


def _block(block: Block, page: Page) -> Image.Image | None:
    """The strip of a block, None where the document has nothing for it."""
    return _DRAW[block.kind](block, page)


def _inner(block: Block, page: Page) -> list[Image.Image]:
    return [strip for each in block.of if (strip := _block(each, page)) is not None]


def _text(block: Block, page: Page) -> Image.Image | None:
    text = page.text(block.text)
    if not text:
        return None
    face, lines = _fit(page, text, block)
    return _lines(lines, face, page.width, centre=block.centre)


def _number(block: Block, page: Page) -> Image.Image | None:
    text = page.text(block.text)
    if not text:
        return None
    face = _fit(page, text, block)[0]
    if not page.coarse:
        return _centred(_ink(text, face), page.width)
    half = _centred(_ink(text, replace(face, size=face.size // 2)), page.width // 2)
    return half.resize((half.width * 2, half.height * 2), Image.Resampling.NEAREST)


def _mark(block: Block, page: Page) -> Image.Image | None:
    """A word in a frame of its own, so that no paper is taken for another."""
    if not page.text(block.text):
        return None
    return _frame(Fact("", page.text(block.text)), page)


def _band(_block: Block, page: Page) -> Image.Image | None:
    """The word white on black from edge to edge, and under it what it means: no such paper is taken for a real one."""
    mark = page.doc.training
    if mark is None:
        return None
    word, note = (Block("text", roles=roles, lines=2, bold=True, centre=True) for roles in (_LOUD, _CLEAR))
    strips = [_lines(*_set(page.narrowed(page.width - 2 * paper().margin), mark.words, word), page.width, centre=True)]
    strips = [ImageOps.invert(ImageOps.expand(strip, (0, paper().gap // 2), _WHITE)) for strip in strips]
    return _stack([*strips, _lines(*_set(page, mark.note, note), page.width, centre=True)], paper().gap // 2)


def _pairs(block: Block, page: Page) -> Image.Image | None:
    """Names, each small over its value."""
    pairs: tuple[tuple[str, str], ...] = getattr(page.doc, block.text)
    return _stack([_pair(block, page, name, value) for name, value in pairs], 8) if pairs else None


def _pair(block: Block, page: Page, name: str, value: str) -> Image.Image:
    small, large = page.face(block.roles[1], bold=False), page.face(block.roles[0])
    return _stack(
        [_lines(face.wrap(text, page.width), face, page.width) for face, text in ((small, name), (large, value))], 0
    )


def _people(block: Block, page: Page) -> Image.Image | None:
    """A numbered person after the other: the first column bold, the others as name and value."""
    doc = page.doc
    if not isinstance(doc, CertificateDoc) or not doc.people:
        return None
    return _stack(
        [_person(block, page, f"{number}. ", doc.columns, line) for number, line in enumerate(doc.people, 1)], 14
    )


def _person(block: Block, page: Page, number: str, columns: tuple[str, ...], line: tuple[str, ...]) -> Image.Image:
    face = page.face(block.roles[0])
    indent = face.width("00. ")
    inside = page.narrowed(page.width - indent)
    texts = [_lines(face.wrap(line[0], inside.width), face, inside.width)]
    small = replace(block, roles=(block.roles[1], block.roles[1]))
    texts += [_row(small, inside, name, value) for name, value in zip(columns[1:], line[1:], strict=True) if value]
    column = _stack(texts, 0)
    strip = Image.new("L", (page.width, column.height), _WHITE)
    strip.paste(_lines([number], face, indent), (0, 0))
    strip.paste(column, (indent, 0))
    return strip


def _paragraphs(block: Block, page: Page) -> Image.Image | None:
    texts: tuple[str, ...] = getattr(page.doc, block.text)
    return _stack([_lines(*_set(page, text, block), page.width) for text in texts], 10) if texts else None


def _to_write_on(block: Block, page: Page) -> Image.Image | None:
    """A line for each text to be written on by hand, with the text under it."""
    texts: tuple[str, ...] = getattr(page.doc, block.text)
    room = Image.new("L", (page.width, page.size("title")), _WHITE)
    lines = [_stack([room, _rule(page.width), _lines(*_set(page, text, block), page.width)], 2) for text in texts]
    return _stack(lines, 0) if lines else None


def _head(block: Block, page: Page) -> Image.Image:
    text = page.text(block.text)
    gap = paper().margin
    icon = _icon(min(page.size("display"), 72) - 8) if block.logo else Image.new("L", (1, 1), _WHITE)
    face, lines = _fit(page.narrowed(page.width - icon.width - gap), text, replace(block, bold=True))
    words = _lines(lines, face, max(face.width(line) for line in lines))
    return _stack([_centred(_beside(icon, words, gap), page.width), _rule(page.width)], paper().gap // 2)


def _facts_of(page: Page) -> tuple[Fact, ...]:
    return page.doc.facts if isinstance(page.doc, TicketDoc) else ()


def _facts(facts: tuple[Fact, ...], page: Page) -> Image.Image:
    gap = paper().margin
    title, value = page.face("note", bold=False), page.face("display")
    wanted = [max(title.width(fact.title), value.width(fact.value)) for fact in facts]
    least = sum(wanted) * 0.6 / len(facts)
    shares = [max(each, least) for each in wanted]
    free = page.width - gap * (len(facts) - 1)
    widths = [int(free * share / sum(shares)) for share in shares]
    widths[-1] = free - sum(widths[:-1])
    pages = [page.narrowed(each) for each in widths]
    if len(facts) > 1 and not all(_words_fit(fact, each) for fact, each in zip(facts, pages, strict=True)):
        return _stack([_facts((fact,), page) for fact in facts], gap)
    height = max(_frame(fact, each).height for fact, each in zip(facts, pages, strict=True))
    row = Image.new("L", (page.width, height), _WHITE)
    x = 0
    for fact, each in zip(facts, pages, strict=True):
        row.paste(_frame(fact, each, height), (x, 0))
        x += each.width + gap
    return row


def _words_fit(fact: Fact, page: Page) -> bool:
    """Whether a frame of this width shows the title's words whole and the value no smaller than a heading: it is why one looks."""
    inner = page.width - 2 * paper().margin
    title, value = page.face("note", bold=False), page.face("heading")
    small = [title.width(word) for word in f"{fact.title} {fact.note}".split()]
    return max(small) <= inner and value.width(fact.value) <= inner


def _frame(fact: Fact, page: Page, height: int = 0) -> Image.Image:
    line, pad = 4, paper().margin
    inside = page.narrowed(page.width - 2 * pad)
    small = Block("text", roles=("note", "note"), lines=2, centre=True)
    texts = [(fact.title, small)] if fact.title else []
    texts += [(fact.value, Block("text", roles=("display", "body"), bold=True, centre=True))]
    texts += [(fact.note, small)] if fact.note else []
    strips = [_lines(*_set(inside, text, block), inside.width, centre=True) for text, block in texts]
    content = _stack(strips, 0)
    frame = Image.new("L", (page.width, max(height, content.height + pad)), _WHITE)
    ImageDraw.Draw(frame).rounded_rectangle((0, 0, page.width - 1, frame.height - 1), 14, outline=_BLACK, width=line)
    frame.paste(content, (pad, (frame.height - content.height) // 2))
    return frame


def _list(block: Block, page: Page) -> Image.Image | None:
    items: tuple[str, ...] = getattr(page.doc, block.items)
    if not items:
        return None
    title = _lines(*_set(page, page.text(block.text), replace(block, bold=True)), page.width)
    return _stack([title, *(_to_tick(item, page) for item in items)], 4)


def _to_tick(item: str, page: Page) -> Image.Image:
    face = page.face("body", bold=False)
    side, indent = round(face.size * 0.94), round(face.size * 1.44)
    text = _lines(face.wrap(item, page.width - indent), face, page.width - indent)
    strip = Image.new("L", (page.width, max(text.height, side)), _WHITE)
    top = (_leading(face) - side) // 2 + 2
    ImageDraw.Draw(strip).rounded_rectangle((0, top, side - 1, top + side - 1), 5, outline=_BLACK, width=paper().rule)
    strip.paste(text, (indent, 0))
    return strip


def _coded(block: Block, page: Page) -> Image.Image | None:
    """The code with texts beside it; in large print, where no word would fit there, under it."""
    payload, gap = page.text(block.text), 28
    if not payload:
        return _stack(strips, 2) if (strips := _inner(block, page)) else None
    code = _qr(payload, page.width)
    beside = page.narrowed(page.width - code.width - gap)
    if page.large or beside.width < page.width // 2:
        return _stack([*_inner(block, page), _centred(code, page.width)], paper().gap)
    column = _stack(_inner(block, beside), 2, width=beside.width)
    strip = Image.new("L", (page.width, max(code.height, column.height)), _WHITE)
    strip.paste(code, (0, 0))
    strip.paste(column, (code.width + gap, 0))
    return strip


def _ends(block: Block, page: Page, left: str, right: str) -> Image.Image:
    """One text at the left end and one at the right; under each other where they do not fit side by side."""
    for role in block.roles:
        face = page.face(role, bold=block.bold)
        if face.width(left) + face.width(right) + paper().gap <= page.width:
            strip = _lines([left], face, page.width)
            _put_right(strip, right, face)
            return strip
    lines = [_lines(face.wrap(left, page.width), face, page.width)]
    for text in face.wrap(right, page.width):
        lines.append(Image.new("L", (page.width, _leading(face) + ceil(face.size * 0.16)), _WHITE))
        _put_right(lines[-1], text, face)
    return _stack(lines, 0)


def _put_right(strip: Image.Image, text: str, face: Face) -> None:
    """`text` on the strip's last line, at its right end."""
    if text:
        last = _lines([text], face, face.width(text))
        strip.paste(last, (strip.width - last.width, strip.height - last.height))


def _rows(block: Block, page: Page) -> Image.Image | None:
    rows: tuple[tuple[str, str], ...] = getattr(page.doc, block.text)
    return _stack([_row(block, page, left, right) for left, right in rows], 4) if rows else None


def _row(block: Block, page: Page, left: str, right: str) -> Image.Image:
    """A text and an amount on the line of its last words; the text wraps before it reaches the amount."""
    face = page.face(block.roles[0], bold=False)
    room = page.width - face.width(right) - paper().gap
    if any(face.width(word) > room for word in left.split()):
        return _ends(block, page, left, right)
    strip = _lines(face.wrap(left, room), face, page.width)
    _put_right(strip, right, face)
    return strip


def _qr(payload: str, room: int) -> Image.Image:
    """The code at its usual size, smaller where it would be wider than `room`. Raises: ContractError: too small to be read then."""
    import qrcode

    # Error level M: a fold or a smear costs up to 15 %. The mask is fixed because trying all eight takes 2 ms of 0.3.
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=0, mask_pattern=2)
    code.add_data(payload)
    try:
        matrix = code.get_matrix()
    except ValueError as exc:  # more than version 40 holds
        raise ContractError(f"qr of {len(payload)} characters: does not fit in any code") from exc
    side = len(matrix)
    dots = bytes(_BLACK if dark else _WHITE for row in matrix for dark in row)
    module = min(paper().qr_module, room // side)
    if module < _QR_LEAST:
        raise ContractError(f"qr of {len(payload)} characters: does not fit on this paper")
    return Image.frombytes("L", (side, side), dots).resize((side * module, side * module), Image.Resampling.NEAREST)


def _icon(side: int) -> Image.Image:
    icon = Image.new("L", (side, side), _WHITE)
    draw = ImageDraw.Draw(icon)
    scale = side / _ICON_GRID
    for x0, y0, x1, y1, radius, ink in _ICON:
        box = (round(x0 * scale), round(y0 * scale), round(x1 * scale) - 1, round(y1 * scale) - 1)
        draw.rounded_rectangle(box, round(radius * scale), fill=ink)
    return icon


def _rule(width: int) -> Image.Image:
    return Image.new("L", (width, paper().rule), _BLACK)


def _dashes(width: int) -> Image.Image:
    strip = Image.new("L", (width, paper().rule), _WHITE)
    draw = ImageDraw.Draw(strip)
    for x in range(0, width, 12):
        draw.rectangle((x, 0, min(x + 6, width - 1), paper().rule), fill=_BLACK)
    return strip


def _set(page: Page, text: str, block: Block) -> tuple[list[str], Face]:
    face, lines = _fit(page, text, block)
    return lines, face


def _fit(page: Page, text: str, block: Block) -> tuple[Face, list[str]]:
    """The largest size between the block's two roles at which `text` needs at most its lines; at the smaller one it may need more."""
    largest, smallest = (page.size(role) for role in block.roles)
    bold = block.bold or block.kind == "number"
    for size in range(largest, smallest, -4):
        face = _face_of(size, bold=bold)
        lines = face.wrap(text, page.width)
        if len(lines) <= block.lines and all(face.width(word) <= page.width for word in text.split()):
            return face, lines
    face = _face_of(smallest, bold=bold)
    return face, face.wrap(text, page.width)


def _lines(lines: list[str], face: Face, width: int, *, centre: bool = False) -> Image.Image:
    """Lines set under each other from the left or about the middle, in a strip that holds all of their ink."""
    leading = _leading(face)
    strip = Image.new("L", (max(width, 1), leading * len(lines) + ceil(face.size * 0.16)), _WHITE)
    draw = ImageDraw.Draw(strip)
    baseline = round(face.size * 1.04)
    for row, line in enumerate(lines):
        left = face.bearing(line) + ((width - face.width(line)) // 2 if centre else 0)
        draw.text((left, baseline + row * leading), line, font=face.font, fill=_BLACK, anchor="ls")
    return strip


def _ink(text: str, face: Face) -> Image.Image:
    """`text` on one line, cropped to its ink: the number needs no room for letters that hang below the line."""
    left, top, right, bottom = (round(edge) for edge in face.font.getbbox(text, anchor="ls"))
    strip = Image.new("L", (right - left, bottom - top), _WHITE)
    ImageDraw.Draw(strip).text((-left, -top), text, font=face.font, fill=_BLACK, anchor="ls")
    return strip


def _centred(strip: Image.Image, width: int) -> Image.Image:
    row = Image.new("L", (width, strip.height), _WHITE)
    row.paste(strip, ((width - strip.width) // 2, 0))
    return row


def _beside(left: Image.Image, right: Image.Image, gap: int) -> Image.Image:
    height = max(left.height, right.height)
    row = Image.new("L", (left.width + gap + right.width, height), _WHITE)
    row.paste(left, (0, (height - left.height) // 2))
    row.paste(right, (left.width + gap, (height - right.height) // 2))
    return row


def _stack(strips: Iterable[Image.Image], gap: int, width: int = 1) -> Image.Image:
    strips = list(strips)
    height = sum(strip.height for strip in strips) + gap * max(len(strips) - 1, 0)
    column = Image.new("L", (max([width, *(strip.width for strip in strips)]), max(height, 1)), _WHITE)
    y = 0
    for strip in strips:
        column.paste(strip, (0, y))
        y += strip.height + gap
    return column


def _leading(face: Face) -> int:
    return round(face.size * 1.22)


def _face_of(size: int, *, bold: bool) -> Face:
    return Face(font().bold if bold else font().regular, size)


@lru_cache(maxsize=64)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=8192)
def _advance(path: Path, size: int, letter: str) -> float:
    return _font(path, size).getlength(letter)


@lru_cache(maxsize=1024)
def _bearing(path: Path, size: int, letter: str) -> int:
    return -min(round(_font(path, size).getbbox(letter, anchor="ls")[0]), 0)


def _stacked(block: Block, page: Page) -> Image.Image | None:
    strips = _inner(block, page)
    return _stack(strips, paper().gap // 2) if strips else None


_DRAW: Mapping[Kind, Callable[[Block, Page], Image.Image | None]] = {
    "head": _head,
    "stack": _stacked,
    "text": _text,
    "number": _number,
    "facts": lambda _, page: _facts(_facts_of(page), page),
    "list": _list,
    "dashes": lambda _, page: _dashes(page.width),
    "code": _coded,
    "ends": lambda block, page: _ends(block, page, page.text(block.text), page.text(block.right)),
    "rows": _rows,
    "mark": _mark,
    "pairs": _pairs,
    "people": _people,
    "paragraphs": _paragraphs,
    "lines": _to_write_on,
    "band": _band,
}
