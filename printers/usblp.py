"""A printer behind the kernel's usblp driver (`/dev/usb/lpN`)."""

from __future__ import annotations

import os
from contextlib import suppress

from contract.errors import TransientDeviceError
from contract.hints import HINTS

_READ = 4096
_WRITE = 4096  # the driver takes 8 kB at once; what it took cannot be called back


class UsbLink:
    """The device file, open both ways and never waiting. See `printers.link.Link`.

    A udev symlink by serial number keeps its name over other ports. The driver may answer a read with nothing while the printer
    has nothing to say; a printer that was pulled out answers with ENODEV or hangs up.
    """

    rate_bytes_s = 100_000.0
    lag_s = 0.0
    slow = False
    room = True
    rest_s = 0.2

    def __init__(self, path: str, device_id: str) -> None:
        self._device_id = device_id
        try:
            self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        except OSError as exc:
            raise self._lost() from exc

    def fileno(self) -> int:
        return self._file

    def read(self) -> bytes:
        try:
            return os.read(self._file, _READ)
        except BlockingIOError:
            return b""
        except OSError as exc:
            raise self._lost() from exc

    def write(self, data: bytes) -> int:
        try:
            return os.write(self._file, data[:_WRITE])
        except BlockingIOError:
            return 0
        except OSError as exc:
            raise self._lost() from exc

    def close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            with suppress(OSError):
                os.close(file)

    def _lost(self) -> TransientDeviceError:
        return TransientDeviceError(self._device_id, "device_missing", HINTS["device_missing"].step)
