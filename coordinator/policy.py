"""Whom to call next: of the heads of the lines, the one most worth this window's time now. Pure.

Every head gets a score and the largest is called: how far its wait has come towards what it was promised, counted on by the minutes
until another window could take it, for each minute it will need here. Nothing is remembered between two choices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf
from typing import NamedTuple

from contract.words import Why
from coordinator.floor import Desk, Floor
from coordinator.line import BOOKED, ORDINARY, Waiting
from coordinator.pressure import pressure


@dataclass(frozen=True, slots=True)
class Claim:
    """What one class of visitors may expect. `target`: promised minutes; `look`: minutes looked ahead; `weight`: what it counts;
    `scarcity`: how much of the minutes until another window is free counts as waited.
    """

    target: float
    look: float
    scarcity: float
    weight: float


@dataclass(frozen=True, slots=True)
class Rules:
    """How a hall routes, in minutes where nothing else is said; the defaults are those of the knobs in `contract/rules.json`.

    `guard`: who has waited longer is called before all others, oldest first; where more than `guard_from` minutes of work stand
    before each window, `guard_load` minutes later for each of them, at most `guard_most`; `early_booked`: how long before its
    time a booking may be called by a window that would idle; `steep`: how strongly urgency grows; `quick`: how much short visits
    are preferred, 0 not at all, `quick_late`: by how much more among those who are late; `cap`: urgency (in targets) above which
    it grows by `late` only, so that in a late hall those are helped who can still be in time; `outside`, `switch`: share of the
    score lost outside the window's profile, and where the window changes to another group; `alt_most`: no other window counts as
    farther away.

    `look`, `steep`, `quick_late`, `guard_load`, `guard_from` and `alt_most` are no knobs: nobody can say what they do to people.
    """

    walk: Claim = Claim(20.0, 7.7, 0.35, 1.0)
    booked: Claim = Claim(5.0, 4.3, 1.55, 1.5)
    priority: Claim = Claim(10.0, 7.1, 1.1, 1.6)
    guard: float = 46.0
    guard_most: float = 65.0
    guard_load: float = 2.0
    guard_from: float = 30.0
    early_booked: float = 10.0
    steep: float = 3.4
    quick: float = 1.0
    quick_late: float = 0.15
    cap: float = 1.8
    late: float = 0.005
    outside: float = 0.4
    switch: float = 0.05
    alt_most: float = 30.0

    def claim(self, rank: int) -> Claim:
        """What a visitor of that rank may expect."""
        if rank == ORDINARY:
            return self.walk
        return self.booked if rank == BOOKED else self.priority


class Pick(NamedTuple):
    """A head at a window. `wait`: minutes since its clock, negative before it; `alt`: until another window could take it;
    `minutes`: it will need here; `outside`: not the window's profile; `switch`: another group than the last visitor's.
    """

    ticket: Waiting
    wait: float
    alt: float
    minutes: float
    outside: bool
    switch: bool
    score: float = 0.0


class Decision(NamedTuple):
    """Who is called and why. `runner_up`: the best head of another line and its score; `facts`: the terms, in minutes."""

    ticket: Waiting
    why: Why
    score: float
    runner_up: tuple[Waiting, float] | None
    facts: Mapping[str, float | bool]


def choose(floor: Floor, window: str, now: float, rules: Rules) -> Decision | None:
    """Whom the window should call at `now`; None: nobody it may call.

    Its cost does not depend on the number waiting. Ties go by clock, then number, then id.
    """
    found = picks(floor, window, now, rules)
    if not found:
        return None
    best, second = found[0], found[1] if len(found) > 1 else None
    return Decision(
        ticket=best.ticket,
        why=_why(best, second, rules),
        score=best.score,
        runner_up=None if second is None else (second.ticket, second.score),
        facts=_facts(best, rules),
    )


def picks(floor: Floor, window: str, now: float, rules: Rules) -> list[Pick]:
    """The heads among which the window chooses, best first: those past the guard; else those due; else bookings a little early."""
    desk = floor.desks[window]
    heads = [h for h in floor.heads(desk) if h.due is None or h.due - now <= rules.early_booked]
    if not heads:
        return []
    if len(heads) == 1 and now - heads[0].clock < rules.guard:
        return [_unscored(floor, desk, heads[0], now)]
    levels = pressure(floor, now)
    guard = guard_min(levels, rules)
    past = [h for h in heads if now - h.clock >= guard]
    due = past or [h for h in heads if h.due is None or h.due <= now]
    if past or not due:
        return [_unscored(floor, desk, head, now) for head in sorted(past or heads)]
    found = [_scored(floor, desk, head, now, levels, rules) for head in due]
    found.sort(key=lambda pick: (-pick.score, pick.ticket))
    return _after_priority(found, rules)


def guard_min(levels: Mapping[str, float], rules: Rules) -> float:
    """After how many minutes a visitor goes before all others; later where much work stands before the windows on average.

    In a hall that is late as a whole a fixed limit would make it call by age alone, and everybody late.
    """
    load = sum(levels.values()) / len(levels) if levels else 0.0
    return min(rules.guard_most, rules.guard + rules.guard_load * max(0.0, load - rules.guard_from))


def order_windows(floor: Floor, idle: Iterable[str], _now: float) -> list[str]:
    """In which order idle windows look for a visitor: somebody of its own profile waits; least flexible; longest idle."""
    counts = floor.lines.counts

    def key(window: str) -> tuple[bool, int, float, str]:
        desk = floor.desks[window]
        return (counts.keys().isdisjoint(desk.primary), len(desk.can), desk.since, window)

    return sorted(idle, key=key)


def _after_priority(found: list[Pick], rules: Rules) -> list[Pick]:
    """Who was called before does not go before a priority visitor who is already late."""
    late = any(p.ticket.rank < ORDINARY and not p.ticket.again and p.wait > rules.priority.target for p in found)
    if late and found[0].ticket.again:
        found.sort(key=lambda pick: pick.ticket.again)
    return found


def _scored(floor: Floor, desk: Desk, head: Waiting, now: float, levels: Mapping[str, float], rules: Rules) -> Pick:
    alt = rules.alt_most
    if head.only_window is None:
        for other in floor.able[head.service]:
            if levels[other] < alt and other != desk.id:
                alt = levels[other]
    outside = head.service not in desk.primary
    switch = desk.last_group not in (None, floor.works[head.service].group)
    minutes = floor.minutes(desk, head.service)
    wait = max(0.0, now - head.clock)  # the clock may have been set back
    worth = _worth(head.rank, wait, alt, minutes, outside, switch, rules)
    return Pick(head, wait, alt, minutes, outside, switch, worth)


def _worth(rank: int, wait: float, alt: float, minutes: float, outside: bool, switch: bool, rules: Rules) -> float:
    claim = rules.claim(rank)
    urgency = (wait + claim.look + claim.scarcity * alt) / claim.target
    if urgency > rules.cap:
        urgency = rules.cap + rules.late * (urgency - rules.cap)
    late = rank == ORDINARY and wait > claim.target
    quick = rules.quick + rules.quick_late if late else rules.quick
    worth: float = claim.weight * urgency**rules.steep / minutes**quick
    if outside:
        worth *= 1.0 - rules.outside
    if switch:
        worth *= 1.0 - rules.switch
    return worth


def _unscored(floor: Floor, desk: Desk, head: Waiting, now: float) -> Pick:
    """A head that goes by its clock alone."""
    outside = head.service not in desk.primary
    switch = desk.last_group not in (None, floor.works[head.service].group)
    wait = now - head.clock
    return Pick(head, wait, 0.0, floor.minutes(desk, head.service), outside, switch, wait)


def words(decision: Decision, rules: Rules) -> dict[str, str]:
    """The facts that the texts `why.<code>` name, as whole minutes."""
    facts = decision.facts
    minutes = {"wait": facts["wait_min"], "target": facts["target_min"], "alt": facts["alt_min"], "guard": rules.guard}
    return {name: f"{abs(value):.0f}" for name, value in minutes.items()}


# --- why -------------------------------------------------------------------------------------------------------------------


def _why(best: Pick, second: Pick | None, rules: Rules) -> Why:
    """The one term without which the runner-up would be called."""
    if best.ticket.due is not None and best.wait < 0:
        return Why.EARLY
    if best.wait >= rules.guard:
        return Why.GUARD
    if second is None:
        return Why.ALONE
    if second.score > best.score:
        return Why.PRIORITY
    for why, less in _without(rules, best.ticket.rank):
        said_truly = why is not Why.IN_TIME or best.wait <= rules.claim(best.ticket.rank).target
        if said_truly and _place(second, less) < _place(best, less):
            return why
    return Why.WAITED


def _place(pick: Pick, rules: Rules) -> tuple[float, Waiting]:
    """Where it would stand among the picks by these rules."""
    worth = _worth(pick.ticket.rank, pick.wait, pick.alt, pick.minutes, pick.outside, pick.switch, rules)
    return (-worth, pick.ticket)


@lru_cache(64)
def _without(rules: Rules, rank: int) -> tuple[tuple[Why, Rules], ...]:
    """The rules with one term taken out, by the word for it; the class only where the winner has one."""
    plain = (rules.walk, rules.booked, rules.priority)
    even = [replace(claim, scarcity=0.0) for claim in plain]
    own = replace(rules, booked=rules.walk, priority=rules.walk)
    cases = [
        (Why.SCARCE, replace(rules, walk=even[0], booked=even[1], priority=even[2])),
        (Why.PROFILE, replace(rules, outside=0.0)),
        (Why.SAME_KIND, replace(rules, switch=0.0)),
        (Why.IN_TIME, replace(rules, cap=inf, quick_late=0.0)),
        (Why.QUICK, replace(rules, quick=0.0, quick_late=0.0)),
    ]
    if rank != ORDINARY:
        cases.insert(0, (Why.BOOKED if rank == BOOKED else Why.PRIORITY, own))
    return tuple(cases)


def _facts(pick: Pick, rules: Rules) -> dict[str, float | bool]:
    target = rules.claim(pick.ticket.rank).target
    return {
        "wait_min": round(pick.wait, 1),
        "target_min": target,
        "slack_min": round(target - pick.wait, 1),
        "alt_min": round(pick.alt, 1),
        "minutes": round(pick.minutes, 1),
        "outside_profile": pick.outside,
    }
