"""The boot counter of the Pi's own buttons: a number that no start had before."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def next_boot(file: Path) -> int:
    """The stored number plus one (32 bits), durable before it is returned; a random one where nothing readable is stored.

    Raises: OSError: it cannot be stored; presses would get the names of an earlier start.
    """
    try:
        last = int(file.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        last = secrets.randbits(32)
    boot = (last + 1) & 0xFFFFFFFF
    new = file.with_suffix(".new")
    with new.open("w", encoding="ascii") as opened:
        opened.write(str(boot))
        opened.flush()
        os.fsync(opened.fileno())
    new.replace(file)
    _sync_folder(file.parent)
    return boot


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
