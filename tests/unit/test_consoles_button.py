"""A button can be pressed where the ticket's life has the step, and becomes exactly one command."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from consoles import button
from contract import messages as m
from contract.errors import ContractError
from contract.words import HallState, Light, PauseKind, Pick, TicketState
from tests import small_hall

NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
KEY = "c-" + "0" * 24
HALL = small_hall.hall()


def window(light: Light, state: TicketState | None = None) -> m.DeskWindow:
    ticket = None
    if state is not None:
        ticket = m.DeskTicket(
            ticket="t1", label="A001", service="s", state=state, issued_at=NOW, since=NOW, wait_s=0.0, lang="uk"
        )
    return m.DeskWindow(window="W01", number=1, light=light, since=NOW, ticket=ticket)


def enabled(of: m.DeskWindow) -> set[str]:
    panel = button.panel(of, HALL)
    pause = [panel.pause] if panel.pause is not None else []
    return {b.name for b in (panel.next, *panel.acts, panel.transfer, panel.pick, *pause, *panel.window) if b.enabled}


@pytest.mark.parametrize(
    ("at", "can"),
    [
        (window(Light.CLOSED), {"open", "logout", "alarm"}),
        (window(Light.PAUSED), {"open", "close", "logout", "alarm"}),
        (window(Light.FREE), {"next", "pick", "pause", "close", "logout", "alarm"}),
        (window(Light.ARMED), {"next", "pick", "pause", "close", "logout", "alarm"}),
        (
            window(Light.CALLED, TicketState.CALLED),
            {"next", "recall", "start", "finish", "no_show", "park", "transfer", "alarm"},
        ),
        (window(Light.SERVING, TicketState.SERVING), {"next", "finish", "park", "transfer", "alarm"}),
    ],
)
def test_what_can_be_pressed_follows_from_the_window(at: m.DeskWindow, can: set[str]) -> None:
    assert enabled(at) == can


def test_the_one_press_says_what_it_does_in_each_state() -> None:
    assert {light: button.panel(window(light), HALL).next.text.removeprefix("operator.") for light in Light} == {
        Light.CLOSED: "call_next", Light.PAUSED: "call_next", Light.FREE: "call_next", Light.ARMED: "disarm",
        Light.CALLED: "served_and_next", Light.SERVING: "finish_and_next",
    }  # fmt: skip


@pytest.mark.parametrize("light", list(Light))
def test_keys_are_unique(light: Light) -> None:
    panel = button.panel(window(light), HALL)
    pause = [panel.pause] if panel.pause is not None else []
    all_ = (panel.next, *panel.acts, *panel.results, panel.transfer, panel.pick, *pause, *panel.window)
    keys = [b.key for b in all_ if b.key]
    assert len(keys) == len(set(keys))


def test_how_a_visit_may_end_has_a_key_each_while_somebody_is_there() -> None:
    results = button.panel(window(Light.SERVING, TicketState.SERVING), HALL).results
    assert [(b.name, b.key, b.enabled) for b in results][:2] == [
        ("finish served", "Q", True),
        ("finish missing", "W", True),
    ]
    assert not any(b.enabled for b in button.panel(window(Light.FREE), HALL).results)
    never = small_hall.hall(rules={"operator.outcome": "none"})
    assert button.panel(window(Light.SERVING, TicketState.SERVING), never).results == ()


def test_who_lacks_papers_is_parked_with_a_result_that_parks() -> None:
    own = [
        {"id": "paid", "names": {"en": "Paid"}},
        {"id": "fetch", "names": {"en": "Fetches a paper"}, "parks": True},
    ]
    at = window(Light.SERVING, TicketState.SERVING)
    assert [b.name for b in button.panel(at, HALL).incomplete] == ["park missing"]
    assert [b.name for b in button.panel(at, small_hall.hall(results=own)).incomplete] == ["park fetch"]


@pytest.mark.parametrize(
    ("name", "form", "command"),
    [
        ("finish", {"result": "served"}, m.CallFinish(id=KEY, window="W01", operator="op01", result="served")),
        ("park", {"result": "missing"}, m.CallPark(id=KEY, window="W01", operator="op01", result="missing")),
        ("pick", {"label": " a012 ", "why": "unwell"},
         m.CallPick(id=KEY, window="W01", operator="op01", label="A012", why=Pick.UNWELL)),
        ("add", {"service": "s2"}, m.VisitAdd(id=KEY, window="W01", operator="op01", service="s2")),
        ("drop", {"service": "s2"}, m.VisitDrop(id=KEY, window="W01", operator="op01", service="s2")),
        ("note", {"text": " one\r\ntwo "}, m.VisitNote(id=KEY, window="W01", operator="op01", text="one\ntwo")),
        ("pause", {"pause": "lunch", "minutes": "30"},
         m.WindowPause(id=KEY, window="W01", operator="op01", pause=PauseKind.LUNCH, minutes=30)),
        ("transfer", {"service": "s2", "first": "on", "note": " seal "},
         m.CallTransfer(id=KEY, window="W01", operator="op01", service="s2", first=True, note="seal")),
        ("alarm", {}, m.WindowAlarm(id=KEY, window="W01", operator="op01")),
    ],
)  # fmt: skip
def test_what_a_form_says_is_in_its_command(name: str, form: dict[str, str], command: m.Command) -> None:
    assert button.window_command(name, KEY, "W01", "op01", form) == command


def test_a_refused_form_does_not_show_the_note_that_stood_in_it() -> None:
    with pytest.raises(ContractError) as refused:
        button.window_command("note", KEY, "W01", "op01", {"text": "invented " * 40})
    assert "invented" not in f"{refused.value} {refused.value.__cause__}"


def test_buttons_of_which_there_are_several_are_told_apart() -> None:
    assert button.said("return", {"ticket": "t1"}) == "return t1"
    assert button.said("finish", {"result": "served"}) == "finish served"
    assert button.said("drop", {"service": "s2"}) == "drop s2"
    assert button.said("add", {"service": "s2"}) == "add"


def test_an_alarm_that_was_seen_to_is_ended_in_the_name_of_who_is_signed_in() -> None:
    form = {"unit": "pad-1", "window": "W01"}
    assert button.hall_command("alarm_end", KEY, form, "op02") == m.AlarmEnd(
        id=KEY, unit="pad-1", window="W01", operator="op02"
    )
    with pytest.raises(ContractError):
        button.hall_command("alarm_end", KEY, {}, "op02")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("next", m.CallNext), ("recall", m.CallRecall), ("start", m.CallStart), ("finish", m.CallFinish),
        ("no_show", m.CallNoShow), ("park", m.CallPark), ("open", m.WindowOpen), ("pause", m.WindowPause),
        ("close", m.WindowClose), ("logout", m.WindowLogout),
    ],
)  # fmt: skip
def test_a_window_button_acts_for_its_operator_at_its_window(name: str, kind: type[m.WindowCommand]) -> None:
    command = button.window_command(name, KEY, "W01", "op01", {"window": "W09", "operator": "op09"})
    assert command == kind(id=KEY, window="W01", operator="op01")


def test_a_transfer_takes_service_and_window_where_chosen() -> None:
    command = button.window_command("transfer", KEY, "W01", "op01", {"service": "s2", "to_window": ""})
    assert command == m.CallTransfer(id=KEY, window="W01", operator="op01", service="s2")


def test_parked_visitors_are_returned_and_cancelled_by_ticket() -> None:
    assert button.window_command("return", KEY, "W01", "op01", {"ticket": "t1"}) == m.TicketReturn(
        id=KEY, ticket="t1", operator="op01"
    )
    assert button.window_command("cancel", KEY, "W01", "op01", {"ticket": "t1"}) == m.TicketCancel(
        id=KEY, ticket="t1", operator="op01"
    )


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("", {}),
        ("login", {}),
        ("return", {}),
        ("return", {"ticket": "x" * 65}),
        ("transfer", {"service": "x" * 65}),
        ("pick", {"label": "A012"}),
        ("pick", {"label": "A012", "why": "paid me"}),
        ("pick", {"label": "", "why": "back"}),
        ("note", {"text": "x" * 301}),
        ("pause", {"minutes": "0"}),
        ("pause", {"minutes": "ten"}),
        ("pause", {"pause": "siesta"}),
    ],
)
def test_a_form_that_no_page_sends_is_refused(name: str, form: dict[str, str]) -> None:
    with pytest.raises(ContractError):
        button.window_command(name, KEY, "W01", "op01", form)


def test_the_hall_is_interrupted_with_a_reason_and_resumed() -> None:
    assert button.hall_command("interrupt", KEY, {"reason": " alert "}, "boss") == m.HallInterrupt(
        id=KEY, reason="alert", operator="boss"
    )
    assert button.hall_command("resume", KEY, {}, "boss") == m.HallResume(id=KEY, operator="boss")
    with pytest.raises(ContractError):
        button.hall_command("interrupt", KEY, {"reason": "x" * 201}, "boss")
    with pytest.raises(ContractError):
        button.hall_command("rename", KEY, {}, "boss")


def test_the_hall_is_opened_and_closed() -> None:
    assert button.hall_command("open", KEY, {}, "boss") == m.HallOpen(id=KEY, operator="boss")
    assert button.hall_command("close", KEY, {}, "boss") == m.HallClose(id=KEY, operator="boss")


def test_the_hall_offers_what_its_state_allows() -> None:
    assert [b.name for b in button.hall_buttons(HallState.OPEN)] == ["interrupt", "close"]
    assert [b.name for b in button.hall_buttons(HallState.INTERRUPTED)] == ["resume", "close"]
    assert [b.name for b in button.hall_buttons(HallState.CLOSED)] == ["open"]


def test_a_box_is_found_by_its_name() -> None:
    command = button.hall_command("find", KEY, {"dev": "board-1"}, "boss")
    assert command == m.DeviceFind(id=KEY, dev="board-1", seconds=button.FIND_S)
    with pytest.raises(ContractError):
        button.hall_command("find", KEY, {}, "boss")


def test_a_recommendation_is_accepted_or_not_in_the_name_of_who_is_signed_in() -> None:
    form = {"recommendation": "5f0c"}
    assert button.hall_command("accept", KEY, form, "op01") == m.PlanAccept(
        id=KEY, recommendation="5f0c", operator="op01"
    )
    assert button.hall_command("dismiss", KEY, form, "op01") == m.PlanDismiss(
        id=KEY, recommendation="5f0c", operator="op01"
    )
    with pytest.raises(ContractError):
        button.hall_command("accept", KEY, {}, "op01")


@pytest.mark.parametrize("state", list(HallState))
def test_only_closing_asks_once_more(state: HallState) -> None:
    assert all((b.asks == "/hall/close") == (b.name == "close") for b in button.hall_buttons(state))
