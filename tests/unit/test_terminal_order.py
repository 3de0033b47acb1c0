"""An order's life, and the facts that go with money rows: in one transaction, in the hall's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contract import messages as m
from contract.errors import ContractError
from contract.words import PaymentState as State
from journal.errors import JournalError
from journal.journal import Journal
from journal.outbox import Outbox
from journal.schema import MONEY
from journal.telling import Telling
from runtime.clock import utc_now
from terminal.money import Money
from terminal.payments.book import Book
from terminal.payments.note import Note, NoteState
from terminal.payments.order import Order, OrderState, Told
from terminal.payments.payment import Payment, PaymentError, Slip

PRICE = Money(10_000, "UAH")
AT = "2026-11-22T09:00:00.000Z"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "terminal.db", "ua-cnap", MONEY, utc_now) as journal:
        yield journal


@pytest.fixture
def book(journal: Journal) -> Book:
    return Book(journal, "terminal-1", utc_now, Telling(journal))


def order(due: str = "due-1") -> Order:
    return Order("o-1", "", due, "community", "uk", PRICE, "12345678", AT)


def payment(state: State = State.INTENT) -> Payment:
    return Payment("p-1", "o-1", "pos-1", PRICE, "", AT, state)


def told(journal: Journal) -> list[m.AnyMessage]:
    """The facts in the outbox, as the hall reads them."""
    facts = Outbox(journal).pending(0, 100)
    return [m.decode(json.dumps({**json.loads(f.body), "inc": f.inc, "ep": f.ep, "sq": f.sq}).encode()) for f in facts]


def test_a_paid_due_owes_its_receipt_and_a_word_to_the_register() -> None:
    paid = order().paid("card", "p-1", AT)
    assert (paid.state, paid.slip, paid.told, paid.payment) == (OrderState.PAID, Slip.OWED, Told.OWED, "p-1")
    assert order(due="").paid("cash", "o-1", AT).told is Told.NONE


def test_what_has_ended_stays_as_it_is_but_for_a_success_that_comes_late() -> None:
    paid = order().paid("card", "p-1", AT)
    assert paid.paid("cash", "o-1", AT) == paid
    assert paid.abandoned(AT) == paid
    late = order().abandoned(AT).paid("card", "p-1", AT)
    assert (late.state, late.method) == (OrderState.PAID, "card")


def test_a_payment_given_back_and_what_the_register_must_hear_are_one_commit(book: Book, journal: Journal) -> None:
    book.keep(order().paid("card", "p-1", AT))
    book.save(payment(State.REVERSING))
    before = journal.last_seq
    book.save(payment(State.REVERSED))
    assert journal.last_seq == before + 1
    assert [each.told for each in book.orders()] == [Told.BACK_OWED]
    book.change("o-1", lambda each: replace(each, told=Told.BACK))
    book.save(payment(State.REVERSED))
    assert [each.told for each in book.orders()] == [Told.BACK], "it is said once"
    book.keep(replace(order(due="").paid("card", "p-1", AT), id="o-1"))
    book.save(payment(State.REVERSED))
    assert [each.told for each in book.orders()] == [Told.NONE]


def test_an_abandoned_order_is_abandoned_once() -> None:
    gone = order().abandoned(AT)
    assert gone.abandoned("2026-11-22T10:00:00.000Z") == gone
    with pytest.raises(PaymentError, match="abandoned → abandoned"):
        gone._moved(OrderState.ABANDONED, AT)


def test_a_change_begins_from_what_is_kept_and_writes_only_news(book: Book, journal: Journal) -> None:
    book.keep(order())
    before = journal.last_seq
    book.change("o-1", lambda each: replace(each, slip=Slip.PRINTED))
    book.change("o-1", lambda each: replace(each, slip=Slip.PRINTED))
    assert (book.orders()[0].slip, journal.last_seq) == (Slip.PRINTED, before + 1)
    with pytest.raises(ContractError, match="no order o-2"):
        book.change("o-2", lambda each: each)


def test_each_step_of_a_card_payment_is_told_with_its_service(book: Book, journal: Journal) -> None:
    book.keep(replace(order(due=""), service="land-extract"))
    book.save(payment())
    book.save(payment(State.UNKNOWN), who="op01")
    first, second = told(journal)
    assert isinstance(first, m.PaymentFact)
    assert isinstance(second, m.PaymentFact)
    assert (first.state, first.service, first.method, first.by) == (State.INTENT, "land-extract", "card", None)
    assert (second.state, second.by) == (State.UNKNOWN, "op01")


def test_a_cash_order_is_told_once_when_it_is_paid(book: Book, journal: Journal) -> None:
    book.keep(order())
    cassette = book.cassette("cash-1")
    note = Note("n-1", "cash-1", "o-1", 6, PRICE, cassette, AT)
    book.put(note)
    book.put(note.moved(NoteState.CREDITED, AT))
    book.change("o-1", lambda each: each.paid("cash", "o-1", AT))
    book.change("o-1", lambda each: replace(each, told=Told.TOLD))
    inside, paid = told(journal)
    assert isinstance(inside, m.CassetteFact)
    assert isinstance(paid, m.PaymentFact)
    assert (inside.notes, inside.cassette, inside.collected) == ({"10000": 1}, cassette, False)
    assert (paid.method, paid.state, paid.device, paid.captured_minor) == ("cash", State.APPROVED, "cash-1", 10_000)


def test_a_claim_is_told_as_unpaid_with_what_lies_inside(book: Book, journal: Journal) -> None:
    book.keep(order())
    note = Note("n-1", "cash-1", "o-1", 5, Money(5000, "UAH"), book.cassette("cash-1"), AT)
    book.put(note)
    book.put(note.moved(NoteState.CREDITED, AT))
    book.claim("o-1", "12340000", Money(5000, "UAH"))
    fact = told(journal)[-1]
    assert isinstance(fact, m.PaymentFact)
    assert (fact.state, fact.captured_minor, fact.amount_minor) == (State.NOT_PERFORMED, 5000, 10_000)


def test_a_collected_cassette_is_told_with_its_final_notes(book: Book, journal: Journal) -> None:
    note = Note("n-1", "cash-1", "", 5, Money(5000, "UAH"), book.cassette("cash-1"), AT, NoteState.UNEXPLAINED)
    book.put(note)
    book.collect("cash-1")
    fact = told(journal)[-1]
    assert isinstance(fact, m.CassetteFact)
    assert (fact.collected, fact.notes, fact.nobodys) == (True, {"5000": 1}, 1)


def test_a_fact_and_its_rows_are_kept_together_or_not_at_all(book: Book, journal: Journal) -> None:
    book.keep(order())
    journal.close()
    with pytest.raises(JournalError):
        book.save(payment())
    with Journal.open(journal.path, "ua-cnap", MONEY, utc_now) as again:
        assert told(again) == []
        assert again.rows("payment") == []


def test_what_staff_want_is_begun_once(book: Book) -> None:
    assert book.begin("c-1", "reverse", "p-1", "op01")
    assert not book.begin("c-1", "reverse", "p-1", "op01")
    assert book.begin("c-2", "reverse", "p-1", "op01")
