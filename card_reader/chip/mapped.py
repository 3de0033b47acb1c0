"""What the chip-authentication mapping of PACE leaves to be proved. Pure. ICAO Doc 9303-11 §4.4.3.5."""

from __future__ import annotations

from dataclasses import dataclass

from card_reader.chip.curves import Curve, Point


@dataclass(frozen=True, slots=True, repr=False)
class Mapped:
    """A proof is: secret · static key = the key the chip mapped with."""

    curve: Curve
    mapping_key: Point
    secret: int

    def proves(self, static: Point) -> bool:
        """The chip holds the private key of `static`, its key in EF.CardSecurity."""
        return self.curve.times(self.secret, static) == self.mapping_key
