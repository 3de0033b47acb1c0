"""A hall small enough for a test: real mosquitto, and a coordinator that only counts labels, on the wire's own terms."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from broker_config.broker import Broker as Mosquitto
from card_reader.privacy import keyed_hash
from contract import messages as m
from contract import topics
from contract.hall import Hall
from contract.words import HallState, Refusal
from runtime.asker import new_id
from runtime.link import Broker, Link, Received

DEADLINE_S = 60.0
DAY_KEY = bytes(range(32))
WAIT = m.Wait(low=15, high=25)
"""What everybody is told."""


def wait_for(condition: Callable[[], Any], what: str | Callable[[], str] = "", deadline_s: float = DEADLINE_S) -> Any:
    """The first true value of `condition`; fails after the deadline."""
    until = time.monotonic() + deadline_s
    while not (value := condition()):
        assert time.monotonic() < until, f"waited {deadline_s} s for {what() if callable(what) else what or condition}"
        time.sleep(0.005)
    return value


class SmallHall:
    """`commands`, `facts`: as they came, repeats included. `mute`: hear commands but do not answer; `away`: do not hear them.

    `refuse`: answer issues with this refusal; `bookings`: code → service of those that can be checked in; `cards`: number → code. Each
    command id is done once. `heard`: every payload of the kiosk.
    """

    def __init__(self, folder: Path, hall: Hall) -> None:
        self.dev = hall.boxes[0].id
        self.hall, self.mosquitto = hall, Mosquitto(folder, hall.id, hall.boxes)
        self.commands: list[m.AnyMessage] = []
        self.facts: list[m.AnyMessage] = []
        self.heard: list[bytes] = []
        self.replies: dict[str, m.AnyReply] = {}
        self.bookings: dict[str, str] = {}
        self.cards: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.mute = self.away = False
        self.refuse: Refusal | None = None
        self._stop = threading.Event()
        self._rev = 0

    def __enter__(self) -> Self:
        self.mosquitto.start()
        rows = [(row.at(self.hall.id, self.dev), 1) for row in topics.TOPICS if row.name.startswith("up/")]
        self.link = Link(self.broker("coordinator"), rows, on_message=self._arrived, on_up=self.publish)
        self.link.start()
        self._beats = threading.Thread(target=self._beat, daemon=True)
        self._beats.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._stop.set()
        self._beats.join(5)
        self.link.stop()
        self.mosquitto.stop()

    def broker(self, dev: str) -> Broker:
        """The link's settings of one box."""
        paths = self.mosquitto.credentials(dev)
        return Broker(self.hall.id, dev, "localhost", self.mosquitto.port, paths.ca, paths.cert, paths.key)

    def publish(self, *, taking: bool = True) -> None:
        """Configuration and view, retained."""
        self._rev += 1
        waits = {service.id: WAIT for service in self.hall.services}
        view = m.KioskView(
            id=new_id(), ep=1, rev=self._rev, state=HallState.OPEN, taking=taking, waiting={}, waits=waits
        )
        self.link.publish(topics.DOWN_CFG, m.encode(m.Cfg(id=new_id(), hall=self.hall)), dev=self.dev)
        self.link.publish(topics.DOWN_VIEW, m.encode(view), dev=self.dev)

    def papers(self) -> list[tuple[str, str]]:
        """(label, paper) of the paper facts, each fact once, in order."""
        facts = {fact.sq: fact for fact in self.facts if isinstance(fact, m.PaperFact)}
        return [(self.labels[fact.ticket], str(fact.paper)) for _, fact in sorted(facts.items())]

    def _beat(self) -> None:
        while not self._stop.wait(0.2):
            if self.away:
                continue
            now = datetime.now(UTC)
            beat = m.Heartbeat(
                id=new_id(), state=HallState.OPEN, day=now.date(), now=now, speed=1, ep=1, revision=self.hall.revision
            )
            self.link.publish(topics.PUB_HALL, m.encode(beat))

    def _arrived(self, received: Received) -> None:
        address = topics.parse(received.topic)
        message = topics.read(address, received.payload)
        self.heard.append(received.payload)
        if isinstance(message, m.Fact):
            self.facts.append(message)
            ack = m.Ack(id=new_id(), inc=message.inc, upto=message.sq)
            self.link.publish(topics.DOWN_ACK, m.encode(ack), dev=address.dev)
            return
        if self.away or not isinstance(message, m.Command):
            return
        self.commands.append(message)
        if message.id not in self.replies:
            self.replies[message.id] = self._do(message)
        if not self.mute:
            self.link.publish(topics.DOWN_REP, m.encode(self.replies[message.id]), dev=address.dev)

    def _do(self, command: m.AnyMessage) -> m.AnyReply:
        if self.refuse is not None:
            return m.Refused(id=new_id(), re=command.id, code=self.refuse, text="no")
        if isinstance(command, m.CardKey):
            return m.DayKey(id=new_id(), re=command.id, day=datetime.now(UTC).date(), key=DAY_KEY.hex())
        if isinstance(command, m.BookingFind) and command.persons:
            said = (code for number, code in self.cards.items() if keyed_hash(DAY_KEY, number) in command.persons)
            command = m.BookingFind(id=command.id, code=next(said, "00000000"))
        if isinstance(command, m.BookingFind | m.BookingCheckIn) and command.code not in self.bookings:
            return m.Refused(id=new_id(), re=command.id, code=Refusal.BOOKING_UNKNOWN, text="no such booking")
        if isinstance(command, m.BookingFind):
            assert command.code is not None
            service, now = self.bookings[command.code], datetime.now(UTC)
            return m.Booked(
                id=new_id(), re=command.id, code=command.code, service=service, start=now, minutes=15, check_in_from=now
            )
        number = len(self.labels) + 1
        service = command.service if isinstance(command, m.TicketIssue) else self.hall.services[0].id
        if isinstance(command, m.BookingCheckIn):
            service = self.bookings.pop(command.code)
        group = self.hall.group_by_id[self.hall.service_by_id[service].group]
        ticket, label, now = f"t{number}", f"{group.letter}{number:03}", datetime.now(UTC)
        self.labels[ticket] = label
        return m.Issued(
            id=new_id(),
            re=command.id,
            ticket=ticket,
            label=label,
            day=now.date(),
            service=service,
            zone=group.zone,
            lang=command.lang if isinstance(command, m.TicketIssue | m.BookingCheckIn) else self.hall.default_language,
            issued_at=now,
            people_ahead=2,
            wait=WAIT,
        )
