"""A booking at the kiosk, without glass, hall or printer: the pad, what the hall answers, and the ticket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract import messages as m
from contract.words import Refusal
from glass.occurrence import Answered, Quiet
from kiosk import drawing, sample
from kiosk.state import Ask, Ended, Fate, Find, LookAtPaper, PaperSaid, Printed, Resumed, Screen
from tests.halls import load
from tests.kiosk_walk import CODE, Walk, booked, issued, words


@pytest.fixture
def walk() -> Walk:
    return Walk(load("ua-cnap"))


def typed(walk: Walk, code: str = CODE) -> Walk:
    walk.touch("booking", "lang:uk", *(f"digit:{sign}" for sign in code))
    return walk


def asked(walk: Walk) -> str:
    """Types the code and goes on; the id under which the hall is asked."""
    (find,) = typed(walk).touch("next")
    assert isinstance(find, Find)
    assert find.code == CODE
    return find.id


def found(walk: Walk) -> Walk:
    key = asked(walk)
    walk.feed(Answered(key, booked(key)))
    return walk


def test_the_way_from_the_first_touch_to_the_paper(walk: Walk) -> None:
    found(walk)
    assert walk.screen() is Screen.FOUND
    assert "Запис на 10:24" in words(walk)
    assert walk.touch("take") == (LookAtPaper(),)
    (ask,) = walk.feed(PaperSaid(""))
    assert isinstance(ask, Ask)
    assert ask.command == m.BookingCheckIn(id=ask.visit, code=CODE, lang="uk", paper=True)
    walk.feed(Answered(ask.command.id, issued(re=ask.command.id)), Printed(ask.command.id, Fate.CONFIRMED))
    assert walk.screen() is Screen.TAKE


def test_the_pad_takes_eight_digits_and_no_more(walk: Walk) -> None:
    typed(walk, "4071826399")
    assert walk.state.visit.code == CODE
    walk.touch("erase", "erase", "digit:5")
    assert walk.state.visit.code == "4071825"
    assert walk.touch("next") == ()
    assert walk.screen() is Screen.CODE
    walk.touch(*["erase"] * 9, "digit:x", "digit:", "digit:12", "digit:٣")
    assert walk.state.visit.code == ""


def test_the_key_to_go_on_is_there_when_the_code_is_whole(walk: Walk) -> None:
    moment = sample.moment(load("ua-cnap"))
    typed(walk, "4071826")
    assert drawing.draw(walk.state, walk.now, moment).control("next") is None
    walk.touch("digit:3")
    assert drawing.draw(walk.state, walk.now, moment).control("next") is not None


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        (Refusal.BOOKING_UNKNOWN, {}, "Запис із таким кодом не знайдено"),
        (Refusal.BOOKING_EARLY, {"time": "14:15"}, "Талон можна взяти з 14:15"),
        (Refusal.BOOKING_LATE, {}, "Час вашого запису минув"),
        (Refusal.BOOKING_OTHER_DAY, {"day": "2026-09-23"}, "на інший день: 23 вересня"),
        (Refusal.BOOKING_USED, {}, "талон уже видано"),
        (Refusal.BOOKING_CANCELLED, {}, "Цей запис скасовано"),
        (Refusal.NOT_ALLOWED, {}, "Щось пішло не так"),
    ],
)
def test_a_code_without_a_ticket_says_why_and_the_ways_out(
    walk: Walk, code: Refusal, facts: dict[str, str], said: str
) -> None:
    key = asked(walk)
    walk.feed(Answered(key, m.Refused(id="r", re=key, code=code, text="no", facts=facts)))
    assert walk.screen() is Screen.NO_BOOKING
    walk.wait(0)  # the hall's heart beats
    face = drawing.draw(walk.state, walk.now, sample.moment(load("ua-cnap")))
    assert said in words(walk)
    assert {"again", "ordinary", "person"} <= {control.key for control in face.controls}


def test_after_a_wrong_code_the_pad_is_empty_or_the_services_are_there(walk: Walk) -> None:
    key = asked(walk)
    no = m.Refused(id="r", re=key, code=Refusal.BOOKING_UNKNOWN, text="no")
    walk.feed(Answered(key, no))
    before = walk.state
    walk.touch("again")
    assert (walk.screen(), walk.state.visit.code) == (Screen.CODE, "")
    walk.state = before
    walk.touch("ordinary", "group:residence", "service:res-register", "take")
    (ask,) = walk.feed(PaperSaid(""))
    assert isinstance(ask, Ask)
    assert isinstance(ask.command, m.TicketIssue)


def test_a_silent_hall_is_said_and_the_question_ends(walk: Walk) -> None:
    key = asked(walk)
    walk.feed(Quiet(key))
    assert walk.state.visit.silent
    walk.wait(300)
    assert walk.screen() is Screen.FINDING
    walk.feed(Answered(key, None))
    assert walk.screen() is Screen.NO_BOOKING
    assert not walk.state.visit.silent


def test_a_late_answer_to_an_older_code_changes_nothing(walk: Walk) -> None:
    first = asked(walk)
    walk.feed(Answered(first, None))
    walk.touch("again", *(f"digit:{sign}" for sign in "11112222"))
    (find,) = walk.touch("next")
    walk.feed(Answered(first, booked(first)))
    assert walk.screen() is Screen.FINDING
    assert isinstance(find, Find)
    assert find.code == "11112222"


def test_a_booking_that_was_used_meanwhile_is_told(walk: Walk) -> None:
    found(walk).touch("take")
    (ask,) = walk.feed(PaperSaid(""))
    assert isinstance(ask, Ask)
    no = m.Refused(id="r", re=ask.command.id, code=Refusal.BOOKING_USED, text="no")
    assert walk.feed(Answered(ask.command.id, no)) == (Ended(ask.visit),)
    assert walk.screen() is Screen.NO_BOOKING


def test_without_paper_the_way_back_leads_to_the_booking(walk: Walk) -> None:
    found(walk).touch("take")
    walk.feed(PaperSaid("paper_out"))
    assert walk.screen() is Screen.NO_PAPER
    walk.touch("back")
    assert walk.screen() is Screen.FOUND
    walk.touch("take")
    walk.feed(PaperSaid("paper_out"))
    (ask,) = walk.touch("paperless")
    assert isinstance(ask, Ask)
    assert ask.command == m.BookingCheckIn(id=ask.visit, code=CODE, lang="uk", paper=False)


def test_a_check_in_that_was_cut_off_is_asked_again(walk: Walk) -> None:
    command = m.BookingCheckIn(id="kiosk-77", code=CODE, lang="uk")
    (ask,) = walk.feed(Resumed("kiosk-77", command, "uk", "res-register", ""))
    assert isinstance(ask, Ask)
    assert ask.command == command
    walk.feed(Answered("kiosk-77", issued(re="kiosk-77")), Printed("kiosk-77", Fate.CONFIRMED))
    assert walk.screen() is Screen.TAKE


def test_a_booking_is_checked_in_when_no_more_tickets_are_given(walk: Walk) -> None:
    assert walk.state.view is not None
    walk.state = replace(walk.state, view=walk.state.view.model_copy(update={"taking": False}))
    walk.touch("start")
    assert walk.screen() is Screen.ATTRACT
    assert "У мене є запис" in words(walk)
    found(walk)
    assert walk.screen() is Screen.FOUND


def test_a_hall_whose_codes_are_no_tickets_does_not_ask_for_them() -> None:
    hall = load("ua-cnap")
    walk = Walk(hall.model_copy(update={"rules": {**hall.rules, "booking.code_becomes_ticket": False}}))
    assert "У мене є запис" not in words(walk)


def test_back_from_the_languages_ends_the_visit_and_the_tool_comes_back_to_the_pad(walk: Walk) -> None:
    walk.touch("booking", "back")
    assert walk.screen() is Screen.ATTRACT
    typed(walk, "407").touch("language", "back")
    assert (walk.screen(), walk.state.visit.code) == (Screen.CODE, "407")
    walk.touch("back")
    assert (walk.screen(), walk.state.visit.code) == (Screen.ATTRACT, "")


def test_what_was_typed_is_gone_with_the_visitor(walk: Walk) -> None:
    typed(walk, "4071")
    walk.wait(46)
    assert walk.still_here()
    walk.wait(21)
    assert (walk.screen(), walk.state.visit.code) == (Screen.ATTRACT, "")
