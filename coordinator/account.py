"""The hall's accounts of its terminals: payments, cassettes and balances as they were told, as long as staff may act on them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from contract import messages as m
from contract.hall import Hall
from contract.words import DECIDED, PaymentState, Role
from coordinator.record import Balance, Cassette, Payment

DOUBTFUL = frozenset(DECIDED)
"""Nobody knows how it ended: a person has to look."""
UNSETTLED = DOUBTFUL | {PaymentState.INTENT, PaymentState.REVERSING}
"""Kept in mind whatever its day."""
BALANCE_DAYS = 14
"""So many days a batch's newest balance is shown, and a cassette waits for its count."""
LISTED = 4
"""Unknown payments, cassettes, and balances of a device, of one terminal told to consoles at most: the view is for the whole hall."""

_Dev = tuple[str, str]
"""Terminal, and what it names."""
_Batch = tuple[str, str, str]
"""Terminal, device, and its batch, cassette or shift."""


class Account:
    """The live rows. Changes by one record at a time, as `HallDay` does.

    `payments` and `cassettes` by terminal and their own id, `balances` the newest of each batch.
    """

    def __init__(self) -> None:
        self._first = date.min
        self.payments: dict[_Dev, Payment] = {}
        self.cassettes: dict[_Dev, Cassette] = {}
        self.balances: dict[_Batch, Balance] = {}

    def records(self) -> Iterator[Payment | Cassette | Balance]:
        """Every one, by key."""
        tables: tuple[Mapping[Any, Payment | Cassette | Balance], ...] = (self.payments, self.cassettes, self.balances)
        for table in tables:
            yield from (record for _, record in sorted(table.items()))

    def doubtful(self) -> list[Payment]:
        """The payments of which nobody knows how they ended, the oldest first."""
        found = (payment for payment in self.payments.values() if payment.state in DOUBTFUL)
        return sorted(found, key=lambda payment: (payment.opened_at, payment.id))

    def faults(self) -> dict[str, dict[str, datetime]]:
        """Terminal → what a person must do about its money, as keys of `contract.hints`, and since when."""
        found: dict[str, dict[str, datetime]] = {}
        for payment in self.doubtful():
            found.setdefault(payment.dev, {}).setdefault(f"payment_unknown:{payment.device}", payment.opened_at)
        return found

    def begin(self, day: date) -> None:
        """The hall's day is `day`: forget what is settled and over."""
        self._first = day
        self.payments = {key: one for key, one in self.payments.items() if self._current(one)}
        self.cassettes = {key: one for key, one in self.cassettes.items() if self._kept(one)}
        self.balances = {key: one for key, one in self.balances.items() if self._recent(one)}

    def put(self, record: Payment | Cassette | Balance) -> None:
        """Take one record as it is now; what nobody acts on any more is forgotten."""
        match record:
            case Payment():
                _keep(self.payments, (record.dev, record.id), record, self._current(record))
            case Cassette():
                _keep(self.cassettes, (record.dev, record.id), record, self._kept(record))
            case Balance():
                key = (record.dev, record.device, record.batch)
                known = self.balances.get(key)
                if known is None or (record.day, record.at) >= (known.day, known.at):
                    _keep(self.balances, key, record, self._recent(record))

    def uncounted(self, cassette: Cassette) -> bool:
        """Whether it was taken out, and no count of it balances."""
        held = self.balances.get((cassette.dev, cassette.device, cassette.id))
        return cassette.collected_at is not None and not (held is not None and held.balances)

    def _current(self, payment: Payment) -> bool:
        return payment.state in UNSETTLED or payment.day >= self._first

    def _kept(self, cassette: Cassette) -> bool:
        return cassette.collected_at is None or cassette.day >= balances_from(self._first)

    def _recent(self, balance: Balance) -> bool:
        return balance.day >= balances_from(self._first)


def _keep(table: dict[Any, Any], key: object, record: object, keep: bool) -> None:
    if keep:
        table[key] = record
    else:
        table.pop(key, None)


def balances_from(day: date) -> date:
    """The oldest day whose balance is shown when the hall's day is `day`."""
    return day - timedelta(days=BALANCE_DAYS) if day - date.min > timedelta(days=BALANCE_DAYS) else date.min


# --- as consoles are told --------------------------------------------------------------------------------------------------


def desk(account: Account, hall: Hall, today: date) -> tuple[m.DeskMoney, ...]:
    """The money at every terminal of the hall; `today`: the hall-local day whose takings are summed."""
    return tuple(_terminal(account, hall, box.id, today) for box in hall.boxes if box.kind is Role.TERMINAL)


def payment_told(payment: Payment) -> m.DeskPayment:
    """A payment as staff see it."""
    told = payment._asdict()
    return m.DeskPayment(payment=told.pop("id"), order=told.pop("order_id"), **told)


def balance_told(balance: Balance) -> m.DeskBalance:
    """A balance as staff see it."""
    return m.DeskBalance(**{**balance._asdict(), "note": balance.note or ""})


def _terminal(account: Account, hall: Hall, dev: str, today: date) -> m.DeskMoney:
    mine = [p for p in account.payments.values() if p.dev == dev]
    taken = [p for p in mine if p.day == today and p.state is PaymentState.APPROVED and p.currency == hall.currency]
    card, cash = ([p.captured_minor for p in taken if p.method == method] for method in ("card", "cash"))
    unknown = [p for p in account.doubtful() if p.dev == dev]
    return m.DeskMoney(
        dev=dev,
        currency=hall.currency,
        card_minor=sum(card),
        card_count=len(card),
        cash_minor=sum(cash),
        cash_count=len(cash),
        unknown=tuple(map(payment_told, unknown[:LISTED])),
        unknown_count=len(unknown),
        cassettes=tuple(map(_cassette, _of(_shown(account), dev))),
        balances=tuple(map(balance_told, _held(account, dev))),
    )


def _shown(account: Account) -> list[Cassette]:
    """What lies inside, and what was taken out and waits for its count."""
    return [one for one in account.cassettes.values() if one.collected_at is None or account.uncounted(one)]


def _held(account: Account, dev: str) -> list[Balance]:
    """The terminal's, device by device, the newest first."""
    mine = sorted((one for one in account.balances.values() if one.dev == dev), key=lambda one: one.at, reverse=True)
    devices = sorted({one.device for one in mine})
    return [one for device in devices for one in [each for each in mine if each.device == device][:LISTED]]


def _of(records: Iterable[Any], dev: str) -> list[Any]:
    """The terminal's, the newest `LISTED` of them, by device."""
    newest = sorted((one for one in records if one.dev == dev), key=lambda one: one.at, reverse=True)[:LISTED]
    return sorted(newest, key=lambda one: (one.device, one.at))


def _cassette(cassette: Cassette) -> m.DeskCassette:
    return m.DeskCassette(
        device=cassette.device,
        cassette=cassette.id,
        since=cassette.since,
        notes=sum(count for _, count in cassette.notes),
        minor=sum(worth * count for worth, count in cassette.notes),
        nobodys=cassette.nobodys,
        doubtful=cassette.doubtful,
        currency=cassette.currency,
        collected_at=cassette.collected_at,
        inside={} if cassette.collected_at is None else {str(worth): count for worth, count in cassette.notes},
    )
