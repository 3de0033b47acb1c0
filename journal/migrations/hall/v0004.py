"""The hall's accounts of its terminals: the tables `payment`, `cassette` and `balance`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "hall_0004"
down_revision = "hall_0003"


def upgrade() -> None:
    """Make the tables; no terminal told anything before them."""
    _payment()
    _cassette()
    _balance()


def _payment() -> None:
    words = ("day", "device", "order_id", "method", "state", "currency", "opened_at", "at", "why")
    numbers = ("hour", "amount_minor", "captured_minor")
    _table("payment", ("dev", "id"), *_musts(words), *_musts(numbers, sa.Integer), _may("service"), _may("by"))
    op.create_index("payment_day", "payment", ["hall", "day"])
    op.create_index("payment_state", "payment", ["hall", "state"])


def _cassette() -> None:
    words = ("day", "device", "since", "notes", "currency", "at")
    numbers = ("nobodys", "doubtful")
    _table("cassette", ("dev", "id"), *_musts(words), *_musts(numbers, sa.Integer), _may("collected_at"))
    op.create_index("cassette_collected", "cassette", ["hall", "collected_at"])


def _balance() -> None:
    words, numbers = ("method", "currency", "at", "why"), ("ours_minor", "ours_count", "unknown", "balances")
    theirs = [_may(name, sa.Integer) for name in ("theirs_minor", "theirs_count")]
    _table("balance", ("dev", "device", "day"), *_musts(words), *_musts(numbers, sa.Integer), *theirs)
    op.create_index("balance_day", "balance", ["hall", "day"])


def _table(name: str, keys: tuple[str, ...], *columns: sa.Column[Any]) -> None:
    key = [sa.Column(part, sa.Text, primary_key=True) for part in ("hall", *keys)]
    op.create_table(name, *key, *columns, sqlite_strict=True)


def _musts(names: tuple[str, ...], kind: type[Any] = sa.Text) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _may(name: str, kind: type[Any] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)
