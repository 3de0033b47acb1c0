"""The serial port behind window displays: open, write, ask. 8N1, no handshake; every wait has its end."""

from __future__ import annotations

import termios
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from contract.errors import TransientDeviceError
from contract.hints import HINTS

if TYPE_CHECKING:
    import serial

WRITE_TIMEOUT_S = 1.0
ANSWER_S = 0.25
"""An answer of 20 characters takes 21 ms at 9600 baud; the rest is the display's time to think."""


class Port:
    """An open port on a URL `serial:///dev/NAME`. Use as a context manager; `close` may be called twice.

    Raises: TransientDeviceError (device_missing): the port cannot be opened, or is gone, or takes nothing for a second. `lost`
    is then true, and nothing else helps than to open it again.
    """

    def __init__(self, url: str, baud: int) -> None:
        import serial

        self.name = urlsplit(url).path
        self.lost = False
        self._port: serial.Serial | None = None
        try:
            self._port = serial.Serial(self.name, baud, timeout=0, write_timeout=WRITE_TIMEOUT_S, exclusive=True)
        except (OSError, termios.error) as exc:
            raise self._gone() from exc

    def write(self, data: bytes) -> None:
        """Send all of it."""
        if self._port is None:
            raise self._gone()
        try:
            self._port.write(data)
        except (OSError, termios.error) as exc:
            raise self._gone() from exc

    def ask(self, question: bytes, end: bytes, most: int, timeout_s: float = ANSWER_S) -> bytes:
        """What comes after `question` up to and with `end`; cut at `most` bytes or by the time, so it may be anything, or nothing.

        What lay there before is thrown away. Adapters for two wires hear themselves: the question's own echo is left out.
        """
        if self._port is None:
            raise self._gone()
        try:
            self._port.reset_input_buffer()
            self._port.write(question)
            return self._read(len(question), question, end, most, time.monotonic() + timeout_s)
        except (OSError, termios.error) as exc:
            raise self._gone() from exc

    def close(self) -> None:
        """Give the port back; what the displays show stays."""
        port, self._port = self._port, None
        if port is not None:
            port.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self, echo: int, question: bytes, end: bytes, most: int, until: float) -> bytes:
        assert self._port is not None
        heard = b""
        while (left := until - time.monotonic()) > 0 and len(heard) < most + echo:
            self._port.timeout = left
            heard += self._port.read(max(1, min(self._port.in_waiting, most)))
            answer = heard.removeprefix(question)
            if answer.endswith(end):
                return answer
        return heard.removeprefix(question)

    def _gone(self) -> TransientDeviceError:
        self.lost = True
        return TransientDeviceError(self.name, "device_missing", HINTS["device_missing"].step)
