"""A machine for the whole story: the first run's page, then what it says to start, and a kiosk that takes tickets."""

from __future__ import annotations

import json
import queue
import re
import subprocess
import sys
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from contract import messages as m
from contract import topics
from contract.words import Role
from demo.process import free_port
from runtime.asker import Answer, new_id
from runtime.box import Box, Heard
from runtime.link import Broker
from tests.consoles_site import ROOT
from tests.until import until


class Kiosk:
    """The product's box as a kiosk has it, without a screen: tickets without paper."""

    def __init__(self, folder: Path, hall: str, dev: str, port: int) -> None:
        files = folder / "pki/boxes" / dev
        broker = Broker(hall, dev, "127.0.0.1", port, files / "ca.crt", files / "box.crt", files / "box.key")
        self._heard: queue.Queue[object] = queue.Queue()
        self._answers: queue.Queue[Answer] = queue.Queue()
        self.box = Box(broker, Role.KIOSK, [topics.DOWN_VIEW, topics.DOWN_CFG], self._heard.put)
        self.box.start()
        until(lambda: isinstance(self._heard.get(timeout=60), Heard))

    def issue(self, service: str) -> str:
        """Its label."""
        self.box.ask(m.TicketIssue(id=new_id(), service=service, lang="uk", paper=False), self._answers.put)
        answer = self._answers.get(timeout=60)
        assert isinstance(answer, m.Issued), answer
        return answer.label


class Machine:
    """The processes in `folder`. A context manager that ends them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self._running = folder, free_port(), dict[str, subprocess.Popen[bytes]]()
        self._commands = dict[str, list[str]]()
        self._boxes: list[Box] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        for box in self._boxes:
            box.stop()
        for process in reversed(self._running.values()):
            process.terminate()
        for process in self._running.values():
            process.wait(60)

    def first_run(self) -> str:
        """Start `vikno first-run`; the address of its page."""
        words = ["-m", "vikno", "first-run", str(self.folder / "hall"), "--web-port", "0", "--port", str(self.port)]
        self._start("first-run", [sys.executable, *words])
        return self._address("first-run")

    def start_hall(self, page: str, now: datetime) -> str:
        """End the first run and start what its page says, hall time being `now`; the consoles' address."""
        self.stop("first-run")
        config = self.folder / "hall/consoles/consoles.toml"
        config.write_text(re.sub(r"(?m)^port = \d+\n\Z", "port = 0\n", config.read_text("utf-8")), "utf-8")
        for command in re.findall(r"<code class=\"code\"><b>([^<]*)</b>", page):
            program, *rest = unescape(command).split()
            name = rest[1] if program == "python" else program
            self._commands[name] = [sys.executable if program == "python" else program, *rest]
        self._start("mosquitto", self._commands["mosquitto"])
        self.day(now)
        self._start("consoles", self._commands["consoles"])
        address = self._address("consoles")
        until(lambda: httpx.get(address).status_code == 200, deadline_s=30)
        return address

    def day(self, now: datetime) -> None:
        """The coordinator starts anew, hall time being `now`."""
        self.stop("coordinator")
        config = self.folder / "hall/coordinator/coordinator.toml"
        text = config.read_text("utf-8").partition("[time]")[0]
        time = f"[time]\nanchor = {now.isoformat()}\nwall_anchor = {datetime.now(UTC).isoformat()}\n"
        config.write_text(text + time, "utf-8")
        self._start("coordinator", self._commands["coordinator"])

    def kiosk(self, hall: str, dev: str = "kiosk-1") -> Kiosk:
        """A kiosk, connected."""
        one = Kiosk(self.folder / "hall", hall, dev, self.port)
        self._boxes.append(one.box)
        return one

    def stop(self, name: str) -> None:
        """End a process; nothing happens when it does not run."""
        if (process := self._running.pop(name, None)) is not None:
            process.terminate()
            process.wait(60)

    def _start(self, name: str, words: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log)

    def _address(self, name: str) -> str:
        log = self.folder / f"{name}.log"

        def told() -> str:
            assert self._running[name].poll() is None, log.read_text("utf-8")
            lines = [line for line in log.read_text("utf-8").splitlines() if "consoles.ready" in line]
            return str(json.loads(lines[0])["address"]).rstrip("/") if lines else ""

        until(told, deadline_s=60)
        return told()
