"""What a kiosk is told about itself: one TOML file, read at start."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from card_reader.config import CardReaderSection
from printers.printer import Setting
from runtime.config import BrokerSection, Section


class PrinterSection(Section):
    """`[printer]`: the ticket printer."""

    url: str = Field(
        description="tcp://192.168.1.40:9100, usblp:///dev/usb/lp0, serial:///dev/ttyUSB0?baud=38400&flow=xonxoff, cups://queue"
    )
    model: str = Field(default="", description="a row of printers/model.py; left out: the printer is asked")
    roll_m: float = Field(default=80, ge=5, le=500, description="metres on a full roll")
    near_end_m: float = Field(
        default=3, ge=0.5, le=50, description="metres left when the sensor says that paper is low"
    )
    retract_s: int = Field(
        default=0, ge=0, le=255, description="a presenter takes the paper back after so long; 0: never"
    )

    lend: str = Field(default="", description="host:port where a neighbouring kiosk may print here, e.g. 0.0.0.0:9101")
    neighbour: str = Field(default="", description="id of the kiosk that may print for this one; needs `neighbour_url`")
    neighbour_url: str = Field(
        default="", description="where that kiosk lends its printer, e.g. tcp://kiosk-2.hall:9101"
    )

    def setting(self) -> Setting:
        """The same for the printer."""
        return Setting(self.model, self.roll_m * 1000, self.near_end_m * 1000, self.retract_s, self.lend)


class MouthLightSection(Section):
    """`[mouth_light]`: a lamp at the printer's mouth, switched by a relay on this Pi."""

    pin: int = Field(ge=0, le=27, description="GPIO number of the relay's input")
    active_low: bool = Field(default=False, description="the relay pulls in on a low level, as most relay boards do")


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
    mouth_light: MouthLightSection | None = Field(
        default=None, description="a lamp at the printer's mouth; left out: none"
    )
    data: Path = Field(description="folder of the box's journal, on a disk that survives a power cut")
