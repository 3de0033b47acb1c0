"""What else hangs on this Pi's pins: lamp stacks over windows, switches of doors. No thread of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from contract.errors import PermanentDeviceError
from contract.words import Light

OPEN_S = 1.0
"""A door is open when its switch has said so for this long."""

COLOURS: dict[Light, str] = {
    Light.FREE: "green",
    Light.ARMED: "green",
    Light.CALLED: "yellow",
    Light.SERVING: "red",
}
"""Light → the lamp that is lit; all are dark for the others, and where the hall's truth is not known."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Lamps over the window of `unit`: colour → GPIO number."""

    unit: str
    lamps: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Door:
    """A switch to ground that is closed while the door is."""

    name: str
    pin: int


class Fixtures:
    """All stacks and doors. A context manager; `close` may be called twice."""

    def __init__(self, stacks: Sequence[Stack], doors: Sequence[Door], factory: Any) -> None:
        """`factory`: gpiozero's pins. Raises: PermanentDeviceError: a pin is taken."""
        self._closing = ExitStack()
        self._lamps: dict[str, dict[str, Any]] = {}
        self._doors: dict[str, Any] = {}
        self._open_since_s: dict[str, float] = {}
        self._wire(stacks, doors, factory)

    def __enter__(self) -> Fixtures:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lamps go dark, pins are free."""
        self._closing.close()

    @property
    def units(self) -> frozenset[str]:
        """The stacks that are here."""
        return frozenset(self._lamps)

    def show(self, unit: str, light: Light | None) -> None:
        """Light the stack of `unit`, if there is one; None: what the hall knows cannot be told."""
        lit = COLOURS.get(light) if light is not None else None
        for colour, lamp in self._lamps.get(unit, {}).items():
            lamp.value = colour == lit

    def doors(self, now: float) -> dict[str, bool]:
        """Door → whether it is open. `now`: monotonic; ask at least once a second."""
        for name, switch in self._doors.items():
            if switch.is_active:
                self._open_since_s.pop(name, None)
            else:
                self._open_since_s.setdefault(name, now)
        return {name: now - self._open_since_s.get(name, now) >= OPEN_S for name in self._doors}

    def _wire(self, stacks: Sequence[Stack], doors: Sequence[Door], factory: Any) -> None:
        from gpiozero import LED, DigitalInputDevice, GPIOZeroError

        try:
            for stack in stacks:
                self._lamps[stack.unit] = {
                    colour: self._held(LED(pin, pin_factory=factory)) for colour, pin in stack.lamps.items()
                }
            for door in doors:
                self._doors[door.name] = self._held(DigitalInputDevice(door.pin, pull_up=True, pin_factory=factory))
        except GPIOZeroError as exc:
            self._closing.close()
            raise PermanentDeviceError("gpio", "gpio_missing", str(exc)) from exc

    def _held(self, device: Any) -> Any:
        self._closing.callback(device.close)
        return device
