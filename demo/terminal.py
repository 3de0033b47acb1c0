"""The demo's self-service terminal: its devices, the connector with an invented community, and its people."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.hall import Hall
from demo import cards
from demo.layout import ACCEPTOR, CARD_TERMINAL, CONNECTOR, TERMINAL, Layout
from demo.process import Processes
from registers.community.invented import Guest, community
from registers.community.load import load
from registers.community.table import TABLES
from registers.register_command import SAMPLE_DAY, write
from registers.sql import connect
from simulators.card.person import PEOPLE
from simulators.card.readers import Readers

RESIDENTS = 600
DATABASE = "community.db"
COUNTRY = {"UAH": "ua", "KZT": "kz"}
NOTES = {100: 0, 200: 1, 500: 2, 1000: 3, 2000: 4, 5000: 5, 10000: 6, 20000: 7, 50000: 8, 100000: 9}
"""Minor units → kind, of the simulated acceptor, which knows hryvnias."""
DEVICES = {"pos": CARD_TERMINAL, "acceptor": ACCEPTOR}
SMALL_MINOR = 60_000
"""Demands up to here are paid in the demo: few notes are enough."""
ERRANDS = (
    "card", "cash", "certificate", "leaves", "qr", "declined", "over", "card_cut", "note_cut", "card_lost", "note_held",
)  # fmt: skip
"""Every way to pay, to give up and to be interrupted, in a fixed order; with seed 2 from the second on, and so forth."""
WITHOUT_NOTES = ("card", "certificate", "declined", "card_cut", "card_lost")


@dataclass(frozen=True, slots=True)
class Wires:
    """Ports on loopback, and the acceptor's device file."""

    printer: int
    pos: int
    pos_control: int
    acceptor: str
    acceptor_control: int
    connector: int


def has_one(hall: Hall) -> bool:
    """Whether a terminal has something to do in this hall."""
    return hall.currency in COUNTRY and any(service.self_service is not None for service in hall.services)


def settle(hall: Hall, room: Path) -> list[tuple[str, int]]:
    """Invent a community that the card's holder lives in, bring it into a database in `room`; (code, minor units) of small
    demands for payment."""
    country = COUNTRY[hall.currency]
    found = PEOPLE[country]
    number = found.national[0] if found.national else found.personal_number
    other = f"{found.personal_number[:8]}-{found.personal_number[8:]}" if country == "ua" else ""
    names = dict.fromkeys(("ru", "en"), f"{found.surname} {found.given}".title())
    names["uk" if country == "ua" else "kk"] = " ".join(found.native)
    files = community(country, RESIDENTS, 1, SAMPLE_DAY, [Guest(number, names, found.born, found.sex, other)])
    for table in TABLES:
        write(room / table.file, files[table.file])
    engine = connect("community", f"sqlite:///{room / DATABASE}", 30.0)
    load(room, engine, lambda _file, _done, _all: None)
    engine.dispose()
    small = [due for due in files["dues.csv"] if int(due["amount_minor"]) <= SMALL_MINOR]
    return [(due["code"], int(due["amount_minor"])) for due in small]


def connector(layout: Layout, room: Path, port: int) -> Path:
    """Write the connector's file; returns it."""
    layout.broker.authority.issue(CONNECTOR, ["127.0.0.1", "localhost"])
    listen = f'[listen]\nport = {port}\nallow = ["{TERMINAL}"]\n'
    asked = '["person", "household", "dues", "settlements", "streets", "documents", "given_names"]'
    registers = f'[[registers]]\nname = "community"\nurl = "sqlite:///{room / DATABASE}"\nanswers = {asked}\n'
    return layout.box(CONNECTOR, "", listen, registers)


def configuration(layout: Layout, wires: Wires, readers: Readers | None) -> Path:
    """Write the terminal's file; returns it."""
    head = f'data = "{layout.room(TERMINAL)}"\ncurrency = "{layout.hall.currency}"\n'
    tables = [
        f'[printer]\nurl = "tcp://127.0.0.1:{wires.printer}"\n',
        "[screen]\nwidth = 540\nheight = 960\n",
        f'[card]\nprotocol = "privat"\nurl = "tcp://127.0.0.1:{wires.pos}"\n',
        f'[cash]\nurl = "serial://{wires.acceptor}"\n',
        f'[registers]\nurl = "https://127.0.0.1:{wires.connector}"\n',
    ]
    if readers is not None:
        tables.append(cards.table(readers, cards.TERMINAL_SLOT, layout.room(TERMINAL)))
    return layout.box(TERMINAL, head, *tables)


def plan(
    layout: Layout,
    wires: Wires,
    screen: int,
    codes: list[tuple[str, int]],
    readers: Readers | None,
    seed: int,
    broken: list[str],
) -> str:
    """What people at the terminal need to know, as JSON for simulators/errand.py."""
    alone = [s for s in layout.hall.services if s.self_service is not None and s.self_service.paper != "application"]
    certificate = next(
        (s.id for s in alone if s.self_service is not None and s.self_service.asks == "household"), alone[0].id
    )
    notes = NOTES if layout.hall.currency == "UAH" else {}
    words: dict[str, Any] = {
        "seed": seed, "languages": list(layout.hall.languages), "screen": f"tcp:{screen}", "pos": f"tcp:{wires.pos_control}",
        "acceptor": f"tcp:{wires.acceptor_control}", "notes": notes, "codes": codes, "service": certificate, "broken": broken,
        "errands": _turned(ERRANDS if notes else WITHOUT_NOTES, seed - 1),
    }  # fmt: skip
    if readers is not None:
        country = COUNTRY[layout.hall.currency]
        words["card"] = {"control": f"unix:{readers.control}", "name": country, "slot": str(cards.TERMINAL_SLOT)}
    return json.dumps(words, indent=1)


def _turned(errands: tuple[str, ...], by: int) -> tuple[str, ...]:
    by %= len(errands)
    return errands[by:] + errands[:by]


@dataclass(frozen=True, slots=True)
class Running:
    """`screen`: where its glass takes fingers; `controls`: of its devices, by name, where they take orders."""

    screen: int
    controls: Mapping[str, int]


def start(
    layout: Layout,
    register: Path,
    processes: Processes,
    announced: Callable[[str], dict[str, Any]],
    readers: Readers | None,
    env: Mapping[str, str],
    doors: tuple[int, int],
) -> tuple[Running, Wires, list[tuple[str, int]]]:
    """Start the connector over `register`, the devices and the terminal; what they told, and demands that can be paid there.

    `announced`: waits for a process to say where it listens; `env`: of a process with a screen; `doors`: free ports.
    """
    codes = settle(layout.hall, register)
    processes.start("registers", "registers", "--config", str(connector(layout, register, doors[0])))
    told = {}
    for name, module, words in (
        ("printer-terminal", "simulators.printer", ("--port", "0", "--speed-model")),
        ("pos", "simulators.privat_pos", ("--port", "0", "--control-port", "0")),
        ("acceptor", "simulators.ccnet", ("--control-port", "0")),
    ):
        processes.start(name, module, *words, "--out", str(layout.folder / name))
        told[name] = announced(name)
    wires = Wires(
        told["printer-terminal"]["port"],
        told["pos"]["port"],
        told["pos"]["control_port"],
        told["acceptor"]["device"],
        told["acceptor"]["control_port"],
        doors[0],
    )
    config = configuration(layout, wires, readers)
    home = {"KIVY_HOME": str(layout.room(f"{TERMINAL}/kivy")), **(readers.environment if readers is not None else {})}
    ledger = str(layout.folder / "fingers-terminal.jsonl")
    host = ("--port", str(doors[1]), "--ledger", ledger, "terminal", "--config", str(config))
    processes.start(TERMINAL, "simulators.screen_host", *host, env={**env, **home})
    controls = {
        TERMINAL: told["printer-terminal"]["control_port"],
        CARD_TERMINAL: wires.pos_control,
        ACCEPTOR: wires.acceptor_control,
    }
    return Running(int(announced(TERMINAL)["port"]), controls), wires, codes
