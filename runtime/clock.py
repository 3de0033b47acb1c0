"""Two clocks: wire time (timeouts, retries; always real) and hall time (waits, opening hours; may run faster in a demo)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The clock on the wall, aware, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class HallClock:
    """Hall time as a pure function of the clock on the wall, so that a restart lands where it should.

    Hall time equals `anchor` when the wall says `wall_anchor`, and passes `speed` times as fast. A real hall has speed 1 and
    equal anchors: hall time is wall time.
    """

    anchor: datetime
    wall_anchor: datetime
    speed: float = 1.0

    @classmethod
    def real(cls) -> HallClock:
        """Hall time is the clock on the wall."""
        epoch = datetime(2026, 1, 1, tzinfo=UTC)
        return cls(epoch, epoch, 1.0)

    def at(self, wall: datetime) -> datetime:
        """Hall time, aware UTC, when the wall shows `wall`."""
        return (self.anchor + (wall - self.wall_anchor) * self.speed).astimezone(UTC)

    def now(self) -> datetime:
        """Hall time now."""
        return self.at(utc_now())

    def wire_s(self, hall_s: float) -> float:
        """How many seconds on the wall pass during `hall_s` seconds of hall time."""
        return hall_s / self.speed


monotonic = time.monotonic
