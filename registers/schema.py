"""The tables of a community's own register, in SQLite or PostgreSQL. Whoever keeps it may change rows by any means: nothing is cached."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    Table,
)

LANGUAGES = ("uk", "ru", "kk", "ky", "en")
SEPARATOR = "|"
"""Between earlier names in `was`."""

METADATA = MetaData()


def _names() -> list[Column[str]]:
    return [Column(f"name_{language}", String(200)) for language in LANGUAGES]


ENTRY = Table(
    "entry", METADATA,
    Column("directory", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("under", String(32)),
    *_names(),
    Column("was", String(2000), nullable=False, default=""),
)  # fmt: skip
"""A line of a directory (settlements, streets, documents, given_names). To rename it, change its names and add the old one to `was`."""

PERSON = Table(
    "person", METADATA,
    Column("number", String(20), primary_key=True),
    Column("other_number", String(20), unique=True),
    *_names(),
    Column("birth_date", Date, nullable=False),
    Column("settlement", String(32)),
    Column("street", String(32)),
    Column("house", String(20), nullable=False, default=""),
    Column("flat", String(20), nullable=False, default=""),
    Column("since", Date),
    Column("mother", String(20)),
    Column("father", String(20)),
    Column("spouse", String(20)),
    Index("person_address", "settlement", "street", "house", "flat"),
)  # fmt: skip
"""A resident. `number`, `other_number`: either finds them. Parents and spouse are numbers, of people who need not be residents."""

DUE = Table(
    "due", METADATA,
    Column("id", String(64), primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("number", String(20), nullable=False, index=True),
    *_names(),
    Column("service", String(32)),
    Column("payee", String(32)),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    CheckConstraint("amount_minor >= 0", name="due_amount"),
)  # fmt: skip
"""What somebody owes. `amount_minor`: the whole of it; payments are taken off when asked. 0: withdrawn."""

PAYMENT = Table(
    "payment", METADATA,
    Column("payment", String(80), primary_key=True),
    Column("due", String(64), nullable=False, index=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("method", String(8), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["due"], ["due.id"]),
)  # fmt: skip
"""What was paid at terminals, by the terminal's own id; what was given back: a line of less than nothing, its id ends in `~back`."""
