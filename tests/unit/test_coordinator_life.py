"""The table of a ticket's life, whole: every state, every verb, every role."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

import pytest

from contract import messages as m
from contract.words import LIFE, PaymentState, Pick, Refusal, Role, TicketState, Verb
from coordinator.draft import Actor, Draft, RefusedError
from tests.small_hall import BOARD, BRIDGE, CONSOLE, KIOSK, Play, hall, refused

S = TicketState
WINDOW_VERBS: dict[Verb, type[m.WindowCommand]] = {
    Verb.RECALL: m.CallRecall, Verb.START: m.CallStart, Verb.FINISH: m.CallFinish, Verb.NO_SHOW: m.CallNoShow,
    Verb.PARK: m.CallPark,
}  # fmt: skip
TICKET_VERBS: dict[Verb, type[m.TicketCommand]] = {
    Verb.RETURN: m.TicketReturn, Verb.CANCEL: m.TicketCancel, Verb.VOID: m.TicketVoid,
}  # fmt: skip
REACH: dict[TicketState, Callable[[Play], object]] = {
    S.ISSUED: lambda play: None,
    S.WAITING: lambda play: play.wait(10).tick(),
    S.CALLED: lambda play: play.wait(10).tick().next(),
    S.SERVING: lambda play: (REACH[S.CALLED](play), play.desk(m.CallStart)),
    S.PARKED: lambda play: (REACH[S.CALLED](play), play.desk(m.CallPark)),
    S.FINISHED: lambda play: (REACH[S.CALLED](play), play.desk(m.CallFinish)),
    S.NO_SHOW: lambda play: (REACH[S.CALLED](play), play.desk(m.CallNoShow)),
    S.CANCELLED: lambda play: play.of(m.TicketCancel, "A001"),
    S.VOID: lambda play: play.of(m.TicketVoid, "A001", replace=False),
}


def in_state(state: TicketState) -> Play:
    """A hall whose only ticket A001 is in `state`, at W1 where that is at a window."""
    play = Play(hall()).open("W1")
    play.ask()
    REACH[state](play)
    assert play.where("A001") is state
    return play.wait(60)


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("state", TicketState)
@pytest.mark.parametrize("role", Role)
def test_table_of_life_decides(state: TicketState, verb: Verb, role: Role) -> None:
    play = in_state(state)
    draft = Draft(play.state, play.now, Actor("box", role), "c", "box")
    after, roles = LIFE.get((state, verb), (None, frozenset()))
    if after is not None and role in roles:
        assert draft.move(play.ticket("A001"), verb) is after
        return
    with pytest.raises(RefusedError) as no:
        draft.move(play.ticket("A001"), verb)
    assert no.value.code is (Refusal.WRONG_STATE if after is None else Refusal.NOT_ALLOWED)


@pytest.mark.parametrize("verb", TICKET_VERBS)
@pytest.mark.parametrize("state", TicketState)
def test_commands_on_a_ticket_follow_the_table(state: TicketState, verb: Verb) -> None:
    play = in_state(state)
    reply = play.of(TICKET_VERBS[verb], "A001")
    after, roles = LIFE.get((state, verb), (None, frozenset()))
    if after is None:
        refused(reply, Refusal.WRONG_STATE)
    elif Role.CONSOLE not in roles:
        refused(reply, Refusal.NOT_ALLOWED)
    else:
        assert play.where("A001") is after


@pytest.mark.parametrize("verb", WINDOW_VERBS)
@pytest.mark.parametrize("state", [S.CALLED, S.SERVING])
def test_commands_at_a_window_follow_the_table(state: TicketState, verb: Verb) -> None:
    play = in_state(state)
    reply = play.desk(WINDOW_VERBS[verb])
    after, _ = LIFE.get((state, verb), (None, frozenset()))
    if after is None:
        refused(reply, Refusal.WRONG_STATE)
    else:
        assert play.where("A001") is after


@pytest.mark.parametrize("state", TicketState)
def test_only_a_waiting_ticket_is_called(state: TicketState) -> None:
    play = in_state(state)
    play.login("W4")
    play.desk(m.WindowOpen, "W4")
    play.next("W4")
    called = play.ticket("A001").window == "W4"
    assert called == ((state, Verb.CALL) in LIFE)


COMMANDS: list[type[m.Command]] = list(typing.get_args(m.HallCommand))
FIELDS: dict[str, Any] = {
    "service": "advice", "lang": "en", "ticket": "260317-A001", "window": "W1", "operator": "ona", "pin": "ona",
    "to_window": None, "person": "invented 0001", "recommendation": "nobody-said-so",
    "dev": "terminal-1", "payment": "p-1", "state": PaymentState.DECLINED,
    "document": "{}", "base": 3, "why": "to see", "label": "A001", "text": "a seal", "unit": "pad-1",
    "what": "shift", "device": "pos-1", "batch": "1",
}  # fmt: skip


def filled(kind: type[m.Command], fields: dict[str, Any]) -> m.Command:
    """A command with what it needs; what is done at a window names the window."""
    wanted = {name: value for name, value in fields.items() if name in kind.model_fields}
    if issubclass(kind, m.WindowCommand):
        del wanted["unit"]
    if kind is m.CallPick:
        wanted["why"] = Pick.BACK
    return kind(id="press-1", **wanted)


def with_a_booking() -> tuple[Play, dict[str, Any]]:
    """A hall with one ticket and one booking that can be checked in, and the fields of any command in it."""
    play = in_state(S.WAITING)
    return play, FIELDS | {"code": play.book("09:15").code, "start": play.local("10:00")}


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_every_command_has_an_answer_of_its_own(kind: type[m.Command]) -> None:
    play, fields = with_a_booking()
    reply = play.do(filled(kind, fields), CONSOLE)
    assert isinstance(reply, m.Issued | m.Done | m.Booked | m.Refused)
    assert reply.re == "press-1"


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("actor", [BOARD, KIOSK, BRIDGE], ids=lambda actor: actor.dev)
def test_boxes_do_only_what_is_theirs(kind: type[m.Command], actor: Actor) -> None:
    theirs = {KIOSK.dev: {m.TicketIssue, m.TicketVoid, m.BookingBook, m.BookingCheckIn}}.get(actor.dev, set())
    play, fields = with_a_booking()
    reply = play.do(filled(kind, fields), actor)
    if kind in theirs:
        assert not isinstance(reply, m.Refused)
    elif issubclass(kind, m.TicketReturn):
        refused(reply, Refusal.WRONG_STATE)
    else:
        refused(reply, Refusal.NOT_ALLOWED)
