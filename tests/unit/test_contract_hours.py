"""Days of the calendar: a hall is closed, opens for a while, or works instead of another day, and nothing else is asked."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contract.errors import ContractError
from contract.hall import Hall, load
from contract.hours import within
from tests.small_hall import hall

FRIDAY, SATURDAY = date(2026, 12, 25), date(2026, 12, 26)


def with_days(*days: dict[str, Any], **changes: Any) -> Hall:
    return hall(calendar={"years": [2026], "exceptions": list(days)}, **changes)


def clock(spans: Any) -> list[str]:
    return [f"{start:%H:%M}-{end:%H:%M}" for start, end in spans]


def test_a_day_of_the_calendar_is_not_as_its_weekday() -> None:
    plain, closed = hall(), with_days({"date": "2026-12-25"})
    assert clock(plain.spans(FRIDAY)) == ["09:00-17:00"]
    assert closed.spans(FRIDAY) == ()
    assert closed.staffed("W1", FRIDAY) == ()
    assert clock(closed.spans(date(2026, 12, 24))) == ["09:00-17:00"]
    shorter = with_days({"date": "2026-12-25", "hours": ["09:00-12:00"]})
    assert clock(shorter.spans(FRIDAY)) == ["09:00-12:00"]


def test_a_roster_holds_within_the_hours_of_a_day_of_the_calendar() -> None:
    windows = json.loads(hall().model_dump_json())["windows"]
    windows[0]["roster"] = {"fri": ["10:00-11:00", "11:30-16:00"]}
    some = with_days(
        {"date": "2026-12-25", "hours": ["09:00-12:00"]}, {"date": "2026-12-26", "hours": ["09:00-13:00"]}, windows=windows
    )  # fmt: skip
    assert clock(some.staffed("W1", FRIDAY)) == ["10:00-11:00", "11:30-12:00"]
    assert clock(some.staffed("W1", SATURDAY)) == ["09:00-13:00"]  # the hall has no Saturday of its own: all work
    assert some.staffed("W1", date(2026, 12, 24)) == ()  # Thursday stays the window's day off


def test_the_next_opening_is_after_a_row_of_holidays() -> None:
    days = [{"date": f"2027-01-{n:02}"} for n in range(1, 11)]
    opening = with_days(*days).next_opening(datetime(2026, 12, 31, 12, tzinfo=UTC))
    assert opening is not None
    assert opening.isoformat() == "2027-01-11T09:00:00+06:00"


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        ({"exceptions": [{"date": "2026-12-25"}, {"date": "2026-12-25"}]}, "calendar: 2026-12-25 stands twice"),
        ({"exceptions": [{"date": "2026-12-25", "hours": ["12:00-09:00"]}]}, "calendar: '12:00-09:00'"),
        ({"exceptions": [{"date": "2026-12-25", "hours": ["12:00-14:00", "09:00-10:00"]}]}, "2026-12-25: spans must stand"),
        ({"exceptions": [{"date": "25.12.2026"}]}, "calendar.exceptions.0.date"),
        ({"country": "Ukraine"}, "calendar.country"),
        ({"years": [26]}, "calendar.years.0"),
        ({"exceptions": [{"date": "2026-12-25", "open": True}]}, "calendar.exceptions.0.open"),
    ],
)  # fmt: skip
def test_a_fault_of_the_calendar_is_named(calendar: dict[str, Any], words: str) -> None:
    document = json.loads(hall().model_dump_json(by_alias=True)) | {"calendar": calendar}
    with pytest.raises(ContractError) as caught:
        load(json.dumps(document))
    assert words in str(caught.value)


def test_spans_within_others() -> None:
    assert within(("08:00-12:00", "13:00-18:00"), ("10:00-14:00",)) == ("10:00-12:00", "13:00-14:00")
    assert within(("08:00-12:00",), ()) == ()
