"""Whether a batch is closed, who counted a cassette or had a batch closed, and why; in which shift a fiscal receipt stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "money_0004"
down_revision = "money_0003"


def upgrade() -> None:
    """Of the balances before nothing of it is known."""
    for name in ("state", "by", "note"):
        op.add_column("balance", sa.Column(name, sa.Text, nullable=True))
    op.add_column("fiscal", sa.Column("shift", sa.Text, nullable=True))
