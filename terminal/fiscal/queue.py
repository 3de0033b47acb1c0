"""The worker that pays what is owed to the tax service: oldest first, again and again, and nobody waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Self

import structlog

from contract.errors import TransientDeviceError
from runtime.supervise import crash
from terminal.fiscal.book import Entry, FiscalBook
from terminal.fiscal.registrar import FiscalKind, FiscalRegistrar, FiscalState, RefusedError, Sale, ShiftReport

PAUSES_S = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
"""Between two tries while the registrar is away; the last one goes on for ever."""
BATCH = 50
"""So many receipts are taken from the book at a time."""
Closed = Callable[[ShiftReport | None, str], None]
"""Called with a shift's report, or with None and a sentence why there is none."""
_HAS = {FiscalState.REGISTERED, FiscalState.OFFLINE}


class FiscalQueue:
    """Owns the registrar and the one thread that talks to it. A dead registrar costs a visitor `wait` and no more."""

    def __init__(
        self,
        book: FiscalBook,
        registrar: FiscalRegistrar,
        device: str,
        *,
        pauses_s: tuple[float, ...] = PAUSES_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._book, self._registrar, self._pauses_s = book, registrar, pauses_s
        self._clock = clock
        self._log = structlog.get_logger(__name__).bind(device=device)
        self._news = threading.Condition()
        self._fresh, self._stopping, self._away = True, False, 0
        self._later: dict[str, float] = {}
        """Refused receipts → when they are asked for again."""
        self._looked: dict[str, float] = {}
        """Receipts with a number of the registrar's own → when it is asked again whether the tax service has them."""
        self._closing: list[Closed] = []
        """Who wants to hear of the shift's end."""
        self._thread = threading.Thread(target=crash(self._run), name=f"fiscal-{device}", daemon=True)
        self.fault = ""
        """A key of `contract.hints`, "" while nothing is wrong."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(5.0)

    def start(self) -> None:
        """Begin with what an earlier run left owed."""
        if self._registrar.needed:
            self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End after the question that is open; what is owed stays in the book. Twice is fine."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        if not self._thread.is_alive():
            self._registrar.close()

    def owe(self, sale: Sale) -> Entry:
        """A sale was paid. On disk when this returns, registered soon; said twice it is owed once."""
        return self._owe(sale, FiscalKind.SALE)

    def give_back(self, payment: str) -> Entry | None:
        """A payment was given back: so is its fiscal receipt. None: no sale of that payment was ever owed."""
        sold = self._book.entry(payment)
        return None if sold is None else self._owe(sold.sale, FiscalKind.REFUND)

    def wait(self, payment: str, timeout_s: float, kind: FiscalKind = FiscalKind.SALE) -> Entry | None:
        """The receipt as it stands once it is registered, or after `timeout_s`; None: nothing is owed."""
        until = time.monotonic() + timeout_s
        with self._news:
            while True:
                entry = self._book.entry(payment, kind)
                rest = until - time.monotonic()
                if entry is None or entry.state is not FiscalState.OWED or rest <= 0 or self._stopping:
                    return entry
                self._news.wait(min(rest, 0.5))

    @property
    def needed(self) -> bool:
        """Whether anything is registered here."""
        return self._registrar.needed

    def end_shift(self, told: Closed) -> None:
        """Register what is owed, then close the registrar's shift at the day's end; asking again is safe.

        `told` hears its report (None: there was never one), or why nobody knows whether it is closed; in this queue's thread.
        """
        with self._news:
            self._closing.append(told)
            self._fresh = True
            self._news.notify_all()

    def turn(self) -> bool:
        """Ask once for all that may be asked for now, as the thread does; False: the registrar is away."""
        try:
            while self._some_asked():
                pass
            self._hear_of_offline()
            self._end_shift()
        except TransientDeviceError as exc:
            self._missed(exc)
            return False
        self._fault("fiscal_refused" if self._later else "")
        return True

    # -- one receipt ------------------------------------------------------------------------------------------------

    def _owe(self, sale: Sale, kind: FiscalKind) -> Entry:
        entry = self._book.owe(sale, needed=self._registrar.needed, kind=kind)
        with self._news:
            self._fresh = True
            self._news.notify_all()
        return entry

    def _some_asked(self) -> bool:
        """Whether a batch was gone through in which something could be asked for: each is registered by it, or put off."""
        asked = 0
        for entry in self._book.having(FiscalState.OWED, BATCH + len(self._later)):
            if not self._stopping and self._due(entry):
                self._ask(entry)
                asked += 1
        return asked > 0

    def _due(self, entry: Entry) -> bool:
        if entry.kind is FiscalKind.REFUND:
            sold = self._book.entry(entry.sale.payment)
            if sold is None or sold.state not in _HAS:
                return False  # a sale is told of before it is taken back
        return self._later.get(entry.id, 0.0) <= self._clock()

    def _ask(self, entry: Entry) -> None:
        entry = self._book.asked(entry)
        try:
            if entry.kind is FiscalKind.SALE:
                told = self._registrar.register(entry.key, entry.sale)
            else:
                told = self._registrar.refund(entry.key, entry.sale, self._sold_key(entry))
        except RefusedError as exc:
            self._log.warning("fiscal.refused", receipt=entry.id, why=exc.why, spent=exc.spent)
            self._later[entry.id] = self._clock() + self._pauses_s[-1]
            self._tell(self._book.refused(entry, exc.why, spent=exc.spent))
            return
        self._later.pop(entry.id, None)
        self._tell(self._book.registered(entry, told))

    def _sold_key(self, entry: Entry) -> str:
        sold = self._book.entry(entry.sale.payment)
        return entry.key if sold is None else sold.key

    def _hear_of_offline(self) -> None:
        """What had a number of its own may have reached the tax service meanwhile."""
        for entry in self._book.having(FiscalState.OFFLINE, BATCH):
            if self._stopping or (self._looked.get(entry.id, 0.0) > self._clock() and not self._closing):
                continue
            told = self._registrar.look(entry.key)
            self._looked[entry.id] = self._clock() + self._pauses_s[-1]
            if told is not None and not told.offline:
                self._looked.pop(entry.id)
                self._tell(self._book.registered(entry, told))

    def _tell(self, entry: Entry) -> None:
        self._log.info("fiscal", receipt=entry.id, state=entry.state, tries=entry.tries)
        with self._news:
            self._news.notify_all()

    def _end_shift(self) -> None:
        if not self._closing:
            return
        try:
            report = self._registrar.close_shift()
        except RefusedError as exc:
            self._shift_ended(None, exc.why)
            return
        if report is not None:
            self._book.shift(report)
        self._shift_ended(report, "")

    def _shift_ended(self, report: ShiftReport | None, why: str) -> None:
        asked, self._closing = self._closing, []
        for told in asked:
            told(report, why)

    # -- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            with self._news:
                self._fresh = False
            pause = self._pauses_s[-1] if self.turn() else self._pauses_s[min(self._away, len(self._pauses_s)) - 1]
            with self._news:
                self._news.wait_for(lambda: self._fresh or self._stopping, pause)

    def _missed(self, exc: TransientDeviceError) -> None:
        self._away += 1
        self._log.debug("fiscal.unanswered", fault=exc.fault, tries=self._away)
        self._shift_ended(None, str(exc))
        self._fault("fiscal_away")

    def _fault(self, fault: str) -> None:
        if fault != "fiscal_away":
            self._away = 0
        if fault != self.fault:
            self._log.info("fiscal.fault", fault=fault or "none")
        self.fault = fault
