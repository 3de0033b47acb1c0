"""Faults of boxes in the journal: written down once, ended once, by the hours of the hall; a line that comes and goes fills nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from contract import hall as document
from contract import messages as m
from contract.hall_part import Box
from contract.words import HallState, Role
from coordinator.devices import HEALTH_MAX_AGE_S, OWN, Devices
from coordinator.fault import AWAY, SETTLED, Faults
from coordinator.record import DayRow, Fault
from coordinator.row import read
from journal.event import Event
from journal.journal import Journal
from journal.schema import HALL as TABLES
from journal.verify import verify

NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
HALL = document.load(Path("coordinator/templates/ua-cnap.json").read_text("utf-8")).model_copy(
    update={"boxes": (Box(id="kiosk-1", kind=Role.KIOSK), Box(id="board-1", kind=Role.BOARD))}
)
OPEN = DayRow(date(2026, 3, 17), HallState.OPEN, 1, since=NOW, opened_at=NOW)
S = timedelta(seconds=1)


def rows(events: list[Event]) -> list[Fault]:
    return [read(Fault, row.values) for event in events for row in event.rows]


@pytest.fixture
def faults() -> Faults:
    return Faults([])


def test_a_fault_that_lasts_is_written_down_once_and_ended_once(faults: Faults) -> None:
    told = {"kiosk-1": {"paper_out": NOW + 5 * S}}
    assert faults.told(told, OPEN, HALL, NOW + 20 * S) == []
    begun = faults.told(told, OPEN, HALL, NOW + 40 * S)
    assert rows(begun) == [Fault("kiosk-1", "paper_out", NOW + 5 * S, OPEN.day, 10)]
    assert faults.told(told, OPEN, HALL, NOW + 50 * S) == []
    ended = faults.told({"kiosk-1": {}}, OPEN, HALL, NOW + 65 * S)
    assert [event.kind for event in (*begun, *ended)] == ["device.fault", "device.mended"]
    assert [(one.ended_at, one.lasted_s) for one in rows(ended)] == [(NOW + 65 * S, 60.0)]
    assert faults.told({"kiosk-1": {}}, OPEN, HALL, NOW + 70 * S) == []


def test_what_comes_and_goes_is_not_written_down(faults: Faults) -> None:
    for second in range(0, 600, 10):
        since = NOW + second * S
        told = {"kiosk-1": {"paper_low": since} if second % 20 else {}}
        assert faults.told(told, OPEN, HALL, since + SETTLED - S) == []


def test_a_box_gone_wild_writes_no_more_than_two_rows_a_minute(faults: Faults) -> None:
    written = [
        event for second in range(600)
        for event in faults.told({"kiosk-1": {f"f{second}": NOW - 60 * S}}, OPEN, HALL, NOW + second * S)
    ]  # fmt: skip
    assert len(written) <= 2 * 600 / SETTLED.total_seconds()


def test_a_box_that_was_not_heard_of_is_as_it_was(faults: Faults) -> None:
    faults.told({"kiosk-1": {"paper_out": NOW}}, OPEN, HALL, NOW + SETTLED)
    assert faults.told({}, OPEN, HALL, NOW + 90 * S) == []
    assert faults.told({"board-1": {}}, OPEN, HALL, NOW + 90 * S) == []


def test_a_fault_over_night_is_a_row_on_each_day_and_counts_the_hours_of_the_hall(faults: Faults) -> None:
    told = {"kiosk-1": {"paper_out": NOW - 3600 * S}}
    begun = rows(faults.told(told, OPEN, HALL, NOW + SETTLED))
    assert begun[0].since == NOW  # it is older than the opening
    closed = OPEN._replace(state=HallState.CLOSED)
    assert [one.lasted_s for one in rows(faults.told(told, closed, HALL, NOW + 3600 * S))] == [3600.0]
    assert faults.told(told, closed, HALL, NOW + 7200 * S) == []
    morning = NOW + timedelta(days=1)
    second = OPEN._replace(day=date(2026, 3, 18), since=morning, opened_at=morning)
    again = rows(faults.told(told, second, HALL, morning + SETTLED))
    assert [(one.day, one.since) for one in again] == [(second.day, morning)]


def test_the_end_of_what_lasted_when_the_coordinator_stopped_is_not_known() -> None:
    old = Fault("kiosk-1", "paper_out", NOW - timedelta(days=3), date(2026, 3, 14), 10)
    ended = rows(Faults([old]).told({}, OPEN, HALL, NOW))
    assert [(one.day, one.ended_at, one.lasted_s) for one in ended] == [(old.day, NOW, None)]


def test_a_box_that_left_the_document_has_no_fault_any_more(faults: Faults) -> None:
    faults.told({"kiosk-1": {"paper_out": NOW}, OWN: {"clock_jump": NOW}}, OPEN, HALL, NOW + SETTLED)
    fewer = HALL.model_copy(update={"boxes": HALL.boxes[1:]})
    fewer.__dict__.pop("box_by_id", None)
    assert [one.dev for one in rows(faults.told({}, OPEN, fewer, NOW + 60 * S))] == ["kiosk-1"]


def test_a_box_that_is_gone_or_silent_is_away_since_its_last_sign_of_life() -> None:
    devices = Devices(HALL)
    assert devices.faults(0.0, NOW) == {OWN: {}}  # nobody was heard of
    here = m.Here(id="h", state="here", kind=Role.KIOSK, version="1", ep=1, inc="i", at=NOW)
    devices.here("kiosk-1", here, now=10.0, hall_now=NOW)
    devices.health("kiosk-1", m.Health(id="x", at=NOW, faults={"paper_out": NOW}), now=10.0)
    assert devices.faults(11.0, NOW + S)["kiosk-1"] == {"paper_out": NOW}
    late = 10.0 + HEALTH_MAX_AGE_S + 5
    silent = devices.faults(late, NOW + timedelta(seconds=late - 10.0))["kiosk-1"]
    assert silent == {"paper_out": NOW, AWAY: NOW}
    lost = here.model_copy(update={"state": "lost"})
    devices.here("kiosk-1", lost, now=20.0, hall_now=NOW + 7 * S)
    assert devices.faults(20.0, NOW + 7 * S)["kiosk-1"][AWAY] == NOW + 7 * S


def test_the_rows_are_in_the_journal_and_found_again_at_the_next_start(tmp_path: Path, faults: Faults) -> None:
    path = tmp_path / "journal.db"
    with Journal.open(path, HALL.id, TABLES, lambda: NOW) as journal:
        journal.commit(faults.told({"kiosk-1": {"paper_out": NOW, "no_cutter:k": NOW}}, OPEN, HALL, NOW + SETTLED))
        journal.commit(faults.told({"kiosk-1": {"paper_out": NOW}}, OPEN, HALL, NOW + 60 * S))
    with Journal.open(path, HALL.id, TABLES, lambda: NOW) as journal:
        known = [read(Fault, row) for row in journal.rows("fault", ended_at=None)]
        assert [one.fault for one in known] == ["paper_out"]
        ended = Faults(known).told({"kiosk-1": {}}, OPEN, HALL, NOW + 90 * S)
        journal.commit(ended)
        assert [row["lasted_s"] for row in journal.rows("fault")] == [60.0, 90.0]
    assert verify(path, HALL.id, TABLES).ok
