"""A CCNET acceptor on its line: question and answer, each bounded; what it says stands until it is acknowledged."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from contract.errors import TransientDeviceError
from terminal.cash.acceptor import Status
from terminal.cash.ccnet import frames as f
from terminal.money import Money
from terminal.wire import Wire, lost

REPLY_S = 0.3
TRIES = 3


class CcnetAcceptor:
    """See `terminal.cash.acceptor.BillAcceptor`. `connect` makes a fresh line."""

    def __init__(self, connect: Callable[[], Wire], currency: str, device: str, *, reply_s: float = REPLY_S) -> None:
        self._connect, self._currency, self._device, self._reply_s = connect, currency, device, reply_s
        self._wire: Wire | None = None
        self._reader = f.Reader()

    def open(self) -> Mapping[int, Money]:
        """See the port."""
        self.close()
        self._wire, self._reader = self._connect(), f.Reader()
        table = f.bill_table(self._ask(f.BILL_TABLE), self._currency)
        self.ack()
        if not table:
            raise lost(self._device)
        return table

    def poll(self) -> Status:
        """See the port."""
        return f.status(self._ask(f.POLL))

    def ack(self) -> None:
        """See the port."""
        self._send(f.ACK)

    def accept(self, kinds: frozenset[int]) -> None:
        """See the port."""
        self._tell(f.ENABLE, f.mask(kinds))

    def stack(self) -> None:
        """See the port. Whether it was heard is told by the next poll."""
        self._send_and_listen(f.STACK)

    def give_back(self) -> None:
        """See the port. Whether it was heard is told by the next poll."""
        self._send_and_listen(f.RETURN)

    def reset(self) -> None:
        """See the port."""
        self._tell(f.RESET)

    def close(self) -> None:
        """See the port."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _ask(self, command: int, data: bytes = b"") -> bytes:
        """The answer, asked for up to three times: only for what changes nothing when it is done twice."""
        for _ in range(TRIES):
            answer = self._once(command, data)
            if answer is not None and answer[0] != f.NAK:
                return answer
        raise lost(self._device)

    def _tell(self, command: int, data: bytes = b"") -> None:
        """Raises: TransientDeviceError: the acceptor does not take the command."""
        if self._ask(command, data)[0] != f.ACK:
            raise TransientDeviceError(
                self._device, "acceptor_failure", "the acceptor refused a command: switch it off and on"
            )

    def _send_and_listen(self, command: int) -> None:
        self._once(command, b"")

    def _once(self, command: int, data: bytes) -> bytes | None:
        self._send(command, data)
        until = time.monotonic() + self._reply_s
        while (left := until - time.monotonic()) > 0:
            if self._wire is None:
                raise lost(self._device)
            for payload in self._reader.feed(self._wire.read(left)):
                return payload
        return None

    def _send(self, command: int, data: bytes = b"") -> None:
        if self._wire is None:
            raise lost(self._device)
        self._wire.write(f.pack(command, data))
