"""The money journal: payments, notes and what nobody can explain, each step an event before anything follows from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import fields
from datetime import datetime

from contract.errors import ContractError
from contract.words import PaymentState as State
from journal.event import Event, Fact, Row, Scalar
from journal.journal import Journal, stamp
from journal.telling import Telling
from runtime.clock import utc_now
from terminal.money import Money
from terminal.payments import word
from terminal.payments.note import Note, NoteState
from terminal.payments.order import Order, OrderState, Told
from terminal.payments.payment import DOUBTFUL, LIVE, OPEN, Payment, Slip
from terminal.pos.terminal import Receipt

_PAYMENT = tuple(f.name for f in fields(Payment) if f.name not in {"order", "amount", "state", "slip"})
_ORDER = tuple(f.name for f in fields(Order) if f.name not in {"amount", "state", "told", "slip"})
Words = Mapping[str, object]


class Book:
    """What one terminal knows about money. A call that writes returns when the disk has it; one thread at a time."""

    def __init__(
        self, journal: Journal, who: str, utc: Callable[[], datetime] = utc_now, telling: Telling | None = None
    ) -> None:
        """`journal`: open, of kind MONEY; `who`: the terminal, named in each event that no person caused; `telling`: the journal's
        outbox, into which the hall's facts go with the rows they are about; None: nobody is told.
        """
        self._journal, self._who, self._utc, self._telling = journal, who, utc, telling

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
        told = word.by_card(payment, self.service(payment.order), who)
        with self._journal.exclusive():
            rows += self._given_back(payment)
            self._commit(f"payment.{payment.state}", facts, rows, who, told)

    def _given_back(self, payment: Payment) -> list[Row]:
        """The order that this payment had paid, where it is given back now and a register must hear of it."""
        order = self.order(payment.order) if payment.state is State.REVERSED else None
        if order is None or order.payment != payment.id or order.told in {Told.NONE, Told.BACK}:
            return []
        return [Row("order", _order_row(order.given_back()))]

    def payment(self, payment_id: str) -> Payment | None:
        """As last saved; None: never saved."""
        found = self._journal.rows("payment", id=payment_id)
        return _payment(found[0]) if found else None

    def live(self, order: str) -> Payment | None:
        """The one payment of an order that has, or may have, taken money."""
        states = tuple(state.value for state in LIVE)
        found = self._journal.rows("payment", order_id=order, state=states)
        return _payment(found[0]) if found else None

    def payments(self, order: str) -> list[Payment]:
        """An order's card payments, oldest first."""
        return sorted(map(_payment, self._journal.rows("payment", order_id=order)), key=lambda p: (p.opened_at, p.id))

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

    def closing(self, device: str, who: str) -> None:
        """The terminal is about to be told to close its batch."""
        self._commit("till.closing", {"device": device}, [], who)

    def closed(self, device: str, who: str, *, done: bool, why: str = "") -> None:
        """It has closed it, or said that it did not; of neither nobody knows."""
        self._commit("till.closed" if done else "till.not_closed", {"device": device, "why": why}, [], who)

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
        self._commit(f"note.{note.state}", facts, [Row("note", _note_row(note))], told=self._cassette_with(note))

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
        known = self.order(order)
        told = (
            None if known is None else word.by_cash(known, self._acceptor_of(order), amount.minor, f"claim of {amount}")
        )
        self._commit("cash.claim", {"order": order, "minor": amount.minor}, [Row("claim", words)], told=told)

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
        inside = self.contents(old)
        told = (
            word.cassette(device, old, str(since), inside, inside[0].value.currency, collected=True) if inside else None
        )
        self._new_cassette(device, [Row("cassette", ended)], counted, told)
        return counted

    def contents(self, cassette: str) -> list[Note]:
        """Notes that lie in a cassette, or may."""
        states = (NoteState.CREDITED, NoteState.UNEXPLAINED, NoteState.DOUBT)
        return self.notes(cassette=cassette, state=tuple(state.value for state in states))

    def _cassette_with(self, note: Note) -> Words | None:
        """The cassette as it is told after `note`'s step; None where the step changes nothing in it."""
        if note.state is NoteState.STACKING:
            return None
        others = [each for each in self.contents(note.cassette) if each.id != note.id]
        since = str(self._journal.rows("cassette", id=note.cassette)[0]["since"])
        return word.cassette(note.device, note.cassette, since, [*others, note], note.value.currency)

    def _new_cassette(
        self, device: str, before: list[Row], totals: Mapping[str, int], told: Words | None = None
    ) -> str:
        name = f"{device}-{len(self._journal.rows('cassette', device=device)) + 1}"
        row = Row("cassette", {"id": name, "device": device, "since": self.now()})
        self._commit("cash.cassette", {"cassette": name, "collected": dict(totals)}, [*before, row], told=told)
        return name

    # -- orders -----------------------------------------------------------------------------------------------------

    def keep(self, order: Order) -> None:
        """Remember an order's newest step."""
        facts: dict[str, Fact] = {"order": order.id, "minor": order.amount.minor, "method": order.method}
        paid = order.state is OrderState.PAID and order.method == "cash"
        known = self.order(order.id)
        news = paid and (known is None or known.state is not OrderState.PAID)
        told = word.by_cash(order, self._acceptor_of(order.id), self.credit(order.id)) if news else None
        self._commit(f"order.{order.state}", facts, [Row("order", _order_row(order))], told=told)

    def change(self, order_id: str, do: Callable[[Order], Order]) -> Order:
        """Take an order one step on: `do` gets it as it is, and no other thread changes it meanwhile; as it is then.

        Raises: ContractError: there is no such order.
        """
        with self._journal.exclusive():
            before = self.order(order_id)
            if before is None:
                raise ContractError(f"there is no order {order_id}")
            after = do(before)
            if after != before:
                self.keep(after)
        return after

    def order(self, order_id: str) -> Order | None:
        """As last kept; None: never kept."""
        found = self._journal.rows("order", id=order_id)
        return _order(found[0]) if found else None

    def orders(self, **where: Scalar | tuple[Scalar, ...]) -> list[Order]:
        """Orders by column, oldest first."""
        return sorted(map(_order, self._journal.rows("order", **where)), key=lambda order: (order.at, order.id))

    def service(self, order_id: str) -> str:
        """What the order is for, "" for a due."""
        order = self.order(order_id)
        return order.service if order is not None else ""

    def paid_otherwise(self, order_id: str, payment_id: str) -> bool:
        """Whether something else than this card payment has paid its order."""
        order = self.order(order_id)
        return order is not None and order.state is OrderState.PAID and order.payment != payment_id

    def exclusive(self) -> AbstractContextManager[None]:
        """No other thread reads or writes meanwhile: for a look and what follows from it."""
        return self._journal.exclusive()

    # -- what staff want --------------------------------------------------------------------------------------------

    def begin(self, errand: str, what: str, payment: str, who: str) -> bool:
        """Remember that staff had this done; False: it was begun before, and is not to be done again."""
        with self._journal.exclusive():
            if self._journal.rows("errand", id=errand):
                return False
            row = Row("errand", {"id": errand, "what": what, "payment": payment, "who": who, "at": self.now()})
            self._commit("till.errand", {"errand": errand, "what": what, "payment": payment}, [row], who)
        return True

    def tell(self, kind: str, facts: Mapping[str, Fact], rows: list[Row], told: Words | None) -> None:
        """Remember an event of another part of the till, and a fact for the hall with it; None: it is not told."""
        self._commit(kind, facts, rows, told=told)

    # -- one transaction --------------------------------------------------------------------------------------------

    def _acceptor_of(self, order: str) -> str:
        notes = self.notes(order_id=order)
        return notes[-1].device if notes else self._who

    def _commit(
        self, kind: str, facts: Mapping[str, Fact], rows: list[Row], who: str = "", told: Words | None = None
    ) -> None:
        events = [Event(kind, self.now(), who or self._who, None, facts, tuple(rows))]
        if self._telling is not None:
            self._telling.put_all([told] if told is not None else [], events)
        else:
            self._journal.commit(events)


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


def _order_row(order: Order) -> dict[str, Scalar]:
    plain: dict[str, Scalar] = {name: getattr(order, name) for name in _ORDER}
    money: dict[str, Scalar] = {"amount_minor": order.amount.minor, "currency": order.amount.currency}
    return {**plain, **money, "state": order.state.value, "told": order.told.value, "slip": order.slip.value}


def _order(row: Mapping[str, Scalar]) -> Order:
    words = {name: row[name] for name in _ORDER}
    return Order(
        **words,  # type: ignore[arg-type]  # the columns have the fields' names and types
        amount=Money(int(str(row["amount_minor"])), str(row["currency"])),
        state=OrderState(str(row["state"])),
        told=Told(str(row["told"])),
        slip=Slip(str(row["slip"])),
    )
