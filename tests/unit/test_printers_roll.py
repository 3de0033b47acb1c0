from __future__ import annotations

from printers.roll import TYPICAL_MM, Roll


def test_tickets_left_follow_from_what_tickets_took() -> None:
    roll = Roll(10_000.0)
    assert roll.tickets_left == int(10_000 / TYPICAL_MM)
    roll = roll.printed(100.0).printed(200.0)
    assert (roll.left_mm, roll.ticket_mm, roll.tickets_left) == (9_700.0, 150.0, 64)


def test_roll_is_never_less_than_empty() -> None:
    assert Roll(100.0).printed(250.0).left_mm == 0.0


def test_sensor_corrects_downwards_only() -> None:
    roll = Roll(10_000.0).printed(150.0)
    assert roll.near_end(3_000.0).left_mm == 3_000.0
    assert roll.near_end(3_000.0).printed(150.0).near_end(3_000.0).left_mm == 2_850.0


def test_printers_own_measure_and_a_new_roll_count() -> None:
    roll = Roll(10_000.0).printed(150.0)
    assert roll.measured(4_200.0).left_mm == 4_200.0
    assert roll.replaced(80_000.0) == Roll(80_000.0)
