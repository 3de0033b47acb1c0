"""A changed record is what the standard library would make of it."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from contract.words import HallState, WindowState
from coordinator.record import DayRow, Record, Series, Window, replace

DAY = date(2026, 3, 17)


@pytest.mark.parametrize(
    ("record", "changes"),
    [
        (Window("W1", 1), {"state": WindowState.FREE, "armed": True}),
        (DayRow(DAY, HallState.OPEN, 3), {"reason": None, "closed_at": None}),
        (Series(DAY, "A", 7), {}),
    ],
)
def test_replace_is_the_standard_one(record: Record, changes: dict[str, object]) -> None:
    before = record.row()
    assert replace(record, **changes) == dataclasses.replace(record, **changes)  # type: ignore[type-var]
    assert record.row() == before


def test_replace_knows_no_other_fields() -> None:
    with pytest.raises(KeyError):
        replace(Window("W1", 1), colour="red")
