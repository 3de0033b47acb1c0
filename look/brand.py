"""A ministry's own two colours, refused where they could not be read. PURE."""

from __future__ import annotations

from dataclasses import dataclass, replace

from look.contrast import TEXT_MIN, mix, ratio
from look.tokens import Theme

WHITE, BLACK = "#FFFFFF", "#000000"


@dataclass(frozen=True, slots=True)
class Brand:
    """`action`: the colour of what can be pressed in the light theme. `bar`: the dark bar of tools, in light and dark.

    Raises: ValueError: a colour is not #RRGGBB, or white text on it stays under 7:1.
    """

    action: str
    bar: str

    def __post_init__(self) -> None:
        for name in ("action", "bar"):
            found = ratio(WHITE, getattr(self, name))
            if found < TEXT_MIN:
                raise ValueError(f"brand.{name}: {getattr(self, name)}: white on it has {found:.1f}:1: at least 7:1")


def branded(name: str, theme: Theme, brand: Brand) -> Theme:
    """`theme` (called `name`) in the ministry's colours; meaning colours stay, text pairs keep 7:1."""
    match name:
        case "light":
            return _with_bar(_with_action(theme, brand.action), brand.bar)
        case "dark":
            return _with_bar(theme, brand.bar)
        case _:
            return theme


def _with_action(theme: Theme, action: str) -> Theme:
    tint = _readable([mix(WHITE, action, share) for share in (0.08, 0.04, 0.02)], action, theme.surface)
    return replace(
        theme, action=action, sill=action, action_press=mix(action, BLACK, 0.3), action_tint=tint, on_action=WHITE
    )


def _with_bar(theme: Theme, bar: str) -> Theme:
    key = _readable([mix(bar, WHITE, share) for share in (0.12, 0.06)], WHITE, bar)
    soft = (
        theme.on_bar_soft
        if ratio(theme.on_bar_soft, key) >= TEXT_MIN and ratio(theme.on_bar_soft, bar) >= TEXT_MIN
        else WHITE
    )
    return replace(theme, bar=bar, bar_key=key, on_bar=WHITE, on_bar_soft=soft)


def _readable(backgrounds: list[str], text: str, otherwise: str) -> str:
    return next((ground for ground in backgrounds if ratio(text, ground) >= TEXT_MIN), otherwise)
