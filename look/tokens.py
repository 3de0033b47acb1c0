"""The one source of colour, size, time and sound (tokens.json), typed and frozen, for Kivy, CSS and paper."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_HERE = Path(__file__).parent

THEMES = ("light", "dark", "contrast")


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by meaning, each `#RRGGBB`: `now` is now, you, here; `action` can be pressed; `stop` a broken promise."""

    canvas: str
    surface: str
    ink: str
    ink_soft: str
    line: str
    line_strong: str
    action: str
    action_press: str
    on_action: str
    action_tint: str
    sill: str
    now: str
    on_now: str
    now_tint: str
    now_sill: str
    ok: str
    on_ok: str
    ok_tint: str
    warn: str
    warn_tint: str
    warn_mark: str
    ok_mark: str
    stop: str
    on_stop: str
    stop_tint: str
    bar: str
    on_bar: str
    on_bar_soft: str
    bar_key: str
    focus: str
    focus_ring: str


@dataclass(frozen=True, slots=True)
class Surface:
    """One kind of screen. Sizes in `type` are design pixels of `grid_px` on the reference panel, by role note..number.

    `panel_inch` is None where the panel is whatever the reader holds.
    """

    grid_px: tuple[int, int]
    px_per_mm: float
    distance_mm: int
    min_cap_mm: float
    min_role: str
    theme: str
    type: Mapping[str, int]
    panel_inch: float | None = None

    def cap_mm(self, role: str) -> float:
        """Height of a capital letter of `role` in millimetres on the reference panel."""
        return self.type[role] * font().cap_ratio / self.px_per_mm


@dataclass(frozen=True, slots=True)
class Paper:
    """The ticket: all lengths in dots. `type_large` is the large print; `threshold` 0..255 cuts grey to one bit."""

    width_dots: int
    dots_per_mm: float
    type: Mapping[str, int]
    type_large: Mapping[str, int]
    margin: int
    gap: int
    rule: int
    qr_module: int
    threshold: int
    inverse_max_mm: int


@dataclass(frozen=True, slots=True)
class Font:
    """Paths of the font files, and the text font's ratios to its size: capitals, small letters, line heights (CSS)."""

    family: str
    regular: Path
    bold: Path
    icons: Path
    cap_ratio: float
    x_ratio: float
    line_height: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Time:
    """Seconds the screens wait: hall-side waits are not here, these are all real time."""

    kiosk_idle_s: int
    warn_before_s: int
    extend_max: int
    take_ticket_s: int
    board_language_s: int
    board_stale_s: int
    board_dark_s: int


@dataclass(frozen=True, slots=True)
class Motion:
    """What may move and how fast; `max_flash_hz` is ours, the legal limit is three."""

    press_ms: int
    screen_ms: int
    pulse_period_ms: int
    pulse_cycles_max: int
    max_flash_hz: float
    legal_max_flash_hz: float
    call_hold_ms: int
    respect_reduced_motion: bool


@dataclass(frozen=True, slots=True)
class Target:
    """Least size of what a finger presses, and the gap between two; width, height. Letters stand closer: they act on release."""

    kiosk_mm: tuple[int, int]
    kiosk_gap_mm: int
    kiosk_letter_gap_mm: int
    kiosk_primary_mm: tuple[int, int]
    desktop_px: int
    phone_px: int


@dataclass(frozen=True, slots=True)
class Reach:
    """The low zone that holds every control when asked for: share of the screen, and heights over the floor."""

    zone_share: float
    max_height_mm: int
    min_height_mm: int


@dataclass(frozen=True, slots=True)
class Focus:
    """The double ring of what holds the keyboard: `focus` inside, `focus_ring` outside."""

    inner_px: int
    outer_px: int
    offset_px: int
    kiosk_scale: int


@lru_cache
def theme(name: str) -> Theme:
    """Colours of `light`, `dark` or `contrast`. Raises: KeyError: no such theme."""
    return Theme(**_section("color")[_known(name, THEMES)])


@lru_cache
def surface(name: str) -> Surface:
    """Sizes of `kiosk`, `board`, `window`, `desktop`, `wall` or `phone`. Raises: KeyError: no such surface."""
    screens = {key: value for key, value in _section("surface").items() if key != "ticket"}
    return Surface(**_frozen(screens[_known(name, screens)]))


@lru_cache
def paper() -> Paper:
    """Sizes of the ticket in dots."""
    raw = _frozen(_section("surface")["ticket"])
    screen_only = {"grid_px", "px_per_mm", "distance_mm", "min_cap_mm", "min_role", "theme"}
    sizes = {key: value for key, value in raw.items() if key not in screen_only}
    return Paper(width_dots=raw["grid_px"][0], dots_per_mm=raw["px_per_mm"], **sizes)


@lru_cache
def font() -> Font:
    """The font files and their measures."""
    raw = _frozen(_section("font"))
    files = {key: _HERE / "fonts" / raw[key] for key in ("regular", "bold", "icons")}
    return Font(**{key: value for key, value in raw.items() if key != "weights"} | files)


def space(surface_name: str) -> tuple[int, ...]:
    """Steps of empty space, smallest first, in the surface's pixels: kiosk, board, desktop, phone."""
    return tuple(_section("space")[surface_name])


def radius(surface_name: str) -> Mapping[str, int]:
    """Corner radii by shape (tile, button, panel, chip): kiosk, board, desktop, phone."""
    return MappingProxyType(_section("radius")[surface_name])


def border(surface_name: str) -> int:
    """Line width of edges in pixels: kiosk, kiosk_contrast, board, desktop, phone."""
    return int(_section("border")[surface_name])


def sill(surface_name: str) -> int:
    """Height of the thick lower edge of whatever can be pressed: kiosk, desktop, phone; `pressed` is 0."""
    return int(_section("sill")[surface_name])


def time() -> Time:
    """How long screens wait."""
    return Time(**_section("time"))


def motion() -> Motion:
    """What may move."""
    return Motion(**_section("motion"))


def target() -> Target:
    """Least sizes of controls."""
    return Target(**_frozen(_section("target")))


def reach() -> Reach:
    """The low zone."""
    return Reach(**_section("reach"))


def focus() -> Focus:
    """The focus ring."""
    return Focus(**_section("focus"))


def icon_names() -> Mapping[str, str]:
    """Our name of each icon → its name in the set it comes from."""
    return MappingProxyType(_section("icon")["names"])


@lru_cache
def _tokens() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((_HERE / "tokens.json").read_text("utf-8"))
    return loaded


def _section(name: str) -> dict[str, Any]:
    section: dict[str, Any] = _tokens()[name]
    return {key: value for key, value in section.items() if key != "comment"}


def _frozen(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: _freeze(value) for key, value in raw.items()}


def _freeze(value: Any) -> Any:
    match value:
        case list():
            return tuple(value)
        case dict():
            return MappingProxyType(value)
        case _:
            return value


def _known(name: str, names: Any) -> str:
    if name not in names:
        raise KeyError(f"{name!r} is not one of {', '.join(names)}")
    return name
