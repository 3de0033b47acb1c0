"""What pcscd's result codes mean to a read. Pure data. pcsclite.h; the removal codes are those seen from real readers and vpcd."""

from __future__ import annotations

from card_reader.errors import CardError, CardRemoved, Code

NO_READERS = 0x8010002E
FINE = {0, 0x8010000A, NO_READERS, 0x80100009, 0x80100017}
"""Nothing is broken: changed, nothing new in time, no reader, a reader that went while we looked."""

_REMOVED = {0x80100069, 0x80100016, 0x80100066, 0x80100067, 0x80100068, 0x8010000C}
"""Removed, not transacted, unresponsive, unpowered, reset, no card: different readers' words for a card that is gone."""
_SERVICE = {0x80100013, 0x8010001D, 0x8010001E, 0x80100003, 0x80100012, 0x80100001}
"""Communication error, no service, service stopped; a handle or context from before a restart."""
_READER = {0x80100009, 0x80100017, NO_READERS}
_BUSY = 0x8010000B
_NAMES = {
    0x80100003: "invalid handle", 0x80100009: "unknown reader", 0x8010000A: "timeout", 0x8010000B: "sharing violation",
    0x8010000C: "no card", 0x80100013: "communication error", 0x80100016: "not transacted", 0x80100017: "reader unavailable",
    0x8010001D: "no service", 0x8010001E: "service stopped", NO_READERS: "no readers", 0x80100066: "unresponsive card",
    0x80100067: "unpowered card", 0x80100068: "reset card", 0x80100069: "removed card",
}  # fmt: skip


def unsigned(code: int) -> int:
    """pyscard gives some codes as negative numbers."""
    return code & 0xFFFFFFFF


def name(code: int) -> str:
    """For logs."""
    return f"{code:08X} {_NAMES.get(code, '')}".strip()


def error(what: str, code: int) -> CardError:
    """The error a failed call is, whichever way the reader puts it."""
    text = f"{what}: {name(code)}"
    if code in _REMOVED:
        return CardRemoved(text)
    if code in _SERVICE:
        return CardError(text, Code.SERVICE_DOWN)
    if code in _READER:
        return CardError(text, Code.NO_READER)
    return CardError(text, Code.CARD_IN_USE if code == _BUSY else Code.CARD_ERROR)


def connect_error(code: int) -> CardError:
    """The same for a card that does not even answer to its reset."""
    if code in {0x80100066, 0x80100067}:
        return CardError(f"connect: {name(code)}", Code.CARD_DEAD)
    return error("connect", code)
