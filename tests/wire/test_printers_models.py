"""Printers of every kind on every wire: found out by asking, proved as far as each can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from contract.errors import ContractError, TransientDeviceError
from printers.band import BAND_ROWS
from printers.escpos import raster
from printers.job import JobState
from printers.layout import render
from printers.link import open_link
from printers.model import CLONE, Model, by_name
from printers.mouth import Mouth
from printers.papers import BY_ORDER
from printers.printer import Setting
from tests.printing import Desk, SimPrinter, live_labels, ticket_doc
from tests.until import until

S = JobState
ENDED = (S.CONFIRMED, S.CONFIRMED_LATE, S.VOIDED, S.UNPROVED)


@contextmanager
def bench(
    tmp_path: Path, *options: str, wire: str = "tcp", setting: Setting | None = None
) -> Iterator[tuple[SimPrinter, Desk]]:
    with SimPrinter(tmp_path / "sim", *options, wire=wire) as sim, Desk(sim.url, tmp_path, setting=setting) as desk:
        yield sim, desk


@pytest.mark.parametrize(
    ("kind", "model", "note"),
    [
        ("tm-t20iii", "Epson TM-T20III", None),
        ("tm-t88vii", "Epson TM-T88VII", None),
        ("eu-m30", "Epson EU-m30", None),
        ("vkp80iii", "Custom VKP80III", BY_ORDER),
        ("clone", "POS-80", BY_ORDER),
    ],
)
def test_printer_is_known_by_what_it_says_and_proves_as_it_can(
    tmp_path: Path, kind: str, model: str, note: str | None
) -> None:
    with bench(tmp_path, "--model", kind) as (sim, desk):
        desk.until_ready()
        job = desk.until(desk.print(47), *ENDED)
        assert (desk.printer.about().model, job.state, job.note) == (model, S.CONFIRMED, note)
        assert live_labels(sim, set()) == ["K047 t-47"]
        assert sim.ledger("unknown") == []


def test_printer_that_answers_nothing_but_its_status_is_never_said_to_have_printed(tmp_path: Path) -> None:
    with bench(tmp_path, "--model", "mute-clone") as (sim, desk):
        desk.until_ready()
        assert desk.printer.about().model == "printer without answers"
        assert desk.until(desk.print(47), *ENDED).state is S.UNPROVED
        until(lambda: sim.state()["papers"], "the paper of which nothing is known")
        assert live_labels(sim, set()) == ["K047 t-47"]


def test_star_is_refused_in_words(tmp_path: Path) -> None:
    with bench(tmp_path, "--model", "star") as (_, desk):
        until(lambda: desk.printer.ready().fault == "printer_unsupported", "the refusal")
        assert desk.until(desk.print(47), *ENDED).note == "never sent: printer_unsupported"


def test_technician_names_a_model_that_does_not_say_its_name(tmp_path: Path) -> None:
    setting = Setting(model="Custom KPM216H")
    with bench(tmp_path, "--model", "kpm216h", setting=setting) as (_, desk):
        desk.until_ready()
        assert desk.until(desk.print(47), *ENDED).state is S.CONFIRMED
        assert desk.printer.about().model == "Custom KPM216H"
    with pytest.raises(ContractError, match="model 'KPM999'"):
        Setting(model="KPM999")


@pytest.mark.parametrize("kind", ["clone", "vkp80iii"])
@pytest.mark.parametrize("rows", [1, 400, 10_000])
def test_printer_that_cannot_forget_leaves_no_two_live_papers(tmp_path: Path, kind: str, rows: int) -> None:
    """The roll ends under the paper, or the line breaks: what it still holds comes out later, and its number is dead."""
    with bench(tmp_path, "--model", kind) as (sim, desk):
        desk.until_ready()
        sim.do("paper_out_at", rows=rows)
        job_id = desk.print(47)
        if rows > 1000:
            desk.until(job_id, S.SENT)
            sim.do("cut")
            until(lambda: sim.do("state")["connected"], "the line after the cut")
        else:
            desk.until(job_id, S.UNKNOWN)
        sim.do("paper", value="ok")
        ended = desk.until(job_id, *ENDED)
        desk.until_ready()
        desk.until(desk.print(48), S.CONFIRMED)
        good = ended.state is not S.VOIDED
        assert live_labels(sim, set() if good else {"K047 t-47"}) == ["K047 t-47"] * good + ["K048 t-48"]


@pytest.mark.parametrize("wire", ["usblp", "serial"])
def test_device_file_prints_and_survives_being_pulled(tmp_path: Path, wire: str) -> None:
    with bench(tmp_path, wire=wire) as (sim, desk):
        desk.until_ready()
        desk.until(desk.print(47), S.CONFIRMED)
        sim.do("plug", **{"in": False})
        until(lambda: desk.printer.ready().fault == "device_missing", "a missing printer")
        sim.do("plug", **{"in": True})
        desk.until_ready()
        desk.until(desk.print(48), S.CONFIRMED)
        assert live_labels(sim, set()) == ["K047 t-47", "K048 t-48"]


@pytest.mark.parametrize(("kind", "model"), [("tm-t88vii", by_name("TM-T88VII")), ("clone", CLONE)])
def test_slow_line_gives_the_same_paper_dot_by_dot(tmp_path: Path, kind: str, model: Model) -> None:
    with bench(tmp_path, "--model", kind, wire="serial") as (sim, desk):
        desk.until_ready()
        desk.until(desk.print(47), S.CONFIRMED)
        (paper,) = until(sim.papers, "the paper")
        image = render(ticket_doc(47), model.picture_dots, coarse=True)
        dots, row = raster(image, model.obeys), image.width // 8
        heads = range(0, len(dots), 8 + row * BAND_ROWS)
        drawn = b"".join(dots[at + 8 : at + 8 + row * BAND_ROWS] for at in heads)
        with Image.open(sim.folder / paper["file"]) as seen:
            whole = Image.new("1", image.size, 1)
            whole.paste(seen)
        assert whole.tobytes() == bytes(255 - byte for byte in drawn)
        assert sim.state()["received"] < 0.5 * len(dots)


@pytest.mark.parametrize("wire", ["usblp", "serial"])
def test_paper_out_on_a_device_file_is_settled_past_the_full_buffer(tmp_path: Path, wire: str) -> None:
    with bench(tmp_path, wire=wire) as (sim, desk):
        desk.until_ready()
        sim.do("paper_out_at", rows=200)
        job_id = desk.print(47)
        desk.until(job_id, S.VOIDED)
        sim.do("paper", value="ok")
        desk.until_ready()
        desk.until(desk.print(48), S.CONFIRMED)
        assert live_labels(sim, {"K047 t-47"}) == ["K048 t-48"]


@pytest.mark.parametrize("scheme", ["usblp", "serial"])
def test_device_file_that_is_not_there_says_what_to_do(tmp_path: Path, scheme: str) -> None:
    with pytest.raises(TransientDeviceError, match="printer-7: device_missing: check its cable"):
        open_link(f"{scheme}://{tmp_path}/nothing", "printer-7", 1.0)


@pytest.mark.parametrize("taken", [True, False])
def test_paper_in_the_mouth_is_waited_for(tmp_path: Path, taken: bool) -> None:
    setting = Setting(retract_s=1)
    with bench(tmp_path, "--model", "vkp80iii", setting=setting) as (sim, desk):
        desk.until_ready()
        desk.until(desk.print(47), S.CONFIRMED)
        until(lambda: desk.mouths == [Mouth.WAITING], "the paper in the mouth")
        if taken:
            sim.do("take")
        until(lambda: len(desk.mouths) == 2, "an empty mouth")
        assert desk.mouths[1] is (Mouth.TAKEN if taken else Mouth.RETRACTED)
        assert desk.printer.about().figures["retracted"] == (0 if taken else 1)


def test_paper_left_is_counted_and_a_new_roll_begins_anew(tmp_path: Path) -> None:
    setting = Setting(roll_mm=10_000, near_end_mm=2_000)
    with bench(tmp_path, setting=setting) as (sim, desk):
        desk.until_ready()
        desk.until(desk.print(47), S.CONFIRMED)
        left = desk.printer.about().figures
        (paper,) = until(sim.papers)
        assert left["paper_left_mm"] == round(10_000 - paper["rows"] / 8 - 12)
        assert left["tickets_left"] == int(left["paper_left_mm"] / (10_000 - left["paper_left_mm"]))
        sim.do("paper", value="low")
        until(lambda: desk.printer.about().figures["paper_left_mm"] == 2_000, "the sensor's word")
        sim.do("paper", value="ok")
        until(lambda: desk.printer.about().figures["paper_left_mm"] == 10_000, "a new roll")


def test_printer_that_measures_its_roll_is_believed(tmp_path: Path) -> None:
    with bench(tmp_path, "--model", "vkp80iii", "--roll-mm", "54320") as (_, desk):
        desk.until_ready()
        until(lambda: desk.printer.about().figures["paper_left_mm"] == 54_320, "the printer's own measure")
