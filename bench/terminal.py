"""What a self-service terminal holds and does: its memory after visitors who paid and read cards, then its idle screen."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.rig import Figure, wait
from bench.touch import IDLE_BUDGET, idle_share
from broker_config.broker import Broker
from contract.errors import ViknoError
from coordinator.hall_command import template
from demo import cards, terminal
from demo.layout import TERMINAL, Layout, furnished, pace
from demo.process import ROOT, Processes, announcements, free_port
from demo.report import lines
from journal.journal import Journal
from journal.schema import MONEY
from runtime.clock import utc_now
from simulators.card.readers import Readers

MEMORY_MIB = 220.0
VISIT_S, LONGEST_S = 10.0, 120.0
"""Of a visit, mostly; and of the last one, which is not cut short."""
ERRANDS = ("card", "certificate", "cash", "leaves", "qr")
ONLY_HERE = ("rich",)
ENDS = ("paid", "left", "transfer", "certificate")


def measure(folder: Path, visits: int) -> list[Figure]:
    """`visits` visitors at a terminal in a hall with devices, connector and card reader, as far as this machine can have one."""
    hall = furnished(template("ua-cnap"), {}, reader=False, terminal=True)
    broker = Broker(folder / "broker", hall.id, hall.boxes)
    layout = Layout(folder, hall, broker, pace(hall, 1.0, utc_now()))
    # Not its first start: the tables of a journal are made by a library that is never needed again.
    Journal.open(layout.room(TERMINAL) / "terminal.db", hall.id, MONEY, utc_now).close()
    (folder / "logs").mkdir()
    with (
        tempfile.TemporaryDirectory(prefix="vikno-register-") as register,
        cards.readers(print) as readers,
        broker,
        Processes(folder / "logs") as processes,
    ):
        processes.start("coordinator", "coordinator", "--config", str(layout.coordinator()))
        served = _serve(layout, Path(register), readers, processes, visits)
        memory_mib, idle = _rss_mib(processes), idle_share(processes, TERMINAL)
    reader = "with a card reader" if readers is not None else "without a card reader"
    note = f"RSS after {served} visits, {reader}; software drawing"
    return [
        Figure(
            "terminal memory", memory_mib, "MiB", MEMORY_MIB, memory_mib / MEMORY_MIB, 1.0, at_least=False, note=note
        ),
        Figure(
            "terminal idle",
            idle * 100,
            "% core",
            IDLE_BUDGET * 100,
            idle / IDLE_BUDGET,
            1.0,
            at_least=False,
            note="30 fps",
        ),
    ]


def _serve(layout: Layout, register: Path, readers: Readers | None, processes: Processes, visits: int) -> int:
    env = {
        "SDL_VIDEODRIVER": "offscreen",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "LP_NUM_THREADS": "0",
        **_without(layout.folder / "box"),
    }

    def announced(name: str) -> dict[str, Any]:
        log = processes.children[name].log
        wait(lambda: bool(announcements(log)), f"{name} did not start: {log}", 60)
        return announcements(log)[0]

    doors = (free_port(), free_port())
    running, wires, codes = terminal.start(layout, register, processes, announced, readers, env, doors)
    plan = json.loads(terminal.plan(layout, wires, running.screen, codes, readers, 1, []))
    file, ledger = layout.folder / "errands.json", layout.folder / "errands.jsonl"
    file.write_text(json.dumps({**plan, "errands": ERRANDS}), encoding="utf-8")
    words = ("--plan", str(file), "--ledger", str(ledger), "--seconds", str(VISIT_S * visits))
    people = processes.start("errands", "simulators.errand", *words, restart=False)
    wait(lambda: not people.alive, f"nobody comes any further: {ledger}", VISIT_S * visits + LONGEST_S)
    if not any(line["what"] == "paid" for line in lines(ledger)):
        raise ViknoError(f"nobody paid: {ledger}")
    return sum(line["what"] in ENDS for line in lines(ledger))


def _without(folder: Path) -> dict[str, str]:
    """The environment of a box: libraries that stand in the tests' list only are not found, or structlog loads 8 MiB of them."""
    folder.mkdir()
    for name in ONLY_HERE:
        (folder / f"{name}.py").write_text(f'raise ImportError("{name} is not on a box")\n', encoding="utf-8")
    return {"PYTHONPATH": f"{folder}:{ROOT}"}


def _rss_mib(processes: Processes) -> float:
    process = processes.children[TERMINAL].process
    assert process is not None
    time.sleep(1.0)  # the last screen is drawn
    pages = int(Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
