"""What an ESC/POS printer says, taken apart byte by byte. Pure.

One line carries answers to questions, answers in order with the print data, and news nobody asked for; only bit patterns
tell them apart (Epson ESC/POS reference: DLE EOT, GS r, GS a, GS I, GS ( H functions 48 and 49, DLE DC4 function 8;
TM-T88III specification, appendix G).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_XON, _XOFF = 0x11, 0x13
_BLOCK, _NAME = 0x37, 0x5F
_PRINTED, _OFFLINE, _CLEARED = 0x22, 0x23, 0x25
_BLOCK_LENGTH = {_PRINTED: 7, _OFFLINE: 4, _CLEARED: 3}
_NAME_MAX = 82
_ASB_LENGTH = 4
_FULL, _FULL_LENGTH = b"\x10\x0f", 6
_DIGITS = frozenset(b"0123456789")
_COUNTER, _COUNTER_PART = re.compile(rb"(\d{1,8})(cm|ret|cuts)"), re.compile(rb"\d{1,8}(c|r|re|cu|cut)?")


@dataclass(frozen=True, slots=True)
class RealTime:
    """Answer to `DLE EOT n`; which n, only the order of asking tells."""

    value: int


@dataclass(frozen=True, slots=True)
class InOrder:
    """Answer to `GS r n` or `GS I n`: the printer has come to this place in its data."""

    value: int


@dataclass(frozen=True, slots=True)
class Automatic:
    """Automatic status (ASB), pushed on every change: four bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Printed:
    """`GS ( H` function 48: everything before this mark is on paper. Four characters."""

    mark: bytes


@dataclass(frozen=True, slots=True)
class WentOffline:
    """`GS ( H` function 49: the printer stopped; `cause` as it says it."""

    cause: int


@dataclass(frozen=True, slots=True)
class Cleared:
    """`DLE DC4` function 8: buffers and pending marks are gone."""


@dataclass(frozen=True, slots=True)
class Name:
    """Answer to `GS I 65…`: maker, model, firmware or serial number."""

    text: str


@dataclass(frozen=True, slots=True)
class Flow:
    """XON (`go`) or XOFF on a serial line."""

    go: bool


@dataclass(frozen=True, slots=True)
class Full:
    """Answer to `DLE EOT 20` of Custom's printers: paper, user, recoverable, unrecoverable."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Counter:
    """Answer to `GS E1` (unit cm) or `GS E4` (unit ret) of Custom's printers."""

    value: int
    unit: str


Reply = RealTime | InOrder | Automatic | Printed | WentOffline | Cleared | Name | Flow | Full | Counter


class ReplyReader:
    """Sans-I/O reader of one connection. `unknown` counts the bytes that fit nothing.

    `custom`: the printer speaks Custom's language, whose full status and counters take the place of the automatic status
    and of DLE EOT 1 to 4: the same first bytes mean both.
    """

    def __init__(self) -> None:
        self.unknown = 0
        self.custom = False
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Reply]:
        """Replies completed by `data`, in order; an unfinished one is held until its rest comes."""
        return [reply for byte in data for reply in self._byte(byte)]

    def _byte(self, byte: int) -> list[Reply]:
        if byte in {_XON, _XOFF}:  # a serial printer may put these in the middle of anything
            return [Flow(byte == _XON)]
        self._held.append(byte)
        if self.custom and self._held[0] == _FULL[0]:
            return self._full()
        if self.custom and self._held[0] in _DIGITS:
            return self._counter()
        if self._held[0] == _BLOCK:
            return self._block()
        if self._held[0] == _NAME:
            return self._name()
        if self._held[0] & 0x93 == 0x10:
            return self._automatic()
        return self._single()

    def _single(self) -> list[Reply]:
        value = self._held[0]
        if value & 0x93 == 0x12:
            return self._done(RealTime(value))
        if value & 0x90 == 0x00:
            return self._done(InOrder(value))
        return self._drop()

    def _automatic(self) -> list[Reply]:
        if self._held[-1] & 0x90 and len(self._held) > 1:
            return self._retry_last()
        return self._done(Automatic(bytes(self._held))) if len(self._held) == _ASB_LENGTH else []

    def _full(self) -> list[Reply]:
        if len(self._held) == 2 and self._held[1] != _FULL[1]:
            return self._retry_last()
        return self._done(Full(bytes(self._held[2:]))) if len(self._held) == _FULL_LENGTH else []

    def _counter(self) -> list[Reply]:
        text = bytes(self._held)
        if whole := _COUNTER.fullmatch(text):
            return self._done(Counter(int(whole[1]), whole[2].decode()))
        return [] if _COUNTER_PART.fullmatch(text) else self._retry_last()

    def _block(self) -> list[Reply]:
        if len(self._held) == 1:
            return []
        length = _BLOCK_LENGTH.get(self._held[1])
        if length is None:
            return self._retry_last()
        last = self._held[-1]
        if len(self._held) == length:
            return self._done(_block_reply(bytes(self._held))) if last == 0 else self._retry_last()
        return [] if len(self._held) == 2 or 0x20 <= last <= 0x7E else self._retry_last()

    def _name(self) -> list[Reply]:
        last = self._held[-1]
        if last == 0:
            return self._done(Name(self._held[1:-1].decode("ascii")))
        return [] if 0x20 <= last <= 0x7E and len(self._held) <= _NAME_MAX else self._retry_last()

    def _done(self, reply: Reply) -> list[Reply]:
        self._held.clear()
        return [reply]

    def _drop(self) -> list[Reply]:
        self.unknown += len(self._held)
        self._held.clear()
        return []

    def _retry_last(self) -> list[Reply]:
        """What was held is broken: count it, and take the last byte as the start of something new."""
        last = self._held.pop()
        self._drop()
        return self._byte(last)


def _block_reply(block: bytes) -> Reply:
    if block[1] == _PRINTED:
        return Printed(block[2:6])
    return WentOffline(block[2]) if block[1] == _OFFLINE else Cleared()
