"""The demo's self-service terminal: its devices, the connector with an invented community, its people, and the ledgers at the end."""

from __future__ import annotations

import json
import shlex
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from contract.hall import Hall
from demo import cards
from demo.layout import CONNECTOR, TERMINAL, Layout
from demo.report import lines
from journal.database import snapshot
from journal.schema import HALL, MONEY
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
SMALL_MINOR = 60_000
"""Demands up to here are paid in the demo: few notes are enough."""
ERRANDS = ("card", "cash", "certificate", "leaves", "qr", "cash", "card")


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


def settle(hall: Hall, room: Path) -> list[str]:
    """Invent a community that the card's holder lives in, bring it into a database in `room`; codes of small demands for payment."""
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
    return [due["code"] for due in small]


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


def plan(layout: Layout, wires: Wires, screen: int, codes: list[str], readers: Readers | None, seed: int) -> str:
    """What people at the terminal need to know, as JSON for simulators/errand.py."""
    alone = [s for s in layout.hall.services if s.self_service is not None and s.self_service.paper != "application"]
    certificate = next(
        (s.id for s in alone if s.self_service is not None and s.self_service.asks == "household"), alone[0].id
    )
    notes = NOTES if layout.hall.currency == "UAH" else {}
    words: dict[str, Any] = {
        "seed": seed, "languages": list(layout.hall.languages), "screen": f"tcp:{screen}", "pos": f"tcp:{wires.pos_control}",
        "acceptor": f"tcp:{wires.acceptor_control}", "notes": notes, "codes": codes, "service": certificate, "faults": True,
        "errands": ERRANDS if notes else ("card", "certificate"),
    }  # fmt: skip
    if readers is not None:
        country = COUNTRY[layout.hall.currency]
        words["card"] = {"control": f"unix:{readers.control}", "name": country, "slot": str(cards.TERMINAL_SLOT)}
    return json.dumps(words, indent=1)


def money(layout: Layout, room: Path, pos: Path, acceptor: Path, people: Path, papers: Path) -> dict[str, Any]:
    """What the terminal's books, the bank, the cassette, the register and the hall say of the same money; `mismatches` are what differs."""
    books = _books(layout)
    bank = {line["rrn"]: line for line in lines(pos / "bank.jsonl")}
    voided = sum(line["minor"] for line in bank.values() if line["type"] == "void" and line["approved"])
    captured = sum(line["minor"] for line in bank.values() if line["type"] == "sale" and line["approved"]) - voided
    approved = sum(row["captured_minor"] for row in books["payment"] if row["state"] == "approved")
    unknown = [
        row for row in books["payment"] if row["state"] in ("intent", "unknown", "reversing", "reversal_unknown")
    ]
    kinds = {kind: minor for minor, kind in NOTES.items()}
    inside = Counter(kinds[line["kind"]] for line in lines(acceptor / "notes.jsonl") if line["event"] == "cassette")
    noted = Counter(row["amount_minor"] for row in books["note"] if row["state"] in ("credited", "unexplained"))
    doubtful = sum(row["state"] in ("stacking", "doubt") for row in books["note"])
    paid = {row["id"]: row for row in books["order"] if row["state"] == "paid"}
    mismatches = [
        *_differ("bank and books", captured, approved, sum(row["amount_minor"] for row in unknown)),
        *_notes_differ(inside, noted, doubtful),
        *_register_differs(room, paid),
        *_hall_differs(layout, books["payment"]),
    ]
    guests = list(lines(people))
    took = sorted(line["took_s"] for line in guests if line["what"] == "certificate")
    return {
        "captures": sum(row["state"] == "approved" for row in books["payment"]),
        "captured_minor": captured,
        "declined": sum(row["state"] in ("declined", "not_performed") for row in books["payment"]),
        "unknown": len(unknown),
        "notes": sum(inside.values()),
        "notes_minor": sum(minor * count for minor, count in inside.items()),
        "notes_in_doubt": doubtful,
        "claims": len(books["claim"]),
        "orders": dict(Counter(row["state"] for row in books["order"])),
        "paid_by": dict(Counter(row["method"] for row in paid.values())),
        "receipts_printed": sum(row["slip"] == "printed" for row in paid.values()),
        "told_to_register": sum(row["told"] == "told" for row in paid.values()),
        "papers": len(list(papers.glob("*.png"))),
        "certificates": len(took),
        "certificate_s": took[len(took) // 2] if took else None,
        "weather": dict(Counter(line["cause"] for line in guests if line["what"] == "weather")),
        "mismatches": mismatches,
    }


def _books(layout: Layout) -> dict[str, list[dict[str, Any]]]:
    with snapshot(layout.room(TERMINAL) / "terminal.db") as connection:
        tables = ("payment", "note", "order", "claim")
        return {
            name: [dict(row) for row in connection.execute(select(MONEY.table(name))).mappings()] for name in tables
        }


def _differ(what: str, theirs: int, ours: int, open_minor: int) -> list[str]:
    """Money whose end is unknown may be on either side."""
    return [] if 0 <= theirs - ours <= open_minor else [f"{what}: {theirs} and {ours}, {open_minor} open"]


def _notes_differ(inside: Mapping[int, int], noted: Mapping[int, int], doubtful: int) -> list[str]:
    """Each note in the cassette is in the books; of those in doubt nobody knows."""
    missing = sum(max(0, inside[minor] - noted.get(minor, 0)) for minor in inside)
    invented = sum(max(0, noted[minor] - inside.get(minor, 0)) for minor in noted)
    fine = not invented and missing <= doubtful
    return [] if fine else [f"notes: {missing} not in the books, {invented} not in the cassette, {doubtful} in doubt"]


def _register_differs(room: Path, paid: Mapping[str, dict[str, Any]]) -> list[str]:
    with closing(sqlite3.connect(room / DATABASE)) as db:
        known = {str(row[0]) for row in db.execute("SELECT due FROM payment")}
    ours = {str(row["due"]) for row in paid.values() if row["due"]}
    told = {str(row["due"]) for row in paid.values() if row["told"] == "told"}
    twice = len(ours) != sum(1 for row in paid.values() if row["due"])
    wrong = [f"register: {shlex.join(sorted(known ^ told))}"] if not told <= known <= ours else []
    return [*wrong, *(["a due was paid twice"] if twice else [])]


def _hall_differs(layout: Layout, payments: list[dict[str, Any]]) -> list[str]:
    """The hall's accounts, where this hall keeps any."""
    if "payment" not in HALL.projected:
        return []
    with snapshot(layout.journal) as connection:
        rows = connection.execute(select(HALL.table("payment"))).mappings()
        told = {str(row["id"]): (str(row["state"]), row["captured_minor"]) for row in rows if row["method"] == "card"}
    ours = {str(row["id"]): (str(row["state"]), row["captured_minor"]) for row in payments}
    return [f"accounts: {key}: {told.get(key)}, books {ours[key]}" for key in ours if told.get(key) != ours[key]]
