"""The consoles on a real broker before a scripted coordinator: it speaks the contract over MQTT and is told what to play.

It keeps no rules of a hall: a test says what the hall is like, what it answers, and whether it answers at all.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from broker_config.broker import Broker
from consoles.staff.cookie import COOKIE
from consoles.staff.role import StaffRole
from consoles.staff.staff import Staff
from contract import hall as hall_document
from contract import messages as m
from contract import topics
from contract.hall import Hall
from contract.hall_part import Box
from contract.words import DECIDED, HallState, Light, MeasureState, PaymentState, Refusal, Role, TicketState, Why
from runtime.asker import new_id
from runtime.clock import utc_now
from runtime.link import Broker as Address
from runtime.link import Link, Received
from tests.until import until

ROOT = Path(__file__).parent.parent
CONSOLE = "console-1"
TERMINAL = "terminal-1"
PIN = "1001"
"""Operator op01 of every template."""
PASSWORD = "a wide open window"
"""Of every account."""
UNSAFE = (
    "/hall/press",
    "/hall/notice/press",
    "/hall/change/press",
    "/hall/change/import",
    "/hall/change/{part}/{key}",
    "/reports/save",
    "/reports/saved",
    "/reports/stop",
    "/bookings/press",
    "/money/sure",
    "/money/press",
    "/window/{window}/press",
    "/window/{window}/sign-in",
    "/window/{window}/badge",
    "/window/{window}/sit",
    "/window/{window}/card",
    "/sign-in",
    "/sign-out",
    "/first",
    "/me/password",
    "/me/end",
    "/staff/add",
    "/staff/end",
    "/staff/{account}/press",
    "/audit/verify",
)
"""Every address that changes something."""


def document(template: str = "ua-cnap") -> Hall:
    """A template hall with a console, a kiosk, a board and a terminal."""
    text = json.loads((ROOT / f"coordinator/templates/{template}.json").read_text("utf-8"))
    kinds = {CONSOLE: Role.CONSOLE, "kiosk-1": Role.KIOSK, "board-1": Role.BOARD, TERMINAL: Role.TERMINAL}
    boxes = [Box(id=name, kind=kind) for name, kind in kinds.items()]
    text["boxes"] = [json.loads(b.model_dump_json()) for b in boxes]
    return hall_document.load(json.dumps(text))


@dataclass
class Play:
    """The hall as the test wants it."""

    hall: Hall
    now: datetime = datetime(2026, 3, 17, 8, 47, tzinfo=UTC)
    state: HallState = HallState.OPEN
    windows: dict[str, m.DeskWindow] = field(default_factory=dict)
    queue: list[m.DeskTicket] = field(default_factory=list)
    parked: list[m.DeskTicket] = field(default_factory=list)
    missed: list[m.DeskTicket] = field(default_factory=list)
    devices: tuple[m.DeskDevice, ...] = ()
    notices: tuple[m.DeskNotice, ...] = ()
    told: dict[str, m.Wait] = field(default_factory=dict)
    """Service group → wait told to who comes now."""
    kept: m.Kept | None = None
    recommendations: tuple[m.Recommendation, ...] = ()
    measures: tuple[m.Measure, ...] = ()
    payments: dict[str, m.DeskPayment] = field(default_factory=dict)
    """Payments at the terminal, by id."""
    balances: tuple[m.DeskBalance, ...] = ()
    cassettes: tuple[m.DeskCassette, ...] = ()
    refuse: m.Refused | None = None
    explained: m.Explained | None = None
    figures: m.OperatorFigures | None = None
    alarms: tuple[m.DeskAlarm, ...] = ()
    answers: bool = True
    beats: bool = True

    def __post_init__(self) -> None:
        long_ago = self.now - timedelta(minutes=4)
        can = tuple(s.id for s in self.hall.services[:12])
        for w in self.hall.windows:
            self.windows[w.id] = m.DeskWindow(window=w.id, number=w.number, light=Light.CLOSED, since=long_ago, can=can)
        self.devices = tuple(m.DeskDevice(dev=b.id, kind=b.kind, state="here", since=long_ago) for b in self.hall.boxes)

    def ticket(self, label: str, minutes: float = 9.0, **more: object) -> m.DeskTicket:
        """A ticket that has waited `minutes`."""
        since = self.now - timedelta(minutes=minutes)
        given = {
            "ticket": f"t-{label}", "label": label, "service": self.hall.services[0].id, "state": TicketState.WAITING,
            "issued_at": since, "since": since, "wait_s": minutes * 60, "lang": self.hall.default_language, **more,
        }  # fmt: skip
        return m.DeskTicket.model_validate(given)

    def put(self, window: str, **changes: object) -> None:
        """Change a window."""
        self.windows[window] = self.windows[window].model_copy(update=changes)

    def waits(self, label: str, minutes: float = 9.0, **more: object) -> None:
        """One more in the queue."""
        self.queue.append(self.ticket(label, minutes, **more))

    def view(self, rev: int) -> m.ConsolesView:
        """What consoles are told."""
        group = {s.id: s.group for s in self.hall.services}
        queues = []
        for g in self.hall.service_groups:
            mine = [t for t in self.queue if group[t.service] == g.id]
            open_ = sum(w.light not in {Light.CLOSED, Light.PAUSED} for w in self.windows.values())
            oldest = min((t.issued_at for t in mine), default=None)
            wait = self.told.get(g.id)
            queues.append(m.Queue(group=g.id, waiting=len(mine), oldest=oldest, windows=open_, wait=wait))
        windows = tuple(w.model_copy(update={"waiting": len(self.queue)}) for w in self.windows.values())
        return m.ConsolesView(
            id=f"v-{rev}", ep=1, rev=rev, state=self.state, day=self.now.date(), now=self.now, windows=windows,
            queues=tuple(queues), parked=tuple(self.parked), missed=tuple(self.missed), devices=self.devices,
            issued_today=31, served_today=22, over_limit=sum(t.wait_s > 1200 for t in self.queue),
            waits_kept=self.kept, notices=self.notices, recommendations=self.recommendations, measures=self.measures,
            money=(self.money(),), alarms=self.alarms,
        )  # fmt: skip

    def paid(self, name: str, state: PaymentState = PaymentState.APPROVED, minor: int = 4992, **more: object) -> None:
        """A payment at the terminal."""
        given = {
            "dev": TERMINAL, "payment": name, "order": f"o-{name}", "service": self.hall.services[0].id, "device": "pos-1",
            "method": "card", "state": state, "amount_minor": minor, "currency": "UAH", "opened_at": self.now,
            "captured_minor": minor if state is PaymentState.APPROVED else 0, **more,
        }  # fmt: skip
        self.payments[name] = m.DeskPayment.model_validate(given)

    def balanced(self, ours: int, theirs: int | None, *, balances: bool, why: str = "") -> None:
        """The terminal's card device was held against the books."""
        given = {
            "dev": TERMINAL, "device": "pos-1", "method": "card", "day": self.now.date(), "at": self.now, "currency": "UAH",
            "ours_minor": ours, "ours_count": 1, "theirs_minor": theirs, "balances": balances, "why": why,
        }  # fmt: skip
        self.balances = (m.DeskBalance.model_validate(given),)

    def money(self) -> m.DeskMoney:
        """What the terminal has."""
        taken = [p for p in self.payments.values() if p.state is PaymentState.APPROVED]
        card, cash = ([p.captured_minor for p in taken if p.method == method] for method in ("card", "cash"))
        unknown = tuple(p for p in self.payments.values() if p.state in DECIDED)
        return m.DeskMoney(
            dev=TERMINAL, currency="UAH", card_minor=sum(card), card_count=len(card), cash_minor=sum(cash), cash_count=len(cash),
            unknown=unknown[:4], unknown_count=len(unknown), cassettes=self.cassettes, balances=self.balances,
        )  # fmt: skip

    def _till(self, command: m.TillCommand | m.MoneyDay) -> m.AnyReply:
        """The terminal does at once what it is ordered."""
        match command:
            case m.MoneyDay():
                found = [p for p in self.payments.values() if command.payment in (None, p.payment)]
                piece = tuple(found[command.skip : command.skip + 40])
                return m.Payments(
                    id="d", re=command.id, day=command.day, total=len(found), payments=piece, balances=self.balances
                )
            case m.PaymentDecide(payment=name, state=state, why=why, operator=by):
                self.payments[name] = self.payments[name].model_copy(update={"state": state, "by": by, "why": why})
            case m.PaymentReverse(payment=name, why=why, operator=by):
                back = {"state": PaymentState.REVERSED, "by": by, "why": why}
                self.payments[name] = self.payments[name].model_copy(update=back)
            case m.TillBalance():
                self.balanced(self.money().card_minor, self.money().card_minor, balances=True)
        return m.Done(id="d", re=command.id)

    def do(self, command: m.Command) -> m.AnyReply:
        """Play a command: just enough for a page to move on."""
        if self.refuse is not None:
            return self.refuse.model_copy(update={"re": command.id})
        match command:
            case m.TillCommand() | m.MoneyDay():
                return self._till(command)
            case m.WindowLogin(pin=pin) if pin != PIN:
                return m.Refused(id="r", re=command.id, code=Refusal.WRONG_PIN, text="the PIN is wrong")
            case m.TicketExplain() | m.OperatorDay() if (told := self._told(command)) is not None:
                return told.model_copy(update={"re": command.id})
            case m.TicketReturn() | m.AlarmEnd():
                self._over(command)
            case m.HallInterrupt():
                self.state = HallState.INTERRUPTED
            case m.HallResume() | m.HallOpen():
                self.state = HallState.OPEN
            case m.HallClose():
                self.state = HallState.CLOSED
            case m.HallNotice(texts=texts, zones=zones, until=until):
                new = m.DeskNotice(
                    zones=zones or tuple(z.id for z in self.hall.zones), texts=texts, since=self.now, until=until
                )
                self.notices = (new,) if texts else ()
            case m.PlanCommand(recommendation=name):
                self._decide(name, accepted=isinstance(command, m.PlanAccept), by=command.operator)
            case m.WindowCommand():
                self._at_window(command, str(command.window))
        return self._done(command)

    def _told(self, question: m.TicketExplain | m.OperatorDay) -> m.Explained | m.OperatorFigures | None:
        return self.explained if isinstance(question, m.TicketExplain) else self.figures

    def _over(self, command: m.TicketReturn | m.AlarmEnd) -> None:
        if isinstance(command, m.TicketReturn):
            self.parked = [t for t in self.parked if t.ticket != command.ticket]
        else:
            self.alarms = tuple(a for a in self.alarms if (a.unit, a.window) != (command.unit, command.window))

    def _decide(self, name: str, *, accepted: bool, by: str | None) -> None:
        one = next(r for r in self.recommendations if r.id == name)
        self.recommendations = tuple(r for r in self.recommendations if r.id != name)
        if accepted:
            self.measures = (
                m.Measure(
                    id=one.id, kind=one.kind, state=MeasureState.ASKED, window=one.window, number=one.number, group=one.group,
                    minutes=one.minutes, break_at=one.break_at, by=by, accepted_at=self.now, until=one.expires,
                ),
                *self.measures,
            )  # fmt: skip

    def _at_window(self, command: m.WindowCommand, window: str) -> None:
        match command:
            case m.WindowLogin(operator=operator):
                self.put(window, operator=operator)
            case m.WindowLogout():
                self.put(window, operator=None, light=Light.CLOSED)
            case m.WindowOpen():
                self.put(window, light=Light.FREE, since=self.now, pause=None, back_at=None)
            case m.WindowPause(pause=pause, minutes=minutes):
                back = self.now + timedelta(minutes=minutes) if minutes else None
                self.put(window, light=Light.PAUSED, since=self.now, pause=pause, back_at=back)
            case m.CallNext() | m.CallPick():
                self._next(window) if isinstance(command, m.CallNext) else self._pick(window, command.label)
            case m.CallStart():
                at = self._at(window).model_copy(update={"state": TicketState.SERVING})
                self.put(window, light=Light.SERVING, ticket=at, since=self.now)
            case m.CallPark():
                self.parked.insert(0, self._at(window).model_copy(update={"state": TicketState.PARKED}))
                self._free(window)
            case m.VisitAdd() | m.VisitDrop() | m.VisitNote():
                self._visit(window, command)
            case m.WindowAlarm():
                self.alarms = (m.DeskAlarm(unit=CONSOLE, since=self.now, window=window), *self.alarms)
            case m.CallFinish() | m.CallTransfer() | m.CallNoShow():
                self._free(window)

    def _next(self, window: str) -> None:
        if self.windows[window].light is Light.ARMED:
            self.put(window, light=Light.FREE)
        elif self.queue:
            called = self.queue.pop(0).model_copy(update={"state": TicketState.CALLED})
            facts = {"wait": "9", "target": "20", "alt": "3", "guard": "60"}
            self.put(window, light=Light.CALLED, ticket=called, why=Why.WAITED, why_facts=facts, since=self.now)
        else:
            self.put(window, light=Light.ARMED, ticket=None, why=None)

    def _visit(self, window: str, command: m.VisitAdd | m.VisitDrop | m.VisitNote) -> None:
        match command:
            case m.VisitAdd(service=service):
                at = self._at(window)
                self.put(window, ticket=at.model_copy(update={"then": (*at.then, service)}))
            case m.VisitDrop(service=service):
                at = self._at(window)
                self.put(window, ticket=at.model_copy(update={"then": tuple(s for s in at.then if s != service)}))
            case m.VisitNote(text=text):
                self.put(window, ticket=self._at(window).model_copy(update={"note": text or None}))

    def _pick(self, window: str, label: str) -> None:
        called = self.ticket(label, state=TicketState.CALLED)
        for line in (self.queue, self.parked, self.missed):
            line[:] = [t for t in line if t.label != label]
        facts = {"who": str(self.windows[window].operator), "reason": "unwell"}
        self.put(window, light=Light.CALLED, ticket=called, why=Why.PICKED, why_facts=facts, since=self.now)

    def _at(self, window: str) -> m.DeskTicket:
        ticket = self.windows[window].ticket
        assert ticket is not None
        return ticket

    def _free(self, window: str) -> None:
        self.put(window, light=Light.FREE, ticket=None, why=None, since=self.now)

    def _done(self, command: m.Command) -> m.Done:
        window = self.windows.get(str(getattr(command, "window", "")))
        if window is None:
            return m.Done(id="d", re=command.id)
        at = window.ticket
        return m.Done(
            id="d", re=command.id, window=window.window, light=window.light,
            ticket=at.ticket if at else None, label=at.label if at else None,
        )  # fmt: skip


class Coordinator:
    """Plays a hall on the wire. `asked`: every command id that came, in order; `commands`: each id once."""

    def __init__(self, address: Address, play: Play) -> None:
        self.play, self.lock = play, threading.RLock()
        self.asked: list[m.Command] = []
        self.commands: dict[str, m.Command] = {}
        self._replies: dict[str, m.AnyReply] = {}
        self._rev = 0
        self._stop = threading.Event()
        hall = play.hall.id
        self._link = Link(address, [(topics.UP_CMD.at(hall, "+"), 1)], on_message=self._arrived, on_up=self._came_up)
        self._thread = threading.Thread(target=self._run)
        self._beat_at = 0.0

    def change(self, how: Callable[[Play], object]) -> int:
        """Change the hall and tell everybody; returns the revision of what is told."""
        with self.lock:
            how(self.play)
            self._say_view()
            rev = self._rev
        self._link.wake()
        return rev

    def board(self, zone: str, *calls: m.BoardCall, **more: object) -> None:
        """Publish a zone's board."""
        with self.lock:
            self._rev += 1
            given = {
                "id": new_id(),
                "ep": 1,
                "rev": self._rev,
                "zone": zone,
                "state": self.play.state,
                "calls": calls,
                **more,
            }
            self._link.publish(topics.PUB_BOARD, m.encode(m.Board.model_validate(given)), zone=zone)
        self._link.wake()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._link.wake()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stop.is_set():
            if self.play.beats and time.monotonic() >= self._beat_at and self._link.up:
                self._beat_at = time.monotonic() + 1.0
                self._say(topics.PUB_HALL, self._beat())
            self._link.pump(0.1)
        self._link.close()

    def _came_up(self) -> None:
        with self.lock:
            self._say(topics.DOWN_CFG, m.Cfg(id=new_id(), hall=self.play.hall.for_box(Role.CONSOLE)))
            self._say_view()

    def _arrived(self, received: Received) -> None:
        address = topics.parse(received.topic)
        command = topics.read(address, received.payload)
        assert isinstance(command, m.Command)
        with self.lock:
            self.asked.append(command)
            self.commands.setdefault(command.id, command)
            if command.id not in self._replies:
                self._replies[command.id] = self.play.do(command)
            if self.play.answers:
                self._say(topics.DOWN_REP, self._replies[command.id])
                self._say_view()

    def _say_view(self) -> None:
        self._rev += 1
        self._say(topics.DOWN_VIEW, self.play.view(self._rev))

    def _say(self, topic: topics.Topic, message: m.Message) -> None:
        self._link.publish(topic, m.encode(message), dev=CONSOLE)

    def _beat(self) -> m.Heartbeat:
        play = self.play
        return m.Heartbeat(
            id=new_id("b"),
            state=play.state,
            day=play.now.date(),
            now=play.now,
            speed=1.0,
            ep=1,
            revision=play.hall.revision,
        )


class Consoles:
    """The consoles' process at a broker; `url` is where a browser goes."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self.folder, self.broker = folder, broker
        self.log = folder / "consoles.log"
        self.url = ""
        self.process: subprocess.Popen[bytes] | None = None

    def staff(self) -> Staff:
        """The staff's book of the running consoles, opened beside them."""
        return Staff(self.folder / "data", utc_now)

    def signed_in(self, role: str) -> dict[str, str]:
        """The cookie of somebody with this role, who signed in by a password; the account has the role's name."""
        with self.staff() as staff:
            if staff.accounts.get(role) is None:
                staff.accounts.add(role, f"Test {role}", StaffRole(role), secret=PASSWORD)
            return {COOKIE: staff.sessions.begin(role, account=role)}

    def start(self, port: int = 0) -> None:
        """Start the consoles and wait until they have the hall. `port`: 0 for a free one. An administrator and the shift lead
        op01 have accounts."""
        with self.staff() as staff:
            if not staff.founded:
                staff.accounts.found("admin", "Test admin", PASSWORD)
                staff.accounts.add("lead", "Test lead", StaffRole.LEAD, "op01", PASSWORD)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "consoles", "--config", str(self._config(port))], cwd=ROOT, stderr=log
            )
        until(lambda: self._ready() or self.process is None or self.process.poll() is not None, deadline_s=30)
        self.url = self._ready()
        until(lambda: httpx.get(self.url).status_code == 200, deadline_s=30)

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        code = self.process.wait(60)
        self.process = None
        return code

    def _ready(self) -> str:
        for line in self.log.read_text("utf-8").splitlines():
            if "consoles.ready" in line:
                return str(json.loads(line)["address"]).rstrip("/")
        return ""

    def _config(self, port: int) -> Path:
        files = self.broker.credentials(CONSOLE)
        file = self.folder / "consoles.toml"
        file.write_text(
            f'data = "{self.folder}/data"\njournal = "{self.folder}/journal.db"\n'
            f'[broker]\nhall = "{self.broker.hall}"\ndev = "{CONSOLE}"\nhost = "{self.broker.host}"\nport = {self.broker.port}\n'
            f'ca = "{files.ca}"\ncert = "{files.cert}"\nkey = "{files.key}"\n[web]\nport = {port}\n',
            "utf-8",
        )
        return file


class Site(Consoles):
    """Broker, scripted coordinator and the consoles' process."""

    def __init__(self, folder: Path, template: str = "ua-cnap") -> None:
        self.play = Play(document(template))
        super().__init__(folder, Broker(folder / "broker", self.play.hall.id, self.play.hall.boxes))
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self.broker)
        self.coordinator = self._stack.enter_context(Coordinator(address(self.broker, "coordinator"), self.play))
        self._stack.callback(self.stop)
        self.start()
        self._seeing = self.signed_in("auditor")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def change(self, how: Callable[[Play], object]) -> None:
        """Change the hall and wait until the consoles have heard of it."""
        rev = self.coordinator.change(how)
        until(lambda: self._shown() >= rev)

    def _shown(self) -> int:
        with httpx.stream("GET", self.url + "/events/hall", cookies=self._seeing) as answer:
            return int(next(answer.iter_lines()).removeprefix("id: 1-"))

    def commands(self, kind: type[m.Command]) -> list[m.Command]:
        """The commands of a kind that reached the coordinator, each id once."""
        with self.coordinator.lock:
            return [c for c in self.coordinator.commands.values() if isinstance(c, kind)]


def address(broker: Broker, dev: str) -> Address:
    """How a box reaches the broker."""
    files = broker.credentials(dev)
    return Address(broker.hall, dev, broker.host, broker.port, files.ca, files.cert, files.key)
