"""Guessing a PIN is made slow: after five wrong ones at a window or for an operator the next must wait 30 s. Pure."""

from __future__ import annotations

from collections import OrderedDict

WRONG_MAX = 5
WAIT_S = 30.0
MOST_KEPT = 1000
"""Names counted at once; beyond it the one idle for longest is forgotten."""


class Attempts:
    """Tries per name (a window, an operator) that were not right. Time is monotonic seconds."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, list[float]] = OrderedDict()

    def wait_s(self, name: str, now: float) -> float:
        """Seconds until the next try is allowed; 0.0: now."""
        tries = self._tries.get(name, [])
        return max(0.0, tries[-1] + WAIT_S - now) if len(tries) >= WRONG_MAX else 0.0

    def begin(self, name: str, now: float) -> None:
        """Count a try as wrong until it was `right`, so that tries at the same moment count too.

        When the wait is over the count starts anew.
        """
        tries = self._tries.setdefault(name, [])
        if len(tries) >= WRONG_MAX:
            tries.clear()
        tries.append(now)
        self._tries.move_to_end(name)
        while len(self._tries) > MOST_KEPT:
            self._tries.popitem(last=False)

    def right(self, name: str) -> None:
        """The PIN was right: forget what was counted."""
        self._tries.pop(name, None)

    def undo(self, name: str) -> None:
        """The last try did not come to the PIN: it does not count."""
        if tries := self._tries.get(name):
            tries.pop()
