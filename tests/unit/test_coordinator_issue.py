"""Issue, proof of paper, void and replacement."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contract import messages as m
from contract.words import Paper, Refusal, TicketState
from coordinator.engine import Actor, PaperKnown
from coordinator.record import Series
from coordinator.row import image
from tests.small_hall import BOARD, BRIDGE, CLOCK, CONSOLE, KIOSK, LUNCH, OTHER_KIOSK, Play, hall, parts, refused


@pytest.fixture
def play() -> Play:
    return Play(hall()).open("W1", "W2", "W3", "W4")


def test_ticket_has_label_id_and_zone_of_its_group(play: Play) -> None:
    reply = play.ask("birth")
    assert (reply.label, reply.ticket, reply.zone) == ("B001", "260317-B001", "back")
    assert (reply.people_ahead, reply.issued_at, reply.day.isoformat()) == (0, play.now, "2026-03-17")
    ticket = play.ticket("B001")
    assert (ticket.state, ticket.paper, ticket.visit) == (TicketState.ISSUED, Paper.SENT, ticket.id)
    assert (ticket.ready_at - play.now, ticket.hour) == (timedelta(seconds=10), 9)


def test_paperless_ticket_waits_at_once(play: Play) -> None:
    play.take()
    assert (play.where("A001"), play.ticket("A001").paper) == (TicketState.WAITING, Paper.NONE)


def test_each_group_counts_for_itself(play: Play) -> None:
    assert [play.take(s) for s in ("advice", "intake", "birth", "passport", "advice")] == [
        "A001",
        "A002",
        "B001",
        "C001",
        "A003",
    ]


def test_after_999_come_four_digits(play: Play) -> None:
    play.state.put(image(Series(play.state.day.day, "A", 999)))
    assert [play.take(), play.take()] == ["A999", "A1000"]


def test_priority_has_its_own_letter_only_by_rule(play: Play) -> None:
    assert play.take(priority_group="veteran") == "A001"
    own = Play(hall(rules={"ticket.own_series_for_priority": True})).open()
    assert [own.take(priority_group="veteran"), own.take(priority_group="parent")] == ["P001", "A001"]


def test_people_ahead_counts_the_group_by_rank_then_clock(play: Play) -> None:
    for service in ("advice", "intake", "birth"):
        play.take(service)
    play.take("advice", priority_group="parent")
    assert play.ask("intake").people_ahead == 3
    assert play.ask("intake", priority_group="parent").people_ahead == 1
    assert play.ask("intake", priority_group="veteran").people_ahead == 0


@pytest.mark.parametrize(("more", "code"), [
    ({"service": "flying"}, Refusal.UNKNOWN_SERVICE),
    ({"then": ("flying",)}, Refusal.UNKNOWN_SERVICE),
    ({"priority_group": "kings"}, Refusal.BAD_COMMAND),
    ({"actor": BRIDGE}, Refusal.NOT_ALLOWED),
    ({"actor": BOARD}, Refusal.NOT_ALLOWED),
])  # fmt: skip
def test_issue_is_refused(play: Play, more: dict[str, object], code: Refusal) -> None:
    refused(play.ask(**more), code)  # type: ignore[arg-type]


def test_language_the_hall_does_not_speak_is_refused(play: Play) -> None:
    refused(play.do(m.TicketIssue(id="x", service="advice", lang="uk"), KIOSK), Refusal.BAD_COMMAND)


def test_service_no_window_is_laid_out_for_is_closed() -> None:
    windows = [w | {"station": None} for w in parts("windows")]
    play = Play(hall(windows=windows)).open()
    assert refused(play.ask("passport"), Refusal.SERVICE_CLOSED) == {"service": "passport"}
    refused(play.ask("advice", then=("passport",)), Refusal.SERVICE_CLOSED)


def test_service_is_offered_while_its_windows_are_still_closed() -> None:
    assert Play(hall()).open().take("passport") == "C001"


def test_closed_hall_gives_no_tickets() -> None:
    play = Play(hall(), clock="08:59").tick()
    refused(play.ask(), Refusal.HALL_CLOSED)
    play.at("09:00").tick()
    assert play.take() == "A001"


def test_last_tickets_come_before_the_end_of_the_day() -> None:
    play = Play(hall(rules={"ticket.last_before_close_min": 20})).open().at("16:40")
    assert play.take() == "A001"
    assert refused(play.at("16:40:01").ask(), Refusal.LAST_TICKETS) == {"limit": "20"}
    refused(play.at("17:00").ask(), Refusal.HALL_CLOSED)


def test_lunch_of_a_closing_hall_gives_no_tickets() -> None:
    play = Play(hall(LUNCH)).open()
    play.at("12:29").take()
    refused(play.at("12:30").ask(), Refusal.HALL_CLOSED)
    assert play.at("13:30").take() == "A002"


def test_interrupted_hall_gives_no_tickets(play: Play) -> None:
    play.ok(m.HallInterrupt(id="i", reason="air-raid alert"), CONSOLE)
    refused(play.ask(), Refusal.HALL_INTERRUPTED)
    play.ok(m.HallResume(id="r"), CONSOLE)
    assert play.take() == "A001"


# --- paper -----------------------------------------------------------------------------------------------------------------


def test_proved_paper_makes_the_ticket_callable(play: Play) -> None:
    play.ask()
    play.paper("A001", Paper.CONFIRMED)
    assert (play.where("A001"), play.kinds()) == (TicketState.WAITING, ["ticket.waiting"])


def test_unknown_paper_waits_for_the_grace_and_leaves_its_doubt(play: Play) -> None:
    play.ask()
    play.paper("A001", Paper.UNKNOWN)
    assert play.where("A001") is TicketState.ISSUED
    assert play.wait(9.999).tick().where("A001") is TicketState.ISSUED
    assert play.wait(0.001).tick().where("A001") is TicketState.WAITING
    assert (play.ticket("A001").paper, play.ticket("A001").doubt) == (Paper.UNKNOWN, True)


def test_late_proof_changes_only_the_paper(play: Play) -> None:
    play.ask()
    play.wait(10).tick().next()
    play.paper("A001", Paper.CONFIRMED)
    assert (play.where("A001"), play.ticket("A001").paper) == (TicketState.CALLED, Paper.CONFIRMED)
    assert (play.ticket("A001").doubt, play.kinds()) == (False, ["ticket.paper"])


def test_void_paper_alone_moves_nothing(play: Play) -> None:
    play.ask()
    play.paper("A001", Paper.VOID)
    assert (play.where("A001"), play.ticket("A001").paper) == (TicketState.ISSUED, Paper.VOID)


@pytest.mark.parametrize("first", [Paper.CONFIRMED, Paper.VOID])
@pytest.mark.parametrize("later", list(Paper))
def test_proof_and_void_of_paper_are_final(play: Play, first: Paper, later: Paper) -> None:
    play.ask()
    play.paper("A001", first)
    before = play.ticket("A001")
    play.paper("A001", later)
    assert (play.ticket("A001"), play.last) == (before, ())


@pytest.mark.parametrize("news", list(Paper))
def test_paperless_ticket_has_no_news_of_paper(play: Play, news: Paper) -> None:
    play.paper(play.take(), news)
    assert play.last == ()


def test_foreign_and_unknown_news_of_paper_is_passed_over(play: Play) -> None:
    play.ask()
    play.paper("A001", Paper.CONFIRMED, OTHER_KIOSK)
    assert play.where("A001") is TicketState.ISSUED
    assert play.do(PaperKnown("260317-A999", Paper.CONFIRMED), KIOSK) is None
    play.paper("A001", Paper.CONFIRMED, CLOCK)
    assert play.where("A001") is TicketState.WAITING


def test_grace_is_seconds_of_the_wall_clock() -> None:
    play = Play(hall(), pace=60.0).open()
    play.ask()
    assert play.wait(599).tick().where("A001") is TicketState.ISSUED
    assert play.wait(1).tick().where("A001") is TicketState.WAITING


def test_clock_set_back_behind_the_issue_ends_the_grace(play: Play) -> None:
    play.at("10:00").ask()
    assert play.at("09:30").tick().where("A001") is TicketState.WAITING


# --- void ------------------------------------------------------------------------------------------------------------------


def test_replacement_keeps_the_place_under_a_new_label(play: Play) -> None:
    play.ask("intake", priority_group="parent", then=("birth",))
    play.wait(5).take("advice", priority_group="parent")
    reply = play.wait(5).of(m.TicketVoid, "A001", KIOSK)
    assert (reply.t, reply.label, reply.people_ahead) == ("issued", "A003", 0)
    old, new = play.ticket("A001"), play.ticket("A003")
    assert (old.state, old.paper, old.replaced_by, old.ended_at) == (TicketState.VOID, Paper.VOID, new.id, play.now)
    assert (new.state, new.paper, new.visit, new.clock_at) == (TicketState.ISSUED, Paper.SENT, old.id, old.clock_at)
    kept = ("service", "then_services", "priority", "priority_group", "lang", "service_group")
    assert [getattr(new, name) for name in kept] == [getattr(old, name) for name in kept]
    play.paper("A003", Paper.CONFIRMED)
    assert play.next().label == "A003"


def test_void_without_replacement_ends_the_ticket(play: Play) -> None:
    play.ask()
    assert play.of(m.TicketVoid, "A001", KIOSK, replace=False).label == "A001"
    assert (play.where("A001"), play.ticket("A001").replaced_by) == (TicketState.VOID, None)
    assert list(play.state.in_state(TicketState.ISSUED)) == []


def test_paperless_replacement_is_called_at_once_by_an_armed_window(play: Play) -> None:
    play.ask()
    play.next()
    play.of(m.TicketVoid, "A001", KIOSK, paper=False)
    assert play.state.ticket_at("W1") == play.ticket("A002")


def test_kiosk_voids_only_what_it_issued(play: Play) -> None:
    play.ask()
    refused(play.of(m.TicketVoid, "A001", OTHER_KIOSK), Refusal.NOT_YOURS)
    assert play.of(m.TicketVoid, "A001", CONSOLE).label == "A002"


def test_called_ticket_cannot_be_void(play: Play) -> None:
    play.take()
    play.next()
    assert refused(play.of(m.TicketVoid, "A001", KIOSK), Refusal.WRONG_STATE) == {"label": "A001"}


def test_dead_label_never_comes_back(play: Play) -> None:
    play.ask()
    for _ in range(3):
        play.of(m.TicketVoid, max(t.label for t in play.state.tickets.values()), KIOSK)
    assert sorted(t.label for t in play.state.tickets.values()) == ["A001", "A002", "A003", "A004"]


def test_unknown_ticket_is_refused(play: Play) -> None:
    for kind in (m.TicketVoid, m.TicketCancel, m.TicketReturn):
        refused(play.do(kind(id="x", ticket="260316-A001"), CONSOLE), Refusal.UNKNOWN_TICKET)


def test_events_name_box_and_command(play: Play) -> None:
    play.do(m.TicketIssue(id="press-7", service="advice", lang="en"), Actor("kiosk-9", KIOSK.role))
    assert [(e.who, e.cmd, e.at) for e in play.last] == [("kiosk-9", "press-7", "2026-03-17T03:00:00.000Z")]
