"""Finger released on "take a ticket" → the simulated printer's proof, on the whole real path: Kivy, MQTT, journal, paper."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import Any

from bench.commit import Disk
from bench.rig import Figure, Rig, ask, percentile, wait
from contract import messages as m
from contract.errors import ViknoError
from demo.process import Processes
from printers import ticket
from printers.document import TicketDoc
from printers.layout import render

BUDGET = 2.0
FRAME_S = 1 / 30
IDLE_S = 8.0
IDLE_BUDGET = 0.03
TAP_S = 0.25
KIOSK = "caller-1"


def measure(folder: Path, visits: int) -> list[Figure]:
    """`visits` visitors, each from attract to paper; then an idle screen."""
    with Rig(folder / "hall", "coordinator") as hall, Rig(folder / "echo", "echo") as echo, Disk(folder) as disk:
        with Processes(logs(folder)) as processes:
            printer, screen = start(hall, folder, processes)
            glass = Glass(screen, folder / "fingers.jsonl", printer / "ledger.jsonl")
            took = [glass.visit_s(hall) for _ in range(visits + 3)][3:]
            wait(lambda: glass.see()["screen"] == "attract", "the kiosk did not come back", 60)
            idle = idle_share(processes, "kiosk")
        caller = echo.box("caller-0")
        trips, layouts, commits = [], [], []
        document = _document(hall)
        for number in range(50):
            began = time.perf_counter()
            ask(caller, m.CallNext(id=f"e-{number}", unit="unit-0"))
            middle = time.perf_counter()
            render(document)
            layouts.append(time.perf_counter() - middle)
            trips.append(middle - began)
            commits.append(disk.commit_s(1))
    limit = FRAME_S + percentile(layouts, 0.5) + 2 * percentile(trips, 0.5) + 2 * percentile(commits, 0.5)
    p95 = percentile(took, 0.95)
    note = f"n {len(took)}, p50 {percentile(took, 0.5) * 1000:.0f} ms; layout {percentile(layouts, 0.5) * 1000:.0f} ms"
    return [
        Figure(
            "touch → paper proved p95", p95 * 1000, "ms", limit * 1000, p95 / limit, BUDGET, at_least=False, note=note
        ),
        Figure(
            "kiosk idle",
            idle * 100,
            "% core",
            IDLE_BUDGET * 100,
            idle / IDLE_BUDGET,
            1.0,
            at_least=False,
            note="30 fps",
        ),
    ]


class Glass:
    """The kiosk's screen and the two ledgers at its ends."""

    def __init__(self, port: int, fingers: Path, printer: Path) -> None:
        self._pair = socket.create_connection(("127.0.0.1", port), 10).makefile("rw")
        self._fingers, self._printer = fingers, printer

    def see(self) -> dict[str, Any]:
        """What is on the screen."""
        return self._ask({"controls": True})

    def visit_s(self, rig: Rig) -> float:
        """Seconds from the release on "take" to the printer's proof."""
        service = next(s for s in rig.hall.services if s.channel == "window")
        steps = {
            "attract": "start", "language": "lang:ru", "groups": f"group:{service.group}", "services": f"service:{service.id}",
            "confirm": "take", "take": "done",
        }  # fmt: skip
        proofs = len(_at(self._printer, "event", "proof"))
        deadline = time.monotonic() + 30
        while len(_at(self._printer, "event", "proof")) == proofs:
            if time.monotonic() > deadline:
                raise ViknoError(f"no paper: the kiosk shows {self.see()['words']}")
            if key := steps.get(str(self.see()["screen"])):
                self._ask({"tap": key})
            time.sleep(TAP_S)
        released = [at for at, entry in _entries(self._fingers) if (entry["key"], entry["do"]) == ("take", "up")][-1]
        proved = _at(self._printer, "event", "proof")[proofs]
        while self.see()["screen"] != "attract":
            self._ask({"tap": "done"})
            time.sleep(TAP_S)
        return proved - released

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        self._pair.write(json.dumps(question) + "\n")
        self._pair.flush()
        answer: dict[str, Any] = json.loads(self._pair.readline())
        return answer


def _document(rig: Rig) -> TicketDoc:
    service = next(s for s in rig.hall.services if s.channel == "window")
    issued = ask(rig.box("caller-3"), m.TicketIssue(id="layout", service=service.id, lang="ru", paper=False))
    if not isinstance(issued, m.Issued):
        raise ViknoError(f"no ticket: {issued}")
    return ticket.document(rig.hall, issued, "")


def start(rig: Rig, folder: Path, processes: Processes) -> tuple[Path, int]:
    """Start a kiosk with its printer at the rig's hall; returns the printer's folder and the port of the fingers."""
    papers = folder / "papers"
    printer = processes.start("printer", "simulators.printer", "--port", "0", "--out", str(papers))
    settings = rig.settings(KIOSK)
    broker = "\n".join(f'{k} = "{getattr(settings, k)}"' for k in ("hall", "dev", "host", "ca", "cert", "key"))
    config = folder / "kiosk.toml"
    config.write_text(
        f'data = "{folder / "kiosk"}"\n[printer]\nurl = "tcp://127.0.0.1:{_port(printer.log)}"\n'
        f"[screen]\nwidth = 540\nheight = 960\n[broker]\n{broker}\nport = {settings.port}\n",
        encoding="utf-8",
    )
    (folder / "kiosk").mkdir()
    env = {
        **os.environ, "SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1", "LP_NUM_THREADS": "0",
        "KIVY_HOME": str(folder / "kivy"),
    }  # fmt: skip
    words = ("--ledger", str(folder / "fingers.jsonl"), "kiosk", "--config", str(config))
    screen = processes.start("kiosk", "simulators.screen_host", *words, env=env)
    return papers, _port(screen.log)


def logs(folder: Path) -> Path:
    """A new folder for what processes say."""
    made = folder / "logs"
    made.mkdir()
    return made


def _port(log: Path) -> int:
    found: list[int] = []

    def said() -> bool:
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        found.extend(json.loads(line)["port"] for line in text.splitlines() if line.startswith('{"port"'))
        return bool(found)

    wait(said, f"no port in {log}", 60)
    return found[0]


def idle_share(processes: Processes, name: str) -> float:
    """Share of one core a process takes while nobody touches its screen."""
    process = processes.children[name].process
    assert process is not None
    before = _cpu_s(process.pid)
    time.sleep(IDLE_S)
    return (_cpu_s(process.pid) - before) / IDLE_S


def _cpu_s(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _at(ledger: Path, name: str, value: str) -> list[float]:
    return [at for at, entry in _entries(ledger) if entry.get(name) == value]


def _entries(ledger: Path) -> list[tuple[float, dict[str, Any]]]:
    if not ledger.exists():
        return []
    lines = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    return [(float(entry.get("at", entry.get("t", 0.0))), entry) for entry in lines]
