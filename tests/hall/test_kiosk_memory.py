"""The kiosk's memory does not grow with its visitors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.glass import ROOT, Glass, offscreen
from tests.halls import load
from tests.kiosk_hall import SmallHall
from tests.printing import SimPrinter

VISITS = int(os.environ.get("VIKNO_VISITS", "12"))
"""How many visits after the first five; the whole run is 10000."""
GROWTH_MIB = 12.0
"""Fonts, journal pages and Mesa's pools fill up during the first visits; what is left is malloc's breathing."""


def test_drawn_screens_are_let_go_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.hall.kiosk_surface_probe", "60"]
    probe = subprocess.run(
        command, cwd=ROOT, env=offscreen(tmp_path), capture_output=True, text=True, timeout=60, check=True
    )
    count = json.loads(probe.stdout)
    assert count["before"] > 0
    assert count["after"] == count["before"]


def test_memory_is_flat_over_visits(tmp_path: Path) -> None:
    with (
        SmallHall(tmp_path / "broker", load("ua-cnap")) as hall,
        SimPrinter(tmp_path / "paper") as printer,
        Glass(hall, printer, tmp_path / "glass") as glass,
    ):
        glass.sees("attract")
        for _ in range(5):
            visit(glass)
        early = glass.rss_mib()
        for _ in range(VISITS):
            visit(glass)
        assert glass.rss_mib() - early < GROWTH_MIB
        assert len(hall.labels) == 5 + VISITS


def visit(glass: Glass) -> None:
    glass.press("start", "language")
    glass.press("lang:en", "groups")
    glass.press("group:residence", "services")
    glass.press("service:res-register", "confirm")
    glass.press("take", "take")
    glass.press("done", "attract")
