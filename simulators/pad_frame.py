"""Pad frames by another author than the product's two: written from PROTOCOL.md §2 alone."""

from __future__ import annotations

import binascii
import struct
from typing import NamedTuple

WHO, WELCOME, PING, ACK, LED, TEXT, POLL, FIND, ASSIGN, CONFIG, OFFER, BLOCK = range(1, 13)
HELLO, IDLE, PONG, EVENT, TAKEN = 0x81, 0x82, 0x83, 0x84, 0x85
EVERYBODY = 255


class Said(NamedTuple):
    """One frame."""

    address: int
    type: int
    seq: int
    payload: bytes


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE."""
    return binascii.crc_hqx(data, 0xFFFF)


def encode(said: Said) -> bytes:
    """As it goes on the wire, delimiter included."""
    raw = struct.pack("<BBH", said.address, said.type, said.seq) + said.payload
    raw += struct.pack("<H", crc16(raw))
    coded = bytearray()
    for run in raw.split(b"\0"):
        coded.append(len(run) + 1)
        coded += run
    return bytes(coded) + b"\0"


def decode(wire: bytes) -> Said | None:
    """One frame with its delimiter; None when it is damaged."""
    runs, rest = [], wire[:-1]
    while rest:
        length, rest = rest[0], rest[1:]
        if length == 0 or length - 1 > len(rest):
            return None
        run, rest = rest[: length - 1], rest[length - 1 :]
        runs.append(run)
    raw = b"\0".join(runs)
    if not 6 <= len(raw) <= 64 or struct.unpack("<H", raw[-2:])[0] != crc16(raw[:-2]):
        return None
    address, kind, seq = struct.unpack("<BBH", raw[:4])
    return Said(address, kind, seq, raw[4:-2])
