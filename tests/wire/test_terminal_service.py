"""The terminal on its wires: real mosquitto, a printer, a card terminal, a note acceptor and the connector, each a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import messages as m
from contract import topics
from terminal.payments.order import Told
from terminal.payments.payment import Slip
from tests.halls import TERMINAL
from tests.terminal_site import CODE, DUE_MINOR, FIFTY, Customer, Site
from tests.until import until


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as site:
        site.connector.start()
        yield site


@pytest.fixture
def customer(site: Site) -> Iterator[Customer]:
    with Customer(site.options()) as customer:
        yield customer.ready()


def test_a_due_is_paid_by_card_and_everybody_knows(site: Site, customer: Customer) -> None:
    customer.owes(CODE)
    customer.press("pay:card", "take")
    order = customer.book.order(customer.state.visit.order)
    assert order is not None
    assert (site.taken(), order.method, order.slip) == (DUE_MINOR, "card", "printed")
    until(lambda: site.payments() == [("card", "approved", DUE_MINOR)], lambda: str(site.payments()))
    until(lambda: site.connector.paid() == [("due-1", DUE_MINOR)], "the register to know")
    until(lambda: len(site.printer.papers()) == 1, "the picture of one paper")
    customer.sees("attract")


def test_a_due_is_paid_with_notes(site: Site, customer: Customer) -> None:
    customer.owes(CODE)
    customer.press("pay:cash", "pay_cash")
    site.insert(FIFTY, FIFTY)
    customer.sees("take")
    assert site.cassette() == [FIFTY, FIFTY]
    until(lambda: site.payments() == [("cash", "approved", DUE_MINOR)], lambda: str(site.payments()))
    until(lambda: site.connector.paid() == [("due-1", DUE_MINOR)], "the register to know")


def test_who_leaves_with_notes_inside_gets_a_slip_for_them(site: Site, customer: Customer) -> None:
    customer.owes(CODE)
    customer.press("pay:cash", "pay_cash")
    site.insert(FIFTY)
    customer.press("stop", "stop_cash")
    customer.press("stop", "claim")
    ((code, minor),) = customer.book.claims().values()
    assert (code, minor) == (customer.state.visit.claim, 5000)
    until(lambda: len(site.printer.papers()) == 1, "the slip")
    until(lambda: site.payments() == [("cash", "not_performed", 5000)], lambda: str(site.payments()))


def test_staff_give_a_payment_back_and_balance_the_day_once_by_each_id(site: Site, customer: Customer) -> None:
    customer.owes(CODE)
    customer.press("pay:card", "take")
    payment = customer.payment().id
    reverse = m.TillOrder(id="staff-1", do="reverse", payment=payment, who="op01", why="paid for the wrong land")
    say(site, reverse)
    until(lambda: site.payments() == [("card", "reversed", DUE_MINOR)], lambda: str(site.payments()))
    site.hall.link.publish(topics.DOWN_CMD, m.encode(m.TillOrder(id="staff-2", do="balance", who="op01")), dev=TERMINAL)
    until(lambda: {fact.method for fact in balances(site)} == {"card", "cash"}, "both balances")
    assert site.taken() == 0
    assert [line["type"] for line in site.pos.lines("bank.jsonl")] == ["sale", "void"]
    assert all(fact.balances for fact in balances(site) if fact.method == "card")
    until(lambda: site.connector.paid() == [("due-1", DUE_MINOR), ("due-1", -DUE_MINOR)], "the register to know")
    (order,) = customer.book.orders()
    customer.press("done", "attract")
    customer.types("reprint", order.code)
    customer.press("next", "no_answer")  # what was given back is paid no longer

    say(site, m.TillOrder(id="staff-3", do="cards", who="op01"))
    until(lambda: any(fact.state == "closed" for fact in balances(site) if fact.method == "card"), "the closed batch")
    made = [fact for fact in balances(site) if fact.method == "card"][-1]
    assert (made.device, made.balances, made.by, made.ours_minor, made.theirs_minor) == ("pos-1", True, "op01", 0, 0)
    assert [line["type"] for line in site.pos.lines("bank.jsonl")] == ["sale", "void", "close"]
    papers = len(site.printer.papers())
    say(site, m.TillOrder(id="staff-4", do="print", who="op01", device="pos-1", batch=made.batch, lang="uk"))
    say(site, m.TillOrder(id="staff-5", do="shift", who="op01"))
    until(lambda: customer.book.begin("staff-5", "shift", "", "op01") is False, "the last order")
    until(lambda: len(site.printer.papers()) == papers + 1, "one balance on paper")


def say(site: Site, order: m.TillOrder) -> None:
    """An order of staff, which comes twice."""
    for _ in range(2):
        site.hall.link.publish(topics.DOWN_CMD, m.encode(order), dev=TERMINAL)


def balances(site: Site) -> list[m.BalanceFact]:
    return [fact for fact in site.hall.facts if isinstance(fact, m.BalanceFact)]


def test_register_that_is_away_hears_of_the_payment_when_it_is_back(site: Site, customer: Customer) -> None:
    customer.owes(CODE)
    site.connector.stop()
    customer.press("pay:card", "take")
    order = customer.state.visit.order
    until(lambda: "register_away" in customer.terminal.box.troubles.open, "the fault")
    assert [each.told for each in customer.book.orders(id=order)] == [Told.OWED]
    site.connector.start()
    until(lambda: site.connector.paid() == [("due-1", DUE_MINOR)], "the register to know")


def test_a_receipt_that_did_not_come_out_is_printed_by_its_code(site: Site, customer: Customer) -> None:
    customer.owes(CODE)
    site.printer.do("paper", value="out")
    until(lambda: not customer.state.ways.paper, "the empty roll")
    customer.press("pay:card", "take")
    (order,) = customer.book.orders()
    assert order.slip is Slip.OWED
    site.printer.do("paper", value="ok")
    until(lambda: customer.state.ways.paper, "the new roll")
    customer.press("done", "attract")
    customer.types("reprint", order.code)
    customer.press("next", "take")
    until(lambda: customer.book.orders()[0].slip is Slip.PRINTED, "the receipt")
    until(lambda: len(site.printer.papers()) == 1, "the picture of one paper")
    assert customer.terminal._press._copies(order) == 1, "the next one is its first copy"
    customer.press("done", "attract")
    customer.types("reprint", order.code)
    customer.press("next", "take")
    until(lambda: len(site.printer.papers()) == 2, "the copy")
    assert customer.terminal._press._copies(order) == 2
