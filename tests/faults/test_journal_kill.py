"""SIGKILL in the middle of commits: what was said to be done is there, and what is there is whole."""

from __future__ import annotations

import random
import select
import signal
import subprocess
import sys
from pathlib import Path

from journal.journal import Journal
from journal.outbox import Outbox
from journal.schema import BOX, HALL
from journal.verify import verify
from tests.journal_sample import HALL_ID, clock, opened

ROOT = Path(__file__).parents[2]
ROUNDS, SEED, DEADLINE_S = 20, 20260302, 30.0


def _killed_after(folder: Path, seed: int, lines: int, more_s: float) -> list[str]:
    """What a writer said it had done (a line is one write), killed `more_s` after its line number `lines`."""
    program = [sys.executable, "-m", "tests.faults.journal_writer", str(folder), str(seed)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        said = b""
        try:
            while said.count(b"\n") < lines:
                ready, _, _ = select.select([writer.stdout], [], [], DEADLINE_S)
                chunk = writer.stdout.read1(4096) if ready else b""  # type: ignore[attr-defined]
                assert chunk, f"the writer fell silent after {said!r}"
                said += chunk
            select.select([], [], [], more_s)  # where in the next commits the kill falls
        finally:
            writer.send_signal(signal.SIGKILL)
        said += writer.stdout.read()
    return said.decode().splitlines()


def test_nothing_said_to_be_done_is_lost_and_nothing_is_half_done(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    commands: list[str] = []
    for round_ in range(ROUNDS):
        said = _killed_after(tmp_path, round_, chance.randint(1, 40), chance.uniform(0, 0.02))
        last = said[-1].split()
        commands += [line.split()[3] for line in said]
        with opened(tmp_path / "hall.db") as hall:
            assert hall.last_seq >= int(last[0])
            assert hall.seen(commands) == dict.fromkeys(commands, "{}")
        with Journal.open(tmp_path / "box.db", HALL_ID, BOX, clock) as box:
            outbox = Outbox(box)
            assert (outbox.last >= int(last[1]), outbox.upto >= int(last[2])) == (True, True)
            kept = [fact.sq for fact in outbox.pending(0, 100_000, 2**40)]
            assert kept == list(range(outbox.upto + 1, outbox.last + 1))
            assert len(box.rows("job")) == outbox.last
    assert len(set(commands)) == len(commands) > ROUNDS
    assert verify(tmp_path / "hall.db", HALL_ID, HALL).problems == ()
    assert verify(tmp_path / "box.db", HALL_ID, BOX).problems == ()
