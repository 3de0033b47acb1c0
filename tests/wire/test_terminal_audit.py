"""The day's balance with simulated card terminals at the other end: our books against the bank's own ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import vikno
from contract import messages as m
from contract.errors import ContractError, TransientDeviceError
from contract.words import PaymentState as State
from journal.journal import Journal
from journal.outbox import Outbox
from journal.schema import MONEY
from runtime.clock import utc_now
from soak.money_site import POS, Device, card_till, open_journal, plain
from terminal.money import Money
from terminal.payments.audit import Audit
from terminal.payments.balance import Balance
from terminal.payments.book import Book
from terminal.payments.card_till import CardTill

DAY = date(2026, 11, 22)
PRICE = Money(1235, "UAH")


@pytest.fixture(params=["privat", "zvt"])
def pos(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Device]:
    with Device(POS[str(request.param)][0], tmp_path / "pos") as pos:
        pos.facts["protocol"] = request.param
        yield pos


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with open_journal(tmp_path) as journal:
        yield journal


@pytest.fixture
def till(journal: Journal, pos: Device) -> Iterator[CardTill]:
    with card_till(journal, POS[pos.facts["protocol"]][1](pos, plain)) as till:
        yield till


@pytest.fixture
def audit(journal: Journal) -> Audit:
    return Audit(journal, Book(journal, "terminal-1"), "UAH")


def standing(pos: Device) -> tuple[int, int]:
    """Count and sum of the sales that stand in the bank's open batch, by its own ledger."""
    lines = pos.lines("bank.jsonl")
    closed = [n for n, line in enumerate(lines) if line["type"] == "close"]
    batch = lines[closed[-1] + 1 :] if closed else lines
    voided = {line["of"] for line in batch if line["type"] == "void"}
    sums = [
        line["minor"] for line in batch if line["type"] == "sale" and line["approved"] and line["number"] not in voided
    ]
    return len(sums), sum(sums)


def ours(made: Balance) -> tuple[int, int]:
    return made.ours_count, made.ours_minor


def test_a_day_of_sales_a_decline_a_part_and_a_reversal_balances(till: CardTill, pos: Device, audit: Audit) -> None:
    sold = [till.pay(f"o-{n}", PRICE) for n in range(2)]
    for n, outcome in enumerate(("decline_receipt", "partial")):
        pos.do("next", outcome=outcome)
        till.pay(f"no-{n}", PRICE)
    till.reverse(sold[0].id, "Olha R.", "the certificate was not issued")
    made = audit.cards(till, DAY)
    assert (made.balances, ours(made), made.left) == (True, standing(pos), ())
    assert audit.left() == []


def test_a_sale_on_the_terminals_own_keys_is_what_is_left(till: CardTill, pos: Device, audit: Audit) -> None:
    till.pay("o", PRICE)
    pos.do("foreign", minor=500)
    made = audit.cards(till, DAY)
    assert not made.balances
    assert made.why.startswith("the terminal has 1 sales more, 5.00 UAH more; receipt ")
    assert (made.theirs_count, made.theirs_minor) == standing(pos)


def test_an_unknown_payment_stands_on_the_list_until_a_person_decides(
    till: CardTill, pos: Device, audit: Audit
) -> None:
    till.pay("warm-up", Money(100, "UAH"))
    start = pos.do("state")["steps"]
    till.pay("warm-up-2", Money(100, "UAH"))
    keeps = pos.do("state")["steps"] - start - {"privat": 1, "zvt": 2}[pos.facts["protocol"]]
    pos.do("cut_at", step=keeps)
    lost = till.pay("o", PRICE)
    assert lost.state is State.UNKNOWN
    silent = audit.cards(till, DAY)
    assert (silent.theirs_count, silent.unknown) == (None, 1)
    assert "does not answer" in silent.why
    pos.do("foreign", minor=500)  # so that its receipt cannot be told
    pos.do("power", on=True)
    made = audit.cards(till, DAY)
    assert (made.balances, made.unknown) == (False, 1)
    assert lost.id in audit.left()
    till.decide(lost.id, State.APPROVED, "Olha R.", "the bank's report has it")
    pos.do("void_last")
    made = audit.cards(till, DAY)
    assert (made.balances, ours(made)) == (True, standing(pos))
    assert audit.left() == []


def test_the_next_batch_stands_by_itself_after_the_terminal_closed_one(
    till: CardTill, pos: Device, audit: Audit, journal: Journal
) -> None:
    till.pay("o-1", PRICE)
    assert audit.cards(till, DAY).balances
    pos.do("close_batch")
    till.pay("o-2", PRICE)
    pos.do("close_batch")
    till.pay("o-3", Money(500, "UAH"))
    made = audit.cards(till, DAY)
    assert (made.balances, ours(made)) == (True, standing(pos))
    (unheld,) = [row for row in audit.of_device("pos-1") if not row.balances]
    assert (unheld.ours_count, unheld.theirs_count) == (1, None)
    assert [Book(journal, "terminal-1").payment(name).order for name in audit.left()] == ["o-2"]  # type: ignore[union-attr]


# -- the end of the terminal's day ------------------------------------------------------------------------------------

ORDER = m.TillOrder(id="c-1", do="cards", who="op-07", why="the day is over")


def closings(pos: Device) -> int:
    return sum(line["type"] == "close" for line in pos.lines("bank.jsonl"))


def test_the_bank_settles_what_the_books_have_and_the_next_sale_begins_a_batch(
    till: CardTill, pos: Device, audit: Audit
) -> None:
    for n in range(2):
        till.pay(f"o-{n}", PRICE)
    held = standing(pos)
    made = audit.close(till, ORDER, DAY)
    assert (made.state, made.balances, ours(made), made.by) == ("closed", True, held, "op-07")
    assert closings(pos) == 1
    till.pay("o-2", PRICE)
    assert ours(audit.cards(till, DAY)) == standing(pos) == (1, 1235)
    assert [row.state for row in audit.of_device("pos-1")] == ["closed", "open"]


def test_a_refused_closing_leaves_the_batch_as_it_is(till: CardTill, pos: Device, audit: Audit) -> None:
    till.pay("o", PRICE)
    pos.do("next", outcome="decline")
    made = audit.close(till, ORDER, DAY)
    assert (made.state, made.balances, closings(pos)) == ("open", True, 0)
    assert made.why.startswith("not closed: the terminal said ")


def test_a_closing_cut_at_any_step_is_never_sent_twice_and_ends_known(
    till: CardTill, pos: Device, audit: Audit
) -> None:
    """Wherever the terminal loses its power: closed once or not at all, and what the books say is what the bank has."""
    till.pay("o-0", PRICE)
    before = pos.do("state")["steps"]
    audit.close(till, ORDER, DAY)
    steps = pos.do("state")["steps"] - before
    seen: set[str] = set()
    for at in range(steps - 5, steps + 1):
        till.pay(f"o-{at}", PRICE)
        done = closings(pos)
        pos.do("cut_at", step=at)
        try:
            seen.add(audit.close(till, ORDER, DAY).state)
        except (TransientDeviceError, ContractError):
            seen.add("not begun")
        pos.do("power", on=True)
        pos.do("cut_at", step=10**9)
        assert closings(pos) - done in {0, 1}
        assert ours(audit.cards(till, DAY)) == standing(pos)
        states = [row.state for row in audit.of_device("pos-1")]
        assert states.count("closed") == closings(pos)
        assert all(row.balances for row in audit.of_device("pos-1") if row.ours_count)
        if closings(pos) == done:
            audit.close(till, ORDER, DAY)
    assert "unknown" in seen


def test_the_command_closes_the_day_while_the_terminal_is_stopped(
    tmp_path: Path, pos: Device, capsys: pytest.CaptureFixture[str]
) -> None:
    name = pos.facts["protocol"]
    (tmp_path / "terminal.toml").write_text(
        f'data = "{tmp_path}"\ncurrency = "UAH"\n[broker]\nhall = "small"\ndev = "terminal-1"\nhost = "127.0.0.1"\nport = 8883\n'
        f'ca = "ca.crt"\ncert = "box.crt"\nkey = "box.key"\n[printer]\nurl = "tcp://127.0.0.1:9"\n'
        f'[card]\nprotocol = "{name}"\nurl = "tcp://127.0.0.1:{pos.facts["port"]}"\n'
    )
    words = ["till", "close", "--config", str(tmp_path / "terminal.toml"), "--who"]
    with Journal.open(tmp_path / "terminal.db", "small", MONEY, utc_now) as journal:
        with card_till(journal, POS[name][1](pos, plain)) as till:
            till.pay("o", PRICE)
        assert vikno.main([*words, "op-07"]) != 0, "its program is running"
        assert closings(pos) == 0
    assert vikno.main([*words, "op-07"]) == 0
    assert "closed, balances" in capsys.readouterr().out
    assert closings(pos) == 1
    with Journal.open(tmp_path / "terminal.db", "small", MONEY, utc_now) as journal:
        told = [json.loads(fact.body) for fact in Outbox(journal).pending(0, 100)]
    assert [(fact["t"], fact.get("state"), fact.get("by")) for fact in told][-1] == ("balance", "closed", "op-07")
    assert vikno.main([*words, "two words"]) == 2
