"""The tables of each kind of journal.

A new column is one line here (one that may be NULL: older events do not have it) and one in a migration;
projection, rebuild and verification follow by themselves.
`hall` is the first key column of every table, so that many halls' tables can stand in one database.
Times are TEXT, UTC, ISO 8601 with ms and 'Z'; `day` and `hour` are the hall's local ones, stored so that reports
need no date arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import REAL, Boolean, Column, Dialect, Index, Integer, MetaData, Table, Text, TypeDecorator, text


class Flag(TypeDecorator[bool]):
    """True or False; an INTEGER in SQLite, whose strict tables know no BOOLEAN."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:  # noqa: ARG002  SQLAlchemy's signature
        return None if value is None else bool(value)


@dataclass(frozen=True, slots=True)
class Schema:
    """One kind of journal: `head` is its newest migration, `projected` the tables that events' rows go to."""

    name: str
    head: str
    metadata: MetaData
    projected: tuple[str, ...]

    def table(self, name: str) -> Table:
        """Raises: KeyError: this kind of journal has no such table."""
        return self.metadata.tables[name]


def _table(metadata: MetaData, name: str, *columns: Column[Any] | Index) -> Table:
    return Table(name, metadata, Column("hall", Text, primary_key=True), *columns, sqlite_strict=True)


def _key(name: str, kind: type[Any] = Text, older: str | None = None) -> Column[Any]:
    """`older`: what the rows of older events have, which do not name it."""
    return Column(name, kind, primary_key=True, default=older)


def _must(name: str, kind: type[Any] = Text) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _may(name: str, kind: type[Any] = Text) -> Column[Any]:
    return Column(name, kind, nullable=True)


def _event(metadata: MetaData) -> None:
    words = (_must("at"), _must("kind"), _must("who"), _may("cmd"), _must("body"), _must("hash"))
    _table(metadata, "event", _key("seq", Integer), *words)
    _table(metadata, "meta", _key("key"), _must("value"))


def _hall() -> Schema:
    metadata = MetaData()
    _event(metadata)
    _table(metadata, "cmd_seen", _key("id"), _must("at"), _must("reply"))
    _table(metadata, "heard", _key("dev"), _must("inc"), _must("upto", Integer))
    _day(metadata)
    _window(metadata)
    _ticket(metadata)
    _leg(metadata)
    _table(metadata, "series", _key("day"), _key("letter"), _must("next", Integer))
    keys = (_key("zone"), _must("since"), _must("texts"), _may("until"))  # texts: JSON list of language and text
    _table(metadata, "notice", *keys)
    _booking(metadata)
    _measure(metadata)
    _table(metadata, "revision", _key("revision", Integer), *(_must(name) for name in ("at", "by", "why", "document")))
    _fault(metadata)
    _told_money(metadata)
    tables = (
        "day", "window", "ticket", "leg", "pause", "series", "notice", "booking", "measure", "revision", "payment", "cassette", "balance",
        "certificate", "fault",
    )  # fmt: skip
    return Schema("hall", "hall_0007", metadata, tables)


def _day(metadata: MetaData) -> None:
    _table(
        metadata,
        "day",
        _key("day"),
        _must("state"),  # open | interrupted | closed
        _may("reason"),
        _may("since"),
        _may("opened_at"),
        _may("closed_at"),
        _must("revision", Integer),
    )


def _window(metadata: MetaData) -> None:
    _table(
        metadata,
        "window",
        _key("id"),
        _must("number", Integer),
        _must("state"),  # closed | free | paused
        _must("armed", Flag),
        _may("ticket"),
        _may("operator"),
        _must("since"),
        _may("last_call"),  # JSON
        _may("pause"),  # of contract.words.PauseKind
        _may("back_at"),  # planned end of the break
    )


def _ticket(metadata: MetaData) -> None:
    _table(
        metadata,
        "ticket",
        _key("id"),
        _must("day"),
        _must("label"),
        _must("letter"),
        _must("number", Integer),
        _must("visit"),
        _must("service"),
        _must("then_services"),  # JSON list
        _must("service_group"),
        _must("priority", Integer),  # 0 is none
        _may("priority_group"),
        _must("lang"),
        _may("kiosk"),
        _must("state"),
        _must("paper"),
        _must("issued_at"),
        _must("clock_at"),  # from when the wait counts for the order
        _must("ready_at"),  # callable from then on
        _may("window"),
        _may("only_window"),
        _may("operator"),
        _may("called_at"),
        _may("started_at"),
        _may("ended_at"),
        _must("recalls", Integer),
        _must("leg", Integer),
        _must("hour", Integer),
        _may("wait_s", REAL),
        _may("service_s", REAL),
        _may("reason"),
        _may("replaced_by"),
        _may("booked_at"),  # NULL: came without a booking, or too late for it
        _may("told_low", Integer),  # minutes told at issue
        _may("told_high", Integer),  # NULL with a low: or more
        _may("told_kept"),  # at the first call: sooner | within | longer
        _may("score", Integer),  # what the visitor said at a rating pad, 1 to 5
        _may("done_services"),  # JSON list; NULL: none yet
        Index("ticket_label", "hall", "day", "label", unique=True),
        Index(
            "ticket_live_at_window",
            "hall",
            "window",
            unique=True,
            sqlite_where=text("state IN ('called', 'serving')"),
            postgresql_where=text("state IN ('called', 'serving')"),
        ),
    )


def _leg(metadata: MetaData) -> None:
    _table(
        metadata,
        "leg",
        _key("ticket"),
        _key("n", Integer),
        _must("day"),
        _must("hour", Integer),
        _must("service"),
        _must("service_group"),
        _may("window"),
        _may("operator"),
        _may("called_at"),
        _may("started_at"),
        _may("ended_at"),
        _may("wait_s", REAL),
        _may("service_s", REAL),
        _may("outcome"),
        _may("result"),  # what the operator said of it
        Index("leg_day", "hall", "day"),
    )
    _table(
        metadata,
        "pause",  # a window's break that is over
        _key("window"),
        _key("begin"),
        _must("day"),
        _must("ended_at"),
        _may("operator"),
        _may("kind"),
        _may("back_at"),  # when it was planned to end
        Index("pause_day", "hall", "day"),
    )


def _booking(metadata: MetaData) -> None:
    _table(
        metadata,
        "booking",
        _key("id"),
        _must("code"),
        _must("day"),
        _must("start"),
        _must("minutes", Integer),
        _must("service"),
        _must("then_services"),  # JSON list
        _may("priority_group"),
        _must("lang"),
        _must("state"),  # booked | checked_in | cancelled | moved | missed | lost
        _must("made_at"),
        _must("extra_s", REAL),  # added to the grace by interruptions
        _may("ticket"),
        _may("ended_at"),
        _may("reason"),
        Index("booking_day", "hall", "day"),
    )
    _table(
        metadata,
        "person",  # a keyed hash; not projected from events, so that it can be deleted
        _key("booking"),
        _must("day"),
        _must("hash"),
        _must("company", Flag),
        _may("match"),  # hashed with the key of the day
        Index("person_day", "hall", "day"),
    )


def _measure(metadata: MetaData) -> None:
    _table(
        metadata,
        "measure",  # a recommendation about the staff that somebody decided about
        _key("id"),
        _must("day"),
        _must("kind"),  # open | close | delay_break | widen_profile
        _must("window"),
        _must("state"),  # asked | holds | done | expired | dismissed
        _must("at"),
        _must("until"),  # to be done by then, in force to then, or quiet to then
        _must("minutes", Integer),
        _may("service_group"),  # of widen_profile
        _may("break_at"),  # of delay_break: when it was planned to begin
        _may("by"),  # operator or box; NULL: the hall itself
        _may("ended_at"),
        Index("measure_day", "hall", "day"),
    )


def _fault(metadata: MetaData) -> None:
    _table(
        metadata,
        "fault",  # of a box, while the hall is open: one that lasts over night is a row on each day
        _key("dev"),
        _key("fault"),  # key, or key:unit
        _key("since"),
        _must("day"),
        _must("hour", Integer),  # both of `since`
        _may("ended_at"),  # NULL: it still lasts
        _may("lasted_s", REAL),  # NULL with an end: nobody saw it
        Index("fault_day", "hall", "day"),
    )


def _told_money(metadata: MetaData) -> None:
    """The hall's accounts of its terminals, as they told them: `dev` is the terminal, `device` what takes the money behind it."""
    _table(
        metadata,
        "payment",
        _key("dev"),
        _key("id"),
        _must("day"),
        _must("hour", Integer),  # both of `opened_at`
        _must("device"),
        _must("order_id"),
        _may("service"),
        _must("method"),  # card | cash
        _must("state"),  # of contract.words.PaymentState
        _must("amount_minor", Integer),
        _must("captured_minor", Integer),
        _must("currency"),
        _must("opened_at"),
        _must("at"),  # when its newest step was told
        _may("by"),
        _must("why"),
        Index("payment_day", "hall", "day"),
        Index("payment_state", "hall", "state"),
    )
    _table(
        metadata,
        "cassette",
        _key("dev"),
        _key("id"),
        _must("day"),  # of `at`
        _must("device"),
        _must("since"),
        _must("notes"),  # JSON list of a note's minor units and how many
        _must("nobodys", Integer),
        _must("doubtful", Integer),
        _must("currency"),
        _must("at"),  # when its newest count was told
        _may("collected_at"),  # NULL: it is inside
        Index("cassette_collected", "hall", "collected_at"),
    )
    _table(
        metadata,
        "certificate",  # a numbered paper; never for whom
        _key("dev"),
        _key("number"),
        _must("day"),
        _must("layout"),
        _may("service"),
        _must("paper"),  # of contract.words.Paper
        _must("at"),  # when it was numbered
        Index("certificate_number", "hall", "number"),
    )
    _table(
        metadata,
        "balance",
        _key("dev"),
        _key("device"),
        _key("day"),
        _key("batch", older=""),  # or cassette, or the registrar's shift
        _must("method"),  # card | cash | fiscal
        _must("currency"),
        _must("ours_minor", Integer),
        _must("ours_count", Integer),
        _may("theirs_minor", Integer),  # NULL: the device did not tell
        _may("theirs_count", Integer),
        _must("unknown", Integer),
        _must("balances", Flag),
        _must("at"),
        _must("why"),
        _may("state"),  # open | closed | unknown
        _may("by"),  # who counted the cassette, or had the batch closed
        _may("note"),  # the reason they gave
        Index("balance_day", "hall", "day"),
    )


def _box() -> Schema:
    metadata = MetaData()
    _event(metadata)
    _papers(metadata)
    return Schema("box", "box_0002", metadata, ("job", "visit", "roll"))


def _papers(metadata: MetaData) -> None:
    """What every box has that prints and tells."""
    _table(metadata, "outbox", _key("sq", Integer), _must("ep", Integer), _must("body"))
    _table(
        metadata,
        "job",
        _key("id"),
        _may("ticket"),  # NULL: the paper is no ticket
        _must("kind"),
        _must("state"),  # NEW | SENT | CONFIRMED | UNKNOWN | CONFIRMED_LATE | UNPROVED | VOIDED
        _must("hash"),
        _must("cmd"),  # the visitor's transaction
        _must("at_new"),
        _may("at_sent"),
        _may("at_end"),
        _may("note"),
        Index("job_state", "hall", "state"),
    )
    _table(
        metadata,
        "visit",  # a visitor's transaction at a kiosk or terminal
        _key("id"),
        _must("state"),  # asked | ended
        _must("command"),  # the newest question, JSON
        _must("lang"),
        _must("service"),
        _must("old"),  # the label that the question replaces, '' for none
        _must("at"),
        Index("visit_state", "hall", "state"),
    )
    _table(
        metadata,
        "roll",  # the paper in a printer
        _key("printer"),
        _must("length_mm", REAL),
        _must("used_mm", REAL),
        _must("tickets", Integer),
    )


def _money() -> Schema:
    metadata = MetaData()
    _event(metadata)
    words = ("tid", "receipt", "mark", "rrn", "approval", "pan", "brand", "note")  # '' where not known
    _table(
        metadata,
        "payment",
        _key("id"),
        _must("order_id"),
        _must("device"),
        _must("state"),
        _must("amount_minor", Integer),
        _must("captured_minor", Integer),
        _must("currency"),
        _must("watermark"),  # '': an empty batch
        *(_must(name) for name in words),
        _must("slip"),  # none | owed | printed
        _must("opened_at"),
        _may("ended_at"),
        Index(
            "payment_live_of_order",
            "hall",
            "order_id",
            unique=True,
            sqlite_where=text("state NOT IN ('declined', 'not_performed', 'reversed')"),
            postgresql_where=text("state NOT IN ('declined', 'not_performed', 'reversed')"),
        ),
        Index("payment_state", "hall", "device", "state"),
    )
    _table(metadata, "stray", *(_key(name) for name in ("device", "mark")), _must("amount_minor", Integer), _must("at"))
    _table(metadata, "till", _key("device"), _must("tid"), _must("mark"))  # the newest receipt that is accounted for
    _cash(metadata)
    _accounts(metadata)
    _order(metadata)
    _papers(metadata)
    tables = (
        "payment", "stray", "till", "note", "cassette", "claim", "order", "errand", "fiscal", "balance", "reconciled", "certificate", "job",
        "visit", "roll",
    )  # fmt: skip
    return Schema("money", "money_0004", metadata, tables)


def _order(metadata: MetaData) -> None:
    _table(
        metadata,
        "order",  # what somebody pays for at a terminal; never who
        _key("id"),
        _must("state"),  # open | paid | abandoned
        _must("service"),  # '' for a due
        _must("due"),  # of the registers; '' for a service's own fee
        _must("payee"),
        _must("lang"),
        _must("amount_minor", Integer),
        _must("currency"),
        _must("method"),  # card | cash; '' while open
        _must("payment"),  # '' while open; of cash: the order itself
        _must("told"),  # none | owed | told | back_owed | back: what the register knows of its due
        _must("slip"),  # none | owed | printed
        _must("code"),  # by which its receipt is printed again
        _must("at"),
        _may("ended_at"),
        Index("order_state", "hall", "state"),
    )
    # What staff had done here, by the command's id: written down before it is done, and never done twice.
    _table(metadata, "errand", _key("id"), _must("what"), _must("payment"), _must("who"), _must("at"))


def _cash(metadata: MetaData) -> None:
    _table(
        metadata,
        "note",  # one banknote
        _key("id"),
        _must("device"),
        _must("order_id"),  # '': nobody's
        _must("state"),  # stacking | credited | returned | doubt | unexplained
        _must("kind", Integer),  # its place in the acceptor's bill table
        _must("amount_minor", Integer),
        _must("currency"),
        _must("cassette"),
        _must("at"),
        Index("note_order", "hall", "order_id"),
        Index("note_state", "hall", "device", "state"),
    )
    _table(metadata, "cassette", _key("id"), _must("device"), _must("since"), _may("collected_at"), _may("totals"))
    _table(
        metadata,
        "claim",
        _key("order_id"),
        _must("code"),
        _must("amount_minor", Integer),
        _must("currency"),
        _must("at"),
    )


def _accounts(metadata: MetaData) -> None:
    _table(
        metadata,
        "fiscal",  # one fiscal receipt
        _key("id"),
        _must("payment"),
        _must("kind"),  # sale | refund
        _must("state"),  # not_needed | owed | registered | offline
        _must("turn", Integer),
        _must("tries", Integer),
        _must("sale"),  # what was sold, as JSON: until it is registered nobody else remembers it
        *(_must(name) for name in ("number", "link", "why")),  # '' where there is none
        _must("at"),
        _may("ended_at"),
        _may("shift"),  # of the registrar, in which it stands
        Index("fiscal_state", "hall", "state"),
    )
    figures = ("ours_minor", "ours_count", "unknown", "strays", "nobodys", "balances", "seq")
    _table(
        metadata,
        "balance",  # a batch or a cassette held against the device's own word
        _key("id"),
        *(_must(name) for name in ("device", "method", "day", "at", "currency", "why", "left")),
        *(_must(name, Integer) for name in figures),
        *(_may(name, Integer) for name in ("theirs_minor", "theirs_count")),  # NULL: not told
        _may("counted"),  # a cassette's notes as a person counted them: JSON
        _may("state"),  # open | closed | unknown
        _may("by"),  # who counted it, or had it closed
        _may("note"),  # the reason they gave
        Index("balance_day", "hall", "day"),
    )
    _table(
        metadata,
        "certificate",
        *(_key("number"), _must("job"), _must("layout"), _may("service"), _must("at"), _may("paper")),
        Index("certificate_job", "hall", "job"),
    )
    _table(metadata, "reconciled", _key("payment"), _must("balance"), _must("at"))


HALL = _hall()
BOX = _box()
MONEY = _money()
