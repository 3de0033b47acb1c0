"""The configuration file of a window display box."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from runtime.config import BrokerSection, Section

SerialUrl = Annotated[str, StringConstraints(pattern=r"^serial:///.+$")]


class DisplaySection(Section):
    """`[[display]]`: one display."""

    unit: str = Field(min_length=1, max_length=64, description="its unit id in the hall document")
    url: SerialUrl = Field(description="its serial port, as serial:///dev/NAME (CD5220 commands, 9600 baud)")


class Options(Section):
    """The whole file."""

    broker: BrokerSection
    display: tuple[DisplaySection, ...] = Field(min_length=1, max_length=64, description="the displays on this box")
