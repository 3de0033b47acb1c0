"""The wait told in a running hall: worked out by a child of the coordinator that may die without anybody waiting for it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract import messages as m
from coordinator.effect import Weighed
from coordinator.foreteller import DEAD_AFTER, Foreteller
from coordinator.future import Habits
from coordinator.learn import BEFORE, Learned
from coordinator.lookout import (
    BACK_EVERY_MIN,
    BACK_FROM,
    EVERY_S,
    PLAN_EVERY_MIN,
    PLAN_EVERY_S,
    REST,
    UNCHANGED_MIN,
    Lookout,
)
from coordinator.past import past
from coordinator.policy import Rules
from coordinator.question import AnyQuestion, LookBack, Planning, Question
from coordinator.record import replace
from coordinator.replays.so_far import SoFar
from journal.journal import Journal
from journal.schema import HALL
from runtime.asker import new_id
from tests.hall_rig import DEADLINE_S, HallRig
from tests.small_hall import Play, hall
from tests.until import until


def question(play: Play) -> Question:
    return Question(play.state.floor.copy(), 0.0, Rules(), Habits(), 1)


@pytest.fixture
def play() -> Play:
    found = Play(hall())
    found.open("W1", "W2")
    found.take()
    return found


@pytest.fixture
def foreteller() -> Iterator[Foreteller]:
    with Foreteller(again_s=0.05) as found:
        yield found


def answer(foreteller: Foreteller) -> Any:
    """What the question comes to."""
    return until(lambda: (found := foreteller.answer())[0] and found, "no answer")[1]


# --- the child -------------------------------------------------------------------------------------------------------------


def test_child_answers_and_is_killed_and_comes_back(foreteller: Foreteller, play: Play) -> None:
    assert foreteller.ask(question(play))
    first = answer(foreteller)
    assert first["advice"].low <= first["advice"].mid <= first["advice"].high
    child = foreteller.pid
    assert child is not None
    os.kill(child, signal.SIGKILL)
    assert foreteller.ask(question(play))
    assert answer(foreteller) is None
    assert not foreteller.dead
    assert foreteller.ask(question(play))
    assert answer(foreteller) == first
    assert foreteller.pid not in (None, child)


def test_child_that_dies_again_and_again_is_told_of_and_forgiven(play: Play, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.touch()
    body = f"import os, sys; sys.exit(1) if os.path.exists({str(broken)!r}) else None\nfrom coordinator.forecasting import main\nmain()"
    with Foreteller((sys.executable, "-c", body), again_s=0.01) as foreteller:
        for _ in range(DEAD_AFTER):
            assert not foreteller.dead
            assert until(lambda: foreteller.ask(question(play)))
            assert answer(foreteller) is None
        assert foreteller.dead
        broken.unlink()
        assert foreteller.ask(question(play))
        assert answer(foreteller)
        assert not foreteller.dead


def test_child_that_answers_with_nonsense_is_started_again(play: Play) -> None:
    body = "import sys; sys.stdin.buffer.read(4); sys.stdout.buffer.write(bytes(4)); sys.stdout.flush(); sys.stdin.buffer.read()"
    with Foreteller((sys.executable, "-c", body), again_s=0.01) as foreteller:
        assert foreteller.ask(question(play))
        assert answer(foreteller) is None


def test_stopping_ends_the_child_in_the_middle_of_a_question(play: Play) -> None:
    foreteller = Foreteller((sys.executable, "-c", "import sys; sys.stdin.read()"))
    assert foreteller.ask(question(play))
    child = until(lambda: foreteller.pid, "no child")
    foreteller.stop(DEADLINE_S)
    foreteller.stop(DEADLINE_S)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


# --- when it is asked ------------------------------------------------------------------------------------------------------


class Slow:
    """A child that answers when the test says so; `found`: what it recommends, at once."""

    def __init__(self) -> None:
        self.questions: list[Question] = []
        self.plans: list[Planning] = []
        self.backs: list[LookBack] = []
        self.answers: list[Any] = []
        self.found: list[Weighed] = []

    def ask(self, question: AnyQuestion) -> bool:
        if isinstance(question, Planning):
            self.plans.append(question)
            self.answers.append(self.found)
        elif isinstance(question, LookBack):
            self.backs.append(question)
            self.answers.append(SoFar(BACK_FROM, 0.1, 0.3))
        else:
            self.questions.append(question)
        return True

    def answer(self) -> tuple[bool, Any]:
        return (True, self.answers.pop()) if self.answers else (False, None)


def test_lookout_asks_once_rests_and_asks_again_when_the_hall_changed(play: Play) -> None:
    wire = [100.0]
    slow = Slow()
    lookout = Lookout(play.state, slow, lambda: wire[0])
    lookout.turn(play.now)
    lookout.changed()
    lookout.turn(play.now)
    assert len(slow.questions) == 1
    wire[0] += 10
    slow.answers.append({"advice": (1.0, 2.0, 3.0)})
    lookout.turn(play.now)
    assert play.state.forecast is not None
    assert play.state.forecast.ranges == {"advice": (1.0, 2.0, 3.0)}
    wire[0] += REST * 10 - 0.1  # it rests
    lookout.turn(play.now)
    assert len(slow.questions) == 1
    wire[0] += 0.2
    lookout.turn(play.now)  # what to do about the staff
    lookout.turn(play.now)
    assert len(slow.questions) == 2
    slow.answers.append(None)
    lookout.turn(play.now)
    assert play.state.forecast.ranges  # the last one holds until it is too old
    wire[0] += EVERY_S
    lookout.turn(play.now)
    assert len(slow.questions) == 3  # asked again after a death


def test_lookout_asks_by_time_alone_and_not_of_a_closed_hall(play: Play) -> None:
    wire = [100.0]
    slow = Slow()
    lookout = Lookout(play.state, slow, lambda: wire[0])
    lookout.turn(play.now)
    slow.answers.append({})
    lookout.turn(play.now)
    wire[0] += 60
    lookout.turn(play.now)
    assert len(slow.questions) == 1
    play.wait(60 * UNCHANGED_MIN)
    lookout.turn(play.now)
    assert len(slow.questions) == 2
    assert len(slow.plans) == 1
    closed = Slow()
    Lookout(Play(hall()).state, closed, lambda: wire[0]).turn(play.now)
    assert not closed.questions


def test_lookout_asks_what_to_do_about_the_staff_at_a_slower_pace_and_keeps_it_for_the_day(play: Play) -> None:
    wire = [100.0]
    slow = Slow()
    lookout = Lookout(play.state, slow, lambda: wire[0])

    def turn(wire_s: float) -> None:
        if lookout_waits():
            slow.answers.append({})
        lookout.turn(play.now)
        wire[0] += wire_s

    def lookout_waits() -> bool:
        return not slow.answers and bool(slow.questions)

    for _ in range(60):  # a minute on the wall in which nothing but the clock of the wall goes on
        turn(1.0)
    assert len(slow.plans) == 1
    assert play.state.recommended is not None
    for _ in range(60):
        play.wait(60)
        turn(1.0)
    assert min(60 / PLAN_EVERY_MIN, 60 / PLAN_EVERY_S) >= len(slow.plans) - 1 >= 6
    play.state.take(replace(play.state.day, day=play.state.day.day + timedelta(days=1)))
    assert play.state.recommended is None


def test_lookout_looks_back_where_there_are_enough_to_speak_of(play: Play, tmp_path: Path) -> None:
    wire = [100.0]
    slow, nobody = Slow(), Slow()
    lookout = Lookout(play.state, slow, lambda: wire[0], tmp_path / "journal.db")
    apart = Lookout(play.state, nobody, lambda: wire[0])

    def turns() -> None:
        for child, one in ((slow, lookout), (nobody, apart)):
            for _ in range(6):
                if not child.answers:
                    child.answers.append({})
                one.turn(play.now)
                wire[0] += 30

    turns()
    assert not slow.backs
    for _ in range(BACK_FROM):
        play.take()
    turns()
    assert [(one.journal, one.day, one.now) for one in slow.backs] == [
        (tmp_path / "journal.db", play.state.day.day, play.now)
    ]
    assert play.state.so_far == (play.now, SoFar(BACK_FROM, 0.1, 0.3))
    play.wait(60 * BACK_EVERY_MIN - 1)
    turns()
    assert len(slow.backs) == 1
    play.wait(1)
    turns()
    assert len(slow.backs) == 2
    assert not nobody.backs


# --- the past --------------------------------------------------------------------------------------------------------------


def lived(path: Path, days: int) -> Journal:
    """The journal of a small hall after so many days before Tuesday the 17th, weekdays in turn, three visits of twenty minutes each."""
    journal = Journal.open(path, "small", HALL, lambda: datetime(2026, 3, 17, tzinfo=UTC))
    play = Play(hall())
    for back in range(days, 0, -1):
        play.at("09:00", str(date(2026, 3, 17) - timedelta(weeks=back)))
        play.open("W1")
        for _ in range(3):
            play.take("advice")
            play.press()
            play.desk(m.CallStart)
            play.wait(1200)
            play.desk(m.CallFinish)
        play.at("17:01")
        play.tick()
    journal.commit(play.events)
    return journal


def test_hall_learns_from_its_journal(tmp_path: Path) -> None:
    with lived(tmp_path / "journal.db", 3) as journal:
        known = past(journal, hall(), date(2026, 3, 17))
        assert known.works["advice"].mean == pytest.approx((BEFORE * 8 + 9 * 20) / (BEFORE + 9))
        assert known.works["birth"].mean == 8
        assert known.mix == {"advice": 9}
        assert known.rates[18] == pytest.approx(2 / 30)  # at nine and twenty past
        assert known.rates[19] == pytest.approx(1 / 30)
        assert past(journal, hall(), date(2027, 3, 17)).mix == {}


def test_hall_without_a_past_goes_by_its_document(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.db", "small", HALL, lambda: datetime(2026, 3, 17, tzinfo=UTC)) as journal:
        assert past(journal, hall(), date(2026, 3, 17)) == Learned(Play(hall()).state.floor.works)


# --- the hall --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[HallRig]:
    with HallRig(tmp_path) as found:
        yield found


def children(rig: HallRig) -> list[int]:
    """Children of any thread of the coordinator."""
    assert rig.process is not None
    tasks = Path(f"/proc/{rig.process.pid}/task")
    return [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]


def test_wait_is_told_to_kiosk_board_ticket_and_staff_and_comes_back_after_a_kill(rig: HallRig) -> None:
    rig.staff("W1", "W2")
    kiosk, board, console = rig.peer("kiosk-1"), rig.peer("board-1"), rig.peer("console-1")

    def kiosk_waits() -> Any:
        view = kiosk.last(m.KioskView)
        return view is not None and view.waits

    until(kiosk_waits, "the kiosk is told no wait")
    issued = rig.issue()
    assert issued.wait is not None
    until(lambda: any(b.waits for b in board.of(m.Board)), "the board tells no wait")
    bridge = rig.peer("bridge-1")
    called = bridge.ok(m.CallNext(id=new_id(), unit="pad-1"))
    assert called.label == issued.label

    def told() -> Any:
        view = console.last(m.ConsolesView)
        at = next(w.ticket for w in view.windows if w.window == "W1")
        return at is not None and at.told == issued.wait and view.waits_kept

    assert until(told, "staff are not told").told == 1
    assert any(q.wait for q in console.last(m.ConsolesView).queues)

    (child,) = children(rig)
    os.kill(child, signal.SIGKILL)
    until(lambda: (found := children(rig)) and found != [child], "no new child")
    until(lambda: rig.said("forecast.died") == 1)
    later = until(lambda: (one := rig.issue()).wait is not None and one, "no wait is told any more")
    assert later.wait.low >= 0
    (child,) = children(rig)
    assert rig.stop() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
