"""A kiosk process with fingers: what the tests of the whole screen share."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from runtime.link import Broker
from tests.halls import KIOSK
from tests.kiosk_hall import SmallHall
from tests.printing import SimPrinter
from tests.until import until

ROOT = Path(__file__).parents[1]
REACTION_S = 0.25
"""A touch sooner after a change of screen is not meant for it: see `kiosk.model.SETTLE_S`."""


def offscreen(folder: Path) -> dict[str, str]:
    """The environment of a Kivy process without a display or a GPU; Mesa's drawing threads would keep a scene of memory each."""
    software = {"SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1", "LP_NUM_THREADS": "0"}
    return {**os.environ, **software, "KIVY_HOME": str(folder)}


def configuration(folder: Path, broker: Broker, printer_port: int) -> Path:
    """A kiosk's file in `folder`, its data beside it."""
    file = folder / "kiosk.toml"
    file.write_text(
        f'data = "{folder / "data"}"\n'
        f'[broker]\nhall = "{broker.hall}"\ndev = "{broker.dev}"\nhost = "{broker.host}"\nport = {broker.port}\n'
        f'ca = "{broker.ca}"\ncert = "{broker.cert}"\nkey = "{broker.key}"\n'
        f'[printer]\nurl = "tcp://127.0.0.1:{printer_port}"\n[screen]\nwidth = 540\nheight = 960\n'
    )
    return file


class Glass:
    """`python -m simulators.screen_host kiosk` for one hall and printer, off-screen."""

    def __init__(self, hall: SmallHall, printer: SimPrinter, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        config = configuration(folder, hall.broker(KIOSK), printer.port)
        self.ledger_file = folder / "touches.jsonl"
        command = [sys.executable, "-m", "simulators.screen_host", "--ledger", str(self.ledger_file), "kiosk"]
        self.process = subprocess.Popen(
            [*command, "--config", str(config)], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=offscreen(folder)
        )

    def __enter__(self) -> Self:
        assert self.process.stdout is not None
        port = json.loads(self.process.stdout.readline())["port"]
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        self._answers = self._socket.makefile("r")
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._answers.close()
        self._socket.close()
        self.process.terminate()
        assert self.process.wait(60) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()

    def ask(self, **what: object) -> dict[str, Any]:
        """One line to the fingers, and its answer."""
        return self.say(json.dumps(what).encode())

    def say(self, line: bytes) -> dict[str, Any]:
        """Raw bytes to the fingers, and the answer."""
        self._socket.sendall(line + b"\n")
        answer: dict[str, Any] = json.loads(self._answers.readline())
        return answer

    def screen(self) -> str:
        """The name of the screen."""
        return str(self.ask(controls=True)["screen"])

    def reads(self, text: str) -> bool:
        """Whether `text` stands on the screen."""
        return any(text in words for words in self.ask(controls=True)["words"])

    def sees(self, screen: str) -> None:
        """Wait for a screen."""
        until(lambda: self.screen() == screen, screen)

    def press(self, key: str, then: str) -> None:
        """Tap what has stood for a moment; once more after a second in which the screen `then` did not come."""
        tap_at = time.monotonic() + REACTION_S

        def pressed() -> bool:
            nonlocal tap_at
            seen = self.ask(controls=True)
            if seen["screen"] == then:
                return True
            if time.monotonic() >= tap_at and any(control["key"] == key for control in seen["controls"]):
                self.touch(2, tap=key)
                tap_at = time.monotonic() + 1.0
            return False

        until(pressed, then)

    def rss_mib(self) -> float:
        """Memory of the process, resident."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def touch(self, events: int, **what: object) -> None:
        """A line that makes so many events; returns when Kivy has been given them, or the screen has no such control any more."""
        before = len(self.ledger())
        if "error" not in self.ask(**what):
            until(lambda: len(self.ledger()) >= before + events, f"a finger: {what}")

    def ledger(self) -> list[dict[str, Any]]:
        """The touches that Kivy was given."""
        lines = self.ledger_file.read_text().splitlines(keepends=True) if self.ledger_file.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]
