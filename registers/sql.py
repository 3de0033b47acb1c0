"""A register in a database of the community's own: SQLite or PostgreSQL."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import quote

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection, Engine, Row, Select, create_engine, event, func, insert, or_, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, ProgrammingError, SQLAlchemyError

from contract import register as r
from contract.errors import ConfigError
from contract.hall_part import Text
from registers.kinship import Kin, relation
from registers.register import BadAnswerError, BadQuestionError, NotKnownError, away
from registers.schema import DUE, ENTRY, LANGUAGES, PAYMENT, PERSON, SEPARATOR

log = structlog.get_logger(__name__)
T = TypeVar("T")
MOST = 60
"""People at one address, as in `contract.register.Household`."""
BACK, BACK_OF = "back", "~back"
"""The method of a line that undoes a payment, and what its id has after the payment's."""
Found = Row[Any]


def connect(name: str, url: str, timeout_s: float, *, create: bool = True) -> Engine:
    """An engine for `sqlite:///file` or `postgresql://…`; nothing is opened yet. `create`: a SQLite file that is not there is made.

    Raises: ConfigError: not such a URL, a password in it (`~/.pgpass` is its place), or the driver is not installed.
    """
    allowed = "sqlite:////path/to/file or postgresql://user@host/database, the password in ~/.pgpass"
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend not in {"sqlite", "postgresql"} or parsed.password is not None:
            raise ConfigError(f"register {name}", None, "url", parsed.render_as_string(), allowed)
        engine = _sqlite(parsed, timeout_s, create=create) if backend == "sqlite" else _postgresql(parsed, timeout_s)
    except (ArgumentError, ValueError) as exc:
        if isinstance(exc, ConfigError):
            raise
        raise ConfigError(f"register {name}", None, "url", "(not shown)", allowed) from None
    except ImportError as exc:
        raise ConfigError(f"register {name}", None, "url", backend, "its driver: pip install vikno[postgres]") from exc
    return engine


class _TwiceError(Exception):
    """The payment came in by another connection meanwhile."""


class SqlRegister:
    """A `Register` on the tables of `schema`, which an import makes.

    A SQLite file that is not there is a register that is away: an empty one would know nobody, and nobody would wonder.
    """

    def __init__(self, name: str, url: str, timeout_s: float = 5.0) -> None:
        self.name = name
        self._engine = connect(name, url, timeout_s, create=False)
        self.kind = self._engine.dialect.name

    def person(self, number: str) -> r.Person:
        """As the port says."""
        with self._session() as db:
            row = _one(db, number)
            return _made(lambda: _person(db, row, number))

    def household(self, number: str) -> r.Household:
        """As the port says; everybody registered at the same address, whoever is oldest after the asker."""
        with self._session() as db:
            asker = _one(db, number)
            address = _address(db, asker)
            if address is None:
                raise NotKnownError("no address is registered")
            rows = db.execute(_at(asker)).all()
            if len(rows) > MOST:  # a certificate that leaves somebody out would be a false one
                raise BadAnswerError(f"more than {MOST} people at one address: give its flats their numbers")
            return _made(lambda: r.Household(address=address, members=_members(db, asker, rows)))

    def dues(self, number: str) -> r.Dues:
        """As the port says."""
        with self._session() as db:
            return self._open(db, DUE.c.number.in_(_numbers(db, number)))

    def due(self, code: str) -> r.Dues:
        """As the port says."""
        with self._session() as db:
            return self._open(db, DUE.c.code == code)

    def paid(self, paid: r.Paid) -> r.Taken:
        """As the port says."""
        return self._again(lambda: self._take(paid))

    def returned(self, returned: r.Returned) -> r.Taken:
        """As the port says: a payment of less than nothing, beside the one that it undoes."""
        words = {"method": BACK, "payment": f"{returned.payment}{BACK_OF}", "amount_minor": -returned.amount_minor}
        return self._again(lambda: self._take_back(returned, returned.model_dump() | words))

    def directory(self, name: str, unless: int | None = None) -> r.Directory | None:
        """As the port says. The revision is a hash of the rows: a rename by hand is seen like one by import."""
        if name not in r.DIRECTORIES:
            raise NotKnownError("there is no such list")
        with self._session() as db:
            rows = db.execute(select(ENTRY).where(ENTRY.c.directory == name).order_by(ENTRY.c.id)).all()
        digest = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).digest()
        revision = int.from_bytes(digest[:6], "big")
        if revision == unless:
            return None
        return _made(lambda: r.Directory(name=name, revision=revision, entries=tuple(map(_entry, rows))))

    def check(self) -> None:
        """As the port says."""
        with self._session() as db:
            db.execute(text("SELECT 1")).one()

    def close(self) -> None:
        """Ends its connections; may be called twice."""
        self._engine.dispose()

    @contextmanager
    def _session(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as db:
                yield db
        except SQLAlchemyError as exc:
            # Its text holds the statement's values, which are somebody's data: it goes into no cause and no log.
            state = getattr(getattr(exc, "orig", None), "sqlstate", None)
            log.warning("register.sql", register=self.name, fault=type(exc).__name__, state=state)
            if isinstance(exc, ProgrammingError | DataError) or str(getattr(exc, "orig", "")).startswith("no such "):
                raise BadAnswerError("the register's tables are not those this version works with") from None
            raise away(self.name) from None

    def _again(self, take: Callable[[], r.Taken]) -> r.Taken:
        try:
            return take()
        except _TwiceError:  # another connection said it at the same moment; now it is there
            return take()

    def _take(self, paid: r.Paid) -> r.Taken:
        with self._session() as db:
            due = db.execute(select(DUE).where(DUE.c.id == paid.due)).first()
            if due is None:
                raise NotKnownError("no such due")
            if due.currency != paid.currency:
                raise BadQuestionError("another currency than the due's")
            return _written(db, paid.model_dump())

    def _take_back(self, returned: r.Returned, words: dict[str, Any]) -> r.Taken:
        with self._session() as db:
            paid = db.execute(select(PAYMENT).where(PAYMENT.c.payment == returned.payment)).first()
            if paid is None:
                raise NotKnownError("no such payment")
            if (paid.due, paid.amount_minor, paid.currency) != (returned.due, returned.amount_minor, returned.currency):
                raise BadQuestionError("another sum than was paid")
            return _written(db, words)

    def _open(self, db: Connection, which: Any) -> r.Dues:
        left = DUE.c.amount_minor - func.coalesce(
            select(func.sum(PAYMENT.c.amount_minor)).where(PAYMENT.c.due == DUE.c.id).scalar_subquery(), 0
        )
        query = select(DUE, left.label("left")).where(which, left > 0).order_by(DUE.c.since, DUE.c.id).limit(50)
        rows = db.execute(query).all()
        return _made(lambda: r.Dues(dues=tuple(map(_due, rows))))


def _sqlite(url: URL, timeout_s: float, *, create: bool) -> Engine:
    mode = {"mode": "rwc" if create else "rw", "uri": "true"}
    file = url.set(database=f"file:{quote(url.database or '')}", query=mode)
    engine = create_engine(file, connect_args={"timeout": timeout_s}, pool_timeout=timeout_s)

    @event.listens_for(engine, "connect")
    def _opened(connection: Any, _record: object) -> None:
        # A reader never waits for an import that is running; what was answered "taken" is on disk.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _postgresql(url: URL, timeout_s: float) -> Engine:
    limits = f"-c statement_timeout={round(timeout_s * 1000)} -c lock_timeout={round(timeout_s * 1000)}"
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={"connect_timeout": max(2, round(timeout_s)), "options": limits, "tcp_user_timeout": round(timeout_s * 1000)},
        pool_timeout=timeout_s, pool_pre_ping=True, hide_parameters=True,
    )  # fmt: skip


def _made(make: Callable[[], T]) -> T:
    """What a row becomes. Raises: BadAnswerError: the row is not what the contract allows."""
    try:
        return make()
    except ValidationError as exc:
        places = ", ".join(sorted({".".join(map(str, e["loc"])) for e in exc.errors(include_input=False)})[:3])
        raise BadAnswerError(f"a row of the register is outside the contract: {places}") from None


def _of(number: str) -> Select[Any]:
    return select(PERSON).where(or_(PERSON.c.number == number, PERSON.c.other_number == number))


def _one(db: Connection, number: str) -> Found:
    found = _found(db, number)
    if found is None:
        raise NotKnownError("nobody has this number")
    return found


def _found(db: Connection, number: str) -> Found | None:
    rows = db.execute(_of(number)).all()
    if len(rows) > 1:
        raise BadAnswerError("two people have this number")
    return rows[0] if rows else None


def _numbers(db: Connection, number: str) -> set[str]:
    """All numbers of whoever has this one."""
    person = _found(db, number)
    return {number} | ({person.number, person.other_number} - {None} if person else set())


def _at(person: Found) -> Select[Any]:
    columns = (PERSON.c.settlement, PERSON.c.street, PERSON.c.house, PERSON.c.flat)
    same = [column == getattr(person, column.name) for column in columns]
    return select(PERSON).where(*same).order_by(PERSON.c.birth_date, PERSON.c.number).limit(MOST + 1)


def _names(row: Found) -> Text:
    return {lang: value for lang in LANGUAGES if (value := getattr(row, f"name_{lang}"))}


def _person(db: Connection, row: Found, number: str) -> r.Person:
    return r.Person(
        number=number, names=_names(row), birth_date=row.birth_date, address=_address(db, row), since=row.since
    )


def _address(db: Connection, row: Found) -> r.Address | None:
    if row.settlement is None:
        return None
    settlement, street = _line(db, "settlements", row.settlement), _line(db, "streets", row.street)
    texts = {
        lang: ", ".join(part for part in (name, street.get(lang, ""), row.house, row.flat) if part)
        for lang, name in settlement.items()
    }
    return _made(
        lambda: r.Address(settlement=row.settlement, street=row.street, house=row.house, flat=row.flat, texts=texts)
    )


def _line(db: Connection, directory: str, entry: str | None) -> Text:
    row = db.execute(select(ENTRY).where(ENTRY.c.directory == directory, ENTRY.c.id == entry)).first()
    return _names(row) if row else {}


def _members(db: Connection, asker: Found, rows: Sequence[Found]) -> tuple[r.Member, ...]:
    """The asker first; a grandparent is found also where the parent between lives elsewhere."""
    known = {row.number: _kin(row) for row in rows}
    between = {p for kin in known.values() for p in kin.parents} - known.keys()
    elsewhere = db.execute(select(PERSON).where(PERSON.c.number.in_(sorted(between)))).all() if between else []
    known |= {row.number: _kin(row) for row in elsewhere}
    ordered = sorted(rows, key=lambda row: row.number != asker.number)
    return tuple(
        r.Member(
            names=_names(row), birth_date=row.birth_date, since=row.since,
            relation=relation(known[asker.number], known[row.number], known),
        )
        for row in ordered
    )  # fmt: skip


def _kin(row: Found) -> Kin:
    return Kin(row.number, row.mother, row.father, row.spouse)


def _due(row: Found) -> r.DueSum:
    until: date | None = row.until
    return r.DueSum(
        id=row.id, code=row.code, names=_names(row), service=row.service, payee=row.payee, amount_minor=int(row.left),
        currency=row.currency, until=until,
    )  # fmt: skip


def _entry(row: Found) -> r.Entry:
    was = tuple(name for name in row.was.split(SEPARATOR) if name)
    return r.Entry(id=row.id, names=_names(row), under=row.under, was=was)


def _written(db: Connection, words: dict[str, Any]) -> r.Taken:
    """A line of payments, or what is there by its id. Raises: BadQuestionError: that has another content; _TwiceError."""
    before = db.execute(select(PAYMENT).where(PAYMENT.c.payment == words["payment"])).first()
    if before is None:
        try:
            db.execute(insert(PAYMENT).values(**words | {"at": words["at"].astimezone(UTC)}))
        except IntegrityError:
            raise _TwiceError from None
        return r.Taken()
    at: datetime = before.at if before.at.tzinfo else before.at.replace(tzinfo=UTC)
    if {**before._asdict(), "at": at} != words:
        raise BadQuestionError("this payment's id is there with another content")
    return r.Taken(again=True)
