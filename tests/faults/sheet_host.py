"""A box that prints one certificate and dies where it is told to: `python -m tests.faults.sheet_host URL FOLDER POINT`.

POINT is `N:before` or `N:after`: the Nth step of the job, around its commit; or `sent`: the queue has it, its number is not used yet.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from journal.journal import Journal
from journal.schema import BOX
from printers.job import Job
from printers.roll import Roll
from printers.sheet import KIND, SheetPrinter
from printers.spool import Spool
from printers.store import JournalStore
from runtime.clock import utc_now
from tests.until import until


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class MortalStore(JournalStore):
    """Dies around the Nth commit."""

    saves = 0
    fatal = ""

    def save(self, job: Job, roll: Roll | None = None) -> None:
        self.saves += 1
        if self.fatal == f"{self.saves}:before":
            die()
        super().save(job, roll)
        if self.fatal == f"{self.saves}:after":
            die()


def main(url: str, folder: Path, point: str) -> None:
    if point == "sent":
        send = Spool.send

        def mortal(spool: Spool, name: str, pdf: bytes) -> int:
            number = send(spool, name, pdf)
            die()
            return number

        patched: Any = Spool
        patched.send = mortal
    with Journal.open(folder / "box.db", "hall-1", BOX, utc_now) as journal:
        store = MortalStore(journal, "sheets-1", kind=KIND)
        store.fatal = point
        with SheetPrinter(url, store, lambda _job: None, device_id="sheets-1") as printer:
            until(lambda: printer.ready().ready, "a ready queue")
            printer.print("job-1", b"%PDF-1.4\n%%EOF\n", cmd="c")
            until(lambda: (job := store.get("job-1")) and job.at_end, "the end")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
