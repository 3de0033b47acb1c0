"""What staff want of a terminal's money, asked through the hall: each order is begun once, and answered by a fact or a paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import structlog

from contract import messages as m
from contract.hall import Hall
from contract.words import HallState
from printers.document import Doc
from runtime.clock import utc_now
from terminal.fiscal.book import FiscalBook
from terminal.fiscal.queue import Closed, FiscalQueue
from terminal.fiscal.registrar import ShiftReport
from terminal.money import Money
from terminal.papers import receipt as papers
from terminal.payments.audit import Audit
from terminal.payments.balance import Balance
from terminal.payments.book import Book
from terminal.till import CardClerk, CashClerk

log = structlog.get_logger(__name__)

FISCAL = "fiscal"
"""The registrar's name among the devices."""
SHIFT_AGAIN_S = 300.0
"""After the hall's day, a shift that could not be closed is asked to be closed again so often."""


class Office:
    """Used by the box's thread; what ends a shift is heard in the registrar's.

    `card`, `cash`: None where there is no such device; `paper(key, doc)`: prints; `told`: there is something for the hall.
    """

    def __init__(
        self,
        book: Book,
        audit: Audit,
        card: CardClerk | None,
        cash: CashClerk | None,
        fiscal: FiscalQueue,
        fiscal_book: FiscalBook,
        paper: Callable[[str, Doc], None],
        told: Callable[[], None],
    ) -> None:
        self._book, self._audit, self._card, self._cash = book, audit, card, cash
        self._fiscal, self._fiscal_book, self._paper, self._told = fiscal, fiscal_book, paper, told
        self._day: date = utc_now().date()
        self._ended: date | None = None
        """The hall's day at whose end the shift was closed."""
        self._end_at = 0.0

    def order(self, order: m.TillOrder, hall: Hall | None, changed: Callable[[], None]) -> None:
        """Do it. `changed`: called when a payment may have changed."""
        match order.do:
            case "decide" | "reverse" if self._card is not None:
                self._card.decide(order, changed)
            case "cards" if self._card is not None:
                self._card.close(order, self._day)
            case "balance" if self._once(order):
                self._balance(order)
            case "shift" if self._once(order):
                self._end_shift(order, self._day)
            case "print" if hall is not None and self._once(order):
                self._print(order, hall)
            case _:
                log.info("office.not_done", errand=order.id, do=order.do)

    def beat(self, beat: m.Heartbeat, now: float) -> None:
        """How the hall is, now and then: at the end of its day the registrar's shift is closed, as the law wants it."""
        self._day = beat.day or self._day
        over = beat.state is HallState.CLOSED and beat.day is not None and beat.day != self._ended
        if over and self._fiscal.needed and now >= self._end_at:
            self._end_at = now + SHIFT_AGAIN_S
            self._end_shift(None, self._day)

    def _once(self, order: m.TillOrder) -> bool:
        return self._book.begin(order.id, order.do, "", order.who)

    def _balance(self, order: m.TillOrder) -> None:
        if self._card is not None and order.cassette is None:
            self._card.balance(self._day)
        if self._cash is not None:
            self._cash.balance(order, self._day)

    # -- the registrar's shift ----------------------------------------------------------------------------------------

    def _end_shift(self, order: m.TillOrder | None, day: date) -> None:
        if not self._fiscal.needed:
            self._not_ended(order, "sales are registered elsewhere")
            return
        self._fiscal.end_shift(self._shift_ended(order, day))

    def _shift_ended(self, order: m.TillOrder | None, day: date) -> Closed:
        def ended(report: ShiftReport | None, why: str) -> None:
            if report is None and why:
                self._not_ended(order, why)
                return
            if order is None:
                self._ended = day
            if report is None:
                self._not_ended(order, "there was no shift yet")
                return
            ours, owed = self._fiscal_book.of_shift(report.shift), self._fiscal_book.owed()
            self._audit.shift(FISCAL, report, ours, owed, order, day)
            self._told()

        return ended

    def _not_ended(self, order: m.TillOrder | None, why: str) -> None:
        log.warning("office.shift_not_closed", why=why)
        if order is not None:
            self._audit.not_closed(FISCAL, order, why)
            self._told()

    # -- papers -------------------------------------------------------------------------------------------------------

    def _print(self, order: m.TillOrder, hall: Hall) -> None:
        made = self._audit.find(order.device or "", order.batch or "")
        if made is None:
            log.info("office.no_balance", errand=order.id, device=order.device, batch=order.batch)
            return
        lang = order.lang if order.lang in hall.languages else hall.default_language
        since, taken_out = self._audit.emptied(made)
        if taken_out is None:
            self._paper(order.id, papers.balance(hall, lang, _balance(made)))
        else:
            facts = _collection(made, since, taken_out, self._audit.contents(made.batch))
            self._paper(order.id, papers.collection(hall, lang, facts))


def _balance(made: Balance) -> papers.BalanceFacts:
    theirs = None if made.theirs_minor is None else Money(made.theirs_minor, made.currency)
    return papers.BalanceFacts(
        device=made.device, batch=made.batch, method=made.method, at=datetime.fromisoformat(made.at), state=made.state,
        ours=Money(made.ours_minor, made.currency), ours_count=made.ours_count, theirs=theirs, theirs_count=made.theirs_count,
        unknown=made.unknown, balances=made.balances, why=made.why, by=made.by, note=made.note,
    )  # fmt: skip


def _collection(made: Balance, since: str | None, taken_out: str, notes: dict[int, int]) -> papers.CollectionFacts:
    return papers.CollectionFacts(
        cassette=made.batch, device=made.device, at=datetime.fromisoformat(taken_out),
        since=None if since is None else datetime.fromisoformat(since), notes=notes, currency=made.currency,
        nobodys=made.nobodys, doubtful=made.unknown, counted=made.counted, by=made.by, note=made.note,
    )  # fmt: skip
