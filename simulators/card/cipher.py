"""The four cipher suites of BAC, PACE and secure messaging: 3DES, and AES with 128, 192 and 256 bits (ICAO 9303-11, 9.7, 9.8)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.cmac import CMAC

FOR_ENCRYPTION, FOR_MAC, FOR_PASSWORD = 1, 2, 3
MAC_BYTES = 8


def pad(data: bytes, block: int) -> bytes:
    """80 and zeros up to a whole block (ISO 9797-1, method 2)."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


def unpad(data: bytes) -> bytes:
    """Raises: ValueError: no padding there."""
    bare = data.rstrip(b"\0")
    if not bare.endswith(b"\x80"):
        raise ValueError("padding")
    return bare[:-1]


@dataclass(frozen=True)
class Suite:
    """A block cipher with its key derivation. `number`: the last arc of the object identifiers that name it."""

    name: str
    number: int
    key_bytes: int
    block: int
    digest: str

    def derive(self, secret: bytes, counter: int) -> bytes:
        key = hashlib.new(self.digest, secret + counter.to_bytes(4, "big")).digest()[: self.key_bytes]
        return bytes(map(_odd_parity, key)) if self is TRIPLE_DES else key

    def encrypt(self, key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
        """CBC over whole blocks; `iv` zero where not given."""
        return _run(self._cipher(key, iv).encryptor(), data)

    def decrypt(self, key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
        """Raises: ValueError: not whole blocks."""
        return _run(self._cipher(key, iv).decryptor(), data)

    def mac(self, key: bytes, data: bytes) -> bytes:
        """Eight bytes: retail MAC (ISO 9797-1, algorithm 3) over whole blocks, or the CMAC cut short."""
        if self is TRIPLE_DES:
            return _retail_mac(key, data)
        cmac = CMAC(AES(key))
        cmac.update(data)
        return cmac.finalize()[:MAC_BYTES]

    def token(self, key: bytes, data: bytes) -> bytes:
        """The MAC over data of any length as PACE exchanges it: padded for 3DES only."""
        return self.mac(key, pad(data, self.block) if self is TRIPLE_DES else data)

    def _cipher(self, key: bytes, iv: bytes | None) -> Cipher[CBC]:
        algorithm = TripleDES(key + key[:8]) if self is TRIPLE_DES else AES(key)
        return Cipher(algorithm, CBC(iv or bytes(self.block)))


def _run(context: CipherContext, data: bytes) -> bytes:
    return context.update(data) + context.finalize()


def _odd_parity(byte: int) -> int:
    return byte ^ (byte.bit_count() + 1 & 1)


def _retail_mac(key: bytes, data: bytes) -> bytes:
    """Single DES with the first half over all blocks, then the second half back and the first again."""
    first, second = (Cipher(TripleDES(half * 3), CBC(bytes(8))) for half in (key[:8], key[8:]))
    last = _run(first.encryptor(), data)[-8:]
    return _run(first.encryptor(), _run(second.decryptor(), last))


TRIPLE_DES = Suite("3DES", 1, 16, 8, "sha1")
SUITES = {
    suite.number: suite
    for suite in (
        TRIPLE_DES,
        Suite("AES-128", 2, 16, 16, "sha1"),
        Suite("AES-192", 3, 24, 16, "sha256"),
        Suite("AES-256", 4, 32, 16, "sha256"),
    )
}
