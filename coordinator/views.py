"""The hall as each kind of screen needs it: retained whole states, built from the truth. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from contract import messages as m
from contract.hall import Hall
from contract.hall_part import Box
from contract.words import HallState, Light, MeasureKind, MeasureState, TicketState, Why, WindowState
from coordinator import account, measure, prospect
from coordinator.advice import advice
from coordinator.effect import HORIZON_MIN, Expected, Weighed
from coordinator.record import LastCall, Measure, Notice, Ticket, Window, replace
from coordinator.routing import moment
from coordinator.state import HallDay, light

CALLS_ON_BOARD = 12
LISTED = (50, 20, 5, 0)
"""Parked and missed visitors told to consoles, the newest: as many as the message has room for."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What makes a snapshot one of a series: message id, coordinator epoch, revision."""

    id: str
    ep: int
    rev: int


def window_view(state: HallDay, window_id: str) -> m.WindowView:
    """What the window's display and pad show."""
    window, ticket = state.window(window_id), state.ticket_at(window_id)
    shown = light(window, ticket)
    return m.WindowView(
        window=window.id,
        number=window.number,
        light=shown,
        label=ticket.label if ticket else None,
        since=_since(window, ticket),
        lang=ticket.lang if ticket else None,
    )


def windows_view(shown: Mapping[str, m.WindowView], box: Box, mark: Mark, *, training: bool) -> m.WindowsView:
    """The whole state of a bridge or a display box: unit id → its window. `shown`: every window as `window_view` has it."""
    units = {unit.id: shown[unit.window] for unit in box.units}
    return m.WindowsView(id=mark.id, ep=mark.ep, rev=mark.rev, units=units, training=training)


MEASURES = 12
"""So many decided recommendations are told to consoles, the newest."""

Alarms = Iterable[m.DeskAlarm]
"""Silent alarms of the last half hour, the newest first."""
Waits = Mapping[str, m.Wait]
"""The wait of a walk-in who comes now, by service or by service group; one that is missing is not known."""
Calls = Mapping[str, m.BoardCall | None]
"""Who is called or served, by window."""


def service_waits(state: HallDay, now: datetime) -> dict[str, m.Wait]:
    """The wait of a walk-in who takes a ticket now, by service; one that is missing is not known."""
    found = {service: prospect.told(state, service, now) for service in state.offered}
    return {service: wait for service, wait in sorted(found.items()) if wait is not None}


def group_waits(state: HallDay, known: Waits) -> dict[str, m.Wait]:
    """The waits of services by service group: over its services."""
    found = {group: prospect.over(map(known.get, services)) for group, services in state.services_in.items()}
    return {group: wait for group, wait in found.items() if wait is not None}


def board(state: HallDay, zone: str, called: Calls, mark: Mark, waits: Waits) -> m.Board:
    """One zone's board: who is called or served at its windows, newest call first; how many wait per service group, and how long.

    `called`: every window's call as `board_call` has it.
    """
    calls = [c for w in state.hall.windows if w.zone == zone and (c := called[w.id]) is not None]
    calls.sort(key=lambda c: (c.called_at, c.number), reverse=True)
    groups = [g.id for g in state.hall.service_groups if g.zone == zone]
    return m.Board(
        id=mark.id,
        ep=mark.ep,
        rev=mark.rev,
        zone=zone,
        state=state.day.state,
        calls=tuple(calls[:CALLS_ON_BOARD]),
        waiting={group: state.waiting(state.services_in[group]) for group in groups},
        waits={group: waits[group] for group in groups if group in waits},
        notice=dict(state.notices[zone].texts) if zone in state.notices else {},
    )


def kiosk_view(state: HallDay, mark: Mark, now: datetime, waits: Waits) -> m.KioskView:
    """What can be taken now, and per service how many wait and how long."""
    hall = state.hall
    hours = state.hours
    last_s = 60 * float(hall.rule("ticket.last_before_close_min"))
    open_now = state.day.state is HallState.OPEN and hours is not None and hours.taking(now)
    taking = open_now and hours is not None and hours.left_s(now) > last_s
    counts = {s.id: state.waiting([s.id]) for s in hall.services}
    return m.KioskView(
        id=mark.id,
        ep=mark.ep,
        rev=mark.rev,
        state=state.day.state,
        taking=taking,
        reason=state.day.reason or "",
        opens_at=None if open_now else (hours and hours.next_start(now)) or hall.next_opening(now),
        closed_services=(),
        waiting={service: count for service, count in counts.items() if count},
        waits=dict(waits) if taking else {},
    )


def consoles_message(
    state: HallDay, devices: tuple[m.DeskDevice, ...], mark: Mark, now: datetime, waits: Waits, alarms: Alarms = ()
) -> tuple[bytes, int]:
    """The live hall for staff as it goes on the wire, never too large for it; how many of parked and missed it lists at most.

    Where nobody can be listed and it is still too large, windows do not say what they may take and nothing of notes, faults not
    since when, and terminals tell sums only.
    """
    for most in LISTED:
        view = consoles_view(state, devices, mark, now, waits, most, alarms)
        if len(data := m.encode(view)) <= m.MAX_BYTES:
            return data, most
    windows = tuple(_short(w) for w in view.windows)
    data = m.encode(view.model_copy(update={"windows": windows}))
    if len(data) > m.MAX_BYTES:
        sums = tuple(one.model_copy(update={"unknown": (), "cassettes": (), "balances": ()}) for one in view.money)
        devices = tuple(one.model_copy(update={"faults_since": ()}) for one in view.devices)
        data = m.encode(view.model_copy(update={"windows": windows, "money": sums, "devices": devices}))
    return data, 0


def _short(window: m.DeskWindow) -> m.DeskWindow:
    ticket = window.ticket and window.ticket.model_copy(update={"note": None})
    return window.model_copy(update={"can": (), "ticket": ticket})


def consoles_view(
    state: HallDay, devices: tuple[m.DeskDevice, ...], mark: Mark, now: datetime, waits: Waits, most: int = LISTED[0],
    alarms: Alarms = (),
) -> m.ConsolesView:  # fmt: skip
    """The live hall for staff; `waits`: by service group; `most`: parked and missed visitors listed; `alarms`: raised lately."""
    tickets = state.tickets.values()
    limit_s = float(state.hall.rule("kpi.max_wait_min")) * 60
    expected = _expected(state, now)
    return m.ConsolesView(
        id=mark.id,
        ep=mark.ep,
        rev=mark.rev,
        revision=state.hall.revision,
        state=state.day.state,
        reason=state.day.reason or "",
        day=state.day.day if state.day.opened_at else state.hall.local(now).date(),
        now=now,
        windows=tuple(_desk_window(state, w, now) for w in state.windows.values()),
        queues=tuple(_queue(state, g.id, expected[g.id], waits.get(g.id)) for g in state.hall.service_groups),
        parked=_listed(state, TicketState.PARKED, now, most),
        missed=_listed(state, TicketState.NO_SHOW, now, most),
        devices=devices,
        issued_today=len(tickets) - len(state.in_state(TicketState.VOID)),
        served_today=len(state.in_state(TicketState.FINISHED)),
        advice=advice(state, now),
        recommendations=recommendations(state, now),
        measures=_measures(state),
        over_limit=sum(_wait_s(state.tickets[t], now) > limit_s for t in state.in_state(TicketState.WAITING)),
        waits_kept=_kept(tickets),
        notices=_notices(state),
        against_fifo=against_fifo(state),
        alarms=tuple(alarms),
        scores=_scores(tickets),
        money=account.desk(state.account, state.hall, state.hall.local(now).date()),
    )


def desk_ticket(state: HallDay, ticket: Ticket, now: datetime) -> m.DeskTicket:
    """A ticket as staff see it; its note only while it is at a window."""
    parked = ticket.state is TicketState.PARKED
    return m.DeskTicket(
        ticket=ticket.id,
        label=ticket.label,
        service=ticket.service,
        state=ticket.state,
        issued_at=ticket.issued_at,
        since=ticket.ended_at or ticket.started_at or ticket.called_at or ticket.clock_at,
        wait_s=round(_wait_s(ticket, now), 1),
        priority_group=ticket.priority_group,
        lang=ticket.lang,
        recalls=ticket.recalls,
        doubt=ticket.doubt,
        then=ticket.then_services,
        told=ticket.told,
        done=ticket.done_services or (),
        note=state.notes.get(ticket.id) if ticket.at_window else None,
        result=ticket.reason if parked and ticket.reason in state.hall.result_parks else None,
    )


def zones_touched(hall: Hall, windows: Iterable[str], groups: Iterable[str]) -> set[str]:
    """The boards that show these windows or these groups' counts."""
    zones = {hall.window_by_id[w].zone for w in windows if w in hall.window_by_id}
    return zones | {hall.group_by_id[g].zone for g in groups if g in hall.group_by_id}


def board_call(state: HallDay, window_id: str) -> m.BoardCall | None:
    """Who is called or served at the window, as its board shows it."""
    ticket = state.ticket_at(window_id)
    if ticket is None or ticket.called_at is None:
        return None
    place = state.hall.window_by_id[window_id]
    return m.BoardCall(
        label=ticket.label,
        number=place.number,
        zone=place.zone,
        light=Light.SERVING if ticket.state is TicketState.SERVING else Light.CALLED,
        called_at=ticket.called_at,
        again=ticket.recalls,
        why=_why(state.window(window_id).last_call, ticket),
    )


def _why(last: LastCall | None, ticket: Ticket) -> str | None:
    """What explains a call that may look out of turn to those who wait."""
    if last is not None and last.why is Why.GUARD:
        return "guard"
    if ticket.booked_at is not None:
        return "booked"
    if ticket.priority:
        return "priority"
    return "returned" if ticket.leg > 1 else None


def _desk_window(state: HallDay, window: Window, now: datetime) -> m.DeskWindow:
    ticket = state.ticket_at(window.id)
    last = window.last_call if ticket is not None else None
    can = state.can(window) if window.state is not WindowState.CLOSED else frozenset()
    return m.DeskWindow(
        window=window.id,
        number=window.number,
        light=light(window, ticket),
        since=_since(window, ticket),
        operator=window.operator,
        ticket=desk_ticket(state, ticket, now) if ticket else None,
        why=last.why if last else None,
        why_facts=dict(last.facts) if last else {},
        can=tuple(sorted(can)),
        waiting=state.waiting(can),
        pause=window.pause,
        back_at=window.back_at,
    )


def _notices(state: HallDay) -> tuple[m.DeskNotice, ...]:
    """The messages on the boards, one for all zones that show the same."""
    shown = [notice for _, notice in sorted(state.notices.items()) if notice.texts]
    zones: dict[Notice, list[str]] = {}
    for notice in shown:
        zones.setdefault(replace(notice, zone=""), []).append(notice.zone)
    return tuple(
        m.DeskNotice(zones=tuple(where), texts=dict(n.texts), since=n.since, until=n.until)
        for n, where in zones.items()
    )


def recommendations(state: HallDay, now: datetime) -> tuple[m.Recommendation, ...]:
    """What is worth doing about the staff now, best first."""
    return tuple(_recommendation(state, name, one, now) for name, one in measure.current(state, now).items())


def _recommendation(state: HallDay, name: str, one: Weighed, now: datetime) -> m.Recommendation:
    what = one.recommendation
    window = state.windows[what.window]
    pause = measure.next_break(state, window.id, now) if what.kind is MeasureKind.DELAY_BREAK else None
    return m.Recommendation(
        id=name,
        kind=what.kind,
        window=window.id,
        number=window.number,
        operator=window.operator,
        group=what.group,
        services=what.services,
        minutes=round(what.minutes) if what.kind in (MeasureKind.DELAY_BREAK, MeasureKind.WIDEN_PROFILE) else 0,
        break_at=pause and pause[0],
        without=_expecting(one.without),
        done=_expecting(one.done),
        horizon_min=round(HORIZON_MIN),
        expires=moment(what.expires),
        alone=measure.alone(state, one),
    )


def _expecting(expected: Expected) -> m.Expected:
    late, overdue, longest = (round(figure, 1) for figure in expected)
    return m.Expected(late=late, overdue_min=overdue, longest_min=longest)


def _measures(state: HallDay) -> tuple[m.Measure, ...]:
    """What was accepted today, the newest first."""
    accepted = [one for one in state.measures.values() if one.state is not MeasureState.DISMISSED]
    accepted.sort(key=lambda one: (one.at, one.id), reverse=True)
    return tuple(_measure(state, one) for one in accepted[:MEASURES] if one.window in state.windows)


def _measure(state: HallDay, one: Measure) -> m.Measure:
    return m.Measure(
        id=one.id,
        kind=one.kind,
        state=one.state,
        window=one.window,
        number=state.windows[one.window].number,
        group=one.service_group,
        minutes=one.minutes,
        break_at=one.break_at,
        by=one.by,
        accepted_at=one.at,
        until=one.until,
    )


def against_fifo(state: HallDay) -> m.AgainstFifo | None:
    """Today against first come, first served, as it was looked at last."""
    if state.so_far is None:
        return None
    at, found = state.so_far
    return m.AgainstFifo(at=at, turns=found.turns, late=round(found.late, 3), fifo_late=round(found.fifo, 3))


def _scores(tickets: Iterable[Ticket]) -> tuple[int, ...]:
    """How many of today's visitors said 1, 2 … 5; empty before the first."""
    said = Counter(ticket.score for ticket in tickets if ticket.score is not None)
    return tuple(said[score] for score in range(1, 6)) if said else ()


def _kept(tickets: Iterable[Ticket]) -> m.Kept | None:
    """How the waits that were told came true today; None before the first call of one who was told."""
    kept = [t.told_kept for t in tickets if t.told_kept is not None]
    return m.Kept(told=len(kept), within=kept.count("within"), longer=kept.count("longer")) if kept else None


def _expected(state: HallDay, now: datetime) -> Counter[str]:
    """Service group → who is expected for a booked time within the next hour, or is late for one."""
    until, services = now + timedelta(hours=1), state.hall.service_by_id
    coming = (b for b in state.diary.expected(state.hall.local(now).date()) if b.start <= until)
    return Counter(services[b.service].group for b in coming if b.service in services)


def _queue(state: HallDay, group: str, expected: int, wait: m.Wait | None) -> m.Queue:
    services = state.services_in[group]
    oldest = state.oldest(services)
    return m.Queue(
        group=group,
        waiting=state.waiting(services),
        expected=expected,
        oldest=oldest.clock_at if oldest else None,
        windows=len({window for service in services for window in state.floor.able.get(service, ())}),
        wait=wait,
    )


def _listed(state: HallDay, where: TicketState, now: datetime, most: int) -> tuple[m.DeskTicket, ...]:
    newest = list(reversed(list(state.in_state(where))))[:most]
    return tuple(desk_ticket(state, state.tickets[t], now) for t in newest)


def _since(window: Window, ticket: Ticket | None) -> datetime:
    if ticket is None:
        return window.since
    return ticket.started_at or ticket.called_at or window.since


def _wait_s(ticket: Ticket, now: datetime) -> float:
    if ticket.wait_s is not None and ticket.state is not TicketState.WAITING:
        return ticket.wait_s
    return max(0.0, (now - ticket.clock_at).total_seconds())
