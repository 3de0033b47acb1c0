"""Bookings: booked, moved, cancelled, checked in by code, given up; limits per person; and who may do it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from card_reader.privacy import keyed_hash
from contract import messages as m
from contract.words import BookingState, Refusal, Role, TicketState
from coordinator.bookings import seal
from coordinator.draft import Actor
from coordinator.record import Booking
from journal.event import body
from tests.small_hall import BOARD, BRIDGE, CONSOLE, KEY, KIOSK, Play, hall, parts, refused

DAY = "2026-03-18"
PERSON = "AB 123-456 invented"


def opened(clock: str = "09:00", **rules: Any) -> Play:
    """The small hall with rules (`__` for the dot), open since nine, with one window."""
    named = {key.replace("__", ".", 1): value for key, value in rules.items()}
    return Play(hall(rules=named)).open("W1").at(clock)


def of(play: Play, code: str) -> Booking:
    found = play.state.diary.find(code)
    assert found is not None
    return found


def state(play: Play, code: str) -> BookingState:
    return of(play, code).state


# --- book ------------------------------------------------------------------------------------------------------------------


def test_a_booking_has_a_code_its_time_and_when_it_can_be_checked_in() -> None:
    play = opened()
    booked = play.book("10:00", DAY, priority_group="parent")
    assert (booked.start, booked.minutes) == (play.local("10:00", DAY), 15)
    assert booked.check_in_from == play.local("09:45", DAY)
    assert play.kinds() == ["booking.booked"]
    kept = of(play, booked.code)
    assert (kept.day, kept.priority_group, kept.state) == (date(2026, 3, 18), "parent", BookingState.BOOKED)


def test_codes_cannot_be_guessed_and_the_same_command_has_the_same() -> None:
    codes = {seal.code(KEY, f"kiosk-1/c{n}", 0) for n in range(500)}
    assert len(codes) == 500
    assert all(len(code) == 8 and code.isdigit() for code in codes)
    assert seal.code(KEY, "kiosk-1/c1", 0) == seal.code(KEY, "kiosk-1/c1", 0)
    assert seal.code(bytes(32), "kiosk-1/c1", 0) != seal.code(KEY, "kiosk-1/c1", 0)


def test_a_code_that_is_taken_is_not_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "code", lambda _key, _command, attempt: f"{40718263 + attempt}")
    play = opened()
    assert [play.book(at, DAY).code for at in ("10:00", "11:00")] == ["40718263", "40718264"]


@pytest.mark.parametrize(
    ("clock", "day", "code"),
    [
        ("09:00", "2026-03-17", Refusal.BOOKING_PAST),
        ("10:00", "2026-03-16", Refusal.BOOKING_PAST),
        ("10:07", DAY, Refusal.NO_SLOT),
        ("08:45", DAY, Refusal.NO_SLOT),
        ("17:00", DAY, Refusal.NO_SLOT),
        ("10:00", "2026-03-21", Refusal.NO_SLOT),
        ("10:00", "2026-04-01", Refusal.BOOKING_NOT_YET),
    ],
)
def test_a_time_that_is_none_is_refused_by_name(clock: str, day: str, code: Refusal) -> None:
    refused(opened().book(clock, day), code)


def test_midnight_of_another_time_zone_is_not_a_slot_and_another_zones_noon_is() -> None:
    play = opened()
    utc_midnight = datetime(2026, 3, 18, tzinfo=UTC)
    said: dict[str, Any] = {"service": "advice", "lang": "en"}
    refused(play.do(m.BookingBook(**play.id(), start=utc_midnight, **said), CONSOLE), Refusal.NO_SLOT)
    far = (utc_midnight + timedelta(hours=4)).astimezone(timezone(timedelta(hours=-9)))
    reply = play.do(m.BookingBook(**play.id(), start=far, **said), CONSOLE)
    assert isinstance(reply, m.Booked)
    assert of(play, reply.code).day == date(2026, 3, 18)


@pytest.mark.parametrize("day", ["2026-03-16", "2026-04-01"])
def test_slots_are_told_of_days_that_can_be_booked_only(day: str) -> None:
    reply = opened().question(m.BookingSlots, service="advice", day=date.fromisoformat(day))
    refused(reply, Refusal.BOOKING_PAST if day < DAY else Refusal.BOOKING_NOT_YET)


def test_the_newest_day_opens_at_its_hour() -> None:
    play = opened(booking__horizon_days=7, booking__horizon_days_kiosk=7, booking__opens_at="10:00")
    facts = refused(play.book("10:00", "2026-03-24"), Refusal.BOOKING_NOT_YET)
    assert facts == {"day": "2026-03-17", "time": "10:00"}
    assert isinstance(play.at("10:00").book("10:00", "2026-03-24"), m.Booked)


def test_the_hall_itself_sees_as_far_as_its_kiosk() -> None:
    play = opened(booking__horizon_days=3, booking__horizon_days_kiosk=14)
    assert isinstance(play.book("10:00", "2026-03-31"), m.Booked)
    assert isinstance(play.book("10:00", "2026-03-31", KIOSK, person=PERSON), m.Booked)
    refused(play.book("10:00", "2026-04-01"), Refusal.BOOKING_NOT_YET)


def test_a_slot_too_near_is_refused_with_the_limit() -> None:
    assert refused(opened(booking__soonest_min=120).book("10:45"), Refusal.BOOKING_SOON) == {"limit": "120"}


def test_services_priority_and_language_are_the_halls() -> None:
    play = opened()
    refused(play.book("10:00", DAY, service="flying"), Refusal.UNKNOWN_SERVICE)
    refused(play.book("10:00", DAY, priority_group="pilot"), Refusal.BAD_COMMAND)
    refused(play.book("10:00", DAY, lang="uk"), Refusal.BAD_COMMAND)
    assert refused(play.book("10:00", DAY, then=("birth",)), Refusal.BOOKING_LIMIT) == {"limit": "1"}


def test_who_may_book_move_and_list() -> None:
    play = opened()
    code = play.book("10:00", DAY).code
    for actor in (BOARD, BRIDGE):
        refused(play.book("11:00", DAY, actor, person=PERSON), Refusal.NOT_ALLOWED)
        refused(play.question(m.BookingFind, actor, code=code), Refusal.NOT_ALLOWED)
    for actor in (KIOSK, BRIDGE):
        refused(play.do(m.BookingCancel(**play.id(), code=code), actor), Refusal.NOT_ALLOWED)
        refused(play.question(m.BookingDay, actor, day=date(2026, 3, 18)), Refusal.NOT_ALLOWED)


# --- persons ---------------------------------------------------------------------------------------------------------------


def test_nobody_is_named_in_events_answers_and_messages_printed() -> None:
    play = opened()
    booked = play.book("10:00", DAY, KIOSK, person=PERSON)
    said = " ".join([*(body(event) for event in play.events), m.encode(booked).decode()])
    hidden = seal.person(KEY, PERSON)
    assert PERSON not in said
    assert hidden not in said
    command = m.BookingBook(id="c", service="advice", start=play.now, lang="en", person=PERSON)
    assert PERSON not in repr(command) + str(command)
    assert [b.code for b in play.state.diary.of(hidden)] == [booked.code]


def test_a_number_is_the_same_however_it_is_written() -> None:
    assert seal.person(KEY, "+380 (44) 000-00-01") == seal.person(KEY, "380440000001")
    assert seal.person(KEY, "ab123") == seal.person(KEY, "AB 123")
    assert seal.person(KEY, "ab124") != seal.person(KEY, "ab123")
    assert seal.person(bytes(32), "ab123") != seal.person(KEY, "ab123")


def test_at_a_machine_a_booking_needs_a_person() -> None:
    play = opened()
    refused(play.book("10:00", DAY, KIOSK), Refusal.BAD_COMMAND)
    assert isinstance(play.book("10:00", DAY), m.Booked)


def test_open_bookings_of_a_person_are_limited_and_others_are_not_hindered() -> None:
    play = opened(booking__per_person_active=2, booking__per_person_per_day=2)
    codes = [play.book(at, DAY, person=PERSON).code for at in ("10:00", "11:00")]
    assert refused(play.book("12:00", DAY, person="ab123456INVENTED"), Refusal.BOOKING_LIMIT) == {"limit": "2"}
    assert isinstance(play.book("12:00", DAY, person="another 77"), m.Booked)
    play.ok(m.BookingCancel(**play.id(), code=codes[0]), CONSOLE)
    assert isinstance(play.book("13:00", DAY, person=PERSON), m.Booked)


def test_bookings_of_a_person_for_one_day_are_limited() -> None:
    play = opened(booking__per_person_active=9, booking__per_person_per_day=1)
    play.book("10:00", DAY, person=PERSON)
    refused(play.book("11:00", DAY, person=PERSON), Refusal.BOOKING_LIMIT)
    assert isinstance(play.book("11:00", "2026-03-19", person=PERSON), m.Booked)


def test_a_period_counts_every_stretch_of_its_length_whatever_the_order() -> None:
    play = opened(booking__per_person_per_period=2, booking__period_days=5, booking__cancelled_count=True)
    for day in ("2026-03-18", "2026-03-23", "2026-03-20"):  # 18 and 20, 20 and 23: two in each stretch
        booked = play.book("10:00", day, person=PERSON)
        play.ok(m.BookingCancel(**play.id(), code=booked.code), CONSOLE)
    assert refused(play.book("10:00", "2026-03-19", person=PERSON), Refusal.BOOKING_LIMIT) == {"limit": "2"}
    assert isinstance(play.book("10:00", "2026-03-27", person=PERSON), m.Booked)


@pytest.mark.parametrize("counted", [False, True])
def test_cancelled_bookings_count_where_the_rule_says_so(counted: bool) -> None:
    play = opened(booking__cancelled_count=counted)
    code = play.book("10:00", DAY, person=PERSON).code
    play.ok(m.BookingCancel(**play.id(), code=code), CONSOLE)
    again = play.book("11:00", DAY, person=PERSON)
    assert isinstance(again, m.Refused if counted else m.Booked)


def test_a_company_has_a_limit_of_its_own() -> None:
    play = opened(booking__company_per_day=2)
    for at in ("10:00", "11:00"):
        assert isinstance(play.book(at, DAY, person="company 1", company=True), m.Booked)
    refused(play.book("12:00", DAY, person="company 1", company=True), Refusal.BOOKING_LIMIT)
    assert isinstance(play.book("12:00", "2026-03-19", person="company 1", company=True), m.Booked)


def test_the_same_service_again_waits_for_the_gap_and_cancelling_lifts_it() -> None:
    play = opened(booking__per_person_active=9, booking__again_after_days=3)
    code = play.book("10:00", DAY, person=PERSON).code
    assert refused(play.book("10:00", "2026-03-20", person=PERSON), Refusal.BOOKING_AGAIN) == {"limit": "3"}
    assert isinstance(play.book("10:00", "2026-03-19", person=PERSON, service="birth"), m.Booked)
    play.ok(m.BookingCancel(**play.id(), code=code), CONSOLE)
    assert isinstance(play.book("10:00", "2026-03-20", person=PERSON), m.Booked)


def test_who_missed_too_often_books_in_person_only() -> None:
    play = opened(booking__no_show_block_after=2, booking__per_person_active=9, booking__per_person_per_day=9)
    for at in ("10:00", "11:00"):
        play.book(at, person=PERSON)
    play.at("17:01").tick()
    refused(play.book("10:00", DAY, KIOSK, person=PERSON), Refusal.BOOKING_BLOCKED)
    assert isinstance(play.book("10:00", DAY, CONSOLE, person=PERSON), m.Booked)


# --- move and cancel -------------------------------------------------------------------------------------------------------


def move(play: Play, code: str, clock: str, day: str = DAY) -> Any:
    return play.do(m.BookingMove(**play.id(), code=code, start=play.local(clock, day)), CONSOLE)


def test_moving_keeps_the_code_and_gives_the_old_slot_back() -> None:
    play = opened(booking__share_online=0.1)
    code = play.book("10:00", DAY, person=PERSON).code
    assert "10:00" not in play.slots(DAY)
    moved = move(play, code, "11:00")
    assert (moved.code, moved.start) == (code, play.local("11:00", DAY))
    shown = play.slots(DAY)
    assert "10:00" in shown
    assert "11:00" not in shown
    assert [b.state for b in play.state.diary.on(date(2026, 3, 18))] == [BookingState.MOVED, BookingState.BOOKED]


def test_a_booking_moves_into_its_own_slot_where_that_is_freed() -> None:
    play = opened(booking__share_online=0.1)
    code = play.book("10:00", DAY).code
    assert isinstance(move(play, code, "10:00"), m.Booked)


def test_moving_keeps_the_slot_taken_where_the_rule_says_so() -> None:
    play = opened(booking__share_online=0.1, booking__rebook_frees_slot=False)
    move(play, play.book("10:00", DAY).code, "11:00")
    assert "10:00" not in play.slots(DAY)


def test_moving_is_held_to_the_limits_of_the_person() -> None:
    play = opened(booking__per_person_active=2)
    first = play.book("10:00", DAY, person=PERSON).code
    play.book("10:00", "2026-03-19", person=PERSON)
    refused(move(play, first, "11:00", "2026-03-19"), Refusal.BOOKING_LIMIT)
    assert isinstance(move(play, first, "11:00", "2026-03-20"), m.Booked)
    refused(move(play, "00000000", "11:00"), Refusal.BOOKING_UNKNOWN)


def test_a_cancelled_slot_comes_back_after_its_quarantine() -> None:
    play = opened(booking__share_online=0.1, booking__freed_slot_quarantine_min=30)
    code = play.book("10:00", DAY).code
    play.ok(m.BookingCancel(**play.id(), code=code), CONSOLE)
    assert "10:00" not in play.wait(29 * 60).slots(DAY)
    assert "10:00" in play.wait(60).slots(DAY)
    refused(move(play, code, "11:00"), Refusal.BOOKING_CANCELLED)


# --- check in --------------------------------------------------------------------------------------------------------------


def test_a_code_becomes_one_ticket_whose_clock_starts_at_the_booked_time() -> None:
    play = opened()
    code = play.book("10:00", priority_group="parent").code
    found = play.at("09:50").question(m.BookingFind, KIOSK, code=code)
    assert (found.service, found.start) == ("advice", play.local("10:00"))
    issued = play.check_in(code)
    assert issued.booked_at == play.local("10:00")
    assert play.kinds() == ["ticket.issued", "booking.checked_in"]
    ticket = play.ticket(issued.label)
    assert (ticket.clock_at, ticket.booked_at, ticket.priority) == (play.local("10:00"), play.local("10:00"), 2)
    assert (state(play, code), of(play, code).ticket) == (BookingState.CHECKED_IN, ticket.id)
    refused(play.check_in(code), Refusal.BOOKING_USED)
    refused(play.question(m.BookingFind, KIOSK, code=code), Refusal.BOOKING_USED)


def by_card(play: Play, number: str, actor: Actor = KIOSK) -> Any:
    """What the hall answers to a card with this number, read at `actor`'s box as a card reader does it."""
    told = play.question(m.CardKey, KIOSK)
    persons = (keyed_hash(bytes.fromhex(told.key), number), "ab" * 32)
    return play.question(m.BookingFind, actor, persons=persons)


def test_a_card_finds_the_booking_that_was_made_with_its_number() -> None:
    play = opened()
    booked = play.book("10:00", DAY, person=" ab 123-456 ")
    play.at("09:50", DAY).tick()
    found = by_card(play, "AB123456")
    assert (found.code, found.start) == (booked.code, booked.start)
    refused(by_card(play, "AB123457"), Refusal.BOOKING_UNKNOWN)


def test_of_several_bookings_a_card_finds_the_nearest_that_is_expected() -> None:
    play = opened(booking__per_person_per_day=3, booking__per_person_active=3, booking__check_in_early_min=120)
    first, second, third = (play.book(at, DAY, person=PERSON).code for at in ("10:00", "11:00", "15:00"))
    play.at("10:10", DAY).tick()
    assert by_card(play, PERSON).code == first
    play.check_in(first)
    assert by_card(play, PERSON).code == second
    refused(by_card(play.at("12:30", DAY), "AB999"), Refusal.BOOKING_UNKNOWN)
    play.check_in(second)
    assert by_card(play.at("14:00", DAY), PERSON).code == third


def test_a_card_whose_booking_is_used_cancelled_or_early_hears_the_codes_reasons() -> None:
    play = opened()
    code = play.book("12:00", DAY, person=PERSON).code
    refused(by_card(play.at("09:00", DAY), PERSON), Refusal.BOOKING_EARLY)
    play.tick()
    play.at("11:50").check_in(code)
    refused(by_card(play, PERSON), Refusal.BOOKING_USED)


def test_the_key_of_a_day_opens_no_other_day_and_is_for_machines_with_readers() -> None:
    play = opened()
    play.book("10:00", DAY, person=PERSON)
    today = play.question(m.CardKey, KIOSK)
    refused(by_card(play, PERSON), Refusal.BOOKING_UNKNOWN)
    play.at("09:50", DAY)
    old = keyed_hash(bytes.fromhex(today.key), PERSON)
    refused(play.question(m.BookingFind, KIOSK, persons=(old,)), Refusal.BOOKING_UNKNOWN)
    assert play.question(m.CardKey, KIOSK).key != today.key
    for actor in (CONSOLE, BRIDGE, BOARD):
        refused(play.question(m.CardKey, actor), Refusal.NOT_ALLOWED)
    assert today.key not in repr(today)


def test_a_booking_moved_within_its_day_is_found_by_card_and_one_moved_away_by_code_only() -> None:
    play = opened()
    code = play.book("10:00", DAY, person=PERSON).code
    play.ok(m.BookingMove(**play.id(), code=code, start=play.local("11:00", DAY)), CONSOLE)
    assert by_card(play.at("10:50", DAY).tick(), PERSON).start == play.local("11:00", DAY)
    play.ok(m.BookingMove(**play.id(), code=code, start=play.local("11:00", "2026-03-19")), CONSOLE)
    refused(by_card(play.at("10:50", "2026-03-19").tick(), PERSON), Refusal.BOOKING_UNKNOWN)
    assert play.question(m.BookingFind, KIOSK, code=code).code == code


def test_who_comes_within_the_grace_waits_from_then_on() -> None:
    play = opened()
    code = play.book("10:00").code
    ticket = play.ticket(play.at("10:05").check_in(code).label)
    assert (ticket.clock_at, ticket.booked_at) == (play.local("10:05"), play.local("10:00"))


def test_a_booked_ticket_with_paper_waits_for_its_proof_like_any_other() -> None:
    play = opened()
    code = play.book("10:00").code
    issued = play.at("09:50").do(m.BookingCheckIn(**play.id(), code=code, lang="en"), KIOSK)
    assert isinstance(issued, m.Issued)
    assert play.where(issued.label) is TicketState.ISSUED


def test_further_services_follow_the_first() -> None:
    play = opened(booking__services_max=2)
    code = play.book("10:00", then=("birth",)).code
    assert play.ticket(play.at("10:00").check_in(code).label).then_services == ("birth",)


def test_early_other_day_unknown_and_cancelled_are_told_apart() -> None:
    play = opened()
    today, tomorrow, gone = (play.book("10:00", day).code for day in (None, DAY, None))
    play.ok(m.BookingCancel(**play.id(), code=gone), CONSOLE)
    for ask in (play.check_in, lambda code: play.question(m.BookingFind, KIOSK, code=code)):
        assert refused(ask(today), Refusal.BOOKING_EARLY) == {"time": "09:45"}
        assert refused(ask(tomorrow), Refusal.BOOKING_OTHER_DAY) == {"day": DAY}
        refused(ask(gone), Refusal.BOOKING_CANCELLED)
        refused(ask("00000000"), Refusal.BOOKING_UNKNOWN)


@pytest.mark.parametrize(
    ("rule", "clock_at"), [("ordinary_queue", "10:00"), ("end_of_hour", "11:00"), ("lost", None)]
)  # fmt: skip
def test_who_comes_too_late_is_treated_by_the_rule(rule: str, clock_at: str | None) -> None:
    play = opened(booking__late_then=rule)
    code = play.book("10:00").code
    reply = play.at("10:20").check_in(code)
    if clock_at is None:
        refused(reply, Refusal.BOOKING_LATE)
    else:
        ticket = play.ticket(reply.label)
        assert (ticket.clock_at, ticket.booked_at, reply.booked_at) == (play.local(clock_at), None, None)


def test_a_booking_is_kept_when_no_more_walk_ins_are_taken() -> None:
    play = opened("16:00")
    code = play.book("16:45").code
    refused(play.at("16:45").ask(), Refusal.LAST_TICKETS)
    assert isinstance(play.check_in(code), m.Issued)


def test_no_check_in_while_the_hall_is_interrupted_or_closed() -> None:
    play = opened()
    codes = [play.book("10:00").code, play.book("10:15").code]
    play.at("10:00").ok(m.HallInterrupt(**play.id()), CONSOLE)
    refused(play.check_in(codes[0]), Refusal.HALL_INTERRUPTED)
    play.ok(m.HallResume(**play.id()), CONSOLE)
    assert isinstance(play.check_in(codes[0]), m.Issued)
    play.ok(m.HallClose(**play.id()), CONSOLE)
    refused(play.check_in(codes[1]), Refusal.HALL_CLOSED)


def test_where_codes_are_no_tickets_the_reception_checks_in() -> None:
    play = opened(booking__code_becomes_ticket=False)
    code = play.book("10:00").code
    play.at("10:00")
    refused(play.check_in(code), Refusal.NOT_ALLOWED)
    assert isinstance(play.check_in(code, CONSOLE), m.Issued)


def test_a_replaced_paper_keeps_the_booked_place_and_a_missed_call_may_lose_it() -> None:
    play = opened(call__no_show_then="back_of_queue")
    code = play.book("10:00").code
    label = play.at("10:00").check_in(code).label
    again = play.of(m.TicketVoid, label, KIOSK, paper=False)
    assert (again.booked_at, play.ticket(again.label).booked_at) == (play.local("10:00"),) * 2
    play.wait(30).next()
    play.desk(m.CallNoShow)
    play.of(m.TicketReturn, again.label)
    assert play.ticket(again.label).booked_at is None


# --- time ------------------------------------------------------------------------------------------------------------------


def test_who_does_not_come_is_missed_when_the_hours_end() -> None:
    play = opened()
    code = play.book("10:00").code
    assert state(play.at("16:59").tick(), code) is BookingState.BOOKED
    assert state(play.at("17:00").tick(), code) is BookingState.MISSED
    refused(play.check_in(code), Refusal.BOOKING_LATE)


def test_where_late_places_are_lost_the_grace_ends_them() -> None:
    play = opened(booking__late_then="lost")
    code = play.book("10:00").code
    assert state(play.at("10:05").tick(), code) is BookingState.BOOKED
    assert state(play.wait(1).tick(), code) is BookingState.LOST
    refused(play.check_in(code), Refusal.BOOKING_LATE)


@pytest.mark.parametrize("extended", [True, False])
def test_an_interruption_is_added_to_the_grace(extended: bool) -> None:
    play = opened(booking__late_then="lost", interrupt__extend_bookings=extended)
    near, later = play.book("10:00").code, play.book("15:00").code
    play.at("09:55").ok(m.HallInterrupt(**play.id()), CONSOLE)
    play.at("10:40").tick().ok(m.HallResume(**play.id()), CONSOLE)
    assert of(play, near).extra_s == (45 * 60 if extended else 0)
    assert of(play, later).extra_s == 0
    play.at("10:49").tick()
    assert isinstance(play.check_in(near), m.Issued if extended else m.Refused)


def test_what_the_hall_did_not_keep_nobody_missed() -> None:
    play = opened(booking__no_show_block_after=1)
    early, late = (play.book(at, person=f"person {at}").code for at in ("10:00", "15:00"))
    play.at("12:00").ok(m.HallClose(**play.id()), CONSOLE)
    play.at("17:00").tick()
    assert state(play, early) is BookingState.MISSED
    assert (state(play, late), of(play, late).reason) == (BookingState.CANCELLED, "hall_closed")
    assert isinstance(play.book("10:00", DAY, KIOSK, person="person 15:00"), m.Booked)


def test_an_interruption_to_the_end_of_the_day_is_not_a_miss() -> None:
    play = opened()
    code = play.book("16:00").code
    play.at("15:30").ok(m.HallInterrupt(**play.id()), CONSOLE)
    play.at("09:00", DAY).tick()
    assert state(play, code) is BookingState.CANCELLED


def test_a_day_the_hall_never_opened_is_not_a_miss() -> None:
    play = opened()
    code = play.book("10:00", DAY).code
    play.at("09:00", "2026-03-19").tick()
    assert state(play, code) is BookingState.CANCELLED


def test_old_days_are_forgotten_when_no_rule_looks_back_to_them() -> None:
    play = opened()
    code = play.book("10:00", person=PERSON).code
    play.at("09:00", DAY).tick()
    assert play.state.diary.find(code) is not None
    play.at("09:00", "2026-03-19").tick()
    assert play.state.diary.find(code) is None
    assert play.state.diary.of(seal.person(KEY, PERSON)) == []
    refused(play.check_in(code), Refusal.BOOKING_UNKNOWN)


# --- the reception's list --------------------------------------------------------------------------------------------------


def test_the_reception_lists_a_day_by_time_in_pages() -> None:
    play = Play(hall(rules={"booking.share_online": 1}))
    codes = [play.book(at, DAY).code for at in play.slots(DAY) for _ in range(2)]
    move(play, codes[0], "16:45", "2026-03-19")
    first = play.question(m.BookingDay, day=date(2026, 3, 18))
    rest = play.question(m.BookingDay, day=date(2026, 3, 18), skip=50)
    assert (first.total, len(first.bookings), len(rest.bookings)) == (63, 50, 13)
    listed = [*first.bookings, *rest.bookings]
    assert {b.code for b in listed} == set(codes[1:])
    assert [b.start for b in listed] == sorted(b.start for b in listed)
    assert len(m.encode(first)) < m.MAX_BYTES


def test_a_terminal_books_like_a_kiosk() -> None:
    terminal = Actor("terminal-1", Role.TERMINAL)
    assert isinstance(opened().book("10:00", DAY, terminal, person=PERSON), m.Booked)


def test_a_booked_service_that_is_gone_is_refused_at_the_door_not_before() -> None:
    play = opened()
    code = play.book("10:00", service="intake").code
    rows = [row for event in play.events for row in event.rows]
    fewer = hall(services=[s for s in parts("services") if s["id"] != "intake"])
    later = Play(fewer).at("10:00")
    for row in rows:
        later.state.put(row)
    assert later.slots(DAY)
    refused(later.check_in(code), Refusal.UNKNOWN_SERVICE)
    assert json.dumps([dict(r.values) for r in later.state.rows()])
