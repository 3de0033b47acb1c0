"""Child processes of the demo: started, killed, started again as systemd would, and never left behind."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from contract.errors import ViknoError

ROOT = Path(__file__).resolve().parent.parent
RESTART_S = 1.0
"""As systemd does with RestartSec=1."""

_PR_SET_PDEATHSIG = 1


class DemoError(ViknoError):
    """The demo cannot go on; the text says which process and where its log is."""


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass(slots=True)
class Child:
    """One process: its command, its log file, and how often it ended by itself."""

    name: str
    args: Sequence[str]
    log: Path
    env: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    restart: bool = True
    starts: int = 0
    killed: int = 0
    ended_at: float | None = None
    exit_codes: list[int] = field(default_factory=list)

    def start(self) -> None:
        """Start it; output goes to its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.args,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=dict(self.env),
                cwd=ROOT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self.starts += 1
        self.ended_at = None

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL: no goodbye, as a power cut would."""
        if self.alive and self.process is not None:
            self.killed += 1
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def watch(self, now: float) -> None:
        """Start it again `RESTART_S` after it ended."""
        if self.alive or self.process is None:
            return
        if self.ended_at is None:
            self.ended_at = now
            self.exit_codes.append(self.process.returncode)
        if self.restart and now - self.ended_at >= RESTART_S:
            self.start()

    def stop(self, timeout_s: float) -> None:
        """SIGTERM, then SIGKILL when it does not listen."""
        if self.process is None:
            return
        if self.alive:
            os.killpg(self.process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout_s)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # what it may have left behind in its session
        self.process.wait()


def announcements(log: Path) -> list[dict[str, Any]]:
    """The lines of JSON with which a simulator says where it listens."""
    said = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    entries = [json.loads(line) for line in said if line.startswith("{") and line.endswith("}")]
    return [entry for entry in entries if not entry.keys().isdisjoint(("port", "displays", "control_port"))]


def free_port() -> int:
    """A port of loopback that nobody has just now."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


class Processes:
    """All children; leaving the context stops them in the reverse order of their start."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self.children: dict[str, Child] = {}

    def start(
        self, name: str, module: str, *args: str, env: Mapping[str, str] | None = None, restart: bool = True
    ) -> Child:
        """Start `python -m module args` under `name`."""
        full = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT), **(env or {})}
        child = Child(name, (sys.executable, "-m", module, *args), self._logs / f"{name}.log", full, restart=restart)
        self.children[name] = child
        child.start()
        return child

    def watch(self) -> None:
        """Start again what ended."""
        now = time.monotonic()
        for child in self.children.values():
            child.watch(now)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in reversed(self.children.values()):
            child.restart = False
        for child in reversed(self.children.values()):
            child.stop(5.0)
