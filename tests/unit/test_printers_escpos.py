from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from contract.errors import ContractError
from printers.escpos import Coder, proof, raster, without_commands
from printers.layout import render
from tests.printing import ROOT, ticket_doc

COMMANDS = (b"\x10\x04", b"\x10\x05", b"\x10\x14")


def test_bands_hold_every_row_with_ink_as_ones() -> None:
    image = Image.new("1", (16, 300), 1)
    image.putpixel((0, 0), 0)
    image.putpixel((15, 299), 0)
    data = raster(image)
    heads = [bytes.fromhex("1d7630000200" + rows) for rows in ("8000", "8000", "2c00")]
    dots = [b"\x80\0" + bytes(254), bytes(256), bytes(86) + b"\0\x01"]
    assert data == b"".join(head + band for head, band in zip(heads, dots, strict=True))


def test_job_starts_watched_and_ends_with_cut_and_proof(tmp_path: Path) -> None:
    data = Coder(tmp_path).job(Image.new("1", (576, 1), 1), b"A~ 0")
    assert data.startswith(bytes.fromhex("1b40 1d610e 1d763000 4800 0100"))
    assert data.endswith(bytes.fromhex("1d564200 1d284806003030") + b"A~ 0")


def test_python_escpos_builds_the_same_raster(tmp_path: Path) -> None:
    Coder(tmp_path)
    from escpos.printer import Dummy

    image = render(ticket_doc())
    judge = Dummy(profile="TM-T20II")
    judge.image(image, impl="bitImageRaster", fragment_height=128, center=False)
    assert raster(image) == judge.output


@given(st.lists(st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x18, 0xFF]), max_size=64).map(bytes))
def test_no_command_survives_in_a_picture_and_one_dot_is_the_price(dots: bytes) -> None:
    safe = without_commands(dots)
    assert len(safe) == len(dots)
    assert not any(command in safe for command in COMMANDS)
    assert all(b == a or (a, b) == (0x10, 0x18) for a, b in zip(dots, safe, strict=True))


def test_a_picture_full_of_commands_is_defused() -> None:
    bits = b"".join(f"{byte:08b}".encode() for byte in b"\x10\x04\x10\x14\x10\x05")
    image = Image.new("1", (48, 1), 1)
    image.putdata([0 if bit == ord("1") else 255 for bit in bits])
    assert raster(image)[8:] == b"\x18\x04\x18\x14\x18\x05"


@pytest.mark.parametrize("image", [Image.new("L", (576, 1)), Image.new("1", (575, 1))])
def test_wrong_picture_is_refused(image: Image.Image) -> None:
    with pytest.raises(ContractError, match="multiple of 8"):
        raster(image)


@pytest.mark.parametrize("mark", [b"ABC", b"ABCDE", b"AB\x1fC", b"AB\x7fC"])
def test_wrong_mark_is_refused(mark: bytes) -> None:
    with pytest.raises(ContractError, match="process mark"):
        proof(mark)


def test_importing_the_library_does_not_load_python_escpos() -> None:
    check = "import sys, printers.printer; sys.exit(any(name.split('.')[0] == 'escpos' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, timeout=30, check=False).returncode == 0
