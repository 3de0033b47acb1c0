"""A window as the judge moves it: when its operator is there, what a reserve may still spend, how it is shown."""

from __future__ import annotations

from typing import Any

from simulators.day_file import Absence, Span, Window


class Desk:
    """One window with its operator."""

    def __init__(self, window: Window, absences: list[Absence], closing: float, reserve_left: float) -> None:
        self.id = window.id
        self.window = window
        self.can: frozenset[str] = frozenset(window.can)
        self.primary: frozenset[str] = frozenset(window.primary)
        self.spans: list[list[float]] = [list(span) for span in window.roster]
        self.absences = absences
        self.closing = closing
        self.granted: Span | None = None
        self.open = False
        self.busy = False
        self.serving: str | None = None
        self.since = 0.0
        self.opened = 0.0
        self.last_group: int | None = None
        self.left = reserve_left if window.reserve else 0.0
        self.delayed: dict[int, float] = {}
        self.open_min = 0.0
        self.busy_min = 0.0
        self._lists = {"can": list(window.can), "primary": list(window.primary), "reserve": window.reserve}

    def there(self, now: float) -> bool:
        """Whether the operator is at his place: granted, or planned and not absent; past closing, whether he was at closing."""
        if self.granted is not None and self.granted[0] <= now < self.granted[1]:
            return True
        if now >= self.closing:
            now = self.closing - 1e-6
        return any(start <= now < end for start, end in self.spans) and not any(
            away.start <= now < away.end for away in self.absences
        )

    def shown(self, now: float) -> dict[str, Any]:
        """The window as a policy sees it."""
        return {
            "id": self.id, "open": self.open, "busy": self.busy, "serving": self.serving, "since": self.since,
            "last_group": self.last_group, "reserve_left": self.reserve_left(now),
            "roster": [tuple(span) for span in self.spans], **self._lists,
        }  # fmt: skip

    def reserve_left(self, now: float) -> float:
        """Minutes this reserve may still be open, those it has been granted but not used among them."""
        if self.granted is None:
            return self.left
        return max(0.0, self.left - max(0.0, min(now, self.granted[1]) - self.granted[0]))

    def settle_grant(self, now: float) -> None:
        """Takes what a grant has used from the budget; the grant is over."""
        self.left = self.reserve_left(now)
        self.granted = None
