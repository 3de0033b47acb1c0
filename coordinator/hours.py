"""The hours of one open day: when the hall takes visitors, when it pauses, when it is over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from contract.hall import Hall
from coordinator.record import DayRow

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours as they hold today, in UTC.

    A hall opened by hand before a span extends that span back to the moment of opening; opened after the last one it stays
    open to the end of the local day. A clock that went back before the opening moves nothing: hours are not applied then.
    """

    opened_at: datetime
    spans: tuple[Span, ...]

    def taking(self, now: datetime) -> bool:
        """Whether tickets are given out by the hours."""
        for start, end in self.spans:
            if start <= now < end:
                return True
        return now < self.opened_at

    def between(self, now: datetime) -> bool:
        """Whether the hall pauses between two spans, as for lunch."""
        return not self.taking(now) and not self.over(now)

    def over(self, now: datetime) -> bool:
        """Whether the last span has ended."""
        return now >= self.spans[-1][1]

    def left_s(self, now: datetime) -> float:
        """Seconds to the end of the last span."""
        return (self.spans[-1][1] - now).total_seconds()

    def next_start(self, now: datetime) -> datetime | None:
        """When the next span of today begins."""
        return next((start for start, _ in self.spans if start > now), None)


def hours(hall: Hall, day: DayRow) -> Hours | None:
    """The hours of `day` as it was opened; None when it never was."""
    opened = day.opened_at
    if opened is None:
        return None
    ahead = [(start.astimezone(UTC), end.astimezone(UTC)) for start, end in hall.spans(day.day) if end > opened]
    if not ahead:
        midnight = datetime.combine(day.day + timedelta(days=1), time(), hall.zone_info).astimezone(UTC)
        return Hours(opened, ((opened, max(midnight, opened)),))
    (start, end), *later = ahead
    return Hours(opened, ((min(start, opened), end), *later))
