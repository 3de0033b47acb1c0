"""A terminal's money with simulated devices as processes: what the payment tests and the soak share."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from journal.journal import Journal
from journal.schema import MONEY
from runtime.clock import utc_now
from soak.mortal import SwiftJournal
from terminal.cash.ccnet.session import CcnetAcceptor
from terminal.payments.book import Book
from terminal.payments.card_till import CardTill
from terminal.payments.cash_till import CashTill
from terminal.pos.kaspi.session import KaspiTerminal
from terminal.pos.kaspi.session import Timing as KaspiTiming
from terminal.pos.privat.session import PrivatTerminal, Timing
from terminal.pos.terminal import CardTerminal
from terminal.pos.zvt.line import SerialLine, TcpLine
from terminal.pos.zvt.session import Timing as ZvtTiming
from terminal.pos.zvt.session import ZvtTerminal
from terminal.wire import Wire, open_wire

ROOT = Path(__file__).parent.parent
QUICK_ZVT = ZvtTiming(reply_s=1.0, sale_s=1.0, settle_s=2.0, pause_s=0.05)
QUICK_KASPI = KaspiTiming(reply_s=0.5, sale_s=1.5, settle_s=2.0, poll_s=0.01, actualize_s=0.05)
QUICK = Timing(reply_s=0.5, sale_s=1.0, settle_s=2.0, pause_s=0.0, redial_s=0.0)
"""A terminal on loopback that no visitor keeps waiting."""


class Device:
    """A simulator in a process of its own, with its control port."""

    def __init__(self, module: str, folder: Path) -> None:
        self.folder = folder
        port = [] if module.endswith("ccnet") else ["--port", "0"]
        command = [sys.executable, "-m", module, *port, "--control-port", "0", "--out", str(folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        self.facts: dict[str, Any] = json.loads(self._process.stdout.readline())
        self._control = socket.create_connection(("127.0.0.1", self.facts["control_port"]), 5)
        self._answers = self._control.makefile("r")

    def __enter__(self) -> Device:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._answers.close()
        self._control.close()
        self._process.terminate()
        self._process.wait(5)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def do(self, what: str, **facts: object) -> dict[str, Any]:
        self._control.sendall(json.dumps({"do": what, **facts}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(self._answers.readline())
        assert "error" not in answer, answer
        return answer

    def lines(self, name: str) -> list[dict[str, Any]]:
        """What the simulator's own ledger says."""
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def open_journal(folder: Path, kind: type[Journal] = SwiftJournal) -> Journal:
    """The money journal of terminal-1."""
    return kind.open(folder / "money.db", "terminal-1", MONEY, utc_now)


Wrap = Callable[[Wire], Wire]


def plain(wire: Wire) -> Wire:
    """The line as it is."""
    return wire


def privat(pos: Device, wrap: Wrap = plain) -> CardTerminal:
    """PrivatBank's JSON on TCP."""
    return PrivatTerminal(lambda: wrap(open_wire(tcp(pos), "pos-1")), "UAH", "pos-1", timing=QUICK)


def privat_serial(pos: Device, wrap: Wrap = plain) -> CardTerminal:
    """PrivatBank's JSON on a serial line."""
    url = f"serial://{pos.facts['device']}?baud=115200"
    return PrivatTerminal(lambda: wrap(open_wire(url, "pos-1")), "UAH", "pos-1", timing=QUICK)


def zvt(pos: Device, wrap: Wrap = plain) -> CardTerminal:
    """ZVT on TCP."""
    return ZvtTerminal(lambda: TcpLine(wrap(open_wire(tcp(pos), "pos-1")), "pos-1"), "UAH", "pos-1", timing=QUICK_ZVT)


def zvt_serial(pos: Device, wrap: Wrap = plain) -> CardTerminal:
    """ZVT on a serial line."""
    url = f"serial://{pos.facts['device']}?baud=115200"
    return ZvtTerminal(
        lambda: SerialLine(wrap(open_wire(url, "pos-1")), "pos-1", ack_s=0.5), "UAH", "pos-1", timing=QUICK_ZVT
    )


def kaspi(pos: Device, wrap: Wrap = plain) -> CardTerminal:
    """Kaspi's HTTPS; allowed at its first use."""
    url, file = f"tls://127.0.0.1:{pos.facts['port']}?pin={pos.facts['pin']}", pos.folder / "permission.json"
    if not file.exists():
        KaspiTerminal(lambda: open_wire(url, "pos-1"), "pos-1", file, timing=QUICK_KASPI).pair("vikno")
    return KaspiTerminal(lambda: wrap(open_wire(url, "pos-1")), "pos-1", file, timing=QUICK_KASPI)


POS: dict[str, tuple[str, Callable[[Device, Wrap], CardTerminal]]] = {
    "privat": ("simulators.privat_pos", privat),
    "privat-serial": ("simulators.privat_pos", privat_serial),
    "zvt": ("simulators.zvt_pt", zvt),
    "zvt-serial": ("simulators.zvt_pt", zvt_serial),
    "kaspi": ("simulators.kaspi_pos", kaspi),
}
"""Protocol → its simulator, and our end of its line."""


def tcp(pos: Device) -> str:
    """The address of a simulator on TCP."""
    return f"tcp://127.0.0.1:{pos.facts['port']}"


def card_till(journal: Journal, terminal: CardTerminal) -> CardTill:
    """The till of a card terminal, pos-1."""
    return CardTill(Book(journal, "terminal-1"), terminal, "pos-1")


def cash_till(journal: Journal, acceptor: Device, wrap: Wrap = plain) -> CashTill:
    """The till of a note acceptor, cash-1."""
    line = f"serial://{acceptor.facts['device']}"
    port = CcnetAcceptor(lambda: wrap(open_wire(line, "cash-1")), "UAH", "cash-1", reply_s=0.4)
    return CashTill(Book(journal, "terminal-1"), port, "cash-1", "UAH", poll_s=0.002)
