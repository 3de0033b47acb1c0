"""What a kiosk is told about itself: one TOML file, read at start."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from card_reader.config import CardReaderSection
from glass.config import ScreenSection
from printers import config as printers
from runtime.config import BrokerSection, Section


class PrinterSection(printers.PrinterSection):
    """`[printer]`: the ticket printer, and the neighbour's that may help out."""

    neighbour: str = Field(default="", description="id of the kiosk that may print for this one; needs `neighbour_url`")
    neighbour_url: str = Field(
        default="", description="where that kiosk lends its printer, e.g. tcp://kiosk-2.hall:9101"
    )


class MouthLightSection(Section):
    """`[mouth_light]`: a lamp at the printer's mouth, switched by a relay on this Pi."""

    pin: int = Field(ge=0, le=27, description="GPIO number of the relay's input")
    active_low: bool = Field(default=False, description="the relay pulls in on a low level, as most relay boards do")


class Options(Section):
    """A kiosk's configuration file."""

    broker: BrokerSection
    printer: PrinterSection
    screen: ScreenSection = ScreenSection()
    card_reader: CardReaderSection | None = Field(default=None, description="the reader for ID cards; left out: none")
    mouth_light: MouthLightSection | None = Field(
        default=None, description="a lamp at the printer's mouth; left out: none"
    )
    data: Path = Field(description="folder of the box's journal, on a disk that survives a power cut")
