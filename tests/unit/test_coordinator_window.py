"""Windows, operators and what they may do."""

from __future__ import annotations

from datetime import date

import pytest

from contract import messages as m
from contract.pin import hashed, verify
from contract.words import Light, Refusal, WindowState
from coordinator.record import Window
from coordinator.right import can
from tests.small_hall import BRIDGE, CONSOLE, KIOSK, Play, hall, parts, refused

DAY = date(2026, 3, 17)


@pytest.fixture
def play() -> Play:
    return Play(hall()).tick()


# --- rights ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("window", "operator", "services"), [
    ("W1", "ona", {"advice", "intake"}),
    ("W2", "tam", {"advice", "intake", "birth", "loss"}),
    ("W3", "rik", {"birth", "loss"}),
    ("W2", "rik", {"birth", "loss"}),
    ("W4", "bea", {"advice", "intake", "passport"}),
    ("W4", "ona", {"advice", "intake"}),
    ("W1", "bea", {"advice", "intake"}),
    ("W3", "ona", set()),
    ("W1", None, set()),
    ("W1", "gone", set()),
])  # fmt: skip
def test_window_takes_its_groups_its_station_and_its_operators_rights(
    window: str, operator: str | None, services: set[str]
) -> None:
    assert can(hall(), Window(window, 1, operator=operator), DAY) == services


@pytest.mark.parametrize(("day", "services"), [("2026-03-16", {"advice", "intake"}), ("2026-03-17", set())])
def test_right_ends_with_its_last_day(day: str, services: set[str]) -> None:
    assert can(hall(), Window("W1", 1, operator="old"), date.fromisoformat(day)) == services


def test_right_counts_only_for_an_employer_that_may_hold_it() -> None:
    rights = [r | {"employers": ["registry"]} if r["id"] == "counsel" else r for r in parts("rights")]
    assert can(hall(rights=rights), Window("W1", 1, operator="ona"), DAY) == set()


def test_right_held_for_another_employer_does_not_count() -> None:
    borrowed = [{"right": "civil", "employer": "registry", "from": "2020-01-01"}]
    operators = [o | {"rights": borrowed} if o["id"] == "ona" else o for o in parts("operators")]
    assert can(hall(operators=operators), Window("W3", 3, operator="ona"), DAY) == set()


# --- log-in ----------------------------------------------------------------------------------------------------------------


def test_operator_sits_down_and_opens(play: Play) -> None:
    assert play.login("W1").light is Light.CLOSED
    assert play.kinds() == ["operator.in"]
    assert play.desk(m.WindowOpen).light is Light.FREE
    assert (play.window().operator, play.window().since) == ("ona", play.now)


def test_wrong_pin_and_stranger_are_told_apart(play: Play) -> None:
    refused(play.do(m.WindowLogin(id="x", window="W1", operator="ona", pin="tam"), CONSOLE), Refusal.WRONG_PIN)
    refused(play.do(m.WindowLogin(id="x", window="W1", operator="eve", pin="eve"), CONSOLE), Refusal.UNKNOWN_OPERATOR)
    refused(play.do(m.WindowLogin(id="x", window="W1", pin="ona"), CONSOLE), Refusal.UNKNOWN_OPERATOR)


def test_an_operator_whom_the_console_knows_sits_down_without_a_pin_and_it_is_written_down(play: Play) -> None:
    play.ok(m.WindowLogin(id="x", window="W1", operator="ona", by="ona-account"), CONSOLE)
    assert play.kinds() == ["operator.in"]
    assert "ona-account" in repr(play.last)
    assert play.window().operator == "ona"


def test_only_a_console_vouches_for_an_operator(play: Play) -> None:
    refused(play.do(m.WindowLogin(id="x", unit="pad-1", operator="tam", by="tam-account"), BRIDGE), Refusal.NOT_ALLOWED)


@pytest.mark.parametrize("proof", [{}, {"pin": "ona", "by": "ona-account"}, {"pin": ""}])
def test_a_log_in_has_exactly_one_proof(proof: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="pin"):
        m.WindowLogin.model_validate({"id": "x", "window": "W1", "operator": "ona", **proof})


def test_pin_is_in_no_event(play: Play) -> None:
    play.do(m.WindowLogin(id="x", window="W1", operator="ona", pin="ona"), CONSOLE)
    assert "pin" not in repr(play.last)


def test_operator_is_at_one_window_only(play: Play) -> None:
    play.login("W1")
    assert refused(play.login("W2", "ona"), Refusal.OPERATOR_ELSEWHERE) == {"window": "1"}


def test_same_operator_again_changes_nothing(play: Play) -> None:
    play.open("W1")
    play.take()
    play.next()
    assert play.login("W1").light is Light.CALLED
    assert play.last == ()


def test_next_operator_takes_over_an_idle_window_which_closes(play: Play) -> None:
    play.open("W1")
    play.next()
    assert play.login("W1", "bea").light is Light.CLOSED
    assert play.kinds() == ["window.closed", "operator.out", "operator.in"]
    assert (play.window().operator, play.window().armed) == ("bea", False)


def test_nobody_takes_over_a_window_with_a_visitor(play: Play) -> None:
    play.open("W1")
    play.take()
    play.next()
    assert refused(play.login("W1", "bea"), Refusal.WINDOW_BUSY) == {"window": "1", "label": "A001"}


def test_log_out_closes_the_window(play: Play) -> None:
    play.open("W1")
    assert play.desk(m.WindowLogout).light is Light.CLOSED
    assert play.window().operator is None
    refused(play.desk(m.WindowLogout), Refusal.NO_OPERATOR)
    assert play.login("W2", "ona").window == "W2"


@pytest.mark.parametrize("kind", [m.WindowLogout, m.WindowClose, m.WindowPause])
@pytest.mark.parametrize("served", [False, True])
def test_window_with_a_visitor_stays(play: Play, kind: type[m.WindowCommand], served: bool) -> None:
    play.open("W1")
    play.take()
    play.next()
    if served:
        play.desk(m.CallStart)
    assert refused(play.desk(kind), Refusal.WINDOW_BUSY) == {"window": "1", "label": "A001"}


# --- open, pause, close ----------------------------------------------------------------------------------------------------


def test_window_opens_only_with_an_operator(play: Play) -> None:
    assert refused(play.desk(m.WindowOpen), Refusal.NO_OPERATOR) == {"window": "1"}


def test_break_disarms_and_ends_by_opening(play: Play) -> None:
    play.open("W1")
    play.next()
    assert play.desk(m.WindowPause).light is Light.PAUSED
    play.take()
    assert play.light() is Light.PAUSED
    assert play.desk(m.WindowOpen).light is Light.FREE


@pytest.mark.parametrize("kind", [m.WindowOpen, m.WindowPause, m.WindowClose])
def test_doing_it_twice_changes_nothing(play: Play, kind: type[m.WindowCommand]) -> None:
    play.open("W1")
    first = play.desk(kind)
    assert play.wait(5).desk(kind).light is first.light
    assert play.last == ()


def test_closed_window_has_no_break(play: Play) -> None:
    play.login("W1")
    assert refused(play.desk(m.WindowPause), Refusal.WINDOW_CLOSED) == {"window": "1"}


def test_close_keeps_the_operator(play: Play) -> None:
    play.open("W1")
    play.desk(m.WindowClose)
    assert (play.window().state, play.window().operator) == (WindowState.CLOSED, "ona")


def test_pad_opens_pauses_and_closes_but_logs_nobody_in(play: Play) -> None:
    play.login("W1")
    for kind, light in ((m.WindowOpen, Light.FREE), (m.WindowPause, Light.PAUSED), (m.WindowClose, Light.CLOSED)):
        assert play.ok(kind(**play.id(), unit="pad-1"), BRIDGE).light is light
    login = m.WindowLogin(id="x", unit="pad-2", operator="tam", pin="tam")
    refused(play.do(login, BRIDGE), Refusal.NOT_ALLOWED)
    refused(play.do(m.WindowOpen(id="x", window="W1"), KIOSK), Refusal.NOT_ALLOWED)


def test_only_the_own_operator_acts_from_a_console(play: Play) -> None:
    play.login("W1")
    for kind in (m.WindowOpen, m.WindowLogout):
        refused(play.desk(kind, operator="tam"), Refusal.NOT_YOURS)
    assert play.desk(m.WindowOpen, operator="ona").light is Light.FREE


# --- PINs ------------------------------------------------------------------------------------------------------------------


def test_pin_matches_its_own_hash_only() -> None:
    pin_hash = hashed("4711", bytes(range(16)))
    assert verify("4711", pin_hash)
    assert not verify("4712", pin_hash)


@pytest.mark.parametrize("pin_hash", ["", "scrypt", "scrypt$", "scrypt$00$", "scrypt$zz$00", "plain$00$34373131", "$$"])
def test_hash_that_is_not_ours_matches_nothing(pin_hash: str) -> None:
    assert not verify("", pin_hash)
    assert not verify("4711", pin_hash)
