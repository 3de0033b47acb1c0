"""The money journal: payments, notes and what nobody can explain, each step an event before anything follows from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime

from contract.words import PaymentState as State
from journal.event import Event, Fact, Row, Scalar
from journal.journal import Journal, stamp
from runtime.clock import utc_now
from terminal.money import Money
from terminal.payments.note import Note, NoteState
from terminal.payments.payment import DOUBTFUL, LIVE, OPEN, Payment, Slip
from terminal.pos.terminal import Receipt

_PAYMENT = tuple(f.name for f in fields(Payment) if f.name not in {"order", "amount", "state", "slip"})


class Book:
    """What one terminal knows about money. A call that writes returns when the disk has it; one thread at a time."""

    def __init__(self, journal: Journal, who: str, utc: Callable[[], datetime] = utc_now) -> None:
        """`journal`: open, of kind MONEY; `who`: the terminal, named in each event that no person caused."""
        self._journal, self._who, self._utc = journal, who, utc

    def now(self) -> str:
        """The moment as the journal writes it."""
        return stamp(self._utc())

    # -- cards ------------------------------------------------------------------------------------------------------

    def save(self, payment: Payment, *, who: str = "", seen: Receipt | None = None) -> None:
        """Remember a payment's newest step. `who`: the person behind it; `seen`: the terminal's newest receipt, now accounted for."""
        rows = [Row("payment", _payment_row(payment))]
        if seen is not None:
            rows.append(_till(payment.device, seen.tid, seen.mark))
        facts: dict[str, Fact] = {
            "payment": payment.id,
            "order": payment.order,
            "minor": payment.amount.minor,
            "note": payment.note,
        }
        self._commit(f"payment.{payment.state}", facts, rows, who)

    def payment(self, payment_id: str) -> Payment | None:
        """As last saved; None: never saved."""
        found = self._journal.rows("payment", id=payment_id)
        return _payment(found[0]) if found else None

    def live(self, order: str) -> Payment | None:
        """The one payment of an order that has, or may have, taken money."""
        states = tuple(state.value for state in LIVE)
        found = self._journal.rows("payment", order_id=order, state=states)
        return _payment(found[0]) if found else None

    def of_device(self, device: str, states: frozenset[State]) -> list[Payment]:
        """The device's payments in one of `states`, oldest first."""
        rows = self._journal.rows("payment", device=device, state=tuple(state.value for state in states))
        return sorted(map(_payment, rows), key=lambda payment: (payment.opened_at, payment.id))

    def unsettled(self, device: str) -> list[Payment]:
        """The device's payments of which nobody knows how they ended, oldest first."""
        return self.of_device(device, OPEN | DOUBTFUL)

    def mark(self, device: str) -> str | None:
        """The newest receipt of that device that is accounted for; None: none was ever read."""
        found = self._journal.rows("till", device=device)
        return str(found[0]["mark"]) if found else None

    def account(self, device: str, last: Receipt | None) -> None:
        """From now on `last` (None: an empty batch) is the newest receipt that is accounted for."""
        mark, tid = ("", "") if last is None else (last.mark, last.tid)
        self._commit("till.read", {"device": device, "mark": mark}, [_till(device, tid, mark)])

    def stray(self, device: str, receipt: Receipt) -> None:
        """The terminal has a receipt that no payment of ours explains: a person must look at it."""
        row = Row(
            "stray", {"device": device, "mark": receipt.mark, "amount_minor": receipt.amount.minor, "at": self.now()}
        )
        facts: dict[str, Fact] = {"device": device, "mark": receipt.mark, "approved": receipt.approved}
        self._commit("till.stray", facts, [row, _till(device, receipt.tid, receipt.mark)])

    def strays(self, device: str) -> list[str]:
        """Marks of the receipts nobody can explain."""
        return [str(row["mark"]) for row in self._journal.rows("stray", device=device)]

    # -- notes ------------------------------------------------------------------------------------------------------

    def put(self, note: Note) -> None:
        """Remember a banknote's newest step."""
        facts: dict[str, Fact] = {
            "note": note.id,
            "order": note.order,
            "minor": note.value.minor,
            "cassette": note.cassette,
        }
        self._commit(f"note.{note.state}", facts, [Row("note", _note_row(note))])

    def notes(self, **where: Scalar | tuple[Scalar, ...]) -> list[Note]:
        """Notes by column, oldest first."""
        return sorted(map(_note, self._journal.rows("note", **where)), key=lambda note: (note.at, note.id))

    def credit(self, order: str) -> int:
        """Minor units that notes have brought for `order`."""
        return sum(note.value.minor for note in self.notes(order_id=order, state=NoteState.CREDITED.value))

    def claim(self, order: str, code: str, amount: Money) -> None:
        """The visitor left with `amount` inside: whoever has `code` is owed it."""
        words: dict[str, Scalar] = {
            "order_id": order,
            "code": code,
            "amount_minor": amount.minor,
            "currency": amount.currency,
            "at": self.now(),
        }
        self._commit("cash.claim", {"order": order, "minor": amount.minor}, [Row("claim", words)])

    def claims(self) -> dict[str, tuple[str, int]]:
        """Order → (code, minor units) owed."""
        return {str(r["order_id"]): (str(r["code"]), int(str(r["amount_minor"]))) for r in self._journal.rows("claim")}

    def cassette(self, device: str) -> str:
        """The cassette in the acceptor; the first one is written down when it is asked for."""
        found = self._journal.rows("cassette", device=device, collected_at=None)
        return str(found[0]["id"]) if found else self._new_cassette(device, [], {})

    def collect(self, device: str) -> dict[str, int]:
        """The cassette was taken out: its totals (minor units of a note → notes), and a new cassette begins."""
        old = self.cassette(device)
        counted: dict[str, int] = {}
        for note in self.notes(
            device=device, cassette=old, state=(NoteState.CREDITED.value, NoteState.UNEXPLAINED.value)
        ):
            counted[str(note.value.minor)] = counted.get(str(note.value.minor), 0) + 1
        since = self._journal.rows("cassette", id=old)[0]["since"]
        ended: dict[str, Scalar] = {
            "id": old,
            "device": device,
            "since": since,
            "collected_at": self.now(),
            "totals": json.dumps(counted),
        }
        self._new_cassette(device, [Row("cassette", ended)], counted)
        return counted

    def _new_cassette(self, device: str, before: list[Row], totals: Mapping[str, int]) -> str:
        name = f"{device}-{len(self._journal.rows('cassette', device=device)) + 1}"
        row = Row("cassette", {"id": name, "device": device, "since": self.now()})
        self._commit("cash.cassette", {"cassette": name, "collected": dict(totals)}, [*before, row])
        return name

    def _commit(self, kind: str, facts: Mapping[str, Fact], rows: list[Row], who: str = "") -> None:
        self._journal.commit([Event(kind, self.now(), who or self._who, None, facts, tuple(rows))])


def _till(device: str, tid: str, mark: str) -> Row:
    return Row("till", {"device": device, "tid": tid, "mark": mark})


def _payment_row(payment: Payment) -> dict[str, Scalar]:
    plain: dict[str, Scalar] = {name: getattr(payment, name) for name in _PAYMENT}
    money: dict[str, Scalar] = {"amount_minor": payment.amount.minor, "currency": payment.amount.currency}
    return {**plain, **money, "order_id": payment.order, "state": payment.state.value, "slip": payment.slip.value}


def _payment(row: Mapping[str, Scalar]) -> Payment:
    words = {name: row[name] for name in _PAYMENT}
    return Payment(
        **words,  # type: ignore[arg-type]  # the columns have the fields' names and types
        order=str(row["order_id"]),
        amount=Money(int(str(row["amount_minor"])), str(row["currency"])),
        state=State(str(row["state"])),
        slip=Slip(str(row["slip"])),
    )


def _note_row(note: Note) -> dict[str, Scalar]:
    return {
        "id": note.id, "device": note.device, "order_id": note.order, "state": note.state.value, "kind": note.kind,
        "amount_minor": note.value.minor, "currency": note.value.currency, "cassette": note.cassette, "at": note.at,
    }  # fmt: skip


def _note(row: Mapping[str, Scalar]) -> Note:
    return Note(
        id=str(row["id"]),
        device=str(row["device"]),
        order=str(row["order_id"]),
        kind=int(str(row["kind"])),
        value=Money(int(str(row["amount_minor"])), str(row["currency"])),
        cassette=str(row["cassette"]),
        at=str(row["at"]),
        state=NoteState(str(row["state"])),
    )
