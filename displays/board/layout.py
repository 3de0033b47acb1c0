"""Where everything stands on a panel, lying or upright, in design pixels: left, top, width, height. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from contract.hall_part import BoardLayout

Place = tuple[float, float, float, float]
LYING, UPRIGHT = (1920, 1080), (1080, 1920)
ROW_MIN, ROW_MAX, ROW_GAP = 126, 268, 16
"""A row of the list holds a number of the display size, at most one of the card's size."""
COLUMN_GAP = 32
NONE: Place = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """The places. `card`: of use where the layout has one; `tiles` NONE: a notice has their room.

    `rows`: one place per call; `columns`: their heads, (title, window). `lines`: of the strip's text at most.
    """

    grid: tuple[int, int]
    name: Place
    clock: Place
    marks: tuple[float, float]
    card: Place
    columns: tuple[tuple[Place, Place], ...]
    rows: tuple[Place, ...]
    tiles: Place
    tile_columns: int
    strip: Place
    message: Place
    badge: Place
    lines: int
    heading: float

    @property
    def lying(self) -> bool:
        """Whether the panel is wider than high."""
        return self.grid == LYING


def plan(layout: BoardLayout, *, lying: bool, notice: bool) -> Plan:
    """The places of `layout`; `notice`: a manager's message takes the room of the tiles and grows the strip."""
    return _lying(layout, notice) if lying else _upright(layout, notice)


def _lying(layout: BoardLayout, notice: bool) -> Plan:
    area = (1112.0, 184.0, 768.0, 552.0) if layout.card else (40.0, 184.0, 1840.0, 552.0)
    columns, rows = _list(area, 1 if layout.card else 2, layout.rows)
    top = 760 if notice else 952
    return Plan(
        grid=LYING,
        name=(144, 10, 1056, 96),
        clock=(1640, 4, 240, 108),
        marks=(1616, 16),
        card=(40, 116, 1040, 600),
        columns=columns,
        rows=rows,
        tiles=NONE if notice else (40, 760, 1840, 165),
        tile_columns=2,
        strip=(0, top, 1920, 1080 - top),
        message=(140, top, 1280, 1080 - top),
        badge=(1440, 958, 440, 116),
        lines=5 if notice else 2,
        heading=420,
    )


def _upright(layout: BoardLayout, notice: bool) -> Plan:
    area = (40.0, 900.0, 1000.0, 410.0) if layout.card else (40.0, 276.0, 1000.0, 1034.0)
    columns, rows = _list(area, 1, layout.rows)
    top = 1330 if notice else 1664
    return Plan(
        grid=UPRIGHT,
        name=(144, 14, 640, 108),
        clock=(800, 4, 240, 108),
        marks=(1040, 118),
        card=(40, 204, 1000, 600),
        columns=columns,
        rows=rows,
        tiles=NONE if notice else (40, 1326, 1000, 324),
        tile_columns=1,
        strip=(0, top, 1080, 1920 - top),
        message=(140, top + 4, 900, 1790 - top),
        badge=(600, 1798, 440, 116),
        lines=7 if notice else 2,
        heading=840,
    )


def _list(area: Place, across: int, wanted: int) -> tuple[tuple[tuple[Place, Place], ...], tuple[Place, ...]]:
    """Heads and rows of a list in `area`: filled column by column, as many rows as fit."""
    left, top, width, height = area
    fit = int((height + ROW_GAP) // (ROW_MIN + ROW_GAP))
    down = min(fit, -(-wanted // across))
    high = min(ROW_MAX, (height - ROW_GAP * (down - 1)) / down)
    wide = (width - COLUMN_GAP * (across - 1)) / across
    lefts = [left + column * (wide + COLUMN_GAP) for column in range(across)]
    heads = tuple(((x + 32, top - 72, wide - 32 - 216, 68.0), (x + wide - 216, top - 72, 216.0, 68.0)) for x in lefts)
    rows = [(x, top + line * (high + ROW_GAP), wide, high) for x in lefts for line in range(down)]
    return heads, tuple(rows[:wanted])
