"""The hall of one day in memory: rows by id, lines by service, and nothing the rows do not say. Pure.

`HallDay` changes only by one after-image at a time, as row or record, so that a hall built again from its rows is the same hall.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from contract.errors import ContractError
from contract.hall import Hall
from contract.words import AT_WINDOW, HallState, Light, MeasureKind, MeasureState, TicketState, WindowState
from coordinator import routing
from coordinator.account import Account
from coordinator.bookings.diary import Diary
from coordinator.effect import Weighed
from coordinator.floor import Desk, Floor, Work
from coordinator.forecast import Range
from coordinator.hours import Hours, hours
from coordinator.line import Lines, Waiting
from coordinator.record import (
    Balance,
    Booking,
    Cassette,
    Certificate,
    DayRow,
    Leg,
    Measure,
    Note,
    Notice,
    Pause,
    Payment,
    Person,
    Record,
    Series,
    Ticket,
    Window,
)
from coordinator.replays.so_far import SoFar
from coordinator.right import can, offered
from coordinator.row import KINDS, image, read
from journal.event import Row

ACCOUNTS = ("payment", "cassette", "balance")
"""The tables of the terminals' money."""
AHEAD = (TicketState.ISSUED, TicketState.WAITING)
"""Who counts as a person ahead: in the queue, or about to be."""

OVER = frozenset({TicketState.FINISHED, TicketState.CANCELLED, TicketState.VOID})
"""States from which a visit does not come back: its note goes."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """How long a walk-in of each service would wait who came at `at` (hall time); `issued`: tickets given out for it by then."""

    at: datetime
    ranges: Mapping[str, Range]
    issued: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Recommended:
    """What was worth doing about the staff at `at` (hall time), by its id."""

    at: datetime
    weighed: Mapping[str, Weighed]


class HallDay:
    """One hall, its current day and all tickets of that day.

    `services_in`: service group → its services; `offered`: services that some window is laid out for.
    `floor`: windows and callable tickets as routing sees them; `coming`: tickets whose paper is not yet proved; `diary`: bookings,
    of other days too; `account`: the terminals' money; `notices`: zone → the manager's message there. `pace`: hall seconds per second
    of the clock on the wall, 1.0 in a real hall; `key`: the hall's own, from which codes are made and persons hidden. `issued`:
    today's tickets by service; `forecast`: the last one, which no row remembers; `notes`: ticket → note of its visit, which nothing
    but this memory has.
    """

    def __init__(self, hall: Hall, pace: float = 1.0, key: bytes = b"") -> None:
        self.hall = hall
        self.pace = pace
        self.key = key
        self.diary = Diary(hall)
        self.account = Account()
        self.day = DayRow(date.min, HallState.CLOSED, hall.revision)
        self.hours: Hours | None = None
        self.windows = {w.id: Window(w.id, w.number) for w in hall.windows}
        self.tickets: dict[str, Ticket] = {}
        self.series: dict[str, Series] = {}
        self.notices: dict[str, Notice] = {}
        self._zones = frozenset(zone.id for zone in hall.zones)
        self.armed: frozenset[str] = frozenset()
        self.services_in = {g.id: tuple(s.id for s in hall.services if s.group == g.id) for g in hall.service_groups}
        self.offered = frozenset(s.id for s in hall.services if offered(hall, s))
        self._by_state: dict[TicketState, dict[str, None]] = {state: {} for state in TicketState}
        self._can: dict[tuple[str, str | None, tuple[str, ...]], frozenset[str]] = {}  # of the current day
        self._desks: dict[str, tuple[Window, tuple[str, ...], Desk]] = {}
        self._profiles = {w.id: routing.profile(hall, w.id) for w in hall.windows}
        self.rules = routing.rules(hall.rule)
        self.coming = Lines()
        self._standing: dict[str, Waiting] = {}
        self.issued: dict[str, int] = {}
        self.forecast: Forecast | None = None
        self.recommended: Recommended | None = None
        self.so_far: tuple[datetime, SoFar] | None = None
        self.measures: dict[str, Measure] = {}
        self.wider: dict[str, tuple[str, ...]] = {}
        self.notes: dict[str, str] = {}
        self.floor = Floor(routing.works(hall), [self.desk(w) for w in self.windows.values()])

    # --- looking ---------------------------------------------------------------------------------------------------------

    def window(self, window: str) -> Window:
        """Raises: KeyError: the hall has no such window."""
        return self.windows[window]

    def ticket(self, ticket: str) -> Ticket | None:
        """None when today knows no such ticket."""
        return self.tickets.get(ticket)

    def ticket_at(self, window: str) -> Ticket | None:
        """The ticket called or served at the window."""
        at = self.windows[window].ticket
        return None if at is None else self.tickets[at]

    def in_state(self, state: TicketState) -> Collection[str]:
        """Ids of today's tickets in `state`, in the order in which they came to it."""
        return self._by_state[state].keys()

    def can(self, window: Window, wider: tuple[str, ...] | None = None) -> frozenset[str]:
        """Ids of the services the window may take on the hall's current day; `wider`: with these groups besides its own, None: as now."""
        if wider is None:
            wider = self.wider.get(window.id, ())
        key = (window.id, window.operator, wider)
        known = self._can.get(key)
        if known is None:
            known = self._can[key] = can(self.hall, window, self.day.day, wider)
        return known

    def desk(self, window: Window, wider: tuple[str, ...] | None = None) -> Desk:
        """The window as routing sees it on the hall's current day; `wider` as of `can`."""
        if wider is None:
            wider = self.wider.get(window.id, ())
        known = self._desks.get(window.id)
        if known is not None and known[0] is window and known[1] == wider:  # a draft has asked for what it is to become
            return known[2]
        desk = routing.desk(self.hall, window, self.can(window, wider), self._profiles[window.id])
        self._desks[window.id] = (window, wider, desk)
        return desk

    def waiting(self, services: Iterable[str]) -> int:
        """How many stand in the lines of `services`, those whose paper is not yet proved included."""
        callable_, coming = self.floor.lines.counts, self.coming.counts
        return sum(callable_.get(service, 0) + coming.get(service, 0) for service in services)

    def oldest(self, services: Iterable[str]) -> Ticket | None:
        """Who has waited longest in the lines of `services`, whatever their rank."""
        heads = (lines.oldest(service) for service in services for lines in (self.floor.lines, self.coming))
        first = min((head for head in heads if head is not None), default=None)
        return None if first is None else self.tickets[first.id]

    def in_line(self, ticket: str) -> Waiting | None:
        """Where the callable ticket stands; None: it does not wait to be called."""
        known = self.tickets.get(ticket)
        return self._standing[ticket] if known is not None and known.state is TicketState.WAITING else None

    def ahead(self, services: Iterable[str], ticket: Ticket) -> int:
        """How many in the lines of `services` go before one of the ticket's rank at its place."""
        one = routing.waiting(ticket)
        return sum(
            lines.before(one, service)
            for lines in (self.floor.lines, self.coming)
            for service in services
            if service in lines.counts
        )

    def rows(self) -> list[Row]:
        """Every row, by table and key: equal halls give equal rows. Persons are none: no event tells them."""
        return [image(record) for record in self._records()]

    def _records(self) -> Iterator[Record]:
        if self.day.day != date.min:
            yield self.day
        tables: tuple[Mapping[str, Record], ...] = (
            self.windows, self.tickets, self.series, self.notices, self.measures,
        )  # fmt: skip
        for records in tables:
            yield from (record for _, record in sorted(records.items()))
        yield from self.diary.records()
        yield from self.account.records()

    # --- changing --------------------------------------------------------------------------------------------------------

    def put(self, row: Row) -> None:
        """Take one after-image. Legs, breaks and certificates are only remembered by the journal.

        Raises: ContractError: the row is of no table, or of a window, service or day the hall does not know.
        """
        kind = KINDS.get(row.table)
        if kind is None:
            raise ContractError(f"row of {row.table!r}: the hall has no such table")
        self.take(read(kind, row.values))

    def take(self, record: Record | Note) -> None:
        """As `put`, for a record whose row is not needed: the record is what its row would read back as."""
        match record:
            case Ticket():
                self._put_ticket(record)
            case Window():
                self._put_window(record)
            case Leg() | Pause() | Certificate():
                pass
            case Note():
                self._put_note(record)
            case Series():
                self._put_series(record)
            case DayRow():
                self._put_day(record)
            case Notice() if record.zone in self._zones:
                self.notices[record.zone] = record
            case Booking():
                self.diary.put(record)
            case Person():
                self.diary.put_person(record)
            case Measure():
                self._put_measure(record)
            case Payment() | Cassette() | Balance():
                self.account.put(record)

    def learn(self, works: Mapping[str, Work]) -> None:
        """Route by these minutes from now on."""
        self.floor.works = works

    def _put_day(self, day: DayRow) -> None:
        if day.day < self.day.day:
            return
        if day.day > self.day.day:
            for ticket in list(self.tickets.values()):
                self._forget(ticket)
            self.series.clear()
            self.issued.clear()
            self.forecast = self.recommended = self.so_far = None
            self.measures.clear()
            self.wider.clear()
            self.notes.clear()
            self._can.clear()
            self._desks.clear()
            self.diary.begin(day.day)
            self.account.begin(day.day)
        self.day = day
        self.hours = hours(self.hall, day)
        for window in self.windows.values():
            self.floor.put(self.desk(window))

    def _put_series(self, series: Series) -> None:
        if series.day == self.day.day:
            self.series[series.letter] = series

    def _put_measure(self, measure: Measure) -> None:
        if measure.day != self.day.day:
            return
        self.measures[measure.id] = measure
        if measure.kind is MeasureKind.WIDEN_PROFILE and measure.window in self.windows:
            self.wider[measure.window] = wider(self.measures.values(), measure.window)
            self.floor.put(self.desk(self.windows[measure.window]))

    def _put_window(self, window: Window) -> None:
        if window.id not in self.windows:
            if window.ticket is not None:
                raise ContractError(f"window {window.id!r} has a ticket and is not in the hall document")
            return
        self.windows[window.id] = window
        self.floor.put(self.desk(window))
        if window.armed != (window.id in self.armed):
            self.armed ^= {window.id}

    def _put_ticket(self, ticket: Ticket) -> None:
        if ticket.day != self.day.day:
            return
        if ticket.live and ticket.service not in self.hall.service_by_id:
            raise ContractError(f"ticket {ticket.label}: service {ticket.service!r} is not in the hall document")
        if ticket.at_window and ticket.window not in self.windows:
            raise ContractError(f"ticket {ticket.label}: window {ticket.window!r} is not in the hall document")
        old = self.tickets.get(ticket.id)
        if old is not None:
            self._forget(old)
        else:
            self.issued[ticket.service] = self.issued.get(ticket.service, 0) + 1
        self.tickets[ticket.id] = ticket
        self._by_state[ticket.state][ticket.id] = None
        if self.notes and ticket.state in OVER:
            self.notes.pop(ticket.id, None)
        if ticket.state in AHEAD:
            one = self._standing[ticket.id] = routing.waiting(ticket)
            self._line(ticket).join(one)

    def _put_note(self, note: Note) -> None:
        if note.text and note.ticket in self.tickets:
            self.notes[note.ticket] = note.text
        else:
            self.notes.pop(note.ticket, None)

    def _forget(self, ticket: Ticket) -> None:
        del self.tickets[ticket.id]
        del self._by_state[ticket.state][ticket.id]
        if ticket.state in AHEAD:
            self._line(ticket).leave(self._standing.pop(ticket.id))

    def _line(self, ticket: Ticket) -> Lines:
        return self.floor.lines if ticket.state is TicketState.WAITING else self.coming


def wider(measures: Iterable[Measure], window: str) -> tuple[str, ...]:
    """Service groups that the window takes besides its own by these measures, in order."""
    return tuple(sorted({
        one.service_group
        for one in measures
        if one.window == window and one.state is MeasureState.HOLDS and one.service_group is not None
    }))  # fmt: skip


def light(window: Window, ticket: Ticket | None) -> Light:
    """What the window shows; `ticket` is the one at it."""
    if ticket is not None and ticket.state in AT_WINDOW:
        return Light.SERVING if ticket.state is TicketState.SERVING else Light.CALLED
    if window.state is WindowState.FREE:
        return Light.ARMED if window.armed else Light.FREE
    return Light(window.state)


def load(hall: Hall, rows: Iterable[Row], pace: float = 1.0, key: bytes = b"") -> HallDay:
    """The hall as its live rows say: the newest day, that day's tickets and series, all windows, bookings, accounts, in any order.

    Rows of older days are passed over; a window's number is the document's.
    Raises: ContractError: a live ticket stands where the document has no service or window, or the rows contradict each other.
    """
    state = HallDay(hall, pace, key)
    order = ("day", "series", "window", "measure", "ticket", "notice", "booking", "person", *ACCOUNTS)
    for row in sorted((r for r in rows if r.table in order), key=lambda r: order.index(r.table)):
        number = _number(hall, row) if row.table == "window" else None
        state.put(row if number is None else Row(row.table, {**row.values, "number": number}))
    _check(state)
    return state


def _number(hall: Hall, row: Row) -> int | None:
    place = hall.window_by_id.get(str(row.values["id"]))
    return None if place is None else place.number


def _check(state: HallDay) -> None:
    at = {w.ticket: w.id for w in state.windows.values() if w.ticket is not None}
    called = {t.id: t.window for t in state.tickets.values() if t.at_window}
    if at != called:
        raise ContractError(f"windows and tickets disagree about {', '.join(sorted(set(at) ^ set(called)) or at)}")
