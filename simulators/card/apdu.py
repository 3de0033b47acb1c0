"""Commands as a card takes them from the reader, ISO 7816-4, and the refusals it knows."""

from __future__ import annotations

from dataclasses import dataclass, replace

SELECT, READ, READ_ODD, CHALLENGE, EXTERNAL_AUTHENTICATE = 0xA4, 0xB0, 0xB1, 0x84, 0x82
MANAGE, GENERAL_AUTHENTICATE, INTERNAL_AUTHENTICATE, GET_DATA = 0x22, 0x86, 0x88, 0xCA
OK = 0x9000


class RefusedError(Exception):
    """The card's answer is a status word and nothing else."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw


@dataclass(frozen=True)
class Command:
    """`ne`: bytes wanted in the answer, None without Le; `extended`: lengths came in the long form."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    ne: int | None = None
    extended: bool = False

    @property
    def header(self) -> bytes:
        return bytes((self.cla, self.ins, self.p1, self.p2))

    @property
    def p1p2(self) -> int:
        return self.p1 << 8 | self.p2


def parse(apdu: bytes, *, extended: bool = False) -> Command:
    """The command in `apdu`. Raises: RefusedError: 6700, lengths that do not add up, or long ones where they are not `extended`."""
    if len(apdu) < 4:
        raise RefusedError(0x6700)
    bare = Command(*apdu[:4])
    body = apdu[4:]
    if len(body) > 2 and body[0] == 0:
        if not extended:
            raise RefusedError(0x6700)
        return _long(bare, body[1:])
    return _short(bare, body)


def _short(bare: Command, body: bytes) -> Command:
    if len(body) <= 1:
        return replace(bare, ne=(body[0] or 256) if body else None)
    data, le = body[1 : 1 + body[0]], body[1 + body[0] :]
    if len(data) != body[0] or len(le) > 1:
        raise RefusedError(0x6700)
    return replace(bare, data=data, ne=(le[0] or 256) if le else None)


def _long(bare: Command, body: bytes) -> Command:
    first = int.from_bytes(body[:2], "big")
    if len(body) == 2:
        return replace(bare, ne=first or 65536, extended=True)
    data, le = body[2 : 2 + first], body[2 + first :]
    if len(data) != first or len(le) not in {0, 2}:
        raise RefusedError(0x6700)
    return replace(bare, data=data, ne=(int.from_bytes(le, "big") or 65536) if le else None, extended=True)
