"""APDUs over a line: as they are on TCP; on a serial line acknowledged, sent again when refused, passed over when repeated."""

from __future__ import annotations

import time
from typing import Protocol

from terminal.pos.zvt.frames import ACK, NAK, Apdu, Heard, SerialReader, TcpReader, pack, wrap
from terminal.wire import Wire, lost

TRIES = 3


class Line(Protocol):
    """Both raise TransientDeviceError where the line is dead or nothing came in time."""

    def send(self, apdu: Apdu) -> None:
        """Hand over one APDU."""

    def hear(self, timeout_s: float) -> Apdu:
        """The next APDU."""

    def wait(self, timeout_s: float) -> bool:
        """Whether something has come within that time. Raises TransientDeviceError only where the line is dead."""

    def close(self) -> None:
        """Give the line up; twice is fine."""


class TcpLine:
    """TCP has its own repetition and its own sum."""

    def __init__(self, wire: Wire, device: str) -> None:
        self._wire, self._device = wire, device
        self._reader = TcpReader()
        self._waiting: list[Apdu] = []

    def send(self, apdu: Apdu) -> None:
        self._wire.write(pack(apdu))

    def hear(self, timeout_s: float) -> Apdu:
        until = time.monotonic() + timeout_s
        while not self._waiting:
            left = until - time.monotonic()
            if left <= 0 or self._reader.broken:
                raise lost(self._device)
            self._waiting += self._reader.feed(self._wire.read(left))
        return self._waiting.pop(0)

    def wait(self, timeout_s: float) -> bool:
        if not self._waiting:
            self._waiting += self._reader.feed(self._wire.read(timeout_s))
        return bool(self._waiting) or self._reader.broken

    def close(self) -> None:
        self._wire.close()


class SerialLine:
    """`ack_s`: until the other side must have said whether a frame was sound (T3)."""

    def __init__(self, wire: Wire, device: str, *, ack_s: float = 5.0) -> None:
        self._wire, self._device, self._ack_s = wire, device, ack_s
        self._reader = SerialReader()
        self._waiting: list[Heard] = []
        self._last: Apdu | None = None

    def send(self, apdu: Apdu) -> None:
        """A frame that was refused was not taken: it may be sent again. One of which nothing is said may not."""
        self._last = None
        for _ in range(TRIES):
            self._wire.write(wrap(apdu))
            if self._acknowledged():
                return
        raise lost(self._device)

    def hear(self, timeout_s: float) -> Apdu:
        until = time.monotonic() + timeout_s
        while True:
            heard = self._next(until)
            if heard.acknowledged is not None:
                continue
            if heard.apdu is None:
                self._wire.write(bytes((NAK,)))
                continue
            self._wire.write(bytes((ACK,)))
            if heard.apdu != self._last:  # our acknowledgement was lost: it says the same again
                self._last = heard.apdu
                return heard.apdu

    def wait(self, timeout_s: float) -> bool:
        if not self._waiting:
            self._waiting += self._reader.feed(self._wire.read(timeout_s))
        return bool(self._waiting)

    def close(self) -> None:
        self._wire.close()

    def _acknowledged(self) -> bool:
        until = time.monotonic() + self._ack_s
        while True:
            heard = self._next(until)
            if heard.acknowledged is not None:
                return heard.acknowledged
            if heard.apdu is None:
                return False
            # It speaks before it acknowledged: it has the frame, and its word is not to be lost.
            self._waiting.insert(0, heard)
            return True

    def _next(self, until: float) -> Heard:
        while not self._waiting:
            left = until - time.monotonic()
            if left <= 0:
                raise lost(self._device)
            self._waiting += self._reader.feed(self._wire.read(left))
        return self._waiting.pop(0)
