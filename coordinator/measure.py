"""Recommendations about the staff: accepted by a person or within limits by the hall itself, in force to their time. Pure.

What the hall can do itself holds at once (a wider profile, a break sent later); what only a person can do (open or close a window)
is asked, and is done when it happens.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from itertools import pairwise

from contract.messages import Done, PlanAccept, PlanCommand
from contract.words import HallState, MeasureKind, MeasureState, Refusal, Role, TicketState, WindowState
from coordinator import window
from coordinator.draft import Draft, RefusedError
from coordinator.effect import Key, Weighed, key
from coordinator.hours import Span
from coordinator.record import Measure, Window, replace
from coordinator.routing import minute
from coordinator.state import HallDay, Recommended

LIVE = frozenset({MeasureState.ASKED, MeasureState.HOLDS})
_ASKED = frozenset({MeasureKind.OPEN, MeasureKind.CLOSE})
"""What only a person can do."""
HOUR = timedelta(hours=1)


# --- what is recommended ---------------------------------------------------------------------------------------------------


def recommended(state: HallDay, found: Iterable[Weighed], at: datetime) -> Recommended:
    """What was found at `at`; a recommendation that was there before keeps its id, unless it was decided about."""
    last = {} if state.recommended is None else state.recommended.weighed
    before = {key(one.recommendation): name for name, one in last.items() if name not in state.measures}
    return Recommended(at, {before.get(key(one.recommendation)) or _id(state, one, at): one for one in found})


def _id(state: HallDay, one: Weighed, at: datetime) -> str:
    said = (state.day.day.isoformat(), *key(one.recommendation), at.isoformat())
    return blake2s("/".join(map(str, said)).encode(), digest_size=8).hexdigest()


def current(state: HallDay, now: datetime) -> dict[str, Weighed]:
    """What is recommended at `now`: not expired, and nobody has decided about it. Best first."""
    last = state.recommended
    if last is None or state.day.state is not HallState.OPEN:
        return {}
    about = _decided(state, now)
    return {
        name: one
        for name, one in last.weighed.items()
        if minute(now) < one.recommendation.expires
        and name not in state.measures
        and key(one.recommendation) not in about
    }


def settled(state: HallDay, now: datetime) -> frozenset[Key]:
    """What is not to be recommended: it is decided, or not wanted for a while, or the break is not the window's own."""
    fixed = ((MeasureKind.DELAY_BREAK, w, None) for w in state.windows if next_break(state, w, now) is None)
    return frozenset((*_decided(state, now), *fixed))


def _decided(state: HallDay, now: datetime) -> set[Key]:
    return {
        (one.kind, one.window, one.service_group)
        for one in state.measures.values()
        if one.state in LIVE or (one.state is MeasureState.DISMISSED and now < one.until)
    }


def alone(state: HallDay, one: Weighed) -> bool:
    """Whether the hall may accept it by itself, were it the first."""
    rule = state.hall.rule
    return one.recommendation.kind in rule("plan.act_alone") and (
        one.recommendation.kind is MeasureKind.CLOSE or one.gain >= rule("plan.alone_gain_min")
    )


# --- what a window could do ------------------------------------------------------------------------------------------------


def further(state: HallDay, at: Window) -> tuple[tuple[str, frozenset[str]], ...]:
    """Service groups that the window does not take, with the services its operator may do there."""
    now, held = state.can(at), state.wider.get(at.id, ())
    found = []
    for group in state.services_in:
        more = state.can(at, tuple(sorted({*held, group}))) - now
        if more:
            found.append((group, more))
    return tuple(found)


def openable(state: HallDay) -> dict[str, frozenset[str]]:
    """Closed window → the services it would take if its operator, or else the one of the free ones who can do most, opened it.

    Left out where nobody can, and what is not to be staffed today and is no reserve.
    """
    there = {w.operator for w in state.windows.values()}
    free = [operator for operator in state.hall.operators if operator.id not in there]
    found: dict[str, frozenset[str]] = {}
    alike: dict[object, frozenset[str]] = {}
    for at in state.windows.values():
        place = state.hall.window_by_id[at.id]
        if at.state is not WindowState.CLOSED or not (place.reserve or state.hall.staffed(at.id, state.day.day)):
            continue
        layout = (place.employer, place.groups, place.station)
        if at.operator is None and layout not in alike:
            sets = (state.can(replace(at, operator=o.id)) for o in free if o.employer == place.employer)
            alike[layout] = max(sets, key=state.waiting, default=frozenset())
        if can := alike[layout] if at.operator is None else state.can(at):
            found[at.id] = can
    return found


# --- breaks ----------------------------------------------------------------------------------------------------------------


def staffed(state: HallDay, at: str) -> tuple[Span, ...]:
    """Planned staffed hours of the window today in UTC, with the breaks that were sent later."""
    later = {
        one.break_at: timedelta(minutes=one.minutes)
        for one in state.measures.values()
        if one.window == at and one.kind is MeasureKind.DELAY_BREAK and one.state is not MeasureState.DISMISSED
    }
    spans = [[start.astimezone(UTC), end.astimezone(UTC)] for start, end in state.hall.staffed(at, state.day.day)]
    for before, after in pairwise(spans):
        move = later.get(before[1], timedelta())
        before[1], after[0] = before[1] + move, min(after[0] + move, after[1])
    return tuple((start, end) for start, end in spans)


def next_break(state: HallDay, at: str, now: datetime) -> Span | None:
    """The window's next break today, where it is the window's own and was not moved yet; None: there is none."""
    moved = {one.break_at for one in state.measures.values() if one.window == at and one.break_at is not None}
    hours = state.hall.spans(state.day.day)
    planned = state.hall.staffed(at, state.day.day)
    own = [(a, b) for (_, a), (b, _) in pairwise(planned) if any(start <= a and b <= end for start, end in hours)]
    found = next(((a.astimezone(UTC), b.astimezone(UTC)) for a, b in own if a > now), None)
    return None if found is None or found[0] in moved else found


# --- deciding --------------------------------------------------------------------------------------------------------------


def answer(draft: Draft, command: PlanCommand) -> Done:
    """A person accepts a recommendation, or does not want it now."""
    draft.need_role(Role.CONSOLE)
    one = _needed(draft, command.recommendation)
    by = command.operator or draft.actor.dev
    if isinstance(command, PlanAccept):
        _accept(draft, command.recommendation, one, by)
    else:
        _dismiss(draft, command.recommendation, one, by)
    return Done(id=command.id, re=command.id)


def _needed(draft: Draft, name: str) -> Weighed:
    last = draft.state.recommended
    one = None if last is None else last.weighed.get(name)
    if one is None and name not in draft.measures:
        raise RefusedError(Refusal.UNKNOWN_RECOMMENDATION, "the hall does not recommend this")
    if one is None or name not in current(draft.state, draft.now) or not _fits(draft, one):
        raise RefusedError(Refusal.RECOMMENDATION_OVER, "its time is over, or somebody has decided about it")
    return one


def _fits(draft: Draft, one: Weighed) -> bool:
    """Whether the window is still as it was when this was recommended."""
    what = one.recommendation
    if what.window not in draft.state.windows:
        return False
    at = draft.window(what.window)
    match what.kind:
        case MeasureKind.OPEN:
            return at.state is WindowState.CLOSED
        case MeasureKind.CLOSE:
            return at.state is WindowState.FREE
        case MeasureKind.DELAY_BREAK:
            return next_break(draft.state, at.id, draft.now) is not None
        case MeasureKind.WIDEN_PROFILE:
            return at.state is WindowState.FREE and what.group in dict(further(draft.state, at))


def _accept(draft: Draft, name: str, one: Weighed, by: str | None) -> None:
    what, now = one.recommendation, draft.now
    minutes = 0 if what.kind in _ASKED else round(what.minutes)
    until, begins = now + timedelta(minutes=float(draft.hall.rule("plan.lasts_min"))), None
    if what.kind is MeasureKind.WIDEN_PROFILE:
        until = now + timedelta(minutes=minutes)
    elif what.kind is MeasureKind.DELAY_BREAK:
        planned = next_break(draft.state, what.window, now)
        assert planned is not None  # it fits
        begins, until = planned[0], planned[1] + timedelta(minutes=minutes)
    state = MeasureState.ASKED if what.kind in _ASKED else MeasureState.HOLDS
    measure = Measure(name, draft.day.day, what.kind, what.window, state, now, until, minutes, what.group, begins, by)
    draft.say(
        "plan.accepted", measure, window=what.window, number=draft.window(what.window).number, measure=what.kind,
        alone=by is None, late_without=round(one.without.late, 1), late_done=round(one.done.late, 1),
        overdue_without=round(one.without.overdue, 1), overdue_done=round(one.done.overdue, 1),
    )  # fmt: skip


def _dismiss(draft: Draft, name: str, one: Weighed, by: str) -> None:
    what = one.recommendation
    quiet = draft.now + timedelta(minutes=float(draft.hall.rule("plan.quiet_min")))
    measure = Measure(
        name, draft.day.day, what.kind, what.window, MeasureState.DISMISSED, draft.now, quiet, 0, what.group, by=by
    )
    draft.say("plan.dismissed", measure, window=what.window, number=draft.window(what.window).number, measure=what.kind)


# --- time ------------------------------------------------------------------------------------------------------------------


def tick(draft: Draft) -> None:
    """What was asked is done or was not done in time, what holds ends; what may act alone does."""
    for one in _live(draft):
        if (after := _next(draft, one)) is not one.state:
            _end(draft, one, after)
    if draft.day.state is HallState.OPEN and draft.hall.rule("plan.act_alone"):
        _alone(draft)


def end_all(draft: Draft) -> None:
    """The end of the day: nothing holds any more."""
    for one in _live(draft):
        _end(draft, one, MeasureState.DONE if one.state is MeasureState.HOLDS else MeasureState.EXPIRED)


def _live(draft: Draft) -> list[Measure]:
    return [one for one in draft.measures.values() if one.state in LIVE]


def _next(draft: Draft, one: Measure) -> MeasureState:
    """What has become of it by now."""
    over = draft.now >= one.until
    if one.state is MeasureState.HOLDS:
        return MeasureState.DONE if over else one.state
    at = draft.window(one.window) if one.window in draft.state.windows else None
    wanted = WindowState.FREE if one.kind is MeasureKind.OPEN else WindowState.CLOSED
    if at is not None and at.state is wanted:
        return MeasureState.DONE
    return MeasureState.EXPIRED if over else one.state


def _end(draft: Draft, one: Measure, state: MeasureState) -> None:
    draft.say(f"plan.{state}", replace(one, state=state, ended_at=draft.now), window=one.window, measure=one.kind)
    if one.kind is MeasureKind.WIDEN_PROFILE and one.window in draft.state.windows:
        _let_go(draft, draft.window(one.window))


def _let_go(draft: Draft, at: Window) -> None:
    """Who waits for this window alone, and for what it takes no longer, may be called by all."""
    can = draft.can(at)
    for name in draft.state.in_state(TicketState.WAITING):
        ticket = draft.ticket(name)
        if ticket.state is TicketState.WAITING and ticket.only_window == at.id and ticket.service not in can:
            window.to_all(draft, ticket, at)


def _alone(draft: Draft) -> None:
    """Accept the best of what the hall may do by itself: one at a time, so many an hour, each after a new look at the hall."""
    last = draft.state.recommended
    decided = [one.at for one in draft.measures.values() if one.state is not MeasureState.DISMISSED]
    mine = [one.at for one in draft.measures.values() if one.by is None and one.at > draft.now - HOUR]
    if last is None or any(at >= last.at for at in decided) or len(mine) >= draft.hall.rule("plan.alone_per_hour"):
        return
    for name, one in current(draft.state, draft.now).items():
        if alone(draft.state, one) and _fits(draft, one):
            _accept(draft, name, one, None)
            return
