"""A printer that we did not write reads our tickets back: `emupos` (its own environment, Python 3.13 or later)."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from printers.document import qr_payload
from printers.job import JobState
from printers.layout import render
from printers.model import CLONE
from printers.printer import Setting
from tests.printing import Desk, read_qr, ticket_doc
from tests.until import until

EMUPOS = shutil.which("emupos")
pytestmark = pytest.mark.skipif(EMUPOS is None, reason="no emupos command here (it needs Python 3.13 or later)")

CONFIG = """schema: 1
api: {{ host: 127.0.0.1, port: {api} }}
devices:
  - id: front
    type: printer
    profile: epson-tm-t20iii
    receipts_dir: {folder}
    connections:
      - tcp: {{ port: {port} }}
"""


def free_ports(count: int) -> list[int]:
    spares = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(spare.getsockname()[1]) for spare in spares]
    for spare in spares:
        spare.close()
    return ports


@pytest.fixture
def judge(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    port, api = free_ports(2)
    folder = tmp_path / "receipts"
    (tmp_path / "emupos.yaml").write_text(CONFIG.format(api=api, port=port, folder=folder))
    command = [str(EMUPOS), "run", "--config", str(tmp_path / "emupos.yaml")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path) as process:
        try:
            yield f"tcp://127.0.0.1:{port}", folder
        finally:
            process.terminate()


def ink(picture: Image.Image) -> Image.Image:
    black = ImageChops.invert(picture.convert("L")).point(lambda grey: 255 if grey > 127 else 0)
    return black.crop(black.getbbox())


@pytest.mark.parametrize("large", [False, True])
def test_ticket_is_read_back_by_a_printer_of_another_author(
    judge: tuple[str, Path], tmp_path: Path, large: bool
) -> None:
    url, folder = judge
    doc = replace(ticket_doc(), large=large, qr=qr_payload("K047", "t-47"))
    # It knows no GS ( H: it is spoken to as to a clone.
    with Desk(url, tmp_path, setting=Setting(model=CLONE.name)) as desk:
        desk.until_ready()
        desk.printer.print("job-47", doc, ticket="t-47", cmd="c")
        assert desk.until("job-47", JobState.CONFIRMED, JobState.VOIDED).state is JobState.CONFIRMED
    picture = until(lambda: next(iter(sorted(folder.rglob("*.png"))), None), "the judge's picture")
    with Image.open(picture) as paper:
        assert ink(paper).tobytes() == ink(render(doc)).tobytes()
    assert read_qr(picture) == "K047 t-47"
