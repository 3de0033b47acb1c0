"""The kiosk is killed at each step of a visitor's transaction: one visitor, one living ticket, one paper that says so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import messages as m
from journal.journal import Journal
from journal.schema import BOX
from kiosk.config import Options
from kiosk.service import Kiosk
from printers.store import JournalStore
from runtime import config
from runtime.clock import utc_now
from tests.glass import ROOT, configuration
from tests.halls import KIOSK, load
from tests.kiosk_hall import SmallHall
from tests.printing import SimPrinter, live_labels
from tests.until import until

SAMPLE = {
    "asking:1:after": "take",
    "answered:1": "take",
    "job:2:after": "take",
    "bytes:20000": "take",
    "job:3:after": "take",
}
"""Where the kiosk dies, and what stands on its screen when it is back: "attract" when nothing is to be done."""
REST = {
    "asking:1:before": "attract",
    "job:1:before": "take",
    "job:1:after": "take",
    "job:2:before": "take",
    "bytes:1": "take",
    "bytes:70000": "take",
    "job:3:before": "take",
    "ended:1:before": "take",
    "ended:1:after": "attract",
}
POINTS = SAMPLE | (REST if os.environ.get("VIKNO_FAULTS") == "all" else {})
UNASKED = {"asking:1:before"}
DOUBTED = {"job:1:after", "job:2:before", "job:2:after", "bytes:1", "bytes:20000", "bytes:70000", "job:3:before"}


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[SmallHall]:
    with SmallHall(tmp_path / "broker", load("ua-cnap")) as small:
        yield small


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[SimPrinter]:
    with SimPrinter(tmp_path / "paper") as sim:
        yield sim


@pytest.mark.parametrize("point", POINTS)
def test_killed_kiosk_leaves_one_ticket_with_one_true_paper(
    hall: SmallHall, printer: SimPrinter, tmp_path: Path, point: str
) -> None:
    file = configuration(tmp_path, hall.broker(KIOSK), printer.port)
    die_at(file, point)
    options = config.read(file, Options)
    kiosk = Kiosk(options)
    kiosk.start()
    until(lambda: kiosk.face.name == POINTS[point], POINTS[point])
    until(lambda: kiosk._printer.ready().ready, "a printer that has settled")
    until(lambda: fates(hall) == expected(point), f"{expected(point)}")
    kiosk.stop()
    with Journal.open(options.data / "kiosk.db", hall.hall.id, BOX, utc_now) as journal:
        assert JournalStore(journal, KIOSK).load_open() == []
        assert journal.rows("visit", state="asked") == []
    assert len({c.id for c in hall.commands if isinstance(c, m.TicketIssue)}) == (point not in UNASKED)
    assert living(hall) == [label for label, paper in expected(point).items() if paper == "confirmed"]
    papers = live_labels(
        printer, {f"{label} {ticket}" for ticket, label in hall.labels.items() if label in voided(hall)}
    )
    assert [each.split()[0] for each in papers] == living(hall)


def die_at(file: Path, point: str) -> None:
    command = [sys.executable, "-m", "tests.faults.kiosk_host", str(file), point]
    host = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert host.returncode == -signal.SIGKILL, json.dumps(host.stderr)


def voided(hall: SmallHall) -> set[str]:
    """Labels that the hall was asked to kill."""
    return {hall.labels[command.ticket] for command in hall.commands if isinstance(command, m.TicketVoid)}


def living(hall: SmallHall) -> list[str]:
    """Labels that wait in the hall's queue."""
    return [label for label in hall.labels.values() if label not in voided(hall)]


def fates(hall: SmallHall) -> dict[str, str]:
    """What the hall was told last of each label's paper."""
    return dict(hall.papers())


def expected(point: str) -> dict[str, str]:
    """Label → what became of its paper, when all is over."""
    if point in UNASKED:
        return {}
    return {"A001": "void", "A002": "confirmed"} if point in DOUBTED else {"A001": "confirmed"}
