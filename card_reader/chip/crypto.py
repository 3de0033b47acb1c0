"""Keys, ciphers and MACs of secure messaging; the only user of 3DES. Pure. ICAO Doc 9303-11 §9.7, ISO/IEC 9797-1."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import Enum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from card_reader.errors import DataError

ENC, MAC, PASSWORD = 1, 2, 3
"""Counters of the key derivation: what a key is for."""


class Suite(Enum):
    """A cipher with its key length: (bytes of key, bytes of block)."""

    DES3 = (16, 8)
    AES128 = (16, 16)
    AES192 = (24, 16)
    AES256 = (32, 16)

    @property
    def key_size(self) -> int:
        """Bytes of a key."""
        return self.value[0]

    @property
    def block(self) -> int:
        """Bytes of a cipher block; the send sequence counter is as long."""
        return self.value[1]


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """A pair of session keys."""

    suite: Suite
    enc: bytes
    mac: bytes


def derive(secret: bytes, purpose: int, suite: Suite) -> bytes:
    """KDF(secret, purpose) of 9303-11 §9.7.1; 3DES keys with odd parity."""
    seed = secret + purpose.to_bytes(4, "big")
    if suite in {Suite.AES192, Suite.AES256}:
        return hashlib.sha256(seed).digest()[: suite.key_size]
    key = hashlib.sha1(seed, usedforsecurity=False).digest()[:16]
    return odd_parity(key) if suite is Suite.DES3 else key


def session_keys(secret: bytes, suite: Suite) -> Keys:
    """The pair of keys a shared secret gives."""
    return Keys(suite, derive(secret, ENC, suite), derive(secret, MAC, suite))


def odd_parity(key: bytes) -> bytes:
    """Each byte with its lowest bit set so that the count of ones is odd, as DES wants it."""
    return bytes((b & 0xFE) | ((b >> 1).bit_count() + 1) % 2 for b in key)


def encrypt(suite: Suite, key: bytes, iv: bytes, data: bytes) -> bytes:
    """CBC, no padding. Raises: DataError: not whole blocks."""
    _whole(suite, data)
    encryptor = Cipher(_algorithm(suite, key), modes.CBC(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def decrypt(suite: Suite, key: bytes, iv: bytes, data: bytes) -> bytes:
    """CBC, no padding. Raises: DataError: not whole blocks."""
    _whole(suite, data)
    decryptor = Cipher(_algorithm(suite, key), modes.CBC(iv)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def encrypt_block(suite: Suite, key: bytes, block: bytes) -> bytes:
    """One block, as it is: the IV of AES secure messaging is made by it."""
    return encrypt(suite, key, bytes(suite.block), block)


def mac(suite: Suite, key: bytes, message: bytes) -> bytes:
    """Eight bytes of MAC. 3DES: retail MAC over `message`, which is padded already; AES: CMAC, cut."""
    if suite is not Suite.DES3:
        cmac = CMAC(algorithms.AES(key))
        cmac.update(message)
        return cmac.finalize()[:8]
    _whole(suite, message)
    left, right = key[:8], key[8:16]
    last = _des(left, message)[-8:]
    single = Cipher(TripleDES(right * 3), modes.ECB()).decryptor()  # noqa: S305 - one block of the retail MAC
    turned = single.update(last) + single.finalize()
    return _des(left, turned)


def same(one: bytes, other: bytes) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one, other)


def pad(data: bytes, block: int) -> bytes:
    """ISO/IEC 9797-1 method 2: 80, then zeros to a whole block."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


def unpad(data: bytes) -> bytes:
    """Raises: DataError: no 80 before the zeros."""
    stripped = data.rstrip(b"\0")
    if not stripped.endswith(b"\x80"):
        raise DataError("padding is wrong")
    return stripped[:-1]


def _des(key: bytes, data: bytes) -> bytes:
    encryptor = Cipher(TripleDES(key * 3), modes.CBC(bytes(8))).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def _algorithm(suite: Suite, key: bytes) -> TripleDES | algorithms.AES:
    # 24 bytes: `cryptography` is to drop the shorter forms.
    return TripleDES(key + key[:8]) if suite is Suite.DES3 else algorithms.AES(key)


def _whole(suite: Suite, data: bytes) -> None:
    if not data or len(data) % suite.block:
        raise DataError("a cryptogram that is not whole blocks")
