"""The wire to a printer: non-blocking, waited on by its file number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from contract.errors import ContractError

USUAL = "tcp://host:port, usblp:///dev/usb/lp0, serial:///dev/ttyUSB0?baud=38400&flow=xonxoff, or cups://queue"
BAUDS = (9600, 19200, 38400, 57600, 115200)
FLOWS = ("xonxoff", "rtscts", "none")


class Link(Protocol):
    """An open connection. Reading and writing never wait; a dead connection raises TransientDeviceError.

    `rate_bytes_s`: what the line carries at the least; `lag_s`: how long bytes it took may lie before they reach the printer;
    `slow`: worth leaving white out; `room`: it is time to write; `rest_s`: so long the device must stay closed before it is opened again.
    """

    @property
    def rate_bytes_s(self) -> float: ...
    @property
    def lag_s(self) -> float: ...
    @property
    def slow(self) -> bool: ...
    @property
    def room(self) -> bool: ...
    @property
    def rest_s(self) -> float: ...

    def fileno(self) -> int: ...

    def read(self) -> bytes:
        """What has come; empty when nothing has."""

    def write(self, data: bytes) -> int:
        """How many bytes of `data` were taken, perhaps none."""

    def close(self) -> None:
        """Drop it at once, with whatever was not yet delivered; twice is fine."""


@dataclass(frozen=True, slots=True)
class Address:
    """A printer's URL, taken apart. `name`: host, device file or queue; `port`: of TCP; `baud`, `flow`: of a serial line."""

    scheme: str
    name: str
    port: int = 9100
    baud: int = 38400
    flow: str = "xonxoff"


def open_link(url: str, device_id: str, timeout_s: float) -> Link:
    """Connect to a printer that answers: any address but cups.

    Raises: ContractError: not such a URL; TransientDeviceError: nobody answers within `timeout_s`, or the device is not there.
    """
    address = check_url(url)
    match address.scheme:
        case "tcp":
            from printers.tcp import TcpLink

            return TcpLink(address.name, address.port, device_id, timeout_s)
        case "usblp":
            from printers.usblp import UsbLink

            return UsbLink(address.name, device_id)
        case "serial":
            from printers.serial import SerialLink

            return SerialLink(address.name, address.baud, address.flow, device_id)
        case _:
            raise _wrong(url)


def check_url(url: str) -> Address:
    """The address in `url`. Raises: ContractError: the URL cannot name a printer."""
    try:
        parts = urlsplit(url)
        host, port, query = parts.hostname, parts.port, parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError as exc:
        raise _wrong(url) from exc
    match parts.scheme:
        case "tcp" if host and not parts.path and not query:
            return Address("tcp", host, 9100 if port is None else port)
        case "cups" if parts.netloc and not parts.path and not query:
            return Address("cups", parts.netloc)
        case "usblp" if parts.path.startswith("/") and not parts.netloc and not query:
            return Address("usblp", parts.path)
        case "serial" if parts.path.startswith("/") and not parts.netloc:
            return _serial(url, parts.path, {key: values[-1] for key, values in query.items()})
        case _:
            raise _wrong(url)


def _serial(url: str, path: str, query: dict[str, str]) -> Address:
    baud, flow = query.pop("baud", "38400"), query.pop("flow", "xonxoff")
    if query or baud not in map(str, BAUDS) or flow not in FLOWS:
        raise ContractError(f"printer: {url!r}: baud one of {BAUDS}, flow one of {', '.join(FLOWS)}")
    return Address("serial", path, baud=int(baud), flow=flow)


def _wrong(url: str) -> ContractError:
    return ContractError(f"printer: {url!r}: {USUAL}")
