"""Active authentication: the chip signs the terminal's challenge (ICAO 9303-11, 6.1)."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TRAILERS = {"sha1": b"\xbc", "sha256": b"\x34\xcc"}


class ActiveKey(Protocol):
    """The key behind DG15."""

    @property
    def public_key_info(self) -> bytes:
        """SubjectPublicKeyInfo in DER."""

    def sign(self, challenge: bytes) -> bytes:
        """The answer to INTERNAL AUTHENTICATE."""


@dataclass(frozen=True)
class RsaActiveKey:
    """Signature with message recovery, ISO 9796-2 scheme 1; `digest`: sha1 or sha256."""

    key: rsa.RSAPrivateKey
    digest: str = "sha1"

    @property
    def public_key_info(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, challenge: bytes) -> bytes:
        trailer, size = TRAILERS[self.digest], self.key.key_size // 8
        own = os.urandom(size - 1 - len(trailer) - hashlib.new(self.digest).digest_size)
        block = b"\x6a" + own + hashlib.new(self.digest, own + challenge).digest() + trailer
        numbers = self.key.private_numbers()
        return pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")


@dataclass(frozen=True)
class EcActiveKey:
    """ECDSA with SHA-256 in the plain format: r and s side by side."""

    key: ec.EllipticCurvePrivateKey

    @property
    def public_key_info(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, challenge: bytes) -> bytes:
        size = (self.key.key_size + 7) // 8
        pair = decode_dss_signature(self.key.sign(challenge, ec.ECDSA(hashes.SHA256())))
        return b"".join(number.to_bytes(size, "big") for number in pair)
