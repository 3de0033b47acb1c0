"""What is owed to the tax service, and what it knows: rows of the money journal, durable before and after each question."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from journal.event import Event, Fact, Row, Scalar
from journal.journal import Journal, stamp
from runtime.clock import utc_now
from terminal.fiscal.registrar import FiscalKind, FiscalState, Line, Registered, Sale, ShiftReport
from terminal.money import Money


@dataclass(frozen=True, slots=True)
class Entry:
    """One fiscal receipt. `turn`: the first key, or the next one where the registrar spent the last one on a refusal.

    `tries`: how often the registrar was asked; `why`: its last refusal, "" for none; `at`: since when it is owed; `shift`: in which it
    stands, "" where not told.
    """

    kind: FiscalKind
    sale: Sale
    state: FiscalState
    at: str
    turn: int = 1
    tries: int = 0
    number: str = ""
    link: str = ""
    why: str = ""
    ended_at: str | None = None
    shift: str = ""

    @property
    def id(self) -> str:
        """The row's key: a payment is sold once, and given back once."""
        return f"{self.sale.payment}/{self.kind}"

    @property
    def key(self) -> str:
        """What the registrar knows it by."""
        return f"{self.id}/{self.turn}"


class FiscalBook:
    """The fiscal axis of every payment. Threads may share it; a call that writes returns when the disk has it."""

    def __init__(self, journal: Journal, who: str, utc: Callable[[], datetime] = utc_now) -> None:
        """`journal`: open, of kind MONEY; `who`: the terminal."""
        self._journal, self._who, self._utc = journal, who, utc

    def owe(self, sale: Sale, *, needed: bool, kind: FiscalKind = FiscalKind.SALE) -> Entry:
        """From now on this is to be registered (or, not `needed`, known to be somebody else's). Owed before: as it stands."""
        known = self.entry(sale.payment, kind)
        if known is not None:
            return known
        now, state = stamp(self._utc()), FiscalState.OWED if needed else FiscalState.NOT_NEEDED
        return self._save(Entry(kind, sale, state, now, ended_at=None if needed else now))

    def entry(self, payment: str, kind: FiscalKind = FiscalKind.SALE) -> Entry | None:
        """As last saved; None: nothing was ever owed."""
        found = self._journal.rows("fiscal", id=f"{payment}/{kind}")
        return _entry(found[0]) if found else None

    def having(self, state: FiscalState, limit: int) -> list[Entry]:
        """Up to `limit` receipts in that state, oldest first, refused ones last."""
        found = map(_entry, self._journal.rows("fiscal", state=state.value))
        return sorted(found, key=lambda entry: (bool(entry.why), entry.at, entry.id))[:limit]

    def owed(self) -> int:
        """How many receipts the tax service is owed."""
        return len(self._journal.rows("fiscal", state=FiscalState.OWED.value))

    def missing(self, payments: Iterable[str], kind: FiscalKind = FiscalKind.SALE) -> list[str]:
        """Those of `payments` of which nothing was ever owed: the power went between the money and this book."""
        known = {str(row["payment"]) for row in self._journal.rows("fiscal", kind=kind.value)}
        return [payment for payment in payments if payment not in known]

    def asked(self, entry: Entry) -> Entry:
        """The registrar is about to be asked."""
        return self._save(replace(entry, tries=entry.tries + 1))

    def registered(self, entry: Entry, told: Registered) -> Entry:
        """The registrar has it, under that number."""
        state = FiscalState.OFFLINE if told.offline else FiscalState.REGISTERED
        now = stamp(self._utc())
        had = replace(entry, state=state, number=told.number, link=told.link, why="", ended_at=now)
        return self._save(replace(had, shift=told.shift or entry.shift))

    def refused(self, entry: Entry, why: str, *, spent: bool) -> Entry:
        """The registrar said no; it stays owed. `spent`: it is asked by another key from now on."""
        return self._save(replace(entry, why=why, turn=entry.turn + spent))

    def of_shift(self, number: str) -> tuple[int, int]:
        """What the registrar has in that shift by this book: how many sales, and their sum less what was given back, in minor units."""
        found = [_entry(row) for row in self._journal.rows("fiscal", shift=number)]
        sold = [entry.sale.amount.minor for entry in found if entry.kind is FiscalKind.SALE and entry.number]
        back = [entry.sale.amount.minor for entry in found if entry.kind is FiscalKind.REFUND and entry.number]
        return len(sold), sum(sold) - sum(back)

    def shift(self, report: ShiftReport) -> None:
        """A shift of the registrar was closed."""
        self._journal.commit([Event("fiscal.shift", stamp(self._utc()), self._who, None, asdict(report))])

    def _save(self, entry: Entry) -> Entry:
        facts: dict[str, Fact] = {"payment": entry.sale.payment, "tries": entry.tries, "why": entry.why}
        kind = f"fiscal.{entry.kind}.{entry.state}"
        self._journal.commit([Event(kind, stamp(self._utc()), self._who, None, facts, (Row("fiscal", _row(entry)),))])
        return entry


def _row(entry: Entry) -> dict[str, Scalar]:
    return {
        "id": entry.id, "payment": entry.sale.payment, "kind": entry.kind.value, "state": entry.state.value,
        "turn": entry.turn, "tries": entry.tries, "number": entry.number, "link": entry.link, "why": entry.why,
        "at": entry.at, "ended_at": entry.ended_at, "sale": json.dumps(asdict(entry.sale), ensure_ascii=False),
        "shift": entry.shift or None,
    }  # fmt: skip


def _entry(row: Mapping[str, Scalar]) -> Entry:
    ended = row["ended_at"]
    return Entry(
        kind=FiscalKind(str(row["kind"])),
        sale=_sale(json.loads(str(row["sale"]))),
        state=FiscalState(str(row["state"])),
        at=str(row["at"]),
        turn=int(str(row["turn"])),
        tries=int(str(row["tries"])),
        number=str(row["number"]),
        link=str(row["link"]),
        why=str(row["why"]),
        ended_at=None if ended is None else str(ended),
        shift=str(row["shift"] or ""),
    )


def _sale(words: dict[str, object]) -> Sale:
    lines = words.pop("lines")
    assert isinstance(lines, list)
    bought = tuple(Line(line["code"], line["name"], Money(**line["amount"])) for line in lines)
    return Sale(lines=bought, **words)  # type: ignore[arg-type]  # written by asdict of the same class
