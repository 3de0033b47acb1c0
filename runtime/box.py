"""A box on the hall's broker: presence, commands and replies, retained truth with its age, dropped messages counted.

Every process but the coordinator and the region talks to the hall through one `Box`.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import structlog

from contract import messages as m
from contract import topics
from contract.errors import ContractError
from contract.topics import Address, Topic
from contract.words import Role
from runtime.asker import Answer, Asker, new_id
from runtime.clock import utc_now
from runtime.freshness import Freshness, Revisions
from runtime.link import Broker, Delivery, Link, Received, Will
from runtime.supervise import Troubles, crash

log = structlog.get_logger(__name__)

HEALTH_S = 30.0
_TICK_S = 0.5


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the hall that passed every check; `retained`: a copy met on connecting."""

    address: Address
    message: m.AnyMessage
    retained: bool


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Connected; retained truth follows."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The broker is gone."""

    reason: str


@dataclass(frozen=True, slots=True)
class Silent:
    """A command has had no reply for 2 s (or nobody listens): the coordinator is away. The asking goes on."""

    id: str


Occurrence = Heard | LinkUp | LinkDown | Silent


def program_version() -> str:
    """The installed version of Vikno; "0+checkout" when run from a source folder."""
    try:
        return version("vikno")
    except PackageNotFoundError:
        return "0+checkout"


def fault_of(reason: str) -> str:
    """The fault a broken link is told as. An alert of TLS (RFC 8446, 6.2) is the broker's word about our certificate."""
    words = reason.lower()
    return "certificate_refused" if "certificate" in words or "alert" in words else "broker_unreachable"


class Box:
    """One device's connection. `tell(Occurrence)` and answers are called in the link's thread and must not block.

    `subscribe`: rows of the topic table beyond down/rep, down/cmd and pub/hall. `zones`: for boards.
    `units`: what stands behind the box, set by its service, told with its health, at once when one comes or goes.
    `staged`, `runs`: revisions of the hall document, as in `Health`; one that `stages` a document until nobody is in
    the middle of something sets `runs` itself.
    `inc`, `ep`: the box's incarnation and boot epoch (`journal/outbox.py`), or random and 0 for a box without storage.
    """

    def __init__(
        self,
        broker: Broker,
        kind: Role,
        subscribe: Iterable[Topic],
        tell: Callable[[Occurrence], None],
        *,
        zones: Iterable[str] = (),
        inc: str = "",
        ep: int = 0,
        tick: Callable[[float], None] = lambda _now: None,
        stages: bool = False,
    ) -> None:
        self.broker, self.kind, self.inc, self.ep = broker, kind, inc or new_id("i"), ep
        self.troubles = Troubles(broker.dev)
        self.dropped: dict[str, int] = {}
        self.freshness = Freshness(time.monotonic())
        self.outbox_depth = 0
        self.units: dict[str, m.UnitHealth] = {}
        self.staged: int | None = None
        self.runs: int | None = None
        self._stages = stages
        self._revisions = Revisions()
        self._tell, self._tick = tell, tick
        self._asker = Asker(self._send_command, lambda key: self._tell(Silent(key)))
        self._asker_lock = threading.RLock()
        self._started = time.monotonic()
        self._health_at = 0.0
        self._faults_told: dict[str, datetime] = {}
        self._units_told: set[str] = set()
        self._revisions_told: tuple[int | None, int | None] = (None, None)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.link = Link(
            broker,
            self._subscriptions(list(subscribe), list(zones)),
            on_message=self._arrived,
            on_up=self._came_up,
            on_down=self._went_down,
            will=Will(topics.UP_HERE.at(broker.hall, broker.dev), m.encode(self._here("lost"))),
        )

    def start(self) -> None:
        """Run in a thread of its own until `stop`; a bug in it ends the process (systemd starts it again)."""
        self._thread = threading.Thread(target=crash(self._run), name=f"box-{self.broker.dev}", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Say that we left, disconnect, end the thread; may be called twice."""
        self._stopping.set()
        self.link.wake()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None
        else:
            self.link.close()

    def ask(self, command: m.Command, on_answer: Callable[[Answer], None], life_s: float = topics.COMMAND_S) -> None:
        """Ask the coordinator, by the same id until it answers or `life_s` is over; from any thread, answered once."""
        with self._asker_lock:
            self._asker.ask(command, on_answer, time.monotonic(), life_s)
        self.link.wake()

    def publish(self, topic: Topic, message: m.Message, on_done: Callable[[Delivery], None] | None = None) -> None:
        """Publish one of this box's own messages; from any thread."""
        self.link.publish(topic, m.encode(message), on_done=on_done)

    def count_drop(self, cause: str) -> None:
        """Count input that was refused; shown in health."""
        self.dropped[cause] = self.dropped.get(cause, 0) + 1

    def _subscriptions(self, rows: list[Topic], zones: list[str]) -> list[tuple[str, int]]:
        hall, dev = self.broker.hall, self.broker.dev
        always = [topics.DOWN_CMD, topics.PUB_HALL]
        if self.kind in topics.DOWN_REP.hears:
            always.append(topics.DOWN_REP)
        found = []
        for row in always + rows:
            names = [row.at(hall, dev, zone) for zone in zones] if "{zone}" in row.pattern else [row.at(hall, dev)]
            found += [(name, row.qos) for name in names]
        return found

    # --- in the link's thread ------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            now = time.monotonic()
            with self._asker_lock:
                wait = self._asker.tick(now)
            self._tick(now)
            self._watch_coordinator(now)
            self._say_health(now)
            self.link.pump(min(_TICK_S, wait) if wait is not None else _TICK_S)
        self.publish(topics.UP_HERE, self._here("left"))
        self.link.close()

    def _watch_coordinator(self, now: float) -> None:
        """A live broker without a heartbeat is a trouble of its own."""
        if self.link.up and self.freshness.age_s(now) >= topics.STALE_S:
            self.troubles.raise_("coordinator_silent")
        else:
            self.troubles.clear("coordinator_silent")

    def _came_up(self) -> None:
        self.publish(topics.UP_HERE, self._here("here"))
        self._health_at = 0.0
        self.troubles.clear("broker_unreachable")
        self.troubles.clear("certificate_refused")
        with self._asker_lock:
            self._asker.connected(time.monotonic())
        self._tell(LinkUp())

    def _went_down(self, reason: str) -> None:
        self.troubles.raise_(fault_of(reason))
        self._tell(LinkDown(reason))

    def _arrived(self, received: Received) -> None:
        try:
            address = topics.parse(received.topic)
            message = topics.read(address, received.payload)
        except ContractError as exc:
            self.count_drop(type(exc).__name__)
            log.warning("box.dropped", dev=self.broker.dev, topic=received.topic, fault=str(exc))
            return
        if isinstance(message, m.Reply):
            with self._asker_lock:
                if not self._asker.heard(message):
                    self.count_drop("late reply")
            return
        if isinstance(message, m.Heartbeat):
            self.freshness.heard(message, retained=received.retained, now=time.monotonic())
            if not received.retained and not message.lost:
                self._revisions.began(message.ep)
        if isinstance(message, m.Cfg):
            self.staged = message.hall.revision
            if not self._stages:
                self.runs = self.staged
        if isinstance(message, m.Snapshot) and not self._revisions.newer(received.topic, message):
            self.count_drop("old revision")
            return
        self._tell(Heard(address, message, received.retained))

    def _send_command(self, topic: Topic, payload: bytes, left_s: float) -> None:
        self.link.publish(topic, payload, expiry_s=max(1, math.ceil(left_s)))

    def _here(self, state: Literal["here", "lost", "left"]) -> m.Here:
        return m.Here(
            id=new_id("h"),
            at=utc_now(),
            state=state,
            kind=self.kind,
            version=program_version(),
            inc=self.inc,
            ep=self.ep,
        )

    def _say_health(self, now: float) -> None:
        faults, units, revisions = dict(self.troubles.open), dict(self.units), (self.staged, self.runs)
        news = (faults, set(units), revisions) != (self._faults_told, self._units_told, self._revisions_told)
        if not self.link.up or (now < self._health_at and not news):
            return
        self._health_at, self._faults_told, self._units_told = now + HEALTH_S, faults, set(units)
        self._revisions_told = revisions
        self.publish(
            topics.UP_HEALTH,
            m.Health(
                id=new_id("h"),
                at=utc_now(),
                faults=faults,
                units=units,
                staged=self.staged,
                runs=self.runs,
                outbox=self.outbox_depth,
                dropped=dict(self.dropped),
                rss_mib=rss_mib(),
                uptime_s=round(now - self._started, 1),
            ),
        )


def rss_mib() -> float | None:
    """Resident memory of this process in MiB; None where /proc is missing."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - read twice a minute, no path object needed
            return round(int(file.read().split()[1]) * 4096 / 2**20, 1)
    except OSError:
        return None
