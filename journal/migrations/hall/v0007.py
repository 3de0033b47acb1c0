"""The faults of the boxes: the table `fault`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "hall_0007"
down_revision = "hall_0006"


def upgrade() -> None:
    """Make the table; no fault was written down before it."""
    keys = [sa.Column(name, sa.Text, primary_key=True) for name in ("hall", "dev", "fault", "since")]
    day, hour = sa.Column("day", sa.Text, nullable=False), sa.Column("hour", sa.Integer, nullable=False)
    may = sa.Column("ended_at", sa.Text, nullable=True), sa.Column("lasted_s", sa.REAL, nullable=True)
    op.create_table("fault", *keys, day, hour, *may, sqlite_strict=True)
    op.create_index("fault_day", "fault", ["hall", "day"])
