"""X.509 certificates and CMS, as far as passive authentication needs them. Pure. RFC 5280, RFC 5652, ICAO Doc 9303-12.

asn1crypto reads what BER allows; what it trips over becomes one named error here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from asn1crypto import cms, core, x509

from card_reader.chip import public_key
from card_reader.chip.public_key import HASHES, PublicKey, Scheme
from card_reader.errors import DataError

Result = TypeVar("Result")
_ECDSA = "1.2.840.10045.4."
_RSA = {"5": "sha1", "14": "sha224", "11": "sha256", "12": "sha384", "13": "sha512"}
_ECDSA_HASHES = {"1": "sha1", "3.1": "sha224", "3.2": "sha256", "3.3": "sha384", "3.4": "sha512"}
_PKCS1 = "1.2.840.113549.1.1."
MAX_CERTIFICATES = 4096


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is needed of a certificate. Names are hashes: comparing is all that is done with them."""

    der: bytes
    subject: bytes
    issuer: bytes
    country: str
    serial: int
    key_id: bytes | None
    issuer_key_id: bytes | None
    not_before: datetime
    not_after: datetime
    spki: bytes
    tbs: bytes
    signature: bytes
    scheme: Scheme

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the whole, hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()

    def key(self) -> PublicKey:
        """Raises: DataError: a key we do not know or will not take."""
        return public_key.decode(self.spki)

    def signed(self, other: Certificate) -> bool:
        """This one's key signed `other`. Raises: DataError: as `key`."""
        return public_key.verifies(self.key(), other.scheme, other.signature, other.tbs)


@dataclass(frozen=True, slots=True)
class Signed:
    """A CMS SignedData with one signer: content, what was signed, and by whom it may have been."""

    content_type: str
    content: bytes
    digest: str
    signed: bytes
    message_digest: bytes | None
    signed_type: str | None
    signing_time: datetime | None
    scheme: Scheme
    signature: bytes
    signer_serial: int | None
    certificates: tuple[Certificate, ...]

    def whole(self) -> bool:
        """The signed attributes are about this content."""
        if self.message_digest is None:
            return True
        return (
            self.signed_type == self.content_type
            and hashlib.new(self.digest, self.content).digest() == self.message_digest
        )

    def signed_by(self, certificate: Certificate) -> bool:
        """`certificate`'s key made the signature. Raises: DataError: a key that is not usable."""
        return public_key.verifies(certificate.key(), self.scheme, self.signature, self.signed)

    def signer(self) -> Certificate | None:
        """The signer's certificate; None: not embedded.

        The only one embedded is taken as it is: Ukrainian signer ids write the issuer in another string type than the certificate.
        """
        if len(self.certificates) == 1:
            return self.certificates[0]
        return next((c for c in self.certificates if c.serial == self.signer_serial), None)


def certificate(der: bytes) -> Certificate:
    """Raises: DataError: not a certificate."""
    return parsed("certificate", lambda: _certificate(x509.Certificate.load(der)))


def signed_data(der: bytes, bad: Callable[[DataError], None] | None = None) -> Signed:
    """A CMS SignedData. `bad` hears of embedded certificates that cannot be read; without it they are errors.

    Raises: DataError: not a SignedData with exactly one signer.
    """
    return parsed("CMS", lambda: _signed_data(cms.ContentInfo.load(der), bad))


def certificates(der: bytes, bad: Callable[[DataError], None]) -> list[Certificate]:
    """The certificates of a CscaMasterList (ICAO Doc 9303-12 §8); `bad` hears of each that cannot be read. Raises: DataError."""
    found: list[Certificate] = []
    for raw in parsed("master list", lambda: [bytes(c.dump()) for c in _MasterList.load(der)["certificates"]]):
        if len(found) == MAX_CERTIFICATES:
            raise DataError("master list: too many certificates")
        try:
            found.append(certificate(raw))
        except DataError as exc:
            bad(exc)
    return found


def parsed(what: str, parse: Callable[[], Result]) -> Result:
    """What `parse` gives. Raises: DataError: instead of whatever asn1crypto raises on malformed bytes."""
    try:
        return parse()
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError) as exc:
        if isinstance(exc, DataError):
            raise
        raise DataError(f"{what}: malformed") from exc


def _certificate(found: Any) -> Certificate:
    tbs = found["tbs_certificate"]
    validity = tbs["validity"]
    return Certificate(
        der=found.dump(),
        subject=name_hash(tbs["subject"]),
        issuer=name_hash(tbs["issuer"]),
        country=str(tbs["subject"].native.get("country_name", "")).upper(),
        serial=tbs["serial_number"].native,
        key_id=found.key_identifier,
        issuer_key_id=found.authority_key_identifier,
        not_before=validity["not_before"].native,
        not_after=validity["not_after"].native,
        spki=tbs["subject_public_key_info"].dump(),
        tbs=tbs.dump(),
        signature=found["signature_value"].native,
        scheme=scheme(found["signature_algorithm"], None),
    )


def name_hash(name: Any) -> bytes:
    """A name for comparing: string types, upper case and spaces do not count (`ua` and `UA` are one country)."""
    pairs = [
        (part["type"].dotted, " ".join(str(part["value"].native).split()).casefold())
        for rdn in name.chosen
        for part in rdn
    ]
    return hashlib.sha256(repr(pairs).encode("utf-8")).digest()


def scheme(algorithm: Any, digest: str | None) -> Scheme:
    """A signature algorithm; `digest` where the algorithm does not name one. Raises: DataError: not one we know."""
    oid = algorithm["algorithm"].dotted
    if oid == public_key.PSS:
        parameters = algorithm["parameters"]
        return Scheme(
            "pss", _known(parameters["hash_algorithm"]["algorithm"].native), int(parameters["salt_length"].native)
        )
    if oid == public_key.RSA and digest:
        return Scheme("rsa", digest)
    if oid.startswith(_PKCS1) and oid.removeprefix(_PKCS1) in _RSA:
        return Scheme("rsa", _RSA[oid.removeprefix(_PKCS1)])
    if oid.startswith(_ECDSA) and oid.removeprefix(_ECDSA) in _ECDSA_HASHES:
        return Scheme("ecdsa", _ECDSA_HASHES[oid.removeprefix(_ECDSA)])
    if oid == public_key.EC and digest:
        return Scheme("ecdsa", digest)
    raise DataError("a signature algorithm that is not built")


def _signed_data(info: Any, bad: Callable[[DataError], None] | None) -> Signed:
    if info["content_type"].native != "signed_data":
        raise DataError("CMS: not signed data")
    data = info["content"]
    signers = data["signer_infos"]
    if len(signers) != 1:
        raise DataError("CMS: not exactly one signer")
    signer = signers[0]
    digest = _known(signer["digest_algorithm"]["algorithm"].native)
    content = data["encap_content_info"]["content"]
    attributes = _attributes(signer["signed_attrs"])
    raw = bytes(content.parsed if isinstance(content, core.Any) else content)  # a version 1 leaves the type open
    return Signed(
        content_type=data["encap_content_info"]["content_type"].dotted,
        content=raw,
        digest=digest,
        signed=signer["signed_attrs"].untag().dump() if attributes else raw,
        message_digest=attributes["message_digest"].native if attributes else None,
        signed_type=attributes["content_type"].dotted if attributes else None,
        signing_time=attributes["signing_time"].native if "signing_time" in attributes else None,
        scheme=scheme(signer["signature_algorithm"], digest),
        signature=signer["signature"].native,
        signer_serial=_serial(signer["sid"]),
        certificates=tuple(_embedded(data["certificates"], bad)),
    )


def _attributes(attributes: Any) -> dict[str, Any]:
    found = {}
    for attribute in attributes or ():
        if len(attribute["values"]) != 1 or attribute["type"].native in found:
            raise DataError("CMS: an attribute without exactly one value")
        found[attribute["type"].native] = attribute["values"][0]
    return found


def _embedded(choices: Any, bad: Callable[[DataError], None] | None) -> list[Certificate]:
    found = []
    for choice in choices or ():
        if choice.name != "certificate":
            continue
        try:
            found.append(certificate(choice.chosen.dump()))
        except DataError as exc:
            if bad is None:
                raise
            bad(exc)
    return found


def _serial(sid: Any) -> int | None:
    return sid.chosen["serial_number"].native if sid.name == "issuer_and_serial_number" else None


def _known(digest: str) -> str:
    if digest not in HASHES:
        raise DataError("a digest that is not built")
    return digest


class _Certificates(core.SetOf):  # type: ignore[misc]
    _child_spec = x509.Certificate


class _MasterList(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar[list[Any]] = [("version", cms.CMSVersion), ("certificates", _Certificates)]
