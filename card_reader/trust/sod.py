"""EF.SOD: the state's signature over the hashes of a card's files. Pure. ICAO Doc 9303-10 §4.7.1."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar

from asn1crypto import core
from asn1crypto.algos import DigestAlgorithmId

from card_reader import tlv
from card_reader.chip.public_key import HASHES
from card_reader.errors import Code, DataError
from card_reader.trust.certificate import Signed, parsed, signed_data

LDS_SECURITY_OBJECT = "2.23.136.1.1.1"


@dataclass(frozen=True, slots=True)
class SecurityObject:
    """The signature and, by data group number, the hash each file must have."""

    signed: Signed
    digest: str
    hashes: dict[int, bytes]

    def holds(self, group: int, content: bytes) -> bool:
        """The file of data group `group` is the one that was signed."""
        return self.hashes.get(group) == hashlib.new(self.digest, content).digest()


def security_object(file: bytes) -> SecurityObject:
    """EF.SOD as read. Raises: DataError: malformed."""
    signed = signed_data(tlv.only(file, 0x77))
    if signed.content_type != LDS_SECURITY_OBJECT:
        raise DataError("EF.SOD: signs something else")
    return parsed("EF.SOD", lambda: _security_object(signed))


def prove(sod: SecurityObject, files: dict[int, bytes]) -> None:
    """Every file of `files` (by data group number) is the one that was signed. Raises: DataError (DATA_ALTERED): one is not."""
    wrong = [group for group, content in files.items() if not sod.holds(group, content)]
    if wrong:
        raise DataError(f"DG{wrong[0]} is not what was signed", Code.DATA_ALTERED)


def _security_object(signed: Signed) -> SecurityObject:
    content = _LdsSecurityObject.load(signed.content)
    digest = content["digest"]["algorithm"].native
    if digest not in HASHES:
        raise DataError("EF.SOD: a digest that is not built")
    hashes = {int(h["group"].native): bytes(h["hash"].native) for h in content["hashes"]}
    return SecurityObject(signed, digest, hashes)


class _Digest(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar[list[Any]] = [("algorithm", DigestAlgorithmId), ("parameters", core.Any, {"optional": True})]


class _GroupHash(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar[list[Any]] = [("group", core.Integer), ("hash", core.OctetString)]


class _GroupHashes(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _GroupHash


class _LdsSecurityObject(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar[list[Any]] = [
        ("version", core.Integer),
        ("digest", _Digest),
        ("hashes", _GroupHashes),
        ("lds", core.Any, {"optional": True}),
    ]
