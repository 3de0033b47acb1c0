"""What staff have done at a card terminal, by the order's id: done once, told, and the tax service hears of what was given back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contract import messages as m
from contract.words import PaymentState as State
from journal.journal import Journal
from runtime.clock import utc_now
from soak.money_site import Device, card_till, open_journal, privat
from terminal.fiscal import sweep
from terminal.fiscal.book import FiscalBook
from terminal.fiscal.registrar import FiscalKind
from terminal.fiscal.sold import sold
from terminal.money import Money
from terminal.payments.audit import Audit
from terminal.payments.book import Book
from terminal.payments.order import Order
from terminal.payments.payment import Payment
from terminal.till import CardClerk
from tests.until import until

PRICE = Money(1235, "UAH")


@pytest.fixture(scope="module")
def pos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    with Device("simulators.privat_pos", tmp_path_factory.mktemp("pos")) as pos:
        yield pos


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with open_journal(tmp_path) as journal:
        yield journal


class Staff:
    """One terminal's clerk; orders go in, and what was done is waited for."""

    def __init__(self, journal: Journal, pos: Device) -> None:
        self.book = Book(journal, "terminal-1")
        audit = Audit(journal, self.book, "UAH")
        till = card_till(journal, privat(pos))
        self.clerk = CardClerk(self.book, till, audit, "pos-1", lambda _: None, lambda *_: None, lambda: None)
        self.done = 0
        self.clerk.start()
        until(lambda: self.clerk.ready)

    def have(self, id_: str, do: str, payment: str, state: State | None = None) -> None:
        """Give the order, and one behind it: when that has come round, the first one has."""
        order = m.TillOrder.model_validate(
            {
                "id": id_,
                "at": utc_now(),
                "do": do,
                "payment": payment,
                "state": state,
                "who": "op-07",
                "why": "not issued",
            }
        )
        self.clerk.decide(order, self._count)
        passed: list[bool] = []
        self.clerk.give(lambda: passed.append(True))
        until(lambda: bool(passed))

    def _count(self) -> None:
        self.done += 1

    def order(self, name: str) -> Order:
        order = Order(name, "copy", "", "", "uk", PRICE, "123456", self.book.now())
        self.book.keep(order)
        return order

    def paid(self, name: str) -> Payment:
        """An order paid by card."""
        self.clerk.pay(self.order(name))
        until(lambda: (found := self.book.order(name)) is not None and bool(found.payment))
        return self.payment(self.book.payments(name)[-1].id)

    def payment(self, name: str) -> Payment:
        found = self.book.payment(name)
        assert found is not None
        return found


@pytest.fixture
def hired(journal: Journal, pos: Device) -> Iterator[Callable[[], Staff]]:
    staff: list[Staff] = []

    def hire() -> Staff:
        for one in staff:
            one.clerk.stop()
        staff.append(Staff(journal, pos))
        return staff[-1]

    yield hire
    for one in staff:
        one.clerk.stop()


def voids(pos: Device) -> int:
    return len([line for line in pos.lines("bank.jsonl") if line["type"] == "void"])


def test_a_payment_is_given_back_once_by_one_id_also_after_a_restart(hired: Callable[[], Staff], pos: Device) -> None:
    staff, before = hired(), voids(pos)
    payment = staff.paid("o-1")
    for _ in range(2):
        staff.have("c-1", "reverse", payment.id)
    assert (staff.payment(payment.id).state, voids(pos) - before, staff.done) == (State.REVERSED, 1, 1)
    staff = hired()
    staff.have("c-1", "reverse", payment.id)
    assert (voids(pos) - before, staff.done) == (1, 0)


def test_a_decision_is_taken_once_and_its_repeat_does_not_touch_what_came_after(
    hired: Callable[[], Staff], journal: Journal
) -> None:
    staff = hired()
    staff.order("o-2")
    payment = Payment("p-old", "o-2", "pos-1", PRICE, "999/sale/1/x", staff.book.now(), tid="ANOTHER")
    staff.book.save(payment)
    staff.book.save(payment.moved(State.UNKNOWN, staff.book.now(), "no answer"))
    staff.have("c-2", "decide", "p-old", State.NOT_PERFORMED)
    assert staff.payment("p-old").state is State.NOT_PERFORMED
    assert "op-07" in {entry.who for entry in journal.events(0, 1000) if entry.kind == "payment.not_performed"}
    staff.book.save(staff.payment("p-old").moved(State.UNKNOWN, staff.book.now(), "a success came late"))
    staff.have("c-2", "decide", "p-old", State.NOT_PERFORMED)
    assert staff.payment("p-old").state is State.UNKNOWN
    staff.have("c-3", "decide", "p-old", State.APPROVED)
    assert staff.payment("p-old").state is State.APPROVED


def test_what_cannot_be_done_is_told_with_its_reason(hired: Callable[[], Staff]) -> None:
    staff = hired()
    payment = staff.paid("o-3")
    staff.have("c-4", "decide", payment.id, State.NOT_PERFORMED)
    told = staff.payment(payment.id)
    assert (told.state, told.note[:16]) == (State.APPROVED, "decide not done:")
    staff.have("c-5", "reverse", "p-nobody")


def test_what_was_paid_or_given_back_before_the_power_went_is_found_for_the_tax_service(
    hired: Callable[[], Staff], journal: Journal
) -> None:
    staff, fiscal = hired(), FiscalBook(journal, "terminal-1")
    payment = staff.paid("o-4")
    assert [order.id for order in sweep.unsold(staff.book, fiscal)] == ["o-4"]
    (order,) = sweep.unsold(staff.book, fiscal)
    sale = sold(order, payment, "Копія")
    assert (sale.amount, sale.pan, sale.method) == (PRICE, payment.pan, "card")
    fiscal.owe(sale, needed=True)
    assert sweep.unsold(staff.book, fiscal) == []
    assert sweep.unreturned(staff.book, fiscal) == []
    staff.have("c-6", "reverse", payment.id)
    assert sweep.unreturned(staff.book, fiscal) == [payment.id]
    fiscal.owe(sale, needed=True, kind=FiscalKind.REFUND)
    assert sweep.unreturned(staff.book, fiscal) == []
