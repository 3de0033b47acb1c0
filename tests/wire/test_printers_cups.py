"""A queue of CUPS, stood in for by two programs of its names: it takes every paper and proves none."""

from __future__ import annotations

from pathlib import Path

import pytest

from printers.choice import printer_at
from printers.job import Job, JobState
from printers.printer import Setting
from printers.status import PrinterState
from tests.printing import MemoryStore, ticket_doc
from tests.until import until

S = JobState
LP = '#!/bin/sh\nprintf \'%s\\n\' "$*" >> "{folder}/said"\ncat > "{folder}/paper"\n'
LPSTAT = '#!/bin/sh\n[ "$2" = Front ] && [ ! -e "{folder}/gone" ]\n'


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, script in (("lp", LP), ("lpstat", LPSTAT)):
        (folder / name).write_text(script.replace("{folder}", str(folder)))
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return folder


def printed(url: str, tmp_path: Path, store: MemoryStore) -> tuple[list[Job], str]:
    said: list[Job] = []
    states: list[PrinterState] = []
    printer = printer_at(url, store, said.append, states.append, device_id="p", setting=Setting())
    printer.start()
    try:
        if url == "cups://Front":
            until(lambda: printer.ready().ready, "the queue")
        printer.print("job-1", ticket_doc(1), ticket="t-1", cmd="c")
        until(lambda: said and said[-1].at_end, "the job's end")
        return said, printer.about().model
    finally:
        printer.stop(5)
        printer.stop(5)


def test_queue_takes_the_paper_and_proves_nothing(queue: Path, tmp_path: Path) -> None:
    said, model = printed("cups://Front", tmp_path, MemoryStore())
    assert [job.state for job in said] == [S.NEW, S.SENT, S.UNPROVED]
    assert (queue / "said").read_text() == "-d Front -o raw -t job-1\n"
    assert (queue / "paper").read_bytes().startswith(b"\x1b@\x1dv0")
    assert "proves nothing" in model


def test_queue_that_is_not_there_gets_nothing(queue: Path, tmp_path: Path) -> None:
    said, _ = printed("cups://Back", tmp_path, MemoryStore())
    assert [(job.state, job.note) for job in said][-1] == (S.VOIDED, "never sent: device_missing")
    assert not (queue / "paper").exists()


def test_paper_of_an_earlier_run_is_dead(queue: Path, tmp_path: Path) -> None:
    store = MemoryStore()
    first, _ = printed("cups://Front", tmp_path, store)
    store.save(first[1])  # as if the box had died behind SENT
    said, _ = printed("cups://Front", tmp_path, store)
    assert [job.state for job in said][:3] == [S.UNKNOWN, S.VOIDED, S.VOIDED]
