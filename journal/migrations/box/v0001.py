"""The first tables of a box's journal."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "box_0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    words = [sa.Column(name, sa.Text, nullable=name == "cmd") for name in ("at", "kind", "who", "cmd", "body", "hash")]
    _table("event", sa.Column("seq", sa.Integer, primary_key=True), *words)
    _table("meta", _key("key"), _must("value"))
    _table("outbox", sa.Column("sq", sa.Integer, primary_key=True), _must("ep", sa.Integer), _must("body"))
    _table(
        "job",
        *(_key("id"), _may("ticket"), _must("kind"), _must("state"), _must("hash"), _must("cmd")),
        *(_must("at_new"), _may("at_sent"), _may("at_end"), _may("note")),
    )
    op.create_index("job_state", "job", ["hall", "state"])
    _table("visit", _key("id"), *(_must(name) for name in ("state", "command", "lang", "service", "old", "at")))
    op.create_index("visit_state", "visit", ["hall", "state"])


def _table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, _key("hall"), *columns, sqlite_strict=True)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, primary_key=True)


def _must(name: str, kind: type[Any] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: type[Any] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)
