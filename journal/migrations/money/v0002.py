"""Orders, what staff had done, and what every box has that prints and tells."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "money_0002"
down_revision = "money_0001"


def upgrade() -> None:
    """Make the tables."""
    words = ("state", "service", "due", "payee", "lang", "currency", "method", "payment", "told", "slip", "code", "at")
    _table("order", _key("id"), *map(_must, words), _must("amount_minor", sa.Integer), _may("ended_at"))
    op.create_index("order_state", "order", ["hall", "state"])
    _table("errand", _key("id"), *map(_must, ("what", "payment", "who", "at")))
    _table("outbox", _key("sq", sa.Integer), _must("ep", sa.Integer), _must("body"))
    _job()
    _table("visit", _key("id"), *map(_must, ("state", "command", "lang", "service", "old", "at")))
    op.create_index("visit_state", "visit", ["hall", "state"])
    lengths = (_must(name, sa.REAL) for name in ("length_mm", "used_mm"))
    _table("roll", _key("printer"), *lengths, _must("tickets", sa.Integer))


def _job() -> None:
    words = map(_must, ("kind", "state", "hash", "cmd", "at_new"))
    _table("job", _key("id"), _may("ticket"), *words, *map(_may, ("at_sent", "at_end", "note")))
    op.create_index("job_state", "job", ["hall", "state"])


def _table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, _key("hall"), *columns, sqlite_strict=True)


def _key(name: str, kind: type[Any] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True)


def _must(name: str, kind: type[Any] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _may(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=True)
