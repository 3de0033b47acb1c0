"""The hash that ties each event to the one before it, so that a changed past shows."""

from __future__ import annotations

from hashlib import sha256

GENESIS = "0" * 64


def link(prev: str, hall: str, seq: int, at: str, kind: str, who: str, cmd: str | None, body: str) -> str:
    """SHA-256 (hex) over `prev` and the event's columns as stored, one a line; a `cmd` of None is an empty line.

    No column holds a line break (`event.body` sees to it), so two different events never make the same text.
    `prev` is the hash of seq - 1, for the first event `GENESIS`.
    """
    return sha256("\n".join((prev, hall, str(seq), at, kind, who, cmd or "", body)).encode()).hexdigest()
