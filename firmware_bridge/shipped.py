"""The firmware that comes with this bridge."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from firmware_bridge.image import Image


@cache
def shipped() -> Image:
    """What stands in the folder `firmware`."""
    folder = files("firmware_bridge").joinpath("firmware")
    return Image.of({file.name: file.read_bytes() for file in folder.iterdir() if file.name.endswith(".py")})
