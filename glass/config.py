"""What a box is told about its panel: a section of its TOML file."""

from __future__ import annotations

from pydantic import Field

from runtime.config import Section


class ScreenSection(Section):
    """`[screen]`: the panel."""

    width: int = Field(default=1080, ge=240, le=7680, description="window width in pixels; ignored when fullscreen")
    height: int = Field(default=1920, ge=240, le=7680, description="window height in pixels; ignored when fullscreen")
    rotation: int = Field(default=0, description="turns picture and touch together: 0, 90, 180, 270", multiple_of=90)
    fullscreen: bool = Field(default=False, description="take the whole panel and hide the pointer")
    input: str = Field(
        default="mouse",
        description="the one input provider: sdl, mouse, or as Kivy writes it: mtdev,/dev/input/by-id/...",
    )
