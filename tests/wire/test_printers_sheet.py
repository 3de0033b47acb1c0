"""A4 sheets through a queue in its own process: what is certain of each is said, and nothing comes out when nobody stands there."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contract.errors import TransientDeviceError
from journal.journal import Journal
from journal.schema import BOX
from printers import spool as spools
from printers.job import Job, JobState
from printers.sheet import KIND, SheetPrinter
from printers.status import PrinterState
from printers.store import JobStore, JournalStore
from runtime.clock import utc_now
from tests.printing import ROOT, MemoryStore, wait_for

S = JobState
PDF = b"%PDF-1.4\n% SECRET of nobody\n%%EOF\n"


class SimQueue:
    """The simulator in its own process."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "simulators.sheet_queue", "--port", str(port), "--out", str(folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        self.port = int(json.loads(self._process.stdout.readline())["port"])

    def __enter__(self) -> SimQueue:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(60)
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def url(self) -> str:
        return f"ipp://127.0.0.1:{self.port}/printers/sheets"

    def tell(self, **order: object) -> dict[str, int]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        line.request("POST", "/control", json.dumps(order))
        papers: dict[str, int] = json.loads(line.getresponse().read())
        line.close()
        return papers

    def events(self) -> list[tuple[str, str]]:
        file = self.folder / "ledger.jsonl"
        lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [(each["event"], each["name"]) for each in lines]

    def printed(self) -> list[str]:
        return [name for event, name in self.events() if event == "printed"]


class Desk:
    """The printer with its store and everything it said."""

    def __init__(self, url: str, store: JobStore | None = None, **options: Any) -> None:
        self.store = store or MemoryStore()
        self.said: list[Job] = []
        self.ready_then: list[bool] = []
        self.states: list[PrinterState] = []
        self.printer = SheetPrinter(url, self.store, self._told, self.states.append, device_id="sheets-1", **options)

    def _told(self, job: Job) -> None:
        self.said.append(job)
        self.ready_then.append(self.printer.ready().ready)

    def until_ready(self) -> None:
        wait_for(lambda: self.printer.ready().ready, "a ready queue")

    def ends(self, job_id: str) -> list[JobState]:
        wait_for(lambda: [job for job in self.said if job.id == job_id and job.at_end], f"the end of {job_id}")
        return [job.state for job in self.said if job.id == job_id]


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[SimQueue]:
    with SimQueue(tmp_path / "out") as queue:
        yield queue


@contextmanager
def desk(sim: SimQueue, store: JobStore | None = None, **options: Any) -> Iterator[Desk]:
    made = Desk(sim.url, store, **options)
    with made.printer:
        made.until_ready()
        yield made


def test_sheets_reach_the_printer_whole_and_completed_proves_no_paper(sim: SimQueue) -> None:
    with desk(sim) as at:
        at.printer.print("job-1", PDF, cmd="c")
        assert at.ends("job-1") == [S.NEW, S.SENT, S.UNPROVED]
        assert (sim.folder / "job-1.pdf").read_bytes() == PDF
        assert at.said[-1].note == "the queue says completed, which proves no paper"
        assert at.printer.about().model == "Simulated sheets"
        at.printer.print("job-1", PDF, cmd="c")
        wait_for(lambda: len(at.said) == 4, "the same again")
    assert sim.printed() == ["job-1"]


def test_one_sheet_after_the_other_in_order(sim: SimQueue) -> None:
    with desk(sim) as at:
        for number in range(3):
            at.printer.print(f"job-{number}", PDF, cmd="c")
        at.ends("job-2")
    assert sim.printed() == ["job-0", "job-1", "job-2"]


@pytest.mark.parametrize(
    ("reason", "fault"),
    [("media-empty-error", "sheets_out"), ("media-jam-error", "paper_jam"), ("paused", "printer_offline")],
)
def test_queue_that_stands_gets_nothing(sim: SimQueue, reason: str, fault: str) -> None:
    with desk(sim) as at:
        sim.tell(reasons=[reason])
        at.printer.print("job-1", PDF, cmd="c")
        assert at.ends("job-1") == [S.NEW, S.VOIDED]
        assert at.said[-1].note == f"never sent: {fault}"
        assert at.states[-1].fault == fault
        sim.tell(reasons=[])
        at.until_ready()
    assert sim.events() == []


def test_paper_that_runs_out_meanwhile_is_cancelled_and_never_comes_later(sim: SimQueue) -> None:
    sim.tell(page_s=30.0)
    with desk(sim) as at:
        at.printer.print("job-1", PDF, cmd="c")
        wait_for(lambda: sim.tell().get("job-1") == 5, "printing")
        sim.tell(reasons=["media-empty-error"])
        assert at.ends("job-1") == [S.NEW, S.SENT, S.UNKNOWN, S.VOIDED]
        assert at.said[-1].note == "stopped while printing: sheets_out"
        sim.tell(reasons=[], page_s=0.0)
        at.until_ready()
    assert sim.tell() == {"job-1": 7}
    assert sim.printed() == []


def test_paper_that_takes_too_long_is_cancelled(sim: SimQueue) -> None:
    sim.tell(page_s=30.0)
    with desk(sim, patience_s=0.3) as at:
        at.printer.print("job-1", PDF, cmd="c")
        assert at.ends("job-1") == [S.NEW, S.SENT, S.UNKNOWN, S.VOIDED]
        assert at.ready_then[2] is False, "settling while it is in doubt"
        assert at.ready_then[3] is True, "another can be asked for at once"
    assert sim.tell() == {"job-1": 7}


@pytest.mark.parametrize("trick", ["lose", "garbage", "half"])
def test_lost_answer_is_looked_for_by_name_and_never_sent_again(sim: SimQueue, trick: str) -> None:
    with desk(sim) as at:
        sim.tell(next=trick)
        at.printer.print("job-1", PDF, cmd="c")
        assert at.ends("job-1") == [S.NEW, S.SENT, S.UNPROVED]
    assert sim.events() == [(trick, "job-1"), ("printed", "job-1")]


def test_answer_that_never_comes_ends_in_time(sim: SimQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "ASK_S", 0.4)
    with desk(sim) as at:
        sim.tell(next="mute")
        at.printer.print("job-1", PDF, cmd="c")
        assert at.ends("job-1") == [S.NEW, S.SENT, S.UNPROVED]


def test_paper_that_never_arrived_is_void(sim: SimQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("printers.sheet.ARRIVED_S", 0.3)
    with desk(sim) as at:
        sim.tell(next="drop")
        at.printer.print("job-1", PDF, cmd="c")
        assert at.ends("job-1") == [S.NEW, S.SENT, S.UNKNOWN, S.VOIDED]
    assert sim.printed() == []


def test_paper_that_the_queue_forgot_is_not_called_dead(sim: SimQueue) -> None:
    with desk(sim) as at:
        sim.tell(next="forget")
        at.printer.print("job-1", PDF, cmd="c")
        assert at.ends("job-1") == [S.NEW, S.SENT, S.UNPROVED]
        assert at.said[-1].note == "the queue does not know it any more"


def test_refused_paper_is_void_with_the_queue_s_word(sim: SimQueue) -> None:
    with desk(sim) as at:
        sim.tell(next="refuse")
        at.printer.print("job-1", PDF, cmd="c")
        assert at.ends("job-1") == [S.NEW, S.SENT, S.UNKNOWN, S.VOIDED]
        assert at.said[-1].note == "the queue refused the paper: 0x0507"


def test_paper_that_the_queue_ended_is_void(sim: SimQueue) -> None:
    with desk(sim) as at:
        sim.tell(next="abort")
        at.printer.print("job-1", PDF, cmd="c")
        assert at.ends("job-1")[-1] is S.VOIDED


def test_after_a_crash_the_paper_is_cancelled_and_void(sim: SimQueue) -> None:
    store = MemoryStore()
    sim.tell(page_s=30.0)
    with desk(sim, store) as at:
        at.printer.print("job-1", PDF, cmd="c")
        wait_for(lambda: sim.tell().get("job-1") == 5, "printing")
    assert store.jobs["job-1"].state is S.SENT, "as if the box had died there"
    with desk(sim, store) as again:
        assert again.ends("job-1") == [S.UNKNOWN, S.VOIDED]
    assert sim.tell() == {"job-1": 7}


def test_queue_that_went_away_in_the_middle_leaves_the_paper_unknown_until_it_is_back(tmp_path: Path) -> None:
    with SimQueue(tmp_path / "a") as sim:
        port = sim.port
        sim.tell(page_s=30.0)
        at = Desk(sim.url, patience_s=0.5)
        at.printer.start()
        at.until_ready()
        at.printer.print("job-1", PDF, cmd="c")
        wait_for(lambda: sim.tell().get("job-1") == 5, "printing")
    wait_for(lambda: at.said[-1].state is S.UNKNOWN, "doubt")
    assert not at.printer.ready().ready
    with SimQueue(tmp_path / "b", port):
        assert at.ends("job-1")[-1] is S.VOIDED
        at.until_ready()
    at.printer.stop(5)
    at.printer.stop(5)


def test_nobody_there_is_said_and_costs_nothing(tmp_path: Path) -> None:
    with SimQueue(tmp_path / "gone") as sim:
        url = sim.url
    at = Desk(url)
    with at.printer:
        at.printer.print("job-1", PDF, cmd="c")
        assert at.ends("job-1") == [S.NEW, S.VOIDED]
        assert at.printer.ready().fault == "device_missing"


def test_more_than_a_few_orders_are_refused(tmp_path: Path) -> None:
    at = Desk("ipp://localhost:1/printers/x")
    for number in range(8):
        at.printer.print(f"job-{number}", PDF, cmd="c")
    with pytest.raises(TransientDeviceError):
        at.printer.print("job-9", PDF, cmd="c")
    at.printer.stop(0)


def test_journal_knows_id_kind_hash_and_state_and_nothing_that_stands_on_the_paper(
    sim: SimQueue, tmp_path: Path
) -> None:
    with Journal.open(tmp_path / "box.db", "hall-1", BOX, utc_now) as journal:
        store = JournalStore(journal, "sheets-1", kind=KIND)
        with desk(sim, store) as at:
            at.printer.print("job-1", PDF, cmd="c")
            at.ends("job-1")
        found = store.get("job-1")
        assert found is not None
        assert (found.kind, found.ticket, found.state) == (KIND, None, S.UNPROVED)
        assert re.fullmatch(r"[0-9a-f]{64}", found.hash)
    assert not [file for file in tmp_path.glob("box.db*") if b"SECRET" in file.read_bytes()]
