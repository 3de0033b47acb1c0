"""Whom to call next, in a hall of 100 windows and 40 services: on the product's own state, beside a look at the heads by clock alone.

The two take turns, so that both meet the same moment. Apart: building the state anew from dictionaries, and a whole day replayed.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bench.rig import Figure, percentile
from contract import hall as hall_document
from contract import rules as knobs
from contract.hall import Hall
from contract.hours import WEEKDAYS
from contract.words import LETTERS, HallState, Paper, Role, TicketState, WindowState
from coordinator import adapter, policy
from coordinator.draft import Actor, Draft
from coordinator.planner import PlanRules
from coordinator.record import DayRow, LastCall, Ticket, Window
from coordinator.replays import replay
from coordinator.routing import minute
from coordinator.script import Script, recorded
from coordinator.simulate import Fifo, Index, run
from coordinator.state import HallDay
from simulators.day import make

WINDOWS, GROUPS, IN_GROUP = 100, 10, 4
LIMITS_MS = {1_000: 1.0, 10_000: 2.0}
"""Waiting → what the slowest of a hundred choices may take."""
LONGEST_S = 2700.0
"""Nobody is past the guard: who is goes by clock alone, which costs next to nothing."""
DAY_S = 0.5
NOW = datetime(2026, 3, 16, 6, 0, tzinfo=UTC)
DAY = NOW.date()


def measure(choices: int) -> list[Figure]:
    """`choices` by the hall's rule and as many by clock, with 1,000 and 10,000 waiting; then a day."""
    found = [figure for waiting in LIMITS_MS for figure in _measured(waiting, choices)]
    return [*found, _day()]


def _measured(waiting: int, choices: int) -> list[Figure]:
    state, random = _hall_day(waiting), Random(1)
    draft = Draft(state, NOW, Actor("bench", Role.CONSOLE), None, "bench")
    fifo, now = Fifo(), minute(NOW)
    windows = list(state.windows)
    rule, clock = [], []
    gc.freeze()  # as the coordinator does when it has started
    for _ in range(choices):
        window = random.choice(windows)
        floor = draft.floor()
        rule.append(_ms(lambda f=floor, w=window: policy.choose(f, w, now, state.rules)))  # type: ignore[misc]
        clock.append(_ms(lambda f=floor, w=window: fifo.choose(f, w, now)))  # type: ignore[misc]
        draft.leave()
    p50, p99, usual = percentile(rule, 0.5), percentile(rule, 0.99), percentile(clock, 0.5)
    limit = LIMITS_MS[waiting]
    name = f"choose, {waiting:,} waiting x {WINDOWS} windows"
    note = f"n {choices}, p50 {p50:.3f} ms, {p50 / usual:.0f}x a look at the heads by clock ({usual * 1000:.0f} us)"
    return [
        Figure(f"{name} p99", p99, "ms", limit, p99 / limit, 1.0, at_least=False, note=note),
        Figure.plain(
            f"state from dictionaries, {waiting:,} waiting", _rebuild_ms(state), "ms", "adapter only, p50 of 20"
        ),
    ]


def _ms(do: Callable[[], object]) -> float:
    """Milliseconds of this thread's own work: nothing is waited for in it, and the neighbours' work is not its."""
    began = time.thread_time()
    do()
    return (time.thread_time() - began) * 1000


def _rebuild_ms(state: HallDay) -> float:
    dictionaries = _dictionaries(state)
    return percentile([_ms(lambda: adapter.floor(dictionaries)) for _ in range(20)], 0.5)


def _dictionaries(state: HallDay) -> dict[str, Any]:
    floor = state.floor
    waiting = [
        {
            "id": one.id,
            "service": one.service,
            "cls": "walk",
            "since": one.clock,
            "appointment": None,
            "leg": 0,
            "recalled": False,
        }
        for one in floor.lines
    ]
    windows = [
        {
            "id": desk.id, "open": desk.open, "busy": desk.serving is not None, "serving": desk.serving, "since": desk.since,
            "can": list(desk.can), "primary": list(desk.primary), "last_group": desk.last_group, "reserve": False,
            "reserve_left": 0.0, "roster": [],
        }
        for desk in floor.desks.values()
    ]  # fmt: skip
    services = {name: {"mean": work.mean, "cv": work.cv, "group": work.group} for name, work in floor.works.items()}
    return {
        "now": minute(NOW), "waiting": waiting, "windows": windows, "services": services,
        "targets": {"walk": 20.0, "appt": 5.0, "prio": 10.0}, "switch_min": 0.5, "nonprimary_factor": 1.1,
    }  # fmt: skip


def _day() -> Figure:
    """The days of nine kinds replayed by the hall's rule with its plan: the slowest."""
    scripts = [_script(kind) for kind in ("calm", "burst", "employers", "overload", "transfers")]
    rules = replay.drafted(lambda name: knobs.value({}, name), {})
    took = [_ms(lambda s=script: run(s, Index(rules, PlanRules()))) / 1000 for script in scripts]  # type: ignore[misc]
    usual = [_ms(lambda s=script: run(s, Fifo())) / 1000 for script in scripts]  # type: ignore[misc]
    visitors = sum(len(script.visitors) for script in scripts) // len(scripts)
    note = (
        f"slowest of {len(scripts)} made days, {visitors} visitors each, {sum(took) / sum(usual):.1f}x FIFO by profile"
    )
    return Figure("one day replayed", max(took), "s", DAY_S, max(took) / DAY_S, 1.0, at_least=False, note=note)


def _script(kind: str) -> Script:
    day = make(kind, 1)
    return recorded(asdict(day), day.closing)


# --- the hall --------------------------------------------------------------------------------------------------------------


def _hall_day(waiting: int) -> HallDay:
    """Every window open and most of them busy, and so many in line."""
    hall, random = _hall(), Random(2)
    state = HallDay(hall)
    state.take(DayRow(DAY, HallState.OPEN, 1, opened_at=NOW - timedelta(hours=3)))
    services = [service.id for service in hall.services]
    for number, service in enumerate(random.choices(services, k=waiting)):
        state.take(
            _ticket(hall, number, service, NOW - timedelta(seconds=random.uniform(0, LONGEST_S)), TicketState.WAITING)
        )
    for number, place in enumerate(hall.windows):
        window = Window(place.id, place.number, WindowState.FREE, operator=place.id, since=NOW - timedelta(minutes=4))
        state.take(window)
        if number % 10:
            _serve(state, window, waiting + number, random)
    return state


def _serve(state: HallDay, window: Window, number: int, random: Random) -> None:
    service = random.choice(sorted(state.can(window)))
    since = NOW - timedelta(minutes=random.uniform(0, 12))
    ticket = _ticket(state.hall, number, service, since, TicketState.SERVING, window.id)
    state.take(ticket)
    last = LastCall(since, ticket.id, ticket.label, service)
    state.take(Window(window.id, window.number, WindowState.FREE, False, ticket.id, window.operator, since, last))


def _ticket(
    hall: Hall, number: int, service: str, at: datetime, life: TicketState, window: str | None = None
) -> Ticket:
    group = hall.service_by_id[service].group
    return Ticket(
        id=f"t{number}", day=DAY, label=f"A{number}", letter="A", number=number, visit=f"t{number}", service=service,
        then_services=(), service_group=group, priority=1 if number % 12 == 0 else 0, lang="en", state=life,
        paper=Paper.NONE, issued_at=at, clock_at=at, ready_at=at, hour=at.hour, window=window,
    )  # fmt: skip


def _hall() -> Hall:
    """Ten groups of four services; a window does one to four groups, its operator all of its employer's."""
    random = Random(3)
    groups = [f"g{n}" for n in range(GROUPS)]
    windows = [(f"w{n}", random.sample(groups, random.choice((1, 1, 2, 2, 3, 4)))) for n in range(WINDOWS)]
    held = [{"right": f"r{g}", "employer": "office", "from": "2020-01-01"} for g in groups]
    document = {
        "format": "vikno-hall/1", "id": "bench", "revision": 1, "names": _name("Bench"), "short_names": _name("Bench"),
        "languages": ["en"], "default_language": "en", "timezone": "UTC", "currency": "KGS",
        "hours": {day: ["03:00-20:00"] for day in WEEKDAYS},
        "employers": [_part("office")], "zones": [_part("room")],
        "rights": [_part(f"r{g}", employers=["office"]) for g in groups],
        "service_groups": [_part(g, letter=LETTERS[n], zone="room") for n, g in enumerate(groups)],
        "services": [
            _part(f"{g}-{n}", group=g, right=f"r{g}", minutes_typical=random.uniform(4, 20), minutes_long=40)
            for g in groups
            for n in range(IN_GROUP)
        ],
        "windows": [
            {"id": w, "number": n, "employer": "office", "zone": "room", "groups": g} for n, (w, g) in enumerate(windows, 1)
        ],
        "operators": [{"id": w, "name": w, "employer": "office", "rights": held} for w, _ in windows],
    }  # fmt: skip
    return hall_document.load(json.dumps(document))


def _name(text: str) -> dict[str, str]:
    return {"en": text}


def _part(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "names": _name(name), **more}
