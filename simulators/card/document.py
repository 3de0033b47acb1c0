"""A document as its chip holds it, and where the files stand (ICAO 9303-10, 3.11)."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulators.card.active import ActiveKey
from simulators.card.bac import seed
from simulators.card.chip import ChipKey
from simulators.card.pace import Offer

IN_MASTER = {0x011C: "CardAccess", 0x011D: "CardSecurity", 0x2F01: "ATR-INFO"}
IN_APPLICATION = {0x011E: "COM", 0x011D: "SOD"} | {0x0100 + n: f"DG{n}" for n in range(1, 17)}
OPEN = {"CardAccess", "ATR-INFO"}


@dataclass(frozen=True)
class Document:
    """What the issuer put on one chip. `files` by name; `offers`: PACE in the order of EF.CardAccess; `bac`: offered too."""

    atr: bytes
    mrz_information: str
    files: dict[str, bytes]
    offers: tuple[Offer, ...] = ()
    can: str | None = None
    bac: bool = True
    chip_key: ChipKey | None = None
    active_key: ActiveKey | None = field(default=None, repr=False)

    def password(self, name: str) -> bytes | None:
        if name == "CAN":
            return self.can.encode("ascii") if self.can else None
        return seed(self.mrz_information)
