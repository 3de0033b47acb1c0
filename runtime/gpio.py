"""The pins of this Pi: opened once, loudly or not at all."""

from __future__ import annotations

from typing import Any

from contract.errors import PermanentDeviceError


def pins() -> Any:
    """gpiozero's pin factory on lgpio, the one that works on every Pi; `close()` it.

    Raises: PermanentDeviceError: there is none here. gpiozero by itself would fall back to whatever it finds, with a warning.
    """
    try:
        from gpiozero.pins.lgpio import LGPIOFactory

        return LGPIOFactory()
    except (ImportError, OSError) as exc:
        step = f"this needs a Raspberry Pi with the package python3-lgpio ({exc})"
        raise PermanentDeviceError("gpio", "gpio_missing", step) from exc
