"""The printers that are known, one row each, and what each can do. Pure.

Sources: Epson ESC/POS reference (model lists of GS ( H, DLE DC4 function 8, GS I); Custom VKP80III commands manual 915DX010100,
KPM210/216 user manual; widths and speeds from the makers' data sheets. Only the VKP80III's answer to GS I 1 has been seen on a
device, by somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Proof(StrEnum):
    """How a printer can say that a paper is printed."""

    MARK = "mark"
    """`GS ( H` function 48: named, and only when it is on paper."""
    ORDER = "order"
    """`GS r` behind the cut: everything before it was worked off, and the status after it is clean. Weaker: a printer that
    reads ahead of its own head would say so too early."""
    NONE = "none"
    """Nothing: whatever was sent may be on paper or not."""


@dataclass(frozen=True, slots=True)
class Model:
    """One row. `names`: answers to GS I 67, a `*` at the end stands for any rest; `number`: answer to GS I 1; `width_dots`:
    printable; `purge`: obeys DLE DC4 function 8; `asb`: pushes its status (GS a); `places`: begins a raster where ESC $ says;
    `presenter`: of Custom's kind (FS P, DLE EOT 20, GS E4); `paper_left`: tells the centimetres left (GS E1); `cutter_mm`:
    from head to knife, lost with every paper; `obeys`: pairs of bytes that it obeys in the middle of a picture.
    """

    name: str
    names: tuple[str, ...] = ()
    number: bytes = b""
    width_dots: int = 576
    dots_per_mm: float = 8.0
    proof: Proof = Proof.MARK
    purge: bool = True
    asb: bool = True
    places: bool = True
    presenter: bool = False
    paper_left: bool = False
    speed_mm_s: int = 200
    cutter_mm: float = 12.0
    obeys: tuple[bytes, ...] = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
    supported: bool = True

    @property
    def picture_dots(self) -> int:
        """How wide a ticket is drawn: no wider than 80 mm paper, a multiple of 8."""
        return min(self.width_dots, 640) // 8 * 8


CLONE = Model("ESC/POS clone", places=False, proof=Proof.ORDER, purge=False, speed_mm_s=150)
MUTE = Model("printer without answers", places=False, proof=Proof.NONE, purge=False, asb=False, speed_mm_s=150)

MODELS: tuple[Model, ...] = (
    Model("Epson TM-T20III", ("TM-T20III", "TM-T20II", "TM-T20IIIL"), speed_mm_s=250),
    Model("Epson TM-T88VII", ("TM-T88VII", "TM-T88VI"), width_dots=512, dots_per_mm=7.09, speed_mm_s=500),
    Model("Epson EU-m30", ("EU-m30", "TM-m30*"), speed_mm_s=250, cutter_mm=11.0),
    Model(
        "Custom VKP80III", ("VKP80III*",), b"\x02\x05", proof=Proof.ORDER, purge=False, asb=False, presenter=True,
        paper_left=True, speed_mm_s=220, cutter_mm=11.9,
    ),
    Model(
        "Custom KPM216H", ("KPM216*",), width_dots=1728, proof=Proof.ORDER, purge=False, asb=False, presenter=True,
        paper_left=True, speed_mm_s=150,
    ),
    Model("Star Micronics", ("TSP*", "mC-*", "Star*"), proof=Proof.NONE, purge=False, asb=False, supported=False),
    CLONE,
    MUTE,
)  # fmt: skip


def by_name(name: str) -> Model | None:
    """The row whose `names` hold what GS I 67 answered, or that is called so; None when there is none."""
    return next((row for row in MODELS if name == row.name or any(_fits(name, known) for known in row.names)), None)


def by_number(number: bytes) -> Model | None:
    """The row whose `number` GS I 1 answered; None when there is none."""
    return next((row for row in MODELS if row.number and row.number == number), None)


def _fits(name: str, known: str) -> bool:
    return name.startswith(known[:-1]) if known.endswith("*") else name == known
