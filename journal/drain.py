"""When to send which facts, and when to send them again. Pure: numbers and a monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass

WINDOW = 64
SILENCE_S = 5.0


@dataclass(slots=True)
class Drain:
    """Sends each fact once, at most `WINDOW` beyond the last acknowledged one.

    Begins again behind that one on each new connection and when nothing was acknowledged for `SILENCE_S`.
    `upto`: acknowledged so far. The same rule serves a box's outbox and a hall's log on its way to the region.
    """

    upto: int
    _sent: int = 0
    _since: float = 0.0
    _online: bool = False

    def connected(self, now: float) -> None:
        """The link is up; what was sent over an earlier one counts for nothing."""
        self._online, self._sent, self._since = True, self.upto, now

    def disconnected(self) -> None:
        """The link is gone."""
        self._online = False

    def acked(self, upto: int, now: float) -> None:
        """The other side has all up to `upto`; an older number changes nothing."""
        if upto > self.upto:
            self.upto, self._sent, self._since = upto, max(self._sent, upto), now

    def due(self, last: int, now: float) -> range:
        """The numbers to publish now, `last` being the newest there is; tell `sent` how far it went."""
        if not self._online:
            return range(0)
        if self._sent > self.upto and now - self._since >= SILENCE_S:
            self._sent = self.upto
        return range(self._sent + 1, min(last, self.upto + WINDOW) + 1)

    def sent(self, through: int, now: float) -> None:
        """All up to `through` was handed to the link."""
        if self._sent <= self.upto:
            self._since = now
        self._sent = max(self._sent, through)
