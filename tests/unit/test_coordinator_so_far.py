"""Today against first come, first served: counted as a replay counts, at the same moment, from what the journal holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from contract.errors import ContractError
from contract.hall import Hall
from contract.words import TicketState
from coordinator.forecasting import _answer
from coordinator.question import LookBack
from coordinator.record import Leg, Ticket, replace
from coordinator.replays import journal_day, replay
from coordinator.replays.recording import Log, recording
from coordinator.replays.so_far import SoFar, so_far
from coordinator.row import read
from coordinator.simulate import Index, stopped
from journal import database
from tests import small_hall
from tests.played_day import OPENING, RULES, play
from tests.small_hall import Play

DAY = date(2026, 3, 16)


def looked(folder: Path, hall: Hall, seed: int, minutes: float) -> tuple[Log, datetime]:
    """The log of a day that has gone on for so many minutes, and when that is."""
    play(hall, folder / f"{seed}-{minutes}" / "journal.db", seed, minutes=minutes)
    with database.snapshot(folder / f"{seed}-{minutes}" / "journal.db") as connection:
        return journal_day.log(connection, hall, DAY), OPENING + timedelta(minutes=minutes)


def test_in_the_middle_of_days_it_counts_the_turns_and_the_late_that_a_replay_by_the_halls_own_rules_counts(
    tmp_path: Path,
) -> None:
    hall = small_hall.hall(rules=RULES)
    index = Index(replay.drafted(hall.rule, {}), None)
    shares = []
    for seed, minutes in ((1, 150.0), (5, 150.0)):
        log, now = looked(tmp_path, hall, seed, minutes)
        found = so_far(hall, log, now)
        own = [t for t in stopped(recording(hall, log).script, index, minutes).turns if t.counted]
        assert abs(found.turns - len(own)) <= 2
        late = sum(t.wait is None or t.wait > 20 for t in own) / len(own)
        assert abs(found.late - late) < 0.02
        shares.append((found.late, late, found.fifo))
    was, again, fifo = (sum(one) / len(shares) for one in zip(*shares, strict=True))
    assert was == pytest.approx(again, abs=0.01)
    assert fifo > was + 0.02


def test_a_line_where_nothing_can_be_chosen_is_as_late_either_way() -> None:
    """One window and one service: first come is first served."""
    hall = small_hall.hall(rules=RULES)
    hand = Play(hall).open("W1")
    for _ in range(4):
        hand.take("advice")
    hand.press()
    for _ in range(3):
        hand.wait(15 * 60)
        hand.press()
    log = logged(hand)
    found = so_far(hall, log, hand.now)
    # Called after 0, 15, 30 and 45 minutes.
    assert found == SoFar(4, 0.5, 0.5)


def logged(hand: Play) -> Log:
    """What a journal would hold of the day."""
    rows = {(r.table, *(r.values.get(k) for k in ("id", "ticket", "n"))): r for e in hand.events for r in e.rows}
    tickets = [read(Ticket, r.values) for r in rows.values() if r.table == "ticket"]
    legs = [read(Leg, r.values) for r in rows.values() if r.table == "leg"]
    return Log(hand.state.day, tickets, legs, hand.events)


def test_who_still_waits_counts_with_the_minutes_so_far_and_who_gave_up_is_late() -> None:
    hand = Play(small_hall.hall(rules=RULES)).open("W1")
    for _ in range(4):
        hand.take("advice")
    hand.press()
    hand.wait(21 * 60)
    log = logged(hand)
    assert so_far(hand.hall, log, hand.now).late == 0.75
    assert so_far(hand.hall, log, hand.now - timedelta(minutes=10)).late == 0.0
    gave_up = [replace(t, state=TicketState.CANCELLED) if t.state == "waiting" else t for t in log.tickets]
    assert so_far(hand.hall, log._replace(tickets=gave_up), hand.now - timedelta(minutes=10)).late == 0.75


def test_a_day_on_which_nobody_came_yet_is_refused_and_the_child_says_that_there_is_nothing(tmp_path: Path) -> None:
    hall = small_hall.hall(rules=RULES)
    play(hall, tmp_path / "journal.db", seed=1, visitors=0, minutes=5)
    question = LookBack(tmp_path / "journal.db", hall, DAY, OPENING + timedelta(minutes=5))
    assert _answer(question) == SoFar(0, 0.0, 0.0)
    assert _answer(question._replace(day=DAY + timedelta(days=1))) == SoFar(0, 0.0, 0.0)
    with database.snapshot(tmp_path / "journal.db") as connection, pytest.raises(ContractError):
        so_far(hall, journal_day.log(connection, hall, DAY), question.now)
    play(hall, tmp_path / "busy" / "journal.db", seed=2, minutes=60)
    busy = LookBack(tmp_path / "busy" / "journal.db", hall, DAY, OPENING + timedelta(minutes=60))
    found = _answer(busy)
    assert isinstance(found, SoFar)
    assert found.turns > 20
