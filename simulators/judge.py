"""Judges a policy on days: runs each day event by event, asks the policy who is called, and keeps the ledger.

    python -m simulators.judge --kinds all --seeds 1-8 --policy coordinator.adapter [--json] [-j 2]
    python -m simulators.judge --days tests/days --policy gcmu

A policy is a rule of simulators/rival.py or a module with `choose(state, window_id, now)` → ticket id or None and, if it likes,
`order_windows(state, idle_ids, now)` → ids, `plan(state, now)` → [{window, action open|close|delay_break, minutes}] and
`predict(state, ticket_id, now)` → (lo, mid, hi). Every time is minutes from opening. The state is new for every question:

    {now, waiting [{id, service, cls, arrive, since, appointment, leg, recalled}],
     windows [{id, open, busy, serving, since, can, primary, last_group, reserve, reserve_left, roster}],
     services {id: {mean, cv, group}}, targets {walk, appt, prio}, switch_min, nonprimary_factor,
     bookings [(time, service)] of the next hour, forecast {rate_per_min, mix {service: share}}}

Where that leaves room, it means here:

- `since` of a ticket: when it joined this line (check-in, or the end of the first leg). Its clock is the later of `since` and
  `appointment`; so a second leg has a clock of its own. Target and patience count from the clock, for every leg anew.
- `bookings` are all of the next hour, whether or not the visitor has come already. The lists and tables that stay the same all day
  (`can`, `primary`, `services`, `forecast`) are the same objects every time and not to be written into.
- `serving` is the service, `since` of a window when it began to serve (to call) or to be idle; `roster` is the plan, absences not shown.
- A policy is asked when a window becomes free or opens; when somebody joins a line, for the idle windows that may serve him,
  in the policy's order (else longest idle first), until he is called; and every minute for windows that idle while somebody waits.
- Silent leavers stay in `waiting` and burn NO_ANSWER_MIN at their call; loud ones disappear. Who is absent at the first call burns
  the same, stands in line again (`recalled`, with the old `since`) `back_after` minutes later or never, and is left out of the figures.
- The change of group and the slower work outside the profile lengthen a service; a call without an answer changes no group.
- An operator whose span ends finishes the visitor he has, later than planned if need be. After closing nobody new comes;
  who is there at closing time stays until nobody waits whom he may serve; who still waits two hours later is lost.
- Reserves of a policy without `plan` open at `static_reserve`; a policy with `plan` is asked every 5 minutes until closing, what
  it says happens 5 minutes later: `open` and `close` of reserve windows (each has `reserve_min` to spend; the last visitor's
  minutes past the end are free, as they are for the fixed hours), `delay_break` of the next break by up to 30 minutes in all.
  Anything else is refused and counted.
- `predict` is asked when a visitor without a booking takes a ticket whose id is a multiple of 5, and held against the wait of
  the first leg.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
from bisect import bisect_right
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from simulators.day_file import Day, Ticket, Window
from simulators.desk import Desk
from simulators.rival import RIVALS
from simulators.verdict import Call, Leg, Promise, Verdict

TARGETS = {"walk": 20.0, "appt": 5.0, "prio": 10.0}
NO_ANSWER_MIN = 1.0
PLAN_MIN, ACCEPT_MIN = 5.0, 5.0
LONGEST_DELAY_MIN = 30.0
STAY_MIN = 120.0
"""How long after closing the last visitors are waited for."""
PREDICT_EVERY = 5
ACTIONS = ("open", "close", "delay_break")
SHIFT, FREE, JOIN, LEAVE, ASK = range(5)
"""What happens at one time, in this order: shifts change, windows become free, people come, people leave, questions."""


class IllegalError(Exception):
    """A policy asked for what it may not: the message says what."""


class _Visitor:
    """One ticket in the hall, and how it is shown."""

    __slots__ = ("away", "card", "clock", "counted", "gone", "leg", "minutes", "ticket", "waits")

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.counted = True
        self.leg = -1
        self.waits = False
        self.away = False
        self.gone = False

    def join(self, leg: int, now: float) -> None:
        """Stands in line for that leg."""
        booked = self.ticket.appointment
        self.leg = leg
        self.clock = now if booked is None or booked < now else booked
        self.gone = False
        self.waits = True
        service, self.minutes = self.ticket.legs[leg]
        self.card: dict[str, Any] = {
            "id": self.ticket.id, "service": service, "cls": self.ticket.cls, "arrive": self.ticket.arrive, "since": now,
            "appointment": booked, "leg": leg, "recalled": False,
        }  # fmt: skip


class _Hall:
    """A day as it happens under one policy."""

    def __init__(self, day: Day, policy: Any) -> None:
        self.day = day
        self.policy = policy
        self.now = 0.0
        self.verdict = Verdict()
        self._visitors = [_Visitor(ticket) for ticket in day.truth.tickets]
        self._line: dict[int, _Visitor] = {}
        self._waiting = dict.fromkeys((service.id for service in day.services), 0)
        self._group = {service.id: service.group for service in day.services}
        self._desks = {window.id: self._desk(window) for window in day.windows}
        self._events: list[tuple[float, int, int, Callable[[Any], None], Any]] = []
        self._number = 0
        self._booked_times = [time for time, _ in day.bookings]
        self._told: dict[int, tuple[tuple[float, float, float] | None, float]] = {}
        self._facts: dict[str, Any] = {
            "services": {s.id: {"mean": s.mean, "cv": s.cv, "group": s.group} for s in day.services},
            "targets": TARGETS,
            "switch_min": day.switch_min,
            "nonprimary_factor": day.nonprimary_factor,
            "forecast": {
                "rate_per_min": list(day.forecast_rate_per_min),
                "mix": {s.id: s.mix for s in day.services},
            },
        }

    def _desk(self, window: Window) -> Desk:
        absences = [absence for absence in self.day.truth.absences if absence.window == window.id]
        return Desk(window, absences, self.day.closing, self.day.reserve_min)

    def run(self) -> Verdict:
        """The day from opening until the last visitor has gone."""
        for desk in self._desks.values():
            self._schedule(desk)
        for visitor in self._visitors:
            self._at(visitor.ticket.arrive, JOIN, self._arrive, visitor)
        for minute in range(int(self.day.closing + STAY_MIN)):
            self._at(float(minute), ASK, self._ask_again, None)
        if hasattr(self.policy, "plan"):
            for turn in range(int(self.day.closing / PLAN_MIN)):
                self._at(turn * PLAN_MIN, ASK, self._plan, None)
        last = self.day.closing + STAY_MIN
        while self._events and self._events[0][0] <= last:
            self.now, _, _, happen, whom = heappop(self._events)
            happen(whom)
        return self._end()

    def _at(self, time: float, order: int, happen: Callable[[Any], None], whom: Any) -> None:
        self._number += 1
        heappush(self._events, (time, order, self._number, happen, whom))

    # shifts

    def _schedule(self, desk: Desk) -> None:
        if desk.window.reserve and not hasattr(self.policy, "plan"):
            start, end = self.day.static_reserve
            desk.granted = (start, min(end, start + desk.left))
        times = {time for span in desk.spans for time in span}
        times |= {time for away in desk.absences for time in (away.start, away.end)}
        times |= set(desk.granted or ())
        for time in sorted(times):
            self._at(time, SHIFT, self._review, desk)

    def _review(self, desk: Desk) -> None:
        """Opens or closes the window as its operator comes and goes; a visitor is finished first."""
        if desk.granted is not None and self.now >= desk.granted[1]:
            desk.settle_grant(self.now)
        there = desk.there(self.now)
        if there and not desk.open:
            desk.open = True
            if not desk.busy:
                desk.opened = desk.since = self.now
                self._offer(desk)
        elif not there and desk.open:
            desk.open = False
            if not desk.busy:
                desk.open_min += self.now - desk.opened

    # people

    def _arrive(self, visitor: _Visitor) -> None:
        visitor.join(0, self.now)
        self._stand(visitor, ask=visitor.ticket.id % PREDICT_EVERY == 0 and visitor.ticket.cls != "appt")

    def _stand(self, visitor: _Visitor, ask: bool = False) -> None:
        patience = visitor.ticket.patience
        if patience is not None and not visitor.card["recalled"]:
            self._at(visitor.clock + patience, LEAVE, self._lose_patience, (visitor, visitor.leg))
        visitor.waits = True
        self._line[visitor.ticket.id] = visitor
        self._waiting[visitor.card["service"]] += 1
        if ask:
            self._ask_wait(visitor)
        self._offer_all([desk for desk in self._idle() if visitor.card["service"] in desk.can], visitor)

    def _lose_patience(self, whose: tuple[_Visitor, int]) -> None:
        visitor, leg = whose
        if visitor.leg != leg or visitor.gone or not (visitor.waits or visitor.away):
            return
        visitor.gone = True
        self._note_leg(visitor, None)
        if visitor.waits and not visitor.ticket.silent:
            self._take_out(visitor)

    def _take_out(self, visitor: _Visitor) -> None:
        del self._line[visitor.ticket.id]
        self._waiting[visitor.card["service"]] -= 1
        visitor.waits = False

    def _come_back(self, visitor: _Visitor) -> None:
        visitor.away = False
        if not visitor.gone:
            visitor.card["recalled"] = True
            self._stand(visitor)

    def _note_leg(self, visitor: _Visitor, wait: float | None) -> None:
        card = visitor.card
        self.verdict.legs.append(
            Leg(card["id"], visitor.leg, card["cls"], card["service"], visitor.clock, wait, visitor.counted)
        )

    # calls

    def _idle(self) -> list[Desk]:
        idle = [desk for desk in self._desks.values() if desk.open and not desk.busy]
        idle.sort(key=lambda desk: desk.since)
        return idle

    def _offer_all(self, idle: list[Desk], newcomer: _Visitor | None = None) -> None:
        """Asks for the idle windows in turn, while there is somebody to be called (the newcomer, if there is one)."""
        if len(idle) > 1 and hasattr(self.policy, "order_windows"):
            idle = self._in_order(idle)
        for desk in idle:
            if newcomer is not None and not newcomer.waits:
                return
            self._offer(desk)

    def _in_order(self, idle: list[Desk]) -> list[Desk]:
        ids = [desk.id for desk in idle]
        ordered = list(self.policy.order_windows(self.state(), list(ids), self.now))
        if sorted(ordered) != sorted(ids):
            raise IllegalError(f"order_windows at {self.now:g}: {ordered} are not the idle windows {ids}")
        return [self._desks[one] for one in ordered]

    def _offer(self, desk: Desk) -> None:
        """Asks the policy whom this idle window calls, if there is anybody it may call."""
        if not any(self._waiting[service] for service in desk.can):
            return
        chosen = self.policy.choose(self.state(), desk.id, self.now)
        if chosen is not None:
            self._call(desk, self._allowed(desk, chosen))

    def _allowed(self, desk: Desk, chosen: Any) -> _Visitor:
        visitor = self._line.get(chosen) if type(chosen) is int else None
        if visitor is None:
            raise IllegalError(f"choose for {desk.id} at {self.now:g}: ticket {chosen!r} is not waiting")
        if visitor.card["service"] not in desk.can:
            raise IllegalError(
                f"choose for {desk.id} at {self.now:g}: it may not serve {visitor.card['service']} of ticket {chosen!r}"
            )
        return visitor

    def _call(self, desk: Desk, visitor: _Visitor) -> None:
        passed = self._passed_older(visitor)
        self._take_out(visitor)
        first = not visitor.card["recalled"] and visitor.leg == 0
        outcome = "gone" if visitor.gone else "absent" if visitor.ticket.absent and first else "served"
        service = visitor.card["service"]
        minutes, switched = NO_ANSWER_MIN, False
        if outcome == "served":
            switched = desk.last_group not in (None, self._group[service])
            minutes = visitor.minutes * (1.0 if service in desk.primary else self.day.nonprimary_factor)
            minutes += self.day.switch_min if switched else 0.0
            desk.last_group = self._group[service]
            self._note_leg(visitor, max(0.0, self.now - visitor.clock))
            self._keep_promise(visitor)
        elif outcome == "absent":
            self._miss(visitor)
        desk.busy, desk.serving, desk.since = True, service, self.now
        until = self.now + minutes
        self.verdict.ledger.append(
            Call(
                self.now, desk.id, visitor.ticket.id, visitor.leg, service, outcome, until,
                max(0.0, self.now - visitor.clock), passed, switched, service in desk.primary,
            )
        )  # fmt: skip
        self._at(until, FREE, self._finish, (desk, visitor if outcome == "served" else None))

    def _passed_older(self, visitor: _Visitor) -> bool:
        """Whether somebody older of the same service and class stays waiting; who was recalled has had his turn."""
        card = visitor.card
        if card["recalled"]:
            return False
        return any(
            other.clock < visitor.clock - 1e-9
            and other.card["service"] == card["service"]
            and other.card["cls"] == card["cls"]
            and not other.card["recalled"]
            for other in self._line.values()
        )

    def _miss(self, visitor: _Visitor) -> None:
        visitor.counted = False
        back = visitor.ticket.back_after
        if back is None:
            visitor.gone = True
            self._note_leg(visitor, None)
        else:
            visitor.away = True
            self._at(self.now + back, JOIN, self._come_back, visitor)

    def _finish(self, what: tuple[Desk, _Visitor | None]) -> None:
        desk, visitor = what
        desk.busy_min += self.now - desk.since
        desk.busy, desk.serving, desk.since = False, None, self.now
        if not desk.open:
            desk.open_min += self.now - desk.opened
        if visitor is not None and visitor.leg + 1 < len(visitor.ticket.legs):
            visitor.join(visitor.leg + 1, self.now)
            self._stand(visitor)
        if desk.open and not desk.busy:
            self._offer(desk)

    def _ask_again(self, _: None) -> None:
        if self._line:
            self._offer_all([desk for desk in self._idle() if any(self._waiting[one] for one in desk.can)])

    # what a policy sees, plans and promises

    def state(self) -> dict[str, Any]:
        """The hall as a policy may see it, new for every question."""
        now = self.now
        first, last = bisect_right(self._booked_times, now), bisect_right(self._booked_times, now + 60.0)
        return {
            "now": now,
            "waiting": [visitor.card.copy() for visitor in self._line.values()],
            "windows": [desk.shown(now) for desk in self._desks.values()],
            "bookings": list(self.day.bookings[first:last]),
            **self._facts,
        }

    def _plan(self, _: None) -> None:
        actions = [self._checked(action) for action in self.policy.plan(self.state(), self.now) or ()]
        for action in actions:
            self._at(self.now + ACCEPT_MIN, SHIFT, self._act, action)

    def _checked(self, action: Any) -> tuple[Desk, str, float]:
        try:
            window, what, minutes = action["window"], action["action"], float(action.get("minutes") or 0.0)
            if what not in ACTIONS or minutes < 0 or not math.isfinite(minutes):
                raise IllegalError(f"plan at {self.now:g}: {action!r}")
            return self._desks[window], what, minutes
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise IllegalError(f"plan at {self.now:g}: {action!r}") from exc

    def _act(self, action: tuple[Desk, str, float]) -> None:
        desk, what, minutes = action
        done = {"open": self._open, "close": self._close, "delay_break": self._delay_break}[what](desk, minutes)
        if done:
            self._review(desk)
        else:
            self.verdict.refused += 1

    def _open(self, desk: Desk, minutes: float) -> bool:
        if not desk.window.reserve or self.now >= self.day.closing:
            return False
        minutes = min(minutes, desk.reserve_left(self.now))
        if minutes <= 0:
            return False
        if desk.granted is not None:
            desk.settle_grant(self.now)
        desk.granted = (self.now, self.now + minutes)
        self._at(desk.granted[1], SHIFT, self._review, desk)
        return True

    def _close(self, desk: Desk, _minutes: float) -> bool:
        if desk.granted is None:
            return False
        desk.settle_grant(self.now)
        return True

    def _delay_break(self, desk: Desk, minutes: float) -> bool:
        """Moves the next break, but not past the span behind it."""
        for number, start in enumerate(desk.spans[:-1]):
            end = desk.spans[number + 1]
            if start[1] > self.now:
                delay = min(minutes, LONGEST_DELAY_MIN - desk.delayed.get(number, 0.0), end[1] - end[0] - 1.0)
                if delay <= 0:
                    return False
                desk.delayed[number] = desk.delayed.get(number, 0.0) + delay
                start[1] += delay
                end[0] += delay
                self._at(start[1], SHIFT, self._review, desk)
                self._at(end[0], SHIFT, self._review, desk)
                return True
        return False

    def _ask_wait(self, visitor: _Visitor) -> None:
        told = None
        if hasattr(self.policy, "predict"):
            told = self._range(visitor.ticket.id)
        self._told[visitor.ticket.id] = (told, self._usual_formula(visitor))

    def _range(self, number: int) -> tuple[float, float, float]:
        said = self.policy.predict(self.state(), number, self.now)
        try:
            low, mid, high = (float(minutes) for minutes in said)
        except (TypeError, ValueError) as exc:
            raise IllegalError(f"predict for ticket {number}: {said!r}") from exc
        if not 0.0 <= low <= mid <= high < math.inf:
            raise IllegalError(f"predict for ticket {number}: {low:g}, {mid:g}, {high:g}")
        return low, mid, high

    def _usual_formula(self, visitor: _Visitor) -> float:
        """People ahead in the same line × mean minutes / open windows that serve it."""
        service = visitor.card["service"]
        serving = sum(desk.open and service in desk.can for desk in self._desks.values())
        mean: float = self._facts["services"][service]["mean"]
        return (self._waiting[service] - 1) * mean / max(1, serving)

    def _keep_promise(self, visitor: _Visitor) -> None:
        told = self._told.pop(visitor.ticket.id, None)
        if told is not None and visitor.counted and visitor.leg == 0:
            self.verdict.promises.append(Promise(visitor.ticket.id, *told, self.now - visitor.clock))

    def _end(self) -> Verdict:
        """The books are closed: who still waits is lost, and every window's minutes are counted."""
        for visitor in self._visitors:
            if (visitor.waits or visitor.away) and not visitor.gone:
                self._note_leg(visitor, None)
        verdict = self.verdict
        for desk in self._desks.values():
            if desk.open or desk.busy:
                desk.open_min += max(self.day.closing, desk.since) - desk.opened
            verdict.open_min[desk.id] = desk.open_min
            verdict.busy_min[desk.id] = desk.busy_min
            if desk.window.reserve:
                verdict.reserve_used += self.day.reserve_min - desk.reserve_left(self.now)
        return verdict


def judge(day: Day, policy: Any) -> Verdict:
    """What becomes of that day under that policy.

    Raises: IllegalError: it called somebody who does not wait or may not be served there, or answered in another form.
    """
    return _Hall(day, policy).run()


def policy_named(name: str) -> Any:
    """A rule of simulators/rival.py, or the module of that name.

    Raises: ValueError: there is none, or it has no `choose`.
    """
    if name in RIVALS:
        return RIVALS[name]
    if importlib.util.find_spec(name.partition(".")[0]) is None or importlib.util.find_spec(name) is None:
        raise ValueError(f"{name}: no rule ({', '.join(RIVALS)}) and no module")
    module = importlib.import_module(name)
    if not hasattr(module, "choose"):
        raise ValueError(f"{name}: has no `choose`")
    return module


def main(argv: list[str] | None = None) -> int:
    """The command."""
    from simulators.score import command

    return command(argv)


if __name__ == "__main__":
    raise SystemExit(main())
