"""A picture as ESC/POS bytes: start, raster, cut, and the question whose answer proves that all of it is on paper."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image

from contract.errors import ContractError
from printers.commands import WATCH

_BAND_ROWS = 128  # cheap printers drop or garble rasters that do not fit their memory whole
_PROFILE = "TM-T20II"
_INVERTED = bytes(255 - byte for byte in range(256))


class Coder:
    """Builds a job's bytes. Making one imports python-escpos (about 0.15 s, 26 MB), so make it at start, not at the first ticket.

    `cache`: a folder of this service's own: python-escpos reads a pickle of printer capabilities from it.
    """

    def __init__(self, cache: Path) -> None:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = str(cache)
        from escpos.printer import Dummy

        builder = Dummy(profile=_PROFILE)
        builder.hw("INIT")
        self._start: bytes = builder.output + WATCH
        builder.clear()
        builder.cut(feed=False)  # GS V 66 0: feeds to the knife by itself
        self.cut: bytes = builder.output

    def job(self, image: Image.Image, mark: bytes) -> bytes:
        """All bytes of one paper: start, raster, cut, `GS ( H` function 48 with `mark`."""
        return self._start + raster(image) + self.cut + proof(mark)


def proof(mark: bytes) -> bytes:
    """GS ( H function 48: answered `37 22 mark 00` when everything before it is printed.

    Raises: ContractError: `mark` is not four characters 20h to 7Eh.
    """
    if len(mark) != 4 or not all(0x20 <= byte <= 0x7E for byte in mark):
        raise ContractError(f"process mark: {mark!r}: four characters 20h to 7Eh")
    return b"\x1d(H\x06\x00\x30\x30" + mark


def raster(image: Image.Image) -> bytes:
    """A 1-bit image as `GS v 0` bands; its width is a multiple of 8, 0 is ink.

    Own packing: python-escpos takes thirteen times as long for the same bytes.
    Raises: ContractError: another mode or width.
    """
    if image.mode != "1" or image.width % 8:
        raise ContractError(f"raster: mode {image.mode}, {image.width} wide: 1 bit, a multiple of 8")
    row = image.width // 8
    dots = without_commands(image.tobytes().translate(_INVERTED))
    bands = []
    for top in range(0, image.height, _BAND_ROWS):
        rows = min(_BAND_ROWS, image.height - top)
        head = b"\x1dv0\x00" + row.to_bytes(2, "little") + rows.to_bytes(2, "little")
        bands.append(head + dots[top * row : (top + rows) * row])
    return b"".join(bands)


def without_commands(dots: bytes) -> bytes:
    """`dots` with one dot thickened wherever a printer would obey a real-time command (10h before 04h, 05h or 14h).

    Printers look for these in everything they receive, pictures included (Epson: DLE EOT, DLE ENQ, DLE DC4, notes).
    """
    for command in (0x04, 0x05, 0x14):
        dots = dots.replace(bytes((0x10, command)), bytes((0x18, command)))
    return dots
