"""A running hall for tests: a real mosquitto, the coordinator as a process, and certified peers that say anything."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from broker_config.broker import Broker
from contract import messages as m
from contract import pin, topics
from contract.hall import Hall
from contract.hall_part import Box, Unit
from contract.topics import Topic
from contract.words import Role
from runtime import link
from runtime.asker import new_id
from runtime.box import Box as BoxLink
from runtime.box import Occurrence
from runtime.link import Delivery, Link, Received
from tests.small_hall import OPERATORS, hall, parts
from tests.until import until

ROOT = Path(__file__).resolve().parents[1]
DEADLINE_S = 60.0
MORNING = "2026-03-17T10:00:00+06:00"
"""Hall time when the coordinator was configured: a Tuesday in the small hall, an hour after it opened."""
PINS = {operator: f"pin-{operator}-7302914" for operator in OPERATORS.values()}
TABLES = (
    "event",
    "day",
    "window",
    "ticket",
    "leg",
    "series",
    "notice",
    "booking",
    "person",
    "heard",
    "payment",
    "cassette",
    "balance",
)
"""What a bad message must leave alone; `cmd_seen` besides, where the command could not be read."""

BOXES = (
    Box(id="kiosk-1", kind=Role.KIOSK),
    Box(id="kiosk-2", kind=Role.KIOSK),
    Box(id="board-1", kind=Role.BOARD),
    Box(id="display-1", kind=Role.DISPLAY, units=(Unit(id="disp-1", window="W1"),)),
    Box(
        id="bridge-1",
        kind=Role.BRIDGE,
        units=tuple(Unit(id=f"pad-{n}", window=f"W{n}", keys=1) for n in range(1, 5)),
    ),
    Box(id="console-1", kind=Role.CONSOLE),
)
STRANGER = Box(id="kiosk-9", kind=Role.KIOSK)
"""Certified and in the broker's registry, but not in the hall document."""


@lru_cache
def rigged(**rules: Any) -> Hall:
    """The small hall with boxes and operators whose PINs are `PINS`."""
    people = [
        {**o, "pin_hash": pin.hashed(PINS[o["id"]], b"salt of the rig.")} if o["id"] in PINS else o
        for o in parts("operators")
    ]
    boxes = [box.model_dump(mode="json") for box in BOXES]
    return hall(rules={"ticket.last_before_close_min": 0, **rules}, boxes=boxes, operators=people)


@lru_cache(4096)
def _read(payload: bytes) -> m.AnyMessage:
    return m.decode(payload, m.MAX_CFG_BYTES)


class Peer:
    """One certified box on the wire, without the product's care: it says any bytes and remembers everything it hears."""

    def __init__(self, broker: link.Broker, role: Role, zones: Sequence[str] = ("front", "back")) -> None:
        self.dev, self.heard = broker.dev, list[Received]()
        rows = [row for row in topics.TOPICS if role in row.hears]
        places = [(row, zone) for row in rows for zone in (zones if "{zone}" in row.pattern else ("",))]
        names = [(row.at(broker.hall, broker.dev, zone), row.qos) for row, zone in places]
        self.link = Link(broker, names, on_message=self.heard.append)
        self.link.start()
        until(lambda: self.link.up, f"{broker.dev} did not connect")

    def say(self, topic: Topic, message: m.Message | bytes, *, dev: str = "", retained: bool = False) -> None:
        """Publish a message or raw bytes as it is."""
        payload = message if isinstance(message, bytes) else m.encode(message)
        self.link.publish(replace(topic, retained=retained or topic.retained), payload, dev=dev)

    def delivered(self, topic: Topic, payload: bytes, *, dev: str = "") -> Delivery:
        """Publish and wait for what became of it."""
        done: list[Delivery] = []
        self.link.publish(topic, payload, dev=dev, on_done=done.append)
        found: Delivery = until(lambda: done, "no word of the delivery")[0]
        return found

    def ask(self, command: m.Command, again_s: float = 0.3) -> Any:
        """Ask by the same id until the reply comes."""
        asked_at = 0.0
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            if time.monotonic() - asked_at > again_s:
                asked_at = time.monotonic()
                self.say(topics.asked_on(command), command)
            if found := self.replies(command.id):
                return found[0]
            time.sleep(0.002)
        raise AssertionError(f"no reply to {command.id}")

    def ok(self, command: m.Command) -> Any:
        """Ask; the answer must not be a refusal."""
        reply = self.ask(command)
        assert not isinstance(reply, m.Refused), reply
        return reply

    def replies(self, command: str) -> list[Any]:
        """All replies to a command so far."""
        return [r for r in self.of(*m.AnyReply.__args__) if r.re == command]

    def of(self, *kinds: type[m.Message]) -> list[Any]:
        """Messages heard of these kinds, in order."""
        return [found for r in list(self.heard) if isinstance(found := _read(r.payload), kinds)]

    def last(self, kind: type[m.Message], **fields: Any) -> Any:
        """The newest of a kind whose fields are these, None where there is none."""
        found = [x for x in self.of(kind) if all(getattr(x, k) == v for k, v in fields.items())]
        return found[-1] if found else None


class HallRig:
    """The hall in `folder`; a context manager that starts broker and coordinator and ends everything."""

    def __init__(
        self,
        folder: Path,
        document: Hall | None = None,
        *,
        journal: Path | None = None,
        room_mib: int = 1,
        speed: float = 1.0,
    ):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.hall = folder, document or rigged()
        self.broker = Broker(folder / "broker", self.hall.id, (*self.hall.boxes, STRANGER))
        self.journal = journal or folder / "journal.db"
        self.log = folder / "coordinator.log"
        self.config = folder / "coordinator.toml"
        self.process: subprocess.Popen[bytes] | None = None
        self._room_mib, self._speed = room_mib, speed
        self._peers: dict[str, Peer] = {}
        self._boxes: list[BoxLink] = []

    def __enter__(self) -> Self:
        try:
            self.broker.start()
            self.configure()
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        for box in self._boxes:
            box.stop()
        for peer in self._peers.values():
            peer.link.stop()
        self.kill()
        self.broker.stop()

    # --- the coordinator ---------------------------------------------------------------------------------------------

    def configure(self, **changes: str) -> None:
        """Write the hall document and the TOML file; `changes` replace lines by key."""
        document = self.folder / "hall.json"
        document.write_text(self.hall.model_dump_json(), encoding="utf-8")
        settings = self.settings("coordinator")
        head = {"hall": f'"{document}"', "journal": f'"{self.journal}"', "room_mib": str(self._room_mib)}
        broker = {name: f'"{getattr(settings, name)}"' for name in ("hall", "dev", "host", "ca", "cert", "key")}
        broker["port"] = str(settings.port)
        pace = {"speed": str(self._speed), "anchor": MORNING, "wall_anchor": datetime.now(UTC).isoformat()}
        sections = [("", head), ("[broker]", broker), ("[time]", pace)]
        lines = []
        for title, keys in sections:
            lines += [title, *(f"{key} = {changes.get(f'{title}{key}', value)}" for key, value in keys.items())]
        self.config.write_text("\n".join(lines), encoding="utf-8")

    def start(self) -> None:
        """Start the coordinator and wait until it beats."""
        before = self.said("link.up")
        self.launch()
        until(lambda: self.said("link.up") > before or self._ended(), "the coordinator did not start")
        assert not self._ended(), self.log.read_text()[-3000:]

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the coordinator; nothing is waited for."""
        env = {**os.environ, "PYTHONPATH": str(ROOT), "VIKNO_LOG": "info"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "coordinator", "--config", str(self.config)], env=env, cwd=ROOT, stdout=log, stderr=log
            )  # fmt: skip
        return self.process

    def kill(self) -> None:
        """SIGKILL; nothing happens when it does not run."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(DEADLINE_S)

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    # --- looking -----------------------------------------------------------------------------------------------------

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The coordinator's log lines of an event."""
        if not self.log.exists():
            return []
        said = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        entries = [json.loads(line) for line in said if line.startswith("{") and line.endswith("}")]
        return [entry for entry in entries if entry.get("event") == event]

    def said(self, event: str) -> int:
        """How often the coordinator logged it."""
        return len(self.lines(event))

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """All rows of a table, read beside the coordinator."""
        with closing(sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()

    def state(self, *more: str) -> dict[str, list[tuple[Any, ...]]]:
        """The tables a bad message must not change, and `more`; without the boxes' faults, which come by time alone."""
        found = {table: self.rows(table) for table in (*TABLES, *more)}
        found["event"] = [row for row in found["event"] if not row[3].startswith("device.")]
        return found

    # --- boxes -------------------------------------------------------------------------------------------------------

    def settings(self, dev: str) -> link.Broker:
        """The link settings of a box."""
        files = self.broker.credentials(dev)
        return link.Broker(self.hall.id, dev, self.broker.host, self.broker.port, files.ca, files.cert, files.key)

    def peer(self, dev: str) -> Peer:
        """The box on the wire, connected; the same one at the second asking."""
        if dev not in self._peers:
            role = (self.hall.box_by_id.get(dev) or STRANGER).kind
            self._peers[dev] = Peer(self.settings(dev), role)
        return self._peers[dev]

    def box(
        self, dev: str, rows: Sequence[Topic] = (), zones: Sequence[str] = (), **more: Any
    ) -> tuple[BoxLink, list[Any]]:
        """The box as the product has it, started, and the list of what it was told."""
        told: list[Occurrence] = []
        box = BoxLink(self.settings(dev), self.hall.box_by_id[dev].kind, rows, told.append, zones=zones, **more)
        box.start()
        self._boxes.append(box)
        return box, told

    def staff(self, *windows: str) -> None:
        """Log the operators in and open their windows."""
        console = self.peer("console-1")
        for window in windows:
            who = OPERATORS[window]
            console.ok(m.WindowLogin(id=new_id(), window=window, operator=who, pin=PINS[who]))
            console.ok(m.WindowOpen(id=new_id(), window=window))

    def issue(self, dev: str = "kiosk-1", service: str = "advice", **more: Any) -> Any:
        """A paperless ticket."""
        return self.peer(dev).ok(m.TicketIssue(id=new_id(), service=service, lang="en", paper=False, **more))

    def settle(self, dev: str = "kiosk-1") -> None:
        """Return when the coordinator has done all that `dev` said before: a question whose answer changes nothing."""
        reply = self.peer(dev).ask(m.TicketCancel(id=new_id("settle"), ticket="nobody"), again_s=DEADLINE_S)
        assert isinstance(reply, m.Refused)
