"""What a kiosk is told about itself: one TOML file, read at start."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from card_reader.config import CardReaderSection
from runtime.config import BrokerSection, Section


class PrinterSection(Section):
    """`[printer]`: the ticket printer."""

    url: str = Field(description="where the printer is, e.g. tcp://192.168.1.40:9100")


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


class Options(Section):
    """A kiosk's configuration file."""

    broker: BrokerSection
    printer: PrinterSection
    screen: ScreenSection = ScreenSection()
    card_reader: CardReaderSection | None = Field(default=None, description="the reader for ID cards; left out: none")
    data: Path = Field(description="folder of the box's journal, on a disk that survives a power cut")
