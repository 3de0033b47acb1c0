"""A box that prints one certificate and dies where it is told to: `python -m tests.faults.sheet_host URL FOLDER POINT`.

POINT is `N:before` or `N:after`: the Nth step of the job, around its commit; or `sent`: the queue has it, its number is not used yet.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from journal.journal import Journal
from journal.schema import BOX
from printers.sheet import KIND, SheetPrinter
from printers.spool import Spool
from printers.store import JournalStore
from runtime.clock import utc_now
from tests.faults.death import die, mortal
from tests.until import until


def main(url: str, folder: Path, point: str) -> None:
    if point == "sent":
        send = Spool.send

        def sent(spool: Spool, name: str, pdf: bytes) -> int:
            number = send(spool, name, pdf)
            die()
            return number

        patched: Any = Spool
        patched.send = sent
    else:
        number, when = point.split(":")
        saved: Any = JournalStore
        saved.save = mortal(JournalStore.save, int(number), when)
    with Journal.open(folder / "box.db", "hall-1", BOX, utc_now) as journal:
        store = JournalStore(journal, "sheets-1", kind=KIND)
        with SheetPrinter(url, store, lambda _job: None, device_id="sheets-1") as printer:
            until(lambda: printer.ready().ready, "a ready queue")
            printer.print("job-1", b"%PDF-1.4\n%%EOF\n", cmd="c")
            until(lambda: (job := store.get("job-1")) and job.at_end, "the end")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
