"""`vikno soak pads` in small: the ledger of the cables and the journal of the hall name the same presses."""

from __future__ import annotations

from pathlib import Path

from soak.pads import Ledger, soak


def test_presses_over_bad_cables_are_each_decided_once(tmp_path: Path) -> None:
    ledger = soak(tmp_path, presses=60, corrupt=20, drop_acks=30, seed=7)
    assert ledger.presses == len(ledger.names) == 60
    assert ledger.resent > 0, "nothing was said twice: the cables were not bad"
    assert ledger.equal, "\n".join(ledger.lines())


def test_ledgers_that_differ_are_told() -> None:
    names = {"pad-a-1-1", "pad-a-1-2"}
    ends = dict.fromkeys(names, "done")
    assert Ledger(2, names, ends, 0, names, 0).equal
    assert not Ledger(3, names, ends, 0, names, 0).equal, "a finger that left no press"
    assert not Ledger(2, names, ends, 0, {"pad-a-1-1"}, 0).equal, "a press that was lost"
    assert not Ledger(2, names, ends, 0, {*names, "pad-b-1-1"}, 0).equal, "a press that nobody made"
    assert not Ledger(2, names, ends, 0, names, 1).equal, "a press that was decided twice"
    expired = Ledger(2, names, {**ends, "pad-a-1-2": "expired"}, 0, {"pad-a-1-1"}, 0)
    assert expired.equal
    assert "THE LEDGERS DIFFER" in list(Ledger(3, names, ends, 0, names, 0).lines())[-1]
