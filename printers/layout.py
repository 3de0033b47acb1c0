"""A ticket document as a picture: strips of black and white, stacked. Pure: its fonts are package data. Sizes are in dots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from contract.errors import ContractError
from look.tokens import font, paper
from printers.document import Fact, TicketDoc

MAX_ROWS = 2400  # 300 mm: a longer ticket is a mistake in the hall document, not a ticket
_WHITE, _BLACK = 255, 0
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
        """Lines of at most `width` dots, broken at spaces; a word that is wider on its own is broken inside."""
        lines: list[str] = []
        for word in text.split():
            joined = f"{lines[-1]} {word}" if lines else word
            if lines and self.width(joined) <= width:
                lines[-1] = joined
            else:
                lines += self._pieces(word, width)
        return lines

    def _pieces(self, word: str, width: int) -> list[str]:
        pieces = [""]
        for letter in word:
            if pieces[-1] and self.width(pieces[-1] + letter) > width:
                pieces.append("")
            pieces[-1] += letter
        return pieces


def render(doc: TicketDoc, width_dots: int = 576) -> Image.Image:
    """The ticket as a 1-bit image `width_dots` wide: 0 is ink, ink stays inside the margins.

    Text that does not fit shrinks, then wraps; nothing is cut off.
    Raises: ContractError: the ticket would be longer than `MAX_ROWS`.
    """
    style = paper()
    inner = width_dots - 2 * style.margin
    blocks = [_head(doc, inner), _number(doc, inner), _facts(doc.facts, inner)]
    blocks += [_bring(doc, inner)] if doc.bring else []
    blocks += [_dashes(inner), _follow(doc, inner), _foot(doc, inner)]
    ticket = _stack(blocks, style.gap)
    if ticket.height > MAX_ROWS:
        raise ContractError(
            f"ticket {doc.label}: {ticket.height} rows: at most {MAX_ROWS}; shorten its texts or its list"
        )
    sheet = Image.new("L", (width_dots, ticket.height + 2 * style.gap), _WHITE)
    sheet.paste(ticket, (style.margin, style.gap))
    return sheet.point(lambda grey: _WHITE if grey > style.threshold else _BLACK, "1")


def _head(doc: TicketDoc, width: int) -> Image.Image:
    icon = _icon(_role("display") - 8)
    gap = paper().margin
    face, lines = _fit(doc.hall, ("label", "note"), width - icon.width - gap, max_lines=2)
    text = _lines(lines, face, max(face.width(line) for line in lines))
    return _stack([_centred(_beside(icon, text, gap), width), _rule(width)], paper().gap // 2)


def _number(doc: TicketDoc, width: int) -> Image.Image:
    title = _paragraph(doc.number_title, ("body", "note"), width, max_lines=1, bold=False, centre=True)
    number = _centred(_ink(doc.label, _fit(doc.label, ("number", "heading"), width, max_lines=1)[0]), width)
    service = _paragraph(doc.service, ("heading", "body"), width, max_lines=2, centre=True)
    return _stack([title, number, service], paper().gap // 2)


def _facts(facts: tuple[Fact, ...], width: int) -> Image.Image:
    gap = paper().margin
    title, value = _face("note", bold=False), _face("display")
    wanted = [max(title.width(fact.title), value.width(fact.value)) for fact in facts]
    least = sum(wanted) * 0.6 / len(facts)
    shares = [max(each, least) for each in wanted]
    free = width - gap * (len(facts) - 1)
    widths = [int(free * share / sum(shares)) for share in shares]
    widths[-1] = free - sum(widths[:-1])
    if len(facts) > 1 and not all(_words_fit(fact, each) for fact, each in zip(facts, widths, strict=True)):
        return _stack([_facts((fact,), width) for fact in facts], gap)
    height = max(_frame(fact, each).height for fact, each in zip(facts, widths, strict=True))
    row = Image.new("L", (width, height), _WHITE)
    x = 0
    for fact, each in zip(facts, widths, strict=True):
        row.paste(_frame(fact, each, height), (x, 0))
        x += each + gap
    return row


def _words_fit(fact: Fact, width: int) -> bool:
    inner = width - 2 * paper().margin
    title, value = _face("note", bold=False), _face("body")
    small = [title.width(word) for word in f"{fact.title} {fact.note}".split()]
    return max(small) <= inner and value.width(fact.value) <= inner


def _frame(fact: Fact, width: int, height: int = 0) -> Image.Image:
    line, pad = 4, paper().margin
    inner = width - 2 * pad
    title = _paragraph(fact.title, ("note", "note"), inner, max_lines=2, bold=False, centre=True)
    value = _paragraph(fact.value, ("display", "body"), inner, max_lines=1, centre=True)
    notes = [_paragraph(fact.note, ("note", "note"), inner, max_lines=2, bold=False, centre=True)] if fact.note else []
    content = _stack([title, value, *notes], 0)
    frame = Image.new("L", (width, max(height, content.height + pad)), _WHITE)
    ImageDraw.Draw(frame).rounded_rectangle((0, 0, width - 1, frame.height - 1), 14, outline=_BLACK, width=line)
    frame.paste(content, (pad, (frame.height - content.height) // 2))
    return frame


def _bring(doc: TicketDoc, width: int) -> Image.Image:
    title = _paragraph(doc.bring_title, ("body", "body"), width, max_lines=2)
    return _stack([title, *(_to_tick(item, width) for item in doc.bring)], 4)


def _to_tick(item: str, width: int) -> Image.Image:
    side, indent, face = 30, 46, _face("body", bold=False)
    text = _lines(face.wrap(item, width - indent), face, width - indent)
    strip = Image.new("L", (width, max(text.height, side)), _WHITE)
    top = (_leading(face) - side) // 2 + 2
    ImageDraw.Draw(strip).rounded_rectangle((0, top, side - 1, top + side - 1), 5, outline=_BLACK, width=paper().rule)
    strip.paste(text, (indent, 0))
    return strip


def _follow(doc: TicketDoc, width: int) -> Image.Image:
    code, gap = _qr(doc.qr), 28
    inner = width - code.width - gap
    texts = [_paragraph(doc.follow, ("body", "note"), inner, max_lines=2)] if doc.follow else []
    texts += [
        _paragraph(text, ("note", "note"), inner, max_lines=1, bold=False)
        for text in (doc.missed_rule, doc.keep)
        if text
    ]
    column = _stack(texts, 2, width=inner)
    strip = Image.new("L", (width, max(code.height, column.height)), _WHITE)
    strip.paste(code, (0, 0))
    strip.paste(column, (code.width + gap, 0))
    return strip


def _foot(doc: TicketDoc, width: int) -> Image.Image:
    face = _face("note", bold=False)
    if face.width(doc.issued) + face.width(doc.hotline) + paper().gap > width:
        texts = [text for text in (doc.issued, doc.hotline) if text]
        return _stack([_lines(face.wrap(text, width), face, width) for text in texts], 0)
    strip = _lines([doc.issued], face, width)
    if doc.hotline:
        right = face.width(doc.hotline)
        strip.paste(_lines([doc.hotline], face, right), (width - right, 0))
    return strip


def _qr(payload: str) -> Image.Image:
    import qrcode

    # Error level M: a fold or a smear costs up to 15 %. The mask is fixed because trying all eight takes 2 ms of 0.3.
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=0, mask_pattern=2)
    code.add_data(payload)
    matrix = code.get_matrix()
    side = len(matrix)
    dots = bytes(_BLACK if dark else _WHITE for row in matrix for dark in row)
    module = paper().qr_module
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


def _paragraph(
    text: str, roles: tuple[str, str], width: int, max_lines: int, *, bold: bool = True, centre: bool = False
) -> Image.Image:
    face, lines = _fit(text, roles, width, max_lines, bold=bold)
    return _lines(lines, face, width, centre=centre)


def _fit(text: str, roles: tuple[str, str], width: int, max_lines: int, *, bold: bool = True) -> tuple[Face, list[str]]:
    """The largest size between two roles at which `text` needs at most `max_lines`; at the smaller one it may need more."""
    largest, smallest = (_role(role) for role in roles)
    for size in range(largest, smallest, -4):
        face = _face_of(size, bold=bold)
        lines = face.wrap(text, width)
        if len(lines) <= max_lines and all(face.width(word) <= width for word in text.split()):
            return face, lines
    face = _face_of(smallest, bold=bold)
    return face, face.wrap(text, width)


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


def _role(role: str) -> int:
    return paper().type[role]


def _face(role: str, *, bold: bool = True) -> Face:
    return _face_of(_role(role), bold=bold)


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
