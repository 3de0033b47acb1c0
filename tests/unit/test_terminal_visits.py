from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract import messages as m
from journal.event import Event, Row
from journal.journal import Journal
from journal.schema import MONEY
from runtime.clock import utc_now
from terminal.state import Again
from terminal.visits import Visits

ASKED = m.TicketIssue(id="t-1", service="res-child", lang="uk", paper=True)
BEGAN = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
LIMIT_S = 120.0


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "terminal.db", "small", MONEY, utc_now) as journal:
        yield journal


def at(journal: Journal, seconds: float) -> Visits:
    """The same journal after a restart, so many seconds after the question."""
    return Visits(journal, "terminal-1", lambda: BEGAN + timedelta(seconds=seconds))


def test_a_question_outlives_the_process_until_its_visitor_has_gone(journal: Journal) -> None:
    at(journal, 0).asking(ASKED)
    at(journal, 5).asking(ASKED)  # asked again by the same id: one row, as it was
    assert [row["at"] for row in journal.rows("visit")] == ["2026-03-17T09:00:00.000Z"]
    assert at(journal, 120).young(LIMIT_S) == Again(ASKED)
    at(journal, 121).ended()
    assert at(journal, 122).young(LIMIT_S) is None


@pytest.mark.parametrize("seconds", [120.1, -1.0])
def test_who_was_away_for_longer_is_not_asked_for(journal: Journal, seconds: float) -> None:
    at(journal, 0).asking(ASKED)
    assert at(journal, seconds).young(LIMIT_S) is None
    assert journal.rows("visit", state="asked") == []


def test_what_another_version_wrote_is_let_go(journal: Journal) -> None:
    row = {
        "id": "t-2",
        "state": "asked",
        "command": "{}",
        "lang": "uk",
        "service": "x",
        "old": "",
        "at": "2026-03-17T09:00:00.000Z",
    }
    journal.commit(
        [Event("visit.asked", "2026-03-17T09:00:00.000Z", "terminal-1", cmd="t-2", rows=(Row("visit", row),))]
    )
    assert at(journal, 1).young(LIMIT_S) is None
    assert journal.rows("visit", state="asked") == []
