"""A card till on real wires, with each protocol's simulated terminal: each row of the failure table that concerns cards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from contract.errors import ContractError, PermanentDeviceError, TransientDeviceError
from contract.words import PaymentState as State
from journal.database import snapshot
from journal.journal import Journal
from journal.schema import MONEY
from soak.money_site import POS, QUICK_ZVT, Device, card_till, open_journal, plain, tcp
from terminal.money import Money
from terminal.payments.book import Book
from terminal.payments.card_till import CardTill
from terminal.payments.order import Order
from terminal.payments.payment import Slip
from terminal.pos.terminal import Totals
from terminal.pos.zvt.line import TcpLine
from terminal.pos.zvt.session import Quirks, ZvtTerminal
from terminal.wire import open_wire
from tests.until import until

PRICE = Money(1235, "UAH")


TO_THE_ANSWER = {"privat": 1, "privat-serial": 1, "zvt": 2, "zvt-serial": 2}
"""Steps of the simulated terminal from the one that keeps a sale to its last word."""


@pytest.fixture(params=["privat", "zvt"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pos(tmp_path: Path, protocol: str) -> Iterator[Device]:
    with Device(POS[protocol][0], tmp_path / "pos") as pos:
        yield pos


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with open_journal(tmp_path) as journal:
        yield journal


@pytest.fixture
def till(journal: Journal, pos: Device, protocol: str) -> Iterator[CardTill]:
    with card_till(journal, POS[protocol][1](pos, plain)) as till:
        yield till


def taken(pos: Device) -> int:
    """What the bank keeps."""
    sign = {"sale": 1, "void": -1, "refund": -1, "close": 0}
    return sum(sign[line["type"]] * line["minor"] for line in pos.lines("bank.jsonl") if line["approved"])


def kinds(journal: Journal) -> list[str]:
    """Kinds of the journal's events about payments, in order."""
    with snapshot(journal.path) as connection:
        event = MONEY.table("event")
        rows = connection.execute(select(event.c.kind).order_by(event.c.seq))
        return [kind for (kind,) in rows if kind.startswith("payment.")]


def gone_by_now(pos: Device) -> bool:
    """A visitor who leaves as soon as the terminal asks for a card."""
    return bool(pos.do("state")["working"])


def cut_in_the_sale(pos: Device, till: CardTill, protocol: str, *, kept: bool) -> None:
    """The power goes while the next sale is on: before or after the bank has it."""
    till.pay("warm-up", Money(100, "UAH"))
    start = pos.do("state")["steps"]
    till.pay("warm-up-2", Money(100, "UAH"))
    keeps = pos.do("state")["steps"] - start - TO_THE_ANSWER[protocol]
    pos.do("cut_at", step=keeps if kept else keeps - 1)


def test_an_approved_sale_is_paid_once_and_owes_its_slip(till: CardTill, pos: Device) -> None:
    payment = till.pay("o", PRICE)
    assert (payment.state, payment.slip, payment.captured_minor) == (State.APPROVED, Slip.OWED, 1235)
    assert till.printed(payment.id).slip is Slip.PRINTED
    assert taken(pos) == 1235


def test_double_press_two_screens_and_a_retry_give_the_first_result(till: CardTill, pos: Device) -> None:
    assert till.pay("o", PRICE) == till.pay("o", PRICE)
    assert taken(pos) == 1235


def test_the_same_order_with_another_amount_is_refused(till: CardTill) -> None:
    till.pay("o", PRICE)
    with pytest.raises(ContractError, match=r"12\.35 UAH"):
        till.pay("o", Money(1, "UAH"))


def test_a_declined_sale_may_be_tried_again(till: CardTill, pos: Device) -> None:
    pos.do("next", outcome="decline_receipt")
    assert till.pay("o", PRICE).state is State.DECLINED
    pos.do("next", outcome="approve")
    assert till.pay("o", PRICE).state is State.APPROVED
    assert taken(pos) == 1235


def test_partial_approval_is_voided_and_counts_as_unpaid(till: CardTill, pos: Device, journal: Journal) -> None:
    pos.do("next", outcome="partial")
    assert till.pay("o", PRICE).state is State.REVERSED
    assert taken(pos) == 0
    assert Book(journal, "terminal-1").live("o") is None


@pytest.mark.parametrize("protocol", ["privat", "privat-serial", "zvt"], indirect=True)
def test_approved_and_the_answer_lost_is_found_by_its_receipt(till: CardTill, pos: Device, protocol: str) -> None:
    cut_in_the_sale(pos, till, protocol, kept=True)
    lost = till.pay("o", PRICE)
    assert lost.state is State.UNKNOWN
    pos.do("power", on=True)
    assert till.resolve() == []
    found = till.pay("o", PRICE)
    assert (found.id, found.state) == (lost.id, State.APPROVED)
    assert taken(pos) == 1235 + 200


def test_a_cut_before_the_bank_had_it_is_proved_not_performed(
    till: CardTill, pos: Device, protocol: str, journal: Journal
) -> None:
    cut_in_the_sale(pos, till, protocol, kept=False)
    lost = till.pay("o", PRICE)
    pos.do("power", on=True)
    assert till.resolve() == []
    ended = Book(journal, "terminal-1").payment(lost.id)
    assert ended is not None
    assert ended.state is State.NOT_PERFORMED
    assert taken(pos) == 200


def test_while_a_payment_is_unknown_nothing_is_sold_and_a_person_decides(
    till: CardTill, pos: Device, protocol: str
) -> None:
    cut_in_the_sale(pos, till, protocol, kept=True)
    lost = till.pay("o", PRICE)
    pos.do("power", on=True)
    pos.do("foreign", minor=777)  # somebody sold on the terminal's own keys: the last receipt proves nothing now
    before = taken(pos)
    with pytest.raises(PermanentDeviceError, match="payment_unknown"):
        till.pay("another", PRICE)
    assert taken(pos) == before
    with pytest.raises(ContractError, match="name and a reason"):
        till.decide(lost.id, State.APPROVED, "", "")
    assert till.decide(lost.id, State.APPROVED, "Olha R.", "bank report, line 4").state is State.APPROVED
    assert till.pay("another", PRICE).state is State.APPROVED


@pytest.mark.parametrize("protocol", ["privat"], indirect=True)
def test_terminal_swapped_between_sale_and_recovery_is_not_matched(till: CardTill, pos: Device, protocol: str) -> None:
    cut_in_the_sale(pos, till, protocol, kept=True)
    till.pay("o", PRICE)
    pos.do("power", on=True)
    pos.do("tid", value="S1A00099")
    (left,) = till.resolve()
    assert left.state is State.UNKNOWN
    assert "S1A00099" in left.note


def test_batch_closed_in_between_is_not_matched(till: CardTill, pos: Device, protocol: str) -> None:
    cut_in_the_sale(pos, till, protocol, kept=True)
    till.pay("o", PRICE)
    pos.do("power", on=True)
    pos.do("close_batch")
    (left,) = till.resolve()
    assert "batch was closed" in left.note


@pytest.mark.parametrize("protocol", ["privat"], indirect=True)
def test_a_success_after_the_no_is_found_and_not_charged_again(till: CardTill, pos: Device) -> None:
    pos.do("next", outcome="late")
    assert till.pay("o", PRICE).state is State.DECLINED
    until(lambda: taken(pos), "the bank to keep the sale")
    pos.do("next", outcome="approve")
    assert till.pay("o", PRICE).state is State.APPROVED
    assert taken(pos) == 1235


@pytest.mark.parametrize("protocol", ["privat"], indirect=True)
@pytest.mark.parametrize(("place", "end"), [("asked", State.NOT_PERFORMED), ("kept", State.APPROVED)])
def test_a_sale_in_whose_middle_the_power_goes_is_settled_when_it_is_back(
    till: CardTill, pos: Device, place: str, end: State
) -> None:
    till.pay("before", PRICE)
    pos.do("cut_sale", place=place)
    assert till.pay("o", PRICE).state is State.UNKNOWN
    pos.do("power", on=True)
    assert till.resolve() == []
    assert till.pay("o", PRICE).state is State.APPROVED
    assert taken(pos) == 2 * PRICE.minor
    assert next(each.state for each in till._book.payments("o")) is end


@pytest.mark.parametrize("protocol", ["privat"], indirect=True)
def test_a_success_after_notes_have_paid_is_unclear_and_for_staff(
    till: CardTill, pos: Device, journal: Journal
) -> None:
    book = Book(journal, "terminal-1")
    order = Order("o", "", "d", "", "uk", PRICE, code="1", at=book.now())
    book.keep(order)
    pos.do("next", outcome="late")
    declined = till.pay("o", PRICE)
    assert declined.state is State.DECLINED
    book.change("o", lambda each: each.paid("cash", "o", book.now()))
    until(lambda: taken(pos) == PRICE.minor, "the bank to keep the sale")
    for _ in range(2):  # looking again neither settles nor repeats it
        with pytest.raises(PermanentDeviceError, match="payment_unknown"):
            till.look()
    (unclear,) = book.payments("o")
    assert (unclear.id, unclear.state, unclear.captured_minor) == (declined.id, State.UNKNOWN, PRICE.minor)
    assert "notes have paid" in unclear.note
    assert kinds(journal) == ["payment.intent", "payment.declined", "payment.unknown", "payment.unknown"]
    with pytest.raises(PermanentDeviceError, match="payment_unknown"):
        till.pay("p", PRICE)
    till.decide(unclear.id, State.APPROVED, "Olena", "the bank has it")
    assert till.reverse(unclear.id, "Olena", "the visitor paid with notes").state is State.REVERSED
    assert taken(pos) == 0
    kept = book.order("o")
    assert kept is not None
    assert (kept.method, kept.payment) == ("cash", "o")


def test_a_receipt_nobody_can_explain_is_kept_for_staff(till: CardTill, pos: Device, journal: Journal) -> None:
    till.pay("o", PRICE)
    pos.do("foreign", minor=777)
    assert till.pay("p", PRICE).state is State.APPROVED
    assert Book(journal, "terminal-1").strays("pos-1") == ["2/sale/777/000000000002"] or Book(
        journal, "terminal-1"
    ).strays("pos-1") == ["2/sale/777/2"]


@pytest.mark.parametrize("protocol", ["privat"], indirect=True)
def test_a_busy_terminal_is_named_and_begins_nothing(till: CardTill, pos: Device, journal: Journal) -> None:
    till.pay("o", PRICE)
    pos.do("busy", count=2)  # the handshake and the look at the last receipt
    with pytest.raises(TransientDeviceError, match="payment_device_busy"):
        till.pay("p", PRICE)
    assert Book(journal, "terminal-1").live("p") is None
    assert till.pay("p", PRICE).state is State.APPROVED


@pytest.mark.parametrize("protocol", ["privat"], indirect=True)
def test_busy_at_the_sale_itself_is_proved_not_performed(till: CardTill, pos: Device) -> None:
    till.pay("o", PRICE)
    pos.do("busy", count=1, after=2)
    assert till.pay("p", PRICE).state is State.NOT_PERFORMED
    assert taken(pos) == 1235


def test_a_sale_that_takes_longer_than_we_wait_is_waited_out_and_found(till: CardTill, pos: Device) -> None:
    pos.do("next", outcome="approve", hold_s=1.4)  # the till gives up after 1.0
    assert till.pay("o", PRICE).state is State.APPROVED
    assert taken(pos) == 1235


@pytest.mark.parametrize("protocol", ["privat"], indirect=True)
@pytest.mark.parametrize("how", ["single", "garbage"])
def test_split_and_dirty_bytes_change_nothing(till: CardTill, pos: Device, how: str) -> None:
    pos.do("next", outcome="approve", bytes=how)
    assert till.pay("o", PRICE).state is State.APPROVED


def test_a_sale_is_given_back_once_with_the_name_of_who_decided(till: CardTill, pos: Device, journal: Journal) -> None:
    payment = till.pay("o", PRICE)
    assert till.reverse(payment.id, "Olha R.", "no certificate").state is State.REVERSED
    assert taken(pos) == 0
    with pytest.raises(ContractError, match="only an approved one"):
        till.reverse(payment.id, "Olha R.", "again")
    assert "Olha R." in {entry.who for entry in journal.events(0, 100)}


def test_a_reversal_whose_answer_is_lost_is_never_sent_twice(till: CardTill, pos: Device, protocol: str) -> None:
    payment = till.pay("o", PRICE)
    till.pay("p", PRICE)
    start = pos.do("state")["steps"]
    till.reverse(payment.id, "Olha R.", "no certificate")
    steps = pos.do("state")["steps"] - start
    second = till.pay("q", PRICE)
    pos.do("cut_at", step=steps - TO_THE_ANSWER[protocol])  # the bank has the void, its answer never leaves
    assert till.reverse(second.id, "Olha R.", "no certificate").state is State.REVERSAL_UNKNOWN
    pos.do("power", on=True)
    assert till.resolve() == []
    assert [line["type"] for line in pos.lines("bank.jsonl")].count("void") == 2
    assert taken(pos) == 1235


def test_no_terminal_is_an_error_and_begins_nothing(journal: Journal, pos: Device, till: CardTill) -> None:
    pos.do("power", on=False)
    with pytest.raises(TransientDeviceError, match="payment_device_missing"):
        till.pay("o", PRICE)
    assert Book(journal, "terminal-1").live("o") is None


def test_nothing_of_the_card_but_masked_digits_stands_in_a_file(
    till: CardTill, journal: Journal, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    till.pay("o", PRICE)
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    said = "".join(capfd.readouterr()).encode()
    assert b"400000******0002" in files
    for secret in (b"TEST HOLDER", b"B4000000000000002"):
        assert secret not in files + said


@pytest.mark.parametrize("protocol", ["zvt"], indirect=True)
def test_a_terminal_that_does_not_tell_its_last_receipt_is_named_and_sells_nothing(till: CardTill, pos: Device) -> None:
    pos.do("foreign", minor=500)
    pos.do("profile", mute=True)
    with pytest.raises(TransientDeviceError, match="payment_device_mute"):
        till.pay("o", PRICE)
    assert taken(pos) == 500


@pytest.mark.parametrize("protocol", ["zvt-serial"], indirect=True)
@pytest.mark.parametrize("noise", [{"nak": 2}, {"bad": 2}, {"nak": 1, "bad": 1}])
def test_frames_refused_and_spoilt_on_the_serial_line_come_again(
    till: CardTill, pos: Device, noise: dict[str, int]
) -> None:
    till.pay("o", PRICE)
    pos.do("serial", **noise)
    assert till.pay("p", Money(1010, "UAH")).state is State.APPROVED  # 1010: a doubled DLE in the amount
    assert taken(pos) == 1235 + 1010


@pytest.mark.parametrize("protocol", ["privat", "privat-serial", "zvt", "zvt-serial"], indirect=True)
def test_a_visitor_who_leaves_before_a_card_was_shown_ends_the_sale(till: CardTill, pos: Device) -> None:
    pos.do("next", hold_s=0.9)
    payment = till.pay("o", PRICE, lambda: gone_by_now(pos))
    assert payment.state is State.DECLINED
    assert taken(pos) == 0
    pos.do("next")
    assert till.pay("o", PRICE).state is State.APPROVED  # the line is fit for the next one


@pytest.mark.parametrize("protocol", ["privat", "privat-serial", "zvt", "zvt-serial"], indirect=True)
def test_interrupted_while_authorising_and_refused_the_sale_ends_as_it_ends(till: CardTill, pos: Device) -> None:
    pos.do("next", hold_s=0.5, stubborn=True)
    assert till.pay("o", PRICE, lambda: gone_by_now(pos)).state is State.APPROVED
    assert taken(pos) == 1235


def test_a_visitor_who_left_before_the_terminal_was_asked_is_not_asked_for_a_card(till: CardTill, pos: Device) -> None:
    assert till.pay("o", PRICE, lambda: True).state is State.NOT_PERFORMED
    assert pos.lines("bank.jsonl") == []


def test_the_batch_is_added_up_without_what_was_declined_or_given_back(till: CardTill, pos: Device) -> None:
    assert till.totals() == Totals(0, 0, "UAH")
    till.pay("o", PRICE)
    till.reverse(till.pay("p", Money(500, "UAH")).id, "Olha R.", "no certificate")
    pos.do("next", outcome="decline_receipt")
    till.pay("q", PRICE)
    pos.do("foreign", minor=100)
    assert till.totals() == Totals(2, 1335, "UAH")
    pos.do("close_batch")
    assert till.totals() == Totals(0, 0, "UAH")


@pytest.mark.parametrize("protocol", ["privat"], indirect=True)
def test_a_sale_of_a_closed_batch_is_refunded_by_its_rrn_and_not_by_a_number_that_is_anothers(
    till: CardTill, pos: Device
) -> None:
    ours = till.pay("o", PRICE)
    pos.do("close_batch")
    till.pay("another", PRICE)  # has our receipt's number now
    assert till.reverse(ours.id, "Olha R.", "no certificate").state is State.REVERSED
    assert [line["type"] for line in pos.lines("bank.jsonl")] == ["sale", "close", "sale", "refund"]
    assert taken(pos) == 1235


@pytest.mark.parametrize("protocol", ["zvt"], indirect=True)
def test_a_sale_of_a_closed_batch_is_not_given_back_by_a_number_that_is_anothers(till: CardTill, pos: Device) -> None:
    ours = till.pay("o", PRICE)
    pos.do("close_batch")
    till.pay("another", PRICE)
    with pytest.raises(ContractError, match="batch is closed"):
        till.reverse(ours.id, "Olha R.", "no certificate")
    assert taken(pos) == 2470


def test_a_reversal_that_never_arrived_leaves_the_sale_paid(till: CardTill, pos: Device, protocol: str) -> None:
    """Even where the receipt before it is a void over the same amount: that one is another's."""
    first, second = till.pay("o", PRICE), till.pay("p", PRICE)
    start = pos.do("state")["steps"]
    till.reverse(second.id, "Olha R.", "no certificate")
    steps = pos.do("state")["steps"] - start
    pos.do("cut_at", step=steps - TO_THE_ANSWER[protocol] - 1)  # before the bank has it
    till.reverse(first.id, "Olha R.", "no certificate")
    pos.do("power", on=True)
    assert till.resolve() == []
    assert till.pay("o", PRICE) == till.pay("o", PRICE)
    assert till.pay("o", PRICE).state is State.APPROVED
    assert taken(pos) == 1235


@pytest.mark.parametrize("protocol", ["privat"], indirect=True)
def test_a_terminal_without_paper_takes_nothing(till: CardTill, pos: Device) -> None:
    pos.do("next", outcome="paper")
    payment = till.pay("o", PRICE)
    assert (payment.state, payment.note) == (State.DECLINED, "the terminal said 1005")
    assert taken(pos) == 0


@pytest.mark.parametrize("protocol", ["zvt"], indirect=True)
def test_a_terminal_that_wants_paper_is_named(till: CardTill, pos: Device) -> None:
    pos.do("profile", paper=False)
    with pytest.raises(TransientDeviceError, match="payment_device_paper"):
        till.pay("o", PRICE)
    pos.do("profile")
    assert till.pay("o", PRICE).state is State.APPROVED


@pytest.mark.parametrize("protocol", ["privat"], indirect=True)
def test_older_firmwares_spelling_is_understood(till: CardTill, pos: Device) -> None:
    pos.do("typo", on=True)
    pos.do("next", hold_s=0.9)
    assert till.pay("o", PRICE, lambda: gone_by_now(pos)).state is State.DECLINED
    pos.do("next")
    assert till.pay("o", PRICE).state is State.APPROVED


@pytest.mark.parametrize("protocol", ["zvt"], indirect=True)
class TestQuirks:
    """What some makers' terminals do, told to the till as a profile."""

    @pytest.fixture
    def till(self, journal: Journal, pos: Device) -> Iterator[CardTill]:
        quirks = Quirks(last_only=True, charset="iso8859-1")
        connect = lambda: TcpLine(open_wire(tcp(pos), "pos-1"), "pos-1")  # noqa: E731
        terminal = ZvtTerminal(connect, "UAH", "pos-1", timing=QUICK_ZVT, quirks=quirks)
        with card_till(journal, terminal) as till:
            yield till

    def test_fields_and_tags_of_no_table_change_nothing(self, till: CardTill, pos: Device) -> None:
        pos.do("profile", odd=True)
        payment = till.pay("o", PRICE)
        assert (payment.state, payment.brand) == (State.APPROVED, "Crédit")

    def test_a_terminal_that_voids_its_last_receipt_only_is_asked_for_no_other(
        self, till: CardTill, pos: Device
    ) -> None:
        pos.do("profile", last_only=True)
        first, last = till.pay("o", PRICE), till.pay("p", Money(500, "UAH"))
        kept = till.reverse(first.id, "Olha R.", "no certificate")
        assert kept.state is State.APPROVED
        assert "last receipt only" in kept.note
        assert taken(pos) == 1735
        assert till.reverse(last.id, "Olha R.", "no certificate").state is State.REVERSED
        assert taken(pos) == 1235
