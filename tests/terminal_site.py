"""A terminal on its wires: a small hall, printer, card terminal, acceptor, the connector to registers, each at the other end of one."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, create_engine, insert, select

from contract import messages as m
from contract.words import Role
from demo.process import free_port
from journal.journal import Journal
from journal.schema import MONEY
from printers.config import PrinterSection
from registers.schema import DUE, PAYMENT, PERSON
from runtime.clock import utc_now
from runtime.config import BrokerSection
from soak.money_site import ROOT, Device, tcp
from terminal.config import CardSection, CashSection, Options, RegisterSection
from terminal.payments.book import Book
from terminal.payments.payment import Payment
from terminal.service import Terminal
from tests import register_site
from tests.halls import TERMINAL, load
from tests.kiosk_hall import SmallHall
from tests.printing import SimPrinter
from tests.until import until

TEN, TWENTY, FIFTY, HUNDRED = 3, 4, 5, 6
"""Kinds of the simulated acceptor's notes."""


REACTION_S = 0.3
CODE, DUE_MINOR = "70012001", 10_000
"""The code of a demand for 100.00 that nobody's number is needed for."""


class Connector:
    """`python -m registers` over a small community in SQLite; it may be started late, ended and started again."""

    def __init__(self, folder: Path, hall: SmallHall) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._database = f"sqlite:///{folder / 'community.db'}"
        files = hall.mosquitto.authority.issue("register-1", ["127.0.0.1", "localhost"])
        self.port = free_port()
        register_site.fill(self._database)
        with self._open() as db:
            due = {
                "id": "due-1",
                "code": CODE,
                "number": register_site.ALONE,
                "name_uk": "Земельний податок",
                "payee": "community",
            }
            db.execute(insert(DUE).values(amount_minor=DUE_MINOR, currency="UAH", since=date(2026, 3, 1), **due))
        broker = hall.broker("register-1")
        (folder / "registers.toml").write_text(
            f'[broker]\nhall = "{broker.hall}"\ndev = "register-1"\nhost = "{broker.host}"\nport = {broker.port}\n'
            f'ca = "{files.ca}"\ncert = "{files.cert}"\nkey = "{files.key}"\n'
            f'[listen]\nport = {self.port}\nallow = ["{TERMINAL}"]\n[[registers]]\nname = "community"\nurl = "{self._database}"\n'
            'answers = ["person", "household", "dues", "settlements", "streets", "documents", "given_names"]\n'
        )

    def start(self) -> None:
        """Returns when the door is open."""
        command = [sys.executable, "-m", "registers", "--config", str(self._folder / "registers.toml")]
        with (self._folder / "registers.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        until(self._open_door, lambda: (self._folder / "registers.log").read_text())

    def stop(self) -> None:
        """Twice is fine."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def add_person(self, number: str, name: str, name_en: str, other: str) -> None:
        """Somebody who lives at the address of the others."""
        home = {"settlement": "s1", "street": "st1", "house": "7", "flat": "12", "since": date(2015, 2, 3)}
        with self._open() as db:
            who = {"number": number, "other_number": other, "name_uk": name, "name_en": name_en}
            db.execute(insert(PERSON).values(birth_date=date(1990, 1, 1), **who, **home))

    def paid(self) -> list[tuple[str, int]]:
        """(due, minor) of what the register was told."""
        with self._open() as db:
            return [(str(row.due), int(row.amount_minor)) for row in db.execute(select(PAYMENT))]

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        engine = create_engine(self._database)
        with engine.begin() as db:
            yield db
        engine.dispose()

    def _open_door(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


class Site:
    """What stands around a terminal, and the file it is configured by. A context manager."""

    def __init__(self, folder: Path, hall: str = "ua-cnap") -> None:
        self.folder = folder
        self.hall = SmallHall(folder / "broker", load(hall, TERMINAL, Role.TERMINAL))

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.hall)
            self.printer = stack.enter_context(SimPrinter(self.folder / "paper"))
            self.pos = stack.enter_context(Device("simulators.privat_pos", self.folder / "pos"))
            self.acceptor = stack.enter_context(Device("simulators.ccnet", self.folder / "acceptor"))
            self.connector = Connector(self.folder, self.hall)
            stack.callback(self.connector.stop)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._stack.close()

    def options(self, **changes: Any) -> Options:
        """The terminal's configuration."""
        broker = self.hall.broker(TERMINAL)
        section = BrokerSection(
            hall=broker.hall, dev=broker.dev, host=broker.host, port=broker.port, ca=broker.ca, cert=broker.cert, key=broker.key
        )  # fmt: skip
        sections: dict[str, Any] = {
            "card": CardSection(protocol="privat", url=tcp(self.pos)),
            "cash": CashSection(url=f"serial://{self.acceptor.facts['device']}"),
            "registers": RegisterSection(url=f"https://127.0.0.1:{self.connector.port}", timeout_s=3),
        }
        return Options(
            broker=section, printer=PrinterSection(url=self.printer.url), currency="UAH", data=self.folder / "data",
            **{**sections, **changes},
        )  # fmt: skip

    def toml(self) -> str:
        """The same as a file."""
        options = self.options()
        assert options.card is not None
        assert options.cash is not None
        assert options.registers is not None
        broker = options.broker
        return (
            f'data = "{options.data}"\ncurrency = "UAH"\n'
            f'[broker]\nhall = "{broker.hall}"\ndev = "{broker.dev}"\nhost = "{broker.host}"\nport = {broker.port}\n'
            f'ca = "{broker.ca}"\ncert = "{broker.cert}"\nkey = "{broker.key}"\n'
            f'[printer]\nurl = "{options.printer.url}"\n[card]\nprotocol = "privat"\nurl = "{options.card.url}"\n'
            f'[cash]\nurl = "{options.cash.url}"\n[registers]\nurl = "{options.registers.url}"\n'
        )

    def taken(self) -> int:
        """What the bank behind the card terminal keeps."""
        sign = {"sale": 1, "void": -1, "close": 0}
        return sum(sign[line["type"]] * line["minor"] for line in self.pos.lines("bank.jsonl") if line["approved"])

    def cassette(self) -> list[int]:
        """Kinds of the notes in the cassette."""
        return [line["kind"] for line in self.acceptor.lines("notes.jsonl") if line["event"] == "cassette"]

    def insert(self, *kinds: int) -> None:
        """A visitor puts notes in, each when the acceptor is ready for one."""
        for kind in kinds:
            count = len(self.cassette())

            def taken(kind: int = kind, count: int = count) -> bool:
                state = self.acceptor.do("state")
                if len(self.cassette()) == count and state["word"] == "14" and not state["open"]:
                    self.acceptor.do("insert", kind=kind)
                return len(self.cassette()) > count

            until(taken, f"note {kind} in the cassette")

    def payments(self) -> list[tuple[str, str, int]]:
        """(method, state, captured) of the newest fact about each payment, as the hall was told."""
        facts = {fact.sq: fact for fact in self.hall.facts if isinstance(fact, m.PaymentFact)}
        newest = {fact.payment: fact for _, fact in sorted(facts.items())}
        return [(fact.method, str(fact.state), fact.captured_minor) for fact in newest.values()]

    def books(self) -> Journal:
        """The terminal's journal, while no terminal runs."""
        return Journal.open(self.folder / "data" / "terminal.db", self.hall.hall.id, MONEY, utc_now)


class Customer:
    """A terminal in this process, and somebody before it. A context manager."""

    def __init__(self, options: Options) -> None:
        self.terminal = Terminal(options)

    def __enter__(self) -> Self:
        self.terminal.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.terminal.stop()

    @property
    def state(self) -> Any:
        """What the terminal is in."""
        return self.terminal._state

    @property
    def book(self) -> Book:
        """What it knows about money."""
        return self.terminal._book

    def ready(self) -> Self:
        """Wait until a visit can begin and everything that is configured can be used."""
        ways = ("paper", "card", "cash")
        missing = {"card": self.terminal._card is None, "cash": self.terminal._cash is None}
        until(
            lambda: self.state.beat_at and all(missing.get(way) or getattr(self.state.ways, way) for way in ways),
            lambda: f"{self.state.ways}, {self.terminal.box.troubles.open}",
        )
        return self

    def sees(self, screen: str) -> None:
        """Wait for a screen."""
        until(lambda: self.state.screen == screen, lambda: f"{screen}, seen: {self.state.screen} {self.state.visit!r}")

    def press(self, key: str, then: str) -> None:
        """Press until the screen `then` comes: a touch right after a change of screen is not meant for it."""
        self.until(key, lambda: bool(self.state.screen == then), then)

    def until(self, key: str, done: Callable[[], bool], what: str = "") -> None:
        """Press `key` until `done()`; a finger that was not heard presses again after a while."""
        press_at = 0.0

        def pressed() -> bool:
            nonlocal press_at
            heard = self.terminal._queue.empty()  # else the finger before is still on its way
            if not done() and heard and time.monotonic() >= press_at:
                press_at = time.monotonic() + REACTION_S
                self.terminal.press(key)
            return done()

        until(pressed, lambda: f"{what or key}, seen: {self.state.screen} {self.state.visit!r}")

    def owes(self, code: str) -> None:
        """From the attract screen to the sum of a demand's code."""
        self.types("dues", code)
        self.press("next", "dues")
        self.press("due:due-1", "total")

    def wants(self, service: str) -> None:
        """From the attract screen to the question whether a ticket for `service` is right."""
        self.sees("attract")
        self.press("start", "language")
        self.press("lang:uk", "menu")
        self.press("ticket", "groups")
        group = self.state.hall.service_by_id[service].group
        self.press(f"group:{group}", "services")
        self.press(f"service:{service}", "ticket")

    def types(self, errand: str, code: str) -> None:
        """From the attract screen to a code that is typed, for dues or reprint."""
        self.sees("attract")
        self.press("start", "language")
        self.press("lang:uk", "menu")
        self.press(errand, "code")
        for count, sign in enumerate(code, 1):
            self.until(f"digit:{sign}", partial(self._typed, count))

    def _typed(self, count: int) -> bool:
        return len(self.state.visit.code) >= count

    def payment(self) -> Payment:
        """The newest card payment of this visit."""
        return self.book.payments(self.state.visit.order)[-1]
