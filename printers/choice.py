"""The printer behind a URL, whichever kind of wire it names."""

from __future__ import annotations

from collections.abc import Callable

from printers.job import Job
from printers.link import check_url
from printers.mouth import Mouth
from printers.printer import Printer, Setting, TicketPrinter
from printers.status import PrinterState
from printers.store import JobStore


def printer_at(
    url: str,
    store: JobStore,
    on_job: Callable[[Job], object],
    on_state: Callable[[PrinterState], object],
    *,
    device_id: str,
    setting: Setting,
    on_mouth: Callable[[Mouth], object] = lambda _mouth: None,
) -> Printer:
    """See `printers.printer.TicketPrinter`. Raises: ContractError: a URL that names no printer."""
    if check_url(url).scheme == "cups":
        from printers.cups import CupsPrinter

        return CupsPrinter(url, store, on_job, on_state, device_id=device_id, setting=setting)
    return TicketPrinter(url, store, on_job, on_state, device_id=device_id, setting=setting, on_mouth=on_mouth)
