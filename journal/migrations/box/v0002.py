"""The paper roll of a box's printer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "box_0002"
down_revision = "box_0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "roll",
        sa.Column("hall", sa.Text, primary_key=True),
        sa.Column("printer", sa.Text, primary_key=True),
        sa.Column("length_mm", sa.REAL, nullable=False),
        sa.Column("used_mm", sa.REAL, nullable=False),
        sa.Column("tickets", sa.Integer, nullable=False),
        sqlite_strict=True,
    )
