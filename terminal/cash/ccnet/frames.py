"""CCNET frames and words. Pure.

Format: CashCode MAN_CCNET rev 2.3.1 and 2.4.3. `02 address length command data crc-low crc-high`; the length counts the whole frame;
CRC-16/KERMIT (reflected 0x8408, from 0) over everything before it, SYNC included.
"""

from __future__ import annotations

from terminal.cash.acceptor import Status, Word
from terminal.money import NUMERIC, Money

SYNC, ADDRESS = 0x02, 0x03
MIN_BYTES, MAX_BYTES = 6, 250
ACK, NAK = 0x00, 0xFF
RESET, GET_STATUS, POLL, ENABLE, STACK, RETURN, IDENTIFY, HOLD, BILL_TABLE = (
    0x30, 0x31, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x41,
)  # fmt: skip
KINDS = 24

_COUNTRIES = {b"UKR": "UAH", b"KAZ": "KZT", b"KZT": "KZT", b"KGZ": "KGS", b"KYR": "KGS"}
_WORDS = {
    0x10: Word.POWER_UP, 0x11: Word.POWER_UP, 0x12: Word.POWER_UP, 0x13: Word.STARTING, 0x14: Word.IDLE,
    0x15: Word.MOVING, 0x17: Word.STACKING, 0x18: Word.MOVING, 0x19: Word.DISABLED, 0x1A: Word.ESCROW,
    0x1B: Word.MOVING, 0x1C: Word.MOVING, 0x41: Word.CASSETTE_FULL, 0x42: Word.CASSETTE_OUT, 0x43: Word.JAM,
    0x44: Word.JAM, 0x45: Word.CHEATED, 0x46: Word.MOVING, 0x47: Word.FAILURE,
    0x80: Word.ESCROW, 0x81: Word.STACKED, 0x82: Word.RETURNED,
}  # fmt: skip
_WITH_KIND = {0x80, 0x81, 0x82}


def crc(data: bytes) -> int:
    """CRC-16/KERMIT."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value


def pack(command: int, data: bytes = b"") -> bytes:
    """One frame to the acceptor."""
    head = bytes((SYNC, ADDRESS, MIN_BYTES + len(data), command)) + data
    return head + crc(head).to_bytes(2, "little")


class Reader:
    """Takes bytes as they come; gives the payloads of whole, sound frames. `dropped`: frames and bytes that were none."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self.dropped = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Payloads (command or answer byte and data) that `data` completes, in order."""
        self._bytes += data
        found = []
        while (payload := self._next()) is not None:
            if payload:
                found.append(payload)
        return found

    def _next(self) -> bytes | None:
        """A payload; b"" for something dropped; None: more bytes are needed."""
        start = self._bytes.find(SYNC)
        if start != 0:
            gone = len(self._bytes) if start < 0 else start
            self.dropped += bool(gone)
            del self._bytes[:gone]
            return b"" if start > 0 else None
        if len(self._bytes) < 3:
            return None
        length = self._bytes[2]
        if self._bytes[1] != ADDRESS or not MIN_BYTES <= length <= MAX_BYTES:
            return self._drop()
        if len(self._bytes) < length:
            return None
        frame = bytes(self._bytes[:length])
        if crc(frame[:-2]) != int.from_bytes(frame[-2:], "little"):
            return self._drop()
        del self._bytes[:length]
        return frame[3:-2]

    def _drop(self) -> bytes:
        """This SYNC begins no frame; the next one may stand inside."""
        del self._bytes[:1]
        self.dropped += 1
        return b""


def status(payload: bytes) -> Status:
    """What a poll's answer means."""
    code = payload[0]
    word = _WORDS.get(code, Word.OTHER)
    if code in _WITH_KIND and len(payload) < 2:
        return Status(Word.OTHER)  # a note of no kind cannot be credited
    detail = payload[1] if len(payload) > 1 and (code in _WITH_KIND or word is Word.FAILURE) else None
    return Status(word, detail)


def bill_table(payload: bytes, currency: str) -> dict[int, Money]:
    """Kind → value of the notes in `currency`. 24 entries of 5 bytes: digit, three letters, power of ten."""
    found = {}
    for kind in range(min(KINDS, len(payload) // 5)):
        digit, country, power = payload[kind * 5], payload[kind * 5 + 1 : kind * 5 + 4], payload[kind * 5 + 4]
        named = _COUNTRIES.get(country, country.decode("ascii", "replace"))
        if digit and power < 7 and named == currency and currency in NUMERIC:
            found[kind] = Money(digit * 10**power * 100, currency)
    return found


def mask(kinds: frozenset[int]) -> bytes:
    """Data of ENABLE: three bytes of kinds to take, high first, the same again for those that wait in escrow."""
    bits = sum(1 << kind for kind in kinds).to_bytes(3, "big")
    return bits + bits
