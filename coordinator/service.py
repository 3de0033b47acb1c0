"""The coordinator's reactor: what has arrived is one batch, one commit, then replies and views. Wiring only, it decides nothing."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from pydantic import ValidationError

from contract import hall as hall_document
from contract import messages as m
from contract import pin, topics
from contract.errors import ConfigError, ContractError
from contract.hall import Hall
from contract.topics import Address
from contract.words import Refusal, Role
from coordinator import ledger, till, workday
from coordinator.account import UNSETTLED, balances_from
from coordinator.bookings.diary import kept_from
from coordinator.config import Options
from coordinator.devices import OWN, Devices
from coordinator.engine import Actor, answer
from coordinator.fault import Faults
from coordinator.foreteller import Foreteller
from coordinator.key import hall_key
from coordinator.lookout import Lookout
from coordinator.past import alarms, past
from coordinator.publisher import Publisher
from coordinator.reading import Read, Reads
from coordinator.record import Fault, Revision, whole
from coordinator.revising import document, finding
from coordinator.row import image, read
from coordinator.state import load
from coordinator.truth import Ask, Outcome, Truth
from journal.ballast import Ballast, room
from journal.errors import JournalFull
from journal.event import Event, Row
from journal.journal import Journal
from journal.persons import Persons
from journal.schema import HALL
from runtime.asker import new_id
from runtime.clock import SteadyClock, utc_now
from runtime.link import Link, Received, Will
from runtime.supervise import Troubles, notify

log = structlog.get_logger(__name__)

TICK_S = 0.25
"""How often time alone is looked at, wire seconds."""
ROOM_EVERY_S = 2.0
SEEN_KEPT_DAYS = 2
BALLAST_BYTES = 4 * 2**20
"""Kept beside the journal, so that on a full disk the coordinator can still start and say why it refuses."""
MOST_DAYS = 2 * 366 + 180
"""From the oldest day a rule may look back to, over a year without a start, to the longest horizon."""
MOST_REVISIONS = 30
CLOCK_JUMP_S = 2.0
"""A wall clock that leaves the steady one by more has jumped: hall time does not follow it before a restart."""


class _Named(m.Wire):
    """What must be sound in a command for a refusal to find its way back."""

    id: m.MessageId


class Coordinator:
    """One hall's coordinator. `run` owns the link, the journal and the state, all in one thread."""

    def __init__(self, options: Options) -> None:
        """Raises: ConfigError, ContractError: the hall document cannot be used. JournalError: the journal cannot."""
        self._options = options
        given = _document(options.hall, options.broker.hall)
        self._clock = SteadyClock(options.time.clock(), utc_now, time.monotonic)
        self._ballast = Ballast(options.journal.with_name(f"{options.journal.name}.ballast"), BALLAST_BYTES)
        self._journal = _opened(options.journal, given.id, self._ballast)
        self._hall = _in_force(self._journal, given, self._clock.now())
        key = hall_key(options.journal.with_name(f"{options.journal.name}.key"))
        self._state = load(self._hall, live_rows(self._journal, self._hall), self._clock.speed, key)
        self._truth = Truth(self._journal, self._state, pin.verify, self._present)
        self._foreteller = Foreteller()
        self._lookout = Lookout(self._state, self._foreteller, time.monotonic, options.journal)
        self._devices = Devices(self._hall)
        self._faults = Faults(read(Fault, row) for row in self._journal.rows("fault", ended_at=None))
        self._reads = Reads(self._hall, self._present)
        self._troubles = Troubles(OWN)
        if given.revision == self._hall.revision and given != self._hall:
            self._troubles.raise_("document_ignored")
        self.dropped: dict[str, int] = {}
        broker = options.broker.broker()
        self._link = Link(
            broker,
            [(row.at(self._hall.id, "+"), row.qos) for row in topics.TOPICS if row.name.startswith("up/")],
            on_message=self._arrived,
            on_up=self._came_up,
            will=Will(topics.PUB_HALL.at(self._hall.id), m.encode(self._beat(lost=True)), delay_s=1),
        )
        self._publisher = Publisher(
            self._link, self._state, self._devices, self._clock, self._journal.ep, time.monotonic
        )
        for event in alarms(self._journal):
            self._publisher.alarmed(event)
        self._actors = _actors(self._hall)
        self._inbox: list[Received] = []
        self._tick_at = self._room_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Serve until `stop`."""
        try:
            self._new_day()
            self._watch_room(0.0)
            gc.collect()
            gc.freeze()  # what a start has loaded stays: no collection looks at it again in the middle of a press
            notify("READY=1")
            while not stop.is_set():
                self._link.pump(TICK_S)
                self._work()
                self._link.flush()
        finally:
            notify("STOPPING=1")
            self._link.close()
            self._foreteller.stop()
            self._journal.close()

    # --- one round -----------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        arrived, self._inbox = self._inbox, []
        asks = [ask for received in arrived if (ask := self._read(received)) is not None]
        if asks:
            outcome = self._truth.handle(asks, self._clock.now())
            self._answer(outcome)
            self._order(asks, outcome)
            self._link.flush()  # who asked does not wait for what others see
        now = time.monotonic()
        if now >= self._tick_at:
            self._tick_at = now + TICK_S
            self._watch_room(now)
            self._watch_clock()
            self._watch_waits()
            if self._devices.own({fault: self._clock.at(since) for fault, since in self._troubles.open.items()}):
                self._publisher.devices_changed()
            self._answer(self._truth.tick(self._clock.now()))
            self._watch_faults(now)
            self._end_reads(now)
            notify("WATCHDOG=1")
        if self._link.up:
            if self._publisher.beat_due:
                self._publisher.beat(self._beat())
            self._publisher.publish()
            self._link.flush()
            self._publisher.publish_slow()

    def _watch_faults(self, now: float) -> None:
        """Write down which boxes' faults began and ended."""
        if self._truth.refusing is None:
            told, hall_now = self._devices.faults(now, self._clock.now()), self._clock.now()
            self._truth.note(self._faults.told(told, self._state.day, self._hall, hall_now))

    def _answer(self, outcome: Outcome) -> None:
        for reply in outcome.answers:
            self._link.publish(topics.DOWN_REP, reply.data, dev=reply.dev)
        for dev, (inc, upto) in outcome.acks.items():
            self._link.publish(topics.DOWN_ACK, m.encode(m.Ack(id=new_id("a"), inc=inc, upto=upto)), dev=dev)
        for dev, count in outcome.missed.items():
            log.error("facts.missed", device=dev, count=count)
            self._troubles.raise_("facts_missed", dev)
        if outcome.events:
            self._lookout.changed()
            self._end_reads(time.monotonic())
        if self._publisher.committed(outcome.events):
            log.info("hall.state", state=self._state.day.state.value, day=str(self._state.day.day))
            self._new_day()
            self._publisher.beat(self._beat())
        if any(event.kind == "hall.published" for event in outcome.events):
            self._follow()

    def _follow(self) -> None:
        """Run by the document that was just published: the hall is read anew, as at a start; whoever is in it stays where they are."""
        began = time.monotonic()
        self._hall = _in_force(self._journal, self._hall, self._clock.now())
        notes = self._state.notes
        self._state = load(self._hall, live_rows(self._journal, self._hall), self._clock.speed, self._state.key)
        self._state.notes = notes  # which no row has
        self._truth.state = self._state
        self._actors = _actors(self._hall)
        self._devices.follow(self._hall)
        self._reads.follow(self._hall)
        self._lookout.follow(self._state)
        self._new_day()
        self._publisher.follow(self._state, self._beat())
        took_ms = round((time.monotonic() - began) * 1000)
        log.info("hall.published", revision=self._hall.revision, took_ms=took_ms)

    def _order(self, asks: list[Ask], outcome: Outcome) -> None:
        """Tell terminals what staff want and was granted: again where it is asked again, by the same id."""
        commands = (ask for ask in asks if isinstance(ask.message, m.Command))
        for ask, said in zip(commands, outcome.answers, strict=True):
            if isinstance(ask.message, m.TillCommand) and isinstance(said.reply, m.Done):
                order = till.order(ask.message, ask.actor.dev)
                self._link.publish(topics.DOWN_CMD, m.encode(order), dev=ask.message.dev)

    def _present(self, dev: str) -> bool:
        return self._devices.present(dev, time.monotonic())

    def _arrived(self, received: Received) -> None:
        self._inbox.append(received)

    def _read(self, received: Received) -> Ask | None:
        """Check a message and take what needs no decision; an Ask where the truth decides."""
        try:
            address = topics.parse(received.topic)
        except ContractError as exc:
            self._drop("foreign topic", received.topic, str(exc))
            return None
        try:
            message = topics.read(address, received.payload)
        except ContractError as exc:
            self._drop(type(exc).__name__, received.topic, str(exc))
            self._refuse_unread(address, received.payload, exc)
            return None
        if isinstance(message, m.Command | m.Fact):
            return self._ask(address, message, retained=received.retained)
        if isinstance(message, m.AnyCardWord):
            self._pass_on(address, message, received)
            return None
        self._note(address, message)
        return None

    def _ask(self, address: Address, message: m.AnyCommand | m.AnyFact, *, retained: bool) -> Ask | None:
        actor = self._actors.get(address.dev)
        if retained:
            self._drop("retained command", address.topic.name, f"{address.dev}: commands and facts are never retained")
        elif actor is None:
            self._drop("stranger", address.topic.name, f"{address.dev} is not in the hall document")
            self._refuse(address.dev, message.id, Refusal.NOT_ALLOWED, "this box is not in the hall document")
        elif isinstance(message, m.DeviceFind):
            self._find(actor, message)
        elif isinstance(message, m.CardRead):
            self._begin_read(actor, message)
        elif isinstance(message, m.JournalQuestion):
            self._reply(actor, ledger.answer(self._journal, message, actor.role))
        elif isinstance(message, m.OperatorDay):
            self._reply(actor, workday.answer(self._journal, self._state, message, actor.role))
        elif isinstance(message, m.HallRevert):
            return self._earlier(actor, message)
        elif isinstance(message, m.HallRevisions):
            self._list_revisions(actor, message)
        elif isinstance(message, m.Question):
            self._reply(actor, answer(self._state, message, actor, self._clock.now()))
        else:
            return Ask(actor, self._in_hall_time(message))
        return None

    def _in_hall_time(self, message: m.HallCommand | m.AnyFact) -> m.HallCommand | m.AnyFact:
        """What a box dates by its own clock is kept as hall time: in a real hall that is the same."""
        match message:
            case m.PaymentFact(opened_at=moment):
                return message.model_copy(update={"opened_at": self._clock.at(moment)})
            case m.CassetteFact(since=moment):
                return message.model_copy(update={"since": self._clock.at(moment)})
            case _:
                return message

    def _reply(self, actor: Actor, reply: m.AnyReply) -> None:
        self._link.publish(topics.DOWN_REP, m.encode(reply), dev=actor.dev)

    def _list_revisions(self, actor: Actor, question: m.HallRevisions) -> None:
        if actor.role is not Role.CONSOLE:
            self._refuse(actor.dev, question.id, Refusal.NOT_ALLOWED, f"a {actor.role} may not do this")
            return
        rows = sorted(self._journal.rows("revision"), key=lambda row: -int(str(row["revision"])))[:MOST_REVISIONS]
        lines = tuple(m.RevisionLine.model_validate(row, strict=False) for row in rows)
        reply = m.Revisions(
            id=question.id, re=question.id, revisions=lines, open_pins=finding.open_pins(self._hall)[:200]
        )
        self._reply(actor, reply)

    def _earlier(self, actor: Actor, command: m.HallRevert) -> Ask | None:
        """The document of an earlier revision, to be published like any other."""
        found = self._journal.rows("revision", revision=command.to)
        if not found:
            self._refuse(
                actor.dev, command.id, Refusal.UNKNOWN_REVISION, f"the hall never ran by revision {command.to}"
            )
            return None
        why = f"back to revision {command.to}: {command.why}"[:200]
        document = str(found[0]["document"])
        return Ask(
            actor,
            m.HallPublish(id=command.id, document=document, base=command.base, why=why, operator=command.operator),
        )

    def _find(self, actor: Actor, command: m.DeviceFind) -> None:
        """Tell a box to show itself. Asked again, it only shows longer, so nothing of it is remembered."""
        reply = self._devices.find(command, actor.role, time.monotonic())
        if isinstance(reply, m.Done):
            identify = m.Identify(id=command.id, at=utc_now(), seconds=command.seconds)
            self._link.publish(topics.DOWN_CMD, m.encode(identify), dev=command.dev)
        self._reply(actor, reply)

    # --- reads of ID cards: passed on, never remembered -------------------------------------------------------------------

    def _begin_read(self, actor: Actor, command: m.CardRead) -> None:
        before = self._reads.at(command.window)
        read = self._reads.begin(self._state, command, actor, time.monotonic())
        if isinstance(read, m.Refused):
            self._reply(actor, read)
            return
        if read is not before:
            if before is not None:
                self._forget_read(before)
            self._link.publish(topics.DOWN_CARD, m.encode(command), dev=read.reader)
            log.info("card.read", window=read.window, operator=read.operator, reader=read.reader, read=read.id)
        self._reply(actor, m.Done(id=command.id, re=command.id))

    def _pass_on(self, address: Address, said: m.AnyCardWord, received: Received) -> None:
        """To whom it is for, byte for byte; a word of a read that is over, not the sender's to say, or retained, is dropped."""
        dev = self._reads.heard(address.dev, said) if not received.retained else None
        if dev is None:
            self._drop("stray card word", address.topic.name, f"{address.dev}: {said.t}")
        else:
            self._link.publish(topics.DOWN_CARD, received.payload, dev=dev)

    def _end_reads(self, now: float) -> None:
        for one in self._reads.over(self._state, now):
            self._forget_read(one)

    def _forget_read(self, read: Read) -> None:
        forget = m.encode(m.CardForget(id=new_id("f"), re=read.id))
        for dev in (read.reader, read.console):
            self._link.publish(topics.DOWN_CARD, forget, dev=dev)

    def _note(self, address: Address, message: m.AnyMessage) -> None:
        now = time.monotonic()
        changed = False
        if isinstance(message, m.Here):
            changed = self._devices.here(address.dev, message, now=now, hall_now=self._clock.now())
            if changed:
                log.info("device", device=address.dev, state=message.state)
        elif isinstance(message, m.Health):
            changed = self._devices.health(address.dev, message, now=now, hall_time=self._clock.at)
        if changed:
            self._publisher.devices_changed()

    # --- what cannot be done ---------------------------------------------------------------------------------------------

    def _drop(self, cause: str, topic: str, fault: str) -> None:
        self.dropped[cause] = self.dropped.get(cause, 0) + 1
        log.warning("dropped", cause=cause, topic=topic, fault=fault, count=self.dropped[cause])

    def _refuse_unread(self, address: Address, payload: bytes, exc: ContractError) -> None:
        """A command that breaks the contract but says its id gets an answer, so that nobody waits in vain."""
        if address.topic not in (topics.UP_CMD, topics.UP_CFG) or len(payload) > address.topic.max_bytes:
            return
        try:
            key = _Named.model_validate_json(payload).id
        except ValidationError:
            return
        self._refuse(address.dev, key, Refusal.BAD_COMMAND, str(exc))

    def _refuse(self, dev: str, key: str, code: Refusal, text: str) -> None:
        refused = m.Refused(id=new_id("r"), re=key, code=code, text=text)
        self._link.publish(topics.DOWN_REP, m.encode(refused), dev=dev)

    # --- state of the whole ----------------------------------------------------------------------------------------------

    def _came_up(self) -> None:
        self._publisher.everything(self._beat())

    def _beat(self, *, lost: bool = False) -> m.Heartbeat:
        day = self._state.day
        now = self._clock.now()
        return m.Heartbeat(
            id=new_id("b"),
            at=utc_now(),
            state=day.state,
            day=day.day if day.opened_at else self._hall.local(now).date(),
            now=now,
            speed=self._clock.speed,
            ep=self._journal.ep,
            revision=self._hall.revision,
            reason=day.reason or "",
            refusing=self._truth.refusing,
            lost=lost,
        )

    def _watch_room(self, now: float) -> None:
        if now < self._room_at:
            return
        self._room_at = now + ROOM_EVERY_S
        # The ballast is taken first: what it leaves must still be enough.
        short = not self._ballast.hold() or room(self._options.journal) < self._options.room_mib * 2**20
        if short and self._troubles.raise_("disk_low"):
            self._truth.refusing = Refusal.NO_ROOM
        elif not short and self._troubles.clear("disk_low"):
            self._truth.refusing = None

    def _watch_waits(self) -> None:
        self._lookout.turn(self._clock.now())
        self._publisher.watch_waits()
        if self._foreteller.dead:
            self._troubles.raise_("forecast_dead")
        else:
            self._troubles.clear("forecast_dead")

    def _new_day(self) -> None:
        """What is done once a day: forget old replies, learn from the days before."""
        self._prune()
        self._lookout.learned(past(self._journal, self._hall, self._hall.local(self._clock.now()).date()))

    def _watch_clock(self) -> None:
        if self._clock.jumped_s() > CLOCK_JUMP_S:
            self._troubles.raise_("clock_jump")
        else:
            self._troubles.clear("clock_jump")

    def _prune(self) -> None:
        """Forget old replies, unless the clock that dated them has jumped: a repeat must still be known."""
        if self._clock.jumped_s() <= CLOCK_JUMP_S:
            self._journal.prune_seen(utc_now() - timedelta(days=SEEN_KEPT_DAYS))
        Persons(self._journal).forget(kept_from(self._hall, self._state.day.day))


def _document(file: Path, hall_id: str) -> Hall:
    try:
        text = file.read_bytes()
    except OSError as exc:
        raise ConfigError(file, None, "hall", exc.strerror or "", "a readable hall document (JSON)") from exc
    try:
        hall = hall_document.load(text)
    except ContractError as exc:
        raise ConfigError(file, None, "hall", "", str(exc)) from exc
    if hall.id != hall_id:
        raise ConfigError(file, None, "id", hall.id, f"{hall_id!r}, as in [broker] hall")
    return hall


def _in_force(journal: Journal, given: Hall, now: datetime) -> Hall:
    """The newest document: the one last published, or `given` where that has a higher revision; then it is written down as published."""
    known = max(journal.rows("revision"), key=lambda row: int(str(row["revision"])), default=None)
    _need_same_kind(known, given)
    if known is not None and int(str(known["revision"])) >= given.revision:
        return hall_document.load(str(known["document"]))
    row = Revision(given.revision, whole(now), OWN, "as in the file it was started with", document.text(given))
    journal.commit([Event("hall.published", m.utc(row.at), OWN, None, {"revision": row.revision}, (image(row),))])
    return given


def _need_same_kind(known: Mapping[str, object] | None, given: Hall) -> None:
    """A journal is of a real hall or of training for good. Raises: ConfigError."""
    if known is not None and hall_document.load(str(known["document"])).training is not given.training:
        kinds = {True: "a training", False: "a real"}
        text = f"{kinds[given.training]} hall on the journal of {kinds[not given.training]} one"
        raise ConfigError("hall document", None, "training", text, "a journal of its own")


def _actors(hall: Hall) -> dict[str, Actor]:
    """Who may ask, by the name in the certificate."""
    return {
        box.id: Actor(box.id, box.kind, {unit.id: (unit.window, unit.keys) for unit in box.units}) for box in hall.boxes
    }


def _opened(path: Path, hall: str, ballast: Ballast) -> Journal:
    """The journal; on a full disk the ballast is given away for it."""
    try:
        return Journal.open(path, hall, HALL, utc_now)
    except JournalFull:
        if not ballast.held:
            raise
        log.warning("ballast.released", path=str(ballast.path))
        ballast.release()
        return Journal.open(path, hall, HALL, utc_now)


def live_rows(journal: Journal, hall: Hall) -> list[Row]:
    """The newest day with what belongs to it, all windows and notices, the bookings that are kept, the accounts that staff may act on:
    what the engine starts from.
    """
    found = [Row(table, values) for table in ("window", "notice") for values in journal.rows(table)]
    days = journal.rows("day")
    newest = max((str(day["day"]) for day in days), default=None)
    for table in ("day", "series", "measure", "ticket"):
        found += [Row(table, values) for values in journal.rows(table, day=newest)]
    kept = {} if newest is None else {"day": _days(kept_from(hall, date.fromisoformat(newest)))}
    for table in ("booking", "person"):
        found += [Row(table, values) for values in journal.rows(table, **kept)]
    return found + _accounts(journal, None if newest is None else date.fromisoformat(newest))


def _accounts(journal: Journal, newest: date | None) -> list[Row]:
    """Payments since the newest day and those that are not settled, cassettes inside, cassettes and balances of the last days."""
    since, balanced = ({}, {}) if newest is None else ({"day": _days(newest)}, {"day": _days(balances_from(newest))})
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("payment", since),
        ("payment", {"state": tuple(UNSETTLED)}),
        ("cassette", {"collected_at": None}),
        ("cassette", balanced),
        ("balance", balanced),
    ]
    return [Row(table, values) for table, where in wanted for values in journal.rows(table, **where)]


def _days(first: date) -> tuple[str, ...]:
    """The days from `first` on that a hall may have bookings of."""
    return tuple((first + timedelta(days=n)).isoformat() for n in range(MOST_DAYS))
