"""Public keys as cards and certificates carry them, and signatures checked with them. Pure.

Curve parameters written out in full are taken only when every one of them is a standard curve's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from card_reader import tlv
from card_reader.chip import curves
from card_reader.chip.curves import Curve, Point
from card_reader.chip.security_info import dotted
from card_reader.errors import DataError

RSA, PSS, EC = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.10045.2.1"
_PRIME_FIELD = "1.2.840.10045.1.1"
_NAMED = {
    "1.2.840.10045.3.1.1": "secp192r1",
    "1.2.840.10045.3.1.7": "secp256r1",
    "1.3.132.0.33": "secp224r1",
    "1.3.132.0.34": "secp384r1",
    "1.3.132.0.35": "secp521r1",
    **{
        f"1.3.36.3.3.2.8.1.1.{number}": f"brainpoolP{bits}r1"
        for number, bits in ((3, 192), (5, 224), (7, 256), (9, 320), (11, 384), (13, 512))
    },
}
_FAST = {
    "brainpoolP256r1": ec.BrainpoolP256R1(),
    "brainpoolP384r1": ec.BrainpoolP384R1(),
    "brainpoolP512r1": ec.BrainpoolP512R1(),
    "secp224r1": ec.SECP224R1(),
    "secp256r1": ec.SECP256R1(),
    "secp384r1": ec.SECP384R1(),
    "secp521r1": ec.SECP521R1(),
}
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - anchors of before 2016; flagged where it is met
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
MAX_BITS = 8192


@dataclass(frozen=True, slots=True)
class RsaKey:
    """Modulus and exponent."""

    n: int
    e: int


@dataclass(frozen=True, slots=True)
class EcKey:
    """A point on a standard curve."""

    curve: Curve
    point: Point


PublicKey = RsaKey | EcKey


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a signature was made. `kind`: "rsa", "pss" or "ecdsa"; `salt`: bytes of PSS salt."""

    kind: str
    digest: str
    salt: int = 0


def decode(spki: bytes) -> PublicKey:
    """A SubjectPublicKeyInfo. Raises: DataError: malformed, a kind we do not know, or a curve no standard has."""
    parts = list(tlv.walk(tlv.only(spki, 0x30)))
    if [p.tag for p in parts] != [0x30, 0x03] or parts[1].value[:1] != b"\0":
        raise DataError("a public key of strange shape")
    algorithm = list(tlv.walk(parts[0].value))
    kind, body = dotted(algorithm[0].raw) if algorithm else "", parts[1].value[1:]
    if kind in {RSA, PSS}:
        return _rsa(body)
    if kind == EC and len(algorithm) == 2:
        curve = _curve(algorithm[1])
        return EcKey(curve, curve.decode(body))
    raise DataError("a public key of a kind that is not built")


def verifies(key: PublicKey, scheme: Scheme, signature: bytes, message: bytes) -> bool:
    """`signature` is `key`'s over `message`. False, too, where key and scheme do not belong together."""
    match key:
        case RsaKey():
            return scheme.kind in {"rsa", "pss"} and _rsa_verifies(key, scheme, signature, message)
        case EcKey():
            return scheme.kind == "ecdsa" and _ec_verifies(key, scheme, signature, message)


def ecdsa_plain(key: EcKey, digest: str, signature: bytes, message: bytes) -> bool:
    """A signature given as r and s side by side, as chips do."""
    half = len(signature) // 2
    if not half or len(signature) % 2:
        return False
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    return key.curve.verifies(key.point, hashlib.new(digest, message).digest(), r, s)


def _rsa_verifies(key: RsaKey, scheme: Scheme, signature: bytes, message: bytes) -> bool:
    algorithm = HASHES[scheme.digest]
    how = padding.PSS(padding.MGF1(algorithm), scheme.salt) if scheme.kind == "pss" else padding.PKCS1v15()
    try:
        rsa.RSAPublicNumbers(key.e, key.n).public_key().verify(signature, message, how, algorithm)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _ec_verifies(key: EcKey, scheme: Scheme, signature: bytes, message: bytes) -> bool:
    fast = _FAST.get(key.curve.name)
    if fast is None:
        return _ec_verifies_slowly(key, scheme, signature, message)
    try:
        public = ec.EllipticCurvePublicNumbers(key.point.x, key.point.y, fast).public_key()
        public.verify(signature, message, ec.ECDSA(HASHES[scheme.digest]))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _ec_verifies_slowly(key: EcKey, scheme: Scheme, signature: bytes, message: bytes) -> bool:
    try:
        numbers = [_unsigned(o) for o in tlv.walk(tlv.only(signature, 0x30))]
    except DataError:
        return False
    digest = hashlib.new(scheme.digest, message).digest()
    return len(numbers) == 2 and key.curve.verifies(key.point, digest, numbers[0], numbers[1])


def _rsa(body: bytes) -> RsaKey:
    numbers = [_unsigned(o) for o in tlv.walk(tlv.only(body, 0x30))]
    if len(numbers) != 2 or not 1024 <= numbers[0].bit_length() <= MAX_BITS or not 3 <= numbers[1] < 1 << 64:
        raise DataError("an RSA key of unlikely size")
    return RsaKey(numbers[0], numbers[1])


def _curve(parameters: tlv.Tlv) -> Curve:
    if parameters.tag == 0x06:
        name = _NAMED.get(dotted(parameters.raw))
        if name is None:
            raise DataError("a named curve that is not built")
        return curves.curve(name)
    return _explicit(list(tlv.walk(tlv.only(parameters.raw, 0x30))))


def _explicit(parts: list[tlv.Tlv]) -> Curve:
    """ECParameters of X9.62: version, field, coefficients, generator, order, cofactor."""
    if [p.tag for p in parts[:5]] != [0x02, 0x30, 0x30, 0x04, 0x02]:
        raise DataError("explicit curve parameters of strange shape")
    field, coefficients = list(tlv.walk(parts[1].value)), list(tlv.walk(parts[2].value))
    if len(field) != 2 or dotted(field[0].raw) != _PRIME_FIELD or len(coefficients) < 2:
        raise DataError("a curve that is not over a prime field")
    a, b = (int.from_bytes(c.value, "big") for c in coefficients[:2])
    cofactor = _unsigned(parts[5]) if len(parts) > 5 and parts[5].tag == 0x02 else None
    return curves.by_parameters(_unsigned(field[1]), a, b, parts[3].value, _unsigned(parts[4]), cofactor)


def _unsigned(number: tlv.Tlv) -> int:
    if number.tag != 0x02 or not 1 <= len(number.value) <= MAX_BITS // 8 + 1:
        raise DataError("a number of unlikely size")
    return int.from_bytes(number.value, "big")
