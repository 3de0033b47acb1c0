"""A card till with a simulated Kaspi terminal on TLS: each row of the failure table that a terminal without receipts knows."""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.errors import ContractError, PermanentDeviceError, TransientDeviceError
from contract.words import PaymentState as State
from journal.journal import Journal
from soak.money_site import POS, Device, card_till, open_journal, plain
from terminal.money import Money
from terminal.payments.book import Book
from terminal.payments.card_till import CardTill
from terminal.pos.kaspi.session import KaspiTerminal
from terminal.wire import open_wire
from tests.until import until

PRICE = Money(123_500, "KZT")


@pytest.fixture
def pos(tmp_path: Path) -> Iterator[Device]:
    with Device("simulators.kaspi_pos", tmp_path / "pos") as pos:
        yield pos


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with open_journal(tmp_path) as journal:
        yield journal


@pytest.fixture
def till(journal: Journal, pos: Device) -> Iterator[CardTill]:
    with card_till(journal, POS["kaspi"][1](pos, plain)) as till:
        yield till


def taken(pos: Device) -> int:
    sign = {"sale": 1, "void": -1, "close": 0}
    return sum(sign[line["type"]] * line["minor"] for line in pos.lines("bank.jsonl") if line["approved"])


def at_rest(pos: Device) -> None:
    """The bank has what was begun."""
    until(lambda: not pos.do("state")["working"], "the end of the sale")


def steps_of_a_sale(pos: Device, till: CardTill) -> int:
    """How many steps the terminal makes from a sale's first request to the one that begins it, answered."""
    start = pos.do("state")["steps"]
    till.pay("warm-up", Money(100, "KZT"))
    assert pos.do("state")["steps"] > start + 4
    return 2 + 2  # the device's information and its answer, the beginning and its answer


def deaf_once_it_works(pos: Device) -> None:
    """The next request after the sale's beginning is not answered."""
    end = time.monotonic() + 3
    while not pos.do("state")["working"] and time.monotonic() < end:
        pass
    pos.do("deaf", count=1)


@pytest.mark.parametrize("how", ["whole", "single", "chunked"])
def test_an_approved_sale_is_paid_once_whatever_its_bytes(till: CardTill, pos: Device, how: str) -> None:
    pos.do("next", bytes=how)
    payment = till.pay("o", PRICE)
    assert (payment.state, payment.captured_minor, payment.brand) == (State.APPROVED, 123_500, "card")
    assert till.pay("o", PRICE) == payment
    assert taken(pos) == 123_500


def test_a_declined_sale_may_be_tried_again(till: CardTill, pos: Device) -> None:
    pos.do("next", outcome="decline")
    assert till.pay("o", PRICE).state is State.DECLINED
    pos.do("next")
    assert till.pay("o", PRICE).state is State.APPROVED
    assert taken(pos) == 123_500


def test_unknown_that_becomes_success_when_the_bank_is_asked_again(till: CardTill, pos: Device) -> None:
    pos.do("next", outcome="unknown")
    assert till.pay("o", PRICE).state is State.APPROVED
    assert taken(pos) == 123_500


def test_the_name_lost_with_the_answer_leaves_it_unknown_until_a_person_decides(till: CardTill, pos: Device) -> None:
    pos.do("next", outcome="lost")
    lost = till.pay("o", PRICE)
    assert lost.state is State.UNKNOWN
    pos.do("next")
    at_rest(pos)
    with pytest.raises(PermanentDeviceError, match="payment_unknown"):
        till.pay("p", PRICE)
    assert till.decide(lost.id, State.APPROVED, "Olha R.", "the terminal's own list").state is State.APPROVED
    assert till.pay("p", PRICE).state is State.APPROVED
    assert [line["type"] for line in pos.lines("bank.jsonl")] == ["sale", "sale"]


def test_power_lost_once_the_name_is_known_is_settled_by_it(till: CardTill, pos: Device) -> None:
    pos.do("cut_at", step=steps_of_a_sale(pos, till) + 2)  # the first look at it is answered by nobody
    lost = till.pay("o", PRICE)
    assert lost.state is State.UNKNOWN
    assert lost.receipt
    pos.do("power", on=True)
    assert till.resolve() == []
    assert till.pay("o", PRICE).captured_minor == 123_500
    assert taken(pos) == 123_500 + 100


def test_a_sale_that_takes_longer_than_we_wait_is_waited_out_and_found(till: CardTill, pos: Device) -> None:
    pos.do("next", hold_s=2.0)  # the till gives up after 1.5
    assert till.pay("o", PRICE).state is State.APPROVED
    assert taken(pos) == 123_500


def test_an_operation_the_terminal_forgot_is_decided_by_a_person(till: CardTill, pos: Device) -> None:
    pos.do("cut_at", step=steps_of_a_sale(pos, till) + 2)
    lost = till.pay("o", PRICE)
    pos.do("power", on=True)
    pos.do("forget")
    (left,) = till.resolve()
    assert left.id == lost.id
    assert "any more" in left.note


def test_terminal_swapped_between_sale_and_recovery_is_not_matched(till: CardTill, pos: Device) -> None:
    pos.do("cut_at", step=steps_of_a_sale(pos, till) + 2)
    till.pay("o", PRICE)
    pos.do("power", on=True)
    pos.do("tid", value="10000099")
    (left,) = till.resolve()
    assert "10000099" in left.note


def test_a_busy_terminal_begins_nothing(till: CardTill, pos: Device) -> None:
    pos.do("busy", count=1)
    payment = till.pay("o", PRICE)
    assert (payment.state, payment.note) == (State.NOT_PERFORMED, "the terminal began nothing: payment_device_busy")
    assert till.pay("o", PRICE).state is State.APPROVED


def test_silence_is_survived_by_looking_again(till: CardTill, pos: Device) -> None:
    begun = threading.Thread(target=deaf_once_it_works, args=(pos,))
    pos.do("next", hold_s=0.6)
    begun.start()
    assert till.pay("o", PRICE).state is State.APPROVED
    begun.join(5)
    pos.do("deaf", count=1)
    with pytest.raises(TransientDeviceError, match="payment_device_missing"):
        till.pay("p", PRICE)
    assert till.pay("p", PRICE).state is State.APPROVED


def test_a_permission_that_ran_out_is_renewed_and_one_that_cannot_be_is_named(till: CardTill, pos: Device) -> None:
    pos.do("expire")
    assert till.pay("o", PRICE).state is State.APPROVED
    pos.do("expire", renewable=False)
    with pytest.raises(PermanentDeviceError, match="payment_device_unpaired"):
        till.pay("p", PRICE)
    assert taken(pos) == 123_500


def test_a_permission_is_readable_for_its_user_alone(till: CardTill, pos: Device) -> None:
    file = pos.folder / "permission.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_permission_nothing_is_begun(pos: Device, journal: Journal, tmp_path: Path) -> None:
    url = f"tls://127.0.0.1:{pos.facts['port']}?pin={pos.facts['pin']}"
    terminal = KaspiTerminal(lambda: open_wire(url, "pos-1"), "pos-1", tmp_path / "none.json")
    with card_till(journal, terminal) as till, pytest.raises(PermanentDeviceError, match="payment_device_unpaired"):
        till.pay("o", PRICE)
    pos.do("allow", on=False)
    with pytest.raises(TransientDeviceError, match="payment_device_unpaired"):
        terminal.pair("vikno")
    assert not (tmp_path / "none.json").exists()


def test_another_certificate_is_refused_before_a_byte_of_ours_leaves(pos: Device) -> None:
    steps = pos.do("state")["steps"]
    with pytest.raises(PermanentDeviceError, match="payment_device_stranger"):
        open_wire(f"tls://127.0.0.1:{pos.facts['port']}?pin={'0' * 64}", "pos-1")
    with pytest.raises(ContractError, match="64 hexadecimal"):
        open_wire(f"tls://127.0.0.1:{pos.facts['port']}", "pos-1")
    assert pos.do("state")["steps"] == steps


def test_parts_of_a_tenge_are_not_taken(till: CardTill, pos: Device) -> None:
    assert till.pay("o", Money(1235, "KZT")).state is State.DECLINED
    assert pos.lines("bank.jsonl") == []


@pytest.mark.parametrize("method", ["card", "qr"])
def test_a_sale_is_given_back_once_by_what_it_was_paid_with(till: CardTill, pos: Device, method: str) -> None:
    pos.do("next", method=method)
    payment = till.pay("o", PRICE)
    assert till.reverse(payment.id, "Olha R.", "no certificate").state is State.REVERSED
    assert taken(pos) == 0


def test_a_refund_whose_name_is_lost_is_never_sent_twice(till: CardTill, pos: Device) -> None:
    payment = till.pay("o", PRICE)
    pos.do("next", outcome="lost")
    assert till.reverse(payment.id, "Olha R.", "no certificate").state is State.REVERSAL_UNKNOWN
    pos.do("next")
    at_rest(pos)
    assert [left.id for left in till.resolve()] == [payment.id]
    assert [line["type"] for line in pos.lines("bank.jsonl")] == ["sale", "void"]


def test_a_refund_is_settled_by_its_name_after_the_power_was_away(till: CardTill, pos: Device) -> None:
    payment = till.pay("o", PRICE)
    pos.do("next", hold_s=0.001)
    pos.do("cut_at", step=6)  # at the first look, or at the bank's line, whichever is second
    assert till.reverse(payment.id, "Olha R.", "no certificate").state is State.REVERSAL_UNKNOWN
    pos.do("power", on=True)
    assert till.resolve() == []
    assert taken(pos) == 0


def test_no_terminal_is_an_error_and_begins_nothing(till: CardTill, pos: Device, journal: Journal) -> None:
    pos.do("power", on=False)
    with pytest.raises(TransientDeviceError, match="payment_device_missing"):
        till.pay("o", PRICE)
    assert Book(journal, "terminal-1").live("o") is None


def test_nothing_of_the_card_but_masked_digits_stands_in_a_file(
    till: CardTill, pos: Device, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    till.pay("o", PRICE)
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    said = "".join(capfd.readouterr()).encode()
    assert b"400000******0002" in files
    token = (pos.folder / "permission.json").read_text().split('"access": "')[1][:16].encode()
    for secret in (b"TEST HOLDER", b"B4000000000000002", token):
        assert secret not in files + said
