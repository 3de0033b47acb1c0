"""The data groups of a document, and what it says of its security (ICAO 9303-10, 4.7; 9303-11, 9.2)."""

from __future__ import annotations

from asn1crypto import core

from simulators.card import mrz
from simulators.card.active import ActiveKey, EcActiveKey
from simulators.card.chip import ChipKey
from simulators.card.pace import Offer
from simulators.card.person import Person
from simulators.card.signing import public_key_info
from simulators.card.tlv import tlv

TAGS = {1: 0x61, 2: 0x75, 3: 0x63, 11: 0x6B, 12: 0x6C, 13: 0x6D, 14: 0x6E, 15: 0x6F}
CHIP_PUBLIC_KEY, ACTIVE_AUTHENTICATION, PLAIN_ECDSA_SHA256 = (
    "0.4.0.127.0.7.2.2.1.2",
    "2.23.136.1.1.5",
    "0.4.0.127.0.7.1.1.4.1.3",
)


def common(numbers: list[int], lds: str) -> bytes:
    """EF.COM: versions and the tags of the data groups."""
    present = bytes(TAGS[number] for number in numbers)
    return tlv(0x60, tlv(0x5F01, lds.encode()), tlv(0x5F36, b"040000"), tlv(0x5C, present))


def zone(person: Person) -> bytes:
    """DG1: the machine-readable zone."""
    return tlv(TAGS[1], tlv(0x5F1F, "".join(mrz.lines(person)).encode("ascii")))


def details(person: Person, *, packed_dates: bool) -> bytes:
    """DG11: what the person's own script and number are. `packed_dates`: two digits a byte, as older chips have them."""
    born = f"{person.born:%Y%m%d}"
    parts = {
        0x5F0E: "<<".join(person.native).replace(" ", "<").encode(),
        0x5F10: person.personal_number.encode(),
        0x5F2B: bytes.fromhex(born) if packed_dates else born.encode(),
        0x5F11: person.birthplace.encode(),
        0x5F42: person.address.encode(),
    }
    return _listed(TAGS[11], parts)


def document(person: Person, *, packed_dates: bool) -> bytes:
    """DG12: who issued it and when."""
    issued = f"{person.issued:%Y%m%d}"
    parts = {0x5F19: person.authority.encode(), 0x5F26: bytes.fromhex(issued) if packed_dates else issued.encode()}
    return _listed(TAGS[12], parts)


def national(person: Person) -> bytes:
    """DG13: its form is the state's own affair; here plain text objects."""
    return tlv(TAGS[13], *(tlv(0x04, text.encode()) for text in person.national))


def fingers() -> bytes:
    """DG3 without fingers in it: nobody here may read it anyway."""
    return tlv(TAGS[3], tlv(0x7F61, tlv(0x02, b"\0")))


def options(chip: ChipKey | None, active: ActiveKey | None, *, explicit: bool) -> bytes:
    """DG14: chip authentication, and the algorithm of active authentication where it is ECDSA."""
    return tlv(TAGS[14], security_infos(chip, active, explicit=explicit))


def security_infos(chip: ChipKey | None, active: ActiveKey | None, *, explicit: bool) -> bytes:
    """What DG14 holds: what the chip proves itself by. `explicit`: the curve of its key written out, not named."""
    infos = []
    if chip is not None:
        key = public_key_info(chip.curve, chip.curve.encode(chip.public), explicit=explicit)
        infos += [tlv(0x30, _oid(CHIP_PUBLIC_KEY), key), tlv(0x30, tlv(0x06, chip.oid), _number(1))]
    if isinstance(active, EcActiveKey):
        infos.append(tlv(0x30, _oid(ACTIVE_AUTHENTICATION), _number(1), _oid(PLAIN_ECDSA_SHA256)))
    return tlv(0x31, *sorted(infos))


def card_access(offers: tuple[Offer, ...]) -> bytes:
    """EF.CardAccess: one PACEInfo for each offer."""
    infos = (tlv(0x30, tlv(0x06, offer.oid), _number(2), _number(offer.curve.number)) for offer in offers)
    return tlv(0x31, *sorted(infos))


def lengths(command_bytes: int, answer_bytes: int) -> bytes:
    """EF.ATR/INFO: extended lengths, and how much the chip takes and gives."""
    sizes = (tlv(0x02, count.to_bytes(2, "big")) for count in (command_bytes, answer_bytes))
    return tlv(0x47, bytes.fromhex("C80240")) + tlv(0x7F66, *sizes)


def _listed(tag: int, parts: dict[int, bytes]) -> bytes:
    present = {part: value for part, value in parts.items() if value}
    names = b"".join(part.to_bytes(2, "big") for part in present)
    return tlv(tag, tlv(0x5C, names), *(tlv(part, value) for part, value in present.items()))


def _oid(dotted: str) -> bytes:
    return core.ObjectIdentifier(dotted).dump()  # type: ignore[no-any-return]


def _number(value: int) -> bytes:
    return core.Integer(value).dump()  # type: ignore[no-any-return]
