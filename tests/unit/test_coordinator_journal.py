"""The hall through a real journal: what the engine says is committed, and the hall loaded from the file is the same."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contract import messages as m
from coordinator.bookings import seal
from coordinator.bookings.diary import kept_from
from coordinator.service import live_rows
from coordinator.state import HallDay, load
from coordinator.truth import Ask, Truth
from journal.event import Row
from journal.journal import Journal
from journal.persons import Persons
from journal.schema import HALL
from journal.verify import verify
from tests.small_hall import KEY, KIOSK, OPERATORS, Play, hall

TABLES = ("day", "window", "ticket", "series", "notice", "booking")


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


def test_bookings_come_back_with_their_persons_and_go_when_no_rule_needs_them(tmp_path: Path) -> None:
    rules = {"booking.no_show_block_after": 2, "booking.period_days": 5, "booking.per_person_active": 2}
    small, now = hall(rules=rules), Play(hall()).local("09:00", "2026-03-17")
    path = tmp_path / "hall.db"
    with Journal.open(path, "small", HALL, lambda: now) as journal:
        truth = Truth(journal, HallDay(small, key=KEY), lambda _pin, _hash: True)
        truth.tick(now)
        truth.handle([book("c1", "2026-03-17T05:00:00Z"), book("c2", "2026-03-20T05:00:00Z")], now)
        truth.tick(now + timedelta(hours=8))
        assert not any(b"invented" in file.read_bytes() for file in tmp_path.iterdir())
    with Journal.open(path, "small", HALL, lambda: now) as journal:
        state = load(small, live_rows(journal, small), key=KEY)
        assert state.rows() == truth.state.rows()
        held = state.diary.of(seal.person(KEY, "invented 0001"))
        assert sorted(b.state for b in held) == ["booked", "missed"]
        truth = Truth(journal, state, lambda _pin, _hash: True)
        seen = truth.handle([book("c1", "2026-03-17T05:00:00Z")], now)
        assert isinstance(seen.answers[0].reply, m.Booked)
        truth.tick(now + timedelta(days=6))
        assert Persons(journal).forget(kept_from(small, state.day.day)) == 1
        assert [row["day"] for row in journal.rows("person")] == ["2026-03-20"]
        assert verify(path, "small", HALL).ok
        events = json.dumps([facts.body for facts in journal.events(0, 1000)])
        assert seal.person(KEY, "invented 0001") not in events


def book(key: str, start: str) -> Ask:
    said = m.BookingBook(
        id=key, service="advice", start=datetime.fromisoformat(start), lang="en", person="invented 0001"
    )
    return Ask(KIOSK, said)
