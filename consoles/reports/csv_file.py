"""Comma-separated tables, a piece at a time (RFC 4180; a byte order mark first, so that spreadsheets take it for UTF-8)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from consoles.cell import plain

TYPE = "text/csv; charset=utf-8"
PIECE_BYTES = 32 * 1024
Cell = str | int | float | None
"""What stands in a table: numbers stay numbers, None is an empty cell."""
Row = Iterable[Cell]


class _Piece:
    """Where the writer puts its lines until they are taken."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.size = 0

    def write(self, text: str) -> None:
        self.texts.append(text)
        self.size += len(text)

    def take(self) -> bytes:
        data = "".join(self.texts).encode()
        self.texts, self.size = [], 0
        return data


def pieces(rows: Iterable[Row], *, mark: bool = True) -> Iterator[bytes]:
    """The file. A text that a spreadsheet would take for a formula is marked as text. `mark`: the byte order mark."""
    piece = _Piece()
    writer = csv.writer(piece)
    if mark:
        piece.write("\ufeff")
    for row in rows:
        writer.writerow([plain(cell) if isinstance(cell, str) else cell for cell in row])
        if piece.size >= PIECE_BYTES:
            yield piece.take()
    yield piece.take()
