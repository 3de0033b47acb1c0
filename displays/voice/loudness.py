"""How loud the voice is at a time of day, by the hall's schedule. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time


def gain(schedule: Iterable[str], at: time) -> float:
    """Amplitude 0.0..1.0 at hall-local `at`; entries are `HH:MM=percent`, each holds until the next, the last over midnight."""
    entries = sorted((time.fromisoformat(clock), int(percent)) for clock, percent in (e.split("=") for e in schedule))
    begun = [percent for since, percent in entries if since <= at]
    return (begun or [percent for _, percent in entries])[-1] / 100
