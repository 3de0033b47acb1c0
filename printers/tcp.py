"""A printer behind TCP (raw port 9100)."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

from contract.errors import TransientDeviceError
from contract.hints import HINTS

_READ = 4096
_SEND_BUFFER = 8192  # what lies in our kernel cannot be called back when the paper ends: keep it short
_RESET = struct.pack("ii", 1, 0)


class TcpLink:
    """One connection, held open: most printers serve a single client. See `printers.link.Link`."""

    rate_bytes_s = 50_000.0
    lag_s = 0.0
    slow = False
    room = True
    rest_s = 0.0

    def __init__(self, host: str, port: int, device_id: str, timeout_s: float) -> None:
        self._device_id = device_id
        try:
            self._socket = socket.create_connection((host, port), timeout_s)
        except OSError as exc:
            raise self._lost() from exc
        self._socket.settimeout(0)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        # A reset on close: the rest of an abandoned ticket must not follow into the printer.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def fileno(self) -> int:
        return self._socket.fileno()

    def read(self) -> bytes:
        try:
            data = self._socket.recv(_READ)
        except BlockingIOError:
            return b""
        except OSError as exc:
            raise self._lost() from exc
        if not data:
            raise self._lost()
        return data

    def write(self, data: bytes) -> int:
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError as exc:
            raise self._lost() from exc

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()

    def _lost(self) -> TransientDeviceError:
        return TransientDeviceError(self._device_id, "device_missing", HINTS["device_missing"].step)
