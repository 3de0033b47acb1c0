"""The page of money: forms become wishes, balances become words, a day becomes a table. Pure but for the packing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from consoles.cell import plain
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
    "told_at", "why",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody says of an unknown payment, before they are asked whether they are sure."""

    payment: m.DeskPayment
    state: PaymentState
    why: str


def mark(view: m.ConsolesView) -> str:
    """Names what is unclear and what was held against the devices: another mark, another meaning of a press."""
    words = [f"{p.payment}={p.state}" for one in view.money for p in one.unknown]
    words += [f"{b.device}={b.at.isoformat()}" for one in view.money for b in one.balances]
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
            case _:
                raise ContractError(f"there is no button {name[:32]!r}")
    except ValueError as exc:
        if isinstance(exc, ContractError):
            raise
        raise ContractError(f"button {name!r}: a field is wrong") from exc


def verdict(balance: m.DeskBalance) -> tuple[str, int]:
    """What came of holding the books against a device: a key of the catalogue, and by how much they differ."""
    if balance.theirs_minor is None:
        return "till.not_told", 0
    difference = balance.theirs_minor - balance.ours_minor
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
    return _table(PAYMENT_COLUMNS, rows)


def balance_table(balances: Iterable[m.DeskBalance], hall: Hall) -> str:
    """A line for each device under `BALANCE_COLUMNS`; empty where the device did not tell."""
    rows = [
        (
            f"{b.day}", b.dev, b.device, b.method, "yes" if b.balances else "no", _amount(b.ours_minor), b.ours_count,
            None if b.theirs_minor is None else _amount(b.theirs_minor), b.theirs_count, b.currency, b.unknown,
            f"{hall.local(b.at):%Y-%m-%d %H:%M:%S}", b.why,
        )
        for b in balances
    ]  # fmt: skip
    return _table(BALANCE_COLUMNS, rows)


def _table(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """RFC 4180, a byte order mark first: spreadsheets take it for UTF-8."""
    out = io.StringIO()
    out.write("\ufeff")
    lines = csv.writer(out)
    lines.writerow(columns)
    lines.writerows([[plain(value) for value in row] for row in rows])
    return out.getvalue()


def _amount(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
