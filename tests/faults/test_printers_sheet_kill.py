"""The box is killed at each step of a certificate: what may still come out is cancelled, and the job is void or was ended before."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from journal.journal import Journal
from journal.schema import BOX
from printers.job import JobState
from printers.sheet import KIND
from printers.store import JournalStore
from runtime.clock import utc_now
from tests.printing import ROOT
from tests.sheets import Desk, SimQueue
from tests.until import until

S = JobState


@pytest.mark.parametrize(
    ("point", "before", "after", "printed"),
    [
        ("1:before", None, [], 0),
        ("1:after", S.NEW, [S.VOIDED], 0),
        ("2:before", S.NEW, [S.VOIDED], 0),
        ("2:after", S.SENT, [S.UNKNOWN, S.VOIDED], 0),
        ("sent", S.SENT, [S.UNKNOWN, S.VOIDED], 0),
        ("3:before", S.SENT, [S.UNKNOWN, S.VOIDED], 1),
        ("3:after", S.UNPROVED, [], 1),
    ],
)
def test_killed_box_leaves_nothing_that_comes_out_later(
    tmp_path: Path, point: str, before: JobState | None, after: list[JobState], printed: int
) -> None:
    with SimQueue(tmp_path / "sim") as sim:
        sim.tell(page_s=30.0 if point == "sent" else 0.0)
        command = [sys.executable, "-m", "tests.faults.sheet_host", sim.url, str(tmp_path), point]
        host = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert host.returncode == -signal.SIGKILL, host.stderr
        with Journal.open(tmp_path / "box.db", "hall-1", BOX, utc_now) as journal:
            store = JournalStore(journal, "sheets-1", kind=KIND)
            left = store.get("job-1")
            assert (left and left.state) == before
            at = Desk(sim.url, store)
            with at.printer:
                at.until_ready()
                until(lambda: len(at.said) >= len(after), f"{after}, said {at.said}")
                assert [job.state for job in at.said] == after
                assert store.load_open() == []
        assert len(sim.printed()) == printed
        assert set(sim.tell().values()) <= {7, 9}
