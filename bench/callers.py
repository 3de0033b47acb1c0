"""32 callers over MQTT, durable by group commit, against L = 16 / (16 / echo rate + p50 of a commit of 16 commands)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self

from bench.load import AGAIN
from bench.rig import CALLERS, Figure, Rig, open_windows, wait_service
from contract.errors import ViknoError
from demo.process import ROOT
from journal.database import snapshot

BUDGET = 0.5
PAIR_S = 0.6
GROUP = 16
SLOW_MS = 4
SPREAD_MAX = 2.0


class Load:
    """One load process with half of the callers of both services."""

    def __init__(self, folder: Path, rigs: dict[str, Rig], devices: list[str]) -> None:
        plan = {name: [_caller(rig, dev) for dev in devices] for name, rig in rigs.items()}
        file = folder / f"load-{devices[0]}.json"
        file.write_text(json.dumps(plan), encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load", str(file)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        self._answer()

    def ask(self, name: str, seconds: float) -> None:
        """Begin."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"run": name, "seconds": seconds}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """What it came to."""
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ViknoError("the load process ended")
        found: dict[str, Any] = json.loads(line)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._process.communicate(timeout=20)


def _caller(rig: Rig, dev: str) -> dict[str, Any]:
    settings = rig.settings(dev)
    plan: dict[str, Any] = {"dev": dev, "hall": settings.hall, "host": settings.host, "port": settings.port}
    plan |= {name: str(getattr(settings, name)) for name in ("ca", "cert", "key")}
    units = rig.hall.box_by_id[dev].units
    if units:
        return {**plan, "unit": units[0].id}
    number = int(dev.rpartition("-")[2])
    services = [s.id for s in rig.hall.services]
    return {**plan, "service": services[number % len(services)]}


def measure(folder: Path, pairs: int, *, slow_fsync: bool) -> list[Figure]:
    """`pairs` alternating runs of both services; once more when they spread over twice."""
    env = _slow_fsync(folder) if slow_fsync else {}
    if env is None:
        return []
    with Rig(folder / "hall", "coordinator", env=env) as hall, Rig(folder / "echo", "echo") as echo:
        open_windows(hall, [w.id for w in hall.hall.windows])
        wait_service(echo)
        devices = [f"caller-{n}" for n in range(CALLERS)]
        rigs = {"hall": hall, "echo": echo}
        with Load(folder, rigs, devices[: CALLERS // 2]) as one, Load(folder, rigs, devices[CALLERS // 2 :]) as two:
            found = _pairs((one, two), pairs)
            if max(found.ratios) > SPREAD_MAX * min(found.ratios):
                found = _pairs((one, two), pairs)
    commit_s = _commit_s(folder, env)
    limits = [GROUP / (GROUP / rate + commit_s) for rate in found.echo]
    ratios = [hall_rate / limit for hall_rate, limit in zip(found.hall, limits, strict=True)]
    where = "slow disk" if slow_fsync else "this disk"
    ratio = median(ratios)
    calls = called(folder / "hall" / "journal.db")
    doubles = sum(n - 1 for c in (Counter(found.labels), Counter(found.called), Counter(calls)) for n in c.values())
    note = f"echo {median(found.echo):.0f}/s, commit of {GROUP} p50 {commit_s * 1000:.2f} ms, spread {max(ratios) / min(ratios):.2f}x"
    return [
        Figure(f"32 callers, {where}", median(found.hall), "cmd/s", median(limits), ratio, BUDGET, at_least=True, note=note),
        Figure(
            f"duplicate labels and double calls, {where}", doubles, "", 0, float(doubles), 0.0, at_least=False,
            note=f"{len(found.labels)} tickets, {len(calls)} calls, every {AGAIN}th command sent twice",
        ),
    ]  # fmt: skip


class _Found:
    def __init__(self) -> None:
        self.hall: list[float] = []
        self.echo: list[float] = []
        self.labels: list[str] = []
        self.called: list[str] = []

    @property
    def ratios(self) -> list[float]:
        return [h / e for h, e in zip(self.hall, self.echo, strict=True)]


def _pairs(loads: tuple[Load, Load], pairs: int) -> _Found:
    found = _Found()
    for number in range(pairs):
        names = ("hall", "echo") if number % 2 else ("echo", "hall")
        for name in names:
            for load in loads:
                load.ask(name, PAIR_S)
            answers = [load.answer() for load in loads]
            getattr(found, name).append(sum(a["count"] / a["seconds"] for a in answers))
            if name == "hall":
                found.labels = [label for a in answers for label in a["labels"]]
                found.called = [ticket for a in answers for ticket in a["called"]]
            refused = [text for a in answers for text in a["refused"]]
            if refused:
                raise ViknoError(f"{name}: {len(refused)} commands were refused or not answered: {refused[0]}")
    return found


def called(journal: Path) -> list[str]:
    """The ticket of every call, by windows that waited too: no reply tells of those."""
    with snapshot(journal) as connection:
        query = "SELECT json_extract(body, '$.facts.ticket') FROM event WHERE kind = 'ticket.called'"
        return [str(ticket) for ticket in connection.exec_driver_sql(query).scalars()]


def _commit_s(folder: Path, env: dict[str, str]) -> float:
    """p50 of a commit of 16 commands, in a process of its own where fsync is slowed."""
    code = (
        "import sys; from pathlib import Path; from statistics import median; from bench.commit import Disk\n"
        f"with Disk(Path(sys.argv[1])) as disk: print(median(disk.commit_s({GROUP}) for _ in range(150)))"
    )
    room = folder / "commit"
    environment = {**os.environ, **env, "PYTHONPATH": str(ROOT), "VIKNO_LOG": "error"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(room)], capture_output=True, text=True, env=environment, cwd=ROOT, check=True
    )
    return float(done.stdout.split()[-1])


def _slow_fsync(folder: Path) -> dict[str, str] | None:
    """A library that makes every fsync wait `SLOW_MS` first, as an SD card would; None where no C compiler is."""
    if shutil.which("cc") is None:
        print("bench: no C compiler: the slow disk is not measured", file=sys.stderr)
        return None
    source, library = ROOT / "bench" / "slow_fsync.c", folder / "slow_fsync.so"
    subprocess.run(["cc", "-shared", "-fPIC", f"-DMS={SLOW_MS}", "-o", str(library), str(source), "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}
