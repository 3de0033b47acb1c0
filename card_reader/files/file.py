"""The files of an ID card: where they are and how large they may be. Pure data. ICAO Doc 9303-10 §4."""

from __future__ import annotations

from dataclasses import dataclass

AID = bytes.fromhex("A0000002471001")
"""The travel-document application."""


@dataclass(frozen=True, slots=True)
class File:
    """`tag` opens its content; `cap`: most bytes that are read of it."""

    name: str
    fid: int
    sfi: int
    tag: int
    cap: int

    @property
    def group(self) -> int | None:
        """The data group's number; None for other files."""
        return int(self.name[2:]) if self.name.startswith("DG") else None


CARD_ACCESS = File("EF.CardAccess", 0x011C, 0x1C, 0x31, 4096)
CARD_SECURITY = File("EF.CardSecurity", 0x011D, 0x1D, 0x30, 16384)
COM = File("EF.COM", 0x011E, 0x1E, 0x60, 1024)
SOD = File("EF.SOD", 0x011D, 0x1D, 0x77, 32768)
DG1 = File("DG1", 0x0101, 0x01, 0x61, 512)
DG2 = File("DG2", 0x0102, 0x02, 0x75, 65536)
DG11 = File("DG11", 0x010B, 0x0B, 0x6B, 8192)
DG12 = File("DG12", 0x010C, 0x0C, 0x6C, 8192)
DG13 = File("DG13", 0x010D, 0x0D, 0x6D, 8192)
DG14 = File("DG14", 0x010E, 0x0E, 0x6E, 8192)
DG15 = File("DG15", 0x010F, 0x0F, 0x6F, 4096)
