"""A changed record is what the standard library would make of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contract.words import HallState, WindowState
from coordinator.record import DayRow, Record, Series, Window, replace
from coordinator.row import image

DAY = date(2026, 3, 17)


@pytest.mark.parametrize(
    ("record", "changes"),
    [
        (Window("W1", 1), {"state": WindowState.FREE, "armed": True}),
        (DayRow(DAY, HallState.OPEN, 3), {"reason": None, "closed_at": None}),
        (Series(DAY, "A", 7), {}),
    ],
)
def test_replace_is_the_standard_one(record: Record, changes: dict[str, Any]) -> None:
    before = image(record)
    assert replace(record, **changes) == record._replace(**changes)
    assert type(replace(record, **changes)) is type(record)
    assert image(record) == before


def test_replace_knows_no_other_fields() -> None:
    with pytest.raises(KeyError):
        replace(Window("W1", 1), colour="red")
