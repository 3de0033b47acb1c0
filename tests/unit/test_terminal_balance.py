"""A device's day held against its own word: the balance is true exactly when both ledgers agree, and says what is left."""

from __future__ import annotations

import itertools
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contract import messages as m
from contract.errors import ContractError, DeviceError, TransientDeviceError
from contract.words import PaymentState as State
from journal.journal import Journal
from journal.schema import MONEY
from journal.verify import verify
from runtime.clock import utc_now
from terminal.money import Money
from terminal.payments import balance
from terminal.payments.audit import Audit
from terminal.payments.balance import Balance
from terminal.payments.book import Book
from terminal.payments.card_till import CardTill
from terminal.payments.note import Note, NoteState
from terminal.payments.payment import DOUBTFUL, OPEN, Payment
from terminal.pos.terminal import Answer, Closed, DoubtError, Kind, Receipt, Totals, never

DAY = date(2026, 11, 22)
NAMES = itertools.count(1)


@dataclass
class Line:
    """One operation of the bank's own ledger. `of`: what a void or refund is about."""

    number: int
    batch: int
    kind: Kind
    minor: int
    of: Line | None = None
    voided: bool = False
    ours: bool = False


@dataclass
class Bank:
    """A terminal in memory with the ledger of its bank behind it; what it answers next is ordered."""

    outcome: str = "approve"
    refunds: bool = True
    by_name: bool = False
    closes: bool = True
    closing: str = "done"
    """What it makes of its closing: done | refused | done, and the answer is lost | unheard."""
    tells: bool = True
    away: bool = False
    batch: int = 1
    all: list[Line] = field(default_factory=list)

    def lines(self) -> list[Line]:
        return [line for line in self.all if line.batch == self.batch]

    def keep(self, kind: Kind, minor: int, of: Line | None = None) -> Line:
        line = Line(len(self.lines()) + 1, self.batch, kind, minor, of)
        self.all.append(line)
        return line

    def open(self) -> str:
        if self.away:
            raise TransientDeviceError("pos", "payment_device_missing", "")
        return "in memory"

    def settle(self) -> None: ...

    def close(self) -> None: ...

    def last(self) -> Receipt | None:
        return self._told(self.lines()[-1]) if self.lines() else None

    def find(self, asked: Receipt) -> Receipt | None:
        raise NotImplementedError

    def sell(self, amount: Money, offered: Callable[[Receipt], object], ended: Callable[[], bool] = never) -> Answer:
        if self.outcome == "decline":
            return Answer(approved=False, code="no")
        if self.outcome == "not_kept":
            self.keep(Kind.SALE, 7)
            raise DoubtError("no answer")
        line = self.keep(Kind.SALE, amount.minor)
        line.ours = True
        if self.outcome == "kept":  # the answer is lost, and somebody sells by hand, so that nothing is proved
            self.keep(Kind.SALE, 7)
            raise DoubtError("no answer")
        return Answer(approved=True, code="ok", receipt=self._told(line))

    def reverse(self, sale: Receipt, offered: Callable[[Receipt], object]) -> Answer:
        found = [each for each in self.all if self._told(each) == sale and not each.voided]
        if not found:
            return Answer(approved=False, code="unknown receipt")
        same = found[-1].batch == self.batch
        found[-1].voided = same
        return Answer(
            True, "ok", self._told(self.keep(Kind.VOID if same else Kind.REFUND, sale.amount.minor, found[-1]))
        )

    def totals(self) -> Totals | None:
        if not self.tells:
            return None
        stand = [line.minor for line in self.lines() if line.kind is Kind.SALE and not line.voided]
        given = [line.minor for line in self.lines() if line.kind is Kind.REFUND]
        return Totals(len(stand), sum(stand) - sum(given), "UAH")

    def close_batch(self) -> Closed:
        told = self.totals()
        if self.closing == "refused":
            return Closed(done=False, code="no host")
        if self.closing != "unheard":
            self.batch += 1
        if self.closing != "done":
            raise DoubtError("no answer")
        return Closed(done=True, totals=told)

    def mark(self, line: Line) -> str:
        return self._told(line).mark

    def _told(self, line: Line) -> Receipt:
        rrn = f"{self.all.index(line):06}"
        return Receipt(str(line.number), line.kind, Money(line.minor, "UAH"), approved=True, tid="T1", rrn=rrn)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal in which nothing has happened yet, to be copied."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    Journal.open(path, "terminal-1", MONEY, utc_now).close()
    return path


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    path = tmp_path_factory.mktemp("money") / "money.db"
    with Journal.open(path, "terminal-1", MONEY, utc_now) as journal:
        yield journal
        assert verify(path, "terminal-1", MONEY).ok


class Hall:
    """One card terminal of its own in a shared journal."""

    def __init__(self, journal: Journal, *, refunds: bool = True, tells: bool = True) -> None:
        self.device, self.bank = f"pos-{next(NAMES)}", Bank(refunds=refunds, tells=tells)
        self.book = Book(journal, "terminal-1")
        self.till = CardTill(self.book, self.bank, self.device)
        self.audit = Audit(journal, self.book, "UAH")
        self.began: dict[str, int] = {}
        """Payment → the bank's batch in which it was begun; and in which it was given back, where that was a later one."""
        self.given: dict[str, int] = {}

    def sell(self, outcome: str = "approve", minor: int = 1235) -> Payment | None:
        self.bank.outcome = outcome
        batch = self.bank.batch
        try:
            payment = self.till.pay(f"{self.device}-o{len(self.began)}", Money(minor, "UAH"))
        except DeviceError:
            return None
        self.began.setdefault(payment.id, batch)
        return payment

    def batch_of(self, payment: Payment) -> int:
        """In which of the bank's batches its receipt is; while it has none: in which it was begun."""
        mine = [line.batch for line in self.bank.all if payment.mark == self.bank.mark(line)]
        return mine[0] if mine else self.began[payment.id]

    def payments(self, *states: State) -> list[Payment]:
        return [one for one in map(self.of, self.began) if not states or one.state in states]

    def of(self, name: str) -> Payment:
        found = self.book.payment(name)
        assert found is not None
        return found

    def balance(self) -> Balance:
        return self.audit.cards(self.till, DAY)

    def close(self, how: str = "done") -> Balance:
        self.bank.closing = how
        order = m.TillOrder(id="c-1", do="cards", who="op-07", why="the day is over")
        return self.audit.close(self.till, order, DAY)

    def balances(self) -> list[bool]:
        return [row.balances for row in self.audit.of_device(self.device)]


@pytest.fixture
def hall(journal: Journal) -> Hall:
    return Hall(journal)


def test_an_honest_day_balances_and_reconciles_every_payment(hall: Hall) -> None:
    for outcome in ("approve", "decline", "approve"):
        hall.sell(outcome)
    hall.till.reverse(hall.payments(State.APPROVED)[0].id, "Olha R.", "the certificate was not issued")
    made = hall.balance()
    assert (made.balances, made.why, made.left) == (True, "", ())
    assert (made.ours_count, made.ours_minor, made.theirs_count, made.theirs_minor) == (1, 1235, 1, 1235)
    assert not set(hall.began) & set(hall.audit.left())


def test_a_payment_nobody_knows_the_end_of_is_named_and_reconciled_once_it_is_decided(hall: Hall) -> None:
    hall.sell()
    lost = hall.sell("kept")
    assert lost is not None
    made = hall.balance()
    assert (made.balances, made.unknown) == (False, 1)
    assert made.left[0] == f"{lost.id}: unknown, 12.35 UAH"
    assert made.why.startswith("the terminal has 2 sales more, 12.42 UAH more")
    assert lost.id in hall.audit.left()
    hall.till.decide(lost.id, State.APPROVED, "Olha R.", "the bank's report has it")
    made = hall.balance()
    assert (made.balances, made.unknown, made.strays) == (False, 0, 1)
    assert "nobody's, 0.07 UAH" in made.why  # what was sold by hand is left


def test_a_receipt_nobody_explains_is_left_until_it_is_voided(hall: Hall) -> None:
    hall.sell()
    by_hand = hall.bank.keep(Kind.SALE, 500)
    assert hall.balance().why == (
        "the terminal has 1 sales more, 5.00 UAH more; receipt 2/sale/500/000001: nobody's, 5.00 UAH"
    )
    by_hand.voided = True
    hall.bank.keep(Kind.VOID, 500, by_hand)
    made = hall.balance()
    assert (made.balances, made.strays) == (True, 2)


def test_a_batch_closed_before_it_was_held_is_said_and_the_next_one_stands_by_itself(hall: Hall) -> None:
    first = hall.sell()
    hall.bank.batch += 1
    second = hall.sell()
    assert first is not None
    assert second is not None
    assert hall.balance().balances
    assert [row.why for row in hall.audit.of_device(hall.device) if not row.balances] == [
        "the batch was closed before its totals were asked for: compare the terminal's report of its closing"
    ]
    assert first.id in hall.audit.left()
    assert second.id not in hall.audit.left()


def test_a_batch_that_balanced_stays_balanced_after_it_is_closed(hall: Hall) -> None:
    hall.sell()
    assert hall.balance().balances
    hall.bank.batch += 1
    hall.sell()
    hall.balance()
    hall.balance()
    assert hall.balances() == [True, True]


def test_a_decision_taken_after_the_batch_was_closed_settles_its_balance(hall: Hall) -> None:
    first = hall.sell()
    assert first is not None
    payment = Payment("p-late", "late", hall.device, Money(500, "UAH"), first.mark, hall.book.now(), tid="T2")
    hall.book.save(payment)
    hall.bank.keep(Kind.SALE, 500)
    hall.book.save(payment.moved(State.UNKNOWN, hall.book.now(), "no answer"))
    seen = hall.balance()
    assert (seen.balances, seen.unknown, seen.ours_count, seen.theirs_count) == (False, 1, 1, 2)
    hall.bank.batch += 1
    hall.till.decide("p-late", State.APPROVED, "Olha R.", "the bank's report has it")
    assert hall.balance().balances
    assert hall.balances() == [True, True]
    assert "p-late" not in hall.audit.left()


def test_a_sale_given_back_after_its_batch_was_closed_counts_in_both(hall: Hall) -> None:
    sold = hall.sell()
    assert sold is not None
    assert hall.balance().balances
    hall.bank.batch += 1
    hall.sell(minor=5000)
    assert hall.till.reverse(sold.id, "Olha R.", "not issued").state is State.REVERSED
    made = hall.balance()
    assert (made.balances, made.ours_count, made.ours_minor) == (True, 1, 5000 - 1235)
    assert hall.balances() == [True, True]


def test_a_terminal_that_tells_no_totals_ends_a_batch_by_each_balance(journal: Journal) -> None:
    hall = Hall(journal, tells=False)
    hall.sell()
    made = hall.balance()
    assert (made.balances, made.theirs_minor) == (False, None)
    assert "does not tell totals" in made.why
    hall.sell(minor=500)
    again = hall.balance()
    assert (again.ours_count, again.ours_minor) == (1, 500)
    assert len(hall.balances()) == 2


def test_a_terminal_that_does_not_answer_ends_nothing(hall: Hall) -> None:
    hall.sell()
    hall.bank.away = True
    made = hall.balance()
    assert (made.balances, made.why) == (False, "the card terminal does not answer (payment_device_missing)")
    hall.bank.away = False
    assert hall.balance().ours_count == 1
    assert hall.balances() == [True]


def test_what_the_hall_is_told_is_a_fact_of_the_contract(hall: Hall) -> None:
    hall.sell()
    hall.sell("kept")
    envelope = {"v": 1, "id": "f-1", "at": hall.book.now(), "inc": "i", "ep": 1, "sq": 1}
    told = m.BalanceFact.model_validate_json(json.dumps({**envelope, **hall.balance().told()}))
    assert (told.method, told.day, told.unknown, told.balances) == ("card", DAY, 1, False)
    assert len(told.why) <= 200


# -- the end of a terminal's day --------------------------------------------------------------------------------------


def test_a_batch_is_closed_by_staff_and_its_balance_says_who_and_why(hall: Hall) -> None:
    sold = hall.sell()
    assert sold is not None
    made = hall.close()
    assert (made.state, made.balances, made.by, made.note, made.why) == ("closed", True, "op-07", "the day is over", "")
    hall.sell(minor=500)
    assert hall.balance().ours_minor == 500
    hall.balance()
    assert [(row.state, row.balances, row.by) for row in hall.audit.of_device(hall.device)] == [
        ("closed", True, "op-07"), ("open", True, ""),
    ]  # fmt: skip
    assert sold.id not in hall.audit.left()


@pytest.mark.parametrize(("how", "after"), [("lost", ("closed", 1)), ("unheard", ("open", 2))])
def test_a_closing_whose_answer_is_lost_is_unknown_until_the_terminal_shows_it(
    hall: Hall, how: str, after: tuple[str, int]
) -> None:
    hall.sell()
    made = hall.close(how)
    assert (made.state, made.balances, made.why) == ("unknown", True, balance.UNCLEAR)
    hall.sell()
    hall.balance()
    first = hall.audit.of_device(hall.device)[0]
    assert (first.state, first.ours_count, first.balances) == (*after, True)


def test_a_terminal_that_refuses_keeps_its_batch(hall: Hall) -> None:
    hall.sell()
    made = hall.close("refused")
    assert (made.state, made.balances, made.why) == ("open", True, "not closed: the terminal said no host")
    hall.sell()
    assert (hall.balance().ours_count, len(hall.balances())) == (2, 1)


def test_no_batch_is_closed_over_a_payment_nobody_knows_the_end_of(hall: Hall) -> None:
    hall.sell()
    hall.sell("kept")
    with pytest.raises(DeviceError, match="payment_unknown"):
        hall.close()
    assert hall.bank.batch == 1


def test_a_terminal_without_an_end_of_day_is_told_so(hall: Hall) -> None:
    hall.bank.closes = False
    with pytest.raises(ContractError, match="no end of day"):
        hall.close()


# -- any day ------------------------------------------------------------------------------------------------------------

SALES = st.tuples(st.just("sell"), st.sampled_from(["approve", "approve", "decline", "kept", "not_kept"]))
STEPS = st.one_of(
    SALES,
    SALES,
    st.tuples(st.just("reverse"), st.integers(0, 3)),
    st.tuples(st.just("decide"), st.booleans()),
    st.tuples(st.just("foreign"), st.sampled_from([700, 1235])),
    st.tuples(st.just("close"), st.none()),
    st.tuples(st.just("day_end"), st.sampled_from(["done", "refused", "lost", "unheard"])),
    st.tuples(st.just("balance"), st.none()),
)


def play(hall: Hall, step: str, how: object) -> None:
    match step:
        case "sell":
            hall.sell(str(how))
        case "reverse":
            paid = hall.payments(State.APPROVED)
            if paid:
                chosen = paid[int(str(how)) % len(paid)].id
                with suppress(ContractError, DeviceError):
                    if hall.till.reverse(chosen, "Olha R.", "not issued").state is State.REVERSED:
                        hall.given |= (
                            {chosen: hall.bank.batch} if hall.batch_of(hall.of(chosen)) != hall.bank.batch else {}
                        )
        case "decide":
            for payment in hall.payments(*DOUBTFUL):
                states = {True: State.APPROVED, False: State.NOT_PERFORMED}
                reversing = payment.state is State.REVERSAL_UNKNOWN
                hall.till.decide(
                    payment.id, State.REVERSED if reversing else states[bool(how)], "Olha R.", "as the bank says"
                )
        case "foreign":
            hall.bank.keep(Kind.SALE, int(str(how)))
        case "day_end":
            with suppress(DeviceError):
                hall.close(str(how))
        case "close":
            hall.bank.batch += bool(hall.bank.lines())


def agree(hall: Hall) -> bool:
    """Whether the bank's open batch and the books say the same, worked out from the payments and the bank's own lines."""
    mine = [payment for payment in hall.payments() if hall.batch_of(payment) == hall.bank.batch]
    taken = [payment for payment in mine if payment.state is State.APPROVED]
    lines = [line for line in hall.bank.lines() if line.kind is Kind.SALE and not line.voided]
    given = [line.minor for line in hall.bank.lines() if line.kind is Kind.REFUND]
    known = {payment.mark for payment in mine}
    foreign = [line for line in lines if not line.ours and hall.bank.mark(line) not in known]
    refunds = [p.captured_minor for p in hall.payments(State.REVERSED) if hall.given.get(p.id) == hall.bank.batch]
    doubt = [p for p in hall.payments(*OPEN, *DOUBTFUL) if hall.batch_of(p) == hall.bank.batch]
    sums = Counter(line.minor for line in lines) == Counter(payment.captured_minor for payment in taken)
    return not doubt and not foreign and sums and sorted(given) == sorted(refunds)


SOLD, CLOSED, FOREIGN = ("sell", "approve"), ("close", None), ("foreign", 1235)


@settings(max_examples=40, deadline=None)
@example(steps=[SOLD, CLOSED, FOREIGN], refunds=False)  # an equal sale by hand in the next batch
@example(
    steps=[("sell", "kept"), CLOSED, ("decide", True)], refunds=False
)  # a lost sale left no mark in the batch before
@example(steps=[SOLD, ("sell", "decline"), ("balance", None), CLOSED, FOREIGN], refunds=False)  # a success after the no
@example(steps=[SOLD, SOLD, ("reverse", 0), CLOSED, ("sell", "decline"), ("reverse", 0), FOREIGN], refunds=True)
@given(st.lists(STEPS, max_size=14), st.booleans())
def test_on_any_day_the_balance_is_true_exactly_when_both_ledgers_agree(
    template: Path, steps: list[tuple[str, object]], refunds: bool
) -> None:
    shutil.copy(template, path := template.with_name("money.db"))
    with Journal.open(path, "terminal-1", MONEY, utc_now) as journal:
        hall = Hall(journal, refunds=refunds)
        for step, how in [*steps, ("balance", None)]:
            play(hall, step, how)
            if step == "balance":
                made = hall.balance()
                assert made.balances == agree(hall), made
                assert bool(made.why) != made.balances or made.state == "unknown"
                assert not {p.id for p in hall.payments(*OPEN, *DOUBTFUL)} - set(hall.audit.left())


# -- notes --------------------------------------------------------------------------------------------------------------


def note(
    name: str, minor: int, state: NoteState, device: str = "cash-1", cassette: str = "c-1", order: str = "o"
) -> Note:
    return Note(name, device, order, 1, Money(minor, "UAH"), cassette, "2026-11-22T08:00:00.000Z", state)


NOTES = st.lists(st.tuples(st.sampled_from([1000, 5000, 10000]), st.sampled_from(list(NoteState))), max_size=8)


@given(NOTES, st.data())
def test_a_cassette_balances_exactly_when_it_was_counted_and_each_note_is_known(
    drawn: list[tuple[int, NoteState]], data: st.DataObject
) -> None:
    """The truth: where each doubtful note really is; the count may be wrong by one note."""
    notes = [note(f"n-{n}", minor, state) for n, (minor, state) in enumerate(drawn) if state is not NoteState.STACKING]
    doubt = [one for one in notes if one.state is NoteState.DOUBT]
    there = data.draw(st.lists(st.booleans(), min_size=len(doubt), max_size=len(doubt)))
    lies = [one for one in notes if one.state in {NoteState.CREDITED, NoteState.UNEXPLAINED}]
    lies += [one for one, inside in zip(doubt, there, strict=True) if inside]
    counted = Counter(one.value.minor for one in lies)
    counted[data.draw(st.sampled_from([1000, 5000]))] += data.draw(st.sampled_from([0, 0, 1]))
    proved = {one.id: state for one, state in balance.settled(notes, counted)}
    after = [note(one.id, one.value.minor, proved.get(one.id, one.state)) for one in notes]
    made = balance.cash("c-1", "cash-1", after, counted, day="2026-11-22", at="", currency="UAH", seq=1)
    doubtful = any(one.state is NoteState.DOUBT for one in after)
    assert made.balances == (balance.inside(after) == +counted and not doubtful)
    assert bool(made.why) != made.balances
    if not made.balances:
        assert made.unknown or (made.theirs_minor, made.theirs_count) != (made.ours_minor, made.ours_count)
    uncounted = balance.cash("c-1", "cash-1", notes, None, day="2026-11-22", at="", currency="UAH", seq=1)
    assert (uncounted.balances, uncounted.theirs_minor) == (False, None)


def test_counting_settles_doubt_only_where_all_or_none_lay_inside() -> None:
    two = [note("a", 5000, NoteState.DOUBT, order="x"), note("b", 5000, NoteState.DOUBT, order="y")]
    assert balance.settled(two, {5000: 1}) == []
    assert {state for _, state in balance.settled(two, {5000: 2})} == {NoteState.CREDITED}
    assert {state for _, state in balance.settled(two, {})} == {NoteState.RETURNED}


def test_a_cassette_that_was_taken_out_and_counted_reconciles_the_orders_its_notes_paid(journal: Journal) -> None:
    device = f"cash-{next(NAMES)}"
    book = Book(journal, "terminal-1")
    audit = Audit(journal, book, "UAH")
    first = book.cassette(device)
    book.put(note(f"{device}-1", 5000, NoteState.CREDITED, device, first, f"{device}-order"))
    book.put(note(f"{device}-2", 5000, NoteState.DOUBT, device, first, f"{device}-other"))
    book.put(note(f"{device}-3", 1000, NoteState.UNEXPLAINED, device, first, ""))
    with pytest.raises(ContractError, match="taken out"):
        audit.count(device, first, {5000: 2, 1000: 1}, "Olha R.", DAY)
    assert book.collect(device) == {"5000": 1, "1000": 1}
    (before, new) = audit.cassettes(device, DAY)
    assert (before.why, before.unknown, before.nobodys) == (f"{first}: not counted yet; 1 in doubt", 1, 1)
    assert (new.ours_count, new.balances) == (0, False)
    short = audit.count(device, first, {5000: 1}, "Olha R.", DAY)
    assert (short.balances, short.why) == (False, f"{first}: counted against the books: -1 of 10.00 UAH")
    assert [one.state for one in book.notes(order_id=f"{device}-other")] == [NoteState.RETURNED]
    ordered = m.TillOrder(
        id="c-1", at=utc_now(), do="balance", cassette=first, counted={"5000": 1, "1000": 1}, who="op-07"
    )
    (made,) = audit.asked(device, ordered, DAY)
    assert audit.asked(device, ordered, DAY)[0].balances
    assert (made.balances, made.left) == (True, (f"{device}-3: nobody's, 10.00 UAH",))
    assert f"{device}-order" not in audit.left()
    assert [row.id for row in audit.of_day(DAY) if row.device == device and row.balances] == [f"{device}/{first}"]
