"""What a box is told about its printer: a section of its TOML file."""

from __future__ import annotations

from pydantic import Field

from printers.printer import Setting
from runtime.config import Section


class PrinterSection(Section):
    """`[printer]`: the printer of tickets and receipts."""

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

    def setting(self) -> Setting:
        """The same for the printer."""
        return Setting(self.model, self.roll_m * 1000, self.near_end_m * 1000, self.retract_s, self.lend)
