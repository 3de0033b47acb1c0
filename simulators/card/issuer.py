"""States that issue documents: certificate authority, document signer, the signed objects on a chip, the master list.

Everything is made when first asked for and lives in this process. Formats: ICAO 9303-12 (certificates, master list),
9303-10 4.6.2 (EF.SOD), 9303-11 9.2.11 (EF.CardSecurity).
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from asn1crypto import algos, cms, core, x509

from simulators.card.signing import Scheme, SigningKey
from simulators.card.tlv import tlv

SOD_CONTENT, MASTER_LIST_CONTENT, CARD_SECURITY_CONTENT = "2.23.136.1.1.1", "2.23.136.1.1.2", "0.4.0.127.0.7.3.2.1"
LIST_SIGNING = "2.23.136.1.1.3"
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class State:
    """How a state signs. `anchor_digest`: of the authority's signature upon itself; `renewed`: there is an older authority with a
    link certificate to the one of now; `listed`: it is in the master list; `other_spelling`: EF.SOD writes the signer's issuer in
    another string type than the certificate; `negative_serial`: of the authority's certificate, which no rule allows."""

    code: str
    scheme: Scheme
    anchor_digest: str = "sha256"
    renewed: bool = False
    listed: bool = True
    other_spelling: bool = False
    negative_serial: bool = False


STATES = {
    "UKR": State("UA", Scheme(), renewed=True, other_spelling=True),
    "KAZ": State("KZ", Scheme(), anchor_digest="sha1", negative_serial=True),
    "KGZ": State("KG", Scheme(curve="secp384r1", digest="sha384"), listed=False),
    "EST": State("EE", Scheme(curve="secp384r1", digest="sha384")),
    "UTO": State("UT", Scheme(curve="brainpoolP256r1", explicit=True)),
    "XPS": State("XP", Scheme(pss=True)),
}


def certificate(
    subject: x509.Name,
    key: SigningKey,
    issuer: x509.Name,
    issuer_key: SigningKey,
    valid: tuple[datetime, datetime],
    *,
    digest: str,
    use: str,
    negative: bool = False,
) -> x509.Certificate:
    """An X.509 certificate; `use`: authority, signer or list_signer; `negative`: its serial number."""
    algorithm = issuer_key.algorithm(digest)
    serial = int.from_bytes(os.urandom(8), "big") >> 1
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": -serial if negative else serial,
            "signature": algorithm,
            "issuer": issuer,
            "validity": {"not_before": x509.Time({"utc_time": valid[0]}), "not_after": _time(valid[1])},
            "subject": subject,
            "subject_public_key_info": key.public_info,
            "extensions": _extensions(key, issuer_key, use),
        }
    )
    signature = issuer_key.sign(body.dump(), digest)
    return x509.Certificate({"tbs_certificate": body, "signature_algorithm": algorithm, "signature_value": signature})


def _time(moment: datetime) -> x509.Time:
    return x509.Time({"utc_time" if moment.year < 2050 else "general_time": moment})


def _extensions(key: SigningKey, issuer_key: SigningKey, use: str) -> list[dict[str, object]]:
    made: list[dict[str, object]] = [
        {"extn_id": "authority_key_identifier", "extn_value": {"key_identifier": issuer_key.identifier}},
        {"extn_id": "key_identifier", "extn_value": key.identifier},
    ]
    uses = {"key_cert_sign", "crl_sign"} if use == "authority" else {"digital_signature"}
    made.append({"extn_id": "key_usage", "critical": True, "extn_value": uses})
    if use == "authority":
        limits = {"ca": True, "path_len_constraint": 0}
        made.append({"extn_id": "basic_constraints", "critical": True, "extn_value": limits})
    if use == "list_signer":
        made.append({"extn_id": "extended_key_usage", "critical": True, "extn_value": [LIST_SIGNING]})
    return made


def name(code: str, common: str, *, printable: bool = False) -> x509.Name:
    """An issuer's name as certificates have it. `printable`: its strings of the older type."""
    parts = {"country_name": code, "organization_name": f"Test State {code}", "common_name": common}
    return x509.Name.build(parts, use_printable=printable)


@dataclass(frozen=True)
class Signer:
    """A key with the certificate over it."""

    key: SigningKey
    certificate: x509.Certificate

    def sign(self, content_type: str, content: bytes, digest: str, issuer: x509.Name | None = None) -> bytes:
        """CMS SignedData over `content`; `issuer`: how the signer's issuer is written, as in the certificate where None."""
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": [content_type]},
                {"type": "message_digest", "values": [hashlib.new(digest, content).digest()]},
            ]
        )
        signer = {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                {"issuer": issuer or self.certificate.issuer, "serial_number": self.certificate.serial_number},
            ),
            "digest_algorithm": {"algorithm": digest},
            "signed_attrs": attributes,
            "signature_algorithm": self.key.algorithm(digest),
            "signature": self.key.sign(attributes.dump(), digest),
        }
        signed = {
            "version": "v3",
            "digest_algorithms": [{"algorithm": digest}],
            "encap_content_info": {"content_type": content_type, "content": cms.ParsableOctetString(content)},
            "certificates": [self.certificate],
            "signer_infos": [signer],
        }
        info = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})
        return info.dump()  # type: ignore[no-any-return]


class Authority:
    """A state's certificate authority with its document signers, as of `now`."""

    def __init__(self, state: State, now: datetime) -> None:
        self.state, self._now = state, now
        self._digest = state.scheme.digest
        self._key = SigningKey(state.scheme)
        self.name = name(state.code, f"CSCA {state.code}")
        self.links: list[x509.Certificate] = []
        if state.renewed:
            self.links = self._renew()
        self.certificate = self._certify(self._key, self._key, state.anchor_digest, "authority")

    @cached_property
    def signer(self) -> Signer:
        return self._signer(self._now - YEAR, self._now + 9 * YEAR)

    @cached_property
    def expired_signer(self) -> Signer:
        return self._signer(self._now - 12 * YEAR, self._now - YEAR)

    @cached_property
    def list_signer(self) -> Signer:
        key = SigningKey(self.state.scheme)
        subject = name(self.state.code, f"Master List Signer {self.state.code}")
        valid = self._now - YEAR, self._now + YEAR
        made = certificate(subject, key, self.name, self._key, valid, digest=self._digest, use="list_signer")
        return Signer(key, made)

    def sod(self, groups: dict[int, bytes], *, lds: str, expired: bool = False) -> bytes:
        """EF.SOD over the data groups by number; `lds`: version as four digits."""
        signer = self.expired_signer if expired else self.signer
        spelled = (
            name(self.state.code, f"CSCA {self.state.code}", printable=True) if self.state.other_spelling else None
        )
        content = security_object(groups, self._digest, lds)
        return tlv(0x77, signer.sign(SOD_CONTENT, content, self._digest, spelled))

    def card_security(self, infos: bytes) -> bytes:
        return self.signer.sign(CARD_SECURITY_CONTENT, infos, self._digest)

    def _signer(self, start: datetime, end: datetime) -> Signer:
        key = SigningKey(self.state.scheme)
        subject = name(self.state.code, f"Document Signer {self.state.code}")
        made = certificate(subject, key, self.name, self._key, (start, end), digest=self._digest, use="signer")
        return Signer(key, made)

    def _certify(self, key: SigningKey, by: SigningKey, digest: str, use: str) -> x509.Certificate:
        valid = self._now - 13 * YEAR, self._now + 10 * YEAR
        negative = self.state.negative_serial
        return certificate(self.name, key, self.name, by, valid, digest=digest, use=use, negative=negative)

    def _renew(self) -> list[x509.Certificate]:
        """The older authority, and the one of now certified by it."""
        older = SigningKey(self.state.scheme)
        return [
            self._certify(older, older, self._digest, "authority"),
            self._certify(self._key, older, self._digest, "authority"),
        ]


def security_object(groups: dict[int, bytes], digest: str, lds: str) -> bytes:
    """LDSSecurityObject: the hash of each data group; from LDS 1.8 on with its version."""
    algorithm = algos.DigestAlgorithm({"algorithm": digest}).dump()
    hashes = b"".join(
        tlv(0x30, core.Integer(number).dump(), tlv(0x04, hashlib.new(digest, content).digest()))
        for number, content in sorted(groups.items())
    )
    newer = lds >= "0108"
    version = tlv(0x30, tlv(0x13, lds.encode()), tlv(0x13, b"040000")) if newer else b""
    return tlv(0x30, core.Integer(int(newer)).dump(), algorithm, tlv(0x30, hashes), version)


class World:
    """All states, each made when first needed. `now`: what their certificates' dates are counted from."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._authorities: dict[str, Authority] = {}

    def authority(self, state: str) -> Authority:
        """By the three letters of the MRZ; `unknown` is one that nobody has heard of."""
        if state not in self._authorities:
            known = STATES.get(state, State("XX", Scheme(curve="secp256r1"), listed=False))
            self._authorities[state] = Authority(known, self._now)
        return self._authorities[state]

    def anchors(self) -> list[bytes]:
        """Certificates of the listed states, links with them, in DER."""
        listed = [self.authority(state) for state, how in STATES.items() if how.listed]
        return [made.dump() for authority in listed for made in (*authority.links, authority.certificate)]

    def master_list(self, by: str = "UTO") -> bytes:
        """The list of all listed states, signed by the list signer of state `by`."""
        certificates = tlv(0x31, *sorted(self.anchors()))
        content = tlv(0x30, core.Integer(0).dump(), certificates)
        authority = self.authority(by)
        return authority.list_signer.sign(MASTER_LIST_CONTENT, content, authority.state.scheme.digest)

    def list_anchor(self, by: str = "UTO") -> bytes:
        """The authority over the list signer, in DER: what a list is checked against."""
        return self.authority(by).certificate.dump()  # type: ignore[no-any-return]
