"""Batches: whether closed, counted or closed by whom and why. Fiscal receipts: in which shift. Certificates: their numbers."""

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
    keys = [sa.Column(name, sa.Text, primary_key=True) for name in ("hall", "number")]
    words = [sa.Column(name, sa.Text, nullable=False) for name in ("job", "layout", "at")]
    may = [sa.Column(name, sa.Text, nullable=True) for name in ("service", "paper")]
    op.create_table("certificate", *keys, *words, *may, sqlite_strict=True)
    op.create_index("certificate_job", "certificate", ["hall", "job"])
