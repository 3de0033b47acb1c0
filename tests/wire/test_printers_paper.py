"""A real TCP line, a simulator that shares no code with us, and what is on the paper in the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from contract.errors import TransientDeviceError
from printers.job import JobState
from printers.layout import render
from printers.session import SILENT_S
from tests.printing import Desk, SimPrinter, live_labels, read_qr, ticket_doc
from tests.until import until

S = JobState
ENDED = (S.CONFIRMED, S.CONFIRMED_LATE, S.VOIDED)


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[SimPrinter]:
    with SimPrinter(tmp_path / "sim") as sim:
        yield sim


@pytest.fixture
def desk(sim: SimPrinter, tmp_path: Path) -> Iterator[Desk]:
    with Desk(sim.url, tmp_path) as desk:
        yield desk.until_ready()


def paper_pictures(sim: SimPrinter, count: int) -> list[Path]:
    until(lambda: len(sim.papers()) >= count, f"{count} papers")
    assert len(sim.papers()) == count
    return [sim.folder / paper["file"] for paper in sim.papers()]


VOID = {"K047 t-47"}


def test_ticket_is_confirmed_and_paper_equals_layout(sim: SimPrinter, desk: Desk) -> None:
    job_id = desk.print(47)
    desk.until(job_id, S.CONFIRMED)
    assert desk.path(job_id) == [S.NEW, S.SENT, S.CONFIRMED]
    (picture,) = paper_pictures(sim, 1)
    with Image.open(picture) as paper:
        assert paper.convert("1").tobytes() == render(ticket_doc(47)).tobytes()
    assert read_qr(picture) == "K047 t-47"
    assert sim.ledger("unknown") == []


def test_papers_come_in_the_order_asked_for(sim: SimPrinter, desk: Desk) -> None:
    ids = [desk.print(number) for number in range(1, 6)]
    for job_id in ids:
        desk.until(job_id, S.CONFIRMED)
    assert [read_qr(picture) for picture in paper_pictures(sim, 5)] == [f"K00{n} t-{n}" for n in range(1, 6)]


def test_same_job_asked_again_prints_nothing(sim: SimPrinter, desk: Desk) -> None:
    job_id = desk.print(47)
    desk.until(job_id, S.CONFIRMED)
    desk.print(47)
    until(lambda: desk.path(job_id).count(S.CONFIRMED) == 2, "the job told again")
    desk.until(desk.print(48), S.CONFIRMED)
    assert len(paper_pictures(sim, 2)) == 2


def test_job_slower_than_the_network_is_confirmed(tmp_path: Path) -> None:
    with SimPrinter(tmp_path / "sim", "--speed-model") as sim, Desk(sim.url, tmp_path) as desk:
        desk.until_ready()
        desk.until(desk.print(47), S.CONFIRMED)
        (paper,) = until(sim.papers)
        (start,) = sim.ledger("start")
        assert paper["cut_at"] - start["t"] > 0.8  # 147 mm at 200 mm/s and the cut


@pytest.mark.parametrize(
    ("do", "facts", "fault"),
    [
        ("paper", {"value": "out"}, "paper_out"),
        ("cover", {"open": True}, "cover_open"),
        ("cutter", {"jam": True}, "cutter_error"),
    ],
)
def test_fault_before_means_not_a_byte_is_sent(
    sim: SimPrinter, desk: Desk, do: str, facts: dict[str, object], fault: str
) -> None:
    sim.do(do, **facts)
    until(lambda: desk.printer.ready().fault == fault, fault)
    before = len(sim.ledger("start"))
    job = desk.until(desk.print(47), *ENDED)
    assert (job.state, job.note, job.at_sent) == (S.VOIDED, f"never sent: {fault}", None)
    assert len(sim.ledger("start")) == before
    assert desk.states[-1].fault == fault


def test_ticket_that_cannot_be_laid_out_is_voided_and_the_next_one_printed(sim: SimPrinter, desk: Desk) -> None:
    endless = replace(ticket_doc(47), bring=("паспорт або ID‑картку",) * 200)
    desk.printer.print("job-47", endless, ticket="t-47", cmd="cmd-47")
    job = desk.until("job-47", *ENDED)
    assert job.state is S.VOIDED
    assert "shorten its texts" in str(job.note)
    desk.until(desk.print(48), S.CONFIRMED)
    assert len(paper_pictures(sim, 1)) == 1


def test_fault_is_seen_by_push_long_before_the_next_question(sim: SimPrinter, desk: Desk) -> None:
    sim.do("paper", value="low")
    until(lambda: desk.printer.ready().paper_low, "low paper", deadline_s=0.5)
    assert desk.printer.ready().ready


def test_paper_out_in_the_middle_voids_and_the_next_paper_is_whole(sim: SimPrinter, desk: Desk) -> None:
    sim.do("paper_out_at", rows=400)
    job_id = desk.print(47)
    desk.until(job_id, *ENDED)
    assert desk.path(job_id) == [S.NEW, S.SENT, S.UNKNOWN, S.VOIDED]
    assert desk.until(job_id, S.VOIDED).note == "stopped while printing: paper_out"
    assert desk.printer.ready().fault == "paper_out"
    sim.do("paper", value="ok")
    desk.until_ready()
    desk.until(desk.print(48), S.CONFIRMED)
    half, whole = paper_pictures(sim, 2)
    assert (read_qr(half), read_qr(whole)) == ("", "K048 t-48")
    assert sim.papers()[0]["torn"]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.95])
def test_printer_that_clears_only_online_never_leaves_two_live_papers(
    sim: SimPrinter, desk: Desk, share: float
) -> None:
    sim.do("clears", value="online")
    sim.do("paper_out_at", rows=int(render(ticket_doc(47)).height * share) + 1)
    job_id = desk.print(47)
    desk.until(job_id, S.UNKNOWN)
    sim.do("paper", value="ok")
    ended = desk.until(job_id, S.CONFIRMED_LATE, S.VOIDED)
    desk.until_ready()
    desk.until(desk.print(48), S.CONFIRMED)
    late = ended.state is S.CONFIRMED_LATE
    assert live_labels(sim, set() if late else VOID) == ["K047 t-47"] * late + ["K048 t-48"]


def test_proof_after_the_fault_saves_the_paper(sim: SimPrinter, desk: Desk) -> None:
    """The printer stops behind the last row; it does not forget, and finishes as soon as the cover is closed."""
    sim.do("clears", value="online")
    sim.do("paper_out_at", rows=render(ticket_doc(47)).height)
    job_id = desk.print(47)
    desk.until(job_id, S.UNKNOWN)
    buffered = sim.state()["buffered"]
    sim.do("paper", value="ok")
    ended = desk.until(job_id, S.CONFIRMED_LATE, S.VOIDED)
    assert buffered < 64
    assert ended.state is S.CONFIRMED_LATE


@pytest.mark.parametrize("cause", ["cover", "cutter"])
def test_stop_in_the_middle_is_settled_while_the_printer_still_stands(sim: SimPrinter, desk: Desk, cause: str) -> None:
    facts = {"cover": {"open": True}, "cutter": {"jam": True}}[cause]
    job_id = desk.print(47)
    desk.until(job_id, S.SENT)
    sim.do(cause, **facts)
    ended = desk.until(job_id, *ENDED)
    sim.do(cause, **dict.fromkeys(facts, False))
    desk.until_ready()
    desk.until(desk.print(48), S.CONFIRMED)
    good = ended.state is not S.VOIDED
    assert live_labels(sim, set() if good else VOID) == ["K047 t-47"] * good + ["K048 t-48"]


def test_dark_network_is_noticed_and_the_paper_voided(sim: SimPrinter, desk: Desk) -> None:
    desk.until(desk.print(1), S.CONFIRMED)
    sim.do("freeze")
    job_id = desk.print(47)
    ended = desk.until(job_id, *ENDED)
    assert ended.state is S.VOIDED
    desk.until_ready()
    desk.until(desk.print(48), S.CONFIRMED)
    assert [read_qr(picture) for picture in paper_pictures(sim, 2)] == ["K001 t-1", "K048 t-48"]


def test_dark_network_is_noticed_while_nothing_is_printed(sim: SimPrinter, desk: Desk) -> None:
    sim.do("freeze")
    until(lambda: not desk.printer.ready().ready, "a missing printer")
    desk.until_ready()
    assert len(sim.ledger("connect")) == 2


def test_nothing_is_printed_behind_a_paper_in_doubt(sim: SimPrinter, desk: Desk) -> None:
    sim.do("clears", value="never")
    sim.do("paper_out_at", rows=300)
    job_id = desk.print(47)
    desk.until(job_id, S.UNKNOWN)
    sim.do("paper", value="ok")
    until(lambda: desk.printer.ready().fault == "printer_settling", "a printer in doubt")
    assert desk.until(desk.print(48), *ENDED).note == "never sent: printer_settling"
    assert desk.path(job_id)[-1] is S.UNKNOWN
    sim.do("clears", value="always")
    desk.until(job_id, S.VOIDED)
    desk.until_ready()
    desk.until(desk.print(49), S.CONFIRMED)
    assert live_labels(sim, VOID) == ["K049 t-49"]


def test_full_buffer_of_an_empty_printer_is_cleared_over_a_new_connection(sim: SimPrinter, desk: Desk) -> None:
    sim.do("paper_out_at", rows=1)
    job_id = desk.print(47)
    desk.until(job_id, S.UNKNOWN)
    # Sooner than the silence of a full printer would be noticed: the visitor is still standing there.
    until(lambda: desk.path(job_id)[-1] is S.VOIDED, "the clearing", deadline_s=SILENT_S * 0.75)
    assert sim.state()["buffered"] < 64
    sim.do("paper", value="ok")
    desk.until_ready()
    desk.until(desk.print(48), S.CONFIRMED)


@pytest.mark.parametrize("rows", [1, 400])
def test_state_is_known_before_a_doubted_or_dead_job_is_told(sim: SimPrinter, desk: Desk, rows: int) -> None:
    sim.do("paper_out_at", rows=rows)
    desk.until(desk.print(47), S.VOIDED)
    told = dict(zip([job.state for job in desk.said], desk.known, strict=True))
    assert told[S.SENT] is None
    assert told[S.UNKNOWN] == "paper_out"
    assert told[S.VOIDED] in {"paper_out", "printer_settling"}


def test_printer_without_power_is_missing_and_comes_back(sim: SimPrinter, desk: Desk) -> None:
    sim.do("power", on=False)
    until(lambda: desk.printer.ready().fault == "device_missing", "a missing printer")
    assert desk.until(desk.print(47), *ENDED).note == "never sent: device_missing"
    sim.do("power", on=True)
    desk.until_ready()
    desk.until(desk.print(48), S.CONFIRMED)


def test_printer_that_is_not_there_at_start_is_found_later(tmp_path: Path) -> None:
    with SimPrinter(tmp_path / "sim") as sim:
        sim.do("power", on=False)
        with Desk(sim.url, tmp_path) as desk:
            assert desk.printer.ready().fault == "device_missing"
            sim.do("power", on=True)
            desk.until_ready()
            desk.until(desk.print(47), S.CONFIRMED)


def test_stopping_waits_for_the_paper_on_its_way_and_refuses_more(sim: SimPrinter, desk: Desk) -> None:
    job_id = desk.print(47)
    desk.until(job_id, S.SENT)
    desk.printer.stop(5)
    assert desk.path(job_id)[-1] is S.CONFIRMED
    desk.printer.stop(5)
    with pytest.raises(TransientDeviceError, match="stopped"):
        desk.print(48)
