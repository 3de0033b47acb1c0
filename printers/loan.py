"""Lending a printer: a neighbour's box speaks to it over this one's line, as long as nothing of this box is on it.

Printers serve one client, so a neighbour cannot reach a printer whose line is held. It reaches this box instead, which passes
the bytes on unread. Whatever the borrower leaves behind is cleared before the printer is used again here.
"""

from __future__ import annotations

import select
import socket
from contextlib import suppress

from contract.errors import ContractError
from printers.link import Link

LOAN_S = 30.0
"""No paper takes so long; a borrower that is still there then has lost the printer."""
_PIECE = 4096


class Lender:
    """The door at `host:port` for borrowers, one at a time. `borrowed`: somebody is in."""

    def __init__(self, address: str) -> None:
        """Raises: ContractError: no such address, or the port is taken."""
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise ContractError(f"printer: lend {address!r}: host:port")
        try:
            self._door = socket.create_server((host, int(port)))
        except OSError as exc:
            raise ContractError(f"printer: lend {address!r}: {exc.strerror}: host:port of a free port") from exc
        self._door.settimeout(0)
        self._borrower: socket.socket | None = None
        self._until = 0.0
        self._to_printer = b""

    @property
    def port(self) -> int:
        return int(self._door.getsockname()[1])

    @property
    def borrowed(self) -> bool:
        return self._borrower is not None

    def door(self) -> int:
        """The file number that tells of somebody at the door."""
        return self._door.fileno()

    def admit(self, now: float) -> None:
        """Let in who stands at the door."""
        with suppress(OSError):
            self._borrower, _ = self._door.accept()
            self._borrower.settimeout(0)
            self._borrower.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._until, self._to_printer = now + LOAN_S, b""

    def pass_on(self, link: Link, now: float, wait_s: float) -> None:
        """Carry bytes both ways, waiting for the first; ends the loan when the borrower has left or its time is over.

        Raises: TransientDeviceError: the printer is gone.
        """
        if self._borrower is None:
            return
        poll = select.poll()
        poll.register(self._borrower, 0 if self._to_printer else select.POLLIN)
        poll.register(link.fileno(), select.POLLIN | (select.POLLOUT if self._to_printer and link.room else 0))
        poll.poll(wait_s * 1000)
        try:
            if not self._to_printer:
                self._to_printer = self._heard(self._borrower)
            if self._to_printer and link.room:
                self._to_printer = self._to_printer[link.write(self._to_printer) :]
            if said := link.read():
                self._borrower.sendall(said)
        except (ConnectionError, BlockingIOError):
            self.end()
        if now >= self._until:
            self.end()

    def end(self) -> None:
        """The loan is over; twice is fine."""
        borrower, self._borrower = self._borrower, None
        if borrower is not None:
            borrower.close()

    def close(self) -> None:
        """No more loans."""
        self.end()
        self._door.close()

    def _heard(self, borrower: socket.socket) -> bytes:
        try:
            data = borrower.recv(_PIECE)
        except BlockingIOError:
            return b""
        if not data:
            raise ConnectionResetError
        return data
