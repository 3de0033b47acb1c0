"""The box of `vikno soak printers`, killed and started again: `python -m soak.printing_host URL FOLDER`.

Takes one JSON object a line, {"print": job, "number": n, "at": hall time}, and tells one for every step of a job and for
every change of the printer's state. Its monotonic clock runs `SPEED` times as fast, so that its patience costs less of ours.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path

from journal.journal import Journal
from journal.schema import BOX
from printers.document import Fact, TicketDoc, qr_payload
from printers.job import Job
from printers.printer import Setting, TicketPrinter
from printers.store import JournalStore
from runtime import logs
from runtime.clock import utc_now

SPEED = 4.0


def slip(number: int) -> TicketDoc:
    """A short ticket for label `number`."""
    label = f"K{number:05}"
    return TicketDoc(
        lang="uk", hall="ЦНАП", number_title="Ваш номер", label=label, service="Паспорт", facts=(Fact("Зал", "Б"),),
        bring_title="", bring=(), follow="", missed_rule="", keep="", issued="10:24", hotline="",
        qr=qr_payload(label, f"t-{number}"),
    )  # fmt: skip


class Host:
    """One run of the box."""

    def __init__(self, url: str, folder: Path) -> None:
        self._at = utc_now()
        self._journal = Journal.open(folder / "box.db", "hall-1", BOX, self.utc)
        store = JournalStore(self._journal, "kiosk-1", self.utc)
        self._printer = TicketPrinter(
            url, store, self._job, lambda state: self._say(ready=state.fault or "", low=state.paper_low), device_id="printer",
            setting=Setting(roll_mm=30_000), clock=lambda: time.monotonic() * SPEED, utc=self.utc,
        )  # fmt: skip

    def utc(self) -> datetime:
        """Hall time, as told with the last order."""
        return self._at

    def run(self) -> None:
        """Print what is ordered until there are no more orders."""
        self._printer.start()
        for line in sys.stdin:
            order = json.loads(line)
            self._at = datetime.fromisoformat(order["at"])
            number = int(order["number"])
            self._printer.print(str(order["print"]), slip(number), ticket=f"t-{number}", cmd=str(order["print"]))
        self._printer.stop(5.0)
        self._journal.close()

    def _job(self, job: Job) -> None:
        self._say(job=job.id, state=job.state, note=job.note or "")

    def _say(self, **facts: object) -> None:
        os.write(1, json.dumps(facts).encode() + b"\n")


if __name__ == "__main__":
    logs.configure("soak", level="error")
    Host(sys.argv[1], Path(sys.argv[2])).run()
