"""The hall documents that were in force: the table `revision`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "hall_0003"
down_revision = "hall_0002"


def upgrade() -> None:
    """Make the table; the document in force is written into it at the next start."""
    hall = sa.Column("hall", sa.Text, primary_key=True)
    number = sa.Column("revision", sa.Integer, primary_key=True)
    must = [sa.Column(name, sa.Text, nullable=False) for name in ("at", "by", "why", "document")]
    op.create_table("revision", hall, number, *must, sqlite_strict=True)
