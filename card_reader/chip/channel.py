"""The conversation with one chip: plain or protected, GET RESPONSE and wrong-Le repeats done, exchanges counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from card_reader.chip.apdu import OK, Command, Response
from card_reader.chip.secure_messaging import SecureMessaging
from card_reader.errors import Cancelled, DataError, SessionLost, StatusError

_MOST_PARTS = 64


class Wire(Protocol):
    """What carries APDUs to one card."""

    def transmit(self, command: bytes) -> bytes:
        """Raises: CardRemoved, CardError."""
        ...


class Channel:
    """Owned by one read. `cancelled` is asked before each exchange."""

    def __init__(self, wire: Wire, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._wire, self._cancelled = wire, cancelled
        self.messaging: SecureMessaging | None = None
        self.exchanges = 0

    def send(self, command: Command) -> Response:
        """The chip's answer, opened. Raises: SessionLost, CardRemoved, Cancelled, DataError: the answer is no APDU."""
        if self.messaging is None:
            return self._exchange(command)
        answer = self._exchange(self.messaging.wrap(command))
        try:
            return self.messaging.unwrap(answer)
        except SessionLost:
            self.messaging = None
            raise

    def ask(self, what: str, command: Command) -> bytes:
        """The data of an answer that must be 9000. Raises: StatusError: it is not; else as `send`."""
        answer = self.send(command)
        if answer.sw != OK:
            raise StatusError(what, answer.sw)
        return answer.data

    def protect(self, messaging: SecureMessaging) -> None:
        """From here on everything is protected."""
        self.unprotect()
        self.messaging = messaging

    def unprotect(self) -> None:
        """Keys forgotten; the next command is plain, which ends the chip's session too."""
        if self.messaging is not None:
            self.messaging.end()
        self.messaging = None

    def _exchange(self, command: Command) -> Response:
        answer = self._transmit(command)
        if answer.sw >> 8 == 0x6C and self.messaging is None:
            command = Command(command.cla, command.ins, command.p1, command.p2, command.data, answer.sw & 0xFF or 256)
            answer = self._transmit(command)
        data = bytearray(answer.data)
        for _ in range(_MOST_PARTS):
            if answer.sw >> 8 != 0x61:
                return Response(bytes(data), answer.sw)
            answer = self._transmit(Command(command.cla & 0xF3, 0xC0, 0, 0, le=answer.sw & 0xFF or 256))
            data += answer.data
        raise DataError("an answer in too many parts")

    def _transmit(self, command: Command) -> Response:
        if self._cancelled():
            raise Cancelled("the read was cancelled")
        self.exchanges += 1
        return Response.decode(self._wire.transmit(command.encode()))
