"""Active authentication: the chip signs our challenge with the key of DG15. ICAO Doc 9303-11 §6.1, ISO/IEC 9796-2 scheme 1."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from card_reader.chip import crypto, public_key
from card_reader.chip.apdu import Command
from card_reader.chip.channel import Channel
from card_reader.chip.public_key import EcKey, RsaKey

_PLAIN_ECDSA = "0.4.0.127.0.7.1.1.4.1."
_PLAIN_HASHES = {"1": "sha1", "2": "sha224", "3": "sha256", "4": "sha384", "5": "sha512"}
_TRAILERS = {
    b"\x34\xcc": "sha256",
    b"\x36\xcc": "sha384",
    b"\x35\xcc": "sha512",
    b"\x38\xcc": "sha224",
    b"\x33\xcc": "sha1",
}


def proves(
    channel: Channel, public: bytes, protocol: str | None, chance: Callable[[int], bytes] = secrets.token_bytes
) -> bool:
    """The chip signed a challenge with the key whose SubjectPublicKeyInfo is `public`; one exchange.

    `protocol`: the signature algorithm DG14 names, None where it does not. Raises: StatusError: the chip refused.
    """
    challenge = chance(8)
    signature = channel.ask("INTERNAL AUTHENTICATE", Command(0, 0x88, 0, 0, challenge, 256))
    match public_key.decode(public):
        case RsaKey() as key:
            return recovers(key, signature, challenge)
        case EcKey() as key:
            return public_key.ecdsa_plain(key, _digest(protocol, key), signature, challenge)


def recovers(key: RsaKey, signature: bytes, challenge: bytes) -> bool:
    """The part of the message inside the signature, with `challenge` behind it, has the hash inside the signature."""
    size = (key.n.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != size or number >= key.n:
        return False
    opened = pow(number, key.e, key.n)
    if opened & 0xF != 0xC:  # ISO/IEC 9796-2: the signer may have given the complement
        opened = key.n - opened
    message = opened.to_bytes(size, "big")
    digest, trailer = ("sha1", 1) if message[-1] == 0xBC else (_TRAILERS.get(message[-2:], ""), 2)
    if not digest or message[0] != 0x6A:
        return False
    length = hashlib.new(digest).digest_size
    inside, hashed = message[1 : -trailer - length], message[-trailer - length : -trailer]
    return crypto.same(hashlib.new(digest, inside + challenge).digest(), hashed)


def _digest(protocol: str | None, key: EcKey) -> str:
    if protocol and protocol.startswith(_PLAIN_ECDSA):
        return _PLAIN_HASHES.get(protocol.removeprefix(_PLAIN_ECDSA), "sha256")
    return "sha256" if key.curve.size <= 40 else "sha384" if key.curve.size <= 48 else "sha512"
