"""The bridge's TOML file."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from firmware_bridge.fixture import Door, Stack
from firmware_bridge.frames import Key, Setting
from firmware_bridge.gpio_driver import ButtonUnit
from firmware_bridge.serial_driver import SerialUrl
from runtime.config import BrokerSection, Section

GPIO = Field(default=None, ge=0, le=27)


class ButtonSection(Section):
    """`[[buttons]]`: keys wired to this Pi, from a GPIO number to ground."""

    unit: str = Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$", description="id in the hall document")
    next: int | None = GPIO
    recall: int | None = GPIO
    start_finish: int | None = GPIO
    no_show: int | None = GPIO
    help: int | None = GPIO
    alarm: int | None = GPIO
    lamp: int | None = GPIO

    def wiring(self) -> ButtonUnit:
        """As the driver wants it."""
        pins = {
            Key.NEXT: self.next,
            Key.RECALL: self.recall,
            Key.START_FINISH: self.start_finish,
            Key.NO_SHOW: self.no_show,
            Key.HELP: self.help,
            Key.ALARM: self.alarm,
        }
        return ButtonUnit(self.unit, {key: pin for key, pin in pins.items() if pin is not None}, self.lamp)

    @model_validator(mode="after")
    def _some_key(self) -> Self:
        if not self.wiring().keys:
            raise ValueError("give a key")
        return self


class StackSection(Section):
    """`[[stacks]]`: lamps over a window, on pins of this Pi."""

    unit: str = Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$", description="id in the hall document")
    green: int | None = GPIO
    yellow: int | None = GPIO
    red: int | None = GPIO

    def wiring(self) -> Stack:
        """As the driver wants it."""
        lamps = {"green": self.green, "yellow": self.yellow, "red": self.red}
        return Stack(self.unit, {colour: pin for colour, pin in lamps.items() if pin is not None})


class DoorSection(Section):
    """`[[doors]]`: a switch from a pin to ground, closed while the door is."""

    name: str = Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$", description="as the fault names it")
    pin: int = Field(ge=0, le=27, description="GPIO of the switch")

    def wiring(self) -> Door:
        """As the driver wants it."""
        return Door(self.name, self.pin)


class PadSection(Section):
    """`[pad]`: told to every pad."""

    debounce_ms: int = Field(default=15, ge=5, le=50, description="so long a key must be still, ms")
    hold_ms: int = Field(default=2000, ge=500, le=5000, multiple_of=100, description="holding a one-key pad, ms")

    renew: bool = Field(default=False, description="a pad on USB with older firmware is sent this bridge's")

    def settings(self) -> dict[Setting, int]:
        """As the protocol wants them."""
        return {Setting.DEBOUNCE: self.debounce_ms, Setting.HOLD: self.hold_ms}


class BridgeConfig(Section):
    """Pads on serial ports, things on this Pi's pins, or both."""

    broker: BrokerSection
    ports: tuple[str, ...] = Field(
        default=(), max_length=32, description="serial:///dev/…: one pad; serial:///dev/…?pads=1-8: RS-485 addresses"
    )
    data: Path = Field(description="folder of the box's journal, on a disk that survives a power cut")
    pad: PadSection = PadSection()
    buttons: tuple[ButtonSection, ...] = ()
    stacks: tuple[StackSection, ...] = ()
    doors: tuple[DoorSection, ...] = ()

    @property
    def pinned(self) -> bool:
        """Whether this Pi's pins are needed."""
        return bool(self.buttons or self.stacks or self.doors)

    @field_validator("ports")
    @classmethod
    def _addresses(cls, ports: tuple[str, ...]) -> tuple[str, ...]:
        devices = [SerialUrl.parse(url).device for url in ports]
        if len(set(devices)) != len(devices):
            raise ValueError("a port stands twice")
        return ports

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not (self.ports or self.pinned):
            raise ValueError("give ports, buttons, stacks or doors")
        return self
