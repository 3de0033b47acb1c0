"""Numeric LED displays of the EDI ED400 kind: several on one RS-485 line, each with its address.

Protocol: EDI ED400 product manual, "Protocol for numeric displays": STX, two digits of address, the data, ETX; data are digits,
spaces and minus signs; leading zeros stay dark in all cases. 9600 baud (two of its switches). It answers nothing, and keeps what
it shows when nobody writes any more.
"""

from __future__ import annotations

from displays.window.digits import digits
from displays.window.model import Sign
from displays.window.port import Port

WIDTH = 4
ADDRESSES = range(1, 100)

_STX, _ETX = b"\x02", b"\x03"


def write(address: int, data: str) -> bytes:
    """One message. Raises: ValueError: an address or a character that the display does not have."""
    if address not in ADDRESSES or not data or data.strip("0123456789 -"):
        raise ValueError(f"{address}, {data!r}: allowed: address 1 to 99; digits, spaces and minus signs")
    return _STX + f"{address:02d}{data}".encode("ascii") + _ETX


class Ed400:
    """One display of the line."""

    def __init__(self, port: Port, address: int) -> None:
        self._port, self._address = port, address

    def show(self, sign: Sign) -> None:
        """Make the display show exactly this, whatever it showed before."""
        # The leading ETX ends a message that was cut off: the display drops it and waits for STX.
        self._port.write(_ETX + write(self._address, digits(sign, WIDTH)))

    def check(self, sign: Sign) -> None:
        """It cannot be asked."""
