"""A queue for A4 sheets in its own process, and the printer that prints to it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from printers.job import Job, JobState
from printers.sheet import SheetPrinter
from printers.status import PrinterState
from printers.store import JobStore
from tests.printing import ROOT, MemoryStore
from tests.until import until


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
        self._process.wait(5)
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
        until(lambda: self.printer.ready().ready, "a ready queue")

    def ends(self, job_id: str) -> list[JobState]:
        until(lambda: [job for job in self.said if job.id == job_id and job.at_end], f"the end of {job_id}")
        return [job.state for job in self.said if job.id == job_id]
