"""A box that prints one ticket and dies where it is told to: `python -m tests.faults.printing_host URL FOLDER POINT`.

POINT is `save:N:before`, `save:N:after` (the Nth step of the job, around its commit) or `bytes:N` (the Nth byte of the
conversation is with the kernel).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from journal.journal import Journal
from journal.schema import BOX
from printers import tcp as wire
from printers.job import Job
from printers.printer import TicketPrinter
from printers.store import JournalStore
from runtime.clock import utc_now
from tests.faults.death import die, mortal
from tests.printing import ticket_doc
from tests.until import until


class MortalLink(wire.TcpLink):
    """Dies when the wire has taken so many bytes of the ticket."""

    left = 0
    started = False

    def write(self, data: bytes) -> int:
        self.started = self.started or len(data) > 100  # questions before the ticket are not counted
        if not self.started:
            return super().write(data)
        sent = super().write(data[: self.left])
        self.left -= sent
        if self.left <= 0:
            die()
        return sent


def main(url: str, folder: Path, point: str) -> None:
    kind, number, *when = point.split(":")
    if kind == "bytes":
        MortalLink.left = int(number)
        vars(wire)["TcpLink"] = MortalLink  # open_link imports it when it connects
    else:
        saved: Any = JournalStore
        saved.save = mortal(JournalStore.save, int(number), when[0])
    with Journal.open(folder / "box.db", "hall-1", BOX, utc_now) as journal:
        store = JournalStore(journal, "kiosk-1")
        ended: list[Job] = []
        with TicketPrinter(url, store, ended.append, lambda _: None, device_id="printer") as printer:
            until(lambda: printer.ready().ready)
            printer.print("job-47", ticket_doc(47), ticket="t-47", cmd="cmd-47")
            until(lambda: any(job.at_end for job in ended))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
