"""What pads tell beside commands: silent alarms and ratings, journaled and shown to staff."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from contract import messages as m
from contract.hall_part import Box
from contract.words import Role
from coordinator import views
from coordinator.devices import Devices
from coordinator.engine import Alarmed, Rated
from coordinator.past import alarms
from coordinator.publisher import Publisher
from coordinator.state import HallDay
from coordinator.told import RATED_WITHIN_S
from coordinator.truth import Ask, Truth
from journal.journal import Journal
from journal.schema import HALL
from journal.verify import verify
from runtime.clock import HallClock, SteadyClock
from tests.retained import Wire
from tests.small_hall import BRIDGE, CONSOLE, Play, hall


@pytest.fixture
def play() -> Play:
    return Play(hall()).open("W1", "W2")


def served(play: Play, window: str = "W1") -> str:
    """The label of a visitor who was served there this moment."""
    label = play.take()
    assert play.next(window).label == label
    play.wait(120)
    play.desk(m.CallStart, window)
    play.wait(60)
    play.desk(m.CallFinish, window)
    return label


def test_rating_belongs_to_the_visitor_who_just_left_that_window(play: Play) -> None:
    served(play, "W2")
    label = served(play, "W1")
    play.do(Rated("pad-1", 4), BRIDGE)
    assert play.kinds() == ["ticket.rated"]
    assert play.ticket(label).score == 4
    assert [t.score for t in play.state.tickets.values()].count(None) == 1


def test_last_rating_counts(play: Play) -> None:
    label = served(play)
    for score in (1, 1, 5):
        play.do(Rated("pad-1", score), BRIDGE)
    assert play.ticket(label).score == 5


@pytest.mark.parametrize(("unit", "late_s"), [("pad-1", RATED_WITHIN_S), ("pad-2", 0), ("stranger", 0)])
def test_rating_of_nobody_is_journaled_without_a_ticket(play: Play, unit: str, late_s: float) -> None:
    label = served(play)
    play.wait(late_s)
    play.do(Rated(unit, 2), BRIDGE)
    assert play.kinds() == ["window.rated"]
    assert play.last[0].facts["score"] == 2
    assert play.ticket(label).score is None


def test_scores_of_the_day_are_counted_for_staff(play: Play) -> None:
    assert shown(play).scores == ()
    for score in (5, 2, 5):
        served(play)
        play.do(Rated("pad-1", score), BRIDGE)
    assert shown(play).scores == (0, 1, 0, 0, 2)


def shown(play: Play) -> m.ConsolesView:
    return views.consoles_view(play.state, (), views.Mark("v", 1, 1), play.now, {})


def test_silent_alarm_is_journaled_and_changes_nothing_in_the_hall(play: Play) -> None:
    before = play.state.rows()
    play.do(Alarmed("pad-2"), BRIDGE)
    (event,) = play.last
    assert (event.kind, event.facts) == ("alarm.raised", {"unit": "pad-2", "window": "W2"})
    assert play.state.rows() == before


def test_consoles_alone_are_shown_a_silent_alarm_for_half_an_hour(play: Play) -> None:
    boxes = [Box(id="desk", kind=Role.CONSOLE), Box(id="board", kind=Role.BOARD, zone="front")]
    play, wire = Play(hall(boxes=[box.model_dump(mode="json") for box in boxes])), Wire()
    elapsed = [0.0]
    clock = SteadyClock(HallClock.real(), lambda: play.now, lambda: elapsed[0])
    publisher = Publisher(wire, play.state, Devices(play.hall), clock, 1, lambda: elapsed[0])
    play.do(Alarmed("pad-2"), BRIDGE)
    publisher.committed(play.last)
    publisher.publish()
    publisher.publish_slow()
    view = wire.retained["down/view desk"]
    assert isinstance(view, m.ConsolesView)
    assert [(alarm.unit, alarm.window) for alarm in view.alarms] == [("pad-2", "W2")]
    assert wire.order == ["down/view"], "somebody else was told"
    elapsed[0] = timedelta(minutes=30).total_seconds()
    publisher.devices_changed()
    publisher.publish_slow()
    view = wire.retained["down/view desk"]
    assert isinstance(view, m.ConsolesView)
    assert view.alarms == ()


def test_an_alarm_that_was_seen_to_is_shown_no_more_and_others_are(play: Play) -> None:
    play, wire = Play(hall(boxes=[Box(id="desk", kind=Role.CONSOLE).model_dump(mode="json")])), Wire()
    clock = SteadyClock(HallClock.real(), lambda: play.now, lambda: 0.0)
    publisher = Publisher(wire, play.state, Devices(play.hall), clock, 1, lambda: 0.0)
    for unit in ("pad-2", "pad-1", "pad-2"):
        play.do(Alarmed(unit), BRIDGE)
        publisher.committed(play.last)
    play.do(m.AlarmEnd(id="e", unit="pad-2", window="W2"), CONSOLE)
    publisher.committed(play.last)
    publisher.publish_slow()
    view = wire.retained["down/view desk"]
    assert isinstance(view, m.ConsolesView)
    assert [alarm.unit for alarm in view.alarms] == ["pad-1"]


def test_facts_of_pads_are_journaled_once_and_acknowledged(tmp_path: Path) -> None:
    play = Play(hall())
    path = tmp_path / "hall.db"
    said: list[m.AnyFact] = [
        m.AlarmFact(id="pad-a-1-1", inc="i", ep=1, sq=1, unit="pad-1"),
        m.RatingFact(id="pad-a-1-2", inc="i", ep=1, sq=2, unit="pad-2", score=3),
    ]
    with Journal.open(path, "small", HALL, lambda: play.now) as journal:
        truth = Truth(journal, HallDay(hall()), lambda _pin, _hash: True)
        for _ in range(2):
            outcome = truth.handle([Ask(BRIDGE, fact) for fact in said], play.now)
            assert outcome.acks == {BRIDGE.dev: ("i", 2)}
        assert [entry.kind for entry in journal.events(0, 100)] == ["alarm.raised", "window.rated"]
        assert outcome.repeated == 2
        assert verify(path, "small", HALL).ok


@pytest.mark.parametrize("together", [True, False])
def test_press_that_was_told_again_after_the_bridge_was_killed_is_one_alarm(tmp_path: Path, together: bool) -> None:
    """The outbox holds it twice, under two numbers: the pad was not told that the first was kept."""
    play = Play(hall())
    twice: list[m.AnyFact] = [m.AlarmFact(id="pad-a-1-1", inc="i", ep=n, sq=n, unit="pad-1") for n in (1, 2)]
    another = m.AlarmFact(id="pad-a-1-2", inc="i", ep=2, sq=3, unit="pad-1")
    with Journal.open(tmp_path / "hall.db", "small", HALL, lambda: play.now) as journal:
        truth = Truth(journal, HallDay(hall()), lambda _pin, _hash: True)
        batches = [twice] if together else [[fact] for fact in twice]
        outcomes = [truth.handle([Ask(BRIDGE, fact) for fact in batch], play.now) for batch in batches]
        assert outcomes[-1].acks == {BRIDGE.dev: ("i", 2)}
        assert outcomes[-1].repeated == 1
        truth.handle([Ask(BRIDGE, another)], play.now)
        assert [entry.kind for entry in journal.events(0, 100)] == ["alarm.raised"] * 2


def test_command_by_the_id_of_an_alarm_changes_nothing(tmp_path: Path) -> None:
    play = Play(hall())
    alarm = m.AlarmFact(id="pad-a-1-1", inc="i", ep=1, sq=1, unit="pad-1")
    command = m.CallNext(id="pad-a-1-1", unit="pad-1")
    with Journal.open(tmp_path / "hall.db", "small", HALL, lambda: play.now) as journal:
        truth = Truth(journal, HallDay(hall()), lambda _pin, _hash: True)
        outcome = truth.handle([Ask(BRIDGE, alarm), Ask(BRIDGE, command), Ask(BRIDGE, command)], play.now)
        assert [answer.reply.t for answer in outcome.answers] == ["done", "done"]
        assert [entry.kind for entry in journal.events(0, 100)] == ["alarm.raised"]


def test_alarms_are_known_again_after_a_restart_and_those_seen_to_are_not(tmp_path: Path) -> None:
    play = Play(hall(boxes=[Box(id="desk", kind=Role.CONSOLE).model_dump(mode="json")])).open("W1")
    for unit in ("pad-1", "pad-2"):
        play.do(Alarmed(unit), BRIDGE)
    play.take()
    play.do(m.AlarmEnd(id="e", unit="pad-1", window="W1"), CONSOLE)
    wire, clock = Wire(), SteadyClock(HallClock.real(), lambda: play.now, lambda: 0.0)
    publisher = Publisher(wire, play.state, Devices(play.hall), clock, 2, lambda: 0.0)
    with Journal.open(tmp_path / "hall.db", "small", HALL, lambda: play.now) as journal:
        journal.commit(play.events)
        for event in alarms(journal):
            publisher.alarmed(event)
    publisher.publish_slow()
    view = wire.retained["down/view desk"]
    assert isinstance(view, m.ConsolesView)
    assert [(alarm.unit, alarm.window) for alarm in view.alarms] == [("pad-2", "W2")]
