"""Commands to a chip and its answers, short and extended. Pure. ISO/IEC 7816-4 §5."""

from __future__ import annotations

from dataclasses import dataclass

from card_reader.errors import DataError

OK = 0x9000
END_OF_FILE = 0x6282
SHORT_MAX = 256
EXTENDED_MAX = 65536

NAMES = {
    0x6282: "end of file",
    0x6300: "wrong password",
    0x6700: "wrong length",
    0x6982: "security status not satisfied",
    0x6985: "conditions not satisfied",
    0x6987: "secure messaging objects missing",
    0x6988: "secure messaging objects wrong",
    0x6A80: "wrong data",
    0x6A82: "file not found",
    0x6A86: "wrong P1 P2",
    0x6A87: "data does not fit P1 P2",
    0x6A88: "referenced data not found",
    0x6B00: "offset beyond the file",
    0x6D00: "instruction unknown",
    0x6E00: "class unknown",
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command APDU. `le`: most bytes wanted back; None: no answer data expected."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    @property
    def header(self) -> bytes:
        """CLA INS P1 P2."""
        return bytes([self.cla, self.ins, self.p1, self.p2])

    @property
    def extended(self) -> bool:
        """True when the lengths do not fit the short form."""
        return len(self.data) > 255 or (self.le or 0) > SHORT_MAX

    def encode(self) -> bytes:
        """The bytes on the wire. Raises: DataError: longer than the extended form allows."""
        if len(self.data) >= EXTENDED_MAX or (self.le or 0) > EXTENDED_MAX:
            raise DataError("APDU: longer than 65,535 bytes")
        if not self.extended:
            body = bytes([len(self.data)]) + self.data if self.data else b""
            return self.header + body + (b"" if self.le is None else bytes([self.le & 0xFF]))
        body = b"\0" + len(self.data).to_bytes(2, "big") + self.data if self.data else b""
        le = b"" if self.le is None else (self.le & 0xFFFF).to_bytes(2, "big")
        return self.header + body + (le if body or not le else b"\0" + le)


@dataclass(frozen=True, slots=True)
class Response:
    """A response APDU: data and status word."""

    data: bytes
    sw: int

    @classmethod
    def decode(cls, answer: bytes) -> Response:
        """Raises: DataError: shorter than a status word or longer than any answer."""
        if not 2 <= len(answer) <= EXTENDED_MAX + 2:
            raise DataError(f"APDU: an answer of {len(answer)} bytes")
        return cls(answer[:-2], int.from_bytes(answer[-2:], "big"))

    @property
    def ok(self) -> bool:
        """The command was done."""
        return self.sw == OK


def name(sw: int) -> str:
    """What a status word says, for logs and the doctor."""
    return f"{sw:04X} {NAMES.get(sw, '')}".strip()
