"""Each act of a person at the consoles is asked of the hall in that person's name, and the hall's journal keeps the name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from consoles.staff.role import Act, StaffRole
from consoles.staff.staff import Staff
from contract import messages as m
from contract.words import Refusal
from runtime.asker import new_id
from runtime.clock import utc_now
from tests.consoles_inside import PASSWORD, Inside
from tests.small_hall import CONSOLE, KIOSK, Play, hall

WINDOW, HALL, BOOKINGS, NOTICE, MONEY = (
    "/window/W01/press", "/hall/press", "/bookings/press", "/hall/notice/press", "/money/press",
)  # fmt: skip
START = {"start": "2026-03-18T08:00:00+00:00"}
TILL = {"dev": "terminal-1", "payment": "p-1", "why": "a reason"}
_AT_WINDOW: dict[str, type[m.Command]] = {
    "next": m.CallNext, "recall": m.CallRecall, "start": m.CallStart, "finish": m.CallFinish, "no_show": m.CallNoShow,
    "park": m.CallPark, "open": m.WindowOpen, "pause": m.WindowPause, "close": m.WindowClose, "alarm": m.WindowAlarm,
    "logout": m.WindowLogout,
}  # fmt: skip
PRESSES: list[tuple[type[m.Command], str, dict[str, str]]] = [
    (m.TicketReturn, WINDOW, {"button": "return", "ticket": "t-1"}),
    (m.TicketCancel, WINDOW, {"button": "cancel", "ticket": "t-1"}),
    *((kind, WINDOW, {"button": name}) for name, kind in _AT_WINDOW.items()),
    (m.CallTransfer, WINDOW, {"button": "transfer", "to_window": "W02"}),
    (m.CallPick, WINDOW, {"button": "pick", "label": "A001", "why": "unwell"}),
    (m.VisitAdd, WINDOW, {"button": "add", "service": "res-register"}),
    (m.VisitDrop, WINDOW, {"button": "drop", "service": "res-register"}),
    (m.VisitNote, WINDOW, {"button": "note", "text": ""}),
    (m.HallOpen, HALL, {"button": "open"}),
    (m.HallInterrupt, HALL, {"button": "interrupt"}),
    (m.HallResume, HALL, {"button": "resume"}),
    (m.HallClose, HALL, {"button": "close"}),
    (m.AlarmEnd, HALL, {"button": "alarm_end", "unit": "pad-1"}),
    (m.PlanAccept, HALL, {"button": "accept", "recommendation": "r-1"}),
    (m.PlanDismiss, HALL, {"button": "dismiss", "recommendation": "r-1"}),
    (m.HallNotice, NOTICE, {"button": "show", "text.uk": "Ліфт не працює"}),
    (m.BookingBook, BOOKINGS, {"button": "book", "services": "res-register", **START}),
    (m.BookingMove, BOOKINGS, {"button": "move", "code": "40718833", **START}),
    (m.BookingCancel, BOOKINGS, {"button": "cancel", "code": "40718833"}),
    (m.BookingCheckIn, BOOKINGS, {"button": "check_in", "code": "40718833"}),
    (m.PaymentDecide, MONEY, {"button": "decide", "state": "approved", **TILL}),
    (m.PaymentReverse, MONEY, {"button": "reverse", **TILL}),
    (m.TillBalance, MONEY, {"button": "balance", **TILL}),
    (m.TillClose, MONEY, {"button": "shift", **TILL}),
    (m.TillPrint, MONEY, {"button": "print", "device": "pos-1", "batch": "1", "lang": "uk", **TILL}),
]  # fmt: skip
"""What a person can press, and what the hall hears then."""
ELSEWHERE = {m.TicketIssue, m.TicketVoid, m.HallPublish, m.HallRevert, m.WindowLogin}
"""No button: the API and boxes issue, kiosks void; a document cannot be published without a name; signing in says who comes."""
UNWRITTEN = {m.CardRead, m.DeviceFind}
"""Nothing of them is in the hall's journal: what is read of a card is nobody's, and a box that blinks changes nothing."""


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with Staff(tmp_path, utc_now) as store:
        store.accounts.found("boss", "Boss", PASSWORD)
        yield store


def test_every_command_of_a_person_has_a_button_here_or_a_reason_why_not() -> None:
    asked = {kind for kind in m.AnyCommand.__args__ if not issubclass(kind, m.Question)}
    pressed = {kind for kind, _, _ in PRESSES}
    assert pressed | ELSEWHERE | UNWRITTEN == asked
    assert not pressed & (ELSEWHERE | UNWRITTEN)


def test_each_press_is_asked_in_the_name_of_who_pressed(staff: Staff, tmp_path: Path) -> None:
    heard: dict[type[m.Command], str | None] = {}

    async def talk(to: Inside) -> None:
        for kind, path, fields in PRESSES:
            at_window = path == WINDOW
            secret = staff.sessions.begin(
                "boss", account="boss", **({"window": "W01", "operator": "op01"} if at_window else {})
            )
            to.asked.clear()
            await to.post(path, secret, id=new_id(), **fields)
            said = next((one for one in to.asked if isinstance(one, kind)), None)
            heard[kind] = getattr(said, "operator", None)

    to = Inside(staff)
    to.refuse = Refusal.NOT_ALLOWED  # a page does not wait for what changes then
    to.talk(tmp_path, talk)
    assert heard == {kind: "op01" if path == WINDOW else "boss" for kind, path, _ in PRESSES}


@pytest.mark.parametrize(("operator", "who"), [("op03", "op03"), (None, "robot")])
def test_a_program_acts_in_the_name_of_its_tokens_operator_or_of_its_account(
    staff: Staff, tmp_path: Path, operator: str | None, who: str
) -> None:
    staff.accounts.add("robot", "A program", StaffRole.SERVICE, operator)
    secret, _ = staff.tokens.make("robot", "test", {Act.RECEIVE}, timedelta(days=1))

    async def talk(to: Inside) -> None:
        headers = {"authorization": f"Bearer {secret}", "idempotency-key": "one-ticket"}
        await to.web.post("/api/v1/tickets", json={"service": "res-register"}, headers=headers)
        (asked,) = to.asked
        assert isinstance(asked, m.TicketIssue)
        assert asked.operator == who

    Inside(staff).talk(tmp_path, talk)


# --- and the journal keeps it -------------------------------------------------------------------------------------------------

OPEN = hall()


def opened() -> Play:
    return Play(OPEN).open("W1")


def told(play: Play, command: m.Command) -> set[str]:
    play.ok(command, CONSOLE)
    return {event.who for event in play.last}


@pytest.mark.parametrize("who", ["boss", None])
def test_the_hall_is_interrupted_closed_and_opened_by_somebody(who: str | None) -> None:
    play, name = opened(), {who or CONSOLE.dev}
    assert told(play, m.HallNotice(id="n", texts={"en": "The lift is out"}, operator=who)) == name
    assert told(play, m.HallInterrupt(id="i", operator=who)) == name
    assert told(play, m.HallResume(id="r", operator=who)) == name
    assert told(play, m.HallClose(id="c", operator=who)) == name
    assert told(play, m.HallOpen(id="o", operator=who)) == name


@pytest.mark.parametrize("who", ["boss", None])
def test_a_ticket_and_a_booking_are_made_and_ended_by_somebody(who: str | None) -> None:
    play, name = opened(), {who or CONSOLE.dev}
    assert told(play, m.TicketIssue(id="t", service="advice", lang="en", paper=False, operator=who)) == name
    ticket = next(iter(play.state.tickets))
    assert told(play, m.TicketCancel(id="x", ticket=ticket, operator=who)) == name
    book = m.BookingBook(id="b", service="advice", lang="en", start=play.local("12:00"), operator=who)
    booked = play.ok(book, CONSOLE)
    assert {event.who for event in play.last} == name
    assert told(play, m.BookingCancel(id="y", code=booked.code, operator=who)) == name


def test_no_word_but_a_consoles_is_taken_for_who_acts() -> None:
    play = opened()
    play.ok(m.TicketIssue(id="t", service="advice", lang="en", operator="boss"), KIOSK)
    assert {event.who for event in play.last} == {KIOSK.dev}
