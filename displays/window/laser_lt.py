"""Rice Lake Laser LT numeric displays on an RS-485 line: they go dark by themselves, and say what they show.

Protocol: Laser LT installation and operation manual 3.9.1 (`|AA DM timeout | message !`) and 3.9.4 (`|AA QD !` → what is shown, a
comma, the sum of the lit signs, CR; a space is a blank). 9600 baud, addresses 00 to 31, six places.
"""

from __future__ import annotations

from contract.errors import TransientDeviceError
from contract.hints import HINTS
from displays.window.digits import digits
from displays.window.model import Sign
from displays.window.port import Port

WIDTH = 6
ADDRESSES = range(32)
HOLD_MS = 15_000
"""The display goes dark by itself when it was not written to for so long: three times as long as we leave between two writes."""
ANSWER_MAX = 32

_CR = b"\r"


def write(address: int, data: str) -> bytes:
    """Show `data` for `HOLD_MS`. Raises: ValueError: an address or a character that the display does not have."""
    if address not in ADDRESSES or len(data) != WIDTH or data.strip("0123456789 -"):
        raise ValueError(f"{address}, {data!r}: allowed: address 0 to 31; {WIDTH} digits, spaces and minus signs")
    return f"|{address:02d}DM{HOLD_MS}|{data}!".encode("ascii")


def question(address: int) -> bytes:
    """What do you show?"""
    return f"|{address:02d}QD!".encode("ascii")


def shown(answer: bytes) -> str | None:
    """What the display says it shows, None where the answer is not one."""
    text, comma, state = answer.removesuffix(_CR).partition(b",")
    if not answer.endswith(_CR) or not comma or not state.isdigit() or len(text) != WIDTH or not text.isascii():
        return None
    return text.decode("ascii")


class LaserLt:
    """One display of the line."""

    def __init__(self, port: Port, address: int) -> None:
        self._port, self._address = port, address

    def show(self, sign: Sign) -> None:
        """Make the display show exactly this, whatever it showed before."""
        # The leading "!" ends a message that was cut off.
        self._port.write(b"!" + write(self._address, digits(sign, WIDTH)))

    def check(self, sign: Sign) -> None:
        """Read back what it shows.

        Raises: TransientDeviceError: device_missing where it says nothing, display_wrong where it shows another thing or what
        it says is no answer (noise, another baud rate, two displays with one address).
        """
        answer = self._port.ask(question(self._address), _CR, ANSWER_MAX)
        fault = "device_missing" if not answer else "display_wrong" if shown(answer) != digits(sign, WIDTH) else ""
        if fault:
            raise TransientDeviceError(f"address {self._address:02d}", fault, HINTS[fault].step)
