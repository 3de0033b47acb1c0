"""The box is killed at each step, the printer loses power at any byte: never two live papers, never an open job left."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from journal.journal import Journal
from journal.schema import BOX
from printers.escpos import job
from printers.job import JobState
from printers.layout import render
from printers.store import JournalStore
from runtime.clock import utc_now
from tests.printing import ROOT, Desk, SimPrinter, live_labels, ticket_doc
from tests.until import until

S = JobState
ENDED = (S.CONFIRMED, S.CONFIRMED_LATE, S.VOIDED)
GOOD = (S.CONFIRMED, S.CONFIRMED_LATE)


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[SimPrinter]:
    with SimPrinter(tmp_path / "sim") as sim:
        yield sim


def killed_host(sim: SimPrinter, folder: Path, point: str) -> None:
    command = [sys.executable, "-m", "tests.faults.printing_host", sim.url, str(folder), point]
    host = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert host.returncode == -signal.SIGKILL, host.stderr


@pytest.mark.parametrize(
    ("point", "before", "expected"),
    [
        ("save:1:before", None, None),
        ("save:1:after", S.NEW, [S.VOIDED]),
        ("save:2:before", S.NEW, [S.VOIDED]),
        ("save:2:after", S.SENT, [S.UNKNOWN, S.VOIDED]),
        ("bytes:1", S.SENT, [S.UNKNOWN, S.VOIDED]),
        ("bytes:20000", S.SENT, [S.UNKNOWN, S.VOIDED]),
        ("bytes:70000", S.SENT, [S.UNKNOWN, S.VOIDED]),
        ("save:3:before", S.SENT, [S.UNKNOWN, S.VOIDED]),
        ("save:3:after", S.CONFIRMED, []),
    ],
)
def test_killed_box_settles_its_paper_when_it_is_back(
    sim: SimPrinter, tmp_path: Path, point: str, before: JobState | None, expected: list[JobState] | None
) -> None:
    killed_host(sim, tmp_path, point)
    with Journal.open(tmp_path / "box.db", "hall-1", BOX, utc_now) as journal:
        store = JournalStore(journal, "kiosk-1")
        left = store.get("job-47")
        assert (left and left.state) == before
        with Desk(sim.url, tmp_path, store) as desk:
            desk.until_ready()
            settled = store.get("job-47")
            assert desk.path("job-47") == (expected or [])
            desk.until(desk.print(48), S.CONFIRMED)
        assert store.load_open() == []
    voided = settled is None or settled.state is S.VOIDED
    labels = live_labels(sim, {"K047 t-47"} if voided else set())
    assert labels == ([] if voided else ["K047 t-47"]) + ["K048 t-48"]


def test_same_job_asked_again_after_a_restart_prints_no_second_paper(sim: SimPrinter, tmp_path: Path) -> None:
    killed_host(sim, tmp_path, "save:3:after")
    with (
        Journal.open(tmp_path / "box.db", "hall-1", BOX, utc_now) as journal,
        Desk(sim.url, tmp_path, JournalStore(journal, "kiosk-1")) as desk,
    ):
        desk.until_ready()
        desk.until(desk.print(47), S.CONFIRMED)
    assert live_labels(sim, set()) == ["K047 t-47"]


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.05, 0.4, 0.8, 0.999, 0.9999, 1.0])
def test_power_cut_at_any_byte_leaves_one_live_paper(sim: SimPrinter, tmp_path: Path, share: float) -> None:
    size = len(job(render(ticket_doc(47)), b"0000"))
    with Desk(sim.url, tmp_path) as desk:
        desk.until_ready()
        sim.do("power_off_at", bytes=max(1, int(size * share)))
        job_id = desk.print(47)
        until(lambda: not sim.state()["powered"], "the power cut")
        desk.until(job_id, S.UNKNOWN, *ENDED)
        until(lambda: not desk.printer.ready().ready, "the loss to be noticed")  # a proof may come before the cut
        sim.do("power", on=True)
        ended = desk.until(job_id, *ENDED)
        desk.until_ready()
        desk.until(desk.print(48), S.CONFIRMED)
        void = {"K047 t-47"} if ended.state is S.VOIDED else set()
        assert live_labels(sim, void) == ["K047 t-47"] * (ended.state in GOOD) + ["K048 t-48"]
        assert all(paper["torn"] for paper in sim.papers() if "half" in paper["file"])


@pytest.mark.parametrize("kind", ["clone", "vkp80iii"])
@pytest.mark.parametrize("point", ["save:2:after", "bytes:20000", "save:3:before"])
def test_killed_box_settles_its_paper_on_a_printer_that_cannot_forget(tmp_path: Path, kind: str, point: str) -> None:
    """The new box knows neither the printer nor where in a picture the old one stopped."""
    with SimPrinter(tmp_path / "sim", "--model", kind) as sim:
        killed_host(sim, tmp_path, point)
        with Journal.open(tmp_path / "box.db", "hall-1", BOX, utc_now) as journal:
            store = JournalStore(journal, "kiosk-1")
            with Desk(sim.url, tmp_path, store) as desk:
                desk.until("job-47", S.VOIDED)
                desk.until_ready()
                desk.until(desk.print(48), S.CONFIRMED)
            assert store.load_open() == []
        assert live_labels(sim, {"K047 t-47"}) == ["K048 t-48"]


@pytest.mark.parametrize("kind", ["clone", "vkp80iii"])
@pytest.mark.parametrize("share", [0.0001, 0.5, 1.0])
def test_power_cut_on_a_printer_that_cannot_forget_leaves_one_live_paper(
    tmp_path: Path, kind: str, share: float
) -> None:
    size = len(job(render(ticket_doc(47)), b"0000"))
    with SimPrinter(tmp_path / "sim", "--model", kind) as sim, Desk(sim.url, tmp_path) as desk:
        desk.until_ready()
        sim.do("power_off_at", bytes=max(1, int(size * share)))
        job_id = desk.print(47)
        until(lambda: not sim.state()["powered"], "the power cut")
        until(lambda: not desk.printer.ready().ready, "the loss to be noticed")  # a proof may come before the cut
        sim.do("power", on=True)
        ended = desk.until(job_id, *ENDED)
        desk.until_ready()
        desk.until(desk.print(48), S.CONFIRMED)
        void = {"K047 t-47"} if ended.state is S.VOIDED else set()
        assert live_labels(sim, void) == ["K047 t-47"] * (ended.state in GOOD) + ["K048 t-48"]
