"""`simulators.swipe` as a process: a reader of machine-readable zones at the other end of a pseudo terminal."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[1]


@dataclass
class Swiper:
    """`simulators.swipe` on its pty."""

    folder: Path
    process: subprocess.Popen[str] | None = field(default=None)

    def start(self, frame: str = "desko") -> str:
        """The line's address for the product."""
        words = [sys.executable, "-m", "simulators.swipe", "--dir", str(self.folder), "--frame", frame]
        self.process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], 20)[0], "the swiper did not start"
        said = json.loads(self.process.stdout.readline())
        return f"serial://{said['line']}?frame={frame}"

    def order(self, **order: Any) -> None:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(self.folder / "mrz-control"))
            line.sendall(json.dumps(order).encode() + b"\n")
            answer = json.loads(line.makefile().readline())
        assert "error" not in answer, answer

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
            assert self.process.stdout is not None
            self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
