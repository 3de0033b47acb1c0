"""The boxes' faults as the journal keeps them: when each began and ended while the hall was open. Pure.

What lasts over night ends with the day and begins again with the next, so that hours with a fault are hours of the hall.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from contract.hall import Hall
from contract.messages import utc
from contract.words import HallState
from coordinator.record import DayRow, Fault, replace, whole
from coordinator.row import image
from journal.event import Event

AWAY = "away"
"""The fault of a box that is not connected."""
SETTLED = timedelta(seconds=30)
"""What is over sooner is not written down, and a box begins nothing more so soon: what comes and goes must not fill the journal."""
WHO = "coordinator"
Told = Mapping[str, Mapping[str, datetime]]
"""Box → fault → since when (hall time), of every box whose state is known."""


class Faults:
    """`known`: the rows that still last. Not thread-safe."""

    def __init__(self, known: Iterable[Fault]) -> None:
        self._open = {(one.dev, one.fault): one for one in known}
        self._begun_at: dict[str, datetime] = {}

    def told(self, told: Told, day: DayRow, hall: Hall, now: datetime) -> list[Event]:
        """What is to be written down of what the boxes tell at `now`; a box that is not in `told` is as it was."""
        now = whole(now)
        open_ = day.state is not HallState.CLOSED and day.opened_at is not None
        here = told if open_ else {}
        ended = [one for key, one in self._open.items() if self._over(one, key[1], here, day, hall, open_=open_)]
        events = [self._ended(one, now, seen=one.day == day.day) for one in ended]
        for dev, faults in here.items():
            begun = [one for one in faults.items() if (dev, one[0]) not in self._open and now - one[1] >= SETTLED]
            if begun and now - self._begun_at.get(dev, now - SETTLED) >= SETTLED:
                self._begun_at[dev] = now
                events += [
                    self._begun(dev, fault, max(since, day.opened_at or since), day, hall) for fault, since in begun
                ]
        return events

    @staticmethod
    def _over(one: Fault, fault: str, here: Told, day: DayRow, hall: Hall, *, open_: bool) -> bool:
        if not open_ or one.day != day.day or (one.dev != WHO and one.dev not in hall.box_by_id):
            return True
        return one.dev in here and fault not in here[one.dev]

    def _begun(self, dev: str, fault: str, since: datetime, day: DayRow, hall: Hall) -> Event:
        one = self._open[dev, fault] = Fault(dev, fault, whole(since), day.day, hall.local(since).hour)
        facts = {"dev": one.dev, "fault": one.fault}
        return Event("device.fault", utc(one.since), WHO, None, facts, (image(one),))

    def _ended(self, one: Fault, now: datetime, *, seen: bool) -> Event:
        """`seen`: it ended on its day; the end of what lasted when the coordinator stopped is not known."""
        del self._open[one.dev, one.fault]
        lasted_s = max(0.0, (now - one.since).total_seconds()) if seen else None
        row = image(replace(one, ended_at=max(now, one.since), lasted_s=lasted_s))
        return Event("device.mended", utc(now), WHO, None, {"dev": one.dev, "fault": one.fault}, (row,))
