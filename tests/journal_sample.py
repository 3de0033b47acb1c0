"""A made-up hall's events for journal tests: legal in order, different with every seed. Nobody in it exists."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from journal.event import Event, Row, Scalar
from journal.journal import Journal
from journal.schema import HALL

HALL_ID = "demo-01"
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
TICKET: dict[str, Scalar] = {
    "day": "2026-03-02",
    "letter": "A",
    "service": "residence",
    "then_services": '["passport"]',
    "service_group": "front",
    "priority": 0,
    "lang": "uk",
    "kiosk": "kiosk-1",
    "paper": "confirmed",
    "recalls": 0,
    "leg": 1,
    "hour": 9,
}


def clock() -> datetime:
    """The wire time of tests that do not care."""
    return START


def opened(path: Path) -> Journal:
    """The sample hall's journal."""
    return Journal.open(path, HALL_ID, HALL, clock)


class SampleDay:
    """Events of a hall with three windows, one by one, drawn by `seed`."""

    def __init__(self, seed: int, prefix: str = "A") -> None:
        self._random = random.Random(seed)
        self._prefix, self._issued = prefix, 0
        self._waiting: list[str] = []
        self._at: dict[str, str] = {}

    def events(self, count: int) -> list[Event]:
        """The next `count` events."""
        return [next(self._steps()) for _ in range(count)]

    def cleared(self) -> list[Event]:
        """Every window's ticket finished, so that another day may use the windows."""
        busy = dict(self._at)
        self._at.clear()
        return [self._event("ticket.finished", self._ticket(label, "finished", at), at) for at, label in busy.items()]

    def _steps(self) -> Iterator[Event]:
        window = self._random.choice(("W01", "W02", "W03"))
        if window in self._at:
            yield self._event("ticket.finished", self._ticket(self._at.pop(window), "finished", window), window)
        elif self._waiting and self._random.random() < 0.6:
            self._at[window] = self._waiting.pop(0)
            yield self._event("ticket.called", self._ticket(self._at[window], "called", window), window)
        else:
            self._issued += 1
            self._waiting.append(f"{self._prefix}{self._issued:03d}")
            yield self._event("ticket.issued", self._ticket(self._waiting[-1], "waiting", None), None)

    def _event(self, kind: str, ticket: Row, window: str | None) -> Event:
        rows = [ticket, Row("series", {"day": "2026-03-02", "letter": self._prefix, "next": self._issued + 1})]
        if window:
            rows.append(self._window(window, self._at.get(window)))
        facts = {"label": ticket.values["label"], "name": self._random.choice(("Қабылдау", "довідка", "line\nbreak"))}
        return Event(kind, self._now(), window or "kiosk-1", f"c{self._random.getrandbits(40):x}", facts, tuple(rows))

    def _ticket(self, label: str, state: str, window: str | None) -> Row:
        at, wait_s = self._now(), round(self._random.uniform(0, 1200), 3)
        own: dict[str, Scalar] = {
            "id": f"t-{label}",
            "label": label,
            "number": int(label[-3:]),
            "visit": f"v-{label}",
            "state": state,
        }
        times: dict[str, Scalar] = {
            "issued_at": at,
            "clock_at": at,
            "ready_at": at,
            "wait_s": wait_s if window else None,
        }
        return Row("ticket", {**TICKET, **own, **times, "window": window})

    def _window(self, window: str, ticket: str | None) -> Row:
        own: dict[str, Scalar] = {
            "id": window,
            "number": int(window[1:]),
            "ticket": ticket and f"t-{ticket}",
            "since": self._now(),
        }
        return Row("window", {"state": "free", "armed": self._random.random() < 0.5, "operator": "op-7", **own})

    def _now(self) -> str:
        moment = START + timedelta(seconds=self._random.randrange(36_000))
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
