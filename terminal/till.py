"""The threads behind the tills: an order goes in, how it was paid comes out, whatever happens to the device or to us.

The tills make sure that money is neither taken twice nor lost; here an order gets its end: paid, unpaid, doubtful, or a claim.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import structlog

from contract import messages as m
from contract.errors import ContractError, DeviceError, TransientDeviceError
from contract.words import PaymentState
from terminal.clerk import Clerk
from terminal.payments.audit import Audit
from terminal.payments.book import Book
from terminal.payments.card_till import CardTill
from terminal.payments.cash_till import CashTill
from terminal.payments.note import NoteState
from terminal.payments.order import Order, OrderState
from terminal.payments.payment import DOUBTFUL, Payment
from terminal.state import Claimed, Credited, Doubtful, Paid, PayStep, Receipt, Unpaid

log = structlog.get_logger(__name__)

CARD_REST_S = 0.5
LOOK_S = 30.0
"""How often a card terminal that does nothing is asked how it is; while a payment is unknown, or it is away: `AWAY_S`."""
AWAY_S = 5.0
CASH_REST_S = 0.5
"""How often an acceptor that takes nothing is heard: a cassette that is taken out says so only while it is listened to."""
CANCELLED = "cancelled"

Ending = Credited | Paid | Unpaid | Doubtful | Claimed | PayStep
Told = Callable[[Ending], None]
Faults = Callable[[str, str | None, str | None], None]
"""Called with the device and its fault before and now, keys of `contract.hints`, None for none."""


class _Trouble:
    """One thing that may be wrong with a device: told when it comes and when it goes, `changed` when it matters to a visitor."""

    def __init__(self, device: str, on_fault: Faults, changed: Callable[[], None]) -> None:
        self.device = device
        self.fault: str | None = None
        """A key of `contract.hints`, "" for none, None: not known yet."""
        self._on_fault, self._changed = on_fault, changed

    def is_(self, fault: str) -> None:
        before, self.fault = self.fault, fault
        if before != fault:
            self._on_fault(self.device, before or None, fault or None)
            self._changed()


class CardClerk(Clerk):
    """Owns one card terminal's till. `told`: ends of payments, also late ones of earlier visitors; called in this thread.

    `ready`: a sale can be begun.
    """

    def __init__(
        self,
        book: Book,
        till: CardTill,
        audit: Audit,
        device: str,
        told: Told,
        on_fault: Faults,
        changed: Callable[[], None],
    ) -> None:
        super().__init__("card-till", CARD_REST_S)
        self._book, self._till, self._audit, self._told = book, till, audit, told
        self.device, self._trouble = device, _Trouble(device, on_fault, changed)
        self._stop = ""
        self._look_at = 0.0
        self._unknown = 0

    @property
    def ready(self) -> bool:
        """Whether a card can be taken now, as far as is known."""
        return self._trouble.fault == ""

    def unit(self) -> m.UnitHealth:
        """The card terminal as health tells it."""
        return m.UnitHealth(kind="card_terminal", figures={"unknown_count": self._unknown})

    def pay(self, order: Order) -> None:
        """Have the order's sum taken from a card; told by `Paid`, `Unpaid` or `Doubtful`."""
        self._stop = ""
        if not self.give(lambda: self._pay(order.id)):
            self._told(Unpaid(order.id, "payment_device_busy"))

    def stop_paying(self, order: str) -> None:
        """Let go of the order's sale, if that is still possible."""
        self._stop = order

    def printed(self, payment: str) -> None:
        """The payment's receipt is on paper."""
        self.give(lambda: self._slip(payment))

    def balance(self, day: date) -> None:
        """Hold the terminal's batch against its own word; told to the hall."""
        self.give(lambda: self._balance(day))

    def close(self, errand: m.TillOrder, day: date) -> None:
        """Have the terminal's batch closed, never twice by the same id; told to the hall."""
        self.give(lambda: self._close(errand, day))

    def decide(self, errand: m.TillOrder, done: Callable[[], None] = lambda: None) -> None:
        """Do what staff want of a payment; never twice by the same id."""
        self.give(lambda: self._errand(errand, done))

    # --- in this thread ------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        unsettled = self._book.unsettled(self.device)
        open_orders = [order.id for order in self._book.orders(state=OrderState.OPEN.value)]
        self._till.recover()
        self._settled([each for each in unsettled if each.order not in open_orders])
        for order in open_orders:
            for payment in self._book.payments(order)[-1:]:
                self._late(order, payment)

    def _idle(self) -> None:
        now = time.monotonic()
        if now < self._look_at:
            return
        unsettled = self._book.unsettled(self.device)
        try:
            self._till.look()
        except DeviceError as exc:
            self._trouble.is_(exc.fault)
        else:
            self._trouble.is_("")
        self._look_at = now + (LOOK_S if self.ready else AWAY_S)
        self._settled(unsettled)

    def _end(self) -> None:
        self._till.close()

    def _pay(self, order_id: str) -> None:
        order = self._book.order(order_id)
        if order is None or order.state is OrderState.ABANDONED:
            return
        if self._book.credit(order_id):  # notes lie inside: one way an order
            self._told(Unpaid(order_id, "payment_device_busy"))
            return
        self._told(PayStep(order_id, "present"))
        unsettled = self._book.unsettled(self.device)
        try:
            payment = self._till.pay(order_id, order.amount, lambda: self._stop == order_id or self.stopping.is_set())
        except DeviceError as exc:
            self._trouble.is_(exc.fault)
            self._told(Unpaid(order_id, exc.fault))
        else:
            self._trouble.is_("payment_unknown" if payment.state in DOUBTFUL else "")
            self._end_of(order_id, payment)
        self._settled([each for each in unsettled if each.order != order_id])
        self._look_at = time.monotonic() + (LOOK_S if self.ready else AWAY_S)

    def _settled(self, before: list[Payment]) -> None:
        """Tell how those payments ended that were unknown before and are not any more."""
        self._unknown = len(self._book.unsettled(self.device))
        for earlier in before:
            payment = self._book.payment(earlier.id)
            if payment is not None and payment.state not in DOUBTFUL:
                self._late(payment.order, payment)

    def _late(self, order_id: str, payment: Payment) -> None:
        """An end that was found out: where nothing was taken, nothing more is tried for that order."""
        if payment.state not in DOUBTFUL and payment.state is not PaymentState.APPROVED:
            self._book.change(order_id, lambda each: each.abandoned(self._book.now()))
        self._end_of(order_id, payment)

    def _end_of(self, order_id: str, payment: Payment) -> None:
        match payment.state:
            case PaymentState.APPROVED:
                order = self._book.change(order_id, lambda each: each.paid("card", payment.id, self._book.now()))
                if order.payment != payment.id:  # notes have paid it; staff have decided, and will give this back
                    return
                self._told(Paid(order_id, Receipt("card", payment.id, order.code, _facts(payment))))
            case PaymentState.DECLINED | PaymentState.REVERSED:
                self._told(Unpaid(order_id, CANCELLED if self._stop == order_id else "declined"))
            case PaymentState.NOT_PERFORMED:
                self._told(Unpaid(order_id, CANCELLED if self._stop == order_id else "not_performed"))
            case _:
                self._told(Doubtful(order_id))

    def _balance(self, day: date) -> None:
        self._audit.cards(self._till, day)

    def _close(self, errand: m.TillOrder, day: date) -> None:
        if not self._book.begin(errand.id, errand.do, "", errand.who):
            return
        try:
            self._audit.close(self._till, errand, day)
        except (ContractError, DeviceError) as exc:
            log.warning("till.errand_not_done", errand=errand.id, do=errand.do, why=str(exc))
            self._audit.not_closed(self.device, errand, str(exc))
        self._look_at = 0.0

    def _slip(self, payment: str) -> None:
        self._till.printed(payment)

    def _errand(self, errand: m.TillOrder, done: Callable[[], None]) -> None:
        payment = errand.payment or ""
        if not self._book.begin(errand.id, errand.do, payment, errand.who):
            return
        unsettled = self._book.unsettled(self.device)
        try:
            if errand.do == "decide" and errand.state is not None:
                self._till.decide(payment, errand.state, errand.who, errand.why)
            elif errand.do == "reverse":
                self._till.reverse(payment, errand.who, errand.why)
        except (ContractError, DeviceError) as exc:
            log.warning("till.errand_not_done", errand=errand.id, do=errand.do, payment=payment, why=str(exc))
            self._not_done(errand, str(exc))
        self._settled(unsettled)
        self._look_at = 0.0
        done()

    def _not_done(self, errand: m.TillOrder, why: str) -> None:
        """The hall hears why: the payment is told again as it is."""
        payment = self._book.payment(errand.payment or "")
        if payment is not None and payment.device == self.device:
            self._book.save(replace(payment, note=f"{errand.do} not done: {why}"[:200]), who=errand.who)


class CashClerk(Clerk):
    """Owns one note acceptor's till. `told`, `ready`: as of `CardClerk`."""

    def __init__(
        self,
        book: Book,
        till: CashTill,
        audit: Audit,
        device: str,
        told: Told,
        on_fault: Faults,
        changed: Callable[[], None],
    ) -> None:
        super().__init__("cash-till", CASH_REST_S)
        self._book, self._till, self._audit, self._told = book, till, audit, told
        self.device, self._changed = device, changed
        self._trouble, self._doubt = (_Trouble(device, on_fault, changed) for _ in range(2))
        self._stop = ""
        self._try_at = 0.0
        self._recovered = False
        self._counted = -1
        self._inside = 0
        self.notes: tuple[int, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether notes can be taken now, as far as is known."""
        return self._trouble.fault == "" and bool(self.notes)

    def unit(self) -> m.UnitHealth:
        """The acceptor as health tells it, with what its cassette holds by the books."""
        return m.UnitHealth(kind="note_acceptor", figures={"cassette_notes": self._inside})

    def pay(self, order: Order) -> None:
        """Take notes for the order; told by `Credited` after each, then `Paid`, `Unpaid`, `Claimed` or `Doubtful`."""
        self._stop = ""
        if not self.give(lambda: self._pay(order.id)):
            self._told(Unpaid(order.id, "payment_device_busy"))

    def stop_paying(self, order: str) -> None:
        """Take no more notes for the order."""
        self._stop = order

    def balance(self, errand: m.TillOrder, day: date) -> None:
        """Hold the cassettes against the books, or the one that staff counted; told to the hall."""
        self.give(lambda: self._balance(errand, day))

    # --- in this thread ------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._look()

    def _idle(self) -> None:
        self._look()

    def _end(self) -> None:
        self._till.close()

    def _look(self) -> None:
        now = time.monotonic()
        if now < self._try_at:
            return
        try:
            if not self._recovered:
                self._recover()
            fault = self._till.watch()
        except TransientDeviceError as exc:
            fault, self._try_at = exc.fault, now + AWAY_S
        self._is(fault)

    def _balance(self, errand: m.TillOrder, day: date) -> None:
        try:
            self._audit.asked(self.device, errand, day)
        except ContractError as exc:
            log.warning("till.errand_not_done", errand=errand.id, do=errand.do, why=str(exc))
        self._counted = -1

    def _recover(self) -> None:
        self._till.recover()
        self._recovered = True
        for order in self._book.orders(state=OrderState.OPEN.value):
            if self._book.notes(order_id=order.id):
                self._end_of(order, "")
                self._book.change(order.id, lambda each: each.abandoned(self._book.now()))  # nobody pays it any more

    def _is(self, fault: str) -> None:
        before, self.notes = self.notes, tuple(sorted(value.minor for value in self._till.values))
        self._trouble.is_(fault)
        if before != self.notes:
            self._changed()
        self._count()

    def _count(self) -> None:
        """What lies in the cassette by the books; counted again when a note was heard of or a cassette began."""
        if self._counted == self._till.heard:
            return
        self._counted = self._till.heard
        inside = self._book.contents(self._book.cassette(self.device))
        self._inside = len(inside)
        self._doubt.is_("note_in_doubt" if any(note.state is NoteState.DOUBT for note in inside) else "")

    def _pay(self, order_id: str) -> None:
        order = self._book.order(order_id)
        if order is None or order.state is not OrderState.OPEN:
            return
        live = self._book.live(order_id)
        if live is not None:  # a card is at it: one way an order
            self._told(Doubtful(order_id))
            return
        collected = self._till.collect(
            order_id,
            order.amount,
            lambda: self._stop == order_id or self.stopping.is_set(),
            lambda credit: self._told(Credited(order_id, credit.minor)),
        )
        self._is(collected.fault)
        self._end_of(order, collected.fault)

    def _end_of(self, order: Order, fault: str) -> None:
        if self._book.credit(order.id) >= order.amount.minor and self._by_notes(order.id):
            self._told(Paid(order.id, Receipt("cash", order.id, order.code)))
            return
        by_card = self._by_card(order.id)
        claim = self._till.claim(order.id, order.amount, by_card=by_card)
        if claim is not None:
            if not by_card:
                self._book.change(order.id, lambda each: each.abandoned(self._book.now()))
            self._told(Claimed(order.id, claim[0], claim[1].minor))
        elif self._book.notes(order_id=order.id, state=NoteState.DOUBT.value):
            self._told(Doubtful(order.id))
        else:
            self._told(Unpaid(order.id, fault or CANCELLED))

    def _by_notes(self, order_id: str) -> bool:
        """Let the notes pay the order, unless a card's success came late and has."""
        with self._book.exclusive():
            if self._by_card(order_id):
                return False
            self._book.change(order_id, lambda each: each.paid("cash", each.id, self._book.now()))
        return True

    def _by_card(self, order_id: str) -> bool:
        live = self._book.live(order_id)
        return live is not None and live.state is PaymentState.APPROVED


def _facts(payment: Payment) -> dict[str, str]:
    """What a receipt says of a card payment; nothing of the card but its masked digits."""
    words = {"tid": payment.tid, "receipt": payment.receipt, "rrn": payment.rrn, "approval": payment.approval}
    return {**words, "pan": payment.pan, "brand": payment.brand}
