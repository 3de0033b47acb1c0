"""The configuration file of a window display box."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, field_validator, model_validator

from displays.window.kind import KINDS
from runtime.config import BrokerSection, Section

SerialUrl = Annotated[str, StringConstraints(pattern=r"^serial:///.+$")]


class DisplaySection(Section):
    """`[[display]]`: one display."""

    unit: str = Field(min_length=1, max_length=64, description="its unit id in the hall document")
    url: SerialUrl = Field(description="its serial port, as serial:///dev/NAME; displays of one RS-485 line share it")
    kind: str = Field(default="cd5220", description=f"one of {', '.join(KINDS)}")
    address: int = Field(default=0, ge=0, le=255, description="its address on an RS-485 line")

    @field_validator("kind")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in KINDS:
            raise ValueError(f"one of {', '.join(KINDS)}")
        return value

    @model_validator(mode="after")
    def _addressed(self) -> DisplaySection:
        allowed = KINDS[self.kind].addresses
        if allowed and self.address not in allowed:
            raise ValueError(f"address {self.address}: a {self.kind} has one from {allowed[0]} to {allowed[-1]}")
        return self


class Options(Section):
    """The whole file."""

    broker: BrokerSection
    display: tuple[DisplaySection, ...] = Field(min_length=1, max_length=64, description="the displays on this box")

    @model_validator(mode="after")
    def _places(self) -> Options:
        units = [section.unit for section in self.display]
        places = [(section.url, section.address if KINDS[section.kind].addresses else 0) for section in self.display]
        if len(set(units)) < len(units) or len(set(places)) < len(places):
            raise ValueError("two displays with one unit id, or in one place (url and address)")
        if len({(section.url, section.kind) for section in self.display}) > len({s.url for s in self.display}):
            raise ValueError("displays on one url must be of one kind")
        return self
