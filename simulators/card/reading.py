"""READ BINARY: which bytes of a file a command gets, by the card's quirks (ISO 7816-4, 11.2)."""

from __future__ import annotations

from simulators.card import apdu as iso
from simulators.card.apdu import Command, RefusedError
from simulators.card.script import Quirks
from simulators.card.tlv import objects, tlv

SHORT_FORM, OFFSET, CONTENT = 0x80, 0x54, 0x53


def short_identifier(command: Command, quirks: Quirks) -> int | None:
    """The one the command names, None where it means the selected file. Raises: RefusedError: 6A86, this card takes none."""
    if command.ins == iso.READ_ODD:
        return command.p2 & 0x1F or None
    if not command.p1 & SHORT_FORM:
        return None
    if not quirks.short_identifiers:
        raise RefusedError(0x6A86)
    return command.p1 & 0x1F


def offset(command: Command) -> int:
    """Raises: RefusedError: 6A80, no offset in the data of the odd form."""
    if command.ins == iso.READ:
        return command.p2 if command.p1 & SHORT_FORM else command.p1p2
    try:
        return int.from_bytes(objects(command.data)[OFFSET], "big")
    except (ValueError, KeyError) as exc:
        raise RefusedError(0x6A80) from exc


def part(content: bytes, command: Command, room: int, quirks: Quirks) -> tuple[bytes, int]:
    """The bytes and the status word; `room`: plain bytes the answer can hold.

    An Le of zeros means what there is and fits. Raises: RefusedError: as the quirks say.
    """
    at = offset(command)
    if command.ne is None:
        raise RefusedError(0x6700)
    if at >= len(content):
        raise RefusedError(int(quirks.past_end, 16))
    rest = len(content) - at
    wanted = min(room, rest) if command.ne == (65536 if command.extended else 256) else command.ne
    if wanted > room:
        wanted = _too_long(min(room, rest), quirks)
    sw = iso.OK if wanted <= rest else int(quirks.over_end, 16)
    if sw not in {iso.OK, 0x6282}:
        raise RefusedError(sw)
    data = content[at : at + wanted]
    return (tlv(CONTENT, data) if command.ins == iso.READ_ODD else data), sw


def _too_long(fitting: int, quirks: Quirks) -> int:
    match quirks.too_long:
        case "cut":
            return fitting
        case "6C":
            raise RefusedError(0x6C00 | fitting & 0xFF)
        case sw:
            raise RefusedError(int(sw, 16))
