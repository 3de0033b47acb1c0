"""The bridge's TOML file."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from firmware_bridge.frames import Key
from firmware_bridge.gpio_driver import ButtonUnit
from firmware_bridge.serial_driver import SerialUrl
from runtime.config import BrokerSection, Section

GPIO = Field(default=None, ge=0, le=27)


class ButtonSection(Section):
    """`[[buttons]]`: keys wired to this Pi, from a GPIO number to ground."""

    unit: str = Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$", description="id in the hall document")
    next: int = Field(ge=0, le=27, description="GPIO of the key next")
    recall: int | None = GPIO
    start_finish: int | None = GPIO
    no_show: int | None = GPIO
    lamp: int | None = GPIO

    def wiring(self) -> ButtonUnit:
        """As the driver wants it."""
        pins = {
            Key.NEXT: self.next,
            Key.RECALL: self.recall,
            Key.START_FINISH: self.start_finish,
            Key.NO_SHOW: self.no_show,
        }
        return ButtonUnit(self.unit, {key: pin for key, pin in pins.items() if pin is not None}, self.lamp)


class BridgeConfig(Section):
    """Pads on serial ports, buttons on this Pi, or both."""

    broker: BrokerSection
    ports: tuple[str, ...] = Field(
        default=(), max_length=32, description="serial:///dev/…: one pad; serial:///dev/…?pads=1-8: RS-485 addresses"
    )
    buttons: tuple[ButtonSection, ...] = ()
    boots: Path | None = Field(default=None, description="file that counts starts; needed with buttons")

    @field_validator("ports")
    @classmethod
    def _addresses(cls, ports: tuple[str, ...]) -> tuple[str, ...]:
        devices = [SerialUrl.parse(url).device for url in ports]
        if len(set(devices)) != len(devices):
            raise ValueError("a port stands twice")
        return ports

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.buttons and self.boots is None:
            raise ValueError("buttons need the file boots")
        if not self.ports and not self.buttons:
            raise ValueError("give ports or buttons")
        return self
