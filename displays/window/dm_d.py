"""Epson DM-D customer displays (ESC/POS), 2 lines of 20 characters, and the many that speak "Epson mode".

Command set: Epson DM-D110 specification 5.2; XP8200 manual 4.1.2 has the same for its Epson mode. 9600 baud, 8N1.
`ESC = 2` selects the display where a printer hangs on the same cable, `US $ x y` moves the cursor, `US X n` sets the brightness.
It answers nothing we need, and keeps what it shows when nobody writes any more.
"""

from __future__ import annotations

from displays.window.lines import cells, lines
from displays.window.model import Sign
from displays.window.port import Port

BRIGHT, DIM = 4, 1
"""`US X n`: 1 darkest .. 4 brightest."""

_CLR = b"\x0c"
_SELECT, _INITIALIZE = b"\x1b=\x02", b"\x1b@"
_OVERWRITE, _NO_CURSOR, _BRIGHTNESS, _MOVE = b"\x1f\x01", b"\x1fC\x00", b"\x1fX", b"\x1f$"


def reset(brightness: int) -> bytes:
    """Make the display ours and empty, text written over what is there, no cursor; brightness 1..4.

    The leading CLRs fill up a command that a vanished sender left half written; as parameters they are out of range.
    """
    return _CLR * 4 + _SELECT + _INITIALIZE + _OVERWRITE + _NO_CURSOR + _BRIGHTNESS + bytes([brightness])


def write(upper: str, lower: str) -> bytes:
    """Write both lines over what is there, without a flicker. Raises: ValueError: not 20 characters of printable ASCII."""
    return _MOVE + bytes([1, 1]) + cells(upper) + _MOVE + bytes([1, 2]) + cells(lower)


class DmD:
    """One display, alone on its port."""

    def __init__(self, port: Port, _address: int) -> None:
        self._port = port
        self._brightness: int | None = None

    def show(self, sign: Sign) -> None:
        """Make the display show exactly this, whatever it showed before."""
        shown = lines(sign)
        brightness = DIM if shown.dim else BRIGHT
        start = b"" if brightness == self._brightness else reset(brightness)
        # Selected each time: a printer on the same cable may have been selected in between.
        self._port.write(start + _SELECT + write(shown.upper, shown.lower))
        self._brightness = brightness

    def check(self, sign: Sign) -> None:
        """It is not asked: what it shows cannot be read back."""
