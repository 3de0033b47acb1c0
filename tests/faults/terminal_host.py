"""A terminal whose visitor pays a due, and that dies where it is told to: `python -m tests.faults.terminal_host CONFIG WAY POINT`.

WAY is card, cash, or ticket: one for the queue. POINT is `KIND:before` or `KIND:after` around the first commit with an event of that
kind (`order.open`, `payment.intent`, `payment.approved`, `note.stacking`, `note.credited`, `order.paid`, `visit.asked`, `job.sent`, …).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from journal.event import Event
from journal.journal import Journal
from runtime import config
from terminal.config import Options
from tests.faults.death import die
from tests.terminal_site import CODE, Customer

SERVICE = "res-child"
KEYS = {"card": "pay:card", "cash": "pay:cash"}


def mortal(fatal: str, when: str) -> None:
    """From here on this process dies at that commit."""
    commit = Journal.commit

    def body(self: Journal, events: Sequence[Event] = (), *args: Any, **words: Any) -> range:
        here = any(event.kind == fatal for event in events)
        if here and when == "before":
            die()
        done = commit(self, events, *args, **words)
        if here:
            die()
        return done

    Journal.commit = body  # type: ignore[method-assign]


def main(file: Path, way: str, point: str) -> None:
    mortal(*point.split(":"))
    with Customer(config.read(file, Options)) as customer:
        if way == "ticket":
            customer.ready().wants(SERVICE)
            customer.until("take", lambda: customer.state.screen == "number", "a number")
            return
        customer.ready().owes(CODE)
        customer.until(KEYS[way], lambda: customer.state.screen in ("take", "claim", "unknown"), "an end")
        customer.sees("attract")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
