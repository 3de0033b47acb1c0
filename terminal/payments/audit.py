"""The day's balance, durable: each device held against its own word, and every payment reconciled or on the staff's list."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date

from contract.errors import ContractError, TransientDeviceError
from contract.messages import TillOrder
from journal.event import Event, Fact, Row, Scalar
from journal.journal import Journal
from terminal.fiscal.registrar import ShiftReport
from terminal.payments import balance
from terminal.payments.balance import Balance, Batch
from terminal.payments.book import Book
from terminal.payments.card_till import CardTill
from terminal.payments.note import Note, NoteState
from terminal.pos.terminal import Totals

LOOK_BACK = 20
"""So many of a device's newest batches are looked at again while they do not balance."""
_PAGE = 1000
_PLAIN = tuple(f.name for f in fields(Balance) if f.name not in {"balances", "left", "counted", "state", "by", "note"})


class Audit:
    """Balances in a terminal's money journal. Used like its `Book`: one thread at a time."""

    def __init__(self, journal: Journal, book: Book, currency: str) -> None:
        """`journal`: the book's own."""
        self._journal, self._book, self._currency = journal, book, currency

    def cards(self, till: CardTill, day: date) -> Balance:
        """The terminal's open batch against its totals, asked for now; told to the hall. In the till's thread, with no sale going on.

        A terminal that never tells totals ends its batch here. Batches that were closed meanwhile, or wait for a decision, are looked at
        again.
        """
        silent = ""
        try:
            totals = till.totals()
        except TransientDeviceError as exc:
            totals, silent = None, f"the card terminal does not answer ({exc.fault})"
        known = {row.id: row for row in self.of_device(till.device)}
        since = _start(list(known.values()))
        found = balance.batches(till.device, self._steps(since), since, by_name=till.by_name)
        for batch in found[:-1]:
            self._again(till.device, batch, known.get(f"{till.device}/{batch.since}"), day)
        made, ends = self._card(found[-1], till.device, totals, day, silent), totals is None and not silent
        if ends:
            made = replace(made, state="closed")
        self._keep(made, _payments(found[-1]), ends=ends)
        return made

    def close(self, till: CardTill, order: TillOrder, day: date) -> Balance:
        """Hold the terminal's open batch against its totals, then have it closed, as staff want it; told to the hall.

        Never asked for twice by itself: where the answer is lost, the balance says that nobody knows.
        Raises: as `CardTill.close_batch`.
        """
        if not till.closes:
            raise ContractError("its protocol has no end of day: close it on the terminal, or it closes by itself")
        before = self.cards(till, day)
        closing = till.close_batch(order.who)
        since = int(before.batch)
        batch = next(one for one in balance.batches(till.device, self._steps(since), since) if one.since == since)
        made = self._card(batch, till.device, closing.totals or _told(before), day, "")
        why = "; ".join(filter(None, (made.why, closing.why)))
        made = replace(made, state=closing.state, by=order.who, note=order.why, why=why)
        self._keep(made, _payments(batch), who=order.who)
        return made

    def not_closed(self, device: str, order: TillOrder, why: str) -> None:
        """The hall hears why nothing was closed: the device's newest balance is told again with that sentence."""
        newest = self.of_device(device)[-1:]
        told = {**newest[0].told(), "why": why[:200], "by": order.who} if newest else None
        self._book.tell("till.not_closed", {"device": device, "why": why, "who": order.who}, [], told)

    def cassettes(self, device: str, day: date) -> list[Balance]:
        """Cassettes taken out that do not balance yet, then the one that is in, by the books; told to the hall."""
        current = self._book.cassette(device)
        done = {row.id for row in self.of_device(device) if row.balances}
        names = [str(row["id"]) for row in self._journal.rows("cassette", device=device)]
        waiting = [name for name in names if name != current and f"{device}/{name}" not in done]
        return [self._cassette(device, name, None, day) for name in [*waiting, current]]

    def asked(self, device: str, order: TillOrder, day: date) -> list[Balance]:
        """What staff want of an acceptor by the order "balance": the count of a cassette, or all by the books. Raises: as `count`."""
        if order.cassette is None:
            return self.cassettes(device, day)
        if not all(minor.isdecimal() for minor in order.counted):
            raise ContractError(f"cassette {order.cassette}: allowed: minor units of a note, and how many")
        counted = {int(minor): count for minor, count in order.counted.items()}
        return [self.count(device, order.cassette, counted, order.who, day, order.why)]

    def count(
        self, device: str, cassette: str, counted: Mapping[int, int], who: str, day: date, why: str = ""
    ) -> Balance:
        """A person counted a cassette that was taken out: minor units of a note → how many. Notes in doubt are settled where that
        proves it. Counted again: the newest count holds. Raises: ContractError: there is no such cassette, or it is still in.
        """
        row = next(iter(self._journal.rows("cassette", id=cassette, device=device)), None)
        if row is None or row["collected_at"] is None:
            raise ContractError(f"cassette {cassette} of {device}: allowed: one that was taken out")
        if not who or not all(minor > 0 and count >= 0 for minor, count in counted.items()):
            raise ContractError(f"cassette {cassette}: allowed: who counted, and how many of each note")
        for note, state in balance.settled(self._notes(cassette), counted):
            self._book.put(note.moved(state, self._book.now()))
        return self._cassette(device, cassette, counted, day, who, why)

    def shift(
        self, device: str, report: ShiftReport, ours: tuple[int, int], owed: int, order: TillOrder | None, day: date
    ) -> None:
        """A fiscal registrar's shift was closed: held against our receipts in it (count of sales, net sum), and told to the hall.

        `owed`: receipts that it has not yet. `order`: of staff, None: the day was over; then a shift that is known already is no news.
        """
        theirs = report.sales, report.sold_minor - report.returned_minor
        made = balance.shift(
            report.number, device, ours, theirs, owed, day=day.isoformat(), at=self._book.now(), currency=self._currency,
            seq=self._journal.last_seq,
        )  # fmt: skip
        known = self.find(device, report.number)
        if known is not None:
            made = replace(made, day=known.day, by=known.by, note=known.note)
        if order is not None:
            made = replace(made, by=order.who, note=order.why)
        elif known is not None and replace(known, at=made.at, seq=made.seq) == made:
            return
        self._keep(made, [])

    def find(self, device: str, batch: str) -> Balance | None:
        """The newest word on one batch, cassette or shift; None: there was none."""
        return next((row for row in self.of_device(device) if row.batch == batch), None)

    def of_device(self, device: str) -> list[Balance]:
        """The device's balances, oldest first."""
        found = map(_balance, self._journal.rows("balance", device=device))
        return sorted(found, key=lambda row: (row.seq, row.id))

    def of_day(self, day: date) -> list[Balance]:
        """The balances made on that day, by device."""
        found = map(_balance, self._journal.rows("balance", day=day.isoformat()))
        return sorted(found, key=lambda row: (row.device, row.seq))

    def emptied(self, balance_of: Balance) -> tuple[str | None, str | None]:
        """Since when a balance's cassette was in use, and when it was taken out; None, None: it is no cassette's."""
        row = next(iter(self._journal.rows("cassette", id=balance_of.batch, device=balance_of.device)), None)
        return (None, None) if row is None else (str(row["since"]), str(row["collected_at"] or "") or None)

    def contents(self, cassette: str) -> dict[int, int]:
        """What lies in a cassette by the books: minor units of a note → how many."""
        return balance.inside(self._notes(cassette))

    def left(self) -> list[str]:
        """The staff's list: payments by card, and orders paid by notes, that no balance reconciles."""
        done = {str(row["payment"]): str(row["at"]) for row in self._journal.rows("reconciled")}
        cards = [str(row["id"]) for row in self._journal.rows("payment") if not _settled(row, done)]
        cash = {note.order for note in self._book.notes(state=NoteState.CREDITED.value)}
        return [*cards, *sorted(cash - done.keys())]

    # -- cards ------------------------------------------------------------------------------------------------------

    def _again(self, device: str, batch: Batch, known: Balance | None, day: date) -> None:
        """An earlier batch: what its terminal said of it holds where nothing was begun after that."""
        told = None if known is None or known.seq < batch.moved else _told(known)
        made = self._card(batch, device, told, day, "")
        if known is not None:
            made = replace(made, day=known.day, at=known.at, seq=known.seq if told else made.seq)
            made = replace(made, by=known.by, note=known.note)
        if known is None or replace(known, at=made.at, seq=made.seq) != made:
            self._keep(made, _payments(batch))

    def _card(self, batch: Batch, device: str, totals: Totals | None, day: date, silent: str) -> Balance:
        return balance.card(
            batch, device, totals, day=day.isoformat(), at=self._book.now(), currency=self._currency,
            seq=self._journal.last_seq, silent=silent,
        )  # fmt: skip

    def _steps(self, since: int) -> Iterator[tuple[int, Event]]:
        while page := self._journal.events(since, _PAGE):
            yield from ((entry.seq, entry.event) for entry in page)
            since = page[-1].seq

    # -- cash -------------------------------------------------------------------------------------------------------

    def _cassette(
        self, device: str, name: str, counted: Mapping[int, int] | None, day: date, who: str = "", why: str = ""
    ) -> Balance:
        if counted is None:
            known = self.find(device, name)
            counted, by, why = (known.counted, known.by, known.note) if known is not None else (None, "", "")
        else:
            by = who
        made = balance.cash(
            name, device, self._notes(name), counted, day=day.isoformat(), at=self._book.now(), currency=self._currency,
            seq=self._journal.last_seq, state="open" if name == self._book.cassette(device) else "closed",
        )  # fmt: skip
        made = replace(made, by=by, note=why)
        self._keep(made, [], orders=self._paid_out_of(device, name) if made.balances else [], who=who)
        return made

    def _notes(self, cassette: str) -> list[Note]:
        return self._book.notes(cassette=cassette)

    def _paid_out_of(self, device: str, cassette: str) -> list[str]:
        """Orders all of whose notes lie in cassettes that balance, this one taken for such."""
        good = {cassette, *(row.id.partition("/")[2] for row in self.of_device(device) if row.balances)}
        orders = {note.order for note in self._notes(cassette) if note.state is NoteState.CREDITED}
        return sorted(
            order
            for order in orders
            if all(note.cassette in good for note in self._book.notes(order_id=order, state=NoteState.CREDITED.value))
        )

    # -- one commit -------------------------------------------------------------------------------------------------

    def _keep(
        self,
        made: Balance,
        payments: list[Mapping[str, Scalar]],
        *,
        orders: list[str] | None = None,
        ends: bool = False,
        who: str = "",
    ) -> None:
        rows = [Row("balance", _row(made))]
        if made.balances:
            done = {str(row["payment"]): str(row["at"]) for row in self._journal.rows("reconciled")}
            names = [str(row["id"]) for row in payments if row.get("ended_at") and not _settled(row, done)]
            names += [order for order in orders or [] if order not in done]
            now = self._book.now()
            rows += [Row("reconciled", {"payment": name, "balance": made.id, "at": now}) for name in names]
        facts: dict[str, Fact] = {"device": made.device, "balance": made.id, "balances": made.balances, "ends": ends}
        if made.counted is not None:
            facts["counted"] = {str(minor): count for minor, count in made.counted.items()}
        if who:
            facts["who"] = who
        self._book.tell("till.balance", facts, rows, made.told())


def _payments(batch: Batch) -> list[Mapping[str, Scalar]]:
    return [*batch.sold.values(), *batch.back.values()]


def _settled(payment: Mapping[str, Scalar], done: Mapping[str, str]) -> bool:
    """Whether a balance holds the payment as it is now: what ended anew after it is to be reconciled again."""
    ended = payment.get("ended_at")
    return ended is not None and str(ended) <= done.get(str(payment["id"]), "")


def _told(known: Balance) -> Totals | None:
    if known.theirs_minor is None or known.theirs_count is None:
        return None
    return Totals(known.theirs_count, known.theirs_minor, known.currency)


def _start(known: list[Balance]) -> int:
    """Where to begin to read: the oldest batch that may still change."""
    since = sorted(int(row.id.rpartition("/")[2]) for row in known)
    waiting = [int(row.id.rpartition("/")[2]) for row in known if not row.balances]
    return min([n for n in since[-LOOK_BACK:] if n in waiting] + since[-1:], default=0)


def _row(made: Balance) -> dict[str, Scalar]:
    plain: dict[str, Scalar] = {name: getattr(made, name) for name in _PLAIN}
    counted = None if made.counted is None else json.dumps({str(k): n for k, n in sorted(made.counted.items())})
    words = {"state": made.state, "by": made.by or None, "note": made.note or None}
    return {**plain, **words, "balances": int(made.balances), "left": json.dumps(made.left), "counted": counted}


def _balance(row: Mapping[str, Scalar]) -> Balance:
    words = {name: row[name] for name in _PLAIN}
    counted = None if row["counted"] is None else json.loads(str(row["counted"]))
    return Balance(
        **words,  # type: ignore[arg-type]  # the columns have the fields' names and types
        state=row["state"] or "open",  # type: ignore[arg-type]
        by=str(row["by"] or ""),
        note=str(row["note"] or ""),
        balances=bool(row["balances"]),
        left=tuple(json.loads(str(row["left"]))),
        counted=None if counted is None else {int(minor): count for minor, count in counted.items()},
    )
