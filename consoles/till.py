"""The page of money: forms become wishes, balances become words, a day becomes a table. Pure but for the packing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from consoles import export
from consoles.cell import plain
from consoles.reports.csv_file import Row
from contract import messages as m
from contract.errors import ContractError
from contract.hall import Hall
from contract.words import DECIDED, PaymentState

SHORTEST_WHY = 3
PAYMENT_COLUMNS = (
    "day", "time", "terminal", "device", "method", "state", "amount", "captured", "currency", "order", "service", "payment", "by", "why",
)  # fmt: skip
BALANCE_COLUMNS = (
    "day", "terminal", "device", "method", "balances", "ours", "ours_count", "theirs", "theirs_count", "currency", "unknown",
    "told_at", "why", "batch", "state", "by", "reason",
)  # fmt: skip
NOTES: dict[str, tuple[int, ...]] = {
    "UAH": (100_000, 50_000, 20_000, 10_000, 5000, 2000),
    "KZT": (2_000_000, 1_000_000, 500_000, 200_000, 100_000, 50_000, 20_000),
    "KGS": (500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5000, 2000),
}
"""Minor units of the banknotes that a currency has; a cassette may hold others, which its books name."""
MOST_NOTES = 100_000


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody says of an unknown payment, before they are asked whether they are sure."""

    payment: m.DeskPayment
    state: PaymentState
    why: str


@dataclass(frozen=True, slots=True)
class Count:
    """What somebody counted in a cassette, before they are asked whether they are sure: minor units of a note → how many."""

    dev: str
    cassette: m.DeskCassette
    counted: Mapping[int, int]

    @property
    def lines(self) -> list[tuple[int, int, int]]:
        """Of each note that somebody has seen: its worth, how many by the books, how many counted."""
        books = {int(worth): count for worth, count in self.cassette.inside.items()}
        seen = sorted({*books, *(worth for worth, count in self.counted.items() if count)}, reverse=True)
        return [(worth, books.get(worth, 0), self.counted.get(worth, 0)) for worth in seen]

    @property
    def agrees(self) -> bool:
        """Whether every note is as often there as by the books."""
        return all(books == counted for _, books, counted in self.lines)

    @property
    def more_minor(self) -> int:
        """How much more was counted than by the books; less than 0: less."""
        return sum(worth * (counted - books) for worth, books, counted in self.lines)


def notes(cassette: m.DeskCassette) -> list[int]:
    """What a count is asked for, the largest first."""
    return sorted({*NOTES.get(cassette.currency, ()), *map(int, cassette.inside)}, reverse=True)


def count(view: m.ConsolesView, fields: Mapping[str, str]) -> Count | None:
    """The first step of a count; None: that cassette does not wait for one. Raises: ContractError: a number is none, or all are missing."""
    dev, name = fields.get("dev", ""), fields.get("cassette", "")
    waiting = (c for one in view.money if one.dev == dev for c in one.cassettes if c.cassette == name)
    found = next((c for c in waiting if c.collected_at is not None), None)
    return None if found is None else Count(dev, found, _counted(fields))


def _counted(fields: Mapping[str, str]) -> dict[int, int]:
    said = {name.removeprefix("n-"): text.strip() for name, text in fields.items() if name.startswith("n-")}
    typed = {worth: text for worth, text in said.items() if text}
    whole = all(part.isascii() and part.isdecimal() and len(part) < 10 for pair in typed.items() for part in pair)
    if not typed or not whole or any(int(text) > MOST_NOTES for text in typed.values()):
        raise ContractError("how many of each note are needed, as whole numbers")
    return {int(worth): int(text) for worth, text in typed.items()}


def mark(view: m.ConsolesView) -> str:
    """Names what is unclear and what was held against the devices: another mark, another meaning of a press."""
    words = [f"{p.payment}={p.state}" for one in view.money for p in one.unknown]
    words += [f"{b.device}/{b.batch}={b.at.isoformat()}" for one in view.money for b in one.balances]
    words += [c.cassette for one in view.money for c in one.cassettes if c.collected_at is not None]
    return " ".join(words)


def choice(view: m.ConsolesView, fields: Mapping[str, str]) -> Choice | None:
    """The first step of a decision; None: the payment is not unknown any more. Raises: ContractError: a field is wrong."""
    dev, name, why = fields.get("dev", ""), fields.get("payment", ""), _why(fields)
    found = (p for one in view.money if one.dev == dev for p in one.unknown if p.payment == name)
    payment = next(found, None)
    if payment is None:
        return None
    state = next((s for s in DECIDED[payment.state] if s.value == fields.get("state")), None)
    if state is None or len(why) < SHORTEST_WHY:
        raise ContractError("what was found and a reason are needed")
    return Choice(payment, state, why)


def command(name: str, key: str, fields: Mapping[str, str], operator: str) -> m.TillCommand:
    """The command of a button; `key` is its id. Raises: ContractError: no such button, or a field is wrong."""
    said = {"id": key, "dev": fields.get("dev", ""), "operator": operator}
    about = {"payment": fields.get("payment", ""), "why": _why(fields)}
    try:
        match name:
            case "decide":
                state = PaymentState(fields.get("state", ""))
                return m.PaymentDecide.model_validate({**said, **about, "state": state})
            case "reverse":
                return m.PaymentReverse.model_validate({**said, **about})
            case "balance":
                return m.TillBalance.model_validate(said)
            case "count":
                counted = {str(worth): count for worth, count in _counted(fields).items() if count}
                words = {"cassette": fields.get("cassette", ""), "counted": counted, "why": about["why"]}
                return m.TillBalance.model_validate({**said, **words})
            case "cards" | "shift":
                return m.TillClose.model_validate({**said, "what": name})
            case "print":
                paper = {word: fields.get(word, "") for word in ("device", "batch", "lang")}
                return m.TillPrint.model_validate({**said, **paper})
            case _:
                raise ContractError(f"there is no button {name[:32]!r}")
    except ValueError as exc:
        if isinstance(exc, ContractError):
            raise
        raise ContractError(f"button {name!r}: a field is wrong") from exc


def verdict(balance: m.DeskBalance) -> tuple[str, int]:
    """What came of holding the books against a device: a key of the catalogue, and by how much they differ."""
    cash = balance.method == "cash"
    if balance.theirs_minor is None:
        return ("till.not_counted" if cash else "till.not_told"), 0
    difference = balance.theirs_minor - balance.ours_minor
    if difference and cash:
        return ("till.count_more" if difference > 0 else "till.count_less"), abs(difference)
    if difference:
        return ("till.more" if difference > 0 else "till.less"), abs(difference)
    return ("till.agrees" if balance.balances else "till.unexplained"), 0


def _why(fields: Mapping[str, str]) -> str:
    return " ".join(fields.get("why", "").split())


# --- a day as a table ------------------------------------------------------------------------------------------------------


def payment_table(payments: Iterable[m.DeskPayment], hall: Hall) -> str:
    """A line for each payment under `PAYMENT_COLUMNS`; time is the hall's, amounts have two decimals."""
    rows = []
    for p in payments:
        there = hall.local(p.opened_at)
        rows.append((
            f"{there:%Y-%m-%d}", f"{there:%H:%M:%S}", p.dev, p.device, p.method, p.state.value, _amount(p.amount_minor),
            _amount(p.captured_minor), p.currency, p.order, p.service, p.payment, p.by, p.why,
        ))  # fmt: skip
    return _table(hall, PAYMENT_COLUMNS, rows)


def balance_table(balances: Iterable[m.DeskBalance], hall: Hall) -> str:
    """A line for each device under `BALANCE_COLUMNS`; empty where the device did not tell."""
    rows = [
        (
            f"{b.day}", b.dev, b.device, b.method, "yes" if b.balances else "no", _amount(b.ours_minor), b.ours_count,
            None if b.theirs_minor is None else _amount(b.theirs_minor), b.theirs_count, b.currency, b.unknown,
            f"{hall.local(b.at):%Y-%m-%d %H:%M:%S}", b.why, b.batch, b.state, b.by, b.note,
        )
        for b in balances
    ]  # fmt: skip
    return _table(hall, BALANCE_COLUMNS, rows)


def _table(hall: Hall, columns: tuple[str, ...], rows: Iterable[Row]) -> str:
    """RFC 4180, a byte order mark first: spreadsheets take it for UTF-8."""
    out = io.StringIO()
    out.write("\ufeff")
    lines = csv.writer(out)
    lines.writerows([[plain(value) for value in row] for row in export.headed(hall, (columns, *rows))])
    return out.getvalue()


def _amount(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
