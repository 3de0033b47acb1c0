"""What is done at a window with visitors: call, recall, start, finish, no_show, park, transfer; the one press. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import assert_never

from contract.messages import CallFinish, CallNext, CallNoShow, CallPark, CallRecall, CallStart, CallTransfer
from contract.words import HallState, Light, Refusal, Role, TicketState, Verb, Why, WindowState
from coordinator import leg, policy, visit
from coordinator.draft import Draft, RefusedError
from coordinator.record import LastCall, Ticket, Window, replace
from coordinator.routing import minute
from coordinator.window import place
from journal.event import Fact

A_MOMENT = timedelta(milliseconds=1)

CallAct = CallNext | CallRecall | CallStart | CallFinish | CallNoShow | CallPark | CallTransfer


def answer(draft: Draft, command: CallAct) -> str:
    """Do what is asked at a window; returns the window's id."""
    window = place(draft, command)
    match command:
        case CallNext():
            _next(draft, window, one_key=_one_key(draft, command))
        case CallRecall():
            _recall(draft, window, _at(draft, window, Refusal.NOTHING_CALLED))
        case CallStart():
            _start(draft, window, _at(draft, window, Refusal.NOTHING_CALLED))
        case CallFinish():
            _finish(draft, _at(draft, window, Refusal.NOT_SERVING), command.result)
        case CallNoShow():
            _no_show(draft, _at(draft, window, Refusal.NOTHING_CALLED))
        case CallPark():
            _park(draft, _at(draft, window, Refusal.NOT_SERVING), command.result)
        case CallTransfer():
            _transfer(draft, _at(draft, window, Refusal.NOT_SERVING), command)
        case _:
            assert_never(command)
    return window.id


def _at(draft: Draft, window: Window, otherwise: Refusal) -> Ticket:
    ticket = draft.ticket_at(window)
    if ticket is None:
        raise RefusedError(otherwise, f"nobody is called to window {window.number}", window=window.number)
    return ticket


# --- the one press ---------------------------------------------------------------------------------------------------------


def _one_key(draft: Draft, command: CallNext) -> bool:
    """Whether the press came from a pad that has no other key."""
    return command.unit is not None and draft.actor.units[command.unit][1] == 1


def _next(draft: Draft, window: Window, *, one_key: bool) -> None:
    need_another_press(draft, window)
    light = draft.light(window)
    match light:
        case Light.CLOSED:
            raise RefusedError(Refusal.WINDOW_CLOSED, f"window {window.number} is closed", window=window.number)
        case Light.PAUSED:
            raise RefusedError(Refusal.WINDOW_PAUSED, f"window {window.number} has a break", window=window.number)
        case Light.ARMED:
            _arm(draft, window, armed=False)
        case Light.FREE:
            if stopped := draft.calling_stopped():
                raise stopped
            _call_or_arm(draft, window)
        case Light.SERVING:
            _finish(draft, _at(draft, window, Refusal.NOT_SERVING))
            _go_on(draft, window)
        case Light.CALLED:
            _end_called(draft, window, _at(draft, window, Refusal.NOTHING_CALLED), one_key=one_key)
            _go_on(draft, window)
        case _:
            assert_never(light)


def need_another_press(draft: Draft, window: Window) -> None:
    """Raises: RefusedError: somebody was called here this moment, so it is the same finger."""
    last = window.last_call
    if last is not None and draft.within(last.at, draft.wall_s("call.double_press_s")):
        text = f"{last.label} was called to window {window.number} this moment"
        raise RefusedError(Refusal.ALREADY_CALLED, text, label=last.label, window=window.number)


def _end_called(draft: Draft, window: Window, ticket: Ticket, *, one_key: bool) -> None:
    """End a call nobody started: soon after it the visitor did not come, later the visit counts as served.

    An interruption does not count: the time runs from the moment the hall went on.
    """
    if draft.day.state is HallState.INTERRUPTED:
        text = f"the hall is interrupted, {ticket.label} stays called to window {window.number}"
        raise RefusedError(Refusal.HALL_INTERRUPTED, text, label=ticket.label, window=window.number)
    limit_s = draft.hall.rule("call.too_quick_s")
    begin = max(ticket.called_at or draft.now, draft.day.since or draft.now)
    if not draft.within(begin, limit_s):
        _finish(draft, ticket)
    elif one_key:
        _no_show(draft, ticket)
    else:
        text = f"{ticket.label} was called less than {limit_s} s ago: press start or no-show first"
        raise RefusedError(Refusal.TOO_QUICK, text, label=ticket.label, window=window.number, limit=limit_s)


def _go_on(draft: Draft, window: Window) -> None:
    """Call the next after a visitor left; while the hall calls nobody the window just becomes free."""
    if draft.calling_stopped() is None:
        _call_or_arm(draft, draft.window(window.id))


def _call_or_arm(draft: Draft, window: Window) -> None:
    if not _call(draft, window):
        _arm(draft, window, armed=True)


def _arm(draft: Draft, window: Window, *, armed: bool) -> None:
    after = replace(window, armed=armed, since=draft.now)
    draft.say("window.armed" if armed else "window.disarmed", after, window=window.id, number=window.number)


def serve(draft: Draft, armed: Collection[str]) -> None:
    """Call for every window of `armed` that may take somebody."""
    if not armed or draft.calling_stopped() is not None:
        return
    floor = draft.floor()
    for window in policy.order_windows(floor, armed, minute(draft.now)):
        if not floor.lines.counts.keys().isdisjoint(floor.desks[window].can):
            _call(draft, draft.window(window))


def _call(draft: Draft, window: Window) -> bool:
    """Call the best ticket to a free window; False when there is none."""
    decision = policy.choose(draft.floor(), window.id, minute(draft.now), draft.state.rules)
    if decision is None:
        return False
    facts: dict[str, Fact] = {**decision.facts, "score": decision.score}
    if decision.runner_up is not None:
        facts["runner_up"] = draft.ticket(decision.runner_up[0].id).label
    words = policy.words(decision, draft.state.rules)
    invite(draft, window, draft.ticket(decision.ticket.id), decision.why, words, facts)
    return True


def invite(
    draft: Draft, window: Window, chosen: Ticket, why: Why, words: Mapping[str, str], facts: Mapping[str, Fact]
) -> None:
    """Call this visitor to a free window. `words`: fill the text of `why`; `facts`: what else the journal is told."""
    wait_s = draft.since_s(chosen.clock_at)
    ticket = replace(
        chosen,
        state=TicketState.CALLED,
        window=window.id,
        operator=window.operator,
        called_at=draft.now,
        wait_s=wait_s,
        reason=str(why),
        told_kept=_kept(chosen, wait_s / 60.0) if chosen.leg == 1 else chosen.told_kept,
    )
    last = LastCall(draft.now, ticket.id, ticket.label, ticket.service, why, tuple(sorted(words.items())))
    after = replace(window, armed=False, ticket=ticket.id, since=draft.now, last_call=last)
    said = {**_announcement(draft, ticket, window), "why": str(why), **facts, "armed": window.armed}
    draft.say("ticket.called", ticket, after, **said)


def _kept(ticket: Ticket, wait_min: float) -> str | None:
    """What became of the wait that was told; None: none was."""
    told = ticket.told
    if told is None:
        return None
    if wait_min < told.low:
        return "sooner"
    return "longer" if told.high is not None and wait_min > told.high else "within"


def _announcement(draft: Draft, ticket: Ticket, window: Window) -> dict[str, Fact]:
    """What a chime and a voice need to know."""
    return {
        "ticket": ticket.id,
        "label": ticket.label,
        "window": window.id,
        "number": window.number,
        "zone": draft.hall.window_by_id[window.id].zone,
        "lang": ticket.lang,
        "again": ticket.recalls,
        "quiet": draft.hall.service_by_id[ticket.service].quiet,
    }


# --- the keys of their own -------------------------------------------------------------------------------------------------


def _recall(draft: Draft, window: Window, ticket: Ticket) -> None:
    draft.move(ticket, Verb.RECALL)
    if draft.day.state is HallState.INTERRUPTED:
        raise RefusedError(Refusal.HALL_INTERRUPTED, "the hall is interrupted, nobody is called", label=ticket.label)
    most, gap_s = draft.hall.rule("call.recalls_max"), draft.hall.rule("call.recall_gap_s")
    if ticket.recalls >= most:
        text = f"{ticket.label} was called again {ticket.recalls} times, which is all"
        raise RefusedError(Refusal.RECALL_LIMIT, text, label=ticket.label, limit=most)
    if window.last_call is not None and draft.within(window.last_call.at, gap_s):
        text = f"{ticket.label} was called less than {gap_s} s ago"
        raise RefusedError(Refusal.RECALL_TOO_SOON, text, label=ticket.label, limit=gap_s)
    ticket = replace(ticket, recalls=ticket.recalls + 1)
    why = window.last_call or LastCall(draft.now, ticket.id, ticket.label, ticket.service)
    last = why._replace(at=draft.now, ticket=ticket.id, label=ticket.label)
    draft.say("ticket.recalled", ticket, replace(window, last_call=last), **_announcement(draft, ticket, window))


def _start(draft: Draft, window: Window, ticket: Ticket) -> None:
    started = replace(ticket, state=draft.move(ticket, Verb.START), started_at=draft.now)
    after = replace(window, since=draft.now)
    draft.say("ticket.started", started, after, ticket=ticket.id, label=ticket.label, window=window.id)


def _finish(draft: Draft, ticket: Ticket, result: str | None = None) -> None:
    """Served; a visit with further services goes back to the queue for the next one."""
    state = draft.move(ticket, Verb.FINISH)
    _need_result(draft, ticket, result)
    if not ticket.then_services:
        leg.leave(draft, ticket, "finished", leg.ended(draft, ticket, state), result)
        return
    service, *then = ticket.then_services
    done = (*(ticket.done_services or ()), ticket.service)
    after = replace(leg.again(draft, ticket, draft.now), then_services=tuple(then), done_services=done)
    leg.leave(draft, ticket, "finished", _for_service(draft, after, service), result, further=service)


def _need_result(draft: Draft, ticket: Ticket, result: str | None) -> None:
    """Raises: RefusedError: the hall wants one said and it is not, or it has no such result."""
    if result is not None and result not in draft.hall.result_parks:
        raise RefusedError(Refusal.BAD_COMMAND, f"the hall has no result {result!r}", label=ticket.label)
    asked = draft.actor.role is Role.CONSOLE and draft.hall.rule("operator.outcome") == "required"
    if asked and result is None:
        raise RefusedError(
            Refusal.RESULT_NEEDED, f"say first how the visit of {ticket.label} ended", label=ticket.label
        )


def _no_show(draft: Draft, ticket: Ticket) -> None:
    leg.leave(draft, ticket, "no_show", leg.ended(draft, ticket, draft.move(ticket, Verb.NO_SHOW)))


def _park(draft: Draft, ticket: Ticket, result: str | None) -> None:
    state = draft.move(ticket, Verb.PARK)
    if result is not None and not draft.hall.result_parks.get(result, False):
        raise RefusedError(Refusal.BAD_COMMAND, f"nobody is parked with result {result!r}", label=ticket.label)
    leg.leave(draft, ticket, "parked", leg.ended(draft, ticket, state, result), result)


def _transfer(draft: Draft, ticket: Ticket, command: CallTransfer) -> None:
    """Back to waiting for another service, one window, or both: in front, or where the hall's rule says."""
    draft.move(ticket, Verb.TRANSFER)
    if command.service is None and command.to_window is None:
        raise RefusedError(Refusal.BAD_COMMAND, "a transfer needs a service or a window", label=ticket.label)
    service = command.service or ticket.service
    _need_service(draft, service)
    if command.to_window is not None:
        _need_window(draft, command.to_window, service)
    after = _for_service(
        draft, leg.again(draft, ticket, _clock_at(draft, ticket, command, service), command.to_window), service
    )
    said = {"service": service, "to_window": command.to_window}
    noted = command.note is not None
    leg.leave(draft, ticket, "transferred", after, None, **said, first=command.first, noted=noted)
    if command.note is not None:
        visit.note(draft, ticket.id, command.note)


def _clock_at(draft: Draft, ticket: Ticket, command: CallTransfer, service: str) -> datetime:
    """From when a transferred visitor's wait counts. In front: from a moment before that of whoever waits longest for the service."""
    if command.first:
        head = draft.floor().lines.oldest(service)
        before = draft.now if head is None else draft.ticket(head.id).clock_at - A_MOMENT
        return min(before, draft.now)
    return ticket.clock_at if draft.hall.rule("transfer.place") == "kept" else draft.now


def _for_service(draft: Draft, ticket: Ticket, service: str) -> Ticket:
    return replace(ticket, service=service, service_group=draft.hall.service_by_id[service].group)


def _need_service(draft: Draft, name: str) -> None:
    service = draft.hall.service_by_id.get(name)
    if service is None:
        raise RefusedError(Refusal.UNKNOWN_SERVICE, f"the hall does not offer {name!r}", service=name)
    if service.id not in draft.state.offered:
        raise RefusedError(Refusal.SERVICE_CLOSED, f"no window of the hall can take {name!r}", service=name)


def _need_window(draft: Draft, name: str, service: str) -> None:
    if name not in draft.state.windows:
        raise RefusedError(Refusal.UNKNOWN_WINDOW, f"window {name} does not belong to this hall", window=name)
    window = draft.window(name)
    if window.state is WindowState.CLOSED:
        raise RefusedError(Refusal.WINDOW_CLOSED, f"window {window.number} is closed", window=window.number)
    if service not in draft.can(window):
        text = f"window {window.number} may not do {service} now"
        raise RefusedError(Refusal.NO_RIGHT, text, window=window.number, service=service)
