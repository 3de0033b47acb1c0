"""Windows and their operators: log-in, open, pause, close. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import assert_never

from contract.hall_part import Operator
from contract.messages import Done, WindowClose, WindowCommand, WindowLogin, WindowLogout, WindowOpen, WindowPause
from contract.words import Refusal, Role, TicketState, WindowState
from coordinator.draft import Draft, RefusedError
from coordinator.record import Pause, Ticket, Window, replace

Verify = Callable[[str, str], bool]
"""(PIN, its hash) → whether they belong together."""

WindowAct = WindowOpen | WindowPause | WindowClose | WindowLogin | WindowLogout


def place(draft: Draft, command: WindowCommand) -> Window:
    """The window a command means: a console names it, a pad is bound to one.

    Raises: RefusedError: not the actor's to name, no such window or pad, or another operator is logged in there.
    """
    draft.need_role(Role.BRIDGE, Role.CONSOLE)
    if command.unit is not None:
        name, _ = draft.actor.units.get(command.unit, ("", 0))
    else:
        draft.need_role(Role.CONSOLE)
        name = command.window or ""
    if name not in draft.state.windows:
        what = f"pad {command.unit}" if command.unit is not None else f"window {name}"
        raise RefusedError(Refusal.UNKNOWN_WINDOW, f"{what} does not belong to this hall", window=command.unit or name)
    window = draft.window(name)
    if command.operator is not None and not isinstance(command, WindowLogin) and command.operator != window.operator:
        text = f"another operator is logged in at window {window.number}, or nobody"
        raise RefusedError(Refusal.NOT_YOURS, text, window=window.number)
    return window


def done(draft: Draft, command: str, window: str) -> Done:
    """The answer that tells what the window shows now."""
    now = draft.window(window)
    ticket = draft.ticket_at(now)
    last = now.last_call if ticket is not None else None
    return Done(
        id=command, re=command, window=now.id, light=draft.light(now), ticket=now.ticket,
        label=ticket.label if ticket else None, why=last.why if last else None, why_facts=dict(last.facts) if last else {},
    )  # fmt: skip


def answer(draft: Draft, command: WindowAct, verify: Verify) -> str:
    """Do what is asked of a window; returns its id."""
    window = place(draft, command)
    match command:
        case WindowLogin():
            _login(draft, command, window, verify)
        case WindowLogout():
            _logout(draft, window)
        case WindowOpen():
            _open(draft, window)
        case WindowPause():
            _pause(draft, window, command)
        case WindowClose():
            _need_idle(draft, window)
            _close(draft, window)
        case _:
            assert_never(command)
    return window.id


def close_all(draft: Draft) -> None:
    """End of the day: every window closes, every operator is out."""
    for name in draft.state.windows:
        window = draft.window(name)
        if window.operator is not None or window.state is not WindowState.CLOSED:
            out = _closed(draft, replace(window, operator=None))
            draft.say("window.closed", out, *_break(draft, window), **_facts(window), operator=window.operator)


def to_all(draft: Draft, ticket: Ticket, window: Window) -> None:
    """A visitor sent to a window that takes him no longer may be called by any other."""
    draft.say(
        "ticket.waiting", replace(ticket, only_window=None), ticket=ticket.id, label=ticket.label, **_facts(window)
    )


def _login(draft: Draft, command: WindowLogin, window: Window, verify: Verify) -> None:
    draft.need_role(Role.CONSOLE)
    operator = draft.hall.operator_by_id.get(command.operator or "")
    if operator is None:
        raise RefusedError(Refusal.UNKNOWN_OPERATOR, "this operator does not work in this hall")
    if command.pin is not None and not verify(command.pin, operator.pin_hash):
        raise RefusedError(Refusal.WRONG_PIN, "the PIN is wrong")
    if window.operator != operator.id:
        _need_alone(draft, operator, window)
        if window.operator is not None:
            _logout(draft, window)
        vouched = {"by": command.by} if command.by is not None else {}
        draft.say("operator.in", replace(draft.window(window.id), operator=operator.id), **_facts(window), **vouched)


def _need_alone(draft: Draft, operator: Operator, window: Window) -> None:
    other = next((w for w in draft.state.windows.values() if w.operator == operator.id), None)
    if other is not None:
        text = f"{operator.id} is logged in at window {other.number}"
        raise RefusedError(Refusal.OPERATOR_ELSEWHERE, text, window=other.number)
    _need_idle(draft, window)


def _logout(draft: Draft, window: Window) -> None:
    if window.operator is None:
        text = f"nobody is logged in at window {window.number}"
        raise RefusedError(Refusal.NO_OPERATOR, text, window=window.number)
    _need_idle(draft, window)
    _close(draft, window)
    draft.say(
        "operator.out", replace(draft.window(window.id), operator=None), **_facts(window), operator=window.operator
    )


def _open(draft: Draft, window: Window) -> None:
    if window.operator is None:
        text = f"nobody is logged in at window {window.number}"
        raise RefusedError(Refusal.NO_OPERATOR, text, window=window.number)
    if window.state is not WindowState.FREE:
        opened = replace(window, state=WindowState.FREE, armed=False, since=draft.now, pause=None, back_at=None)
        draft.say("window.opened", opened, *_break(draft, window), **_facts(window))


def _pause(draft: Draft, window: Window, command: WindowPause) -> None:
    """A break; one that goes on may be told anew."""
    if window.state is WindowState.CLOSED:
        raise RefusedError(Refusal.WINDOW_CLOSED, f"window {window.number} is closed", window=window.number)
    _need_idle(draft, window)
    going = window.state is WindowState.PAUSED
    if going and command.pause is None and command.minutes is None:
        return
    back_at = draft.now + timedelta(minutes=command.minutes) if command.minutes is not None else None
    since = window.since if going else draft.now
    paused = replace(window, state=WindowState.PAUSED, armed=False, since=since, pause=command.pause, back_at=back_at)
    facts = {"pause": command.pause and str(command.pause), "minutes": command.minutes}
    draft.say("window.paused", paused, **_facts(window), **{name: value for name, value in facts.items() if value})


def _break(draft: Draft, window: Window) -> tuple[Pause, ...]:
    """The break of a window that ends now, for the journal."""
    if window.state is not WindowState.PAUSED:
        return ()
    return (Pause(window.id, window.since, draft.day.day, draft.now, window.operator, window.pause, window.back_at),)


def _close(draft: Draft, window: Window) -> None:
    if window.state is WindowState.CLOSED:
        return
    draft.say("window.closed", _closed(draft, window), *_break(draft, window), **_facts(window))
    for name in draft.state.in_state(TicketState.WAITING):
        ticket = draft.ticket(name)
        if ticket.only_window == window.id:
            to_all(draft, ticket, window)


def _closed(draft: Draft, window: Window) -> Window:
    return replace(window, state=WindowState.CLOSED, armed=False, since=draft.now, pause=None, back_at=None)


def _need_idle(draft: Draft, window: Window) -> None:
    ticket = draft.ticket_at(window)
    if ticket is not None:
        text = f"window {window.number} still has {ticket.label}"
        raise RefusedError(Refusal.WINDOW_BUSY, text, window=window.number, label=ticket.label)


def _facts(window: Window) -> dict[str, str | int]:
    return {"window": window.id, "number": window.number}
