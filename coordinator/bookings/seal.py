"""What the hall's key makes: codes nobody can guess, and persons nobody can read. Pure.

HMAC-SHA-256 (RFC 2104). The same input gives the same output, so a command that is done again gives the same code.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import date

CODE_DIGITS = 8


def code(key: bytes, command: str, attempt: int) -> str:
    """The `attempt`-th code for a command: eight digits."""
    return f"{int.from_bytes(_mac(key, f'code/{attempt}/{command}')[:8]) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def name(key: bytes, command: str) -> str:
    """The booking's own id, from which its code cannot be told."""
    return f"b-{_mac(key, f'booking/{command}')[:12].hex()}"


def person(key: bytes, number: str) -> str:
    """A document number or telephone, however it is spaced and written, as 64 hex digits."""
    plain = "".join(sign for sign in number.casefold() if sign.isalnum())
    return _mac(key, f"person/{plain}").hex()


def day_key(key: bytes, day: date) -> bytes:
    """The key that boxes hash the numbers of ID cards with on that day."""
    return _mac(key, f"day/{day.isoformat()}")


def match(day_key: bytes, number: str) -> str | None:
    """What a card reader makes of the same number with the key of a day, as 64 hex digits; None: nothing that a card has."""
    plain = re.sub(r"[^A-Z0-9]", "", number.upper())
    return hmac.digest(day_key, f"match|{plain}".encode(), hashlib.sha256().name).hex() if plain else None


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256().name)
