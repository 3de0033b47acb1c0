"""exec → first answer after SIGKILL with a long history in the journal, and the coordinator's memory then."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench.rig import Figure, Rig, opening_of
from contract import messages as m
from contract import topics
from contract.words import HallState, Paper, TicketState
from coordinator.record import DayRow, Series, Ticket, replace
from coordinator.row import image
from journal.event import Event
from journal.journal import Journal
from journal.schema import HALL
from runtime.link import Link

BUDGET_S, BUDGET_MIB = 2.0, 85.0
TODAY = 3000
PER_DAY = 3700
BATCH = 400
STARTS = 5
AGAIN_S = 0.01


def measure(folder: Path, events: int) -> list[Figure]:
    """`events` in the journal, 3,000 of today's tickets live or ended among them; the worst of five starts."""
    with Rig(folder / "hall", "coordinator") as rig:
        rig.kill()
        rig.journal.unlink(missing_ok=True)
        for stale in rig.folder.glob("journal.db-*"):
            stale.unlink()
        _history(rig, events)
        took, mib = [], 0.0
        for _ in range(STARTS):
            rig.kill()
            took.append(_first_answer_s(rig))
            mib = max(mib, _rss_mib(rig.pid))
    note = f"{events} events, {rig.journal.stat().st_size / 2**20:.0f} MiB; worst of {STARTS}"
    return [
        Figure("exec → first answer", max(took), "s", BUDGET_S, max(took) / BUDGET_S, 1.0, at_least=False, note=note),
        Figure("coordinator memory", mib, "MiB", BUDGET_MIB, mib / BUDGET_MIB, 1.0, at_least=False, note=f"{TODAY} tickets today"),
    ]  # fmt: skip


def _first_answer_s(rig: Rig) -> float:
    answered = threading.Event()
    settings = rig.settings("caller-1")
    reply = topics.DOWN_REP.at(settings.hall, settings.dev)
    link = Link(settings, [(reply, 1)], on_message=lambda _received: answered.set())
    link.start()
    while not link.up:
        time.sleep(0.01)
    payload = m.encode(m.TicketCancel(id=f"first-{time.monotonic_ns()}", ticket="none"))
    began = time.perf_counter()
    rig.start()
    while not answered.is_set():
        link.publish(topics.UP_CMD, payload)
        answered.wait(AGAIN_S)
    took = time.perf_counter() - began
    link.stop()
    return took


def _rss_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _history(rig: Rig, events: int) -> None:
    """Days of finished tickets, three events each, then today with `TODAY` of them, one in ten still waiting."""
    with Journal.open(rig.journal, rig.hall.id, HALL, lambda: datetime.now(UTC)) as journal:
        batch: list[Event] = []
        for event in _events(rig, events):
            batch.append(event)
            if len(batch) >= BATCH:
                journal.commit(batch)
                batch = []
        journal.commit(batch)


def _events(rig: Rig, events: int) -> Iterator[Event]:
    today = opening_of(rig.hall)
    days = max(1, (events // 3 - TODAY) // PER_DAY)
    for back in range(days, 0, -1):
        yield from _day(rig, today - timedelta(days=back), PER_DAY, waiting_every=0)
    yield from _day(rig, today, TODAY, waiting_every=10)


def _day(rig: Rig, opening: datetime, tickets: int, waiting_every: int) -> Iterator[Event]:
    day = opening.date()
    state = HallState.OPEN if waiting_every else HallState.CLOSED
    row = DayRow(day, state, rig.hall.revision, since=opening, opened_at=opening)
    yield Event("hall.opened", m.utc(opening), "coordinator", None, {}, (image(row),))
    for number in range(1, tickets + 1):
        ticket = _ticket(rig, day, opening, number)
        at = m.utc(ticket.issued_at)
        series = Series(day, ticket.letter, number + 1)
        facts = {"ticket": ticket.id, "label": ticket.label}
        yield Event("ticket.issued", at, "kiosk-1", f"i-{ticket.id}", facts, (image(ticket), image(series)))
        if waiting_every and number % waiting_every == 0:
            continue
        ended = _ended(ticket, opening)
        yield Event("ticket.called", at, "op01", f"c-{ticket.id}", facts, (image(ended),))
        yield Event("ticket.finished", at, "op01", f"f-{ticket.id}", facts, (image(ended),))


def _ticket(rig: Rig, day: date, opening: datetime, number: int) -> Ticket:
    service = rig.hall.services[number % len(rig.hall.services)]
    letter = rig.hall.group_by_id[service.group].letter
    label = f"{letter}{number:04d}"
    at = opening + timedelta(seconds=number)
    return Ticket(
        id=f"{day:%y%m%d}-{label}", day=day, label=label, letter=letter, number=number, visit=f"{day:%y%m%d}-{label}",
        service=service.id, then_services=(), service_group=service.group, priority=0, priority_group=None, lang="ru",
        kiosk="kiosk-1", state=TicketState.WAITING, paper=Paper.CONFIRMED, issued_at=at, clock_at=at, ready_at=at, hour=9,
    )  # fmt: skip


def _ended(ticket: Ticket, opening: datetime) -> Ticket:
    at = opening + timedelta(hours=1)
    return replace(
        ticket, state=TicketState.FINISHED, window="W01", operator="op01", called_at=at, started_at=at, ended_at=at,
        wait_s=600.0, service_s=300.0, reason="waited 10 of 20 min",
    )  # fmt: skip
