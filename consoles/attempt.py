"""Guessing is made slow: after five wrong PINs or passwords the next must wait 30 s, after five more a minute, and so on. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

WRONG_MAX = 5
WAIT_S = 30.0
WAIT_MAX_S = 900.0
MOST_KEPT = 1000
"""Names counted at once; beyond it the one idle for longest is forgotten."""


@dataclass(slots=True)
class _Tries:
    """`wrong` of this round, after `rounds` that were waited for; `last`: when the last was."""

    wrong: int = 0
    rounds: int = 0
    last: float = 0.0


class Attempts:
    """Tries per name (a window, an operator, an account, an address) that were not right. Time is monotonic seconds."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wait_s(self, name: str, now: float) -> float:
        """Seconds until the next try is allowed; 0.0: now."""
        tries = self._tries.get(name)
        if tries is None or tries.wrong < WRONG_MAX:
            return 0.0
        return max(0.0, tries.last + min(WAIT_S * 2.0**tries.rounds, WAIT_MAX_S) - now)

    def begin(self, name: str, now: float) -> None:
        """Count a try as wrong until it was `right`, so that tries at the same moment count too.

        When the wait is over the count starts anew, and the next wait is twice as long.
        """
        tries = self._tries.setdefault(name, _Tries())
        if tries.wrong >= WRONG_MAX:
            tries.wrong, tries.rounds = 0, min(tries.rounds + 1, 10)
        tries.wrong, tries.last = tries.wrong + 1, now
        self._tries.move_to_end(name)
        while len(self._tries) > MOST_KEPT:
            self._tries.popitem(last=False)

    def right(self, name: str) -> None:
        """It was right: forget what was counted."""
        self._tries.pop(name, None)

    def undo(self, name: str) -> None:
        """The last try did not come to the PIN or password, or was not wrong: it does not count."""
        if (tries := self._tries.get(name)) and tries.wrong:
            tries.wrong -= 1
