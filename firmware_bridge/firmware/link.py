"""Pad frames on the wire: COBS, CRC-16/CCITT-FALSE, delimiter 0x00. The format is PROTOCOL.md §2.

Runs under MicroPython and CPython.
"""

import struct

MAX_FRAME = 64


def crc16(data):
    """CRC-16/CCITT-FALSE of `data`; 0xFFFF for none."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return crc


def encode(address, kind, seq, payload=b""):
    """One frame as it goes on the wire, delimiter included."""
    raw = struct.pack("<BBH", address, kind, seq) + payload
    raw += struct.pack("<H", crc16(raw))
    if len(raw) > MAX_FRAME:
        raise ValueError("frame too long")
    return cobs(raw) + b"\0"


class Decoder:
    """Bytes in any pieces -> (address, kind, seq, payload). `bad` counts what was dropped."""

    def __init__(self):
        self.bad = 0
        self._held = bytearray()
        self._skipping = False

    def feed(self, data):
        frames = []
        for byte in data:
            if byte:
                self._hold(byte)
                continue
            if self._held:
                frame = decode(bytes(self._held))
                if frame:
                    frames.append(frame)
                else:
                    self.bad += 1
            self._held = bytearray()
            self._skipping = False
        return frames

    def _hold(self, byte):
        if self._skipping:
            return
        if len(self._held) <= MAX_FRAME:
            self._held.append(byte)
            return
        self._held = bytearray()
        self._skipping = True
        self.bad += 1


def decode(coded):
    """(address, kind, seq, payload) of one coded frame without its delimiter; None when it is damaged."""
    raw = uncobs(coded)
    if raw is None or len(raw) < 6:
        return None
    if struct.unpack("<H", raw[-2:])[0] != crc16(raw[:-2]):
        return None
    address, kind, seq = struct.unpack("<BBH", raw[:4])
    return address, kind, seq, raw[4:-2]


def cobs(raw):
    """`raw` (under 254 bytes) without zeros."""
    out = bytearray(1)
    at = 0
    for byte in raw:
        if byte:
            out.append(byte)
        else:
            out[at] = len(out) - at
            at = len(out)
            out.append(0)
    out[at] = len(out) - at
    return bytes(out)


def uncobs(coded):
    """The bytes that `cobs` was given; None when `coded` is damaged."""
    out = bytearray()
    at = 0
    while at < len(coded):
        end = at + coded[at]
        if end > len(coded) or end == at:
            return None
        out += coded[at + 1 : end]
        at = end
        if at < len(coded):
            out.append(0)
    return bytes(out)
