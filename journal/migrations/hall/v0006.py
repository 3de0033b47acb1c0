"""Breaks of windows, what operators said of a turn, what a visit has behind it: the table `pause` and four columns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "hall_0006"
down_revision = "hall_0005"

COLUMNS = (("window", "pause"), ("window", "back_at"), ("ticket", "done_services"), ("leg", "result"))


def upgrade() -> None:
    """Make them; nobody said any of it before."""
    for table, name in COLUMNS:
        op.add_column(table, sa.Column(name, sa.Text, nullable=True))
    keys = [sa.Column(name, sa.Text, primary_key=True) for name in ("hall", "window", "begin")]
    must = [sa.Column(name, sa.Text, nullable=False) for name in ("day", "ended_at")]
    may = [sa.Column(name, sa.Text, nullable=True) for name in ("operator", "kind", "back_at")]
    op.create_table("pause", *keys, *must, *may, sqlite_strict=True)
    op.create_index("pause_day", "pause", ["hall", "day"])
