"""How wide text is and where it breaks, by the same font files that Kivy draws with. Pure but for reading them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PIL import ImageFont

from look import tokens

_SLACK = 0.985  # FreeType hints the same font a little wider under SDL than under Pillow


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines at `size` pixels."""

    lines: tuple[str, ...]
    size: int


@lru_cache(maxsize=16384)
def width(text: str, size: int, *, bold: bool) -> float:
    """Pixels that `text` takes on one line."""
    return _font(size, bold).getlength(text)


@lru_cache(maxsize=4096)
def wrap(text: str, size: int, limit: float, *, bold: bool) -> tuple[str, ...]:
    """Lines of at most `limit` pixels, broken at spaces; a single word may be wider: see `fit`."""
    lines: list[str] = []
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width(joined, size, bold=bold) <= limit * _SLACK:
            lines[-1] = joined
        else:
            lines.append(word)
    return tuple(lines)


@lru_cache(maxsize=4096)
def fit(text: str, limit: float, sizes: tuple[int, ...], max_lines: tuple[int, ...], *, bold: bool) -> Fitted:
    """The first of `sizes` at which `text` needs no more than its `max_lines` and no word is too wide; else the last one."""
    for size, most in zip(sizes, max_lines, strict=True):
        lines = wrap(text, size, limit, bold=bold)
        if len(lines) <= most and all(width(line, size, bold=bold) <= limit * _SLACK for line in lines):
            break
    return Fitted(lines, size)


@lru_cache(maxsize=64)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    font = tokens.font()
    return ImageFont.truetype(str(font.bold if bold else font.regular), size, layout_engine=ImageFont.Layout.BASIC)
