"""Finding pads by their uids on a line where all may answer at once: ask for a part of all uids, and halve it where two collide. PURE."""

from __future__ import annotations

from dataclasses import dataclass

UID_BITS = 64


@dataclass(frozen=True, slots=True)
class Part:
    """All uids whose first `depth` bits are those of `bits` (a 64-bit number, 0 behind them)."""

    depth: int
    bits: int

    @property
    def prefix(self) -> str:
        """As FIND has it: 16 hex digits."""
        return f"{self.bits:016x}"

    def halves(self) -> tuple[Part, Part]:
        """The same uids, one bit deeper. Raises: ValueError: it is a single uid."""
        if self.depth >= UID_BITS:
            raise ValueError("one uid has no halves")
        return Part(self.depth + 1, self.bits), Part(self.depth + 1, self.bits | 1 << (UID_BITS - 1 - self.depth))


EVERYBODY = Part(0, 0)


class Search:
    """What to ask next. At most 65 parts wait: the deepest is asked first."""

    def __init__(self) -> None:
        self._waiting: list[Part] = []

    @property
    def busy(self) -> bool:
        """Whether somebody may be there who was not found yet."""
        return bool(self._waiting)

    def next(self) -> Part:
        """The part to ask for now."""
        return self._waiting.pop() if self._waiting else EVERYBODY

    def collided(self, part: Part) -> None:
        """More than one answered for `part`, or the line is bad."""
        if part.depth < UID_BITS:
            self._waiting += reversed(part.halves())
