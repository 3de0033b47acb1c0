"""What kinds of printer there are: how each answers and what it can."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One model. `name`: answer to GS I 67, "" for none; `number`: answer to GS I 1; `proves`: knows GS ( H; `orders`: knows
    GS r; `forgets`: obeys DLE DC4 function 8; `pushes`: knows GS a; `presents`: has a presenter (FS P, DLE EOT 20, GS E1, GS E4).
    """

    name: str
    number: bytes
    firmware: str = "1.00"
    proves: bool = True
    orders: bool = True
    forgets: bool = True
    pushes: bool = True
    presents: bool = False
    dots_per_mm: float = 8.0
    paper_mm_s: float = 200.0
    cut_s: float = 0.3
    cutter_mm: float = 12.0


KINDS = {
    "tm-t20iii": Kind("TM-T20III", b"\x02", paper_mm_s=250, cut_s=0.25),
    "tm-t88vii": Kind("TM-T88VII", b"\x20", dots_per_mm=7.09, paper_mm_s=500, cut_s=0.2),
    "eu-m30": Kind("EU-m30", b"\x02"),
    "vkp80iii": Kind("", b"\x02\x05", "7.11", proves=False, forgets=False, pushes=False, presents=True, cutter_mm=11.9),
    "kpm216h": Kind("", b"\x02\x0b", "2.04", proves=False, forgets=False, pushes=False, presents=True, paper_mm_s=150),
    "clone": Kind("POS-80", b"\x00", proves=False, forgets=False),
    "mute-clone": Kind("", b"", proves=False, orders=False, forgets=False, pushes=False),
    "star": Kind("TSP143", b"\x02", proves=False, forgets=False),
}
