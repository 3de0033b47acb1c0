"""CD5220 customer display, 2 lines of 20 characters, over a serial port: bytes, and the thin edge that writes them.

Command set: CD5220 command manual (also in XP8200 manual 4.1.8, Epson P07303 manual 7.2). 9600 baud, 8N1, no handshake.
`ESC Q A text CR` writes the upper line, `ESC Q B text CR` the lower one; both leave the display in string mode, where of
the other commands only CLR and CAN are obeyed.
"""

from __future__ import annotations

import termios
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from contract.errors import TransientDeviceError
from contract.hints import HINTS
from displays.window.model import CELLS, Shown

if TYPE_CHECKING:
    import serial

BAUD = 9600
WRITE_TIMEOUT_S = 1.0
BRIGHT, DIM = 4, 1
"""`ESC * n`: 1 darkest .. 4 brightest."""

_CR, _CLR = b"\r", b"\x0c"
_UPPER, _LOWER, _BRIGHTNESS = b"\x1bQA", b"\x1bQB", b"\x1b*"


def reset(brightness: int) -> bytes:
    """End whatever the display is in the middle of, clear it and set its brightness, 1..4.

    The leading CR ends a string that a vanished sender left half written; CLR ends string mode.
    """
    return _CR + _CLR + _BRIGHTNESS + bytes([brightness])


def lines(upper: str, lower: str) -> bytes:
    """Write both lines over what is there, without a flicker. Raises: ValueError: not 20 characters of printable ASCII."""
    return _UPPER + _cells(upper) + _CR + _LOWER + _cells(lower) + _CR


def _cells(text: str) -> bytes:
    if len(text) != CELLS or not (text.isascii() and text.isprintable()):
        raise ValueError(f"{text!r}: allowed: {CELLS} characters of printable ASCII")
    return text.encode("ascii")


class Cd5220:
    """An open display on a URL `serial:///dev/NAME`. Use as a context manager; `close` may be called twice.

    Raises: TransientDeviceError (device_missing): the port cannot be opened, or a write does not go through in a second.
    """

    def __init__(self, url: str) -> None:
        import serial

        self.port_name = urlsplit(url).path
        self._brightness: int | None = None
        self._port: serial.Serial | None = None
        try:
            self._port = serial.Serial(self.port_name, BAUD, write_timeout=WRITE_TIMEOUT_S, exclusive=True)
        except (OSError, termios.error) as exc:
            raise self._missing() from exc

    def show(self, shown: Shown) -> None:
        """Make the display show exactly this, whatever it showed before."""
        brightness = DIM if shown.dim else BRIGHT
        start = b"" if brightness == self._brightness else reset(brightness)
        self._write(start + lines(shown.upper, shown.lower))
        self._brightness = brightness

    def close(self) -> None:
        """Give the port back; what the display shows stays."""
        port, self._port = self._port, None
        if port is not None:
            port.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        if self._port is None:
            raise self._missing()
        try:
            self._port.write(data)
        except (OSError, termios.error) as exc:
            raise self._missing() from exc

    def _missing(self) -> TransientDeviceError:
        return TransientDeviceError(self.port_name, "device_missing", HINTS["device_missing"].step)
