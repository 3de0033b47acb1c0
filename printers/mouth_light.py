"""The lamp at a printer's mouth: a relay on a pin of this Pi, lit while a paper comes or hangs out."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from contract.errors import PermanentDeviceError
from runtime import gpio


class MouthLight:
    """Dark until `shine`, dark again when closed. A context manager; `close` may be called twice; one thread at a time."""

    def __init__(self, pin: int, *, active_low: bool = False, factory: Any = None) -> None:
        """`pin`: GPIO number; `active_low`: the relay pulls in on a low level; `factory`: gpiozero's pins, None for the Pi's own.

        Raises: PermanentDeviceError: there are no pins here, or this one is taken (`gpio_missing`).
        """
        self._closing = ExitStack()
        if factory is None:
            factory = gpio.pins()
            self._closing.callback(factory.close)
        from gpiozero import GPIOZeroError, OutputDevice

        try:
            self._relay: Any = OutputDevice(pin, active_high=not active_low, initial_value=False, pin_factory=factory)
        except GPIOZeroError as exc:
            self._closing.close()
            raise PermanentDeviceError("mouth_light", "gpio_missing", str(exc)) from exc
        self._closing.callback(self._relay.close)
        self._closing.callback(self._relay.off)
        self._lit = False

    def __enter__(self) -> MouthLight:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def lit(self) -> bool:
        """Whether it shines."""
        return self._lit

    def shine(self, lit: bool) -> None:
        """Switch it; nothing moves where it is so already."""
        if lit != self._lit:
            self._lit = lit
            self._relay.value = lit

    def close(self) -> None:
        """Dark, and the pin is free."""
        self._lit = False
        self._closing.close()
