"""A PrivatBank terminal on a line: one request at a time, every wait bounded, an unclear end is a doubt."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from contract.errors import ContractError, TransientDeviceError
from contract.hints import HINTS
from terminal.money import Money
from terminal.pos.privat.frames import APPROVED, PARTIAL, Message, Reader, receipt, request
from terminal.pos.terminal import Answer, Closed, DoubtError, Kind, Receipt, Totals, never
from terminal.wire import Wire, lost


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `sale_s`: a visitor looks for the card and types the PIN, the bank answers; `settle_s`: until an operation of
    which we lost sight must be over; `pause_s`: between two requests, terminals were seen to miss one that comes sooner;
    `redial_s`: before a terminal takes the next connection.
    """

    reply_s: float = 5.0
    sale_s: float = 180.0
    settle_s: float = 150.0
    pause_s: float = 0.1
    redial_s: float = 1.0


_IDLE = {"0", ""}
_LOOK_S = 0.2
"""So often a sale asks whether its visitor is still there."""
_BATCH_LIMIT = 500
"""Receipts of a batch that are read one by one for its totals."""


class PrivatTerminal:
    """See `terminal.pos.terminal.CardTerminal`. `connect` makes a fresh line; `merchant`: the terminal's own number of it."""

    by_name = False
    refunds = True
    closes = True

    def __init__(
        self,
        connect: Callable[[], Wire],
        currency: str,
        device: str,
        *,
        merchant: str = "0",
        timing: Timing = Timing(),
    ) -> None:
        self._connect, self._currency, self._device, self._merchant = connect, currency, device, merchant
        self._timing = timing
        self._log = structlog.get_logger(__name__).bind(device=device)
        self._wire: Wire | None = None
        self._reader = Reader()
        self._waiting: list[Message] = []
        self._say_at = 0.0
        self._name = ""

    def open(self) -> str:
        """The line as it is, if it answers; else a new one. See the port."""
        if self._wire is not None:
            try:
                self._greet()
            except TransientDeviceError:
                self.close()
            else:
                return self._name
        # Handshake, name and work on a line each: the one order that every maker's terminal takes (protocol, annex).
        for greet in (self._greet, self._identify):
            self._dial()
            greet()
            self.close()
            time.sleep(self._timing.redial_s)
        self._dial()
        return self._name

    def last(self) -> Receipt | None:
        """See the port."""
        return self._receipt("")

    def find(self, asked: Receipt) -> Receipt | None:
        """See the port: the receipt of this batch with that number, whatever it is about."""
        return self._receipt(asked.number)

    def totals(self) -> Totals | None:
        """See the port. The protocol tells totals as a text for people only, so the batch's receipts are added up; None: too many."""
        last = self.last()
        count = 0 if last is None else int(last.number)
        if count > _BATCH_LIMIT:
            return None
        found = [self._receipt(str(number)) for number in range(1, count + 1)]
        taken = [one.amount.minor for one in found if one and one.approved and one.kind is Kind.SALE]
        given = [one.amount.minor for one in found if one and one.approved and one.kind is Kind.REFUND]
        return Totals(len(taken), sum(taken) - sum(given), self._currency)

    def _receipt(self, number: str) -> Receipt | None:
        """The answer's `error` is about the question, its response code about the receipt. `number` "": the last one."""
        reply = self._ask("GetReceiptInfo", {"invoiceNumber": number})
        try:
            return None if reply.error else receipt(reply, self._currency)
        except ContractError as exc:
            self._log.warning("pos.bad_receipt", error=str(exc))
            raise lost(self._device) from exc

    def settle(self) -> None:
        """See the port."""
        until = time.monotonic() + self._timing.settle_s
        while True:
            reply = self._service("getLastStatMsgCode")
            if reply.params.get("LastStatMsgCode", reply.params.get("lastStatMsgCode", "")) in _IDLE:
                return
            if time.monotonic() > until:
                raise busy(self._device)
            time.sleep(self._timing.pause_s)

    def sell(
        self,
        amount: Money,
        offered: Callable[[Receipt], object],  # noqa: ARG002  it asks nothing
        ended: Callable[[], bool] = never,
    ) -> Answer:
        """See the port. All four fields are sent: a Newland N950 refuses a sale without them."""
        words = {"amount": amount.decimal, "discount": "", "merchantId": self._merchant, "facepay": "false"}
        return self._financial("Purchase", words, Kind.SALE, ended)

    def reverse(self, sale: Receipt, offered: Callable[[Receipt], object]) -> Answer:  # noqa: ARG002  it asks nothing
        """See the port. A void where the batch still has this very sale; else its number is another's by now, and the RRN names it."""
        held = self.find(sale)
        if held is not None and held.rrn == sale.rrn:
            return self._financial(
                "Withdrawal", {"invoiceNumber": sale.number, "merchantId": self._merchant}, Kind.VOID
            )
        if not sale.rrn:
            return Answer(approved=False, code="its batch is closed, and it has no RRN")
        words = {"amount": sale.amount.decimal, "discount": "", "merchantId": self._merchant, "rrn": sale.rrn}
        return self._financial("Refund", words, Kind.REFUND)

    def close_batch(self) -> Closed:
        """See the port: `Verify`, its Z balance, which withdraws the totals. It tells them as a text for people only."""
        try:
            self._say("Verify", {"merchantId": self._merchant})
            reply = self._hear("Verify", self._timing.sale_s)
        except TransientDeviceError as exc:
            self.close()
            raise DoubtError(f"no answer to the end of day: {exc.fault}") from exc
        if reply.method != "Verify":
            raise busy(self._device)
        return Closed(not reply.error and reply.code in {APPROVED, ""}, reply.code or reply.said or "error")

    def close(self) -> None:
        """See the port."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _financial(
        self, method: str, params: Mapping[str, str], kind: Kind, ended: Callable[[], bool] = never
    ) -> Answer:
        try:
            self._say(method, params)
            reply = self._end(method, ended)
            made = receipt(reply, self._currency)
        except (TransientDeviceError, ContractError) as exc:
            self.close()  # a late answer must not meet the next sale
            said = exc.fault if isinstance(exc, TransientDeviceError) else str(exc)
            raise DoubtError(f"no answer that can be used: {said}") from exc
        if reply.method != method:  # busy: something else goes on in there
            self.close()
            raise DoubtError("the terminal is busy with something else")
        if made is not None and made.kind is not kind and kind is Kind.SALE:
            self.close()
            raise DoubtError(f"the answer is about a {made.kind}")
        approved = not reply.error and reply.code in {APPROVED, PARTIAL}
        return Answer(approved, reply.code or reply.said or "error", made)

    def _end(self, method: str, ended: Callable[[], bool]) -> Message:
        """The answer to an operation; it is interrupted once when `ended`, and answers then, too."""
        until = time.monotonic() + self._timing.sale_s
        told = False
        while not (self._listen(method, min(_LOOK_S, until - time.monotonic())) or time.monotonic() > until):
            if not told and ended():
                self._say("ServiceMessage", {"msgType": "interrupt"})
                told = True
        return self._hear(method, 0.0)

    # -- the line ---------------------------------------------------------------------------------------------------

    def _dial(self) -> None:
        self._wire, self._reader, self._waiting = self._connect(), Reader(), []

    def _greet(self) -> None:
        self._say("PingDevice", None)
        pong = self._hear("PingDevice", self._timing.reply_s)
        if pong.error or pong.code not in {APPROVED, ""}:  # busy is fine: `settle` waits
            raise lost(self._device)

    def _identify(self) -> None:
        who = self._service("identify")
        self._name = f"{who.params.get('vendor', '')} {who.params.get('model', '')}".strip()

    # -- messages ---------------------------------------------------------------------------------------------------

    def _ask(self, method: str, params: Mapping[str, str] | None) -> Message:
        self._say(method, params)
        reply = self._hear(method, self._timing.reply_s)
        if reply.method != method:
            raise busy(self._device)
        return reply

    def _service(self, what: str) -> Message:
        self._say("ServiceMessage", {"msgType": what})
        until = time.monotonic() + self._timing.reply_s
        while True:
            reply = self._hear("ServiceMessage", until - time.monotonic())
            if reply.params.get("msgType") == what:
                return reply

    def _say(self, method: str, params: Mapping[str, str] | None) -> None:
        if self._wire is None:
            raise lost(self._device)
        time.sleep(max(0.0, self._say_at - time.monotonic()))
        self._wire.write(request(method, params))
        self._say_at = time.monotonic() + self._timing.pause_s

    def _hear(self, method: str, timeout_s: float) -> Message:
        """The next message of `method`, or the word that the terminal is busy; the rest is passed over.

        Raises: TransientDeviceError: none came in time, or the line is dead.
        """
        if not self._listen(method, timeout_s):
            raise lost(self._device)
        return self._waiting.pop(0)

    def _listen(self, method: str, timeout_s: float) -> bool:
        """Whether such a message waits at the head now. Raises: TransientDeviceError: the line is dead."""
        until = time.monotonic() + timeout_s
        while True:
            while self._waiting:
                if self._waiting[0].method == method or self._waiting[0].params.get("msgType") == "deviceBusy":
                    return True
                del self._waiting[0]
            left = until - time.monotonic()
            if left <= 0:
                return False
            if self._wire is None:
                raise lost(self._device)
            self._waiting += self._reader.feed(self._wire.read(left))


def busy(device: str) -> TransientDeviceError:
    """Something else goes on in the terminal."""
    return TransientDeviceError(device, "payment_device_busy", HINTS["payment_device_busy"].step)
