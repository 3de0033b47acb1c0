"""Rows and the hall they make: read back, loaded, rebuilt."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from contract import hall as document
from contract import messages as m
from contract.errors import ContractError
from contract.words import BookingState, HallState, Paper, PauseKind, PaymentState, TicketState, WindowState
from coordinator.record import (
    Balance,
    Booking,
    Cassette,
    Certificate,
    DayRow,
    LastCall,
    Leg,
    Pause,
    Payment,
    Person,
    Record,
    Series,
    Ticket,
    Window,
)
from coordinator.right import can, offered
from coordinator.row import image, read
from coordinator.state import HallDay, load
from journal.event import Event, Row
from journal.schema import HALL
from tests.small_hall import Play, hall, parts

NOON = datetime(2026, 3, 17, 6, 0, 0, 123000, tzinfo=UTC)
DAY = date(2026, 3, 17)
TICKET = Ticket(
    id="260317-A001", day=DAY, label="A001", letter="A", number=1, visit="260317-A001", service="advice",
    then_services=("birth", "loss"), service_group="general", priority=2, lang="en", state=TicketState.FINISHED,
    paper=Paper.UNKNOWN, issued_at=NOON, clock_at=NOON, ready_at=NOON, hour=12, priority_group="parent", kiosk="kiosk-1",
    leg=2, recalls=1, window="W1", only_window="W2", operator="ona", called_at=NOON, started_at=NOON, ended_at=NOON,
    wait_s=1.5, service_s=2.25, reason="waited", replaced_by="260317-A002", booked_at=NOON,
    told_low=10, told_high=25, told_kept="within", score=4, done_services=("passport",),
)  # fmt: skip
RECORDS = [
    DayRow(DAY, HallState.INTERRUPTED, 3, "alert", NOON, NOON, NOON),
    Window(
        "W1", 1, WindowState.FREE, True, "260317-A001", "ona", NOON, LastCall(NOON, "260317-A001", "A001"), PauseKind.LUNCH, NOON
    ),
    TICKET,
    Leg("260317-A001", 1, DAY, 12, "advice", "general", "finished", "W1", "ona", NOON, NOON, NOON, 1.5, 2.25, "served"),
    Pause("W1", NOON, DAY, NOON, "ona", PauseKind.TECHNICAL, NOON),
    Series(DAY, "A", 7),
    Booking(
        "b-1",
        "40718263",
        DAY,
        NOON,
        30,
        "advice",
        ("birth",),
        "en",
        BookingState.CANCELLED,
        NOON,
        "parent",
        1.5,
        "260317-A001",
        NOON,
        "hall_closed",
    ),
    Person("b-1", DAY, "ab" * 32, True, "cd" * 32),
    Payment(
        "terminal-1", "p-1", DAY, 12, "pos-1", "o-1", "card", PaymentState.REVERSAL_UNKNOWN, 4992, 4992, "KGS", NOON, NOON, "no answer",
        "advice", "ona",
    ),
    Cassette("terminal-1", "cash-1-1", DAY, "cash-1", NOON, ((2000, 3), (10000, 1)), 1, 2, "KGS", NOON, NOON),
    Balance("terminal-1", "pos-1", DAY, "card", "KGS", 4992, 1, 1, False, NOON, "one sale less", 0, 0, "88", "closed", "ona", "as counted"),
    Certificate("terminal-1", "4071826355", DAY, "household", Paper.CONFIRMED, NOON, "birth"),
]  # fmt: skip


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: image(r).table)
def test_row_is_read_back_as_it_was_written(record: Record) -> None:
    values = json.loads(json.dumps(image(record).values))
    assert read(type(record), values) == record
    assert read(type(record), values | {"hall": "small"}) == record
    assert all(type(value) in (str, int, float, bool) for value in image(record).values.values())


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: image(r).table)
def test_full_row_has_every_column_of_its_table(record: Record) -> None:
    assert set(image(record).values) | {"hall"} == set(HALL.table(image(record).table).columns.keys())


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: image(r).table)
def test_row_without_a_needed_column_is_refused(record: Record) -> None:
    key = next(iter(image(record).values))
    with pytest.raises(TypeError, match=key):
        read(type(record), {name: value for name, value in image(record).values.items() if name != key})


def test_columns_that_must_be_there_always_are() -> None:
    blank: list[Record] = [
        DayRow(DAY, HallState.CLOSED, 1),
        Window("W1", 1),
        Ticket(**{name: getattr(TICKET, name) for name in Ticket._fields if name not in Ticket._field_defaults}),
    ]
    for record in blank:
        needed = {c.name for c in HALL.table(image(record).table).columns if not c.nullable} - {"hall"}
        assert needed <= set(image(record).values)


# --- load and rebuild ------------------------------------------------------------------------------------------------------


def busy() -> Play:
    """A hall in the middle of its day, something in every state."""
    play = Play(hall()).open("W1", "W2", "W3", "W4")
    for n in range(24):
        play.take(
            random.Random(n).choice(["advice", "intake", "birth", "passport"]), then=("loss",) if n % 3 == 0 else ()
        )
    play.ask()
    for window in ("W1", "W2", "W4"):
        play.wait(5).next(window)
        play.desk(m.CallStart, window)
    play.desk(m.CallFinish)
    play.next("W3")
    play.wait(70).next()
    play.desk(m.CallNoShow)
    play.desk(m.CallPark, "W2")
    play.of(m.TicketVoid, "A009", paper=False)
    play.of(m.TicketCancel, "A010")
    return play


def journal(events: Iterable[Event]) -> dict[tuple[str, object], Row]:
    """The tables that the events leave: the newest row of every key."""
    tables: dict[tuple[str, object], Row] = {}
    for row in (row for event in events for row in event.rows):
        key = [c.name for c in HALL.table(row.table).primary_key.columns if c.name != "hall"]
        tables[row.table, tuple(row.values[name] for name in key)] = row
    return tables


def same_floor(one: HallDay, other: HallDay) -> bool:
    """Whether routing sees the same hall: everybody who waits, and every window."""
    lines = [(sorted(state.floor.lines), sorted(state.coming)) for state in (one, other)]
    return lines[0] == lines[1] and one.floor.desks == other.floor.desks and one.floor.able == other.floor.able


def test_hall_loaded_from_its_tables_is_the_same_hall() -> None:
    play = busy()
    rows = list(journal(play.events).values())
    for order in (rows, rows[::-1]):
        loaded = load(play.hall, order)
        assert loaded.rows() == play.state.rows()
        assert loaded.armed == play.state.armed
        assert same_floor(loaded, play.state)


def test_hall_rebuilt_from_events_goes_on_the_same() -> None:
    play = busy()
    again = Play(play.hall)
    again.now = play.now
    again.state = load(play.hall, journal(play.events).values())
    for window in ("W1", "W2"):
        play.wait(5)
        again.wait(5)
        assert play.next(window).label == again.next(window).label
    assert play.state.rows() == again.state.rows()


def test_rows_of_older_days_are_passed_over() -> None:
    play = busy()
    yesterday = image(Series(date(2026, 3, 16), "A", 900))
    old = image(read(Ticket, {**image(TICKET).values, "id": "260316-A001", "day": "2026-03-16"}))
    closed = image(DayRow(date(2026, 3, 16), HallState.CLOSED, 1))
    loaded = load(play.hall, [*journal(play.events).values(), old, yesterday, closed])
    assert loaded.rows() == play.state.rows()


def test_window_number_is_the_documents() -> None:
    play = busy()
    renumbered = hall(windows=[w | {"number": w["number"] + 20} for w in parts("windows")])
    assert load(renumbered, journal(play.events).values()).window("W1").number == 21


def test_document_that_lost_a_service_in_use_is_refused() -> None:
    play = busy()
    fewer = hall(services=[s for s in parts("services") if s["id"] != "birth"])
    with pytest.raises(ContractError, match="birth"):
        load(fewer, journal(play.events).values())


def test_document_that_lost_a_window_in_use_is_refused() -> None:
    play = busy()
    fewer = hall(windows=[w for w in parts("windows") if w["id"] != "W4"])
    with pytest.raises(ContractError, match="W4"):
        load(fewer, journal(play.events).values())


def test_tables_that_contradict_each_other_are_refused() -> None:
    play = busy()
    rows = [r for r in journal(play.events).values() if not (r.table == "window" and r.values["id"] == "W4")]
    with pytest.raises(ContractError, match="disagree"):
        load(play.hall, rows)


def test_row_of_no_table_is_refused() -> None:
    with pytest.raises(ContractError, match="receipt"):
        HallDay(hall()).put(Row("receipt", {"id": "x"}))


# --- the halls that come with the product ----------------------------------------------------------------------------------

TEMPLATES = sorted((Path(__file__).parents[2] / "coordinator" / "templates").glob("*.json"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.stem)
def test_every_service_of_a_template_finds_a_window_with_its_operator(path: Path) -> None:
    found = document.load(path.read_bytes())
    taken = {
        service
        for window, operator in zip(found.windows, found.operators, strict=True)
        for service in can(found, Window(window.id, window.number, operator=operator.id), DAY)
    }
    assert taken == {s.id for s in found.services if offered(found, s)} == {s.id for s in found.services}
