"""A payment's life and what a terminal's last receipt proves about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract.errors import ContractError
from contract.words import PaymentState as State
from terminal.money import Money, read_decimal
from terminal.payments import match
from terminal.payments.note import NEXT as NOTE_NEXT
from terminal.payments.note import Note, NoteState
from terminal.payments.payment import DOUBTFUL, LIVE, NEXT, OPEN, Payment, PaymentError, Slip
from terminal.pos.terminal import Kind, Receipt

PRICE = Money(1235, "UAH")
BEFORE = Receipt("7", Kind.SALE, Money(500, "UAH"), approved=True, tid="T1", rrn="r7")
OURS = Receipt("8", Kind.SALE, PRICE, approved=True, tid="T1", rrn="r8")
PAYMENT = Payment("p", "o", "pos-1", PRICE, BEFORE.mark, "2026-03-17T08:00:00.000Z", tid="T1")


@pytest.mark.parametrize("state", State)
def test_every_state_follows_its_table_only(state: State) -> None:
    for then in State:
        if then in NEXT[state]:
            assert replace(PAYMENT, state=state).moved(then, "t").state is then
        else:
            with pytest.raises(PaymentError, match="allowed"):
                replace(PAYMENT, state=state).moved(then, "t")


def test_the_table_leaves_no_way_from_a_doubt_but_knowledge() -> None:
    assert all(NEXT[state].isdisjoint({State.INTENT}) for state in State)
    assert OPEN | DOUBTFUL < LIVE
    assert State.REVERSED not in LIVE


def test_an_approved_payment_owes_a_slip_and_a_declined_one_does_not() -> None:
    assert PAYMENT.moved(State.APPROVED, "t").slip is Slip.OWED
    assert PAYMENT.moved(State.DECLINED, "t").slip is Slip.NONE


def test_a_note_follows_its_table_only() -> None:
    note = Note("n", "cash-1", "o", 3, PRICE, "c", "t")
    for state in NoteState:
        for then in NoteState:
            if then in NOTE_NEXT[state]:
                assert replace(note, state=state).moved(then, "t").state is then
            else:
                with pytest.raises(PaymentError):
                    replace(note, state=state).moved(then, "t")


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (BEFORE, State.NOT_PERFORMED),
        (OURS, State.APPROVED),
        (replace(OURS, approved=False), State.DECLINED),
        (replace(OURS, amount=Money(1236, "UAH")), State.UNKNOWN),
        (replace(OURS, kind=Kind.REFUND), State.UNKNOWN),
        (replace(OURS, tid="T2"), State.UNKNOWN),
        (replace(OURS, number="1"), State.UNKNOWN),  # the batch was closed: its numbers began anew
        (replace(OURS, number="7", rrn="r9"), State.UNKNOWN),  # the same number in another batch
        (None, State.UNKNOWN),
    ],
)
def test_what_the_last_receipt_proves(found: Receipt | None, state: State) -> None:
    assert match.sale(PAYMENT, found).state is state


def test_an_empty_batch_before_and_after_proves_that_nothing_was_sold() -> None:
    assert match.sale(replace(PAYMENT, watermark=""), None).state is State.NOT_PERFORMED
    assert match.sale(replace(PAYMENT, watermark=""), None, just_now=False).state is State.UNKNOWN
    assert match.sale(replace(PAYMENT, watermark=""), OURS).state is State.APPROVED


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (OURS, State.APPROVED),
        (Receipt("9", Kind.VOID, PRICE, approved=True), State.REVERSED),
        (Receipt("9", Kind.VOID, Money(1, "UAH"), approved=True), State.REVERSAL_UNKNOWN),
        (Receipt("9", Kind.SALE, PRICE, approved=True), State.REVERSAL_UNKNOWN),
        (None, State.REVERSAL_UNKNOWN),
    ],
)
def test_what_the_last_receipt_proves_about_giving_back(found: Receipt | None, state: State) -> None:
    sold = replace(PAYMENT, state=State.REVERSAL_UNKNOWN, mark=OURS.mark, receipt="8", captured_minor=PRICE.minor)
    assert match.reversal(sold, found).state is state


@pytest.mark.parametrize(("text", "minor"), [("12.35", 1235), ("12,3", 1230), ("12", 1200), ("0.05", 5)])
def test_amounts_are_read_without_a_float(text: str, minor: int) -> None:
    assert read_decimal(text, "UAH") == Money(minor, "UAH")


@pytest.mark.parametrize("text", ["", "1e3", "-1", "1.234", "1.2.3", "١٢", "9999999999"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ContractError):
        read_decimal(text, "UAH")


def test_money_has_bounds_and_a_known_currency() -> None:
    with pytest.raises(ContractError, match="allowed"):
        Money(1, "USD")
    with pytest.raises(ContractError, match="allowed"):
        Money(-1, "UAH")
    assert str(Money(5, "KZT")) == "0.05 KZT"


def test_a_void_before_the_reversal_is_not_taken_for_it() -> None:
    void = Receipt("9", Kind.VOID, PRICE, approved=True, tid="T1", rrn="r9")
    ours = replace(
        PAYMENT, state=State.REVERSAL_UNKNOWN, watermark=void.mark, mark=OURS.mark, captured_minor=PRICE.minor
    )
    assert match.reversal(ours, void).state is State.APPROVED
    assert match.reversal(ours, replace(void, number="10")).state is State.REVERSED
    assert match.reversal(ours, replace(void, number="10", kind=Kind.REFUND)).state is State.REVERSED


def test_a_terminal_that_undid_the_sale_by_itself_may_number_the_sale_too() -> None:
    void = Receipt("8", Kind.VOID, PRICE, approved=True, tid="T1")
    assert match.sale(PAYMENT, void).state is State.NOT_PERFORMED
    assert match.sale(PAYMENT, replace(void, number="9")).state is State.NOT_PERFORMED
    assert match.sale(PAYMENT, replace(void, number="10")).state is State.UNKNOWN


NAMED = replace(PAYMENT, state=State.UNKNOWN, watermark="", receipt="op-1")
SAID = Receipt("op-1", Kind.SALE, PRICE, approved=True, tid="T1")


@pytest.mark.parametrize(
    ("payment", "found", "state"),
    [
        (NAMED, SAID, State.APPROVED),
        (NAMED, replace(SAID, approved=False), State.DECLINED),
        (NAMED, None, State.UNKNOWN),
        (replace(NAMED, receipt=""), None, State.UNKNOWN),  # the word that it begins was lost
        (NAMED, replace(SAID, tid="T2"), State.UNKNOWN),
        (NAMED, replace(SAID, amount=Money(1, "UAH")), State.UNKNOWN),
    ],
)
def test_what_a_terminal_proves_that_names_its_operations(
    payment: Payment, found: Receipt | None, state: State
) -> None:
    assert match.named(payment, found).state is state
    back = replace(payment, state=State.REVERSAL_UNKNOWN, watermark=payment.receipt, captured_minor=PRICE.minor)
    ends = {State.APPROVED: State.REVERSED, State.DECLINED: State.APPROVED, State.UNKNOWN: State.REVERSAL_UNKNOWN}
    assert match.named(back, found).state is ends[state]


def test_a_receipts_number_means_the_sale_only_while_numbers_grew() -> None:
    ours, next_one, anew = (replace(PAYMENT, id=number, receipt=number) for number in ("8", "9", "2"))
    assert match.same_batch(ours, [], OURS)
    assert match.same_batch(ours, [next_one, replace(PAYMENT, receipt="")], replace(OURS, number="9"))
    assert not match.same_batch(ours, [], None)
    assert not match.same_batch(ours, [], replace(OURS, number="7"))
    assert not match.same_batch(ours, [anew], replace(OURS, number="9"))
    assert not match.same_batch(ours, [replace(next_one, receipt="8")], replace(OURS, number="8"))
