"""The terminal is killed at steps of a payment and started again: no money is taken twice or lost, and everybody is told the truth."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from soak.money_site import ROOT
from terminal.payments.order import Told
from terminal.payments.payment import Slip
from tests.terminal_site import DUE_MINOR, FIFTY, Customer, Site
from tests.until import until

SAMPLE = (
    "card payment.intent:after",
    "card payment.approved:before",
    "card order.paid:before",
    "cash note.credited:before",
)
REST = (
    "card order.open:before", "card order.open:after", "card payment.intent:before", "card payment.approved:after",
    "card order.paid:after", "card job.sent:before", "card job.sent:after", "card job.confirmed:after", "cash note.stacking:after",
    "cash note.credited:after", "cash order.paid:before", "cash order.paid:after",
)  # fmt: skip
TICKET_POINTS = (
    "visit.asked:after",
    *(("job.sent:after", "job.confirmed:after") if os.environ.get("VIKNO_FAULTS") == "all" else ()),
)
POINTS = SAMPLE + (REST if os.environ.get("VIKNO_FAULTS") == "all" else ())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as site:
        site.connector.start()
        site.pos.do("foreign", minor=100)  # the batch is not empty: after a restart an empty one would prove nothing
        site.pos.do("void_last")
        yield site


@pytest.mark.parametrize("case", POINTS)
def test_killed_terminal_loses_no_money_and_takes_none_twice(site: Site, case: str) -> None:
    way, point = case.split()
    die_at(site, way, point)
    with Customer(site.options()) as customer:
        customer.ready()
        until(lambda: settled(customer), lambda: str(customer.book.orders()))
        orders = customer.book.orders()
        until(
            lambda: len(site.connector.paid()) == sum(order.state == "paid" for order in orders), "the register to know"
        )
        until(lambda: not customer.terminal._facts.depth, "the hall to know")
        assert len(orders) <= 1
        assert site.taken() == sum(each.captured_minor for order in orders for each in customer.book.payments(order.id))
        assert len(site.cassette()) == len(customer.book.notes(state=("credited", "unexplained")))
        for order in orders:
            told = {fact[:2] for fact in site.payments()}
            if order.state == "paid":
                assert (order.method, "approved") in told
                assert (site.taken() if way == "card" else customer.book.credit(order.id)) == DUE_MINOR


@pytest.mark.parametrize("point", TICKET_POINTS)
def test_killed_terminal_asks_for_the_same_ticket_again_and_shows_its_number(site: Site, point: str) -> None:
    die_at(site, "ticket", point)
    with Customer(site.options()) as customer:
        customer.sees("number")
        assert customer.state.visit.issued.label == "A001"
        assert list(site.hall.labels.values()) == ["A001"]
        assert len({command.id for command in site.hall.commands}) == 1
        customer.press("done", "attract")
        assert not customer.terminal._journal.rows("visit", state="asked")


def settled(customer: Customer) -> bool:
    """Every order has its end, its register knows, and its visitor has the receipt."""
    orders = customer.book.orders()
    return all(each.state != "open" and each.told is not Told.OWED and each.slip is not Slip.OWED for each in orders)


def die_at(site: Site, way: str, point: str) -> None:
    file = site.folder / "terminal.toml"
    file.write_text(site.toml())
    command = [sys.executable, "-m", "tests.faults.terminal_host", str(file), way, point]
    with (site.folder / "host.log").open("wb") as log:
        host = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        dead = threading.Event()
        notes = threading.Thread(target=feed, args=(site, dead)) if way == "cash" else None
        if notes is not None:
            notes.start()
        try:
            code = host.wait(60)
        finally:
            dead.set()
            if notes is not None:
                notes.join(10)
    assert code == -signal.SIGKILL, (site.folder / "host.log").read_text()


def feed(site: Site, dead: threading.Event) -> None:
    """Notes, for as long as the terminal lives."""
    while not dead.wait(0.02):
        state = site.acceptor.do("state")
        if state["word"] == "14" and not state["open"]:
            site.acceptor.do("insert", kind=FIFTY)
