"""What is wrong with a printer just now, and how it says so in its status bytes."""

from __future__ import annotations


class Faults:
    """Paper, cover, knife, jam and the mouth of the presenter."""

    def __init__(self) -> None:
        self.paper = "ok"
        self.cover = False
        self.cutter = False
        self.jam = False
        self.mouth = False

    @property
    def stopped(self) -> bool:
        return self.paper == "out" or self.cover or self.cutter or self.jam

    def automatic(self) -> bytes:
        """The four bytes of GS a."""
        first = 0x10 | (0x08 if self.stopped else 0) | (0x20 if self.cover else 0)
        paper = {"ok": 0x00, "low": 0x03, "out": 0x0F}[self.paper]
        return bytes((first, (0x08 if self.cutter else 0) | (0x40 if self.jam else 0), paper, 0))

    def real_time(self, n: int) -> bytes:
        """The byte of DLE EOT 1 to 4; nothing for another n."""
        broken = self.cutter or self.jam
        bits = {
            1: 0x08 if self.stopped else 0,
            2: (0x04 if self.cover else 0) | (0x20 if self.paper == "out" else 0) | (0x40 if broken else 0),
            3: (0x08 if self.cutter else 0) | (0x40 if self.jam else 0),
            4: {"ok": 0x00, "low": 0x0C, "out": 0x6C}[self.paper],
        }
        return bytes((0x12 | bits[n],)) if n in bits else b""

    def full(self) -> bytes:
        """The six bytes of DLE EOT 20: paper, user, recoverable, unrecoverable."""
        paper = {"ok": 0x00, "low": 0x04, "out": 0x05}[self.paper] | (0x20 if self.mouth else 0)
        user, jam, cutter = 0x02 if self.cover else 0, 0x40 if self.jam else 0, 0x01 if self.cutter else 0
        return bytes((0x10, 0x0F, paper, user, jam, cutter))

    def in_order(self) -> bytes:
        """The byte of GS r 1."""
        return bytes(({"ok": 0x00, "low": 0x03, "out": 0x0C}[self.paper],))
