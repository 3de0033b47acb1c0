"""The terminal on its wires: real mosquitto, a printer, a card terminal, a note acceptor and the connector, each a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk_hall import wait_for
from tests.terminal_site import CODE, DUE_MINOR, FIFTY, Customer, Site


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
    wait_for(lambda: site.payments() == [("card", "approved", DUE_MINOR)], lambda: str(site.payments()))
    wait_for(lambda: site.connector.paid() == [("due-1", DUE_MINOR)], "the register to know")
    assert len(site.printer.papers()) == 1
    customer.sees("attract")


def test_a_due_is_paid_with_notes(site: Site, customer: Customer) -> None:
    customer.owes(CODE)
    customer.press("pay:cash", "pay_cash")
    site.insert(FIFTY, FIFTY)
    customer.sees("take")
    assert site.cassette() == [FIFTY, FIFTY]
    wait_for(lambda: site.payments() == [("cash", "approved", DUE_MINOR)], lambda: str(site.payments()))
    wait_for(lambda: site.connector.paid() == [("due-1", DUE_MINOR)], "the register to know")


def test_who_leaves_with_notes_inside_gets_a_slip_for_them(site: Site, customer: Customer) -> None:
    customer.owes(CODE)
    customer.press("pay:cash", "pay_cash")
    site.insert(FIFTY)
    customer.press("stop", "stop_cash")
    customer.press("stop", "claim")
    ((code, minor),) = customer.book.claims().values()
    assert (code, minor) == (customer.state.visit.claim, 5000)
    wait_for(lambda: len(site.printer.papers()) == 1, "the slip")
    wait_for(lambda: site.payments() == [("cash", "not_performed", 5000)], lambda: str(site.payments()))
