"""Two clocks: wire time (timeouts, retries; always real) and hall time (waits, opening hours; may run faster in a demo)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


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


class SteadyClock:
    """Hall time that a jump of the wall clock does not move: the wall is read once, then monotonic time is counted.

    NTP slews both alike, so only a step tells them apart; a step is followed at the next start, never in the middle of a day.
    """

    def __init__(self, clock: HallClock, wall: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._clock, self._wall, self._monotonic = clock, wall, monotonic
        self._wall_start, self._monotonic_start = wall(), monotonic()

    @property
    def speed(self) -> float:
        """Hall seconds per second on the wall."""
        return self._clock.speed

    def now(self) -> datetime:
        """Hall time, aware UTC, never backwards."""
        return self._clock.at(self._steady_wall())

    def at(self, wall: datetime) -> datetime:
        """Hall time, aware UTC, when a right clock on the wall showed `wall`; now where that is outside the calendar."""
        try:
            return self._clock.at(wall)
        except OverflowError:
            return self.now()

    def jumped_s(self) -> float:
        """How far the wall clock stands from where it should be, seconds, never negative."""
        return abs((self._wall() - self._steady_wall()).total_seconds())

    def _steady_wall(self) -> datetime:
        return self._wall_start + timedelta(seconds=self._monotonic() - self._monotonic_start)
