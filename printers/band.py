"""A picture cut for a slow line: white is fed, white ends are left out, doubled dots go once. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

BAND_ROWS = 128  # cheap printers drop or garble rasters that do not fit their memory whole
_HEAD_BYTES = 12
_HALVES = {bits: sum((bits >> place & 1) * (3 << 2 * place) for place in range(4)) for bits in range(16)}
_DOUBLED = bytes(_HALVES.values())
_HALF = {doubled: bits for bits, doubled in _HALVES.items()}


class Size(IntEnum):
    """`m` of GS v 0: what the printer makes of a row and a dot that it is sent."""

    PLAIN = 0
    TALL = 2
    """Each row is printed twice."""
    BOTH = 3
    """Each dot is printed as two by two."""


@dataclass(slots=True)
class Run:
    """Rows `top` to `bottom` (exclusive) of the picture that are sent together, of each the bytes `left` to `right`; none: white."""

    top: int
    bottom: int
    left: int
    right: int
    size: Size = Size.PLAIN

    @property
    def white(self) -> bool:
        return self.left == self.right

    def grown(self, more: Run) -> bool:
        """Take the row below too, unless a head of its own costs less than the white that this would send."""
        if self.white != more.white or self.size != more.size or more.bottom - self.top > BAND_ROWS:
            return False
        left, right = min(self.left, more.left), max(self.right, more.right)
        rows = (self.bottom - self.top) // (1 if self.size is Size.PLAIN else 2)
        white = (right - left - (self.right - self.left)) * rows + right - left - (more.right - more.left)
        if white // (2 if self.size is Size.BOTH else 1) > _HEAD_BYTES:
            return False
        self.left, self.right, self.bottom = left, right, more.bottom
        return True

    def dots(self, rows: list[bytes]) -> tuple[int, bytes]:
        """What is sent of the picture's `rows`: bytes in a row, and all of them."""
        step = 1 if self.size is Size.PLAIN else 2
        parts = [rows[at][self.left : self.right] for at in range(self.top, self.bottom, step)]
        if self.size is Size.BOTH:
            return (self.right - self.left) // 2, b"".join(map(_halved, parts))
        return self.right - self.left, b"".join(parts)


def runs(rows: list[bytes], *, places: bool) -> list[Run]:
    """The whole picture in runs, from the top; white left ends are left out only with `places`."""
    found: list[Run] = []
    for row in _cut(rows, places):
        if not found or not found[-1].grown(row):
            found.append(row)
    return found


def _cut(rows: list[bytes], places: bool) -> Iterator[Run]:
    """Row by row, and pair by pair where pairs of equal rows save more than their own head and the next one's."""
    at = 0
    while at < len(rows):
        end = at
        while end + 1 < len(rows) and any(rows[end]) and rows[end] == rows[end + 1]:
            end += 2
        pairs = rows[at:end:2]
        if sum(map(len, (row.rstrip(b"\0") for row in pairs))) <= 2 * _HEAD_BYTES:
            yield Run(at, at + 1, *_inked(rows[at], places))
            at += 1
            continue
        size = Size.BOTH if all(map(_doubled, pairs)) else Size.TALL
        for row in pairs:
            left, right = _inked(row, places)
            if size is Size.BOTH:
                left, right = left - left % 2, right + right % 2
            yield Run(at, at + 2, left, right, size)
            at += 2


def _inked(row: bytes, places: bool) -> tuple[int, int]:
    """The first byte of a row with ink, and behind the last; equal where it is white."""
    right = len(row.rstrip(b"\0"))
    return (len(row) - len(row.lstrip(b"\0")) if places and right else 0), right


def _doubled(row: bytes) -> bool:
    return len(row) % 2 == 0 and not row.translate(None, _DOUBLED)


def _halved(row: bytes) -> bytes:
    return bytes(_HALF[high] << 4 | _HALF[low] for high, low in zip(row[::2], row[1::2], strict=True))
