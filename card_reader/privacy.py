"""What keeps a visitor's data in: keyed hashes for matching, and a filter that no log line with such data passes. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

_ZONE = re.compile(r"[A-Z0-9<]{30,}")
_NUMBER = re.compile(r"(?<![\w.:-])(\d{9,14}|\d{8}-\d{5})(?![\w.:-])")
_HEX = re.compile(r"(?i)(?<![0-9a-z])(?:[0-9a-f]{2}[ :]?){24,}(?![0-9a-z])")
_HIDDEN = "[hidden]"


def keyed_hash(key: bytes, number: str) -> str:
    """HMAC-SHA-256 over `match|` and the letters and digits of `number`, hexadecimal: as the coordinator hashes what was booked.

    The key is the hall's and changes daily: without one, all personal numbers of a country are hashed in seconds.
    Raises: ValueError: a key shorter than 32 bytes.
    """
    if len(key) < 32:
        raise ValueError("a day key has at least 32 bytes")
    plain = re.sub(r"[^A-Z0-9]", "", number.upper())
    return hmac.new(key, f"match|{plain}".encode(), hashlib.sha256).hexdigest()


def redact(text: str) -> str:
    """`text` without what looks like a machine-readable zone, a personal number or APDU bytes."""
    for pattern in (_ZONE, _HEX, _NUMBER):
        text = pattern.sub(_HIDDEN, text)
    return text


def redact_event(_logger: object, _method: str, event: Any) -> Any:
    """A structlog processor: every text and every number of an event, redacted."""
    return {key: _redacted(value) for key, value in event.items()}


def _redacted(value: Any) -> Any:
    match value:
        case str():
            return redact(value)
        case bytes() | bytearray():
            return _HIDDEN
        case bool():
            return value
        case int():
            return value if abs(value) < 10**8 else _HIDDEN
        case dict():
            return {key: _redacted(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_redacted(inner) for inner in value]
        case _:
            return value
