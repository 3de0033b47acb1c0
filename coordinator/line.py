"""Those who wait, in lines by service, rank and window, oldest clock first. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import NamedTuple

ORDINARY = 10
"""The rank of a visitor without priority: after level 9."""
BOOKED = 11
"""The rank of a visitor with a booked time."""


class Waiting(NamedTuple):
    """One who waits. The first three fields are the place in its line.

    `clock`: minute from which the wait counts, for a booking not before the booked time; `rank`: priority level 1 to 9, ORDINARY
    or BOOKED; `due`: the booked time; `only_window`: nobody else may call it; `again`: called or served before, in line once more.
    """

    clock: float
    number: int
    id: str
    service: str
    rank: int = ORDINARY
    due: float | None = None
    only_window: str | None = None
    again: bool = False


class Lines:
    """Lines that are kept in order. Looking at the front does not depend on their length; joining and leaving are a binary search.

    `counts`: service → how many wait, 0 left out.
    """

    def __init__(self, waiting: Iterable[Waiting] = ()) -> None:
        self.counts: dict[str, int] = {}
        self._lines: dict[str, dict[tuple[int, str | None], list[Waiting]]] = {}
        for one in waiting:
            self._lines.setdefault(one.service, {}).setdefault((one.rank, one.only_window), []).append(one)
        for service, lanes in self._lines.items():
            self.counts[service] = sum(map(len, lanes.values()))
            for line in lanes.values():
                line.sort()

    def __iter__(self) -> Iterator[Waiting]:
        return (one for lanes in self._lines.values() for line in lanes.values() for one in line)

    def join(self, one: Waiting) -> None:
        """Stand where the clock says."""
        insort(self._lines.setdefault(one.service, {}).setdefault((one.rank, one.only_window), []), one)
        self.counts[one.service] = self.counts.get(one.service, 0) + 1

    def leave(self, one: Waiting) -> None:
        """Raises: KeyError: it does not stand there."""
        lanes, lane = self._lines.get(one.service, {}), (one.rank, one.only_window)
        line = lanes.get(lane, [])
        at = bisect_left(line, one)
        if at == len(line) or line[at] != one:
            raise KeyError(one.id)
        del line[at]
        if not line:
            del lanes[lane]
        self.counts[one.service] -= 1
        if not self.counts[one.service]:
            del self.counts[one.service]

    def heads(self, service: str, window: str) -> Iterable[Waiting]:
        """The first of every rank in the lines of `service` that `window` may call from."""
        first: dict[int, Waiting] = {}
        for (rank, only), line in self._lines.get(service, _NONE).items():
            if only is None or only == window:
                held = first.get(rank)
                if held is None or line[0] < held:
                    first[rank] = line[0]
        return first.values()

    def oldest(self, service: str) -> Waiting | None:
        """Who has waited longest for `service`, whatever the rank."""
        return min((line[0] for line in self._lines.get(service, _NONE).values()), default=None)

    def before(self, one: Waiting, service: str) -> int:
        """How many in the lines of `service` stand before `one`, whether or not it stands in a line itself.

        Higher levels of priority stand before, lower ones do not; all others, booked or not, by their clock.
        """
        level = min(one.rank, ORDINARY)
        return sum(
            len(line) if min(rank, ORDINARY) < level else bisect_left(line, one)
            for (rank, _), line in self._lines.get(service, _NONE).items()
            if min(rank, ORDINARY) <= level
        )

    def copy(self) -> Lines:
        """Lines that change by themselves."""
        new = Lines()
        new.counts = dict(self.counts)
        new._lines = {s: {lane: list(line) for lane, line in lanes.items()} for s, lanes in self._lines.items()}
        return new


_NONE: dict[tuple[int, str | None], list[Waiting]] = {}
