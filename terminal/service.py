"""The terminal's reactor: touches, the hall, the tills, the registers and the printer come in by one queue; faces go out. Wiring only."""

from __future__ import annotations

import contextlib
import queue
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, assert_never

import structlog

from contract import messages as m
from contract import topics
from contract.errors import ContractError
from contract.hall import Hall
from contract.register import Dues, Household, Person
from contract.words import CardField, PaymentState, Role
from glass.face import Face
from glass.occurrence import Answered, Beat, CardFailed, Configured, Identify, Linked, Quiet, Tick, Touch, Viewed
from journal.journal import Journal
from journal.schema import MONEY
from journal.telling import Telling
from printers.job import JobState
from runtime import box as boxes
from runtime.asker import Unanswered, new_id
from runtime.clock import utc_now
from runtime.supervise import crash
from terminal import drawing, flow
from terminal import state as s
from terminal.config import Options
from terminal.fiscal import sweep
from terminal.fiscal.book import FiscalBook
from terminal.fiscal.queue import FiscalQueue
from terminal.fiscal.sold import sold
from terminal.money import Money
from terminal.office import Office
from terminal.payments.audit import Audit
from terminal.payments.book import Book
from terminal.payments.order import Order, OrderState
from terminal.payments.payment import Slip
from terminal.press import Press, what
from terminal.qr.transfer import coded
from terminal.till import CardClerk, CashClerk
from terminal.visits import Visits

if TYPE_CHECKING:
    from terminal.cards import Cards
    from terminal.enquiry import Enquiry
    from terminal.register import RegisterClient

log = structlog.get_logger(__name__)

QUEUE_MAX = 1000
TICK_S = 0.25
RESUME_S = 120.0
"""Nobody stands before a terminal that was away for longer: a payment that was going on is ended without a visitor."""
FISCAL_S = 3.0
"""So long a paid visitor waits for the fiscal number; without it the receipt says that it comes later."""
PRINTER_S = 5.0
"""So long an interrupted visit waits for the printer after a start."""
AWAY = "register_away"
MISSING = "payment_device_missing"


_OUT = (JobState.CONFIRMED.value, JobState.CONFIRMED_LATE.value, JobState.UNPROVED.value)


class Terminal:
    """One terminal without its glass: `press(key)` is a finger, `face` is what is to be seen.

    Threads beside the caller's: this reactor, the box's link, the printer; a till each for cards and notes, the registers, the card
    reader, as configured. `on_face` is called in the reactor's thread after `face` changed.
    """

    def __init__(self, options: Options, on_face: Callable[[Face], None] = lambda _face: None) -> None:
        """Opens the journal. Raises: ContractError: a bad URL; ConfigError: a file; JournalError: the journal cannot be used."""
        broker = options.broker.broker()
        options.data.mkdir(parents=True, exist_ok=True)
        self._journal = Journal.open(options.data / "terminal.db", broker.hall, MONEY, utc_now)
        self._facts = Telling(self._journal)
        self._book = Book(self._journal, broker.dev, utc_now, self._facts)
        self._queue: queue.Queue[s.Occurrence] = queue.Queue(QUEUE_MAX)
        rows = (topics.DOWN_VIEW, topics.DOWN_CFG, topics.DOWN_ACK)
        self.box = boxes.Box(
            broker, Role.TERMINAL, rows, self._tell, inc=self._journal.inc, ep=self._journal.ep, tick=self._tick_box
        )
        self._ways = s.Ways()
        self._fiscal_book = FiscalBook(self._journal, broker.dev)
        self._fiscal = FiscalQueue(self._fiscal_book, options.fiscal.registrar("fiscal"), "fiscal")
        self._fiscal_fault: str | None = None
        self._swept = False
        """Whether all that was paid or given back is on its way to the tax service."""
        self._audit = Audit(self._journal, self._book, options.currency or "UAH")
        self._card, self._cash = self._card_till(options), self._cash_till(options)
        self._press = Press(
            options.printer, self._journal, broker.dev, self._book, self._facts, self._put, self._fault_is,
            lambda payment: self._card.printed(payment) if self._card is not None else None, self._fiscal_book, options.sheet,
        )  # fmt: skip
        self._office = Office(
            self._book, self._audit, self._card, self._cash, self._fiscal, self._fiscal_book, self._press.staff, self.box.link.wake,
        )  # fmt: skip
        self._cards = self._card_reader(options)
        self._enquiry = self._registers(options)
        self._state = s.State(link_at=time.monotonic())
        self._begun_at = time.monotonic()
        self._visits = Visits(self._journal, broker.dev, utc_now)
        self._resumed: s.Resumed | s.Again | None = self._interrupted() or self._visits.young(RESUME_S)
        self._drawn: object = None
        self.face: Face = drawing.draw(self._state, time.monotonic(), utc_now())
        self._on_face = on_face
        self._alive_at = time.monotonic()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=crash(self._run), name="terminal", daemon=True)

    def start(self) -> None:
        """Start everything. What an earlier run left open about money is ended first, by the tills."""
        for owner in (self._press, self.box, self._fiscal, self._card, self._cash, self._cards, self._enquiry):
            if owner is not None:
                owner.start()
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop all and close the journal; may be called twice."""
        self._stopping.set()
        self._put(Tick())
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        for owner in (self._card, self._cash, self._enquiry, self._cards, self._fiscal, self.box, self._press):
            if owner is not None:
                owner.stop(timeout_s)
        self._journal.close()

    def press(self, key: str) -> None:
        """A control was pressed; from any thread."""
        self._put(Touch(key, new_id("t")))

    def alive_s(self) -> float:
        """Seconds since the reactor last came round."""
        return time.monotonic() - self._alive_at

    # --- what it is made of --------------------------------------------------------------------------------------------

    def _card_till(self, options: Options) -> CardClerk | None:
        if options.card is None or options.currency is None:
            return None
        from terminal.device import card_terminal
        from terminal.payments.card_till import CardTill

        device = options.card.id
        till = CardTill(self._book, card_terminal(options.card, options.currency, options.data), device)
        return CardClerk(self._book, till, self._audit, device, self._money, self._unit_fault_is, self._look_at_ways)

    def _cash_till(self, options: Options) -> CashClerk | None:
        if options.cash is None or options.currency is None:
            return None
        from terminal.device import acceptor
        from terminal.payments.cash_till import CashTill

        device = options.cash.id
        till = CashTill(self._book, acceptor(options.cash, options.currency), device, options.currency)
        return CashClerk(self._book, till, self._audit, device, self._money, self._unit_fault_is, self._look_at_ways)

    def _card_reader(self, options: Options) -> Cards | None:
        if options.card_reader is None:
            return None
        from terminal.cards import Cards

        return Cards(options.card_reader, self._put, self._fault_is, self._readers_are)

    def _registers(self, options: Options) -> Enquiry | None:
        if options.registers is None:
            return None
        from terminal.enquiry import Enquiry
        from terminal.register import RegisterClient

        client = RegisterClient(options.registers.url, options.broker, options.registers.timeout_s)
        return Enquiry(client, self._book, self._put, self._fault_is)

    def _interrupted(self) -> s.Resumed | None:
        """What was going on when the last run ended, if it is young: its visitor may wait still. None: nothing was.

        An order that nothing was ever taken for is given up; a receipt that was proved just before the end is out.
        """
        found: s.Resumed | None = None
        for order in self._book.orders(state=OrderState.PAID.value, slip=Slip.OWED.value):
            if self._journal.rows("job", cmd=order.id, state=_OUT):
                self._book.change(order.id, lambda each: replace(each, slip=Slip.PRINTED))
            elif _young(order.ended_at or order.at):
                found = _resumed(order)
        for order in self._book.orders(state=OrderState.OPEN.value):
            if not self._book.payments(order.id) and not self._book.notes(order_id=order.id):
                self._book.change(order.id, lambda each: each.abandoned(self._book.now()))
            elif _young(order.at):
                found = _resumed(order)
        return found

    def _since(self, resumed: s.Resumed) -> tuple[s.Occurrence, ...]:
        """How its order ended, where that was found out before anybody could be told."""
        order, claim = self._book.order(resumed.order), self._book.claims().get(resumed.order)
        if order is None or order.state is OrderState.OPEN:
            return ()
        if order.state is OrderState.PAID:
            method: Literal["card", "cash"] = "card" if order.method == "card" else "cash"
            return (s.Paid(order.id, s.Receipt(method, order.payment, order.code)),)
        return (s.Claimed(order.id, *claim),) if claim is not None else (s.Unpaid(order.id, "not_performed"),)

    # --- what comes in, from other threads -----------------------------------------------------------------------------

    def _put(self, occurrence: s.Occurrence) -> None:
        try:
            self._queue.put_nowait(occurrence)
        except queue.Full:
            self.box.count_drop("reactor queue full")

    def _money(self, said: s.Credited | s.Paid | s.Unpaid | s.Doubtful | s.Claimed | s.PayStep) -> None:
        """In a till's thread: the registrar's number may be waited for, within bounds."""
        if isinstance(said, s.Paid):
            self._register(said.order)
            if self._enquiry is not None:
                self._enquiry.paid()
        self._put(said)
        self.box.link.wake()

    def _register(self, order_id: str) -> None:
        order, hall = self._book.order(order_id), self._state.hall
        if order is None:
            return
        self._owe(order, hall)
        self._fiscal.wait(order.payment, FISCAL_S)

    def _owe(self, order: Order, hall: Hall | None) -> None:
        name = what(hall, order) if hall is not None else order.service
        payment = self._book.payment(order.payment) if order.method == "card" else None
        self._fiscal.owe(sold(order, payment, name))

    def _sweep(self, hall: Hall) -> None:
        """At the start, and when staff have had a payment changed."""
        self._swept = True
        for order in sweep.unsold(self._book, self._fiscal_book):
            self._owe(order, hall)
        for payment in sweep.unreturned(self._book, self._fiscal_book):
            self._fiscal.give_back(payment)

    def _tell(self, occurrence: boxes.Occurrence) -> None:
        match occurrence:
            case boxes.LinkUp():
                self._facts.up(time.monotonic())
                self._put(Linked(up=True))
            case boxes.LinkDown():
                self._facts.down()
                self._put(Linked(up=False))
            case boxes.Silent(key):
                self._put(Quiet(key))
            case boxes.Heard():
                self._heard(occurrence)
            case _:
                assert_never(occurrence)

    def _heard(self, heard: boxes.Heard) -> None:
        match heard.message:
            case m.Cfg(hall=hall):
                self._put(Configured(hall))
            case m.KioskView() as view:
                self._put(Viewed(view))
            case m.Heartbeat() as beat:
                self._put(Beat(beat, live=not heard.retained))
            case m.Identify(seconds=seconds):
                self._put(Identify(self.box.broker.dev, seconds))
            case m.Ack() as ack:
                self._facts.heard(ack, time.monotonic())
            case m.TillOrder() as order:
                self._office.order(order, self._state.hall, self._errand_done)
            case _:
                log.info("terminal.unused", t=heard.message.t)

    def _errand_done(self) -> None:
        self._swept = False
        if self._enquiry is not None:
            self._enquiry.paid()
        self.box.link.wake()

    def _tick_box(self, now: float) -> None:
        self._facts.tick(self.box, now)
        self.box.units["printer"] = self._press.unit()
        if (self._fiscal.fault or None) != self._fiscal_fault:
            before, self._fiscal_fault = self._fiscal_fault, self._fiscal.fault or None
            self._unit_fault_is("", before, self._fiscal_fault)
        if self._state.beat is not None:
            self._office.beat(self._state.beat, now)
        if not self._swept and self._state.hall is not None:
            self._sweep(self._state.hall)
        for clerk in (self._card, self._cash):
            if clerk is not None:
                self.box.units[clerk.device] = clerk.unit()

    def _readers_are(self, readers: dict[str, m.UnitHealth]) -> None:
        """Beside what else stands behind this box."""
        others = {name: unit for name, unit in self.box.units.items() if unit.kind not in ("card_reader", "mrz_reader")}
        self.box.units = {**others, **readers}

    def _fault_is(self, before: str | None, now: str | None) -> None:
        self._unit_fault_is("", before, now)
        self._look_at_ways()

    def _unit_fault_is(self, unit: str, before: str | None, now: str | None) -> None:
        if before is not None and before != now and self.box.troubles.clear(before, unit):
            self._facts.fault(before, cleared=True)
        if now is not None and self.box.troubles.raise_(now, unit):
            self._facts.fault(now, cleared=False)

    def _look_at_ways(self) -> None:
        card, cash = self._card, self._cash
        ways = s.Ways(
            card=card is not None and card.ready,
            cash=cash is not None and cash.ready,
            qr=True,
            notes=cash.notes if cash is not None else (),
            paper=self._press.ready,
        )
        if ways != self._ways:
            self._ways = ways
            self._put(ways)

    # --- the reactor ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        tick_at = 0.0
        while not self._stopping.is_set():
            with contextlib.suppress(queue.Empty):
                self._step(self._queue.get(timeout=TICK_S))
            self._alive_at = time.monotonic()
            if self._alive_at >= tick_at:  # a hall that talks all the time must not stop our clock
                tick_at = self._alive_at + TICK_S
                self._look_at_ways()
                self._step(Tick())
            self._draw()

    def _step(self, occurrence: s.Occurrence) -> None:
        due = deque([occurrence])
        while due:
            self._state, effects = flow.step(self._state, due.popleft(), time.monotonic())
            for effect in effects:
                due.extend(self._do(effect))
            if self._resumed is not None and self._can_resume():
                resumed, self._resumed = self._resumed, None
                due.extend((resumed, *(self._since(resumed) if isinstance(resumed, s.Resumed) else ())))

    def _can_resume(self) -> bool:
        """What is printed before the printer is there would be void."""
        return self._state.hall is not None and (self._press.ready or time.monotonic() - self._begun_at >= PRINTER_S)

    def _do(self, effect: s.Effect) -> tuple[s.Occurrence, ...]:  # noqa: C901 - one case for each effect
        match effect:
            case s.ReadCard(key, typed, fields):
                return self._read_card(key, typed, fields)
            case s.ForgetCard():
                if self._cards is not None:
                    self._cards.forget()
            case s.AskPerson(key):
                return self._ask_about(key, lambda client, number: client.person(number))
            case s.AskHousehold(key):
                return self._ask_about(key, lambda client, number: client.household(number))
            case s.AskDues(key):
                return self._ask_about(key, lambda client, number: client.dues(number))
            case s.AskDue(key, code):
                return self._ask_due(key, code)
            case s.Suggest(key, directory, under, text, lang):
                if self._enquiry is not None:
                    self._enquiry.suggest(key, directory, under, text, lang)
            case s.Order():
                return self._order(effect)
            case s.PayCard() | s.PayCash():
                return self._pay(effect)
            case s.StopCard(order):
                if self._card is not None:
                    self._card.stop_paying(order)
            case s.StopCash(order):
                if self._cash is not None:
                    self._cash.stop_paying(order)
            case s.Abandon(order):
                self._book.change(order, lambda each: each.abandoned(self._book.now()))
            case s.PrintPaper() | s.PrintTicket() | s.Reprint():
                return self._print(effect)
            case s.Issue(command):
                self._visits.asking(command)
                self._issue(command)
            case s.CallPerson(wanted):
                self._facts.fault("assistance", cleared=not wanted)
                self.box.link.wake()
            case s.Wipe():
                self._visits.ended()
                if self._cards is not None:
                    self._cards.wipe()
            case _:
                assert_never(effect)
        return ()

    # --- who it is -----------------------------------------------------------------------------------------------------

    def _read_card(self, key: str, typed: tuple[str, ...], fields: frozenset[CardField]) -> tuple[s.Occurrence, ...]:
        if self._cards is None:
            return (CardFailed(key, "no_reader"),)
        self._cards.read(key, typed, fields)
        return ()

    def _ask_about(
        self, key: str, ask: Callable[[RegisterClient, str], Person | Household | Dues]
    ) -> tuple[s.Occurrence, ...]:
        """The number is handed to the registers' thread for this question, and is in no message, journal or log."""
        number = self._cards.number if self._cards is not None else ""
        if self._enquiry is None or not number:
            return (s.Untold(key, AWAY),)
        self._enquiry.ask(key, lambda client: ask(client, number))
        return ()

    def _ask_due(self, key: str, code: str) -> tuple[s.Occurrence, ...]:
        if self._enquiry is None:
            return (s.Untold(key, AWAY),)
        self._enquiry.ask(key, lambda client: client.due(code))
        return ()

    # --- money ---------------------------------------------------------------------------------------------------------

    def _order(self, wanted: s.Order) -> tuple[s.Occurrence, ...]:
        """Durable before anything is paid. Without the hall's time no money is taken: receipts and accounts are dated by it."""
        hall = self._state.hall
        if hall is None or self._state.beat_at is None:
            return (s.Refused(wanted.key, "coordinator_silent"),)
        known = self._book.order(wanted.key)
        order = known or Order(
            wanted.key, wanted.service, wanted.due, wanted.payee, wanted.lang, Money(wanted.amount_minor, wanted.currency),
            code=f"{secrets.randbelow(10**8):08}", at=self._book.now(),
        )  # fmt: skip
        if known is None:
            self._book.keep(order)
        return (s.Ordered(wanted.key, order.id, self._transfer(order)),)

    def _transfer(self, order: Order) -> str:
        hall, due = self._state.hall, self._state.visit.due
        if hall is None:
            return ""
        service = hall.service_by_id.get(order.service)
        names = service.names if service is not None else due.names if due is not None else {}
        name = names.get(hall.default_language) or next(iter(names.values()), "")
        code = due.code if due is not None else (service.code if service is not None else None)
        payee = next((each for each in hall.payees if each.id == order.payee and each.qr is not None), None)
        try:
            if payee is None:
                return ""
            return coded(payee, order.amount, order.code, name, code or "", training=hall.training)[1]
        except ContractError as exc:
            log.warning("terminal.no_transfer", payee=order.payee, why=str(exc))
            return ""

    def _pay(self, wanted: s.PayCard | s.PayCash) -> tuple[s.Occurrence, ...]:
        order = self._book.order(wanted.order)
        till = self._card if isinstance(wanted, s.PayCard) else self._cash
        if order is None or till is None:
            return (s.Unpaid(wanted.order, MISSING),)
        till.pay(order)
        return ()

    # --- papers --------------------------------------------------------------------------------------------------------

    def _print(self, wanted: s.PrintPaper | s.PrintTicket | s.Reprint) -> tuple[s.Occurrence, ...]:
        hall, large = self._state.hall, self._state.contrast
        if hall is None:
            return (s.Printed(wanted.key, s.Fate.VOID),)
        match wanted:
            case s.PrintPaper():
                self._press.paper(replace(wanted, values=self._with_asker(wanted.values)), hall, large=large)
            case s.PrintTicket(key, issued):
                self._press.ticket(key, hall, issued, large=large)
            case s.Reprint(key, code):
                paid = [
                    order for order in self._book.orders(code=code, state=OrderState.PAID.value) if self._stands(order)
                ]
                if not paid:
                    return (s.Untold(key, "unknown"),)
                self._press.again(key, paid[-1], hall, large=large)
        return ()

    def _stands(self, order: Order) -> bool:
        """Whether its money is still with us: no receipt says that what was given back is paid."""
        payment = self._book.payment(order.payment) if order.method == "card" else None
        return payment is None or payment.state is PaymentState.APPROVED

    def _with_asker(self, values: s.Values) -> s.Values:
        """A household's first member is who asked: a paper about the household may say so."""
        number = self._cards.number if self._cards is not None else ""
        if values.household is None or values.person is not None or not number:
            return values
        asker, address = values.household.members[0], values.household.address
        person = Person(
            number=number, names=asker.names, birth_date=asker.birth_date, address=address, since=asker.since
        )
        return replace(values, person=person)

    def _issue(self, command: m.TicketIssue) -> None:
        self.box.ask(
            command,
            lambda answer: self._put(Answered(command.id, None if isinstance(answer, Unanswered) else answer)),
        )

    # --- what is seen --------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        now = time.monotonic()
        moment = self._hall_time(now)
        countdown = int(now / drawing.COUNT_STEP_S) if self._state.still_here else 0
        seen = (self._state, flow.standing(self._state, now), moment.replace(second=0, microsecond=0), countdown)
        if self._drawn == seen:
            return
        self._drawn = seen
        face = drawing.draw(self._state, now, moment)
        if face != self.face:
            self.face = face
            self._on_face(face)

    def _hall_time(self, now: float) -> datetime:
        state = self._state
        if state.beat is None or state.beat_at is None:
            return utc_now()
        return state.beat.hall_time(now - state.beat_at)


def _young(at: str) -> bool:
    return timedelta() <= utc_now() - datetime.fromisoformat(at) <= timedelta(seconds=RESUME_S)


def _resumed(order: Order) -> s.Resumed:
    return s.Resumed(order.id, order.lang, order.service, order.amount.minor, order.amount.currency)
