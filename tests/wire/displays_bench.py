"""The simulated displays as tests use them: started as the program they are, asked over their control socket."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

DEADLINE_S = 60.0


class Simulator:
    """`python -m simulators.display` as a child; a context manager."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        words = [sys.executable, "-m", "simulators.display", "--dir", str(folder)]
        for name in names:  # ID[=KIND[@CABLE[:ADDRESS]]]
            words += ["--display", name]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], DEADLINE_S)[0], "the simulator did not start"
        self.said = json.loads(self.process.stdout.readline())

    def __enter__(self) -> Simulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(DEADLINE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def url(self, name: str) -> str:
        return f"serial://{self.said['displays'][name]}"

    def ask(self, **request: str) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(DEADLINE_S)
            line.connect(self.said["control"])
            line.sendall(json.dumps(request).encode() + b"\n")
            with line.makefile("r") as answers:
                answer: dict[str, Any] = json.loads(answers.readline())
                return answer

    def cells(self, name: str) -> list[str]:
        return list(self.ask(read=name)["cells"])

    def ledger(self, name: str) -> list[dict[str, Any]]:
        lines = Path(self.said["ledger"]).read_text("utf-8").splitlines()
        return [entry for entry in map(json.loads, lines) if entry["display"] == name and "cells" in entry]

    def write(self, name: str, data: bytes) -> None:
        """Put bytes on the display's cable, past the product."""
        port = os.open(self.said["displays"][name], os.O_WRONLY | os.O_NOCTTY)
        try:
            os.write(port, data)
        finally:
            os.close(port)
