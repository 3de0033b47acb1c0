"""A balance for each batch, cassette or shift of a device's day, where there was one for the day; where a certificate was printed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "hall_0005"
down_revision = "hall_0004"

_WORDS = ("method", "currency", "at", "why")
_NUMBERS = ("ours_minor", "ours_count", "unknown", "balances")
_THEIRS = ("theirs_minor", "theirs_count")


def upgrade() -> None:
    """Keep what was told of balances: it names no batch."""
    op.rename_table("balance", "balance_of_day")
    op.drop_index("balance_day", "balance_of_day")
    keys = [sa.Column(name, sa.Text, primary_key=True) for name in ("hall", "dev", "device", "day", "batch")]
    must = [sa.Column(name, sa.Text, nullable=False) for name in _WORDS]
    numbers = [sa.Column(name, sa.Integer, nullable=False) for name in _NUMBERS]
    theirs = [sa.Column(name, sa.Integer, nullable=True) for name in _THEIRS]
    may = [sa.Column(name, sa.Text, nullable=True) for name in ("state", "by", "note")]
    made = op.create_table("balance", *keys, *must, *numbers, *theirs, *may, sqlite_strict=True)
    names = ("hall", "dev", "device", "day", *_WORDS, *_NUMBERS, *_THEIRS)
    older = sa.table("balance_of_day", *(sa.column(name) for name in names))
    op.execute(made.insert().from_select([*names, "batch"], sa.select(*older.c, sa.literal(""))))
    op.drop_table("balance_of_day")
    op.create_index("balance_day", "balance", ["hall", "day"])
    words = [sa.Column(name, sa.Text, nullable=False) for name in ("day", "layout", "paper", "at")]
    keys = [sa.Column(name, sa.Text, primary_key=True) for name in ("hall", "dev", "number")]
    op.create_table("certificate", *keys, *words, sa.Column("service", sa.Text, nullable=True), sqlite_strict=True)
    op.create_index("certificate_number", "certificate", ["hall", "number"])
