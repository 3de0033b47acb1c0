"""A line of waiting tickets, oldest clock first. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Container

from coordinator.record import Place


class Line:
    """Places in order. Looking at the front does not depend on the length; joining and leaving are a binary search."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: list[Place] = []

    def __len__(self) -> int:
        return len(self._places)

    def join(self, place: Place) -> None:
        """Stand where the clock says."""
        insort(self._places, place)

    def leave(self, place: Place) -> None:
        """Raises: KeyError: nobody stands there."""
        at = bisect_left(self._places, place)
        if at == len(self._places) or self._places[at] != place:
            raise KeyError(place.id)
        del self._places[at]

    def front(self, n: int, skip: Container[str] = ()) -> list[Place]:
        """The first `n` whose id is not in `skip`."""
        found: list[Place] = []
        for place in self._places:
            if len(found) == n:
                break
            if place.id not in skip:
                found.append(place)
        return found

    def before(self, place: Place) -> int:
        """How many stand before `place`, whether or not it stands in the line itself."""
        return bisect_left(self._places, place)
