from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from contract.errors import ContractError
from coordinator.hall_command import template, templates
from demo.paper import sample
from printers.commands import CUT, START
from printers.document import Doc
from printers.escpos import bands, job, proof, raster, without_commands
from printers.form import FORMS
from printers.layout import render
from printers.model import CLONE, MODELS, Model, by_name
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


def test_job_starts_watched_and_ends_with_cut_and_proof() -> None:
    data = job(Image.new("1", (576, 1), 1), b"A~ 0")
    assert data.startswith(bytes.fromhex("1b40 1d610e 1d763000 4800 0100"))
    assert data.endswith(bytes.fromhex("1d564200 1d284806003030") + b"A~ 0")


def test_python_escpos_builds_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCPOS_CAPABILITIES_PICKLE_DIR", str(tmp_path))
    from escpos.printer import Dummy

    image = render(ticket_doc())
    judge = Dummy(profile="TM-T20II")
    judge.hw("INIT")
    judge.image(image, impl="bitImageRaster", fragment_height=128, center=False)
    judge.cut(feed=False)
    assert START + raster(image) + CUT == judge.output


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


def picture(dots: bytes, row: int) -> Image.Image:
    """White paper with `dots` (1 is ink) in rows of `row` bytes."""
    dots = dots.ljust(-(-len(dots) // row) * row, b"\0")
    return Image.frombytes("1", (row * 8, len(dots) // row), bytes(255 - byte for byte in dots))


HARSH = replace(MODELS[0], obeys=(*MODELS[0].obeys, b"\x1b\x06", b"\x18\x04"))


@pytest.mark.parametrize("model", [MODELS[0], CLONE, HARSH], ids=["epson", "clone", "obeys more"])
@given(
    dots=st.lists(st.sampled_from([0, 0, 0x10, 0x04, 0x05, 0x14, 0x1B, 0x06, 0x18, 0xFF]), min_size=1, max_size=400).map(bytes),
    row=st.integers(1, 9), banded=st.booleans(),
)  # fmt: skip
def test_no_command_is_hidden_in_any_payload_and_the_picture_only_gets_a_dot_more(
    model: Model, dots: bytes, row: int, banded: bool
) -> None:
    image = picture(dots, row)
    payload = job(image, b"A~ 0", model, banded=banded)
    assert not any(pair in payload for pair in model.obeys)
    before, after = image.tobytes(), drawn(payload, row, image.height)
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert all((255 - a) & ~(255 - b) == 0 and (a ^ b).bit_count() <= 2 for a, b in changed)
    assert len(changed) <= sum((255 - a) in {pair[0] for pair in model.obeys} for a in before)


def drawn(payload: bytes, row: int, height: int) -> bytes:
    """What a printer that knows GS v 0 with its sizes, ESC J and ESC $ puts on paper, white as ones."""
    rows, at, left = [], 0, 0
    while at < len(payload):
        head, rest = payload[at : at + 2], payload[at + 2 :]
        at += 2
        if head == b"\x1dv":
            size, width, count = rest[1], int.from_bytes(rest[2:4], "little"), int.from_bytes(rest[4:6], "little")
            lines = [rest[6 + n * width : 6 + (n + 1) * width] for n in range(count)]
            lines = [widened(line) if size & 1 else line for line in lines for _ in range(2 if size & 2 else 1)]
            rows += [(bytes(left) + line).ljust(row, b"\0") for line in lines]
            at, left = at + 6 + width * count, 0
        elif head == b"\x1bJ":
            rows += [bytes(row)] * rest[0]
            at += 1
        elif head == b"\x1b$":
            left, at = int.from_bytes(rest[:2], "little") // 8, at + 2
        else:
            at += {b"\x1b@": 0, b"\x1da": 1, b"\x1dP": 2, b"\x1dV": 2, b"\x1d(": 9, b"\x1dr": 1}[head]
    assert len(rows) == height
    return bytes(255 - byte for byte in b"".join(rows))


def papers() -> Iterator[tuple[str, Doc]]:
    """Tickets and receipts of all template halls in all their languages, large print too."""
    for name in sorted(templates()):
        hall = template(name)
        for form, lang, large in product(FORMS, hall.languages, (False, True)):
            yield f"{form} {name} {lang} {large}", sample(form, hall, hall.services[0], lang, large=large)


ALIKE = {(each.picture_dots, each.places, each.obeys): each for each in MODELS if each.supported}
"""One model of those that get the same bytes."""


@pytest.mark.parametrize("model", ALIKE.values(), ids=lambda model: model.name)
def test_slow_line_carries_less_than_half_of_the_bytes_and_the_same_picture(model: Model) -> None:
    for name, doc in papers():
        image = render(doc, model.picture_dots, coarse=True)
        sent = bands(image, model)
        assert drawn(sent, image.width // 8, image.height) == drawn(
            raster(image, model.obeys), image.width // 8, image.height
        ), name
        assert len(sent) <= 0.5 * len(raster(render(doc, model.picture_dots))), name


@given(
    rows=st.lists(
        st.tuples(st.binary(min_size=4, max_size=4), st.integers(1, 300), st.booleans()), min_size=1, max_size=6
    ),
    places=st.booleans(),
)
def test_rows_and_dots_that_are_doubled_go_once_and_come_out_again(
    rows: list[tuple[bytes, int, bool]], places: bool
) -> None:
    """Rows repeated, their dots doubled or not."""
    dots = b"".join((widened(row[:2]) if wide else row) * times for row, times, wide in rows)
    image = picture(dots, 4)
    model = replace(MODELS[0], places=places, obeys=())
    assert drawn(bands(image, model), 4, image.height) == image.tobytes()


def test_number_of_a_slow_line_goes_as_a_quarter() -> None:
    """On its own: 2 x 2 dots from the first row to the last, sent in bands that print no more than 128 rows each."""
    dots = b"".join(widened(bytes((1, 2, n, 255)) * 9) * 2 for n in range(150))
    sent = bands(picture(dots, 72), CLONE)
    assert len(sent) == len(dots) // 4 + 4 + 3 * 8
    assert [sent[at + 3] for at in range(4, len(sent), 8 + 36 * 64)] == [3, 3, 3]


def widened(row: bytes) -> bytes:
    """Each dot twice."""
    return bytes(
        sum((byte >> at & 1) * 3 << 2 * at for at in range(8)) >> shift & 255 for byte in row for shift in (8, 0)
    )


def test_presenter_holds_the_paper_out_and_is_asked_in_order() -> None:
    vkp = by_name("Custom VKP80III")
    assert vkp is not None
    assert job(Image.new("1", (8, 1), 1), b"A~ 0", vkp, retract_s=30).endswith(bytes.fromhex("1c500601521e 1d7201"))


@pytest.mark.parametrize("image", [Image.new("L", (576, 1)), Image.new("1", (575, 1))])
def test_wrong_picture_is_refused(image: Image.Image) -> None:
    with pytest.raises(ContractError, match="multiple of 8"):
        raster(image)


@pytest.mark.parametrize("mark", [b"ABC", b"ABCDE", b"AB\x1fC", b"AB\x7fC"])
def test_wrong_mark_is_refused(mark: bytes) -> None:
    with pytest.raises(ContractError, match="process mark"):
        proof(mark)


def test_python_escpos_is_the_tests_only() -> None:
    check = "import sys, printers.choice, printers.cups, printers.sheet; sys.exit('escpos' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, timeout=30, check=False).returncode == 0
