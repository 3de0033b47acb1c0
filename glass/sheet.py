"""The sheet a face is drawn on: header, tools and the pieces that all screens share, placed by the tokens. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from contract.hall import Hall
from contract.hall_part import Text as HallText
from glass import measure
from glass.face import WIDTH, Align, Box, Control, Face, Icon, Part, Picture, Plate, Words
from look import tokens
from look.texts import Texts

MARGIN, GAP = 48, 24
INNER = WIDTH - 2 * MARGIN
HEAD_H = 152
FOOT_Y = 1578
FOOT_Y_LOW = 1764
LOW_Y = 1200
"""Top of the zone that every hand reaches: its share of the screen is a token."""
_LINE = {"text": 1.3, "title": 1.15, "tile": 1.16, "number": 1.05}


@dataclass(frozen=True, slots=True)
class Look:
    """How a control is coloured, by colour tokens."""

    fill: str
    edge: str
    sill: str
    text: str
    icon: str
    soft: str = "ink_soft"


TILE = Look("surface", "line_strong", "sill", "ink", "action")
PRIMARY = Look("action", "action", "action_press", "on_action", "on_action", "on_action")
NOW = Look("now", "now", "now_sill", "on_now", "on_now", "on_now")
BAR = Look("bar_key", "on_bar_soft", "on_bar_soft", "on_bar", "on_bar", "on_bar_soft")


class Seen(Protocol):
    """What every state of a screen has: its language, high contrast, and whether all stands within the reach of every hand."""

    @property
    def lang(self) -> str: ...
    @property
    def contrast(self) -> bool: ...
    @property
    def low(self) -> bool: ...


S = TypeVar("S", bound=Seen)


class Sheet(Generic[S]):
    """A face in the making. `now`: monotonic; `moment`: hall time, aware; `languages`: with the key to choose another one.

    `y` is where the next piece goes.
    """

    def __init__(self, state: S, hall: Hall, now: float, moment: datetime, *, languages: bool = True) -> None:
        self.state, self.hall, self.now, self.moment = state, hall, now, moment
        self._languages = languages and len(hall.languages) > 1
        self.texts = Texts(state.lang)
        self.surface = tokens.surface("kiosk")
        self.radius = tokens.radius("kiosk")
        self.border = tokens.border("kiosk_contrast" if state.contrast else "kiosk")
        self.depth = tokens.sill("kiosk")
        self.ground = "canvas"
        self.dark = False
        self.parts: list[Part] = []
        self.y = float(HEAD_H + 44)

    # --- words ---------------------------------------------------------------------------------------------------------

    def t(self, key: str, **placeholders: object) -> str:
        """A text of the catalogue."""
        return self.texts.get(key, **placeholders)

    def of(self, names: HallText) -> str:
        """A text of the hall document; "" where it has none."""
        return names.get(self.state.lang) or names.get(self.hall.default_language, "")

    def size(self, role: str) -> int:
        """Design pixels of a type role."""
        return self.surface.type[role]

    def words(
        self,
        text: str,
        box: Box,
        roles: Sequence[str],
        color: str,
        *,
        bold: bool = False,
        align: Align = "left",
        line: str = "text",
        max_lines: int = 2,
    ) -> Words:
        """`text` inside `box` in the largest of `roles` that needs no more than `max_lines`; `box.h` 0: as high as it comes."""
        sizes = tuple(self.size(role) for role in roles)
        room = [min(max_lines, int(box.h / (size * _LINE[line]))) if box.h else max_lines for size in sizes]
        found = measure.fit(text, box.w, sizes, tuple(room), bold=bold)
        return Words(found.lines, box, found.size, found.size * _LINE[line], color, bold, align)

    def put(
        self,
        text: str,
        box: Box,
        roles: Sequence[str],
        color: str,
        *,
        bold: bool = False,
        align: Align = "left",
        line: str = "text",
        max_lines: int = 2,
    ) -> None:
        """`words`, put on the sheet."""
        self.parts.append(self.words(text, box, roles, color, bold=bold, align=align, line=line, max_lines=max_lines))

    def write(
        self,
        text: str,
        roles: Sequence[str],
        color: str = "",
        *,
        bold: bool = False,
        align: Align = "left",
        line: str = "text",
        max_lines: int = 3,
        x: float = MARGIN,
        w: float = INNER,
    ) -> None:
        """Put text at `y` and move on below it."""
        color = color or ("on_bar" if self.dark else "ink")
        words = self.words(
            text, Box(x, self.y, w, 0), roles, color, bold=bold, align=align, line=line, max_lines=max_lines
        )
        height = words.leading * len(words.lines)
        box = Box(x, self.y, w, height)
        self.parts.append(Words(words.lines, box, words.size, words.leading, color, bold, align))
        self.y += height

    def title(self, text: str, *, align: Align = "left") -> None:
        """The one question or statement of the screen."""
        self.write(text, ("title", "heading"), bold=True, align=align, line="title")

    def lead(self, text: str, *, align: Align = "left") -> None:
        """A sentence under the title."""
        self.y += 8
        self.write(text, ("body", "note"), "on_bar_soft" if self.dark else "ink_soft", align=align)

    # --- controls ------------------------------------------------------------------------------------------------------

    def row(
        self, key: str, text: str, box: Box, *, look: Look = TILE, icon: str = "", hint: str = "", picked: bool = False,
        roles: Sequence[str] = ("label", "tile", "note"), tinted: bool = True,
    ) -> None:  # fmt: skip
        """A wide control: icon on a tint, words, a hint under them. `picked`: filled, with a check."""
        look = PRIMARY if picked else look
        parts: list[Words | Icon | Plate] = []
        x = box.x + 28
        side = min(112, box.h - self.depth - 24)
        if icon:
            plate = Box(x - 4, box.y + (box.h - self.depth - side) / 2, side, side)
            if tinted and not picked and not self.state.contrast:
                parts.append(Plate(plate, "action_tint", self.radius["button"]))
            parts.append(Icon("check" if picked else icon, plate.inset(side * 0.2), look.icon))
            x += side + 20
        inner = Box(x, box.y + 10, box.right - 24 - x, box.h - self.depth - 20)
        parts += self._two(text, hint, inner, roles, look)
        self._control(key, _spoken(text, hint), box, parts, look, self.radius["tile"])

    def key(
        self, key: str, text: str, box: Box, *, look: Look = TILE, icon: str = "", roles: Sequence[str] = ("label", "tile", "note"),
        stacked: bool = False, air: float = 20,
    ) -> None:  # fmt: skip
        """A button: icon and words in its middle; `stacked`: the icon above; `air`: left free on both sides."""
        inner = Box(box.x + air, box.y + 8, box.w - 2 * air, box.h - self.depth - 16)
        parts = self._stacked(text, inner, icon, look) if stacked else self._beside(text, inner, icon, look, roles)
        self._control(key, text, box, parts, look, self.radius["button"])

    def blocked(self, text: str, box: Box, icon: str, hint: str) -> None:
        """Something that cannot be had now: it keeps its place, says why, and has no sill."""
        self.plate(Plate(box, "canvas", self.radius["tile"], "line_strong", self.border))
        x = box.x + 28
        if icon:
            side = min(112, box.h - 24)
            self.parts.append(
                Icon(icon, Box(x - 4, box.y + (box.h - side) / 2, side, side).inset(side * 0.2), "ink_soft")
            )
            x += side + 20
        inner = Box(x, box.y + 10, box.right - 24 - x, box.h - 20)
        soft = Look("", "", "", "ink_soft", "ink_soft")
        self.parts += self._two(text, hint, inner, ("label", "tile", "note"), soft)

    def plate(self, plate: Plate) -> None:
        """A shape behind what follows."""
        self.parts.append(plate)

    def card(self, height: float, *, fill: str = "surface", edge: str = "line") -> Box:
        """A panel at `y`, full width; `y` stays at its top. Not a control: it has no sill."""
        box = Box(MARGIN, self.y, INNER, height)
        self.plate(Plate(box, fill, self.radius["tile"], edge, self.border))
        return box

    def acts(self, count: int, height: float) -> list[Box]:
        """Boxes of `count` full-width controls, stacked so that the last ends above the tools."""
        bottom = self.foot_y - GAP
        top = bottom - count * height - (count - 1) * GAP
        return [Box(MARGIN, top + n * (height + GAP), INNER, height) for n in range(count)]

    @property
    def foot_y(self) -> float:
        """Top of the tools."""
        return FOOT_Y_LOW if self.state.low else FOOT_Y

    def _two(self, text: str, hint: str, box: Box, roles: Sequence[str], look: Look) -> list[Words]:
        if not hint:
            return [self.words(text, box, roles, look.text, bold=True, line="tile")]
        soft = self.words(hint, box, ("note",), look.soft, line="tile")
        room = Box(box.x, box.y, box.w, box.h - soft.leading * len(soft.lines) - 6)
        fitted = self.words(text, room, roles, look.text, bold=True, line="tile")
        first, second = fitted.leading * len(fitted.lines), soft.leading * len(soft.lines)
        top = box.y + (box.h - first - second - 6) / 2
        return [
            Words(fitted.lines, Box(box.x, top, box.w, first), fitted.size, fitted.leading, look.text, bold=True),
            Words(soft.lines, Box(box.x, top + first + 6, box.w, second), soft.size, soft.leading, look.soft),
        ]

    def _beside(self, text: str, box: Box, icon: str, look: Look, roles: Sequence[str]) -> list[Words | Icon | Plate]:
        if not icon:
            return [self.words(text, box, roles, look.text, bold=True, align="center", line="tile")]
        side = 64
        words = self.words(text, Box(0, 0, box.w - side - 20, box.h), roles, look.text, bold=True, line="tile")
        wide = max(measure.width(line, words.size, bold=True) for line in words.lines)
        x = box.x + (box.w - wide - side - 20) / 2
        beside = Box(x + side + 20, box.y, wide, box.h)
        return [
            Icon(icon, Box(x, box.y + (box.h - side) / 2, side, side), look.icon),
            Words(words.lines, beside, words.size, words.leading, look.text, bold=True, align="center"),
        ]

    def _stacked(self, text: str, box: Box, icon: str, look: Look) -> list[Words | Icon | Plate]:
        side = 56.0
        words = self.words(
            text, Box(box.x - 16, 0, box.w + 32, 0), ("note",), look.text, bold=True, line="tile", max_lines=1
        )
        high = words.leading * len(words.lines)
        top = box.y + (box.h - side - high - 4) / 2
        place = Box(box.x - 16, top + side + 4, box.w + 32, high)
        return [
            Icon(icon, Box(box.x + (box.w - side) / 2, top, side, side), look.icon),
            Words(words.lines, place, words.size, words.leading, look.text, bold=True, align="center"),
        ]

    def _control(
        self, key: str, text: str, box: Box, parts: Sequence[Words | Icon | Plate], look: Look, radius: float
    ) -> None:
        self.parts.append(
            Control(key, text, box, tuple(parts), look.fill, look.edge, look.sill, radius, self.border, self.depth)
        )

    # --- the frame around every screen ---------------------------------------------------------------------------------

    def head(self) -> None:
        """Logo, hall, place, time; dark where the screen is."""
        fill, ink, soft = ("bar", "on_bar", "on_bar_soft") if self.dark else ("surface", "ink", "ink_soft")
        self.plate(Plate(Box(0, 0, WIDTH, HEAD_H), fill))
        self.plate(Plate(Box(0, HEAD_H - 3, WIDTH, 3), "bar_key" if self.dark else "line"))
        self.parts.append(Picture("logo", Box(MARGIN, 30, 92, 92)))
        clock = self.texts.time(self.moment, self.hall.zone_info)
        self.put(clock, Box(812, 20, 220, 110), ("heading",), ink, bold=True, align="right", line="title")
        name, place = self.of(self.hall.short_names), self.of(self.hall.place)
        box = Box(164, 28, 630, 50) if place else Box(164, 16, 630, 120)
        self.put(name, box, ("body", "note"), ink, bold=True, line="title")
        if self.hall.training:
            self.plate(Plate(Box(164, 80, 630, 56), "warn_tint"))
            self.put(
                self.t("training.mark"), Box(184, 84, 590, 48), ("note",), "warn", bold=True, line="title", max_lines=1
            )
        elif place:
            self.put(place, Box(164, 80, 630, 48), ("note",), soft, line="title", max_lines=1)

    def foot(self, *, back: bool = True, tools: bool = True) -> None:
        """The keys that are always there, in the same order: back, person; language, contrast, lower."""
        self.plate(Plate(Box(0, self.foot_y, WIDTH, 1920 - self.foot_y), "bar"))
        if self.state.low:
            self._low_foot(back=back, tools=tools)
            return
        y = self.foot_y + 24
        if back:
            self.key(
                "back", self.t("common.back"), Box(MARGIN, y, 332, 120), look=BAR, icon="back", roles=("tile", "note")
            )
        person = Box(MARGIN + 356, y, 628, 120) if back else Box(MARGIN, y, INNER, 120)
        self.key("person", self.t("common.call_person"), person, look=BAR, icon="person", roles=("tile", "note"))
        if tools:
            self._row_of(self._tools(), y + 144, 150)

    def _low_foot(self, *, back: bool, tools: bool) -> None:
        keys = [("back", self.t("common.back"), "back")] if back else []
        keys.append(("person", self.t("kiosk.tool_person_short"), "person"))
        self._row_of(keys + (self._tools() if tools else []), self.foot_y + 12, 128)

    def _tools(self) -> list[tuple[str, str, str]]:
        lower = ("kiosk.tool_higher", "higher") if self.state.low else ("kiosk.tool_lower", "lower")
        tools = [("contrast", self.t("kiosk.tool_contrast"), "contrast"), ("lower", self.t(lower[0]), lower[1])]
        if self._languages:
            tools.insert(0, ("language", self.t("common.language"), "language"))
        return tools

    def _row_of(self, keys: Sequence[tuple[str, str, str]], y: float, height: float) -> None:
        x = float(MARGIN)
        for (key, text, icon), wide in zip(keys, self._shares([text for _, text, _ in keys]), strict=True):
            self.key(key, text, Box(x, y, wide, height), look=BAR, icon=icon, stacked=True)
            x += wide + GAP

    def _shares(self, texts: Sequence[str]) -> list[float]:
        """Widths of keys in a row: equal where every text fits, else with equal air around the texts."""
        room = INNER - GAP * (len(texts) - 1)
        wide = [measure.width(text, self.size("note"), bold=True) for text in texts]
        if max(wide) + 24 <= room / len(texts):
            return [room / len(texts)] * len(texts)
        return [each + (room - sum(wide)) / len(texts) for each in wide]

    def done(self, name: str, anywhere: str = "") -> Face:
        """The finished face."""
        theme = "contrast" if self.state.contrast else self.surface.theme
        return Face(name, self.state.lang, theme, self.ground, tuple(self.parts), anywhere)


def _spoken(text: str, hint: str) -> str:
    return f"{text}. {hint}" if hint else text
