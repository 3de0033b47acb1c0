"""Operators' PINs: kept as scrypt hashes, compared in constant time. Pure; slow on purpose, about 50 ms."""

from __future__ import annotations

import hashlib
import hmac
import re
from itertools import pairwise

LEAST, MOST = 4, 12
"""Figures of a PIN."""
_OPEN = re.compile(r"10[0-9]{2}")
"""The PINs of the templates: 10 and the window's number. The demo and the training hall have them too."""
_OPEN_SALTS = """
    b2ed7cf0 a696362b 57f4368a 1b47979c 6a0709c9 516e51f9 4c25b0a8 3deb171f 61202c0f c0820d33 6134567a df1c1d5e
    3f5eccc4 459998da 06450561 eec0bcc7 9c680434 0c592012 0a76c6c5 a9b08788 958ce09b 06380045 e9a36424 55c572d1
    fd14b638 b6d39c38 93fd5e4d bcf3e40c 3e8d18e4 155ee7a0 8f3ce4d8 c3589a7a 6496180f cba4a0da b9820eb3 df71a706
    f8722222 43c1fa41 881f1c88 0d9d5bd0 06f59025 3efe28ff 6a5f8d86 09f3bb56 3aa5f589 b2eaaf6f 42379674 ff652a0f
    99b5e690 c52a310a e9f77a3a 6fbd4a57
"""
"""How the salts of the templates' PINs begin: who copies a template copies them."""


def fault(pin: str) -> str:
    """Why this may not be a PIN, the key of a text under `untaken`; "" where it may."""
    if not pin.isascii() or not pin.isdigit() or not LEAST <= len(pin) <= MOST:
        return "pin"
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps == {0}:
        return "pin_same"
    if steps in ({1}, {9}):
        return "pin_run"
    return "pin_open" if _OPEN.fullmatch(pin) else ""


def is_open(pin_hash: str) -> bool:
    """Whether it is the hash of a template's PIN, which everybody can read."""
    return pin_hash.partition("$")[2][:8] in _OPEN_SALTS.split()


def hashed(pin: str, salt: bytes) -> str:
    """ "scrypt$<salt hex>$<hash hex>" of a PIN; 16 random bytes make a good salt."""
    return f"scrypt${salt.hex()}${_scrypt(pin, salt).hex()}"


def verify(pin: str, pin_hash: str) -> bool:
    """Whether `pin` is the one that was hashed; False for a hash that is empty or not ours."""
    kind, _, rest = pin_hash.partition("$")
    salt, _, digest = rest.partition("$")
    try:
        salted, wanted = bytes.fromhex(salt), bytes.fromhex(digest)
    except ValueError:
        return False
    return kind == "scrypt" and bool(wanted) and hmac.compare_digest(_scrypt(pin, salted), wanted)


def _scrypt(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
