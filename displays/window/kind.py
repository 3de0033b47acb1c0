"""The kinds of window display there are: adding one is adding a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from displays.window import ed400, laser_lt
from displays.window.cd5220 import Cd5220
from displays.window.dm_d import DmD
from displays.window.ed400 import Ed400
from displays.window.laser_lt import LaserLt
from displays.window.model import Sign
from displays.window.port import Port


class Driver(Protocol):
    """One display on an open port; both acts raise TransientDeviceError."""

    def show(self, sign: Sign) -> None:
        """Make it show this."""

    def check(self, sign: Sign) -> None:
        """Read back whether it shows this, where it can be asked."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A row. `addresses`: those that several of them on one line may have; empty: one display, one port."""

    model: str
    baud: int
    make: Callable[[Port, int], Driver]
    addresses: range = range(0)


KINDS = {
    "cd5220": Kind("CD5220", 9600, Cd5220),
    "dm-d": Kind("Epson DM-D", 9600, DmD),
    "ed400": Kind("EDI ED400", 9600, Ed400, ed400.ADDRESSES),
    "laser-lt": Kind("Rice Lake Laser LT", 9600, LaserLt, laser_lt.ADDRESSES),
}
