"""How old the hall's truth is, as a box sees it. Pure.

A retained copy met on connecting proves nothing about now: only a heartbeat heard live does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from contract import messages as m
from contract.topics import DARK_S, STALE_S


class Age(StrEnum):
    """What a screen may do with what it knows."""

    FRESH = "fresh"
    """Show it."""
    STALE = "stale"
    """Show it and say that it is old."""
    DARK = "dark"
    """Show no numbers."""


@dataclass(slots=True)
class Freshness:
    """Heartbeats heard. `started` is the monotonic moment the box began to listen."""

    started: float
    heard_at: float | None = None
    last: m.Heartbeat | None = None

    def heard(self, beat: m.Heartbeat, *, retained: bool, now: float) -> None:
        """Note a heartbeat; a retained one fills in the words but not the age, a last will ends the freshness at once."""
        self.last = beat
        if beat.lost:
            self.heard_at = None
            self.started = min(self.started, now - STALE_S)
        elif not retained:
            self.heard_at = now

    def age_s(self, now: float) -> float:
        """Seconds since the last live heartbeat, or since listening began."""
        return now - (self.heard_at if self.heard_at is not None else self.started)

    def age(self, now: float) -> Age:
        """What may be shown now. Before the first heartbeat everything is at least STALE."""
        seconds = self.age_s(now)
        if seconds >= DARK_S:
            return Age.DARK
        return Age.STALE if seconds >= STALE_S or self.heard_at is None else Age.FRESH


class Revisions:
    """Which retained snapshot is the newest per key: within one coordinator epoch a lower revision is old."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}

    def began(self, ep: int) -> None:
        """The coordinator runs as its start number `ep`: what is remembered of higher ones is of a journal that is no more."""
        self._last = {key: mark for key, mark in self._last.items() if mark[0] <= ep}

    def newer(self, key: str, snapshot: m.Snapshot) -> bool:
        """Whether to take it; remembers it if so. A lower epoch is a late message of an earlier coordinator."""
        mark = (snapshot.ep, snapshot.rev)
        if key in self._last and mark < self._last[key]:
            return False
        self._last[key] = mark
        return True
