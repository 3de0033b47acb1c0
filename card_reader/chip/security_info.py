"""SecurityInfos of EF.CardAccess, EF.CardSecurity and DG14: what the chip can do. Pure. ICAO Doc 9303-11 §9.2."""

from __future__ import annotations

from dataclasses import dataclass

from asn1crypto.core import Integer, ObjectIdentifier

from card_reader import tlv
from card_reader.chip.crypto import Suite
from card_reader.errors import DataError

BSI_DE = "0.4.0.127.0.7"
PACE = f"{BSI_DE}.2.2.4"
CHIP_AUTHENTICATION = f"{BSI_DE}.2.2.3"
PUBLIC_KEY = f"{BSI_DE}.2.2.1"
ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"
SUITES = {1: Suite.DES3, 2: Suite.AES128, 3: Suite.AES192, 4: Suite.AES256}
MAPPINGS = {1: "DH-GM", 2: "ECDH-GM", 3: "DH-IM", 4: "ECDH-IM", 6: "ECDH-CAM"}
MOST = 64


@dataclass(frozen=True, slots=True)
class SecurityInfo:
    """One entry: dotted protocol, then one or two objects as they stood."""

    protocol: str
    required: bytes
    optional: bytes | None

    def under(self, root: str) -> tuple[int, ...] | None:
        """The numbers of the protocol below `root`; None when it is not below it."""
        if not self.protocol.startswith(f"{root}."):
            return None
        return tuple(map(int, self.protocol.removeprefix(f"{root}.").split(".")))


@dataclass(frozen=True, slots=True)
class PaceInfo:
    """A way in by PACE. `parameters`: the id of standardised domain parameters; None: the chip's own."""

    protocol: str
    mapping: str
    suite: Suite
    parameters: int | None

    @property
    def chip_authentication(self) -> bool:
        """The mapping proves the chip, too."""
        return self.mapping == "ECDH-CAM"


@dataclass(frozen=True, slots=True)
class ChipKey:
    """A chip's static key for chip authentication: SubjectPublicKeyInfo as DER, and which of several."""

    public: bytes
    key_id: int | None


@dataclass(frozen=True, slots=True)
class ChipProtocol:
    """How chip authentication is done with the key of that id."""

    protocol: str
    suite: Suite
    key_id: int | None


def security_infos(data: bytes) -> list[SecurityInfo]:
    """The entries of a DER SET. Raises: DataError."""
    entries = list(tlv.walk(tlv.only(data, 0x31)))
    if len(entries) > MOST:
        raise DataError("SecurityInfos: too many entries")
    return [_entry(e) for e in entries]


def pace_infos(infos: list[SecurityInfo]) -> list[PaceInfo]:
    """Every way in by PACE, in the chip's order. Domain parameter infos stand under shorter protocols and are left out."""
    found = []
    for info in infos:
        numbers = info.under(PACE)
        if numbers and len(numbers) == 2 and numbers[0] in MAPPINGS and numbers[1] in SUITES:
            parameters = None if info.optional is None else integer(info.optional)
            found.append(PaceInfo(info.protocol, MAPPINGS[numbers[0]], SUITES[numbers[1]], parameters))
    return found


def chip_keys(infos: list[SecurityInfo]) -> list[ChipKey]:
    """The elliptic-curve keys for chip authentication."""
    return [ChipKey(i.required, _key_id(i)) for i in infos if i.protocol == f"{PUBLIC_KEY}.2"]


def chip_protocols(infos: list[SecurityInfo]) -> list[ChipProtocol]:
    """How chip authentication over elliptic curves may be done."""
    found = []
    for info in infos:
        numbers = info.under(CHIP_AUTHENTICATION)
        if numbers and len(numbers) == 2 and numbers[0] == 2 and numbers[1] in SUITES:
            found.append(ChipProtocol(info.protocol, SUITES[numbers[1]], _key_id(info)))
    return found


def signature_protocol(infos: list[SecurityInfo]) -> str | None:
    """The dotted signature algorithm of active authentication; None when DG14 does not say."""
    info = next((i for i in infos if i.protocol == ACTIVE_AUTHENTICATION), None)
    return dotted(info.optional) if info is not None and info.optional is not None else None


def integer(raw: bytes) -> int:
    """A DER INTEGER of up to 32 bits. Raises: DataError."""
    if len(tlv.only(raw, 0x02)) not in range(1, 6):
        raise DataError("an INTEGER of unlikely size")
    return int(Integer.load(raw).native)


def dotted(raw: bytes) -> str:
    """A DER OBJECT IDENTIFIER in dotted form. Raises: DataError."""
    value = tlv.only(raw, 0x06)
    if not 1 <= len(value) <= 32 or value[-1] & 0x80:
        raise DataError("an OBJECT IDENTIFIER of unlikely size")
    return str(ObjectIdentifier.load(raw).dotted)


def oid_value(protocol: str) -> bytes:
    """The content bytes of a dotted OBJECT IDENTIFIER."""
    return bytes(ObjectIdentifier(protocol).contents)


def _entry(entry: tlv.Tlv) -> SecurityInfo:
    if entry.tag != 0x30:
        raise DataError("SecurityInfos: an entry that is not a SEQUENCE")
    parts = list(tlv.walk(entry.value))
    if len(parts) not in {2, 3}:
        raise DataError("SecurityInfos: an entry of a strange number of parts")
    return SecurityInfo(dotted(parts[0].raw), parts[1].raw, parts[2].raw if len(parts) == 3 else None)


def _key_id(info: SecurityInfo) -> int | None:
    return None if info.optional is None else integer(info.optional)
