"""The visitor's way through the terminal, without glass, registers, tills or printers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from contract import messages as m
from contract.hall import Hall
from contract.register import Dues, DueSum, Entry
from contract.words import HallState, Refusal
from glass.face import Face
from glass.occurrence import Answered, Beat, CardFailed, CardStep, CardSwiped, Configured, MouthSaid, Tick, Touch
from look.texts import Texts
from terminal import drawing, flow, sale, sample
from terminal.state import (
    Abandon,
    Again,
    AskDue,
    AskDues,
    AskPerson,
    CallPerson,
    Claimed,
    Credited,
    Doubtful,
    Fate,
    ForgetCard,
    Identified,
    Issue,
    Occurrence,
    Order,
    Ordered,
    Paid,
    PayCard,
    PayCash,
    PayStep,
    Printed,
    PrintPaper,
    PrintTicket,
    ReadCard,
    Receipt,
    Refused,
    Reprint,
    Resumed,
    Screen,
    Standing,
    State,
    StopCard,
    StopCash,
    Suggest,
    Suggested,
    Told,
    Unpaid,
    Untold,
    Visit,
    Ways,
    Wipe,
)
from tests.halls import load

RECEIPT = Receipt("card", "p-1", "40718263")


class Walk:
    """Drives the flow; time stands still but for `wait`, and each touch comes a second after the one before."""

    def __init__(self, hall: Hall) -> None:
        self.hall, self.now = hall, sample.NOW
        self.state: State = sample.opened(hall, hall.default_language)
        self.effects: list[Any] = []
        self.alive = True
        self.tokens = iter(f"t{n}" for n in range(1, 10_000))

    def feed(self, *occurrences: Occurrence) -> tuple[Any, ...]:
        last: tuple[Any, ...] = ()
        for occurrence in occurrences:
            self.state, last = flow.step(self.state, occurrence, self.now)
            self.effects += last
        return last

    def touch(self, *keys: str) -> tuple[Any, ...]:
        last: tuple[Any, ...] = ()
        for key in keys:
            self.now += 1.0
            if self.alive:
                self.state = replace(self.state, beat_at=self.now)
            last = self.feed(Touch(key, next(self.tokens)))
        return last

    def wait(self, seconds: float) -> tuple[Any, ...]:
        self.now += seconds
        return self.feed(Tick())

    def shown(self) -> set[str]:
        return {control.key for control in self.face().controls}

    def face(self) -> Face:
        return drawing.draw(self.state, self.now, sample.moment(self.hall))

    def text(self) -> str:
        return " ".join(self.face().script())

    def screen(self) -> Screen:
        return self.state.screen

    @property
    def visit(self) -> Visit:
        return self.state.visit

    def menu(self) -> Walk:
        self.touch("start", f"lang:{self.hall.default_language}")
        return self

    def identified(self, service: str) -> Walk:
        """The card was read."""
        self.menu().touch(f"service:{service}", "agree", *(f"digit:{sign}" for sign in "123456"))
        (read,) = self.touch("next")
        assert isinstance(read, ReadCard)
        self.feed(CardStep(read.key, "read", 0.5), Identified(read.key, {"surname": "Вигадана"}))
        return self

    def total(self) -> Walk:
        """One of what is owed was chosen: 618.37."""
        self.menu().touch("dues", "by:code", *(f"digit:{sign}" for sign in "VK1047"))
        (ask,) = self.touch("next")
        assert isinstance(ask, AskDue)
        self.feed(Told(ask.key, sample.owed(self.hall)))
        self.touch("due:d0")
        assert self.screen() is Screen.TOTAL
        return self

    def paying(self, way: str) -> Walk:
        """The order `o` is being paid."""
        self.total()
        (order,) = self.touch(f"pay:{way}")
        assert isinstance(order, Order)
        self.feed(Ordered(order.key, "o", "qr-text"))
        return self


@pytest.fixture
def walk() -> Walk:
    return Walk(load("ua-cnap"))


def jobs(effects: Sequence[Any]) -> list[PrintPaper]:
    return [effect for effect in effects if isinstance(effect, PrintPaper)]


# --- papers without money ------------------------------------------------------------------------------------------------


def test_a_card_brings_a_certificate_and_nothing_stays(walk: Walk) -> None:
    walk.identified("res-extract")
    ask = walk.effects[-1]
    assert isinstance(ask, AskPerson)
    assert walk.screen() is Screen.ASKING
    person = sample.person(walk.hall)
    walk.feed(Told(ask.key, person))
    assert walk.screen() is Screen.CHECK
    assert person.names["uk"].split()[0] in walk.text()
    (job,) = walk.touch("right")
    assert isinstance(job, PrintPaper)
    assert (job.kind, job.values.layout, job.values.person) == ("certificate", "extract", person)
    walk.feed(Printed(job.key, Fate.SENT))
    assert walk.screen() is Screen.WORKING
    walk.feed(Printed(job.key, Fate.DONE))
    assert walk.screen() is Screen.TAKE
    assert walk.wait(13) == (Wipe(),)
    assert (walk.screen(), walk.visit) == (Screen.ATTRACT, Visit())


def test_a_paper_that_hangs_out_keeps_the_screen_until_it_is_taken(walk: Walk) -> None:
    walk.identified("res-extract")
    walk.feed(Told(walk.effects[-1].key, sample.person(walk.hall)))
    (job,) = walk.touch("right")
    walk.feed(Printed(job.key, Fate.DONE), MouthSaid(waiting=True))
    walk.wait(60)
    assert walk.screen() is Screen.TAKE
    walk.feed(MouthSaid(waiting=False), Tick())
    assert walk.screen() is Screen.ATTRACT


def test_what_is_known_of_a_visitor_is_never_in_a_repr(walk: Walk) -> None:
    walk.identified("res-extract")
    walk.feed(Told(walk.effects[-1].key, sample.person(walk.hall)))
    effects = walk.touch("right")
    for text in ("Верболозенко", "Вигадана", "0000000000", "123456"):
        assert text not in repr(walk.state)
        assert text not in repr(effects)
    assert "Верболозенко" not in repr(Told("k", sample.person(walk.hall)))


def test_a_paper_that_is_surely_not_out_can_be_printed_again_twice_and_one_in_doubt_never(walk: Walk) -> None:
    walk.identified("res-extract")
    walk.feed(Told(walk.effects[-1].key, sample.person(walk.hall)))
    walk.touch("right")
    for _ in range(sale.AGAIN_MAX):
        job = jobs(walk.effects)[-1]
        assert walk.feed(Printed(job.key, Fate.VOID)) == (CallPerson(wanted=True),)
        assert "again" in walk.shown()
        again = walk.touch("again")
        assert [e.key != job.key for e in again if isinstance(e, PrintPaper)] == [True]
        assert CallPerson(wanted=False) in again
    walk.feed(Printed(jobs(walk.effects)[-1].key, Fate.VOID))
    assert "again" not in walk.shown()
    assert walk.touch("done") == (CallPerson(wanted=False), Wipe())


def test_a_paper_of_which_nothing_is_heard_is_told_as_in_doubt(walk: Walk) -> None:
    walk.identified("res-extract")
    walk.feed(Told(walk.effects[-1].key, sample.person(walk.hall)))
    walk.touch("right")
    walk.wait(flow.PRINT_S + 1)
    assert walk.screen() is Screen.TAKE
    assert "again" not in walk.shown()


# --- the card and the registers ------------------------------------------------------------------------------------------


def test_a_card_that_cannot_be_read_leaves_the_queue(walk: Walk) -> None:
    walk.menu().touch("service:res-extract", "agree", *(f"digit:{sign}" for sign in "123456"))
    (read,) = walk.touch("next")
    walk.feed(CardFailed(read.key, "not_id_card"))
    assert walk.screen() is Screen.NO_CARD
    assert walk.touch("ticket") == (Wipe(),)
    assert (walk.screen(), walk.visit.service) == (Screen.TICKET, "res-extract")


def test_a_swipe_counts_only_where_digits_are_typed(walk: Walk) -> None:
    swipe = CardSwiped("s", ("ID0000001", "010190", "310130"))
    walk.menu().touch("service:res-extract")
    assert walk.feed(swipe) == ()
    walk.touch("agree")
    (read,) = walk.feed(swipe)
    assert isinstance(read, ReadCard)
    assert read.typed == swipe.typed


def test_leaving_while_the_card_is_read_forgets_it(walk: Walk) -> None:
    walk.menu().touch("service:res-extract", "agree", *(f"digit:{sign}" for sign in "123456"), "next")
    assert walk.touch("back") == (ForgetCard(), Wipe())
    assert walk.visit == Visit()


@pytest.mark.parametrize(("fault", "again"), [("register_away", True), ("unknown", False), ("bad_answer", True)])
def test_registers_that_give_nothing_say_why_and_offer_a_way_on(walk: Walk, fault: str, again: bool) -> None:
    walk.identified("res-extract")
    walk.feed(Untold(walk.effects[-1].key, fault))
    assert walk.screen() is Screen.NO_ANSWER
    assert {"ticket", "back"} <= walk.shown()
    assert ("again" in walk.shown()) is again
    if again:
        (ask,) = walk.touch("again")
        assert isinstance(ask, AskPerson)


def test_an_answer_to_another_question_is_no_answer(walk: Walk) -> None:
    walk.identified("res-extract")
    walk.feed(Told("other", sample.person(walk.hall)))
    assert walk.screen() is Screen.ASKING
    walk.feed(Told(walk.effects[-1].key, sample.household(walk.hall, 2)))
    assert (walk.screen(), walk.visit.fault) == (Screen.NO_ANSWER, "bad_answer")


def test_a_code_that_nobody_could_look_up_is_asked_for_again(walk: Walk) -> None:
    walk.menu().touch("dues", "by:code", *(f"digit:{sign}" for sign in "VK1047"))
    (ask,) = walk.touch("next")
    walk.feed(Untold(ask.key, "register_away"))
    (again,) = walk.touch("again")
    assert (again.code, again.key != ask.key) == ("VK1047", True)


def test_who_laid_a_card_there_is_told_to_take_it(walk: Walk) -> None:
    walk.identified("res-extract")
    assert Texts("uk").get("terminal.take_card") in walk.text()


def test_silent_registers_are_away(walk: Walk) -> None:
    walk.identified("res-extract")
    walk.wait(flow.ASK_S + 1)
    assert (walk.screen(), walk.visit.fault) == (Screen.NO_ANSWER, "register_away")


def test_who_owes_nothing_is_told_so(walk: Walk) -> None:
    walk.menu().touch("dues", "by:card", "agree", *(f"digit:{sign}" for sign in "123456"))
    (read,) = walk.touch("next")
    (ask,) = walk.feed(Identified(read.key, {}))
    assert isinstance(ask, AskDues)
    walk.feed(Told(ask.key, Dues()))
    assert walk.screen() is Screen.NO_ANSWER
    assert "again" not in walk.shown()


def test_services_that_cannot_be_had_keep_their_place_and_say_why(walk: Walk) -> None:
    walk.feed(Ways(card=True))
    walk.menu()
    assert "service:res-extract" not in walk.shown()
    assert "service:land-extract" in walk.shown()
    walk.touch("service:res-extract")
    assert walk.screen() is Screen.MENU


# --- the form ------------------------------------------------------------------------------------------------------------


def form(walk: Walk) -> Walk:
    walk.identified("res-register")
    walk.feed(Told(walk.effects[-1].key, sample.person(walk.hall)))
    assert walk.screen() is Screen.FORM
    return walk


def entry(id_: str, name: str) -> Entry:
    return Entry(id=id_, names={"uk": name, "en": name}, was=("Стара назва",))


def typed(walk: Walk, text: str) -> Suggest | None:
    effects: tuple[Any, ...] = ()
    for sign in text:
        effects = walk.touch("sign:space" if sign == " " else f"sign:{sign.upper()}")
    return effects[0] if effects and isinstance(effects[0], Suggest) else None


def chosen(walk: Walk, id_: str, name: str) -> None:
    ask = typed(walk, name[:3])
    assert ask is not None
    walk.feed(Suggested(ask.key, (entry(id_, name),)))
    walk.touch(f"pick:{id_}")


def test_a_form_is_filled_from_directories_and_by_hand_and_checked(walk: Walk) -> None:
    form(walk)
    ask = typed(walk, "Кал")
    assert ask is not None
    assert ask == Suggest(ask.key, "settlements", "", "Кал", "uk")
    walk.feed(Suggested("older", (entry("s9", "Інше"),)))
    assert walk.visit.suggestions == ()
    walk.feed(Suggested(ask.key, (entry("s1", "Калинопіль"),)))
    walk.touch("pick:s1")
    street = typed(walk, "вер")
    assert street is not None
    assert street.under == "s1"
    walk.touch("next")  # nothing fits: typed freely
    assert walk.visit.answers["street"].free
    typed(walk, "128а")
    walk.touch("next", "skip", "choose:owner")
    assert walk.screen() is Screen.CHECK
    assert {name: answer.text for name, answer in walk.visit.answers.items()} == {
        "settlement": "Калинопіль", "street": "Вер", "house": "128а", "flat": "", "ground": "Власник житла",
    }  # fmt: skip
    walk.touch("right")
    assert walk.screen() is Screen.TOTAL


def test_an_entry_typed_to_the_letter_is_that_entry_also_by_its_old_name(walk: Walk) -> None:
    form(walk)
    ask = typed(walk, "стара назва")
    assert ask is not None
    walk.feed(Suggested(ask.key, (entry("s1", "Калинопіль"),)))
    walk.touch("next")
    answer = walk.visit.answers["settlement"]
    assert (answer.text, answer.value, answer.free) == ("Калинопіль", "s1", False)


def test_another_settlement_asks_for_its_street_again_and_for_nothing_else(walk: Walk) -> None:
    form(walk)
    chosen(walk, "s1", "Калинопіль")
    chosen(walk, "t1", "Вербова")
    typed(walk, "1")
    walk.touch("next", "skip", "choose:owner", "correct:settlement")
    assert "street" not in walk.visit.answers
    chosen(walk, "s2", "Вербівка")
    assert walk.visit.index == 1
    chosen(walk, "t2", "Лісова")
    assert walk.screen() is Screen.CHECK


def test_streets_of_a_settlement_that_no_list_has_are_not_looked_for(walk: Walk) -> None:
    form(walk)
    typed(walk, "хутір")
    walk.touch("next")
    assert typed(walk, "Лісова") is None


def test_back_leads_through_the_questions_and_out_of_the_form_with_nothing(walk: Walk) -> None:
    form(walk)
    chosen(walk, "s1", "Калинопіль")
    walk.touch("back")
    assert (walk.screen(), walk.visit.index) == (Screen.FORM, 0)
    assert walk.touch("back") == (Wipe(),)
    assert walk.screen() is Screen.MENU


# --- paying --------------------------------------------------------------------------------------------------------------


def test_an_order_is_durable_before_anything_is_paid_and_two_touches_are_one(walk: Walk) -> None:
    walk.total()
    (order,) = walk.touch("pay:card")
    assert order == Order(order.key, "", "d0", 61837, "UAH", walk.hall.payees[0].id, "uk")
    assert walk.touch("pay:card", "pay:cash") == ()
    assert walk.feed(Ordered(order.key, "o")) == (PayCard("o"),)
    assert walk.feed(Ordered(order.key, "o")) == ()
    assert walk.screen() is Screen.PAY_CARD


def test_a_paid_sum_brings_its_receipt(walk: Walk) -> None:
    walk.paying("card")
    walk.feed(PayStep("o", "pin"))
    (job,) = walk.feed(Paid("o", RECEIPT))
    assert (job.kind, job.values.receipt, job.values.amount_minor) == ("receipt", RECEIPT, 61837)
    walk.feed(Printed(job.key, Fate.DONE))
    assert walk.screen() is Screen.TAKE
    assert walk.feed(Paid("o", RECEIPT), Unpaid("o", "declined"), Doubtful("o")) == ()
    assert walk.screen() is Screen.TAKE


def test_a_paid_service_brings_its_paper_and_the_receipt(walk: Walk) -> None:
    form(walk)
    chosen(walk, "s1", "Калинопіль")
    chosen(walk, "t1", "Вербова")
    typed(walk, "1")
    walk.touch("next", "skip", "choose:owner", "right")
    (order,) = walk.touch("pay:card")
    walk.feed(Ordered(order.key, "o"))
    papers = walk.feed(Paid("o", RECEIPT))
    assert [job.kind for job in papers] == ["certificate", "receipt"]
    assert papers[0].values.answers["street"].value == "t1"


def test_a_declined_card_leads_back_to_the_sum_with_the_sentence_and_the_same_order(walk: Walk) -> None:
    walk.paying("card").feed(Unpaid("o", "declined"))
    assert (walk.screen(), walk.visit.unpaid) == (Screen.TOTAL, "declined")
    assert walk.touch("pay:cash") == (PayCash("o"),)


def test_stopping_a_card_payment_waits_for_its_end(walk: Walk) -> None:
    walk.paying("card")
    assert walk.touch("stop") == (StopCard("o"),)
    assert walk.touch("stop") == ()
    assert (walk.screen(), "stop" in walk.shown()) == (Screen.PAY_CARD, False)
    walk.feed(Paid("o", RECEIPT))
    assert walk.screen() is Screen.WORKING
    assert jobs(walk.effects)[-1].kind == "receipt"


def test_a_visitor_who_leaves_before_paying_leaves_no_order(walk: Walk) -> None:
    walk.paying("card").feed(Unpaid("o", "cancelled"))
    walk.wait(46)
    assert walk.state.still_here
    assert walk.wait(21) == (Abandon("o"), Wipe())


def test_an_unclear_payment_offers_no_other_way_and_calls_staff(walk: Walk) -> None:
    walk.paying("card")
    assert walk.feed(Doubtful("o")) == (CallPerson(wanted=True),)
    assert walk.screen() is Screen.UNKNOWN
    assert walk.shown() == {"done", "person", "contrast", "lower"}
    assert not {"pay.declined", "відхилив"} & set(walk.text().split())
    walk.feed(Unpaid("o", "not_performed"))
    assert walk.screen() is Screen.ERROR
    assert walk.touch("done") == (Abandon("o"), Wipe())


def test_an_unclear_payment_that_was_made_after_all_brings_the_receipt(walk: Walk) -> None:
    walk.paying("card").feed(Doubtful("o"))
    effects = walk.feed(Paid("o", RECEIPT))
    assert [job.kind for job in jobs(list(effects))] == ["receipt"]
    assert CallPerson(wanted=False) in effects


def test_leaving_an_unclear_payment_abandons_nothing(walk: Walk) -> None:
    walk.paying("card").feed(Doubtful("o"))
    assert walk.touch("done") == (CallPerson(wanted=False), Wipe())


def test_a_payment_of_which_nothing_is_heard_is_not_clear(walk: Walk) -> None:
    walk.paying("card").wait(flow.PAY_S + 1)
    assert walk.screen() is Screen.UNKNOWN


def test_a_receipt_that_is_not_out_is_owed_by_a_code(walk: Walk) -> None:
    walk.paying("card").feed(Paid("o", RECEIPT))
    walk.feed(Printed(jobs(walk.effects)[-1].key, Fate.UNKNOWN))
    assert walk.screen() is Screen.TAKE
    assert "40718263" in walk.text()


def test_an_order_that_came_too_late_is_given_up(walk: Walk) -> None:
    walk.total()
    (order,) = walk.touch("pay:card")
    walk.wait(flow.ORDER_S + 1)
    assert (walk.screen(), walk.visit.unpaid) == (Screen.TOTAL, "not_performed")
    assert walk.feed(Ordered(order.key, "late")) == (Abandon("late"),)


def test_no_order_means_that_nothing_was_taken(walk: Walk) -> None:
    walk.total()
    (order,) = walk.touch("pay:card")
    walk.feed(Refused(order.key, "disk_full"))
    assert walk.screen() is Screen.TOTAL
    assert walk.visit.order == ""


def test_a_way_that_broke_is_not_offered(walk: Walk) -> None:
    walk.total().feed(Ways(cash=True, notes=(1000,), paper=True))
    assert {"pay:card", "pay:qr"} & walk.shown() == set()
    assert walk.touch("pay:card") == ()


# --- notes ---------------------------------------------------------------------------------------------------------------


def test_that_no_change_is_given_is_said_before_the_first_note(walk: Walk) -> None:
    walk.total()
    cash = walk.face().control("pay:cash")
    assert cash is not None
    assert "620" in cash.text
    walk.touch("pay:cash")
    walk.feed(Ordered(walk.effects[-1].key, "o"))
    assert walk.screen() is Screen.PAY_CASH
    assert "620" in walk.text()


@pytest.mark.parametrize(
    ("minor", "notes", "least"), [(61837, (1000, 5000), 62000), (62000, (1000,), 62000), (1, (500,), 500)]
)
def test_what_a_sum_is_in_notes(minor: int, notes: tuple[int, ...], least: int) -> None:
    assert sale.in_notes(minor, notes) == least


def test_stopping_with_notes_inside_is_asked_once_more_and_gives_a_slip(walk: Walk) -> None:
    walk.paying("cash").feed(Credited("o", 20000))
    assert walk.touch("stop") == ()
    assert walk.screen() is Screen.STOP_CASH
    walk.touch("more")
    assert walk.screen() is Screen.PAY_CASH
    assert walk.touch("stop", "stop") == (StopCash("o"),)
    (job,) = walk.feed(Claimed("o", "12345678", 20000))
    assert (job.kind, job.values.code, job.values.minor) == ("claim", "12345678", 20000)
    assert walk.screen() is Screen.CLAIM
    assert "12345678" in walk.text()
    assert walk.touch("done") == (Wipe(),)


def test_stopping_with_nothing_inside_leads_back_to_the_sum(walk: Walk) -> None:
    walk.paying("cash")
    assert walk.touch("stop") == (StopCash("o"),)
    walk.feed(Unpaid("o", "cancelled"))
    assert walk.screen() is Screen.TOTAL


def test_a_visitor_who_goes_away_from_notes_leaves_a_slip(walk: Walk) -> None:
    walk.paying("cash").feed(Credited("o", 20000))
    walk.wait(46)
    assert walk.wait(21) == (StopCash("o"),)
    assert walk.screen() is Screen.WORKING
    walk.feed(Claimed("o", "12345678", 20000))
    assert walk.screen() is Screen.CLAIM
    assert walk.wait(flow.CLAIM_S + 1) == (Wipe(),)


def test_a_note_is_a_sign_of_life(walk: Walk) -> None:
    walk.paying("cash").wait(46)
    assert walk.state.still_here
    walk.feed(Credited("o", 20000))
    assert not walk.state.still_here


def test_a_visitor_who_goes_away_before_the_first_note_leaves_nothing(walk: Walk) -> None:
    walk.paying("cash").wait(46)
    walk.wait(21)
    assert walk.feed(Unpaid("o", "cancelled")) == (Abandon("o"), Wipe())


def test_a_note_that_comes_when_none_is_awaited_is_not_forgotten(walk: Walk) -> None:
    walk.paying("cash").touch("stop")
    walk.feed(Unpaid("o", "cancelled"))
    walk.feed(Credited("o", 20000))
    assert walk.screen() is Screen.UNKNOWN
    assert sale.offered(walk.state, sale.Sum(61837, "UAH")) == frozenset()


def test_a_card_that_was_charged_after_the_no_stops_the_notes(walk: Walk) -> None:
    walk.paying("card").feed(Unpaid("o", "declined"))
    walk.touch("pay:cash")
    stop, job = walk.feed(Paid("o", RECEIPT))
    assert stop == StopCash("o")
    assert job.kind == "receipt"
    walk.feed(Claimed("o", "12345678", 1000))
    assert walk.screen() is Screen.CLAIM


# --- the transfer code ---------------------------------------------------------------------------------------------------


def test_a_transfer_code_never_says_paid(walk: Walk) -> None:
    walk.paying("qr")
    assert walk.screen() is Screen.PAY_QR
    (job,) = walk.touch("print")
    assert (job.kind, job.values.qr) == ("transfer", "qr-text")
    walk.feed(Printed(job.key, Fate.DONE))
    assert walk.screen() is Screen.TAKE
    assert "Оплату прийнято" not in walk.text()
    assert walk.touch("done") == (Abandon("o"), Wipe())


# --- a restart -----------------------------------------------------------------------------------------------------------


def test_a_restart_in_the_middle_of_a_payment_says_to_wait_and_tells_how_it_ended(walk: Walk) -> None:
    resumed = Resumed("o", "en", "land-extract", 16640, "UAH")
    walk.feed(resumed)
    assert (walk.screen(), walk.state.lang) == (Screen.UNKNOWN, "en")
    (job,) = walk.feed(Paid("o", RECEIPT))
    assert job.kind == "receipt"
    walk.feed(Printed(job.key, Fate.DONE))
    assert walk.screen() is Screen.TAKE


def test_a_restart_that_forgot_the_form_says_where_the_rest_is(walk: Walk) -> None:
    walk.feed(Resumed("o", "en", "res-register", 4992, "UAH"))
    papers = walk.feed(Paid("o", RECEIPT))
    assert [job.kind for job in papers] == ["receipt"]
    walk.feed(Printed(papers[0].key, Fate.DONE))
    assert "Get the rest at a window" in walk.text()


def test_a_restart_does_not_throw_out_a_visitor(walk: Walk) -> None:
    walk.menu().feed(Resumed("o", "en", "land-extract", 16640, "UAH"))
    assert walk.screen() is Screen.MENU


# --- codes and tickets ---------------------------------------------------------------------------------------------------


def test_an_owed_receipt_is_printed_by_its_code(walk: Walk) -> None:
    walk.menu().touch("reprint", *(f"digit:{sign}" for sign in "4071"))
    (job,) = walk.touch("next")
    assert job == Reprint(job.key, "4071")
    walk.feed(Untold(job.key, "unknown"))
    assert walk.screen() is Screen.NO_ANSWER
    walk.touch("back", "reprint", *(f"digit:{sign}" for sign in "4071"))
    (job,) = walk.touch("next")
    walk.feed(Printed(job.key, Fate.DONE))
    assert walk.screen() is Screen.TAKE


def test_a_ticket_for_the_queue_is_asked_for_once_and_shown_whatever_the_paper_does(walk: Walk) -> None:
    walk.menu().touch("ticket", "group:residence", "service:res-child")
    (ask,) = walk.touch("take")
    assert isinstance(ask, Issue)
    assert walk.touch("take") == ()
    issued = m.Issued(
        id="r", re=ask.command.id, ticket="t1", label="A047", day=sample.moment(walk.hall).date(), service="res-child", zone="hall",
        lang="uk", issued_at=sample.moment(walk.hall), people_ahead=1,
    )  # fmt: skip
    assert walk.feed(Answered(ask.command.id, issued)) == (PrintTicket(ask.command.id, issued),)
    walk.feed(Printed(ask.command.id, Fate.VOID))
    assert walk.screen() is Screen.NUMBER
    assert "A047" in walk.text()


def test_a_ticket_that_nobody_answers_is_asked_for_again_by_the_same_id(walk: Walk) -> None:
    walk.menu().touch("ticket", "group:residence", "service:res-child")
    (ask,) = walk.touch("take")
    walk.feed(Answered(ask.command.id, None))
    assert walk.screen() is Screen.ERROR
    assert walk.touch("again") == (ask,)
    walk.feed(Answered(ask.command.id, m.Refused(id="r", re=ask.command.id, code=Refusal.LAST_TICKETS, text="")))
    assert "again" not in walk.shown()


def test_a_ticket_that_was_asked_for_before_a_restart_is_asked_for_by_the_same_id(walk: Walk) -> None:
    command = m.TicketIssue(id="t-7", service="res-child", lang="ru", paper=True)
    assert walk.feed(Again(command)) == (Issue(command),)
    assert (walk.screen(), walk.state.lang, walk.state.visit.ask) == (Screen.WORKING, "ru", command)
    walk.feed(Answered("t-7", m.Refused(id="r", re="t-7", code=Refusal.LAST_TICKETS, text="")))
    assert walk.screen() is Screen.ERROR
    assert walk.feed(Again(command)) == ()  # somebody stands here


def test_a_ticket_for_a_service_that_is_gone_is_not_asked_for_again(walk: Walk) -> None:
    assert walk.feed(Again(m.TicketIssue(id="t-7", service="was-once", lang="uk", paper=True))) == ()
    assert walk.screen() is Screen.ATTRACT


def test_a_hall_out_of_reach_stops_tickets_and_nothing_else(walk: Walk) -> None:
    walk.alive = False
    walk.wait(3600)
    walk.menu()
    assert "ticket" not in walk.shown()
    assert "dues" in walk.shown()


@pytest.mark.parametrize("state", [HallState.CLOSED, HallState.INTERRUPTED])
def test_a_closed_hall_begins_no_visit_and_ends_none(walk: Walk, state: HallState) -> None:
    beat = walk.state.beat
    assert beat is not None
    walk.paying("card").feed(Beat(beat.model_copy(update={"state": state}), live=True))
    walk.feed(Paid("o", RECEIPT))
    walk.feed(Printed(jobs(walk.effects)[-1].key, Fate.DONE))
    walk.touch("done", "start")
    assert walk.screen() is Screen.ATTRACT
    assert flow.standing(walk.state, walk.now).value == state.value


def test_without_the_halls_time_nothing_begins(walk: Walk) -> None:
    fresh = State(hall=walk.hall, ways=walk.state.ways)
    assert flow.standing(fresh, 0.0) is Standing.STARTING
    assert walk.state.beat is not None
    heard, _ = flow.step(fresh, Beat(walk.state.beat, live=False), 1.0)
    assert flow.standing(heard, 1.0) is Standing.STARTING


# --- covers and settings -------------------------------------------------------------------------------------------------


def test_a_person_is_called_once_and_it_is_over_when_the_visitor_says_so(walk: Walk) -> None:
    walk.menu()
    assert walk.touch("person") == (CallPerson(wanted=True),)
    assert walk.touch("dues") == ()
    assert walk.touch("close") == (CallPerson(wanted=False),)


def test_more_time_is_given_as_often_as_is_allowed(walk: Walk) -> None:
    walk.menu()
    for _ in range(10):
        walk.wait(61)
        walk.touch("more_time")
    assert walk.screen() is Screen.MENU
    walk.wait(61)
    assert walk.screen() is Screen.ATTRACT


def test_a_new_hall_document_waits_for_the_next_visitor(walk: Walk) -> None:
    newer = walk.hall.model_copy(update={"revision": walk.hall.revision + 1})
    walk.menu().feed(Configured(newer))
    assert walk.state.hall == walk.hall
    walk.touch("back")
    assert walk.state.hall == newer


def test_a_touch_meant_for_the_screen_before_does_nothing(walk: Walk) -> None:
    walk.menu()
    walk.feed(Touch("dues", "x"))
    assert walk.screen() is Screen.MENU


def test_a_due_in_another_currency_takes_no_notes(walk: Walk) -> None:
    walk.menu()
    due = DueSum(id="d", code="c", names={"uk": "x"}, amount_minor=100, currency="KZT")
    walk.state = replace(walk.state, visit=Visit(due=due))
    wanted = sale.due(walk.state)
    assert wanted is not None
    assert "cash" not in sale.offered(walk.state, wanted)
