"""The visit at a window: services in turn, notes that no journal has, how it ended, sent on in front or by the rule."""

from __future__ import annotations

import json

import pytest

from contract import messages as m
from contract.words import PauseKind, Refusal, TicketState
from coordinator import views
from coordinator.prospect import _shifted
from coordinator.record import Leg, Pause
from coordinator.row import read
from coordinator.state import load
from journal.event import body
from tests.small_hall import BRIDGE, CONSOLE, Play, hall, refused

NOTE = "the seal on form 7 is missing"


@pytest.fixture
def play() -> Play:
    return Play(hall()).open("W1", "W2", "W3", "W4")


def called(play: Play, service: str = "advice", window: str = "W1", **more: object) -> str:
    label = play.take(service, **more)
    play.wait(5)
    assert play.next(window).label == label
    return label


def rows(play: Play, table: str) -> list[dict[str, object]]:
    return [dict(row.values) for event in play.events for row in event.rows if row.table == table]


def shown(play: Play, window: str = "W1") -> m.DeskTicket:
    view = views.consoles_view(play.state, (), views.Mark("v", 1, 1), play.now, {})
    ticket = next(w.ticket for w in view.windows if w.window == window)
    assert ticket is not None
    return ticket


# --- services in turn ------------------------------------------------------------------------------------------------------


def test_a_service_is_added_after_those_to_come_and_the_visit_goes_on_to_it(play: Play) -> None:
    label = called(play, then=("intake",))
    play.desk(m.VisitAdd, service="birth")
    assert play.kinds() == ["visit.added"]
    assert (shown(play).done, shown(play).then) == ((), ("intake", "birth"))
    play.desk(m.CallFinish)
    play.wait(5).next()
    assert (shown(play).done, shown(play).service, shown(play).then) == (("advice",), "intake", ("birth",))
    play.desk(m.CallFinish)
    play.next("W3")
    assert (shown(play, "W3").done, shown(play, "W3").then) == (("advice", "intake"), ())
    play.desk(m.CallFinish, "W3")
    assert play.where(label) is TicketState.FINISHED


def test_a_service_that_is_wanted_no_more_is_dropped(play: Play) -> None:
    called(play, then=("intake", "birth"))
    play.desk(m.VisitDrop, service="intake")
    assert shown(play).then == ("birth",)
    refused(play.desk(m.VisitDrop, service="intake"), Refusal.BAD_COMMAND)


def test_a_service_is_added_once_and_only_where_a_window_could_take_it(play: Play) -> None:
    label = called(play)
    refused(play.desk(m.VisitAdd, service="advice"), Refusal.BAD_COMMAND)
    refused(play.desk(m.VisitAdd, service="flying"), Refusal.UNKNOWN_SERVICE)
    play.desk(m.VisitAdd, service="birth")
    assert refused(play.desk(m.VisitAdd, service="birth"), Refusal.BAD_COMMAND)["label"] == label


@pytest.mark.parametrize("kind", [m.VisitAdd, m.VisitDrop])
def test_a_visit_is_changed_at_its_window_by_a_console_only(play: Play, kind: type[m.WindowCommand]) -> None:
    refused(play.desk(kind, service="birth"), Refusal.NOTHING_CALLED)
    called(play, then=("birth",))
    refused(play.do(kind(id="p", unit="pad-1", service="birth"), BRIDGE), Refusal.NOT_ALLOWED)  # type: ignore[call-arg]


# --- notes -----------------------------------------------------------------------------------------------------------------


def everywhere(play: Play) -> str:
    """All that the journal is told, and every row."""
    return "".join(map(body, play.events)) + json.dumps([row.values for row in play.state.rows()], default=str)


def test_a_note_goes_with_the_visit_and_is_in_no_event_and_in_no_row(play: Play) -> None:
    called(play, then=("birth",))
    play.desk(m.VisitNote, text=f"  {NOTE} ")
    assert play.kinds() == ["visit.noted"]
    assert shown(play).note == NOTE
    play.desk(m.CallFinish)
    assert NOTE not in views.consoles_view(play.state, (), views.Mark("v", 1, 1), play.now, {}).model_dump_json()
    play.next("W3")
    assert shown(play, "W3").note == NOTE
    assert NOTE not in everywhere(play)
    assert load(play.hall, play.state.rows()).notes == {}


def test_a_note_ends_with_the_visit_the_day_or_an_empty_one(play: Play) -> None:
    for end in (m.CallFinish, m.CallNoShow):
        called(play)
        play.desk(m.VisitNote, text=NOTE)
        play.desk(end)
    assert len(play.state.notes) == 1  # who missed the call may come back
    called(play)
    play.desk(m.VisitNote, text=NOTE)
    play.desk(m.VisitNote, text=" ")
    assert shown(play).note is None
    play.desk(m.VisitNote, text=NOTE)
    play.do(m.HallClose(**play.id()), CONSOLE)
    assert len(play.state.notes) == 1
    play.at("09:00", "2026-03-18").tick()
    assert play.state.notes == {}


def test_a_note_of_a_voided_label_goes_with_the_new_one(play: Play) -> None:
    label = called(play)
    play.desk(m.CallTransfer, service="intake", note=NOTE)
    reply = play.of(m.TicketVoid, label)
    assert isinstance(reply, m.Issued)
    assert play.state.notes == {reply.ticket: NOTE}


def test_a_note_is_said_to_no_log_by_its_command() -> None:
    assert NOTE not in repr(m.VisitNote(id="c", window="W1", text=NOTE))
    assert NOTE not in repr(m.CallTransfer(id="c", window="W1", note=NOTE))


# --- sent on ---------------------------------------------------------------------------------------------------------------


def test_who_is_sent_to_the_front_goes_before_all_who_wait_for_that_service(play: Play) -> None:
    waiting = play.take("birth")
    label = called(play.wait(120))
    play.desk(m.CallTransfer, service="birth", first=True, note=NOTE)
    assert play.last[0].facts["first"] is True
    assert play.next("W3").label == label
    assert shown(play, "W3").note == NOTE
    assert play.where(waiting) is TicketState.WAITING
    assert NOTE not in everywhere(play)


def test_in_an_empty_line_the_front_is_now(play: Play) -> None:
    label = called(play)
    play.wait(60).desk(m.CallTransfer, service="birth", first=True)
    assert play.ticket(label).clock_at == play.now


def test_by_the_rule_the_place_is_the_end_or_kept(play: Play) -> None:
    label = called(play)
    play.wait(60).desk(m.CallTransfer, service="birth")
    assert play.ticket(label).clock_at == play.now
    kept = Play(hall(rules={"transfer.place": "kept"})).open("W1")
    label = called(kept)
    since = kept.ticket(label).clock_at
    kept.wait(60).desk(m.CallTransfer, service="birth")
    assert kept.ticket(label).clock_at == since


# --- how it ended ----------------------------------------------------------------------------------------------------------


def leg(play: Play) -> Leg:
    return read(Leg, rows(play, "leg")[-1])


def test_what_the_operator_says_of_a_turn_is_in_its_leg_and_in_the_event(play: Play) -> None:
    called(play)
    play.desk(m.CallFinish, result="not_ours")
    assert (leg(play).result, leg(play).outcome) == ("not_ours", "finished")
    assert play.last[0].facts["result"] == "not_ours"


def test_who_is_parked_for_papers_keeps_the_place_and_is_listed_with_the_reason(play: Play) -> None:
    label = called(play)
    since = play.ticket(label).clock_at
    play.desk(m.CallPark, result="missing")
    view = views.consoles_view(play.state, (), views.Mark("v", 1, 1), play.now, {})
    assert [(t.label, t.result) for t in view.parked] == [(label, "missing")]
    play.wait(600).of(m.TicketReturn, label)
    assert (play.ticket(label).clock_at, leg(play).result) == (since, "missing")


def test_a_result_that_the_hall_has_not_or_that_does_not_fit_is_refused(play: Play) -> None:
    called(play)
    refused(play.desk(m.CallFinish, result="won"), Refusal.BAD_COMMAND)
    refused(play.desk(m.CallPark, result="served"), Refusal.BAD_COMMAND)


def test_a_hall_may_name_its_own_results() -> None:
    own = [{"id": "paid", "names": {"en": "Paid"}}, {"id": "later", "names": {"en": "Comes later"}, "parks": True}]
    play = Play(hall(results=own)).open("W1")
    called(play)
    refused(play.desk(m.CallFinish, result="served"), Refusal.BAD_COMMAND)
    assert isinstance(play.desk(m.CallPark, result="later"), m.Done)


def test_where_the_rule_wants_it_a_console_says_the_result_and_a_pad_need_not() -> None:
    play = Play(hall(rules={"operator.outcome": "required"})).open("W1", "W2")
    label = called(play)
    assert refused(play.desk(m.CallFinish), Refusal.RESULT_NEEDED) == {"label": label}
    play.desk(m.CallStart)
    refused(play.wait(90).next(), Refusal.RESULT_NEEDED)
    play.desk(m.CallFinish, result="served")
    called(play, window="W2")
    assert isinstance(play.do(m.CallFinish(id="p", unit="pad-2"), BRIDGE), m.Done)


# --- breaks ----------------------------------------------------------------------------------------------------------------


def test_a_break_says_what_for_and_until_when_and_its_length_is_journaled(play: Play) -> None:
    begin = play.now
    play.desk(m.WindowPause, pause=PauseKind.LUNCH, minutes=30)
    assert (play.window().pause, play.window().back_at) == (PauseKind.LUNCH, play.local("09:30"))
    assert (play.last[0].facts["pause"], play.last[0].facts["minutes"]) == ("lunch", 30)
    play.at("09:20").desk(m.WindowPause, pause=PauseKind.LUNCH, minutes=20)
    assert (play.window().since, play.window().back_at) == (begin, play.local("09:40"))
    play.at("09:42").desk(m.WindowOpen)
    assert (play.window().pause, play.window().back_at) == (None, None)
    assert [read(Pause, row) for row in rows(play, "pause")] == [
        Pause("W1", begin, play.state.day.day, play.now, "ona", PauseKind.LUNCH, play.local("09:40"))
    ]


@pytest.mark.parametrize("end", [m.WindowClose, m.WindowLogout])
def test_a_break_ends_with_the_window_too(play: Play, end: type[m.WindowCommand]) -> None:
    play.desk(m.WindowPause)
    play.wait(60).desk(end)
    assert [row["operator"] for row in rows(play, "pause")] == ["ona"]
    assert play.window().back_at is None


def test_the_end_of_the_day_ends_a_break(play: Play) -> None:
    play.desk(m.WindowPause, pause=PauseKind.PAPERWORK)
    play.do(m.HallClose(**play.id()), CONSOLE)
    assert [row["kind"] for row in rows(play, "pause")] == ["paperwork"]


def test_the_forecast_expects_a_window_back_when_its_operator_said(play: Play) -> None:
    play.desk(m.WindowPause, minutes=45)
    window, desk = play.window(), play.state.floor.desks["W1"]
    now = play.now.timestamp() / 60
    spans = ((now - 60, now + 300),)
    assert _shifted(desk, window, spans, now).spans == ((now + 45, now + 300),)
    assert _shifted(desk, window, spans, now + 50).spans == ((now + 60, now + 300),)


# --- the silent alarm ------------------------------------------------------------------------------------------------------


def test_an_alarm_at_the_panel_is_journaled_as_one_at_a_pad_and_ended_by_a_console(play: Play) -> None:
    play.desk(m.WindowAlarm, operator="ona")
    assert (play.last[0].kind, play.last[0].facts) == ("alarm.raised", {"unit": "console-1", "window": "W1"})
    ended = m.AlarmEnd(id="e", unit="console-1", window="W1", operator="tam")
    assert isinstance(play.do(ended, CONSOLE), m.Done)
    assert (play.last[0].kind, play.last[0].who) == ("alarm.ended", "tam")
    refused(play.do(ended.model_copy(update={"id": "f"}), BRIDGE), Refusal.NOT_ALLOWED)
