"""`vikno doctor`: fault, likely cause and next step for every device of a hall; 1 where a person is needed."""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from consoles.doctor import Evidence, document, examine, lines
from contract import messages as m
from contract import topics
from contract.errors import ConfigError, PermanentDeviceError, TransientDeviceError, ViknoError
from contract.hall import Hall
from contract.hints import HINTS
from contract.words import Role
from runtime import config, logs
from runtime.box import Box, Heard, LinkDown, LinkUp, Occurrence, fault_of
from runtime.config import BrokerSection, Section
from runtime.freshness import Freshness
from runtime.link import Broker

CONNECT_S = 6.0
"""Longest wait for the broker."""
PATIENCE_S = 12.0
"""Longest wait for all: four heartbeats, and more than a coordinator needs to be started again."""


class Options(Section):
    """The doctor's TOML file: its own certificate, as another program's would take the connection away from it."""

    broker: BrokerSection


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which hall, and for whom."""
    parser.add_argument(
        "--config", type=Path, required=True, help="TOML file with [broker] and a console's certificate of its own"
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """0 when nothing needs a person, 1 when something does.

    Raises: ViknoError: a wrong file, no broker, or a hall that does not know this console; told with its next step, exit code 2.
    """
    logs.configure("doctor", level="error")
    broker = config.read(args.config, Options).broker.broker()
    _files_there(args.config, broker)
    report = examine(listen(broker, _progress))
    if args.json:
        print(json.dumps(document(report), indent=1, ensure_ascii=False))
    else:
        width = shutil.get_terminal_size((120, 24)).columns
        print("\n".join(lines(report, width, colour=sys.stdout.isatty())))
    return 1 if report.needs_person else 0


def listen(broker: Broker, say: Callable[[str], None]) -> Evidence:
    """What the hall says within `PATIENCE_S`, sooner when the coordinator is there; `say` is told what is waited for.

    Raises: TransientDeviceError: no broker. PermanentDeviceError: the broker refuses the certificate. ViknoError: the
        connection broke, as where another program uses the certificate, or the hall document has no such console.
    """
    visit = Visit()
    end = time.monotonic() + PATIENCE_S
    with _connected(broker, visit) as box:
        say(f"connecting to {broker.host}:{broker.port} as {broker.dev}, at most {CONNECT_S:g} s")
        if not visit.until(lambda: visit.linked, CONNECT_S):
            raise _unreachable(broker, visit.down)
        say(f"waiting for the coordinator's heartbeat, at most {PATIENCE_S:g} s")
        if visit.until(lambda: visit.alive or visit.down, end - time.monotonic()) and not visit.down:
            say("waiting for what it knows of the boxes")
            visit.until(lambda: visit.evidence(broker.dev).confirmed or visit.down, end - time.monotonic())
        denied = "subscription refused" in box.link.counters.by_fault
    return _believed(visit, broker, denied=denied)


class Visit:
    """What was heard so far; told by the link's thread, read by the command's."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.RLock())
        self._freshness = Freshness(time.monotonic())
        self._hall: Hall | None = None
        self._view: m.ConsolesView | None = None
        self.linked = False
        self.down = ""
        """Why there was no link, or why it broke; "" while the first one holds."""

    def take(self, occurrence: Occurrence) -> None:
        """From any thread: something happened on the link."""
        with self._changed:
            match occurrence:
                case Heard(message=m.Cfg(hall=hall)):
                    self._hall = hall
                case Heard(message=m.ConsolesView() as view):
                    self._view = view
                case Heard(message=m.Heartbeat() as beat, retained=retained):
                    self._freshness.heard(beat, retained=retained, now=time.monotonic())
                case LinkUp():
                    self.down = self.down if self.linked else ""
                    self.linked = True
                case LinkDown(reason=reason):
                    self.down = reason or "connection lost"
                case _:
                    pass  # asked to show which one it is, it has nothing to show
            self._changed.notify_all()

    def until(self, true: Callable[[], object], timeout_s: float) -> bool:
        """Wait until it is true; False where the time is over first."""
        with self._changed:
            return bool(self._changed.wait_for(true, max(0.0, timeout_s)))

    @property
    def alive(self) -> bool:
        """Whether a heartbeat was heard live."""
        return self._freshness.heard_at is not None

    def evidence(self, me: str) -> Evidence:
        """All of it, now."""
        with self._changed:
            age_s = self._freshness.age_s(time.monotonic()) if self.alive else None
            return Evidence(me, self._hall, self._view, self._freshness.last, age_s)


@contextlib.contextmanager
def _connected(broker: Broker, visit: Visit) -> Iterator[Box]:
    box = Box(broker, Role.CONSOLE, [topics.DOWN_VIEW, topics.DOWN_CFG], visit.take)
    box.start()
    try:
        yield box
    finally:
        box.stop()


def _believed(visit: Visit, broker: Broker, *, denied: bool) -> Evidence:
    """The evidence, unless it says more of this console than of the hall."""
    evidence = visit.evidence(broker.dev)
    if evidence.confirmed:
        return evidence
    if visit.down:
        raise ViknoError(
            f"the broker ended the connection of {broker.dev} ({visit.down}): it was stopped, or another program connects with "
            "the same certificate: give the doctor one of its own"
        )
    if denied or (visit.alive and evidence.view is None):
        raise ViknoError(
            f"the hall has no console {broker.dev}: put it into `boxes` of the hall document as kind console, "
            "then vikno broker reload, and restart the coordinator"
        )
    return evidence


def _unreachable(broker: Broker, reason: str) -> ViknoError:
    where = f"{broker.dev} at {broker.host}:{broker.port} ({reason or 'no answer'})"
    fault = fault_of(reason)
    error = PermanentDeviceError if fault == "certificate_refused" else TransientDeviceError
    return error(where, fault, f"{HINTS[fault].cause}; next: {HINTS[fault].step}")


def _files_there(file: Path, broker: Broker) -> None:
    for key, path in (("ca", broker.ca), ("cert", broker.cert), ("key", broker.key)):
        if not path.is_file():
            raise ConfigError(file, None, f"broker.{key}", str(path), "a PEM file that is there")


def _progress(words: str) -> None:
    print(f"… {words}", file=sys.stderr, flush=True)
