"""What waits to be said: one line, higher priority first, nobody twice, nothing too old. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

WAITING_MAX = 64
"""More than can be said in the greatest age; beyond it the one that would be last goes."""

What = TypeVar("What")


@dataclass(frozen=True, slots=True)
class Item(Generic[What]):
    """One thing to say. Two that share one of their `names` are the same announcement. `until`: it begins by then or never."""

    what: What
    names: frozenset[str]
    priority: float
    until: float


class Queue(Generic[What]):
    """The line. `now` is any clock that all items are timed by."""

    def __init__(self) -> None:
        self._waiting: list[Item[What]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, item: Item[What]) -> list[Item[What]]:
        """Add it in the place of those it replaces, else behind its equals; returns the replaced ones and who found no room."""
        replaced = [w for w in self._waiting if w.names & item.names]
        place = self._waiting.index(replaced[0]) if replaced else len(self._waiting)
        before = [w for w in self._waiting[:place] if w not in replaced]
        after = [w for w in self._waiting[place:] if w not in replaced]
        line = sorted([*before, item, *after], key=lambda w: -w.priority)
        self._waiting, crowded_out = line[:WAITING_MAX], line[WAITING_MAX:]
        return replaced + crowded_out

    def take(self, now: float) -> tuple[Item[What] | None, list[Item[What]]]:
        """The next to be said, None where nobody waits, and those who became too old; all of them are gone from the line."""
        late = [w for w in self._waiting if w.until < now]
        line = [w for w in self._waiting if w.until >= now]
        self._waiting = line[1:]
        return (line[0] if line else None), late
