"""Operators' PINs: kept as scrypt hashes, compared in constant time. Pure; slow on purpose, about 50 ms."""

from __future__ import annotations

import hashlib
import hmac


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
