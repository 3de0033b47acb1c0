"""`vikno soak pads` in small: the ledger of the cables and the journal of the hall name the same presses."""

from __future__ import annotations

import os
from pathlib import Path

from soak.pads import Ledger, soak
from soak.plugs import Held, Wear, wear


def test_presses_over_bad_cables_are_each_decided_once(tmp_path: Path) -> None:
    ledger = soak(tmp_path, presses=60, corrupt=20, drop_acks=30, seed=7, cycles=12)
    assert ledger.presses == len(ledger.names) == 60
    assert ledger.resent > 0, "nothing was said twice: the cables were not bad"
    assert ledger.good, "\n".join(ledger.lines())
    assert ledger.wear is not None
    assert ledger.wear.cycles == 12
    assert ledger.wear.before.descriptors > 5, "the ports were not open"


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


def test_what_was_left_behind_is_told() -> None:
    held = Held(20, 7, 40_000)
    names = {"pad-a-1-1"}
    for after, leaked in (
        (held, False),
        (Held(19, 6, 90_000), False),
        (Held(21, 7, 40_000), True),
        (Held(20, 8, 1), True),
    ):
        worn = Wear(1000, held, after)
        ledger = Ledger(1, names, dict.fromkeys(names, "done"), 0, names, 0, worn)
        assert (worn.leaked, ledger.good) == (leaked, not leaked)
        assert list(ledger.lines())[-1] == ("SOMETHING WAS LEFT BEHIND" if leaked else "nothing was left behind")


def test_a_process_that_keeps_what_was_pulled_is_found(tmp_path: Path) -> None:
    """This one: of each pair of descriptors it gives back the one that is looked for."""
    port = tmp_path / "port"
    taken: list[int] = []
    kept: list[int] = []

    def plug(what: str) -> None:
        if what == "unplug":
            os.close(taken.pop())
            return
        near, far = os.openpty()
        kept.append(near)
        taken.append(far)
        port.unlink(missing_ok=True)
        port.symlink_to(os.ttyname(far))

    plug("replug")
    try:
        worn = wear(os.getpid(), {port: plug}, 4)
        assert worn.leaked
        assert worn.after.descriptors == worn.before.descriptors + 4
    finally:
        for each in (*taken, *kept):
            os.close(each)
