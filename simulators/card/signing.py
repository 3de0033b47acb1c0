"""Keys that sign certificates and documents, in every form states use: RSA, RSA-PSS, ECDSA on named or written-out curves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from asn1crypto import algos, core, keys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from simulators.card.curve import CURVES, Curve

RSA_BITS = 2048
HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
NAMED: dict[str, type[ec.EllipticCurve]] = {
    "secp256r1": ec.SECP256R1,
    "secp384r1": ec.SECP384R1,
    "secp521r1": ec.SECP521R1,
    "brainpoolP256r1": ec.BrainpoolP256R1,
    "brainpoolP384r1": ec.BrainpoolP384R1,
    "brainpoolP512r1": ec.BrainpoolP512R1,
}


@dataclass(frozen=True)
class Scheme:
    """How a state signs. `curve`: None for RSA; `pss`: RSA with the newer padding; `explicit`: the curve written out."""

    curve: str | None = None
    digest: str = "sha256"
    pss: bool = False
    explicit: bool = False


class SigningKey:
    """A fresh key of a scheme."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
        if scheme.curve:
            self._key = ec.generate_private_key(NAMED[scheme.curve]())
        else:
            self._key = rsa.generate_private_key(65537, RSA_BITS)

    @property
    def public_info(self) -> keys.PublicKeyInfo:
        named = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        info = keys.PublicKeyInfo.load(named)
        if self.scheme.curve and self.scheme.explicit:
            info["algorithm"]["parameters"] = written_out(CURVES[self.scheme.curve])
        return info

    @property
    def identifier(self) -> bytes:
        """The subject key identifier."""
        return hashlib.sha1(bytes(self.public_info["public_key"].contents[1:]), usedforsecurity=False).digest()

    def algorithm(self, digest: str) -> algos.SignedDigestAlgorithm:
        """How a signature over `digest` is named in CMS and certificates."""
        if not self.scheme.pss:
            kind = "ecdsa" if self.scheme.curve else "rsa"
            return algos.SignedDigestAlgorithm({"algorithm": f"{digest}_{kind}"})
        inner = {"algorithm": digest}
        parameters = {
            "hash_algorithm": inner,
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": inner},
            "salt_length": HASHES[digest]().digest_size,
        }
        return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})

    def sign(self, data: bytes, digest: str) -> bytes:
        """A signature in DER, or the RSA block."""
        algorithm = HASHES[digest]()
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(algorithm))
        if self.scheme.pss:
            return self._key.sign(data, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), algorithm)
        return self._key.sign(data, padding.PKCS1v15(), algorithm)


def written_out(curve: Curve) -> keys.ECDomainParameters:
    """The curve with every parameter, as many states' certificates have it."""
    octets = [core.OctetString(value.to_bytes(curve.size, "big")) for value in (curve.a, curve.b)]
    domain = keys.SpecifiedECDomain(
        {
            "version": "ecdpVer1",
            "field_id": {"field_type": "prime_field", "parameters": core.Integer(curve.p)},
            "curve": {"a": octets[0], "b": octets[1]},
            "base": keys.ECPoint(curve.encode(curve.base)),
            "order": curve.n,
            "cofactor": 1,
        }
    )
    return keys.ECDomainParameters(name="specified", value=domain)


def public_key_info(curve: Curve, point: bytes, *, explicit: bool) -> bytes:
    """SubjectPublicKeyInfo of a point on any curve, also one that no library signs with."""
    algorithm = core.ObjectIdentifier("1.2.840.10045.2.1").dump()
    parameters = written_out(curve).dump() if explicit else core.ObjectIdentifier(curve.oid).dump()
    body = _sequence(algorithm + parameters) + core.OctetBitString(point).dump()
    return _sequence(body)


def _sequence(contents: bytes) -> bytes:
    return core.Sequence(contents=contents).dump()  # type: ignore[no-any-return]
