"""A line to a payment device: TCP, TLS or serial, bytes in and out with deadlines."""

from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs, urlsplit

from contract.errors import ContractError, PermanentDeviceError, TransientDeviceError
from contract.hints import HINTS

if TYPE_CHECKING:
    from serial import Serial

CHUNK = 4096
CONNECT_S = 3.0
WRITE_S = 2.0


class Wire(Protocol):
    """One open line. A dead one raises TransientDeviceError from `read` and `write`."""

    def write(self, data: bytes) -> None:
        """Hand over all of `data`; after an error some of it may have gone out."""

    def read(self, timeout_s: float) -> bytes:
        """What has come, one byte at least; nothing after `timeout_s` of silence."""

    def close(self) -> None:
        """Give the line up; twice is fine."""


def open_wire(url: str, device_id: str) -> Wire:
    """`tcp://host:port`, `tls://host:port?pin=` (see `TlsWire`) or `serial:///dev/ttyUSB0?baud=9600`.

    Raises: ContractError: no such address. TransientDeviceError: nobody is there.
    """
    parts = urlsplit(url)
    try:
        if parts.scheme == "tcp" and parts.hostname and parts.port:
            return TcpWire(parts.hostname, parts.port, device_id)
        if parts.scheme == "tls" and parts.hostname and parts.port:
            return TlsWire(parts.hostname, parts.port, device_id, parse_qs(parts.query).get("pin", [""])[-1])
        if parts.scheme == "serial" and parts.path.startswith("/"):
            return SerialWire(parts.path, int(parse_qs(parts.query).get("baud", ["9600"])[-1]), device_id)
    except ValueError as exc:
        raise ContractError(f"{url!r}: {exc}") from exc
    raise ContractError(f"{url!r}: allowed: tcp://host:port, tls://host:port?pin=…, serial:///dev/…?baud=9600")


class TcpWire:
    """A payment device in the hall's network."""

    def __init__(self, host: str, port: int, device_id: str) -> None:
        self._device_id = device_id
        try:
            self._socket: socket.socket = socket.create_connection((host, port), CONNECT_S)
        except OSError as exc:
            raise lost(device_id) from exc
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def write(self, data: bytes) -> None:
        self._socket.settimeout(WRITE_S)
        try:
            self._socket.sendall(data)
        except OSError as exc:
            raise lost(self._device_id) from exc

    def read(self, timeout_s: float) -> bytes:
        self._socket.settimeout(max(timeout_s, 0.001))
        try:
            data = self._socket.recv(CHUNK)
        except TimeoutError:
            return b""
        except OSError as exc:
            raise lost(self._device_id) from exc
        if not data:
            raise lost(self._device_id)
        return data

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()


class TlsWire(TcpWire):
    """A payment device that speaks TLS with a certificate of its own making, which names no address.

    `pin`: SHA-256 of that certificate, 64 hexadecimal digits; another one is refused before a byte of ours leaves.
    Raises: ContractError: no such pin. TransientDeviceError: nobody is there. PermanentDeviceError: another certificate.
    """

    def __init__(self, host: str, port: int, device_id: str, pin: str) -> None:
        if len(pin) != 64:
            raise ContractError(
                f"pin of {len(pin)} digits: allowed: 64 hexadecimal digits, as vikno pos-doctor prints them"
            )
        super().__init__(host, port, device_id)
        self._socket = secured = _secured(self._socket, device_id)
        if not hmac.compare_digest(_pin(secured), pin.lower()):
            self.close()
            raise PermanentDeviceError(device_id, "payment_device_stranger", HINTS["payment_device_stranger"].step)


def shown_pin(host: str, port: int, device_id: str) -> str:
    """The pin of whoever answers there: for a person to compare. Raises: TransientDeviceError: nobody does, or not in TLS."""
    wire = TcpWire(host, port, device_id)
    try:
        with _secured(wire._socket, device_id) as secured:  # noqa: SLF001  the same module
            return _pin(secured)
    finally:
        wire.close()


def _secured(plain: socket.socket, device_id: str) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # the pin says more than a name could
    context.verify_mode = ssl.CERT_NONE
    try:
        return context.wrap_socket(plain)
    except OSError as exc:
        plain.close()
        raise lost(device_id) from exc


def _pin(secured: ssl.SSLSocket) -> str:
    return hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()


class SerialWire:
    """A payment device on a serial port, 8N1."""

    def __init__(self, path: str, baud: int, device_id: str) -> None:
        from serial import Serial, SerialException

        self._device_id = device_id
        try:
            self._serial: Serial = Serial(path, baud, timeout=0, write_timeout=WRITE_S, exclusive=True)
            self._serial.reset_input_buffer()
        except (SerialException, OSError) as exc:
            raise lost(device_id) from exc

    def write(self, data: bytes) -> None:
        from serial import SerialException

        try:
            self._serial.write(data)
        except (SerialException, OSError) as exc:
            raise lost(self._device_id) from exc

    def read(self, timeout_s: float) -> bytes:
        from serial import SerialException

        try:
            self._serial.timeout = max(timeout_s, 0.001)
            first: bytes = self._serial.read(1)
            return first + self._serial.read(min(self._serial.in_waiting, CHUNK)) if first else b""
        except (SerialException, OSError) as exc:
            raise lost(self._device_id) from exc

    def close(self) -> None:
        with suppress(OSError):
            self._serial.close()


def lost(device_id: str) -> TransientDeviceError:
    """The device does not answer."""
    return TransientDeviceError(device_id, "payment_device_missing", HINTS["payment_device_missing"].step)
