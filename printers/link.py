"""The wire to a printer: non-blocking, waited on by its file number."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from contract.errors import ContractError


class Link(Protocol):
    """An open connection. Reading and writing never wait; a dead connection raises TransientDeviceError."""

    def fileno(self) -> int: ...

    def read(self) -> bytes:
        """What has come; empty when nothing has."""

    def write(self, data: bytes) -> int:
        """How many bytes of `data` were taken, perhaps none."""

    def close(self) -> None:
        """Drop it at once, with whatever was not yet delivered; twice is fine."""


def open_link(url: str, device_id: str, timeout_s: float) -> Link:
    """Connect to `tcp://host:port` (port 9100 if left out).

    Raises: ContractError: not such a URL; TransientDeviceError: nobody answers within `timeout_s`.
    """
    address = check_url(url)
    from printers.tcp import TcpLink

    return TcpLink(*address, device_id, timeout_s)


def check_url(url: str) -> tuple[str, int]:
    """Host and port. Raises: ContractError: the URL cannot name a printer."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port if parts.port is not None else 9100
    except ValueError as exc:
        raise ContractError(f"printer: {url!r}: tcp://host:port") from exc
    if parts.scheme != "tcp" or not host or parts.path or parts.query:
        raise ContractError(f"printer: {url!r}: tcp://host:port")
    return host, port
