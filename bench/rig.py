"""What every measurement stands on: a hall with a real broker, its coordinator as a process, and an echo service beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from broker_config.broker import Broker
from contract import hall as hall_document
from contract import messages as m
from contract.hall import Hall
from contract.hall_part import Box, Unit
from contract.topics import Topic
from contract.words import Role
from coordinator.hall_command import template
from demo.process import ROOT, DemoError
from runtime import link
from runtime.asker import Unanswered
from runtime.box import Box as BoxLink
from runtime.box import Heard

CALLERS = 32
PROBE, CONSOLE, WEB, ASKER, BOARD = "probe", "console-1", "console-2", "console-3", "board-1"
READY_S = 30.0


def hall_of(name: str) -> Hall:
    """A template with the bench's boxes: a pad for every window, callers that press and callers that issue."""
    base = template(name)
    pads = tuple(Unit(id=f"pad-{w.id}", window=w.id, keys=1) for w in base.windows)
    callers = tuple(_caller(n, base) for n in range(CALLERS))
    boxes = (
        Box(id=PROBE, kind=Role.BRIDGE, units=pads),
        *(Box(id=name, kind=Role.CONSOLE) for name in (CONSOLE, WEB, ASKER)),
        Box(id=BOARD, kind=Role.BOARD),
        *callers,
    )
    rules = {**base.rules, "call.double_press_s": 0, "ticket.last_before_close_min": 0}
    return hall_document.load(base.model_copy(update={"boxes": boxes, "rules": rules}).model_dump_json())


def _caller(number: int, hall: Hall) -> Box:
    """Even callers press at a window of their own, odd ones issue."""
    if number % 2:
        return Box(id=f"caller-{number}", kind=Role.KIOSK)
    window = hall.windows[number // 2 % len(hall.windows)]
    return Box(id=f"caller-{number}", kind=Role.BRIDGE, units=(Unit(id=f"unit-{number}", window=window.id, keys=1),))


class Rig:
    """One hall's broker and service in `folder`; `service`: "coordinator" or "echo"."""

    def __init__(
        self, folder: Path, service: str, *, hall: Hall | None = None, env: dict[str, str] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.service = folder, service
        self.hall = hall or hall_of("kz-con")
        self.broker = Broker(folder / "broker", self.hall.id, self.hall.boxes)
        self._env = {**os.environ, "PYTHONPATH": str(ROOT), "VIKNO_LOG": "warning", **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._links: list[BoxLink] = []
        self.journal = folder / "journal.db"

    def __enter__(self) -> Self:
        self.broker.start()
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        for box in self._links:
            box.stop()
        self.kill()
        self.broker.stop()

    def start(self) -> subprocess.Popen[bytes]:
        """Start the service; it is not waited for."""
        module = "coordinator" if self.service == "coordinator" else "bench.echo"
        with (self.folder / "service.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, "--config", str(self._config())],
                env=self._env, cwd=ROOT, stdout=log, stderr=log,
            )  # fmt: skip
        return self._process

    def kill(self) -> None:
        """SIGKILL the service."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        """The service's process."""
        if self._process is None:
            raise DemoError(f"{self.service} was not started")
        return self._process.pid

    def settings(self, dev: str) -> link.Broker:
        """The link settings of one box."""
        files = self.broker.credentials(dev)
        return link.Broker(self.hall.id, dev, self.broker.host, self.broker.port, files.ca, files.cert, files.key)

    def box(
        self,
        dev: str,
        rows: Sequence[Topic] = (),
        tell: Callable[[Heard], None] = lambda _heard: None,
        zones: Sequence[str] = (),
    ) -> BoxLink:
        """A connected box that `tell`s what it hears."""
        kind = self.hall.box_by_id[dev].kind
        box = BoxLink(self.settings(dev), kind, rows, lambda o: tell(o) if isinstance(o, Heard) else None, zones=zones)
        box.start()
        self._links.append(box)
        wait(lambda: box.link.up, f"{dev} did not connect")
        return box

    def _config(self) -> Path:
        anchor = opening_of(self.hall) + timedelta(hours=1)
        settings = self.settings("coordinator")
        broker = "\n".join(f'{k} = "{getattr(settings, k)}"' for k in ("hall", "dev", "host", "ca", "cert", "key"))
        document = self.folder / "hall.json"
        document.write_text(self.hall.model_dump_json(), encoding="utf-8")
        file = self.folder / "service.toml"
        file.write_text(
            f'hall = "{document}"\njournal = "{self.journal}"\n[broker]\n{broker}\nport = {settings.port}\n'
            f"[time]\nspeed = 1.0\nanchor = {anchor.isoformat()}\nwall_anchor = {datetime.now(UTC).isoformat()}\n",
            encoding="utf-8",
        )
        return file


def opening_of(hall: Hall) -> datetime:
    """The opening of the bench's day, UTC."""
    opening = hall.next_opening(datetime(2026, 3, 2, tzinfo=UTC))
    if opening is None:
        raise DemoError("the hall never opens")
    return opening.astimezone(UTC)


def ask(box: BoxLink, command: m.Command, timeout_s: float = 15.0) -> m.AnyReply:
    """Ask and wait. Raises: DemoError: no answer."""
    answered = threading.Event()
    answers: list[Any] = []

    def take(answer: Any) -> None:
        answers.append(answer)
        answered.set()

    box.ask(command, take, life_s=timeout_s)
    if not answered.wait(timeout_s + 1) or isinstance(answers[0], Unanswered):
        raise DemoError(f"no answer to {command.id}")
    reply: m.AnyReply = answers[0]
    return reply


def wait_service(rig: Rig) -> None:
    """Wait until the service answers at all."""
    ask(rig.box(PROBE), m.CallNext(id="first", unit=f"pad-{rig.hall.windows[0].id}"), READY_S)


def open_windows(rig: Rig, windows: Sequence[str]) -> None:
    """Log an operator in at each window and open it."""
    console = rig.box(CONSOLE)
    operators = dict(zip((w.id for w in rig.hall.windows), rig.hall.operators, strict=False))
    for number, window in enumerate(windows):
        pin = f"10{rig.hall.window_by_id[window].number:02d}"
        login = m.WindowLogin(id=f"in-{number}", window=window, operator=operators[window].id, pin=pin)
        for command in (login, m.WindowOpen(id=f"open-{number}", window=window)):
            reply = ask(console, command)
            if isinstance(reply, m.Refused):
                raise DemoError(f"{window}: {reply.text}")


def wait(true: Callable[[], bool], what: str, timeout_s: float = READY_S) -> None:
    """Poll until true. Raises: DemoError."""
    deadline = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > deadline:
            raise DemoError(what)
        time.sleep(0.002)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie; nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing beside its limit. `good`: whether the budget holds; `at_least`: the ratio must not be below.

    `budget` None: told without one, `limit` and `ratio` mean nothing.
    """

    name: str
    value: float
    unit: str
    limit: float
    ratio: float
    budget: float | None
    at_least: bool
    note: str = ""

    @classmethod
    def plain(cls, name: str, value: float, unit: str, note: str) -> Self:
        """A figure without a limit."""
        return cls(name, value, unit, 0.0, 0.0, None, at_least=False, note=note)

    @property
    def good(self) -> bool:
        """Within the budget."""
        if self.budget is None:
            return True
        return self.ratio >= self.budget if self.at_least else self.ratio <= self.budget

    def row(self) -> dict[str, Any]:
        """For --json."""
        return {name: getattr(self, name) for name in self.__slots__} | {"good": self.good}


def dump(figures: Sequence[Figure]) -> str:
    """All figures as JSON."""
    return json.dumps([f.row() for f in figures], indent=1)
