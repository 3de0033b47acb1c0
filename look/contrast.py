"""Contrast of two colours by WCAG 2.2. PURE."""

from __future__ import annotations

TEXT_MIN = 7.0
"""Least ratio of text to its background (AAA); the limit a brand colour must keep too."""
GRAPHIC_MIN = 3.0
"""Least ratio of a control's edge or a graphic to what it lies on (WCAG 1.4.11)."""

# A text colour and the background it is ever set on, by the names of tokens.json.
TEXT_PAIRS = (
    ("ink", "canvas"), ("ink", "surface"), ("ink_soft", "canvas"), ("ink_soft", "surface"), ("ink", "action_tint"),
    ("ink", "now_tint"), ("action", "surface"), ("action", "action_tint"), ("action_press", "action_tint"),
    ("on_action", "action"), ("on_action", "action_press"), ("on_now", "now"), ("on_bar_soft", "bar"),
    ("ok", "surface"), ("ok", "canvas"), ("ok", "ok_tint"), ("on_ok", "ok"), ("warn", "surface"), ("warn", "warn_tint"),
    ("stop", "surface"), ("stop", "canvas"), ("stop", "stop_tint"), ("on_stop", "stop"), ("on_bar", "bar"),
    ("on_bar", "bar_key"), ("on_bar_soft", "bar_key"),
)  # fmt: skip

# An edge or a graphic and what it lies on.
GRAPHIC_PAIRS = (
    ("line_strong", "canvas"), ("line_strong", "surface"), ("sill", "canvas"), ("now_sill", "canvas"),
    ("ok_mark", "surface"),
)  # fmt: skip
# A bar on its track; `contrast` draws the track as an outline, so the pairs do not occur there.
TRACK_PAIRS = (("warn_mark", "line"), ("action", "line"), ("stop", "line"))
FOCUS_GROUNDS = ("canvas", "surface", "action", "now")
"""What the focus ring lies on: the better of its two rings (`focus`, `focus_ring`) counts."""


def rgb(colour: str) -> tuple[int, int, int]:
    """Channels 0..255 of `#RRGGBB`. Raises: ValueError: anything else."""
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError(f"{colour!r} is not a colour: write #RRGGBB")
    value = int(colour[1:], 16)
    return value >> 16, value >> 8 & 255, value & 255


def luminance(colour: str) -> float:
    """Relative luminance 0..1 (WCAG 2.2, definition with 0.04045)."""
    red, green, blue = (_linear(channel / 255) for channel in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """Contrast ratio 1..21 of two `#RRGGBB`, in either order."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0..1) of `other` stirred in, channel by channel."""
    channels = (round(a + (b - a) * share) for a, b in zip(rgb(colour), rgb(other), strict=True))
    return "#" + "".join(f"{channel:02X}" for channel in channels)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
