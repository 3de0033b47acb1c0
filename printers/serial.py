"""A printer behind a serial port, 8N1. The kernel obeys XON/XOFF by itself, so a full printer stops the line at once."""

from __future__ import annotations

import os
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from contract.errors import TransientDeviceError
from contract.hints import HINTS

if TYPE_CHECKING:
    from serial import Serial

_READ = 4096
_WRITE = 256
_AHEAD_S = (
    0.1  # adapters hold kilobytes that nobody can call back: no more is given them than the line carries meanwhile
)


class SerialLink:
    """The open port, never waiting. See `printers.link.Link`."""

    slow = True
    rest_s = 0.2

    def __init__(self, path: str, baud: int, flow: str, device_id: str) -> None:
        import serial

        self._device_id = device_id
        self.rate_bytes_s = baud / 10 * 0.8
        self.lag_s = 1.0 + _WRITE / self.rate_bytes_s
        self._byte_s = 10 / baud
        self._free_at = 0.0
        self._port: Serial | None = None
        try:
            self._port = serial.Serial(
                path,
                baud,
                timeout=0,
                write_timeout=0,
                exclusive=True,
                xonxoff=flow == "xonxoff",
                rtscts=flow == "rtscts",
            )
            termios.tcflow(self._port.fileno(), termios.TCOON)  # an XOFF of the time before must not hold us back
        except (OSError, termios.error) as exc:
            raise self._lost() from exc

    @property
    def room(self) -> bool:
        """Whether what was written has about left the line."""
        return self._free_at - time.monotonic() < _AHEAD_S

    def fileno(self) -> int:
        if self._port is None:
            raise self._lost()
        return int(self._port.fileno())

    def read(self) -> bytes:
        try:
            return os.read(self.fileno(), _READ)
        except BlockingIOError:
            return b""
        except OSError as exc:
            raise self._lost() from exc

    def write(self, data: bytes) -> int:
        try:  # not pyserial's: that one spins for as long as the printer says XOFF
            taken = os.write(self.fileno(), data[:_WRITE])
        except BlockingIOError:
            return 0
        except OSError as exc:
            raise self._lost() from exc
        self._free_at = max(self._free_at, time.monotonic()) + taken * self._byte_s
        return taken

    def close(self) -> None:
        """What waits in the kernel is thrown away, else it follows when the printer says XON."""
        port, self._port = self._port, None
        if port is not None:
            with suppress(OSError, termios.error):
                termios.tcflush(port.fileno(), termios.TCOFLUSH)
            with suppress(OSError, termios.error):
                port.close()

    def _lost(self) -> TransientDeviceError:
        return TransientDeviceError(self._device_id, "device_missing", HINTS["device_missing"].step)
