"""The first tables of a terminal's money journal."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "money_0001"
down_revision = None

_OVER = "state NOT IN ('declined', 'not_performed', 'reversed')"


def upgrade() -> None:
    """Make every table."""
    words = [sa.Column(name, sa.Text, nullable=name == "cmd") for name in ("at", "kind", "who", "cmd", "body", "hash")]
    _table("event", sa.Column("seq", sa.Integer, primary_key=True), *words)
    _table("meta", _key("key"), _must("value"))
    _payment()
    _table("stray", _key("device"), _key("mark"), _must("amount_minor", sa.Integer), _must("at"))
    _table("till", _key("device"), _must("tid"), _must("mark"))
    _cash()


def _payment() -> None:
    words = ("watermark", "tid", "receipt", "mark", "rrn", "approval", "pan", "brand", "note", "slip", "opened_at")
    _table(
        "payment",
        *(_key("id"), _must("order_id"), _must("device"), _must("state")),
        *(_must("amount_minor", sa.Integer), _must("captured_minor", sa.Integer), _must("currency")),
        *(_must(name) for name in words),
        sa.Column("ended_at", sa.Text, nullable=True),
    )
    op.create_index("payment_live_of_order", "payment", ["hall", "order_id"], unique=True, sqlite_where=sa.text(_OVER))
    op.create_index("payment_state", "payment", ["hall", "device", "state"])


def _cash() -> None:
    _table(
        "note",
        *(_key("id"), _must("device"), _must("order_id"), _must("state"), _must("kind", sa.Integer)),
        *(_must("amount_minor", sa.Integer), _must("currency"), _must("cassette"), _must("at")),
    )
    op.create_index("note_order", "note", ["hall", "order_id"])
    op.create_index("note_state", "note", ["hall", "device", "state"])
    ends = (sa.Column("collected_at", sa.Text, nullable=True), sa.Column("totals", sa.Text, nullable=True))
    _table("cassette", _key("id"), _must("device"), _must("since"), *ends)
    _table("claim", _key("order_id"), _must("code"), _must("amount_minor", sa.Integer), _must("currency"), _must("at"))


def _table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, _key("hall"), *columns, sqlite_strict=True)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, primary_key=True)


def _must(name: str, kind: type[Any] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
