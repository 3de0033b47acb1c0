"""The hall through a real journal: what the engine says is committed, and the hall loaded from the file is the same."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

from contract import messages as m
from coordinator.state import load
from journal.event import Row
from journal.journal import Journal
from journal.schema import HALL
from tests.small_hall import OPERATORS, Play, hall

TABLES = ("day", "window", "ticket", "series")


def test_two_days_through_the_journal_make_the_same_hall(tmp_path: Path) -> None:
    play = Play(hall())
    play.open(*OPERATORS)
    work(play, 60)
    play.at("18:00").tick().at("09:00", "2026-03-18").open(*OPERATORS)
    work(play, 30)
    with Journal.open(tmp_path / "hall.db", "small", HALL, lambda: datetime(2026, 3, 18, tzinfo=UTC)) as journal:
        for at in range(0, len(play.events), 32):
            journal.commit(play.events[at : at + 32])
        rows = [Row(table, row) for table in TABLES for row in journal.rows(table)]
        legs = journal.rows("leg")
    assert len(play.state.tickets) >= 30
    assert load(play.hall, rows).rows() == play.state.rows()
    assert len(legs) == sum(row.table == "leg" for event in play.events for row in event.rows)


def work(play: Play, steps: int) -> None:
    """Some of everything, seeded; what does not fit is refused, as in a hall."""
    dice = random.Random(steps)
    kinds: tuple[type[m.WindowCommand], ...] = (
        m.CallRecall,
        m.CallStart,
        m.CallFinish,
        m.CallNoShow,
        m.CallPark,
        m.WindowPause,
        m.WindowOpen,
    )
    of_ticket: list[type[m.TicketCommand]] = [m.TicketVoid, m.TicketReturn, m.TicketCancel]
    for _ in range(steps):
        play.ask(dice.choice(["advice", "intake", "birth", "passport"]), paper=dice.random() < 0.5)
        window = dice.choice(list(OPERATORS))
        play.wait(dice.choice([1, 20, 70])).tick().next(window)
        play.desk(dice.choice(kinds), window)
        for name in sorted(play.state.tickets)[-2:]:
            kind = dice.choice(of_ticket)
            if dice.random() < 0.2:
                play.of(kind, play.state.tickets[name].label)
