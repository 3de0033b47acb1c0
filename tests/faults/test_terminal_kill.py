"""A sample of `vikno soak payments`: killed and cut at some steps, crashed by chance; the ledgers of both sides match."""

from __future__ import annotations

import json
from datetime import date
from functools import partial
from pathlib import Path

from contract import messages as m
from contract.words import PaymentState as State
from soak.money_site import POS, Device, card_till, open_journal, plain
from soak.mortal import MortalWire, Steps, ended, fork, opened
from soak.payments import PURSES, jobs, soak
from terminal.money import Money
from terminal.payments.audit import Audit
from terminal.payments.book import Book


def test_killed_and_cut_at_a_sample_of_steps_the_ledgers_match(tmp_path: Path) -> None:
    todo = jobs(
        every=11, chance=12, seed=7, protocols=("privat", "zvt", "kaspi"), outcomes=("approve",), purses=PURSES[1:2]
    )
    faults, matrix = soak(tmp_path, [job for job in todo if job.how != "single"])
    assert faults == []
    assert matrix.kills > 15
    ends = matrix.rows["privat approve, whole, killed"].ends
    assert ends["paid before the end"] > 0  # the kill came after the charge, and it was found
    assert ends["paid at the second try"] > 0


def test_the_check_sees_a_bank_that_kept_what_the_books_do_not_know(tmp_path: Path) -> None:
    """The soak's own eyes: with a line forged into the bank's ledger it must find a fault."""
    from soak.payments import Cards, Matrix

    (tmp_path / "privat").mkdir()
    with Device("simulators.privat_pos", tmp_path / "pos") as pos:
        cards = Cards(tmp_path / "privat", "privat", pos, matrix := Matrix())
        cards.killed("approve", "whole", None)
        assert matrix.faults == []
        forged = {"type": "sale", "number": 99, "minor": 10_004, "approved": True, "of": 0, "rrn": "x"}
        with (tmp_path / "pos" / "bank.jsonl").open("a") as file:
            file.write(json.dumps(forged) + "\n")
        cards.killed("approve", "whole", None)
        assert any("the bank keeps 20008 of 10004" in fault for fault in matrix.faults)


def standing(pos: Device) -> tuple[int, int]:
    """Count and sum of the sales in the bank's open batch, by its own ledger."""
    lines = pos.lines("bank.jsonl")
    closed = [n for n, line in enumerate(lines) if line["type"] == "close"]
    sums = [line["minor"] for line in (lines[closed[-1] + 1 :] if closed else lines) if line["type"] == "sale"]
    return len(sums), sum(sums)


def test_a_program_killed_while_it_closes_a_batch_never_closes_it_twice_and_knows_in_the_end(tmp_path: Path) -> None:
    order, day = m.TillOrder(id="c-1", do="cards", who="op-07"), date(2026, 11, 22)
    make = POS["privat"][1]
    with Device(POS["privat"][0], tmp_path / "pos") as pos:

        def close(steps: Steps) -> None:
            mortal = make(pos, lambda wire: MortalWire(wire, steps))
            with opened(tmp_path, steps, open_journal) as journal, card_till(journal, mortal) as till:
                Audit(journal, Book(journal, "terminal-1"), "UAH").close(till, order, day)
            (tmp_path / "steps").write_text(str(steps.count))

        def sold(name: str) -> None:
            with open_journal(tmp_path) as journal, card_till(journal, make(pos, plain)) as till:
                assert till.pay(name, Money(1235, "UAH")).state is State.APPROVED

        def held() -> list[str]:
            """After a restart: the open batch is held, and what is known of each."""
            with open_journal(tmp_path) as journal, card_till(journal, make(pos, plain)) as till:
                audit = Audit(journal, Book(journal, "terminal-1"), "UAH")
                till.recover()
                made = audit.cards(till, day)
                assert (made.balances, (made.ours_count, made.ours_minor)) == (True, standing(pos))
                return [row.state for row in audit.of_device("pos-1")]

        def closed() -> int:
            return sum(line["type"] == "close" for line in pos.lines("bank.jsonl"))

        sold("o-0")
        assert ended(fork(lambda: close(Steps()))) == "done"
        steps, kills = int((tmp_path / "steps").read_text()), 0
        for at in range(steps - 13, steps + 1):
            sold(f"o-{at}")
            before = closed()
            kills += ended(fork(partial(close, Steps(at)))) == "killed"
            assert held().count("closed") == closed()
            assert closed() - before in {0, 1}
            if closed() == before:
                assert ended(fork(lambda: close(Steps()))) == "done"
        assert kills > 10
