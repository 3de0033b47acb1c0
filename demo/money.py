"""What the demo's terminal did with money, told by every ledger that knows of it: its own books, the bank behind the card terminal, the
cassette, the register, the hall's accounts, the people. Reads files, decides nothing else."""

from __future__ import annotations

import json
import shlex
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from demo.layout import TERMINAL, Layout
from demo.report import lines, papers
from demo.terminal import DATABASE, NOTES
from journal.database import snapshot
from journal.event import facts_of
from journal.schema import HALL, MONEY
from terminal.qr.nbu import PREFIX

Row = dict[str, Any]
OPEN = ("intent", "unknown", "reversing", "reversal_unknown")
INSIDE = ("credited", "unexplained")
DOUBTFUL = ("stacking", "doubt")


@dataclass(frozen=True, slots=True)
class Books:
    """The terminal's journal. `doubted`: payments that were unknown at some time; `untold`: payments and cassettes of which the hall may
    not have heard the newest word, as the demo ended before it was acknowledged."""

    payments: list[Row]
    notes: list[Row]
    orders: list[Row]
    claims: list[Row]
    doubted: frozenset[str]
    untold: frozenset[str]

    def credit(self, order: str) -> int:
        """Minor units that notes brought for an order."""
        return sum(note["amount_minor"] for note in self.notes if note["order_id"] == order and note["state"] in INSIDE)


@dataclass(frozen=True, slots=True)
class Ledgers:
    """Each side's own word. `bank`, `notes`, `guests`: lines of the simulators' ledgers; `register`: dues it was told are paid;
    `accounts`, `cassettes`: the hall's rows; `transfers`: papers on which a transfer code can be read."""

    books: Books
    bank: list[Row]
    notes: list[Row]
    register: frozenset[str]
    accounts: list[Row]
    cassettes: list[Row]
    guests: list[Row]
    transfers: int


def read(layout: Layout, register: Path, folder: Path) -> Ledgers:
    """All ledgers of a demo in `folder` that has ended."""
    with snapshot(layout.room(TERMINAL) / "terminal.db") as terminal:
        payments, notes, orders, claims = (
            _rows(terminal, MONEY, name) for name in ("payment", "note", "order", "claim")
        )
        books = Books(payments, notes, orders, claims, frozenset(_doubted(terminal)), frozenset(_untold(terminal)))
    with snapshot(layout.journal) as hall:
        accounts, cassettes = _rows(hall, HALL, "payment"), _rows(hall, HALL, "cassette")
    with closing(sqlite3.connect(register / DATABASE)) as db:
        paid = frozenset(str(row[0]) for row in db.execute("SELECT due FROM payment"))
    return Ledgers(
        books,
        list(lines(folder / "pos" / "bank.jsonl")),
        list(lines(folder / "acceptor" / "notes.jsonl")),
        paid,
        accounts,
        cassettes,
        list(lines(folder / "errands.jsonl")),
        sum(text.startswith(PREFIX) for text, _ in papers([folder / "printer-terminal"])),
    )


def told(ledgers: Ledgers) -> dict[str, Any]:
    """The figures of both sides, beside each other; `mismatches` are what differs."""
    books, guests = ledgers.books, ledgers.guests
    unknown = [row for row in books.payments if row["state"] in OPEN]
    decided = Counter(row["state"] for row in books.payments if row["id"] in books.doubted and row not in unknown)
    inside, doubtful = _inside(ledgers.notes), sum(note["state"] in DOUBTFUL for note in books.notes)
    paid = [order for order in books.orders if order["state"] == "paid"]
    took = sorted(line["took_s"] for line in guests if line["what"] == "certificate")
    return {
        "visits": dict(Counter(line["errand"] for line in guests if line["what"] == "came")),
        "paid_by": dict(Counter(order["method"] for order in paid)),
        "left_at": dict(Counter(line["screen"] for line in guests if line["what"] == "left")),
        "weather": dict(Counter(line["cause"] for line in guests if line["what"] == "weather")),
        "bank": _bank(ledgers.bank),
        "card_books": {**Counter(row["state"] for row in books.payments), "taken_minor": _captured(books.payments)},
        "unknown_decided": dict(decided),
        "unknown_left": len(unknown),
        "cassette": {"notes": inside.total(), "minor": _sum(inside)},
        "note_books": {**Counter(note["state"] for note in books.notes), "minor": _sum(_credited(books.notes))},
        "notes_refused": sum(line["what"] == "refused" for line in guests),
        "paid_over_minor": sum(books.credit(o["id"]) - o["amount_minor"] for o in paid if o["method"] == "cash"),
        "claims": len(books.claims),
        "claims_minor": sum(claim["amount_minor"] for claim in books.claims),
        "transfers_printed": ledgers.transfers,
        "certificates": len(took),
        "certificate_s": took[len(took) // 2] if took else None,
        "receipts_printed": sum(order["slip"] == "printed" for order in paid),
        "told_to_register": sum(order["told"] == "told" for order in paid),
        "in_hall_accounts": len(ledgers.accounts),
        "on_their_way": len(books.untold),
        "mismatches": [
            *_bank_differs(ledgers.bank, books.payments, sum(row["amount_minor"] for row in unknown)),
            *_notes_differ(inside, _credited(books.notes), doubtful),
            *_register_differs(ledgers.register, paid),
            *_accounts_differ(ledgers.accounts, books),
            *_cassettes_differ(ledgers.cassettes, books),
            *_paid_twice(books),
        ],
    }


def lines_of(found: Mapping[str, Any], currency: str) -> list[str]:
    """The same for people."""
    bank, cards, notes, claims = found["bank"], found["card_books"], found["note_books"], found["claims"]
    codes, coming, accounts = found["transfers_printed"], found["on_their_way"], found["in_hall_accounts"]
    said = (
        ("visitors", f"{sum(found['visits'].values())}: {_counts(found['visits'])}"),
        ("card, the bank", f"{bank['approved']} sales, {bank['declined']} declined: {_money(bank['taken_minor'], currency)}"),
        ("card, the books", f"{_states(cards, 'approved', 'declined', 'not_performed')}: {_money(cards['taken_minor'], currency)}"),
        ("  were unknown", f"{_counts(found['unknown_decided'])}; still unknown: {found['unknown_left']}"),
        ("cassette", f"{found['cassette']['notes']} notes: {_money(found['cassette']['minor'], currency)}"),
        ("note books", f"{_states(notes, 'credited', 'returned', 'doubt')}: {_money(notes['minor'], currency)}"),
        ("  of it", f"{_money(found['paid_over_minor'], currency)} over; {_money(found['claims_minor'], currency)} on {claims} claims"),
        ("papers", f"{found['receipts_printed']} receipts, {found['certificates']} certificates, {codes} codes to scan"),
        ("register, hall", f"{found['told_to_register']} dues told, {accounts} payments in the accounts, {coming} on their way"),
        ("ledgers", "; ".join(found["mismatches"]) or "equal"),
    )  # fmt: skip
    return [f"{name:<17} {words}" for name, words in said]


# --- one side ------------------------------------------------------------------------------------------------------------


def _rows(connection: Connection, schema: Any, table: str) -> list[Row]:
    return [dict(row) for row in connection.execute(select(schema.table(table))).mappings()]


def _doubted(terminal: Connection) -> Iterable[str]:
    event = MONEY.table("event")
    query = select(event.c.body).where(event.c.kind.in_(("payment.unknown", "payment.reversal_unknown")))
    return (str(facts_of(body)["payment"]) for (body,) in terminal.execute(query))


def _untold(terminal: Connection) -> Iterable[str]:
    waiting = (json.loads(row["body"]) for row in _rows(terminal, MONEY, "outbox"))
    return (str(fact[fact["t"]]) for fact in waiting if fact["t"] in ("payment", "cassette"))


def _bank(bank: list[Row]) -> dict[str, int]:
    sales = [line for line in bank if line["type"] == "sale"]
    approved = [line for line in sales if line["approved"]]
    given_back = sum(line["minor"] for line in bank if line["type"] in ("void", "refund") and line["approved"])
    taken = sum(line["minor"] for line in approved) - given_back
    return {"approved": len(approved), "declined": len(sales) - len(approved), "taken_minor": taken}


def _captured(payments: list[Row]) -> int:
    return sum(row["captured_minor"] for row in payments if row["state"] == "approved")


def _inside(notes: list[Row]) -> Counter[int]:
    kinds = {kind: minor for minor, kind in NOTES.items()}
    return Counter(kinds[line["kind"]] for line in notes if line["event"] == "cassette")


def _credited(notes: list[Row]) -> Counter[int]:
    return Counter(note["amount_minor"] for note in notes if note["state"] in INSIDE)


def _sum(notes: Counter[int]) -> int:
    return sum(minor * count for minor, count in notes.items())


# --- both sides ----------------------------------------------------------------------------------------------------------


def _bank_differs(bank: list[Row], payments: list[Row], open_minor: int) -> list[str]:
    """Money whose end is unknown, and told to be, may be on either side."""
    theirs, ours = _bank(bank)["taken_minor"], _captured(payments)
    return [] if 0 <= theirs - ours <= open_minor else [f"bank {theirs}, books {ours}, {open_minor} open"]


def _notes_differ(inside: Counter[int], noted: Counter[int], doubtful: int) -> list[str]:
    """Each note in the cassette is in the books; of those in doubt nobody knows."""
    missing, invented = (inside - noted).total(), (noted - inside).total()
    fine = not invented and missing <= doubtful
    return [] if fine else [f"notes: {missing} not in the books, {invented} not in the cassette, {doubtful} in doubt"]


def _register_differs(known: frozenset[str], paid: list[Row]) -> list[str]:
    ours = [str(order["due"]) for order in paid if order["due"]]
    told = {str(order["due"]) for order in paid if order["told"] == "told"}
    wrong = [f"register: {shlex.join(sorted(known ^ told))}"] if not told <= known <= set(ours) else []
    return [*wrong, *(["a due was paid twice"] if len(ours) != len(set(ours)) else [])]


def _accounts_differ(accounts: list[Row], books: Books) -> list[str]:
    """Payments by card as they are; orders that notes were put in for, once they have ended."""
    ours = {str(row["id"]): (str(row["state"]), row["captured_minor"]) for row in books.payments}
    claimed = {claim["order_id"] for claim in books.claims}
    for order in books.orders:
        if order["method"] == "cash" or order["id"] in claimed:
            state = "approved" if order["method"] == "cash" else "not_performed"
            ours[str(order["id"])] = state, books.credit(order["id"])
    theirs = {str(row["id"]): (str(row["state"]), row["captured_minor"]) for row in accounts}
    return [
        f"accounts: {key}: {theirs.get(key)}, books {ours.get(key)}"
        for key in sorted(ours | theirs)
        if theirs.get(key) != ours.get(key) and key not in books.untold
    ]


def _cassettes_differ(cassettes: list[Row], books: Books) -> list[str]:
    told: Counter[int] = Counter()
    noted = _credited([note for note in books.notes if note["cassette"] not in books.untold])
    for row in (each for each in cassettes if each["id"] not in books.untold):
        told.update({int(minor): count for minor, count in json.loads(row["notes"])})
    return [] if told == noted else [f"cassettes: the hall counts {told.total()} notes, the books {noted.total()}"]


def _paid_twice(books: Books) -> list[str]:
    """An order has one payment: by one card sale, or by notes."""
    by_card = Counter(row["order_id"] for row in books.payments if row["state"] == "approved")
    twice = [order for order, count in by_card.items() if count > 1]
    both = [o["id"] for o in books.orders if o["method"] == "cash" and o["state"] == "paid" and o["id"] in by_card]
    return [f"order {order} was paid twice" for order in (*twice, *both)]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def _states(counts: Mapping[str, int], *states: str) -> str:
    return ", ".join(f"{counts.get(state, 0)} {state.replace('_', ' ')}" for state in states)


def _money(minor: int, currency: str) -> str:
    return f"{minor // 100}.{minor % 100:02} {currency}"
