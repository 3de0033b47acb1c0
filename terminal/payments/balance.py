"""A device's money held against its own word: a fold of the money journal, and what is left to explain. Pure.

A card terminal counts batches, an acceptor fills cassettes; a balance is of one of them, and belongs to the day on which it was made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from contract.words import PaymentState as State
from journal.event import Event, Scalar
from terminal.money import Money
from terminal.payments.note import Note, NoteState
from terminal.payments.payment import DOUBTFUL, OPEN
from terminal.pos.terminal import Kind, Totals

BatchState = Literal["open", "closed", "unknown"]
UNCLEAR = "nobody knows whether the terminal has closed its batch: look at its own report"
_DOUBT = {state.value for state in OPEN | DOUBTFUL}
_INSIDE = {NoteState.CREDITED, NoteState.UNEXPLAINED}
_CLOSING = {"till.closing": True, "till.closed": False, "till.not_closed": False}
"""Event → whether a batch's closing is begun and its end not known."""
_NOTHING = {State.DECLINED, State.NOT_PERFORMED}
_WHY = 200


@dataclass(frozen=True, slots=True)
class Balance:
    """One batch or cassette. `theirs_…` None: not told, or not counted yet; `unknown`: payments or notes that nobody knows the end of.

    `strays`: receipts that no payment explains; `nobodys`: notes of no session; `why`: one sentence for staff, in English; `left`: what
    is left to explain, one line each. `seq`: how much of the journal was read. `counted`: a cassette's notes as counted. `state` unknown:
    nobody knows whether the device has closed it; `by`, `note`: who counted it or had it closed, and why, "" for nobody.
    """

    id: str
    device: str
    method: Literal["card", "cash", "fiscal"]
    day: str
    at: str
    currency: str
    ours_minor: int
    ours_count: int
    theirs_minor: int | None
    theirs_count: int | None
    unknown: int
    strays: int
    nobodys: int
    balances: bool
    why: str
    left: tuple[str, ...]
    seq: int
    counted: Mapping[int, int] | None = None
    state: BatchState = "open"
    by: str = ""
    note: str = ""

    @property
    def batch(self) -> str:
        """The batch's, cassette's or shift's own name."""
        return self.id.partition("/")[2]

    def told(self) -> Mapping[str, object]:
        """As the hall is told (`BalanceFact`, without its envelope)."""
        return {
            "t": "balance", "device": self.device, "method": self.method, "day": self.day, "currency": self.currency,
            "ours_minor": max(self.ours_minor, 0), "ours_count": self.ours_count,
            "theirs_minor": None if self.theirs_minor is None else max(self.theirs_minor, 0),
            "theirs_count": self.theirs_count, "unknown": self.unknown, "balances": self.balances, "why": self.why[:_WHY],
            "batch": self.batch, "state": self.state, "by": self.by or None, "note": self.note,
        }  # fmt: skip


@dataclass(slots=True)
class Batch:
    """What the journal knows of one batch of a card terminal; payments are their newest rows.

    `since`: number of the event before it; `moved`: of its newest sale, reversal or stray; `top`: the highest number of its
    receipts; `closed`: the terminal ended it, not a balance; `over`: another one has begun; `closing`: it was told to close it, and
    has not said no.
    """

    since: int
    moved: int = 0
    top: int = 0
    closed: bool = False
    over: bool = False
    closing: bool = False
    sold: dict[str, Mapping[str, Scalar]] = field(default_factory=dict)
    back: dict[str, Mapping[str, Scalar]] = field(default_factory=dict)
    """Sales of earlier batches that are given back in this one."""
    strays: dict[str, int] = field(default_factory=dict)
    """Mark of an approved receipt → minor units."""

    @property
    def state(self) -> BatchState:
        """Whether the terminal has closed it, as far as is known."""
        return "closed" if self.over else "unknown" if self.closing else "open"

    def ours(self) -> tuple[int, int]:
        """How many sales stand, and their sum less refunds, in minor units."""
        stand = [row for row in self.sold.values() if self._kept(row)]
        given = [row for row in self.back.values() if row["state"] == State.REVERSED]
        return len(stand), sum(map(_captured, stand)) - sum(map(_captured, given))

    def unknown(self) -> list[Mapping[str, Scalar]]:
        """Payments of which nobody knows how they ended, or whether they were given back."""
        return [row for row in [*self.sold.values(), *self.back.values()] if row["state"] in _DOUBT and self._here(row)]

    def used(self) -> bool:
        """Whether the terminal may have a receipt in it."""
        return bool(self.back or self.strays) or any(row["state"] not in _NOTHING for row in self.sold.values())

    def unexplained(self) -> dict[str, int]:
        """Strays that no payment turned out to be."""
        known = {row["mark"] for row in self.sold.values() if row["state"] not in _NOTHING}
        return {mark: minor for mark, minor in self.strays.items() if mark not in known}

    def stands(self) -> bool:
        """Whether a sale nobody explains is left that was not voided by hand."""
        kinds = {Kind.SALE: Counter[int](), Kind.VOID: Counter[int]()}
        for mark, minor in self.unexplained().items():
            kind = mark.split("/")[1:2]
            kinds[Kind.SALE if kind == [Kind.SALE.value] else Kind.VOID][minor] += 1
        return bool(kinds[Kind.SALE] - kinds[Kind.VOID])

    def _kept(self, row: Mapping[str, Scalar]) -> bool:
        """A sale given back in a later batch stands in this one."""
        elsewhere = row.get("back_elsewhere") is True
        return row["state"] == State.APPROVED or (elsewhere and _captured(row) > 0)

    def _here(self, row: Mapping[str, Scalar]) -> bool:
        return row.get("back_elsewhere") is not True


def batches(device: str, steps: Iterable[tuple[int, Event]], since: int = 0, *, by_name: bool = False) -> list[Batch]:
    """The device's batches in the events after number `since`, oldest first; the last one may still be open.

    `by_name`: the terminal has no last receipt. A batch ends where the terminal was seen with an empty one or with lower numbers, or
    where a balance ended it because the terminal counts none. A sale belongs to the batch in which it was begun (one that came
    late: in which its receipt was seen), a reversal to the one in which that was begun, whenever either became known.
    """
    found = [Batch(since)]
    home: dict[str, Batch] = {}
    for seq, event in steps:
        if (_ends(device, event, found[-1]) or (not by_name and _first(device, event, home))) and found[-1].used():
            found[-1].closed, found[-1].over = event.kind != "till.balance", True
            found.append(Batch(seq))
        if event.kind in _CLOSING and event.facts.get("device") == device:
            found[-1].closing = _CLOSING[event.kind]
        for row in event.rows:
            if row.values.get("device") != device:
                continue
            if row.table == "payment":
                _payment(found, home, seq, event.kind, row.values)
            elif row.table == "stray":
                found[-1].moved = seq
                found[-1].strays[str(row.values["mark"])] = _number(row.values["amount_minor"])
            if row.table != "payment" or home.get(str(row.values["id"])) is found[-1]:
                number = _receipt_number(str(row.values.get("mark") or ""))
                found[-1].closing &= number <= found[-1].top  # its numbers go on: it was not closed
                found[-1].top = max(found[-1].top, number)
    return found


def card(
    batch: Batch, device: str, theirs: Totals | None, *, day: str, at: str, currency: str, seq: int, silent: str = ""
) -> Balance:
    """A batch against the terminal's totals of it; None: they were not told, or before something else happened.

    `silent`: why they were not, "" where the terminal never tells.
    """
    count, minor = batch.ours()
    unknown, strays = batch.unknown(), batch.unexplained()
    more_count = 0 if theirs is None else theirs.sales - count
    more = 0 if theirs is None else theirs.net_minor - minor
    agrees = theirs is not None and not more and not more_count and not unknown and not batch.stands()
    left = [f"{row['id']}: {row['state']}, {_money(_number(row['amount_minor']), currency)}" for row in unknown]
    left += [f"receipt {mark}: nobody's, {_money(amount, currency)}" for mark, amount in strays.items()]
    why = "" if agrees else _card_why(batch, theirs, (more_count, more), left, currency, silent)
    if batch.state == "unknown":
        why = f"{UNCLEAR}; {why}"[:_WHY] if why else UNCLEAR
    return Balance(
        id=f"{device}/{batch.since}", device=device, method="card", day=day, at=at, currency=currency, ours_minor=minor,
        ours_count=count, theirs_minor=None if theirs is None else theirs.net_minor,
        theirs_count=None if theirs is None else theirs.sales, unknown=len(unknown), strays=len(strays), nobodys=0,
        balances=agrees, why=why, left=tuple(left), seq=seq, state=batch.state,
    )  # fmt: skip


def cash(
    cassette: str, device: str, notes: Sequence[Note], counted: Mapping[int, int] | None, *,
    day: str, at: str, currency: str, seq: int, state: BatchState = "open",
) -> Balance:  # fmt: skip
    """A cassette's notes by the books against what a person counted in it (minor units of a note → how many; None: not yet).

    `state` closed: it was taken out.
    """
    ours = inside(notes)
    theirs = None if counted is None else {minor: count for minor, count in counted.items() if count}
    doubt = [note for note in notes if note.state is NoteState.DOUBT]
    nobodys = [note for note in notes if note.state is NoteState.UNEXPLAINED]
    left = [f"{note.id}: in doubt, {note.value}" for note in doubt]
    left += [f"{note.id}: nobody's, {note.value}" for note in nobodys]
    agrees = theirs == ours and not doubt
    return Balance(
        id=f"{device}/{cassette}", device=device, method="cash", day=day, at=at, currency=currency, ours_minor=_sum(ours),
        ours_count=sum(ours.values()), theirs_minor=None if theirs is None else _sum(theirs),
        theirs_count=None if theirs is None else sum(theirs.values()), unknown=len(doubt), strays=0, nobodys=len(nobodys),
        balances=agrees, why="" if agrees else _cash_why(cassette, ours, theirs, len(doubt), currency), left=tuple(left), seq=seq,
        counted=theirs, state=state,
    )  # fmt: skip


def shift(
    number: str, device: str, ours: tuple[int, int], theirs: tuple[int, int], owed: int, *,
    day: str, at: str, currency: str, seq: int,
) -> Balance:  # fmt: skip
    """A fiscal registrar's closed shift: receipts that stand in it by our books, against its report; each a count of sales and a sum less
    what was given back. `owed`: receipts that it has not yet, of any shift.
    """
    agrees = ours == theirs and not owed
    differ = theirs[0] - ours[0], theirs[1] - ours[1]
    said = (
        [f"the report has {_difference(differ[0], 'sales')}, {_difference(differ[1], currency)}"] if any(differ) else []
    )
    said += [f"{owed} receipts are still to be registered"] if owed else []
    return Balance(
        id=f"{device}/{number}", device=device, method="fiscal", day=day, at=at, currency=currency, ours_minor=ours[1],
        ours_count=ours[0], theirs_minor=theirs[1], theirs_count=theirs[0], unknown=owed, strays=0, nobodys=0, balances=agrees,
        why="; ".join(said), left=(), seq=seq, state="closed",
    )  # fmt: skip


def inside(notes: Iterable[Note]) -> dict[int, int]:
    """What lies in a cassette by the books: minor units of a note → how many."""
    return dict(sorted(Counter(note.value.minor for note in notes if note.state in _INSIDE).items()))


def settled(notes: Sequence[Note], counted: Mapping[int, int]) -> list[tuple[Note, NoteState]]:
    """What counting a cassette proves of its notes in doubt: of one value all lay inside, or none did. Nothing else is proved."""
    sure = inside(notes)
    proved: list[tuple[Note, NoteState]] = []
    for minor in {note.value.minor for note in notes if note.state is NoteState.DOUBT}:
        doubt = [note for note in notes if note.state is NoteState.DOUBT and note.value.minor == minor]
        over = counted.get(minor, 0) - sure.get(minor, 0)
        if over in {0, len(doubt)}:
            proved += [(note, NoteState.CREDITED if over else NoteState.RETURNED) for note in doubt]
    return proved


def _payment(found: list[Batch], home: dict[str, Batch], seq: int, kind: str, values: Mapping[str, Scalar]) -> None:
    name, here = str(values["id"]), found[-1]
    seen = next((batch for batch in found if values["mark"] and values["mark"] in batch.strays), None)
    if seen is not None and seen is not home.get(
        name
    ):  # a success that came late: it belongs where its receipt was seen
        home.get(name, seen).sold.pop(name, None)
        home[name] = seen
    elif kind == "payment.intent":
        home.setdefault(name, here)
    sold = home.get(name)
    if kind in {"payment.intent", "payment.reversing"}:
        here.moved = seq
    if kind == "payment.reversing" and sold is not here:
        here.back[name] = values
    for batch in found:
        if name in batch.back:
            batch.back[name] = values
    if sold is not None:
        elsewhere = any(name in batch.back for batch in found)
        sold.sold[name] = {**values, "back_elsewhere": True} if elsewhere else values


def _first(device: str, event: Event, begun: Container[str]) -> bool:
    """Whether a sale begins with no receipt before it."""
    rows = [row.values for row in event.rows if row.table == "payment" and row.values.get("device") == device]
    return event.kind == "payment.intent" and any(not row["watermark"] and row["id"] not in begun for row in rows)


def _ends(device: str, event: Event, batch: Batch) -> bool:
    """Whether the event tells that another batch has begun: an empty one, or a receipt nobody made here with a number that was there."""
    if event.facts.get("device") != device:
        return False
    mark = str(event.facts.get("mark") or "")
    match event.kind:
        case "till.read":
            return not mark or 0 < _receipt_number(mark) < batch.top
        case "till.stray":
            return 0 < _receipt_number(mark) <= batch.top
        case "till.closed":
            return True
    return event.kind == "till.balance" and event.facts.get("ends") is True


def _receipt_number(mark: str) -> int:
    """0 where the mark has none."""
    number = mark.partition("/")[0]
    return int(number) if number.isdecimal() else 0


def _card_why(
    batch: Batch, theirs: Totals | None, more: tuple[int, int], left: Sequence[str], currency: str, silent: str
) -> str:
    if theirs is None and silent:
        said = silent
    elif theirs is None and batch.closed:
        said = "the batch was closed before its totals were asked for: compare the terminal's report of its closing"
    elif theirs is None:
        said = "the terminal does not tell totals: compare its own report"
    elif any(more):
        said = f"the terminal has {_difference(more[0], 'sales')}, {_difference(more[1], currency)}"
    else:
        said = "sums agree"
    return _with_left(said, left)


def _cash_why(
    cassette: str, ours: Mapping[int, int], theirs: Mapping[int, int] | None, doubt: int, currency: str
) -> str:
    if theirs is None:
        said = "not counted yet"
    else:
        values = sorted({*ours, *theirs})
        differ = [(value, theirs.get(value, 0) - ours.get(value, 0)) for value in values]
        said = ", ".join(f"{more:+d} of {_money(value, currency)}" for value, more in differ if more)
        said = f"counted against the books: {said}" if said else "sums agree"
    return f"{cassette}: {said}; {doubt} in doubt"[:_WHY] if doubt else f"{cassette}: {said}"[:_WHY]


def _with_left(said: str, left: Sequence[str]) -> str:
    for line in left:
        if len(said) + len(line) + 2 > _WHY - 12:
            return f"{said}; and more"
        said = f"{said}; {line}"
    return said


def _difference(more: int, unit: str) -> str:
    if unit == "sales":
        return f"{abs(more)} sales {'more' if more > 0 else 'less'}" if more else "as many sales"
    return f"{_money(abs(more), unit)} {'more' if more > 0 else 'less'}" if more else "the same sum"


def _captured(row: Mapping[str, Scalar]) -> int:
    return _number(row["captured_minor"])


def _number(value: Scalar) -> int:
    return int(str(value))


def _sum(notes: Mapping[int, int]) -> int:
    return sum(minor * count for minor, count in notes.items())


def _money(minor: int, currency: str) -> str:
    return str(Money(minor, currency))
