"""The paper roll, counted in millimetres: what is left, and for how many tickets. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

TYPICAL_MM = 150.0
"""A ticket's length as long as none was printed."""


@dataclass(frozen=True, slots=True)
class Roll:
    """`length_mm` when it was put in; `used_mm` since then, knife and margins included; `tickets` printed from it."""

    length_mm: float
    used_mm: float = 0.0
    tickets: int = 0

    @property
    def left_mm(self) -> float:
        """Never negative: rolls differ by some percent."""
        return max(self.length_mm - self.used_mm, 0.0)

    @property
    def ticket_mm(self) -> float:
        """What a ticket took on the average."""
        return self.used_mm / self.tickets if self.tickets else TYPICAL_MM

    @property
    def tickets_left(self) -> int:
        """How many more, at the average so far."""
        return int(self.left_mm / self.ticket_mm)

    def printed(self, mm: float) -> Roll:
        """One paper more."""
        return replace(self, used_mm=self.used_mm + mm, tickets=self.tickets + 1)

    def near_end(self, near_mm: float) -> Roll:
        """The sensor says that `near_mm` are left: it knows better than the count."""
        return replace(self, length_mm=self.used_mm + near_mm) if self.left_mm > near_mm else self

    def measured(self, left_mm: float) -> Roll:
        """The printer itself says what is left."""
        return replace(self, length_mm=self.used_mm + left_mm)

    def replaced(self, length_mm: float) -> Roll:
        """A new roll is in."""
        return Roll(length_mm)
