"""A simulated printer as a process, a job store in memory, and documents: what the printing tests share."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from PIL import Image, ImageChops

from printers.document import Fact, TicketDoc, qr_payload
from printers.job import OPEN, Job, JobState
from printers.mouth import Mouth
from printers.printer import Setting, TicketPrinter
from printers.roll import Roll
from printers.status import PrinterState
from printers.store import JobStore
from tests.until import until

ROOT = Path(__file__).parent.parent


def ink_box(image: Image.Image) -> tuple[int, int, int, int]:
    """Where there is ink: left, top, right, bottom. There must be some."""
    box = ImageChops.invert(image.convert("L")).getbbox()
    assert box is not None
    return box


class SimPrinter:
    """The simulator in its own process."""

    def __init__(self, folder: Path, *options: str, wire: str = "tcp") -> None:
        """`wire`: tcp, usblp or serial (a device file in `folder`, at 115200 baud)."""
        self.folder, self._wire = folder, wire
        folder.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "simulators.printer",
            *{
                "tcp": ("--port", "0"),
                "usblp": ("--pty", str(folder / "lp0")),
                "serial": ("--pty", str(folder / "ttyS0"), "--baud", "115200"),
            }[wire],
            "--control-port",
            "0",
            "--out",
            str(folder),
        ]
        self._process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        ports = json.loads(self._process.stdout.readline())
        self.port: int = ports.get("port", 0)
        self._control = socket.create_connection(("127.0.0.1", ports["control_port"]), 5)
        self._answers = self._control.makefile("r")

    def __enter__(self) -> SimPrinter:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._answers.close()
        self._control.close()
        self._process.terminate()
        self._process.wait(60)
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def url(self) -> str:
        return {
            "tcp": f"tcp://127.0.0.1:{self.port}",
            "usblp": f"usblp://{self.folder}/lp0",
            "serial": f"serial://{self.folder}/ttyS0?baud=115200",
        }[self._wire]

    def do(self, what: str, **facts: object) -> dict[str, Any]:
        self.tell(json.dumps({"do": what, **facts}).encode())
        answer: dict[str, Any] = json.loads(self.heard())
        assert "error" not in answer, answer
        return answer

    def tell(self, line: bytes) -> None:
        self._control.sendall(line + b"\n")

    def heard(self) -> str:
        return self._answers.readline()

    def state(self) -> dict[str, Any]:
        return self.do("state")

    def ledger(self, event: str | None = None) -> list[dict[str, Any]]:
        lines = (self.folder / "ledger.jsonl").read_text().splitlines(keepends=True)
        events = [json.loads(line) for line in lines if line.endswith("\n")]
        return [each for each in events if event in {None, each["event"]}]

    def papers(self) -> list[dict[str, Any]]:
        """Papers whose pictures are written, in order."""
        return sorted(self.ledger("paper"), key=lambda each: int(each["n"]))


class MemoryStore:
    """A job store that lives as long as the test."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.roll: Roll | None = None

    def save(self, job: Job, roll: Roll | None = None) -> None:
        self.jobs[job.id] = job
        self.roll = roll or self.roll

    def save_roll(self, roll: Roll) -> None:
        self.roll = roll

    def load_roll(self) -> Roll | None:
        return self.roll

    def get(self, job_id: str) -> Job | None:
        return self.jobs.get(job_id)

    def load_open(self) -> list[Job]:
        return sorted((job for job in self.jobs.values() if job.state in OPEN), key=lambda job: job.at_new)


class Desk:
    """A printer with its store and everything it said."""

    def __init__(self, url: str, folder: Path, store: JobStore | None = None, setting: Setting | None = None) -> None:
        self.store = store or MemoryStore()
        self.mouths: list[Mouth] = []
        self.said: list[Job] = []
        self.known: list[str | None] = []
        """The fault that `ready` knew when each job was told."""
        self.states: list[PrinterState] = []
        self.printer = TicketPrinter(
            url, self.store, self._told, self.states.append, device_id="kiosk-1-printer",
            setting=setting or Setting(), on_mouth=self.mouths.append,
        )  # fmt: skip

    def __enter__(self) -> Desk:
        self.printer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.printer.stop(0.5)

    def _told(self, job: Job) -> None:
        self.known.append(self.printer.ready().fault)
        self.said.append(job)

    def until_ready(self) -> Desk:
        until(lambda: self.printer.ready().ready, "a ready printer")
        return self

    def print(self, number: int) -> str:
        job_id = f"job-{number}"
        self.printer.print(job_id, ticket_doc(number), ticket=f"t-{number}", cmd=f"cmd-{number}")
        return job_id

    def until(self, job_id: str, *states: JobState) -> Job:
        def reached() -> Job | None:
            return next((job for job in self.said if job.id == job_id and job.state in states), None)

        found: Job = until(reached, f"{job_id} {states}, said {self.path(job_id)}")
        return found

    def path(self, job_id: str) -> list[str]:
        return [job.state for job in self.said if job.id == job_id]


def ticket_doc(number: int = 47) -> TicketDoc:
    return TicketDoc(
        lang="uk",
        hall="ЦНАП «Вербова площа»",
        number_title="Ваш номер",
        label=f"K{number:03}",
        service="Паспорт, ID‑картка",
        facts=(Fact("Чекати", "15–25 хв", "Час орієнтовний"), Fact("Зал", "Б")),
        bring_title="Підготуйте:",
        bring=("паспорт або ID‑картку", "код платника податків"),
        follow="Стежте за табло",
        missed_rule="Якщо не підійдете протягом 2 хвилин після виклику, викличемо наступного.",
        keep="Зберігайте талон до кінця обслуговування",
        issued="17 березня, 10:24",
        hotline="Довідка: 0 800 000 000",
        qr=qr_payload(f"K{number:03}", f"t-{number}"),
    )


def live_labels(sim: SimPrinter, void: set[str]) -> list[str]:
    """What can be read on the papers that came out, less what was voided."""
    until(lambda: len(sim.papers()) == sim.state()["papers"], "all pictures")
    read = [read_qr(sim.folder / paper["file"]) for paper in sim.papers()]
    return [label for label in read if label and label not in void]


def read_qr(picture: Path) -> str:
    """What an independent reader sees on the paper; empty where it sees no code."""
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True, timeout=20, check=False
    )
    return found.stdout.strip()
