"""A button can be pressed where the ticket's life has the step, and becomes exactly one command."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from consoles import button
from contract import messages as m
from contract.errors import ContractError
from contract.words import HallState, Light, TicketState

NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
KEY = "c-" + "0" * 24


def window(light: Light, state: TicketState | None = None) -> m.DeskWindow:
    ticket = None
    if state is not None:
        ticket = m.DeskTicket(
            ticket="t1", label="A001", service="s", state=state, issued_at=NOW, since=NOW, wait_s=0.0, lang="uk"
        )
    return m.DeskWindow(window="W01", number=1, light=light, since=NOW, ticket=ticket)


def enabled(of: m.DeskWindow) -> set[str]:
    panel = button.panel(of)
    return {b.name for b in (panel.next, *panel.acts, panel.transfer, *panel.window) if b.enabled}


@pytest.mark.parametrize(
    ("at", "can"),
    [
        (window(Light.CLOSED), {"open", "logout"}),
        (window(Light.PAUSED), {"open", "close", "logout"}),
        (window(Light.FREE), {"next", "pause", "close", "logout"}),
        (window(Light.ARMED), {"next", "pause", "close", "logout"}),
        (
            window(Light.CALLED, TicketState.CALLED),
            {"next", "recall", "start", "finish", "no_show", "park", "transfer"},
        ),
        (window(Light.SERVING, TicketState.SERVING), {"next", "finish", "park", "transfer"}),
    ],
)
def test_what_can_be_pressed_follows_from_the_window(at: m.DeskWindow, can: set[str]) -> None:
    assert enabled(at) == can


def test_the_one_press_says_what_it_does_in_each_state() -> None:
    assert {light: button.panel(window(light)).next.text.removeprefix("operator.") for light in Light} == {
        Light.CLOSED: "call_next", Light.PAUSED: "call_next", Light.FREE: "call_next", Light.ARMED: "disarm",
        Light.CALLED: "served_and_next", Light.SERVING: "finish_and_next",
    }  # fmt: skip


@pytest.mark.parametrize("light", list(Light))
def test_keys_are_unique(light: Light) -> None:
    panel = button.panel(window(light))
    keys = [b.key for b in (panel.next, *panel.acts, panel.transfer, *panel.window) if b.key]
    assert len(keys) == len(set(keys))


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
    assert button.window_command("return", KEY, "W01", "op01", {"ticket": "t1"}) == m.TicketReturn(id=KEY, ticket="t1")
    assert button.window_command("cancel", KEY, "W01", "op01", {"ticket": "t1"}) == m.TicketCancel(id=KEY, ticket="t1")


@pytest.mark.parametrize(
    ("name", "form"),
    [("", {}), ("login", {}), ("return", {}), ("return", {"ticket": "x" * 65}), ("transfer", {"service": "x" * 65})],
)
def test_a_form_that_no_page_sends_is_refused(name: str, form: dict[str, str]) -> None:
    with pytest.raises(ContractError):
        button.window_command(name, KEY, "W01", "op01", form)


def test_the_hall_is_interrupted_with_a_reason_and_resumed() -> None:
    assert button.hall_command("interrupt", KEY, {"reason": " alert "}) == m.HallInterrupt(id=KEY, reason="alert")
    assert button.hall_command("resume", KEY, {}) == m.HallResume(id=KEY)
    with pytest.raises(ContractError):
        button.hall_command("interrupt", KEY, {"reason": "x" * 201})
    with pytest.raises(ContractError):
        button.hall_command("rename", KEY, {})


def test_the_hall_is_opened_and_closed() -> None:
    assert button.hall_command("open", KEY, {}) == m.HallOpen(id=KEY)
    assert button.hall_command("close", KEY, {}) == m.HallClose(id=KEY)


def test_the_hall_offers_what_its_state_allows() -> None:
    assert [b.name for b in button.hall_buttons(HallState.OPEN)] == ["interrupt", "close"]
    assert [b.name for b in button.hall_buttons(HallState.INTERRUPTED)] == ["resume", "close"]
    assert [b.name for b in button.hall_buttons(HallState.CLOSED)] == ["open"]


def test_a_box_is_found_by_its_name() -> None:
    command = button.hall_command("find", KEY, {"dev": "board-1"})
    assert command == m.DeviceFind(id=KEY, dev="board-1", seconds=button.FIND_S)
    with pytest.raises(ContractError):
        button.hall_command("find", KEY, {})


def test_a_recommendation_is_accepted_or_not_in_the_name_of_who_is_signed_in() -> None:
    form = {"recommendation": "5f0c"}
    assert button.hall_command("accept", KEY, form, "op01") == m.PlanAccept(
        id=KEY, recommendation="5f0c", operator="op01"
    )
    assert button.hall_command("dismiss", KEY, form) == m.PlanDismiss(id=KEY, recommendation="5f0c")
    with pytest.raises(ContractError):
        button.hall_command("accept", KEY, {}, "op01")


@pytest.mark.parametrize("state", list(HallState))
def test_only_closing_asks_once_more(state: HallState) -> None:
    assert all((b.asks == "/hall/close") == (b.name == "close") for b in button.hall_buttons(state))
