"""Broker, coordinator and consoles, each a process of its own: what the consoles' pages are tested in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx

from broker_config.broker import Broker
from contract.hall import Hall
from tests.consoles_site import Consoles
from tests.coordinator_process import CoordinatorProcess
from tests.until import until


@contextmanager
def consoles_hall(folder: Path, hall: Hall, start: datetime) -> Iterator[Consoles]:
    """Consoles that show the hall, whose time is `start` now."""
    with Broker(folder / "broker", hall.id, hall.boxes) as broker, CoordinatorProcess(folder, hall, broker, start):
        consoles = Consoles(folder, broker)
        try:
            consoles.start()
            until(lambda: "hall" in httpx.get(consoles.url).text, "the hall on the front page")
            yield consoles
        finally:
            consoles.stop()
