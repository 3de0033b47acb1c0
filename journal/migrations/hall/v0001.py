"""The first tables of the hall's journal."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "hall_0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    _log()
    _hall()
    _tickets()
    _bookings()


def _log() -> None:
    words = [sa.Column(name, sa.Text, nullable=name == "cmd") for name in ("at", "kind", "who", "cmd", "body", "hash")]
    _table("event", sa.Column("seq", sa.Integer, primary_key=True), *words)
    _table("meta", _key("key"), _must("value"))
    _table("cmd_seen", _key("id"), _must("at"), _must("reply"))
    _table("heard", _key("dev"), _must("inc"), _must("upto", sa.Integer))


def _hall() -> None:
    _table(
        "day",
        *(_key("day"), _must("state"), _may("reason"), _may("since"), _may("opened_at"), _may("closed_at")),
        _must("revision", sa.Integer),
    )
    _table(
        "window",
        *(_key("id"), _must("number", sa.Integer), _must("state"), _must("armed", sa.Integer)),
        *(_may("ticket"), _may("operator"), _must("since"), _may("last_call")),
    )
    _table("series", _key("day"), _key("letter"), _must("next", sa.Integer))
    _table("notice", _key("zone"), _must("since"), _must("texts"), _may("until"))


def _tickets() -> None:
    _table(
        "ticket",
        *(_key("id"), _must("day"), _must("label"), _must("letter"), _must("number", sa.Integer), _must("visit")),
        *(_must("service"), _must("then_services"), _must("service_group")),
        *(_must("priority", sa.Integer), _may("priority_group"), _must("lang"), _may("kiosk")),
        *(_must("state"), _must("paper"), _must("issued_at"), _must("clock_at"), _must("ready_at")),
        *(_may("window"), _may("only_window"), _may("operator")),
        *(_may("called_at"), _may("started_at"), _may("ended_at")),
        *(_must("recalls", sa.Integer), _must("leg", sa.Integer), _must("hour", sa.Integer)),
        *(_may("wait_s", sa.REAL), _may("service_s", sa.REAL), _may("reason"), _may("replaced_by")),
        _may("booked_at"),
        *(_may("told_low", sa.Integer), _may("told_high", sa.Integer), _may("told_kept"), _may("score", sa.Integer)),
    )
    op.create_index("ticket_label", "ticket", ["hall", "day", "label"], unique=True)
    live = sa.text("state IN ('called', 'serving')")
    op.create_index("ticket_live_at_window", "ticket", ["hall", "window"], unique=True, sqlite_where=live)
    _table(
        "leg",
        *(_key("ticket"), sa.Column("n", sa.Integer, primary_key=True), _must("day"), _must("hour", sa.Integer)),
        *(_must("service"), _must("service_group"), _may("window"), _may("operator")),
        *(_may("called_at"), _may("started_at"), _may("ended_at")),
        *(_may("wait_s", sa.REAL), _may("service_s", sa.REAL), _may("outcome")),
    )
    op.create_index("leg_day", "leg", ["hall", "day"])


def _bookings() -> None:
    _table(
        "booking",
        *(_key("id"), _must("code"), _must("day"), _must("start"), _must("minutes", sa.Integer)),
        *(_must("service"), _must("then_services"), _may("priority_group"), _must("lang"), _must("state")),
        *(_must("made_at"), _must("extra_s", sa.REAL), _may("ticket"), _may("ended_at"), _may("reason")),
    )
    op.create_index("booking_day", "booking", ["hall", "day"])
    _table("person", _key("booking"), _must("day"), _must("hash"), _must("company", sa.Integer), _may("match"))
    op.create_index("person_day", "person", ["hall", "day"])


def _table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, _key("hall"), *columns, sqlite_strict=True)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, primary_key=True)


def _must(name: str, kind: type[Any] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: type[Any] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)
