"""What the pages make of the view."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from consoles import show
from contract import messages as m
from contract.words import HallState, Role, TicketState
from tests import small_hall

NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "minutes", "level", "percent"),
    [(0, 0, "fine", 0), (-5, 0, "fine", 0), (899, 14, "fine", 70), (900, 15, "warn", 75), (1200, 20, "warn", 100),
     (1201, 20, "stop", 100), (3600, 60, "stop", 100)],
)  # fmt: skip
def test_a_wait_is_at_risk_before_and_red_after_the_promise(
    seconds: float, minutes: int, level: str, percent: int
) -> None:
    wait = show.wait(seconds, 20)
    assert (wait.minutes, wait.level, wait.percent) == (minutes, level, percent)


def test_a_text_the_hall_lacks_in_a_language_is_shown_in_another() -> None:
    assert show.named({"uk": "Зал", "en": "Hall"}, "en") == "Hall"
    assert show.named({"uk": "Зал"}, "en") == "Зал"
    assert show.named({}, "en") == ""


def test_boxes_in_trouble_stand_first_and_the_others_keep_their_places() -> None:
    boxes = (("k1", "here", ()), ("k2", "here", ("paper_low",)), ("b1", "lost", ()), ("b2", "here", ()))
    devices = tuple(m.DeskDevice(dev=d, kind=Role.KIOSK, state=s, faults=f) for d, s, f in boxes)  # type: ignore[arg-type]
    view = m.ConsolesView(
        id="v", ep=1, rev=1, state=HallState.OPEN, day=NOW.date(), now=NOW, windows=(), queues=(), devices=devices
    )
    assert [d.dev for d in show.devices(view)] == ["b1", "k2", "k1", "b2"]


def test_faults_carry_their_hint_and_since_when_as_far_as_it_was_told() -> None:
    told = m.DeskDevice(
        dev="k1", kind=Role.KIOSK, state="here", faults=("paper_low:printer", "odd"), faults_since=(NOW,)
    )
    first, second = show.faults(told)
    assert (first.name, first.unit, first.since) == ("paper_low", "printer", NOW)
    assert (second.name, second.since) == ("odd", None)


@pytest.mark.parametrize(
    ("kind", "state", "since", "listed"),
    [
        (Role.CONSOLE, "left", NOW, False), (Role.CONSOLE, "unknown", None, False), (Role.CONSOLE, "lost", NOW, True),
        (Role.CONSOLE, "unknown", NOW, True), (Role.CONSOLE, "here", NOW, True), (Role.KIOSK, "left", NOW, True),
        (Role.KIOSK, "unknown", None, True),
    ],
)  # fmt: skip
def test_a_console_that_nobody_uses_is_missed_by_nobody(
    kind: Role, state: str, since: datetime | None, listed: bool
) -> None:
    device = m.DeskDevice(dev="d", kind=kind, state=state, since=since)  # type: ignore[arg-type]
    view = m.ConsolesView(
        id="v", ep=1, rev=1, state=HallState.OPEN, day=NOW.date(), now=NOW, windows=(), queues=(), devices=(device,)
    )
    assert bool(show.devices(view)) is listed


@pytest.mark.parametrize(
    ("wait", "beyond"),
    [(None, False), (m.Wait(low=0, high=20), False), (m.Wait(low=10, high=25), True), (m.Wait(low=60), True)],
)
def test_a_told_wait_is_marked_where_it_may_break_the_promise(wait: m.Wait | None, beyond: bool) -> None:
    assert show.beyond(wait, 20) is beyond


@pytest.mark.parametrize(
    ("told", "waited_min", "over"),
    [(m.Wait(low=5, high=15), 15, False), (m.Wait(low=5, high=15), 15.1, True), (m.Wait(low=60), 200, False), (None, 99, False)],
)  # fmt: skip
def test_a_visitor_who_waited_longer_than_told_is_marked(told: m.Wait | None, waited_min: float, over: bool) -> None:
    ticket = m.DeskTicket(
        ticket="t", label="A001", service="s", state=TicketState.CALLED, issued_at=NOW, since=NOW,
        wait_s=waited_min * 60, lang="uk", told=told,
    )  # fmt: skip
    assert show.over_told(ticket) is over


@pytest.mark.parametrize(
    ("told", "within", "held"), [(31, 25, True), (10, 7, True), (10, 6, False), (9, 0, True), (0, 0, True)]
)
def test_told_waits_that_seldom_hold_are_marked_once_there_are_enough(told: int, within: int, held: bool) -> None:
    assert show.held(m.Kept(told=told, within=within, longer=told - within)) is held


def ticket(**more: object) -> m.DeskTicket:
    given = {
        "ticket": "t1", "label": "A001", "service": "advice", "state": TicketState.SERVING, "issued_at": NOW, "since": NOW,
        "wait_s": 0.0, "lang": "en", **more,
    }  # fmt: skip
    return m.DeskTicket.model_validate(given)


def test_what_may_be_added_to_a_visit_is_what_it_has_not_yet() -> None:
    spare = [service.id for service in show.spare(small_hall.hall(), ticket(then=("birth",), done=("intake",)))]
    assert spare == ["intake", "loss", "passport"]


def test_papers_are_those_of_the_service_in_turn_in_its_order() -> None:
    documents = {"form": {"en": "Form"}, "photo": {"en": "Photo"}, "other": {"en": "Other"}}
    services = [{**s, "bring": ["photo", "form"]} if s["id"] == "advice" else s for s in small_hall.parts("services")]
    hall = small_hall.hall(services=services, documents=documents)
    assert [name for name, _ in show.bring(hall, ticket())] == ["photo", "form"]
    assert show.bring(hall, ticket(service="birth")) == []
    assert show.bring(hall, ticket(service="gone")) == []


def test_an_alarm_is_not_shown_where_it_was_raised() -> None:
    alarms = tuple(
        m.DeskAlarm(unit=unit, since=NOW, window=at) for unit, at in (("p1", "W1"), ("p2", "W2"), ("p9", None))
    )
    view = m.ConsolesView(
        id="v", ep=1, rev=1, state=HallState.OPEN, day=NOW.date(), now=NOW, windows=(), queues=(), alarms=alarms
    )
    assert [alarm.unit for alarm in show.alarms_beside(view, "W1")] == ["p2", "p9"]
