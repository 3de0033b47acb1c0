"""A Kaspi terminal: a connection for each request, an operation followed by its name, an unclear end is a doubt."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from contract.errors import ContractError, PermanentDeviceError, TransientDeviceError
from contract.hints import HINTS
from terminal.money import Money
from terminal.pos.kaspi import permission
from terminal.pos.kaspi.frames import BUSY, OK, REFUSED, UNKNOWN_PROCESS, Reader, Reply, request
from terminal.pos.kaspi.permission import Permission
from terminal.pos.terminal import Answer, Closed, DoubtError, Kind, Receipt, Totals, never
from terminal.wire import Wire, lost


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `reply_s`: to an answer; `pair_s`: until somebody said yes on the screen; `sale_s`: to the end of a sale (terminals give up
    by themselves before); `settle_s`: until an operation of which we lost sight must be over; `poll_s`: between two looks;
    `actualize_s`: the least between two questions to the bank.
    """

    reply_s: float = 10.0
    pair_s: float = 60.0
    sale_s: float = 245.0
    settle_s: float = 150.0
    poll_s: float = 1.0
    actualize_s: float = 10.0


_TRIES = 3
"""So many looks in a row may fail before sight of an operation is lost."""
_TENGE = 100


class KaspiTerminal:
    """See `terminal.pos.terminal.CardTerminal`. `connect` makes a fresh TLS line; `file`: where its permission is kept.

    It knows no cancelling by the till: `ended` changes nothing. The word that an operation begins carries its name; where
    that word is lost, nothing can be asked any more.
    """

    by_name = True
    refunds = True
    closes = False

    def __init__(self, connect: Callable[[], Wire], device: str, file: Path, *, timing: Timing = Timing()) -> None:
        self._connect, self._device, self._file = connect, device, file
        self._timing = timing
        self._log = structlog.get_logger(__name__).bind(device=device)
        self._permission: Permission | None = None
        self._tid = ""
        self._actualize_at = 0.0

    def open(self) -> str:
        """See the port. Raises: PermanentDeviceError too: no permission, or one that cannot be renewed."""
        self._permission = permission.load(self._file)
        if self._permission is None:
            raise PermanentDeviceError(self._device, "payment_device_unpaired", HINTS["payment_device_unpaired"].step)
        told = self._ask("/v2/deviceinfo", {})
        if told.code in REFUSED:
            self._renew(self._permission)
            told = self._ask("/v2/deviceinfo", {})
        if told.code != OK:
            raise self._unusable(told.code)
        self._tid = told.word("terminalId") or told.word("serialNum")
        return f"Kaspi {told.word('serialNum')}".strip()

    def pair(self, name: str) -> None:
        """Ask to be allowed under `name`, and keep the permission; somebody must say yes on the terminal's screen.

        Raises: TransientDeviceError: nobody did; ContractError: it answers something else.
        """
        self._keep(name, self._ask("/v2/register", {"name": name}, self._timing.pair_s))

    def last(self) -> Receipt | None:
        """See the port: it has none to tell."""
        return None

    def settle(self) -> None:
        """See the port: `find` waits for the one operation it is asked about."""

    def find(self, asked: Receipt) -> Receipt | None:
        """See the port."""
        return self._follow(asked, self._timing.settle_s)

    def sell(
        self,
        amount: Money,
        offered: Callable[[Receipt], object],
        ended: Callable[[], bool] = never,  # noqa: ARG002  it cannot be cancelled from here
    ) -> Answer:
        """See the port. Whole tenge only."""
        if amount.minor % _TENGE:
            return Answer(approved=False, code=f"{amount}: it takes whole tenge only")
        words = {"amount": str(amount.minor // _TENGE), "owncheque": "true"}
        return self._operate("/v2/payment", words, Receipt("", Kind.SALE, amount, approved=False), offered)

    def reverse(self, sale: Receipt, offered: Callable[[Receipt], object]) -> Answer:
        """See the port: a refund, named by the bank's transaction and by what it was paid with, `qr` or `card`."""
        if not sale.rrn or sale.brand not in {"qr", "card"}:
            return Answer(approved=False, code="the sale's transaction is not known")
        words = {"amount": str(sale.amount.minor // _TENGE), "method": sale.brand, "transactionId": sale.rrn}
        return self._operate("/v2/refund", words, replace(sale, kind=Kind.REFUND, approved=False), offered)

    def totals(self) -> Totals | None:
        """See the port: not told."""
        return None

    def close_batch(self) -> Closed:
        """See the port: it has none."""
        raise TransientDeviceError(self._device, "payment_device_busy", "this terminal has no batch to close")

    def close(self) -> None:
        """See the port: there is no line between requests."""

    # -- operations -------------------------------------------------------------------------------------------------

    def _operate(
        self, path: str, words: Mapping[str, str], asked: Receipt, offered: Callable[[Receipt], object]
    ) -> Answer:
        told = self._begin(path, words)
        if told.code == BUSY or told.code in REFUSED:
            raise self._unusable(told.code)
        if told.code != OK:
            return Answer(approved=False, code=str(told.code))
        if not told.word("processId"):
            raise DoubtError("it was begun, and its name was not told")
        begun = replace(asked, number=told.word("processId"), tid=self._tid)
        offered(begun)
        try:
            found = self._follow(begun, self._timing.sale_s)
        except TransientDeviceError as exc:
            raise DoubtError(f"sight of operation {begun.number} was lost: {exc.fault}") from exc
        if found is None:
            raise DoubtError(f"the terminal does not know its operation {begun.number} any more")
        return Answer(found.approved, "success" if found.approved else "fail", found)

    def _begin(self, path: str, words: Mapping[str, str]) -> Reply:
        """Raises: TransientDeviceError: no byte left; DoubtError: some may have."""
        with closing(self._connect()) as wire:
            try:
                return self._exchange(wire, path, words, self._timing.reply_s)
            except (TransientDeviceError, ContractError) as exc:
                said = exc.fault if isinstance(exc, TransientDeviceError) else str(exc)
                raise DoubtError(f"no answer that can be used: {said}") from exc

    def _follow(self, asked: Receipt, limit_s: float) -> Receipt | None:
        """See `find`, within `limit_s`."""
        until = time.monotonic() + limit_s
        failed = 0
        path = "/v2/status"
        while True:
            try:
                told = self._look(path, asked.number)
                failed = 0
                if told.code == UNKNOWN_PROCESS:
                    return None
                if told.word("status") in {"success", "fail"}:
                    return self._receipt(asked, told)
                path = "/v2/actualize" if told.word("status") == "unknown" else "/v2/status"
            except TransientDeviceError:
                failed += 1
                if failed >= _TRIES:
                    raise
            if time.monotonic() > until:
                raise self._unusable(BUSY)
            time.sleep(self._timing.poll_s)

    def _look(self, path: str, name: str) -> Reply:
        """One look at an operation. Raises: TransientDeviceError: it answers nothing of it."""
        if path == "/v2/actualize":
            if time.monotonic() < self._actualize_at:
                path = "/v2/status"
            else:
                self._actualize_at = time.monotonic() + self._timing.actualize_s
        told = self._ask(path, {"processId": name})
        if told.code not in {OK, UNKNOWN_PROCESS} or told.word("processId") not in {"", name}:
            raise self._unusable(told.code)
        return told

    def _receipt(self, asked: Receipt, told: Reply) -> Receipt:
        """The amount is the one that was asked for: the name alone says that this is it."""
        return replace(
            asked,
            approved=told.word("status") == "success",
            tid=self._tid,
            rrn=told.word("transactionId"),
            pan=told.word("cardMask"),
            brand=told.word("method") or asked.brand,
        )

    # -- requests ---------------------------------------------------------------------------------------------------

    def _ask(self, path: str, words: Mapping[str, str], timeout_s: float | None = None) -> Reply:
        """Of what moves no money. Raises: TransientDeviceError: no answer, or none that can be read."""
        with closing(self._connect()) as wire:
            try:
                return self._exchange(wire, path, words, timeout_s or self._timing.reply_s)
            except ContractError as exc:
                self._log.warning("pos.bad_answer", path=path, error=str(exc))
                raise lost(self._device) from exc

    def _exchange(self, wire: Wire, path: str, words: Mapping[str, str], timeout_s: float) -> Reply:
        token = self._permission.access if self._permission else ""
        wire.write(request(path, words, self._device, token))
        reader, until = Reader(), time.monotonic() + timeout_s
        while (left := until - time.monotonic()) > 0:
            told = reader.feed(wire.read(left))
            if told is not None:
                return told
        raise lost(self._device)

    def _renew(self, old: Permission) -> None:
        told = self._ask("/v2/revoke", {"name": old.name, "refreshToken": old.refresh})
        if told.code != OK:
            raise PermanentDeviceError(self._device, "payment_device_unpaired", HINTS["payment_device_unpaired"].step)
        self._keep(old.name, told)

    def _keep(self, name: str, told: Reply) -> None:
        if told.code != OK or not (told.word("accessToken") and told.word("refreshToken")):
            raise self._unusable(told.code)
        self._permission = Permission(name, told.word("accessToken"), told.word("refreshToken"))
        permission.save(self._file, self._permission)

    def _unusable(self, code: int) -> TransientDeviceError:
        fault = "payment_device_unpaired" if code in REFUSED else "payment_device_busy"
        return TransientDeviceError(self._device, fault, HINTS[fault].step)
