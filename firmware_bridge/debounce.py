"""A bouncing contact becomes presses. PURE."""

from __future__ import annotations

STABLE_S = 0.015


class Contact:
    """One key. A press is a level that has been down for `STABLE_S` without a break; a key held at the start is none."""

    def __init__(self, *, down: bool) -> None:
        self._down = self._level = down
        self._since_s = float("-inf")

    def sample(self, *, down: bool, now: float) -> bool:
        """True at the sample that makes it a press. `now`: monotonic seconds, never earlier than before."""
        if down != self._level:
            self._level, self._since_s = down, now
            return False
        if down == self._down or now - self._since_s < STABLE_S:
            return False
        self._down = down
        return down

    @property
    def settled(self) -> bool:
        """Whether nothing will follow unless the level changes."""
        return self._level == self._down
