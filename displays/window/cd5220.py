"""CD5220 customer display, 2 lines of 20 characters.

Command set: CD5220 command manual (also in XP8200 manual 4.1.8, Epson P07303 manual 7.2). 9600 baud, 8N1, no handshake.
`ESC Q A text CR` writes the upper line, `ESC Q B text CR` the lower one; both leave the display in string mode, where of
the other commands only CLR and CAN are obeyed. It answers nothing, and keeps what it shows when nobody writes any more.
"""

from __future__ import annotations

from displays.window.lines import cells, lines
from displays.window.model import Sign
from displays.window.port import Port

BRIGHT, DIM = 4, 1
"""`ESC * n`: 1 darkest .. 4 brightest."""

_CR, _CLR = b"\r", b"\x0c"
_UPPER, _LOWER, _BRIGHTNESS = b"\x1bQA", b"\x1bQB", b"\x1b*"


def reset(brightness: int) -> bytes:
    """End whatever the display is in the middle of, clear it and set its brightness, 1..4.

    The leading CR ends a string that a vanished sender left half written; CLR ends string mode.
    """
    return _CR + _CLR + _BRIGHTNESS + bytes([brightness])


def write(upper: str, lower: str) -> bytes:
    """Write both lines over what is there, without a flicker. Raises: ValueError: not 20 characters of printable ASCII."""
    return _UPPER + cells(upper) + _CR + _LOWER + cells(lower) + _CR


class Cd5220:
    """One display, alone on its port."""

    def __init__(self, port: Port, _address: int) -> None:
        self._port = port
        self._brightness: int | None = None

    def show(self, sign: Sign) -> None:
        """Make the display show exactly this, whatever it showed before."""
        shown = lines(sign)
        brightness = DIM if shown.dim else BRIGHT
        start = b"" if brightness == self._brightness else reset(brightness)
        self._port.write(start + write(shown.upper, shown.lower))
        self._brightness = brightness

    def check(self, sign: Sign) -> None:
        """It cannot be asked."""
