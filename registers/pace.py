"""How many questions each terminal asked in the last minute. Pure."""

from __future__ import annotations

from collections import deque

MINUTE_S = 60.0


class Pace:
    """At most `limit` questions of one asker in any minute; times are monotonic seconds, one thread at a time.

    A question that was refused is not counted, so that who asks on all the time is answered at the limit's pace.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._asked: dict[str, deque[float]] = {}
        self._refused: dict[str, float] = {}

    def allows(self, asker: str, now: float) -> bool:
        """Whether this question is answered; counted if so."""
        times = self._asked.setdefault(asker, deque())
        while times and now - times[0] >= MINUTE_S:
            times.popleft()
        if len(times) >= self._limit:
            self._refused[asker] = now
            return False
        times.append(now)
        return True

    def hasty(self, now: float) -> frozenset[str]:
        """Who was refused within the last minute."""
        return frozenset(asker for asker, at in self._refused.items() if now - at < MINUTE_S)
