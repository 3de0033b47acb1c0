"""ZVT bytes: APDUs on TCP as they are, on a serial line between DLE STX and DLE ETX with a CRC. Pure.

Format: ZVT PA00P015 rev. 13.13 (APDUs) and PA00P016 rev. 04 (transport). Class, instruction, length, data; from 255 on the
length is FF and two bytes, the low one first. Serial: every 10 in the APDU is doubled; CRC-16/KERMIT over the APDU as it was
and the 03, low byte first; the receiver answers 06 or 15.
"""

from __future__ import annotations

from dataclasses import dataclass

from contract.errors import ContractError

DLE, STX, ETX, ACK, NAK = 0x10, 0x02, 0x03, 0x06, 0x15
MAX_BYTES = 8192
_LONG = 0xFF


@dataclass(frozen=True, slots=True)
class Apdu:
    """`code`: class and instruction, as 0x060F."""

    code: int
    data: bytes = b""


DONE = Apdu(0x8000)
"""The answer to whatever was understood."""


def pack(apdu: Apdu) -> bytes:
    """The APDU as it goes out on TCP. Raises: ContractError: longer than anything there is."""
    if len(apdu.data) > MAX_BYTES:
        raise ContractError(f"an APDU of {len(apdu.data)} bytes: {MAX_BYTES} at most")
    size = len(apdu.data)
    length = bytes((size,)) if size < _LONG else bytes((_LONG, size & 0xFF, size >> 8))
    return apdu.code.to_bytes(2, "big") + length + apdu.data


class TcpReader:
    """Takes bytes as they come; gives whole APDUs. `broken`: the stream makes no sense any more, and must be given up."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self.broken = False

    def feed(self, data: bytes) -> list[Apdu]:
        """The APDUs that `data` completes, in order."""
        self._bytes += data
        found = []
        while not self.broken and (apdu := self._next()) is not None:
            found.append(apdu)
        return found

    def _next(self) -> Apdu | None:
        head = _head(self._bytes)
        if head is None:
            return None
        start, size = head
        if size > MAX_BYTES:
            self.broken = True
            self._bytes.clear()
            return None
        if len(self._bytes) < start + size:
            return None
        apdu = Apdu(int.from_bytes(self._bytes[:2], "big"), bytes(self._bytes[start : start + size]))
        del self._bytes[: start + size]
        return apdu


def _head(data: bytes | bytearray) -> tuple[int, int] | None:
    """Where an APDU's data begin and how long they are; None: more bytes are needed."""
    if len(data) < 3:
        return None
    if data[2] != _LONG:
        return 3, data[2]
    return (5, data[3] | data[4] << 8) if len(data) >= 5 else None


def crc(data: bytes) -> int:
    """CRC-16/KERMIT."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value


def wrap(apdu: Apdu) -> bytes:
    """The APDU as it goes out on a serial line."""
    plain = pack(apdu)
    tail = crc(plain + bytes((ETX,))).to_bytes(2, "little")
    return bytes((DLE, STX)) + plain.replace(b"\x10", b"\x10\x10") + bytes((DLE, ETX)) + tail


@dataclass(frozen=True, slots=True)
class Heard:
    """From a serial line: an APDU, an acknowledgement (True) or refusal (False) of ours, or neither: a frame that was not sound."""

    apdu: Apdu | None = None
    acknowledged: bool | None = None


class SerialReader:
    """Takes bytes as they come; gives what they say. A frame that was not sound is given as `Heard()`: it is to be refused."""

    def __init__(self) -> None:
        self._frame: bytearray | None = None
        self._escaped = False
        self._tail: bytearray | None = None

    def feed(self, data: bytes) -> list[Heard]:
        """What `data` completes, in order."""
        return [heard for byte in data if (heard := self._byte(byte)) is not None]

    def _byte(self, byte: int) -> Heard | None:
        if self._tail is not None:
            self._tail.append(byte)
            return self._sound() if len(self._tail) == 2 else None
        if self._escaped:
            self._escaped = False
            return self._after_dle(byte)
        if byte == DLE:
            self._escaped = True
        elif self._frame is not None:
            return self._more(byte)
        elif byte in {ACK, NAK}:
            return Heard(acknowledged=byte == ACK)
        return None

    def _after_dle(self, byte: int) -> Heard | None:
        if byte == STX:
            self._frame = bytearray()
        elif byte == ETX and self._frame is not None:
            self._tail = bytearray()
        elif byte == DLE and self._frame is not None:
            return self._more(byte)
        elif self._frame is not None:
            self._frame = None
            return Heard()
        return None

    def _more(self, byte: int) -> Heard | None:
        assert self._frame is not None
        self._frame.append(byte)
        if len(self._frame) > MAX_BYTES:
            self._frame = None
            return Heard()
        return None

    def _sound(self) -> Heard:
        frame, tail = bytes(self._frame or b""), bytes(self._tail or b"")
        self._frame = self._tail = None
        if crc(frame + bytes((ETX,))) != int.from_bytes(tail, "little"):
            return Heard()
        head = _head(frame)
        if head is None or len(frame) != sum(head):
            return Heard()
        return Heard(Apdu(int.from_bytes(frame[:2], "big"), frame[head[0] :]))
