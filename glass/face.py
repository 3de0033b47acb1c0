"""A screen as a description: what is drawn where, in design pixels from the top left of 1080 x 1920. Pure.

Kivy draws it, fingers press it, speech and tests read it: all from this one list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

WIDTH, HEIGHT = 1080, 1920

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies inside."""
        return self.x <= x <= self.right and self.y <= y <= self.bottom

    def inset(self, by: float) -> Box:
        """The same, smaller by `by` on each side."""
        return Box(self.x + by, self.y + by, self.w - 2 * by, self.h - 2 * by)


@dataclass(frozen=True, slots=True)
class Words:
    """Lines already broken to fit `box`, `leading` pixels apart, in the middle of its height. `color`: a colour token."""

    lines: tuple[str, ...]
    box: Box
    size: int
    leading: float
    color: str
    bold: bool = False
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Plate:
    """A filled shape. `edge`: the colour of its line `border` wide, "" for none."""

    box: Box
    fill: str
    radius: float = 0
    edge: str = ""
    border: float = 0


@dataclass(frozen=True, slots=True)
class Icon:
    """A glyph of the icon font, `box.h` high, in its middle."""

    name: str
    box: Box
    color: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The logo, or a QR code that holds `data`."""

    kind: Literal["logo", "qr"]
    box: Box
    data: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """What can be pressed: the only thing with a sill. `text` is read out; `parts` lie on its face."""

    key: str
    text: str
    box: Box
    parts: tuple[Words | Icon | Plate, ...]
    fill: str
    edge: str
    sill: str
    radius: float
    border: float
    depth: float


Part = Words | Plate | Icon | Picture | Control


@dataclass(frozen=True, slots=True)
class Face:
    """One whole picture. `name`: the screen it belongs to; `theme` of `look.tokens`; `ground` the colour behind all.

    `anywhere`: the key that a touch beside all controls presses, "" for none.
    """

    name: str
    lang: str
    theme: str
    ground: str
    parts: tuple[Part, ...]
    anywhere: str = ""

    @property
    def controls(self) -> tuple[Control, ...]:
        """What can be pressed, in reading order."""
        return tuple(part for part in self.parts if isinstance(part, Control))

    def control(self, key: str) -> Control | None:
        """The control named `key`, None where this screen has none."""
        return next((control for control in self.controls if control.key == key), None)

    def at(self, x: float, y: float) -> Control | None:
        """The control at a point in design pixels."""
        return next((control for control in self.controls if control.box.holds(x, y)), None)

    def words(self) -> Iterator[Words]:
        """Every text, also those on controls."""
        for part in self.parts:
            if isinstance(part, Words):
                yield part
            elif isinstance(part, Control):
                yield from (each for each in part.parts if isinstance(each, Words))

    def script(self) -> tuple[str, ...]:
        """What is read out, in order: texts, then what can be pressed."""
        texts = [" ".join(part.lines) for part in self.parts if isinstance(part, Words)]
        return (*texts, *(control.text for control in self.controls))
