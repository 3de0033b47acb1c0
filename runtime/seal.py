"""A secret for one holder of a key: sealed by whoever knows the public half, opened by nobody else.

Format: HPKE in base mode (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305; encapsulated key, then
ciphertext, in base64. `about` is HPKE's info: what was sealed about one thing cannot be passed off as about another.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from contract.errors import ContractError

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def seal(plain: bytes, public: str, about: str) -> str:
    """`plain` for the holder of `public` (32 bytes in hexadecimal). Raises: ContractError: that is no key."""
    try:
        key = X25519PublicKey.from_public_bytes(bytes.fromhex(public))
        return base64.b64encode(_SUITE.encrypt(plain, key, info=about.encode())).decode("ascii")
    except ValueError as exc:
        raise ContractError("not a key that anything can be sealed to") from exc


class Opener:
    """A key that lives in this object alone: nothing of it is ever written anywhere. `public`: in hexadecimal."""

    def __init__(self) -> None:
        self._key = X25519PrivateKey.generate()
        self.public = self._key.public_key().public_bytes_raw().hex()

    def open(self, sealed: str, about: str) -> bytes:
        """What was sealed to this key. Raises: ContractError: another key's, about something else, or damaged."""
        try:
            return _SUITE.decrypt(base64.b64decode(sealed, validate=True), self._key, info=about.encode())
        except (InvalidTag, ValueError, binascii.Error) as exc:
            raise ContractError("sealed for somebody else, or damaged") from exc
