"""How much of something is let through a minute. Pure."""

from __future__ import annotations

STEP_S = 60.0


class Bound:
    """Lets `most` through in each `STEP_S` of monotonic time and counts the rest."""

    def __init__(self, most: int) -> None:
        self._most, self._began, self._count, self._over = most, float("-inf"), 0, 0

    def let(self, now: float) -> bool:
        """Whether one more may pass."""
        if now - self._began >= STEP_S:
            self._began, self._count = now, 0
        self._count += 1
        if self._count > self._most:
            self._over += 1
            return False
        return True

    def over(self) -> int:
        """How many did not pass since this was asked last."""
        over, self._over = self._over, 0
        return over
