"""Fiscal receipts and balances."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "money_0003"
down_revision = "money_0002"


def upgrade() -> None:
    """Make the tables; nothing was registered or held against anything before them."""
    _table(
        "fiscal",
        *(_key("id"), _must("payment"), _must("kind"), _must("state")),
        *(_must("turn", sa.Integer), _must("tries", sa.Integer)),
        *(_must(name) for name in ("sale", "number", "link", "why", "at")),
        sa.Column("ended_at", sa.Text, nullable=True),
    )
    op.create_index("fiscal_state", "fiscal", ["hall", "state"])
    figures = ("ours_minor", "ours_count", "unknown", "strays", "nobodys", "balances", "seq")
    _table(
        "balance",
        *(_key("id"), *(_must(name) for name in ("device", "method", "day", "at", "currency", "why", "left"))),
        *(_must(name, sa.Integer) for name in figures),
        *(sa.Column(name, sa.Integer, nullable=True) for name in ("theirs_minor", "theirs_count")),
        sa.Column("counted", sa.Text, nullable=True),
    )
    op.create_index("balance_day", "balance", ["hall", "day"])
    _table("reconciled", _key("payment"), _must("balance"), _must("at"))


def _table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, _key("hall"), *columns, sqlite_strict=True)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, primary_key=True)


def _must(name: str, kind: type[Any] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
