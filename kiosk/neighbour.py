"""The neighbouring kiosk's printer: asked only when this kiosk's own cannot print, and before a number is used."""

from __future__ import annotations

from collections.abc import Callable

from journal.journal import Journal
from printers.document import TicketDoc
from printers.job import Job
from printers.printer import TicketPrinter
from printers.status import PrinterState
from printers.store import JournalStore

KNOCK_S = 4.0
"""So long a visitor waits for the neighbour's answer before the own fault is shown."""
KIND = "ticket at the neighbour"


class Neighbour:
    """Opened by `knock`, closed again by `tick` once nothing of ours is there. The reactor's thread calls it.

    `name`: the neighbour's id, shown to visitors. Its jobs are its own in the journal: a paper in doubt there is settled there.
    """

    def __init__(self, name: str, url: str, journal: Journal, who: str, on_job: Callable[[Job], object]) -> None:
        self.name, self._url, self._on_job = name, url, on_job
        self._store = JournalStore(journal, who, printer=name, kind=KIND)
        self._printer: TicketPrinter | None = None
        self._knocked_at: float | None = None
        self._used_at = 0.0

    def knock(self, now: float) -> bool | None:
        """Whether it can print for us; None while it has not answered yet: ask again."""
        self._used_at = now
        if self._printer is None:
            self._printer = self._opened()
            self._knocked_at = now
        if self._printer.ready().ready:
            self._knocked_at = None
            return True
        if self._knocked_at is not None and now - self._knocked_at < KNOCK_S:
            return None
        return False

    def print(self, job_id: str, doc: TicketDoc, *, ticket: str, cmd: str) -> None:
        """As `TicketPrinter.print`, on a neighbour that was knocked at. Raises: TransientDeviceError, as there."""
        if self._printer is None:
            self._printer = self._opened()
        self._printer.print(job_id, doc, ticket=ticket, cmd=cmd)

    def tick(self, now: float, *, busy: bool) -> None:
        """Give the printer back when no visitor needs it (`busy`) and no paper of ours is in doubt there."""
        if self._printer is None:
            if self._store.load_open():  # left by an earlier run: settle it
                self._printer, self._used_at = self._opened(), now
            return
        if not busy and now - self._used_at > KNOCK_S and not self._store.load_open():
            self.stop(0.0)

    def stop(self, timeout_s: float) -> None:
        """Give the printer back; twice is fine."""
        printer, self._printer = self._printer, None
        self._knocked_at = None
        if printer is not None:
            printer.stop(timeout_s)

    def _opened(self) -> TicketPrinter:
        printer = TicketPrinter(
            self._url,
            self._store,
            self._on_job,
            _nothing,
            device_id=f"printer of {self.name}",
            kind=KIND,
        )
        printer.start()
        return printer


def _nothing(_state: PrinterState) -> None:
    """Its faults are told by its own kiosk."""
