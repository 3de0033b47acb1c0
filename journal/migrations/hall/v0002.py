"""What was decided about the staff: the table `measure`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "hall_0002"
down_revision = "hall_0001"


def upgrade() -> None:
    """Make the table; a hall decided nothing before it."""
    keys = [sa.Column(name, sa.Text, primary_key=True) for name in ("hall", "id")]
    must = [sa.Column(name, sa.Text, nullable=False) for name in ("day", "kind", "window", "state", "at", "until")]
    may = [sa.Column(name, sa.Text, nullable=True) for name in ("service_group", "break_at", "by", "ended_at")]
    minutes = sa.Column("minutes", sa.Integer, nullable=False)
    op.create_table("measure", *keys, *must, minutes, *may, sqlite_strict=True)
    op.create_index("measure_day", "measure", ["hall", "day"])
