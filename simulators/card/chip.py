"""Chip authentication: the static key that a copied chip does not have (ICAO 9303-11, 6.2)."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.card.cipher import Suite
from simulators.card.curve import Curve, Point
from simulators.card.messaging import Session

ROOT = bytes.fromhex("04007F000702020302")


@dataclass(frozen=True)
class ChipKey:
    """On `curve`; `suite`: of the session that its use begins."""

    curve: Curve
    private: int
    suite: Suite

    @property
    def oid(self) -> bytes:
        """The value of the protocol's object identifier: ECDH and the suite."""
        return ROOT + bytes((self.suite.number,))

    @property
    def public(self) -> Point:
        return self.curve.multiply(self.private, self.curve.base)

    def agree(self, theirs: bytes) -> Session:
        """The session with the owner of the ephemeral key. Raises: ValueError: no point of the curve."""
        shared = self.curve.multiply(self.private, self.curve.decode(theirs))
        return Session(self.suite, shared[0].to_bytes(self.curve.size, "big"))
