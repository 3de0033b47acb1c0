"""The visitor's way through the kiosk, without glass, hall or printer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract import messages as m
from contract.hall_part import Question, Service
from contract.topics import STALE_S
from contract.words import HallState, Refusal
from glass.occurrence import Answered, Beat, Configured, Identify, Linked, MouthSaid, Quiet, Touch, Viewed
from kiosk import cover, drawing, model, offer, paper, sample, ticket
from kiosk.state import (
    Ask,
    Ended,
    Fate,
    LookAtPaper,
    PaperSaid,
    Person,
    Print,
    Printed,
    Resumed,
    Screen,
    Standing,
    State,
)
from look.texts import Texts
from printers.document import Fact
from printers.ticket import document
from tests.halls import load
from tests.kiosk_walk import Walk, issued


@pytest.fixture
def walk() -> Walk:
    return Walk(load("ua-cnap"))


def printing(walk: Walk) -> Walk:
    """A visitor whose ticket is issued and being printed."""
    walk.confirm().touch("take")
    walk.feed(PaperSaid(""), Answered("kiosk-5", issued()), Printed("kiosk-5", Fate.SENT))
    return walk


# --- the way to a ticket -------------------------------------------------------------------------------------------------


def test_visitor_gets_a_printed_ticket_in_the_chosen_language(walk: Walk) -> None:
    walk.confirm()
    assert (walk.screen(), walk.state.lang) == (Screen.CONFIRM, "uk")
    assert walk.touch("take") == (LookAtPaper(),)
    (ask,) = walk.feed(PaperSaid(""))
    assert isinstance(ask, Ask)
    assert ask.command == m.TicketIssue(id="kiosk-5", service="res-register", lang="uk", paper=True)
    assert walk.feed(Answered("kiosk-5", issued())) == (Print("kiosk-5", issued(), ""),)
    walk.feed(Printed("kiosk-5", Fate.SENT))
    assert walk.screen() is Screen.WORKING
    assert walk.feed(Printed("kiosk-5", Fate.CONFIRMED)) == (Ended("kiosk-5"),)
    assert walk.screen() is Screen.TAKE
    walk.wait(12)
    assert walk.screen() is Screen.ATTRACT


def test_paper_that_hangs_out_of_the_printer_keeps_the_screen_until_it_is_taken(walk: Walk) -> None:
    printing(walk).feed(Printed("kiosk-5", Fate.CONFIRMED), MouthSaid(waiting=True))
    walk.wait(30)
    assert walk.screen() is Screen.TAKE
    walk.feed(MouthSaid(waiting=False))
    walk.wait(1)
    assert walk.screen() is Screen.ATTRACT


def test_printer_that_proves_nothing_is_believed_by_the_visitor(walk: Walk) -> None:
    assert printing(walk).feed(Printed("kiosk-5", Fate.UNPROVED)) == (Ended("kiosk-5"),)
    assert walk.screen() is Screen.TAKE


def test_paper_at_the_neighbour_is_asked_for_there_and_told(walk: Walk) -> None:
    walk.confirm().touch("take")
    walk.feed(PaperSaid("", "kiosk-2"))
    assert walk.feed(Answered("kiosk-5", issued())) == (Print("kiosk-5", issued(), "", "kiosk-2"),)
    walk.feed(Printed("kiosk-5", Fate.CONFIRMED))
    assert (walk.screen(), walk.state.visit.where) == (Screen.TAKE, "kiosk-2")


def test_lent_printer_is_looked_at_again(walk: Walk) -> None:
    walk.confirm().touch("take")
    walk.feed(PaperSaid("printer_lent"))
    assert walk.screen() is Screen.WORKING
    walk.wait(9)
    walk.feed(PaperSaid("printer_lent"))
    assert walk.screen() is Screen.NO_PAPER


def test_paper_is_asked_before_a_number_is_used(walk: Walk) -> None:
    walk.confirm().touch("take")
    walk.feed(PaperSaid("paper_out"))
    assert walk.screen() is Screen.NO_PAPER
    assert walk.state.visit.fault == "paper_out"
    assert walk.asked() == []


def test_paperless_is_the_visitors_choice_and_shows_the_number(walk: Walk) -> None:
    walk.confirm().touch("take")
    walk.feed(PaperSaid("paper_out"))
    (ask,) = walk.touch("paperless")
    assert isinstance(ask, Ask)
    assert ask.command.paper is False
    assert ask.command.id == "kiosk-5"
    assert walk.feed(Answered("kiosk-5", issued())) == (Ended("kiosk-5"),)
    assert walk.screen() is Screen.NUMBER
    assert not [effect for effect in walk.effects if isinstance(effect, Print)]


def test_other_kiosk_leaves_no_trace(walk: Walk) -> None:
    walk.confirm().touch("take")
    walk.feed(PaperSaid("cover_open"))
    walk.touch("other_kiosk")
    assert walk.screen() is Screen.ATTRACT
    assert walk.asked() == []


@pytest.mark.parametrize("gap_s", [0.0, 0.05, 0.4, 1.9])
def test_double_touch_asks_once(walk: Walk, gap_s: float) -> None:
    walk.confirm().touch("take")
    walk.feed(PaperSaid(""))
    walk.now += gap_s
    walk.feed(Touch("take", "kiosk-99"), PaperSaid(""), Touch("take", "kiosk-98"))
    assert [ask.command.id for ask in walk.asked()] == ["kiosk-5"]


def test_second_tap_of_a_double_tap_does_not_reach_the_next_screen(walk: Walk) -> None:
    walk.touch("start", "lang:uk", "group:residence", "service:res-register")
    walk.now += 0.1
    assert walk.feed(Touch("take", "kiosk-99")) == ()
    assert walk.screen() is Screen.CONFIRM
    walk.now += 0.2
    assert walk.feed(Touch("take", "kiosk-99")) == (LookAtPaper(),)


def test_answer_twice_prints_once(walk: Walk) -> None:
    printing(walk).feed(Answered("kiosk-5", issued()), Answered("kiosk-5", issued("A048")))
    assert [effect for effect in walk.effects if isinstance(effect, Print)] == [Print("kiosk-5", issued(), "")]
    assert walk.state.visit.issued == issued()


def test_hall_with_one_language_does_not_ask_for_it() -> None:
    walk = Walk(load("ua-cnap").model_copy(update={"languages": ("uk",)}))
    walk.touch("start")
    assert walk.screen() is Screen.GROUPS


def test_priority_is_asked_only_of_who_says_so_and_can_be_taken_back(walk: Walk) -> None:
    walk.confirm().touch("priority")
    assert walk.screen() is Screen.PRIORITY
    walk.touch("priority:military")
    assert (walk.screen(), walk.state.visit.priority) == (Screen.CONFIRM, "military")
    walk.touch("priority")
    assert (walk.screen(), walk.state.visit.priority) == (Screen.CONFIRM, None)
    walk.touch("priority", "priority:military", "take")
    (ask,) = walk.feed(PaperSaid(""))
    assert isinstance(ask, Ask)
    assert isinstance(ask.command, m.TicketIssue)
    assert ask.command.priority_group == "military"


def test_self_service_first_is_said_but_a_ticket_may_be_taken() -> None:
    walk = Walk(load("kz-con"))
    service = next(s for s in load("kz-con").services if s.channel == "self_service_first")
    walk.touch("start", "lang:kk", f"group:{service.group}", f"service:{service.id}")
    assert walk.screen() is Screen.NOTICE
    walk.touch("ticket")
    assert walk.screen() is Screen.CONFIRM


def asked() -> Walk:
    walk = Walk(load("kz-con"))
    walk.touch("start", "lang:kk", "group:residence", "service:res-register")
    assert walk.screen() is Screen.QUESTION
    return walk


def test_a_service_may_ask_before_it_gives_a_ticket() -> None:
    walk = asked()
    walk.touch("reply:nothing")
    assert walk.screen() is Screen.QUESTION
    walk.touch("reply:a-yes")
    assert (walk.screen(), walk.state.visit.service) == (Screen.CONFIRM, "res-register")


def test_who_needs_no_ticket_is_told_where_to_go_and_may_answer_again() -> None:
    walk = asked()
    walk.touch("reply:b-no")
    assert walk.screen() is Screen.ELSEWHERE
    walk.touch("take", "ticket")
    assert walk.screen() is Screen.ELSEWHERE
    walk.touch("back")
    assert walk.screen() is Screen.QUESTION
    walk.touch("reply:b-no", "done")
    assert walk.screen() is Screen.ATTRACT


def test_who_does_not_know_gets_a_person() -> None:
    walk = asked()
    assert walk.touch("reply:c-unsure") == (Person(wanted=True),)
    walk.touch("close")
    assert walk.screen() is Screen.QUESTION


def test_an_answer_may_give_another_services_ticket_unless_that_is_closed() -> None:
    hall = load("kz-con")
    services = tuple(
        s.model_copy(update={"question": _leading_to(s, "res-temporary")}) if s.id == "res-register" else s for s in hall.services
    )  # fmt: skip
    walk = Walk(hall.model_copy(update={"services": services}))
    walk.touch("start", "lang:kk", "group:residence", "service:res-register", "reply:a-yes")
    assert (walk.screen(), walk.state.visit.service) == (Screen.CONFIRM, "res-temporary")
    walk.touch("back", "service:res-register")
    assert walk.state.view is not None
    walk.feed(Viewed(walk.state.view.model_copy(update={"closed_services": ("res-temporary",)})))
    walk.touch("reply:a-yes")
    assert walk.screen() is Screen.QUESTION


def _leading_to(service: Service, other: str) -> Question:
    assert service.question is not None
    first, *more = service.question.replies
    return service.question.model_copy(update={"replies": (first.model_copy(update={"service": other}), *more)})


def test_closed_service_cannot_be_chosen(walk: Walk) -> None:
    assert walk.state.view is not None
    walk.feed(Viewed(walk.state.view.model_copy(update={"closed_services": ("res-register",)})))
    walk.confirm()
    assert walk.screen() is Screen.SERVICES


@pytest.mark.parametrize("key", ["service:", "service:nothing", "group:x", "lang:zz", "page:x", "take", "", "close"])
def test_keys_that_do_not_fit_the_screen_change_nothing_but_the_idle_time(walk: Walk, key: str) -> None:
    walk.touch("start", "lang:uk", "group:residence")
    before = walk.state
    assert walk.touch(key) == ()
    assert replace(walk.state, touched_at=before.touched_at) == before


def test_back_walks_the_way_and_ends_before_the_first_screen(walk: Walk) -> None:
    walk.confirm()
    seen = []
    for _ in range(3):
        walk.touch("back")
        seen.append(walk.screen())
    assert seen == [Screen.SERVICES, Screen.GROUPS, Screen.ATTRACT]


def test_language_is_switched_on_the_spot(walk: Walk) -> None:
    walk.confirm().touch("language", "lang:en")
    assert (walk.screen(), walk.state.lang) == (Screen.CONFIRM, "en")


# --- a silent or refusing hall ---------------------------------------------------------------------------------------------


def test_silence_is_said_and_the_late_answer_still_counts(walk: Walk) -> None:
    walk.confirm().touch("take")
    walk.feed(PaperSaid(""), Quiet("kiosk-5"))
    assert walk.state.visit.silent
    assert walk.feed(Answered("kiosk-5", issued())) == (Print("kiosk-5", issued(), ""),)


def test_no_answer_is_an_error_and_trying_again_keeps_the_id(walk: Walk) -> None:
    walk.confirm().touch("take")
    walk.feed(PaperSaid(""), Answered("kiosk-5", None))
    assert walk.screen() is Screen.ERROR
    walk.touch("again")
    assert [ask.command.id for ask in walk.asked()] == ["kiosk-5", "kiosk-5"]
    walk.feed(Answered("kiosk-5", issued()), Printed("kiosk-5", Fate.CONFIRMED))
    assert walk.screen() is Screen.TAKE


def test_refusal_is_an_error_with_its_reason(walk: Walk) -> None:
    walk.confirm().touch("take")
    refused = m.Refused(id="r", re="kiosk-5", code=Refusal.SERVICE_CLOSED, text="closed")
    assert walk.feed(PaperSaid(""), Answered("kiosk-5", refused)) == (Ended("kiosk-5"),)
    assert (walk.screen(), walk.state.visit.refusal) == (Screen.ERROR, Refusal.SERVICE_CLOSED)
    walk.touch("again")
    assert len(walk.asked()) == 1


def test_answer_to_somebody_elses_question_is_ignored(walk: Walk) -> None:
    walk.confirm().touch("take")
    walk.feed(PaperSaid(""))
    assert walk.feed(Answered("kiosk-4", issued())) == ()
    assert walk.screen() is Screen.WORKING


# --- paper that fails ------------------------------------------------------------------------------------------------------


def test_voided_job_gets_a_new_label_that_keeps_the_place(walk: Walk) -> None:
    printing(walk)
    walk.feed(Printed("kiosk-5", Fate.UNKNOWN))
    assert walk.feed(Printed("kiosk-5", Fate.VOIDED)) == (LookAtPaper(),)
    (ask,) = walk.feed(PaperSaid(""))
    assert isinstance(ask, Ask)
    assert ask.command == m.TicketVoid(id="kiosk-5.1", ticket="t1", replace=True, paper=True)
    again = issued("A048", "kiosk-5.1", "t2")
    assert walk.feed(Answered("kiosk-5.1", again)) == (Print("kiosk-5", again, "A047"),)
    walk.feed(Printed("kiosk-5.1", Fate.CONFIRMED))
    assert walk.screen() is Screen.TAKE
    assert (walk.state.visit.old, walk.state.visit.issued) == ("A047", again)


def test_voided_job_without_paper_shows_the_new_number(walk: Walk) -> None:
    printing(walk).feed(Printed("kiosk-5", Fate.VOIDED))
    (ask,) = walk.feed(PaperSaid("paper_out"))
    assert isinstance(ask, Ask)
    assert ask.command.paper is False
    walk.feed(Answered("kiosk-5.1", issued("A048", "kiosk-5.1", "t2")))
    assert (walk.screen(), walk.state.visit.old) == (Screen.NUMBER, "A047")


def test_doubt_does_not_keep_the_visitor_waiting(walk: Walk) -> None:
    printing(walk).feed(Printed("kiosk-5", Fate.UNKNOWN))
    assert walk.wait(paper.UNKNOWN_S - 0.1) == ()
    (ask,) = walk.wait(0.2)
    assert isinstance(ask, Ask)
    assert ask.command == m.TicketVoid(id="kiosk-5.1", ticket="t1", paper=False)


def test_printer_without_a_word_counts_as_unknown(walk: Walk) -> None:
    printing(walk)
    assert walk.wait(paper.PRINT_S - 0.1) == ()
    assert [type(effect) for effect in walk.wait(0.2)] == [Ask]


def test_printer_that_settles_is_looked_at_again(walk: Walk) -> None:
    printing(walk).feed(Printed("kiosk-5", Fate.VOIDED), PaperSaid("printer_settling"))
    assert walk.wait(0.25) == (LookAtPaper(),)
    (ask,) = walk.feed(PaperSaid(""))
    assert isinstance(ask, Ask)
    assert ask.command.paper is True


def test_printer_that_does_not_settle_is_given_up(walk: Walk) -> None:
    walk.confirm().touch("take")
    walk.feed(PaperSaid("printer_settling"))
    assert walk.screen() is Screen.WORKING
    assert walk.wait(paper.UNKNOWN_S) == (LookAtPaper(),)
    walk.feed(PaperSaid("printer_settling"))
    assert walk.screen() is Screen.NO_PAPER


def test_late_confirmation_within_the_wait_is_a_good_paper(walk: Walk) -> None:
    printing(walk).feed(Printed("kiosk-5", Fate.UNKNOWN), Printed("kiosk-5", Fate.CONFIRMED))
    assert walk.screen() is Screen.TAKE
    assert len(walk.asked()) == 1


def test_ticket_called_meanwhile_keeps_its_label(walk: Walk) -> None:
    printing(walk).feed(Printed("kiosk-5", Fate.VOIDED), PaperSaid(""))
    refused = m.Refused(id="r", re="kiosk-5.1", code=Refusal.WRONG_STATE, text="called")
    walk.feed(Answered("kiosk-5.1", refused))
    assert (walk.screen(), walk.state.visit.old) == (Screen.NUMBER, "")
    assert walk.state.visit.issued == issued()


def test_after_three_bad_papers_the_number_is_shown(walk: Walk) -> None:
    printing(walk)
    for n in range(1, ticket.REPLACE_MAX + 1):
        job = "kiosk-5" if n == 1 else f"kiosk-5.{n - 1}"
        walk.feed(Printed(job, Fate.VOIDED), PaperSaid(""))
        walk.feed(Answered(f"kiosk-5.{n}", issued(f"A05{n}", f"kiosk-5.{n}", f"t{n}")))
    assert walk.screen() is Screen.NUMBER
    assert [ask.command.paper for ask in walk.asked()] == [True, True, True, False]


def test_news_of_a_dead_job_changes_nothing(walk: Walk) -> None:
    printing(walk).feed(Printed("kiosk-5", Fate.UNKNOWN))
    walk.wait(paper.UNKNOWN_S)
    walk.feed(Answered("kiosk-5.1", issued("A048", "kiosk-5.1", "t2")))
    before = walk.state
    assert walk.feed(Printed("kiosk-5", Fate.CONFIRMED)) == ()
    assert walk.state == before


@pytest.mark.parametrize("void", [False, True])
def test_restart_asks_again_by_the_same_id_and_settles(walk: Walk, void: bool) -> None:
    ask: m.TicketIssue | m.TicketVoid = m.TicketIssue(id="kiosk-7", service="res-register", lang="en")
    if void:
        ask = m.TicketVoid(id="kiosk-7.1", ticket="t1")
    (again,) = walk.feed(Resumed("kiosk-7", ask, "en", "res-register", "A047" if void else ""))
    assert again == Ask("kiosk-7", ask, "en", "res-register", "A047" if void else "")
    assert (walk.screen(), walk.state.lang) == (Screen.WORKING, "en")
    reply = issued("A048", ask.id, "t2")
    assert walk.feed(Answered(ask.id, reply)) == (Print("kiosk-7", reply, "A047" if void else ""),)
    walk.feed(Printed(ask.id, Fate.VOIDED), PaperSaid(""))
    assert walk.asked()[-1].command.id == ("kiosk-7.2" if void else "kiosk-7.1")


# --- time, help, modes -----------------------------------------------------------------------------------------------------


def test_idle_visitor_is_asked_then_forgotten(walk: Walk) -> None:
    walk.confirm().touch("contrast", "lower")
    walk.wait(44.9)
    assert not walk.still_here()
    walk.wait(0.2)
    assert walk.still_here()
    walk.wait(19.9)
    assert walk.screen() is Screen.CONFIRM
    walk.wait(0.2)
    assert walk.screen() is Screen.ATTRACT
    assert (walk.contrast(), walk.state.low, walk.state.lang) == (False, False, "uk")
    assert walk.state.visit.service == ""


def test_more_time_gives_a_minute_ten_times(walk: Walk) -> None:
    walk.confirm()
    walk.wait(45.1)
    for _ in range(10):
        assert walk.still_here()
        walk.touch("more_time")
        walk.wait(59.9)
        assert not walk.still_here()
        walk.wait(0.2)
    assert walk.screen() is Screen.ATTRACT


def test_touch_beside_the_question_does_not_answer_it(walk: Walk) -> None:
    walk.confirm()
    walk.wait(45.1)
    walk.touch("take")
    assert walk.still_here()
    walk.touch("finish")
    assert walk.screen() is Screen.ATTRACT


def test_printing_does_not_time_out(walk: Walk) -> None:
    walk.confirm().touch("take")
    walk.feed(PaperSaid(""))
    walk.wait(120)
    assert (walk.screen(), walk.still_here()) == (Screen.WORKING, False)


def test_person_is_called_and_the_call_ends(walk: Walk) -> None:
    assert walk.touch("person") == (Person(wanted=True),)
    assert walk.person()
    assert walk.touch("person") == ()
    assert walk.touch("close") == (Person(wanted=False),)
    walk.touch("person")
    assert walk.wait(cover.PERSON_S) == (Person(wanted=False),)
    assert not walk.person()


def test_mode_set_on_the_attract_screen_is_put_back(walk: Walk) -> None:
    walk.touch("contrast")
    assert walk.contrast()
    walk.wait(45.1)
    assert not walk.contrast()


# --- the hall --------------------------------------------------------------------------------------------------------------


def test_new_configuration_waits_for_the_visitor_to_finish(walk: Walk) -> None:
    assert walk.state.hall is not None
    newer = walk.state.hall.model_copy(update={"revision": 2})
    walk.confirm().feed(Configured(newer))
    assert walk.state.hall.revision == 1
    walk.touch("back", "back", "back")
    assert (walk.screen(), walk.state.hall.revision, walk.state.staged) == (Screen.ATTRACT, 2, None)
    walk.feed(Configured(newer.model_copy(update={"revision": 3})))
    assert walk.state.hall.revision == 3


def test_standing_follows_what_is_heard(walk: Walk) -> None:
    beat, view = walk.state.beat, walk.state.view
    assert beat is not None
    assert view is not None
    now = walk.now
    assert offer.standing(walk.state, now) is Standing.READY
    assert offer.standing(walk.state, now + 10) is Standing.OFFLINE
    for state, means in ((HallState.CLOSED, Standing.CLOSED), (HallState.INTERRUPTED, Standing.INTERRUPTED)):
        walk.feed(Beat(beat.model_copy(update={"state": state}), live=True))
        assert offer.standing(walk.state, now) is means
    walk.feed(Beat(beat.model_copy(update={"refusing": Refusal.NO_ROOM}), live=True))
    assert offer.standing(walk.state, now) is Standing.REFUSING
    walk.feed(Beat(beat, live=True), Viewed(view.model_copy(update={"taking": False})))
    assert offer.standing(walk.state, now) is Standing.LAST_TICKETS
    walk.feed(Beat(beat.model_copy(update={"lost": True}), live=True))
    assert offer.standing(walk.state, now) is Standing.OFFLINE


def test_broker_may_blink_but_not_stay_away(walk: Walk) -> None:
    walk.feed(Linked(up=False))
    assert offer.standing(walk.state, walk.now + 1.9) is Standing.READY
    assert offer.standing(walk.state, walk.now + 2.0) is Standing.OFFLINE


def test_retained_truth_is_not_believed_before_a_live_heartbeat(walk: Walk) -> None:
    beat = walk.state.beat
    assert beat is not None
    walk.state = replace(walk.state, beat=None, beat_at=None)
    walk.feed(Beat(beat, live=False))
    assert offer.standing(walk.state, walk.now) is Standing.OFFLINE
    assert offer.waiting(walk.state, "res-register", walk.now) is None


def test_closed_hall_does_not_begin_a_visit(walk: Walk) -> None:
    assert walk.state.beat is not None
    walk.feed(Beat(walk.state.beat.model_copy(update={"state": HallState.CLOSED}), live=True))
    walk.touch("start")
    assert walk.screen() is Screen.ATTRACT


def seen(walk: Walk) -> str:
    return drawing.draw(walk.state, walk.now, sample.moment(load("ua-cnap"))).name


def test_identity_stands_for_its_seconds_and_a_touch_begins_all_the_same(walk: Walk) -> None:
    walk.feed(Identify("kiosk-1", 5))
    walk.wait(4.9)
    assert seen(walk) == "identify"
    walk.wait(0.2)
    assert seen(walk) == "attract"
    walk.feed(Identify("kiosk-1", 5))
    walk.touch("start")
    assert seen(walk) == "language"


def test_identity_disturbs_no_visit(walk: Walk) -> None:
    walk.confirm()
    shown_at = walk.state.shown_at
    walk.feed(Identify("kiosk-1", 5))
    assert seen(walk) == "confirm"
    walk.wait(6)
    assert (seen(walk), walk.state.shown_at) == ("confirm", shown_at)


def test_kiosk_without_a_hall_can_be_found() -> None:
    state, _ = model.step(State(), Identify("kiosk-1", 5), 1.0)
    assert drawing.draw(state, 1.0, sample.moment(load("ua-cnap"))).script() == ("kiosk-1",)


def script(state: State, now: float = sample.NOW) -> str:
    return " | ".join(drawing.draw(state, now, sample.moment(load("ua-cnap"))).script())


def told(low: int, high: int | None) -> str:
    return Texts("uk").wait(low, high)


def with_waits(state: State, **waits: m.Wait) -> State:
    assert state.view is not None
    return replace(
        state, view=state.view.model_copy(update={"waits": {k.replace("_", "-"): w for k, w in waits.items()}})
    )


def test_wait_is_told_with_the_service_and_before_the_ticket_is_taken(walk: Walk) -> None:
    walk.touch("start", "lang:uk", "group:residence")
    services = with_waits(walk.state, res_register=m.Wait(low=15, high=25))
    control = drawing.draw(services, walk.now, sample.moment(load("ua-cnap"))).control("service:res-register")
    assert control is not None
    assert control.text.endswith(Texts("uk").get("kiosk.wait_range", wait=told(15, 25)))
    walk.touch("service:res-register")
    assert told(15, 25) in script(with_waits(walk.state, res_register=m.Wait(low=15, high=25)), walk.now)
    assert told(60, None) in script(with_waits(walk.state, res_register=m.Wait(low=60)), walk.now)


def test_wait_that_nobody_knows_is_said_to_be_unknown(walk: Walk) -> None:
    seen = script(with_waits(walk.confirm().state, res_other=m.Wait(low=15, high=25)), walk.now)
    assert Texts("uk").get("kiosk.wait_unknown") in seen
    assert Texts("uk").get("kiosk.wait_about") not in seen


def test_wait_of_walk_ins_is_not_told_to_a_visitor_with_priority(walk: Walk) -> None:
    state = with_waits(walk.confirm().state, res_register=m.Wait(low=15, high=25))
    group = load("ua-cnap").priority_groups[0].id
    for screen in (Screen.CONFIRM, Screen.SERVICES):
        seen = [
            script(replace(state, screen=screen, visit=replace(state.visit, priority=priority)), walk.now)
            for priority in (None, group)
        ]
        assert [told(15, 25) in each for each in seen] == [True, False]


@pytest.mark.parametrize("screen", [Screen.SERVICES, Screen.CONFIRM])
def test_wait_of_a_silent_hall_is_not_told(walk: Walk, screen: Screen) -> None:
    state = with_waits(walk.confirm().state, res_register=m.Wait(low=15, high=25))
    state = replace(state, beat_at=walk.now, screen=screen)
    later = [round(STALE_S * share, 1) for share in (0.9, 1.0)]
    assert [told(15, 25) in script(state, walk.now + s) for s in later] == [True, False]
    retained = replace(state, beat_at=None)
    assert told(15, 25) not in script(retained, walk.now)


@pytest.mark.parametrize(("wait", "words"), [(m.Wait(low=0, high=10), told(0, 10)), (m.Wait(low=60), told(60, None))])
def test_number_and_paper_tell_the_wait_that_the_hall_promised(walk: Walk, wait: m.Wait, words: str) -> None:
    ticket = issued().model_copy(update={"wait": wait})
    walk.confirm().touch("take")
    walk.feed(PaperSaid(""), Answered("kiosk-5", ticket), Printed("kiosk-5", Fate.CONFIRMED))
    assert (walk.screen(), words in script(walk.state, walk.now)) == (Screen.TAKE, True)
    doc = document(load("ua-cnap"), ticket, "")
    assert doc.facts[0] == Fact(Texts("uk").get("ticket.wait_title"), words, Texts("uk").get("ticket.estimate_note"))


def test_paper_without_a_known_wait_tells_how_many_are_ahead(walk: Walk) -> None:
    printing(walk).feed(Printed("kiosk-5", Fate.CONFIRMED))
    assert walk.screen() is Screen.TAKE
    assert Texts("uk").get("ticket.wait_title") not in script(walk.state, walk.now)
    doc = document(load("ua-cnap"), issued(), "")
    assert doc.facts[0] == Fact(Texts("uk").get("ticket.ahead_title"), str(issued().people_ahead))


def test_booked_time_is_told_instead_of_a_wait() -> None:
    hall = load("ua-cnap")
    at = sample.moment(hall)
    doc = document(hall, issued().model_copy(update={"booked_at": at, "wait": m.Wait(low=15, high=25)}), "")
    assert doc.facts[0] == Fact(Texts("uk").get("ticket.booked_title"), Texts("uk").time(at, hall.zone_info))
