"""A ZVT terminal on its line: registered for us alone, one command at a time, an unclear end is a doubt."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from contract.errors import ContractError, TransientDeviceError
from contract.hints import HINTS
from terminal.money import NUMERIC, Money
from terminal.pos.terminal import Answer, Closed, DoubtError, Receipt, Totals, never
from terminal.pos.zvt import fields
from terminal.pos.zvt.frames import DONE, Apdu
from terminal.pos.zvt.line import Line
from terminal.wire import lost

REGISTER, AUTHORISE, LAST, REVERSE, STATUS, STOP = 0x0600, 0x0601, 0x0620, 0x0630, 0x0501, 0x06B0
TURNOVER, END_OF_DAY = 0x0610, 0x0650
COMPLETED, ABORTED, RESULT = 0x060F, 0x061E, 0x040F
REFUSED = 0x84
NO_PAPER = 0xCC
CONFIG = 0xBA
"""80 receipts come to us, 20 and 10 we alone control it (what makes a watermark sound), 08 its progress is told, 02 we print."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `reply_s`: to the first answer (T3); `sale_s`: to the end of a sale (T4); `settle_s`: until an operation of which we
    lost sight must be over; `pause_s`: between two looks at it.
    """

    reply_s: float = 5.0
    sale_s: float = 180.0
    settle_s: float = 150.0
    pause_s: float = 0.5


@dataclass(frozen=True, slots=True)
class Quirks:
    """How a maker's terminal differs. `last_only`: it voids its last receipt, whichever number it is given (seen of PAX by Portalum.Zvt
    users), so that no other may be asked for; `charset`: of the card's name (CP437 by the standard, ISO 8859-1 by some).
    """

    last_only: bool = False
    charset: str = "cp437"


_LOOK_S = 0.2
"""So often a sale asks whether its visitor is still there."""


@dataclass(frozen=True, slots=True)
class _End:
    """How a command ended: `code` COMPLETED, ABORTED or 0x84xx (not begun), and the end's own data."""

    code: int
    data: bytes


class ZvtTerminal:
    """See `terminal.pos.terminal.CardTerminal`. `connect` makes a fresh line; `password`: six digits."""

    by_name = False
    refunds = False
    closes = True

    def __init__(
        self,
        connect: Callable[[], Line],
        currency: str,
        device: str,
        *,
        password: str = "000000",  # noqa: S107  the makers' own, the same in all
        timing: Timing = Timing(),
        quirks: Quirks = Quirks(),
    ) -> None:
        self._connect, self._currency, self._device, self._timing = connect, currency, device, timing
        self._quirks = quirks
        self._password = bytes.fromhex(password)
        self._log = structlog.get_logger(__name__).bind(device=device)
        self._line: Line | None = None

    def open(self) -> str:
        """See the port: the line as it is if the terminal answers on it, else a new one and a registration."""
        if self._line is not None:
            try:
                self._status()
            except TransientDeviceError:
                self.close()
            else:
                return "ZVT"
        self._line = self._connect()
        register = Apdu(REGISTER, self._password + bytes((CONFIG,)) + fields.packed(NUMERIC[self._currency], 2))
        until = time.monotonic() + self._timing.settle_s
        while (
            self._run(register, self._timing.reply_s).code != COMPLETED
        ):  # what an earlier line began goes on in there
            if time.monotonic() > until:
                raise _away(self._device, "payment_device_busy")
            time.sleep(self._timing.pause_s)
        self._let_finish(self._line)
        return "ZVT"

    def settle(self) -> None:
        """See the port."""
        until = time.monotonic() + self._timing.settle_s
        while (status := self._status()) != 0:
            if status == NO_PAPER:
                raise _away(self._device, "payment_device_paper")
            if time.monotonic() > until:
                raise _away(self._device, "payment_device_busy")
            time.sleep(self._timing.pause_s)

    def last(self) -> Receipt | None:
        """See the port. A terminal that ends without telling a receipt cannot be asked: that is no empty batch."""
        told: list[Receipt | None] = []

        def history(found: fields.Fields) -> None:
            told.append(fields.receipt(found, self._currency, self._quirks.charset))

        try:
            end = self._run(Apdu(LAST, self._password), self._timing.reply_s, history)
        except ContractError as exc:
            self._log.warning("pos.bad_receipt", error=str(exc))
            raise lost(self._device) from exc
        if told:
            return told[-1]
        if end.code != ABORTED:
            raise _away(self._device, "payment_device_busy" if end.code >> 8 == REFUSED else "payment_device_mute")
        return None

    def find(self, asked: Receipt) -> Receipt | None:
        """See the port: it tells its last receipt only."""
        last = self.last()
        return last if last is not None and last.number == asked.number else None

    def sell(self, amount: Money, offered: Callable[[Receipt], object], ended: Callable[[], bool] = never) -> Answer:
        """See the port. The receipt is remembered by `offered` before the terminal is told that the goods are issued."""
        data = b"\x04" + fields.packed(amount.minor, 6) + b"\x49" + fields.packed(NUMERIC[amount.currency], 2)
        return self._financial(Apdu(AUTHORISE, data), offered, ended)

    def reverse(self, sale: Receipt, offered: Callable[[Receipt], object]) -> Answer:  # noqa: ARG002  a void has no goods
        """See the port."""
        last = self.last() if self._quirks.last_only else None
        if last is not None and last.mark != sale.mark:
            return Answer(approved=False, code="it gives back its last receipt only")
        data = self._password + b"\x87" + fields.packed(int(sale.number), 2)
        return self._financial(Apdu(REVERSE, data), lambda _: None)

    def totals(self) -> Totals | None:
        """See the port. None: the terminal refuses (some do without paper), or what it tells does not add up."""
        told: list[fields.Turnover | None] = []
        try:
            self._run(
                Apdu(TURNOVER, self._password), self._timing.reply_s, lambda found: told.append(fields.turnover(found))
            )
        except ContractError as exc:
            self._log.warning("pos.bad_totals", error=str(exc))
            return None
        found = told[-1] if told else None
        return None if found is None else Totals(found.count, found.minor, self._currency)

    def close_batch(self) -> Closed:
        """See the port: 06 50. Its status information tells what was settled; what cannot be read of that changes nothing."""
        told: list[fields.Turnover | None] = []

        def settled(found: fields.Fields) -> None:
            try:
                told.append(fields.turnover(found))
            except ContractError as exc:
                self._log.warning("pos.bad_totals", error=str(exc))

        try:
            end = self._run(Apdu(END_OF_DAY, self._password), self._timing.sale_s, settled)
        except (TransientDeviceError, ContractError) as exc:
            self.close()
            said = exc.fault if isinstance(exc, TransientDeviceError) else str(exc)
            raise DoubtError(f"no answer to the end of day: {said}") from exc
        found = told[-1] if told else None
        totals = None if found is None else Totals(found.count, found.minor, self._currency)
        return Closed(end.code == COMPLETED, f"{end.code:04X} {end.data[:1].hex()}".strip(), totals)

    def close(self) -> None:
        """See the port."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _financial(self, apdu: Apdu, offered: Callable[[Receipt], object], ended: Callable[[], bool] = never) -> Answer:
        told: list[Receipt | None] = []

        def result(found: fields.Fields) -> None:
            told.append(fields.receipt(found, self._currency, self._quirks.charset))
            made = told[-1]
            if made is not None and made.approved:
                offered(made)

        try:
            end = self._run(apdu, self._timing.sale_s, result, ended)
        except (TransientDeviceError, ContractError) as exc:
            self.close()  # a late answer must not meet the next sale
            said = exc.fault if isinstance(exc, TransientDeviceError) else str(exc)
            raise DoubtError(f"no answer that can be used: {said}") from exc
        made = told[-1] if told else None
        if end.code == COMPLETED and made is not None and made.approved:
            return Answer(approved=True, code="00", receipt=made)
        if end.code == COMPLETED or (made is not None and made.approved):
            self.close()
            raise DoubtError(f"it ended with {end.code:04X}, and its receipt says otherwise")
        return Answer(approved=False, code=f"{end.code:04X} {end.data[:1].hex()}".strip(), receipt=made)

    # -- commands ---------------------------------------------------------------------------------------------------

    def _status(self) -> int:
        """What the terminal does: 0 nothing. It may also answer a status inquiry by refusing it while it is busy."""
        end = self._run(Apdu(STATUS, self._password), self._timing.reply_s)
        return 0xDF if end.code not in {COMPLETED, ABORTED} else end.data[0] if end.data else 0

    def _run(
        self,
        apdu: Apdu,
        timeout_s: float,
        result: Callable[[fields.Fields], object] = lambda _: None,
        ended: Callable[[], bool] = never,
    ) -> _End:
        """One command to its end; `result` hears status information before it is acknowledged; stopped once when `ended`.

        Raises: TransientDeviceError: no end in time. ContractError: status information that is none.
        """
        line = self._line
        if line is None:
            raise lost(self._device)
        line.send(apdu)
        answer = self._answer(line)
        if answer.code >> 8 == REFUSED:
            return _End(answer.code, answer.data)
        until = time.monotonic() + timeout_s
        stopped = False
        while True:
            while not stopped and not line.wait(_LOOK_S) and time.monotonic() < until:
                if ended():
                    line.send(Apdu(STOP))
                    stopped = True
            said = line.hear(until - time.monotonic())
            if said == DONE or said.code >> 8 == REFUSED:
                continue  # to STOP; refused: too late for it
            if said.code == RESULT:
                result(fields.parse(said.data))
            line.send(DONE)
            if said.code in {COMPLETED, ABORTED}:
                return _End(said.code, said.data)

    def _let_finish(self, line: Line) -> None:
        """What an earlier run began may still be told of on a fresh line: hear it to its end."""
        until = time.monotonic() + self._timing.reply_s
        with suppress(TransientDeviceError):  # silence, at last
            while time.monotonic() < until:
                line.hear(self._timing.pause_s)
                line.send(DONE)

    def _answer(self, line: Line) -> Apdu:
        """What it says to a command. Words of an operation that an earlier run began may come first: each is answered with
        80 00 00, which undoes nothing; what became of it is read from the receipts.
        """
        until = time.monotonic() + self._timing.reply_s
        while True:
            said = line.hear(until - time.monotonic())
            if said == DONE or said.code >> 8 == REFUSED:
                return said
            line.send(DONE)


def _away(device: str, fault: str) -> TransientDeviceError:
    return TransientDeviceError(device, fault, HINTS[fault].step)
