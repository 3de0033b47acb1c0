"""A sample of `vikno soak payments`: killed and cut at some steps, crashed by chance; the ledgers of both sides match."""

from __future__ import annotations

import json
from pathlib import Path

from soak.payments import PURSES, jobs, soak


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
    from soak.money_site import Device
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
