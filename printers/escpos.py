"""A picture as ESC/POS bytes: start, raster, cut, and the question whose answer proves that all of it is on paper."""

from __future__ import annotations

from PIL import Image

from contract.errors import ContractError
from printers.band import BAND_ROWS, Size, runs
from printers.commands import CUT, ORDER, START, WATCH, present
from printers.model import MODELS, Model, Proof

PRESENT_STEPS = 6
_INVERTED = bytes(255 - byte for byte in range(256))
_OBEYED = MODELS[0].obeys


def job(
    image: Image.Image, mark: bytes, model: Model = MODELS[0], *, banded: bool = False, retract_s: int = 0
) -> bytes:
    """All bytes of one paper: start, raster, cut or presenter, and the question that `model` answers as proof.

    `banded`: for slow lines, white is fed instead of sent. `retract_s`: a presenter takes the paper back after so long,
    0: never.
    """
    start = START + (WATCH if model.asb else b"")
    picture = bands(image, model) if banded else raster(image, model.obeys)
    end = present(PRESENT_STEPS, retract_s) if model.presenter else CUT
    ask = {Proof.MARK: proof(mark), Proof.ORDER: ORDER, Proof.NONE: b""}[model.proof]
    return start + picture + end + ask


def proof(mark: bytes) -> bytes:
    """GS ( H function 48: answered `37 22 mark 00` when everything before it is printed.

    Raises: ContractError: `mark` is not four characters 20h to 7Eh.
    """
    if len(mark) != 4 or not all(0x20 <= byte <= 0x7E for byte in mark):
        raise ContractError(f"process mark: {mark!r}: four characters 20h to 7Eh")
    return b"\x1d(H\x06\x00\x30\x30" + mark


def raster(image: Image.Image, obeyed: tuple[bytes, ...] = _OBEYED) -> bytes:
    """A 1-bit image as `GS v 0` bands; its width is a multiple of 8, 0 is ink.

    Own packing: python-escpos takes thirteen times as long for the same bytes.
    Raises: ContractError: another mode or width.
    """
    row, dots = _dots(image, obeyed)
    size = row * BAND_ROWS
    return b"".join(_band(row, dots[at : at + size]) for at in range(0, len(dots), size))


def bands(image: Image.Image, model: Model) -> bytes:
    """The same picture for a slow line: white rows are fed (`ESC J`), white ends left out, doubled rows and dots sent once (sizes
    2 and 3 of `GS v 0`, which every manual in the table has). Raises: as `raster`.

    White left ends only where `model` begins a raster at the place that `ESC $` says. `GS P` first makes one step of `ESC J` and
    `ESC $` one dot: printers differ in what they take for it.
    """
    row, dots = _dots(image, model.obeys)
    rows = [dots[at : at + row] for at in range(0, len(dots), row)]
    dpi = round(model.dots_per_mm * 25.4)
    parts = [bytes((0x1D, 0x50, dpi, dpi))]
    for run in runs(rows, places=model.places):
        if run.white:
            parts.append(_fed(run.bottom - run.top))
            continue
        width, sent = run.dots(rows)
        place = b"\x1b$" + (run.left * 8).to_bytes(2, "little") if run.left else b""
        parts.append(place + _band(width, without_commands(sent, model.obeys), run.size))
    return b"".join(parts)


def without_commands(dots: bytes, obeyed: tuple[bytes, ...] = _OBEYED) -> bytes:
    """`dots` with one dot thickened wherever a printer would obey a real-time command: one of the pairs `obeyed`.

    Printers look for these in everything they receive, pictures included (Epson: DLE EOT, DLE ENQ, DLE DC4, notes).
    """
    if not any(pair in dots for pair in obeyed):
        return dots
    safe = bytearray(dots)
    for pair in obeyed:
        while (at := safe.find(pair)) >= 0:
            safe[at] = _thicker(safe, at, obeyed)
    return bytes(safe)


def _thicker(dots: bytearray, at: int, obeyed: tuple[bytes, ...]) -> int:
    """The byte at `at` with one dot more, beside its ink where that goes, so that no pair is left or made there."""
    byte = dots[at]
    beside = [bit for bit in range(8) if not byte >> bit & 1]
    beside.sort(key=lambda bit: not (byte << 1 | byte >> 1) >> bit & 1)
    for bit in beside:
        more = byte | 1 << bit
        around = bytes((*dots[max(at - 1, 0) : at], more, *dots[at + 1 : at + 2]))
        if not any(pair in around for pair in obeyed):
            return more
    raise ContractError(f"picture: no dot ends a command of {obeyed}")


def _dots(image: Image.Image, obeyed: tuple[bytes, ...]) -> tuple[int, bytes]:
    """Bytes in a row, and all of them with ink as ones and no command in them."""
    if image.mode != "1" or image.width % 8:
        raise ContractError(f"raster: mode {image.mode}, {image.width} wide: 1 bit, a multiple of 8")
    return image.width // 8, without_commands(image.tobytes().translate(_INVERTED), obeyed)


def _band(width: int, dots: bytes, size: Size = Size.PLAIN) -> bytes:
    rows = len(dots) // width
    return b"\x1dv0" + bytes((size,)) + width.to_bytes(2, "little") + rows.to_bytes(2, "little") + dots


def _fed(rows: int) -> bytes:
    return b"".join(b"\x1bJ" + bytes((min(rows - at, 255),)) for at in range(0, rows, 255))
