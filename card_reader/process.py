"""The reading process, from outside: started, spoken to line by line, ended or killed."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from typing import Any

import structlog

from runtime.supervise import crash

log = structlog.get_logger(__name__)
LINE = 1 << 18
"""A photo of 64 KiB in base64, and room."""
WAITING = 256


class WorkerProcess:
    """One process and the thread that hears it. `told`: progress and outcomes in order; None at its end."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.told: queue.Queue[dict[str, Any] | None] = queue.Queue(maxsize=WAITING)
        self.scene: dict[str, Any] = {"service": False, "readers": 0, "model": ""}
        self.blocks: list[list[Any]] = settings["blocks"]
        self.looked = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "card_reader.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._thread = threading.Thread(target=crash(self._hear), name="card-worker", daemon=True)
        self._thread.start()
        self.send(settings)

    @property
    def alive(self) -> bool:
        """It runs and can be heard."""
        return self._process.poll() is None and self._thread.is_alive()

    def send(self, order: dict[str, Any]) -> bool:
        """False: it is gone."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
        except (OSError, ValueError):
            return False
        return True

    def kill(self) -> None:
        """At once: it hangs in a reader that does not answer."""
        self._process.kill()
        self.stop()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Lets it end, kills it if it does not; twice is fine."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError:
            log.debug("card_worker.gone")
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout_s)
        self._thread.join(timeout_s)

    def _hear(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stdout:
            while line := stdout.readline(LINE):
                self._take(line)
        self._put(None)

    def _take(self, line: str) -> None:
        try:
            told = json.loads(line)
        except ValueError:
            log.warning("card_worker.babbles")
            return
        match told.get("t"):
            case "scene":
                self.scene = told
                self.looked.set()
            case "learned":
                self.blocks = told["blocks"]
            case _:
                self._put(told)

    def _put(self, told: dict[str, Any] | None) -> None:
        """The oldest goes where nobody takes them: progress is told again."""
        while True:
            try:
                self.told.put_nowait(told)
            except queue.Full:
                try:
                    self.told.get_nowait()
                except queue.Empty:
                    continue
            else:
                return
