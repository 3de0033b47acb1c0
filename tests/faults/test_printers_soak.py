"""A short run of the soak: boxes killed, printers broken in every way, and both ledgers in the end."""

from __future__ import annotations

import pytest

import vikno


def test_two_hundred_tickets_end_with_one_live_paper_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert vikno.main(["soak", "printers", "--tickets", "200", "--faults", "0.06"]) == 0
    said = {
        line[:46].strip(): line[46:].split() for line in capsys.readouterr().out.splitlines() if line.startswith("  ")
    }
    assert said["visitors with one live paper"] == ["200"]
    assert said["duplicated, lost or unknown"][0] == "0"
    assert int(said["jobs VOIDED"][0]) > 0  # it did meet faults


def test_ledger_that_does_not_match_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    from collections import Counter

    from soak.printers import Verdict, Visitor

    verdict = Verdict()
    jobs = {"job-1": "CONFIRMED", "job-2": "CONFIRMED", "job-3": "VOIDED", "job-4": "CONFIRMED", "job-5": "SENT"}
    for labels in ([1], [2], [3, 4], [5]):
        verdict.judge("lane", Visitor(labels), Counter({1: 2, 3: 1, 4: 1}), jobs)
    assert verdict.tell(1.0) == 1
    said = capsys.readouterr().out
    for wrong in (
        "K00001 came out 2 times",
        "K00002 is CONFIRMED and never came out",
        "K00005 is SENT",
        "labels [2]: 0 live",
    ):
        assert wrong in said
    assert "labels [3, 4]" not in said
