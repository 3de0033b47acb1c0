"""Passwords: argon2id with OWASP's parameters (19 MiB, two passes, one lane), and what a new one must be (NIST SP 800-63B)."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 10, 256
AT_ONCE = 2
"""Hashes made at the same time, so that guessing takes neither the processor nor the memory away from the hall."""
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Of a one-time password: none that look alike."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_TURN = threading.BoundedSemaphore(AT_ONCE)

_COMMON = """
0123456789 1111111111 0000000000 1234567890 1234567891 12345678910 123456789a 12345qwert 1q2w3e4r5t 1qaz2wsx3edc
abcdefghij administrator changeme123 football123 iloveyou123 letmein123 password12 password123 password1234 passw0rd123
princess123 q1w2e3r4t5 qazwsxedcr qwerty1234 qwerty12345 qwerty123456 qwertyuiop qwertyuiop123 superman123 welcome123
welcome1234 zxcvbnm123 vikno12345 йцукенгшщз йцукен12345 пароль1234 пароль12345 пароль123456 привіт1234 привет1234
"""
COMMON = frozenset(_COMMON.split())
"""Those of ten letters and more that everybody tries first."""


def fault(password: str) -> str:
    """The key of why this may not be a new password, "" where it may."""
    word = _normal(password)
    if len(word) < LEAST:
        return "staff.password_short"
    if len(word) > MOST:
        return "staff.password_long"
    return "staff.password_common" if word.casefold() in COMMON else ""


def hashed(password: str) -> str:
    """What is kept of a password. Takes about 50 ms of a processor: not for the loop's thread."""
    with _TURN:
        return _HASHER.hash(_normal(password))


def right(password: str, kept: str | None) -> bool:
    """Whether it is the one that `kept` was made of; takes as long where there is none (None). Not for the loop's thread."""
    if len(password) > MOST:
        return False
    try:
        with _TURN:
            return _HASHER.verify(kept or _nobodys(), _normal(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def old(kept: str) -> bool:
    """Whether it was made with other parameters, and is to be made anew."""
    return _HASHER.check_needs_rehash(kept)


def once() -> str:
    """A password to be used once: 16 letters in fours, 80 random bits."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(letters[n : n + 4] for n in range(0, 16, 4))


@lru_cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex())


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
