"""A note till on a pty with a simulated acceptor: the credit rules, and each row of the failure table that concerns notes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contract.words import PaymentState as State
from journal.journal import Journal
from soak.money_site import Device, cash_till, open_journal
from terminal.money import Money
from terminal.payments.audit import Audit
from terminal.payments.book import Book
from terminal.payments.cash_till import CashTill, Collected
from terminal.payments.note import Note, NoteState
from terminal.payments.order import Order
from terminal.payments.payment import Payment
from terminal.state import Claimed
from terminal.till import CashClerk
from tests.until import until

TEN, TWENTY, FIFTY, HUNDRED = 3, 4, 5, 6


@pytest.fixture
def acceptor(tmp_path: Path) -> Iterator[Device]:
    with Device("simulators.ccnet", tmp_path / "acceptor") as acceptor:
        yield acceptor


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with open_journal(tmp_path) as journal:
        yield Book(journal, "terminal-1")


@pytest.fixture
def till(book: Book, acceptor: Device) -> Iterator[CashTill]:
    with cash_till(_journal(book), acceptor) as till:
        yield till


def _journal(book: Book) -> Journal:
    return book._journal


def uah(hryvnias: int) -> Money:
    return Money(hryvnias * 100, "UAH")


class Visitor:
    """Puts notes in, each when the acceptor is ready for one, and leaves after `stay_s`."""

    def __init__(self, acceptor: Device, *kinds: int, stay_s: float = 1.5) -> None:
        self._acceptor, self._kinds = acceptor, list(kinds)
        self._until = time.monotonic() + stay_s
        self._thread = threading.Thread(target=self._stand)

    def __enter__(self) -> Visitor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)

    def gone(self) -> bool:
        return time.monotonic() > self._until

    def _stand(self) -> None:
        while self._kinds and not self.gone():
            state = self._acceptor.do("state")
            if state["word"] == "14" and not state["open"]:
                self._acceptor.do("insert", kind=self._kinds.pop(0))
            time.sleep(0.003)


def collect(till: CashTill, acceptor: Device, due: Money, *kinds: int, stay_s: float = 1.5) -> Collected:
    with Visitor(acceptor, *kinds, stay_s=stay_s) as visitor:
        return till.collect("o", due, visitor.gone)


def cassette(acceptor: Device) -> list[int]:
    return [line["kind"] for line in acceptor.lines("notes.jsonl") if line["event"] == "cassette"]


def test_notes_that_reach_the_price_pay_it_and_each_is_told(till: CashTill, acceptor: Device) -> None:
    told: list[Money] = []
    with Visitor(acceptor, FIFTY, TWENTY, TWENTY, TEN) as visitor:
        paid = till.collect("o", uah(100), visitor.gone, told.append)
    assert paid == Collected(uah(100))
    assert told == [uah(50), uah(70), uah(90), uah(100)]
    assert cassette(acceptor) == [FIFTY, TWENTY, TWENTY, TEN]


def test_a_note_larger_than_the_rest_is_not_taken(till: CashTill, acceptor: Device) -> None:
    assert collect(till, acceptor, uah(60), FIFTY, HUNDRED, TEN) == Collected(uah(60))
    assert cassette(acceptor) == [FIFTY, TEN]


def test_where_no_note_is_small_enough_the_smallest_that_covers_is(till: CashTill, acceptor: Device) -> None:
    assert collect(till, acceptor, Money(5050, "UAH"), FIFTY, TEN, 0) == Collected(uah(51))
    assert cassette(acceptor) == [FIFTY, 0]


def test_a_visitor_who_leaves_is_owed_what_lies_inside(till: CashTill, acceptor: Device) -> None:
    assert collect(till, acceptor, uah(100), FIFTY, stay_s=0.4) == Collected(uah(50))
    claim = till.claim("o", uah(100))
    assert claim is not None
    assert claim == till.claim("o", uah(100))
    assert claim[1] == uah(50)
    assert collect(till, acceptor, uah(100), FIFTY) == Collected(uah(100))  # came back with the slip
    assert till.claim("o", uah(100)) is None


def test_power_lost_while_a_note_is_stacked_credits_it_afterwards(till: CashTill, acceptor: Device, book: Book) -> None:
    till.recover()
    cut_and_back(till, acceptor, "moving")
    assert [note.state for note in book.notes()] == [NoteState.CREDITED]
    assert cassette(acceptor) == [FIFTY]


def test_power_lost_while_a_note_is_held_gives_it_back(till: CashTill, acceptor: Device, book: Book) -> None:
    till.recover()
    cut_and_back(till, acceptor, "held")
    assert NoteState.CREDITED not in {note.state for note in book.notes()}
    assert cassette(acceptor) == []


def cut_and_back(till: CashTill, acceptor: Device, place: str) -> None:
    """The acceptor loses its power with a note at `place`, and gets it again."""

    acceptor.do("cut_note", place=place)

    def watch() -> None:
        end = time.monotonic() + 3
        while acceptor.do("state")["powered"] and time.monotonic() < end:
            if acceptor.do("state")["place"] == "none":
                acceptor.do("insert", kind=FIFTY)
            time.sleep(0.002)
        acceptor.do("power", on=True)

    watcher = threading.Thread(target=watch)
    watcher.start()
    end = time.monotonic() + 2
    till.collect("o", uah(50), lambda: time.monotonic() > end)
    watcher.join(5)


def test_the_word_of_a_stacked_note_said_again_is_credited_once(book: Book, acceptor: Device, tmp_path: Path) -> None:
    with cash_till(_journal(book), acceptor) as till:
        till.recover()
        assert collect(till, acceptor, uah(50), FIFTY) == Collected(uah(50))
    # The program died after the credit and before its acknowledgement: the acceptor says it again to the next one.
    acceptor.do("again", kind=FIFTY)
    with cash_till(_journal(book), acceptor) as after:
        after.recover()
    assert [note.state for note in book.notes()] == [NoteState.CREDITED]


def test_power_lost_before_the_word_of_a_credited_note_was_acknowledged_credits_it_once(
    till: CashTill, acceptor: Device, book: Book
) -> None:
    till.recover()
    assert collect(till, acceptor, uah(50), FIFTY) == Collected(uah(50))
    acceptor.do("again", kind=FIFTY)
    acceptor.do("power", on=False)
    acceptor.do("power", on=True)  # back before the next question: the line never seemed dead
    assert till.collect("next", uah(50), lambda: True) == Collected(uah(0))
    assert [note.state for note in book.notes()] == [NoteState.CREDITED]


def test_a_stacked_note_of_nobody_is_kept_unexplained_and_never_given_to_the_present_visitor(
    till: CashTill, acceptor: Device, book: Book
) -> None:
    till.recover()
    acceptor.do("again", kind=HUNDRED)
    assert collect(till, acceptor, uah(50), FIFTY) == Collected(uah(50))
    assert [(note.order, note.state) for note in book.notes(state=NoteState.UNEXPLAINED.value)] == [
        ("", NoteState.UNEXPLAINED)
    ]


def test_a_note_of_which_nobody_knows_is_in_doubt_until_the_cassette_is_counted(
    till: CashTill, acceptor: Device, book: Book
) -> None:
    book.put(
        Note("n-1", "cash-1", "o", FIFTY, uah(50), book.cassette("cash-1"), book.now())
    )  # written down, never seen again
    assert [note.id for note in till.recover()] == ["n-1"]
    assert book.credit("o") == 0


@pytest.mark.parametrize(
    ("word", "fault"),
    [("jam", "acceptor_jam"), ("cheated", "acceptor_cheated"), ("full", "cassette_full"), ("out", "cassette_out")],
)
def test_a_fault_ends_the_session_and_keeps_the_credit(till: CashTill, acceptor: Device, word: str, fault: str) -> None:
    assert collect(till, acceptor, uah(100), FIFTY, stay_s=0.4) == Collected(uah(50))
    acceptor.do("fault", word=word)
    assert till.collect("o", uah(100), lambda: False) == Collected(uah(50), fault)


def test_a_cassette_taken_out_is_a_collection_with_its_totals(till: CashTill, acceptor: Device, book: Book) -> None:
    collect(till, acceptor, uah(70), FIFTY, TEN, TEN)
    first = book.cassette("cash-1")
    acceptor.do("fault", word="out")
    till.collect("p", uah(10), lambda: True)
    acceptor.do("fault", word="none")
    till.collect("p", uah(10), lambda: True)
    assert book.cassette("cash-1") != first
    (row,) = [row for row in _journal(book).rows("cassette") if row["id"] == first]
    assert row["totals"] == '{"5000": 1, "1000": 2}'


def test_noise_and_silence_on_the_line_lose_no_note(till: CashTill, acceptor: Device) -> None:
    till.recover()
    acceptor.do("noise", answers=5)
    acceptor.do("deaf", commands=2)
    assert collect(till, acceptor, uah(70), FIFTY, TWENTY, stay_s=4) == Collected(uah(70))
    assert cassette(acceptor) == [FIFTY, TWENTY]


def test_an_acceptor_without_power_is_said_to_be_missing(till: CashTill, acceptor: Device) -> None:
    acceptor.do("power", on=False)
    assert till.collect("o", uah(10), lambda: False) == Collected(Money(0, "UAH"), "payment_device_missing")


def test_notes_for_an_order_that_a_card_has_paid_are_owed_by_a_slip(
    till: CashTill, book: Book, acceptor: Device
) -> None:
    price = uah(50)
    book.keep(Order("o", "", "d", "", "uk", price, code="1", at=book.now()))
    collect(till, acceptor, price, FIFTY)
    sale = Payment("p-1", "o", "pos-1", price, "", book.now())
    book.save(sale)
    book.save(replace(sale.moved(State.APPROVED, book.now()), captured_minor=price.minor))
    told: list[object] = []
    audit = Audit(_journal(book), book, "UAH")
    clerk = CashClerk(book, till, audit, "cash-1", told.append, lambda *_: None, lambda: None)
    clerk.start()  # the power went before the order was said to be paid
    until(lambda: told, "how the order ended")
    clerk.stop(5)
    code, minor = book.claims()["o"]
    assert (told, minor) == ([Claimed("o", code, 5000)], 5000)
    order = book.order("o")
    assert order is not None
    assert order.paid("card", "p-1", book.now()).method == "card"
