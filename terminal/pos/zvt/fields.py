"""ZVT data fields (BMPs): what a terminal's status information says of a payment. Pure.

Format: ZVT PA00P015 rev. 13.13, table of BMPs. Of the card only masked digits and the brand are read; tracks, expiry and
verification values are passed over unread. Behind a field that is not in the table nothing is read: its length is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from contract.errors import ContractError
from terminal.money import NUMERIC, Money
from terminal.pos.terminal import Kind, Receipt

FIXED = {
    0x01: 1, 0x02: 1, 0x03: 1, 0x04: 6, 0x05: 1, 0x0B: 3, 0x0C: 3, 0x0D: 2, 0x0E: 2, 0x17: 2, 0x19: 1, 0x27: 1, 0x29: 4,
    0x2A: 15, 0x37: 3, 0x3A: 2, 0x3B: 8, 0x49: 2, 0x87: 2, 0x88: 3, 0x8A: 1, 0x8C: 1, 0xA0: 1, 0xBA: 5,
}  # fmt: skip
"""Field → bytes."""
COUNTED = {0x22: 2, 0x23: 2, 0x24: 2, 0x2D: 2, 0x3C: 3, 0x60: 3, 0x8B: 2}
"""Field → digits of its length, each a byte F0 to F9."""
TLV = 0x06
SECRET = {0x0E, 0x23, 0x24, 0x2D, 0x3A}
"""Never kept: expiry, tracks, verification value."""
_LETTERS = {code: letters for letters, code in NUMERIC.items()}


@dataclass(frozen=True, slots=True)
class Fields:
    """Field → its bytes; `rest`: bytes that were not read, behind a field that is not known."""

    values: dict[int, bytes] = field(default_factory=dict)
    rest: int = 0

    def number(self, which: int) -> int | None:
        """A field of packed digits; None where it is missing or is none."""
        text = self.values.get(which, b"").hex()
        return int(text) if text.isdigit() else None


def parse(data: bytes) -> Fields:
    """The fields of status information. Raises: ContractError: a field is cut off."""
    values: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        which = data[at]
        start, size = _extent(data, at + 1, which)
        if size is None:
            return Fields(values, len(data) - at)
        if start + size > len(data):
            raise ContractError(f"field {which:02X}: {size} bytes, {len(data) - start} are there")
        if which not in SECRET:
            values[which] = data[start : start + size]
        at = start + size
    return Fields(values)


def _extent(data: bytes, at: int, which: int) -> tuple[int, int | None]:
    """Where a field's bytes begin, and how many they are; None: the field is not known."""
    if which in FIXED:
        return at, FIXED[which]
    if which == TLV:
        if at < len(data) and data[at] == 0x81:
            return at + 2, data[at + 1] if at + 1 < len(data) else 1
        if at < len(data) and data[at] == 0x82:
            return at + 3, int.from_bytes(data[at + 1 : at + 3], "big")
        return at + 1, data[at] if at < len(data) else 1
    digits = COUNTED.get(which)
    if digits is None:
        return at, None
    size = 0
    for byte in data[at : at + digits]:
        if not 0xF0 <= byte <= 0xF9:
            raise ContractError(f"field {which:02X}: {byte:02X} is no digit of a length")
        size = size * 10 + (byte & 0x0F)
    return at + digits, size


def packed(number: int, size: int) -> bytes:
    """A number as packed digits in `size` bytes."""
    return bytes.fromhex(f"{number:0{size * 2}}")


def receipt(found: Fields, currency: str, charset: str = "cp437") -> Receipt | None:
    """The receipt in status information; None where it names no number. Raises: ContractError: no amount, or another currency."""
    number, minor = found.number(0x87), found.number(0x04)
    if not number:
        return None
    if minor is None:
        raise ContractError("status information without an amount")
    code = found.number(0x49)
    if code is not None and _LETTERS.get(code) != currency:
        raise ContractError(f"currency {code}: the terminal is set up for another one than {currency}")
    result = found.values.get(0x27, b"\x00")
    trace, tid = found.number(0x0B), found.number(0x29)
    return Receipt(
        number=str(number),
        kind=Kind.VOID if found.number(0x37) else Kind.SALE,
        amount=Money(minor, currency),
        approved=result == b"\x00",
        tid="" if tid is None else f"{tid:08}",
        rrn="" if trace is None else str(trace),
        pan=masked(found.values.get(0x22, b"")),
        brand=_text(found.values.get(0x8B, b""), charset),
    )


@dataclass(frozen=True, slots=True)
class Turnover:
    """What a terminal holds since its batch began: operations (a kind's count is one byte: exact to 255), and their sum in minor units."""

    count: int
    minor: int


def turnover(found: Fields) -> Turnover | None:
    """Totals in status information; None where it tells none. Field 60: first and last receipt (2 bytes each), then a count (1 byte)
    and a sum (6 packed bytes) for each of seven kinds of card. Raises: ContractError: they do not add up to the total.
    """
    kinds, total = found.values.get(0x60), found.number(0x04)
    if kinds is None or total is None:
        return None
    parts = [kinds[at : at + 7] for at in range(4, len(kinds), 7)]
    texts = [part[1:].hex() for part in parts]
    if any(len(part) != 7 for part in parts) or not all(text.isdigit() for text in texts):
        raise ContractError(f"totals of {len(kinds)} bytes: they are no counts and sums")
    if sum(map(int, texts)) != total:
        raise ContractError(f"totals: the kinds of card add up to {sum(map(int, texts))}, told are {total}")
    return Turnover(sum(part[0] for part in parts), total)


def masked(pan: bytes) -> str:
    """Packed digits in which E hides one; "" where more than the first six and the last four would show."""
    text = pan.hex().rstrip("f")
    shown = sum(letter.isdigit() for letter in text)
    return text.replace("e", "*") if shown <= 10 and "e" in text else ""


def _text(data: bytes, charset: str) -> str:
    text = data.rstrip(b"\0").decode(charset, "replace")
    return "".join(letter for letter in text if letter.isprintable())[:32]
