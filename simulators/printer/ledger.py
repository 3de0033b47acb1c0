"""What happened to a printer, and the pictures of its papers."""

from __future__ import annotations

import json
import time
from hashlib import sha256
from pathlib import Path

from PIL import Image


class Ledger:
    """What happened here, in order; flushed line by line so that a reader may follow."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / "ledger.jsonl").open("a", encoding="utf-8")

    def write(self, event: str, **facts: object) -> None:
        self._file.write(json.dumps({"t": round(time.monotonic(), 6), "event": event, **facts}) + "\n")
        self._file.flush()


def digest(rows: list[bytes]) -> str:
    """The paper's picture in one word: SHA-256 over its rows of dots, each without its white right end, after its length."""
    inked = [row.rstrip(b"\0") for row in rows]
    return sha256(b"".join(len(row).to_bytes(2, "big") + row for row in inked)).hexdigest()


def draw(file: Path, rows: list[bytes]) -> None:
    """The paper as a PNG file, there whole or not at all."""
    width = max([1, *map(len, rows)])
    dots = b"".join(row.ljust(width, b"\0") for row in rows)
    picture = Image.frombytes("1", (width * 8, len(rows)), dots).point(lambda dot: 0 if dot else 255)
    part = file.with_name(f".{file.name}")
    picture.save(part, format="PNG", compress_level=1)
    part.rename(file)
