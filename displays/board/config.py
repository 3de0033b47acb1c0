"""The configuration file of a board."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from runtime.config import BrokerSection, Section


class ScreenSection(Section):
    """`[screen]`: the panel."""

    width: int = Field(default=1920, ge=640, le=7680, description="pixels")
    height: int = Field(default=1080, ge=360, le=4320, description="pixels")
    fullscreen: bool = Field(default=True, description="false: a window, for trying out")
    reduced_motion: bool = Field(default=False, description="true: a new call does not pulse")
    screenshot_dir: Path | None = Field(
        default=None, description="folder for pictures of the board; none are made without it"
    )
    screenshot_every_s: float = Field(default=10.0, ge=1.0, le=3600.0, description="seconds between two pictures")


class Options(Section):
    """The whole file."""

    broker: BrokerSection
    zones: tuple[str, ...] = Field(min_length=1, max_length=16, description="ids of the zones whose calls it shows")
    screen: ScreenSection = ScreenSection()
