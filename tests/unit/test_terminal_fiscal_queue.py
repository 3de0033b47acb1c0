"""What is owed to the tax service: on disk before and after each question, oldest first, and never lost by a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.errors import ContractError, TransientDeviceError
from contract.hints import HINTS
from journal.journal import Journal
from journal.schema import MONEY
from journal.verify import verify
from terminal.fiscal.book import FiscalBook
from terminal.fiscal.queue import BATCH, PAUSES_S, FiscalQueue
from terminal.fiscal.registrar import (
    FiscalKind,
    FiscalState,
    Line,
    NoRegistrar,
    RefusedError,
    Registered,
    Sale,
    ShiftReport,
)
from terminal.money import Money


class Clock:
    """Wire time that passes when it is told to."""

    def __init__(self) -> None:
        self.s = 0.0

    def monotonic(self) -> float:
        return self.s

    def utc(self) -> datetime:
        self.s += 0.001
        return datetime(2026, 11, 22, 8, tzinfo=UTC) + timedelta(seconds=self.s)


class Registrar:
    """A registrar in memory: says what the test tells it to, by the words of a script."""

    needed = True

    def __init__(self) -> None:
        self.has: dict[str, Sale] = {}
        self.asked: list[str] = []
        self.away = self.offline = False
        self.refuses: dict[str, RefusedError] = {}

    def register(self, key: str, sale: Sale) -> Registered:
        self.asked.append(key)
        if self.away:
            raise TransientDeviceError("fiscal", "fiscal_away", "")
        if key in self.refuses:
            raise self.refuses[key]
        self.has.setdefault(key, sale)
        return Registered(f"N{len(self.has)}", "https://tax.example/1", self.offline, "7")

    def refund(self, key: str, sale: Sale, of: str) -> Registered:
        assert of in self.has
        return self.register(key, sale)

    def look(self, key: str) -> Registered | None:
        self.asked.append(f"look {key}")
        return Registered("N1", "https://tax.example/1", self.offline) if key in self.has else None

    def close_shift(self) -> ShiftReport | None:
        self.asked.append("close")
        return ShiftReport("1007", len(self.has), 0, sum(one.amount.minor for one in self.has.values()), 0, "7")

    def close(self) -> None:
        pass


def sale(payment: str, minor: int = 1235) -> Sale:
    return Sale(payment, "cash", (Line("passport", "Паспорт", Money(minor, "UAH")),))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(tmp_path: Path, clock: Clock) -> Iterator[Journal]:
    with Journal.open(tmp_path / "money.db", "terminal-1", MONEY, clock.utc) as journal:
        yield journal


@pytest.fixture
def book(journal: Journal, clock: Clock) -> FiscalBook:
    return FiscalBook(journal, "terminal-1", clock.utc)


@pytest.fixture
def registrar() -> Registrar:
    return Registrar()


@pytest.fixture
def queue(book: FiscalBook, registrar: Registrar, clock: Clock) -> FiscalQueue:
    return FiscalQueue(book, registrar, "fiscal", clock=clock.monotonic)


def state(book: FiscalBook, payment: str, kind: FiscalKind = FiscalKind.SALE) -> FiscalState:
    entry = book.entry(payment, kind)
    assert entry is not None
    return entry.state


def kinds(journal: Journal) -> list[str]:
    return [entry.kind for entry in journal.events(0, 100)]


def test_a_sale_is_owed_on_disk_before_the_registrar_is_asked_and_registered_after(
    queue: FiscalQueue, book: FiscalBook, journal: Journal
) -> None:
    queue.owe(sale("p-1"))
    assert state(book, "p-1") is FiscalState.OWED
    assert queue.turn()
    entry = book.entry("p-1")
    assert entry is not None
    assert (entry.state, entry.number, entry.link, entry.tries) == (
        FiscalState.REGISTERED,
        "N1",
        "https://tax.example/1",
        1,
    )
    assert kinds(journal) == ["fiscal.sale.owed", "fiscal.sale.owed", "fiscal.sale.registered"]


def test_what_is_owed_twice_is_registered_once(queue: FiscalQueue, registrar: Registrar) -> None:
    assert queue.owe(sale("p-1")) == queue.owe(sale("p-1"))
    queue.turn()
    queue.turn()
    assert registrar.asked == ["p-1/sale/1"]


def test_a_sale_survives_a_restart_whole(tmp_path: Path, clock: Clock) -> None:
    paid = Sale("p-1", "card", sale("p-1").lines, "T1", "400000******0002", "VISA", "A1", "rrn")
    with Journal.open(tmp_path / "money.db", "terminal-1", MONEY, clock.utc) as journal:
        FiscalBook(journal, "terminal-1", clock.utc).owe(paid, needed=True)
    with Journal.open(tmp_path / "money.db", "terminal-1", MONEY, clock.utc) as journal:
        found = FiscalBook(journal, "terminal-1", clock.utc).having(FiscalState.OWED, 10)
        assert [entry.sale for entry in found] == [paid]
    assert verify(tmp_path / "money.db", "terminal-1", MONEY).ok


def test_while_the_registrar_is_away_everything_stays_owed_and_is_registered_oldest_first_when_it_is_back(
    queue: FiscalQueue, book: FiscalBook, registrar: Registrar
) -> None:
    registrar.away = True
    for payment in ("p-3", "p-1", "p-2"):
        queue.owe(sale(payment))
    assert not queue.turn()
    assert queue.fault == "fiscal_away"
    assert book.owed() == 3
    registrar.away, registrar.asked = False, []
    assert queue.turn()
    assert queue.fault == ""
    assert registrar.asked == ["p-3/sale/1", "p-1/sale/1", "p-2/sale/1"]


def test_more_than_a_batch_is_registered_in_one_turn(queue: FiscalQueue, book: FiscalBook) -> None:
    for number in range(BATCH + 3):
        book.owe(sale(f"p-{number}"), needed=True)
    queue.turn()
    assert book.owed() == 0


def test_a_refused_sale_stays_owed_stops_no_other_and_is_asked_for_again_later(
    queue: FiscalQueue, book: FiscalBook, registrar: Registrar, clock: Clock
) -> None:
    registrar.refuses["p-1/sale/1"] = RefusedError("unknown tax code", spent=False)
    queue.owe(sale("p-1"))
    queue.owe(sale("p-2"))
    queue.turn()
    entry = book.entry("p-1")
    assert entry is not None
    assert (entry.state, entry.why, state(book, "p-2")) == (
        FiscalState.OWED,
        "unknown tax code",
        FiscalState.REGISTERED,
    )
    assert queue.fault == "fiscal_refused"
    queue.turn()
    assert registrar.asked == ["p-1/sale/1", "p-2/sale/1"]
    registrar.refuses.clear()
    clock.s += PAUSES_S[-1]
    queue.turn()
    assert (state(book, "p-1"), queue.fault) == (FiscalState.REGISTERED, "")


def test_a_key_that_a_refusal_spent_is_not_used_again(
    queue: FiscalQueue, registrar: Registrar, clock: Clock, book: FiscalBook
) -> None:
    registrar.refuses["p-1/sale/1"] = RefusedError("the tax service said no", spent=True)
    queue.owe(sale("p-1"))
    queue.turn()
    clock.s += PAUSES_S[-1]
    queue.turn()
    assert registrar.asked == ["p-1/sale/1", "p-1/sale/2"]
    assert state(book, "p-1") is FiscalState.REGISTERED


def test_a_refund_waits_for_its_sale_and_names_it(queue: FiscalQueue, book: FiscalBook, registrar: Registrar) -> None:
    registrar.refuses["p-1/sale/1"] = RefusedError("no", spent=False)
    queue.owe(sale("p-1"))
    queue.give_back("p-1")
    queue.turn()
    assert "p-1/refund/1" not in registrar.asked
    registrar.refuses.clear()
    book.registered(next(iter(book.having(FiscalState.OWED, 1))), registrar.register("p-1/sale/1", sale("p-1")))
    queue.turn()
    assert state(book, "p-1", FiscalKind.REFUND) is FiscalState.REGISTERED
    assert queue.give_back("p-never-sold") is None


def test_a_number_of_the_registrars_own_is_asked_about_until_the_tax_service_has_it(
    queue: FiscalQueue, book: FiscalBook, registrar: Registrar, clock: Clock
) -> None:
    registrar.offline = True
    queue.owe(sale("p-1"))
    queue.turn()
    assert state(book, "p-1") is FiscalState.OFFLINE
    registrar.offline = False
    clock.s += PAUSES_S[-1]
    queue.turn()
    assert state(book, "p-1") is FiscalState.REGISTERED


def test_a_shift_is_closed_after_all_that_was_owed_and_offline(
    queue: FiscalQueue, book: FiscalBook, registrar: Registrar
) -> None:
    registrar.offline = True
    queue.owe(sale("p-1"))
    queue.turn()
    registrar.offline = False
    queue.owe(sale("p-2"))
    ended: list[ShiftReport | None] = []
    queue.end_shift(lambda report, _why: ended.append(report))
    registrar.asked.clear()
    queue.turn()
    assert registrar.asked == ["p-2/sale/1", "look p-1/sale/1", "close"]
    assert state(book, "p-1") is FiscalState.REGISTERED
    assert [report.number if report else "" for report in ended] == ["1007"]
    assert book.of_shift("7") == (2, 2470)
    queue.turn()
    assert len(ended) == 1


def test_with_no_registrar_nothing_is_needed_and_nobody_waits(book: FiscalBook) -> None:
    with FiscalQueue(book, NoRegistrar(), "fiscal") as queue:
        queue.owe(sale("p-1"))
        entry = queue.wait("p-1", 60.0)
        assert entry is not None
        assert entry.state is FiscalState.NOT_NEEDED
        assert not queue.needed
        assert queue.wait("p-2", 60.0) is None


def test_payments_of_which_nothing_was_ever_owed_are_found(queue: FiscalQueue, book: FiscalBook) -> None:
    queue.owe(sale("p-1"))
    assert book.missing(["p-1", "p-2"]) == ["p-2"]
    assert book.missing(["p-1"], FiscalKind.REFUND) == ["p-1"]


def test_a_sale_needs_lines_of_one_currency() -> None:
    with pytest.raises(ContractError, match="one currency"):
        Sale("p", "cash", ())
    with pytest.raises(ContractError, match="one currency"):
        Sale("p", "cash", (Line("a", "a", Money(1, "UAH")), Line("b", "b", Money(1, "KZT"))))


def test_the_words_of_a_refusal_are_one_short_line() -> None:
    why = RefusedError("a\nb" + "c" * 500, spent=False).why
    assert why.isprintable()
    assert len(why) == 200


def test_its_faults_have_hints() -> None:
    assert {"fiscal_away", "fiscal_refused"} <= HINTS.keys()
