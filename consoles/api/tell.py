"""What the hall published becomes what the API tells. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from consoles.api import body as b
from contract import messages as m
from contract.hall import Hall
from contract.hall_part import Service
from contract.words import HallState
from look.texts import Texts


def hall(document: Hall, view: m.ConsolesView, now: datetime, age_s: float) -> b.HallNow:
    """The hall as it is."""
    return b.HallNow(
        id=document.id, names=document.names, languages=document.languages, default_language=document.default_language,
        state=view.state.value, day=view.day, now=now, revision=view.revision, issued_today=view.issued_today,
        opens=document.next_opening(now) if view.state is HallState.CLOSED else None, served_today=view.served_today,
        over_limit=view.over_limit, age_s=round(age_s, 1), training=document.training,
    )  # fmt: skip


def services(document: Hall, view: m.ConsolesView) -> tuple[b.ServiceLine, ...]:
    """Every service with its queue; several services of a group share one."""
    queues = {queue.group: queue for queue in view.queues}
    return tuple(_service(document, one, queues.get(one.group)) for one in document.services)


def windows(view: m.ConsolesView) -> tuple[b.WindowLine, ...]:
    """Every window."""
    return tuple(
        b.WindowLine(
            id=w.window, number=w.number, light=w.light.value, label=w.ticket.label if w.ticket else None, since=w.since,
            operator=w.operator, services=w.can,
        )
        for w in view.windows
    )  # fmt: skip


def ticket(issued: m.Issued, *, training: bool) -> b.TicketMade:
    """A ticket that was just made."""
    return b.TicketMade(
        ticket=issued.ticket, label=issued.label, service=issued.service, zone=issued.zone, lang=issued.lang,
        issued_at=issued.issued_at, people_ahead=issued.people_ahead, wait=_wait(issued.wait), training=training,
    )  # fmt: skip


def why_waiting(explained: m.Explained, texts: Texts) -> b.WhyWaiting:
    """Why somebody still waits, in codes and in words."""
    return b.WhyWaiting(
        label=explained.label, service=explained.service, state=explained.state.value, since=explained.since,
        wait_s=explained.wait_s, ahead=explained.ahead, windows=explained.windows,
        why_not=tuple(code.value for code in explained.why_not), words=tuple(_words(explained, texts)),
    )  # fmt: skip


def shows(done: m.Done, window: str, texts: Texts) -> b.WindowShows:
    """What a window shows after a command."""
    why = texts.get(f"why.{done.why.value}", **done.why_facts) if done.why is not None else None
    light = done.light.value if done.light is not None else ""
    return b.WindowShows(window=window, light=light, ticket=done.ticket, label=done.label, why=why)


def slots(told: m.Slots) -> b.SlotsOfDay:
    """The free times of a day."""
    return b.SlotsOfDay(
        service=told.service, day=told.day, slots=tuple(b.SlotLine(start=s.start, free=s.free) for s in told.slots)
    )


def booking(booked: m.Booked, *, training: bool) -> b.BookingMade:
    """A booking that stands."""
    return b.BookingMade(
        code=booked.code, service=booked.service, start=booked.start, minutes=booked.minutes, check_in_from=booked.check_in_from,
        training=training,
    )  # fmt: skip


def _service(document: Hall, one: Service, queue: m.Queue | None) -> b.ServiceLine:
    return b.ServiceLine(
        id=one.id, names=one.names, group=one.group, letter=document.group_by_id[one.group].letter, minutes=one.minutes_typical,
        bring=tuple(document.documents[name] for name in one.bring), fee_minor=one.fee_minor, currency=one.fee_currency,
        waiting=queue.waiting if queue else 0, wait=_wait(queue.wait) if queue else None,
    )  # fmt: skip


def _wait(wait: m.Wait | None) -> b.Wait | None:
    return b.Wait(low=wait.low, high=wait.high) if wait is not None else None


def _words(explained: m.Explained, texts: Texts) -> Iterator[str]:
    for code in explained.why_not:
        yield texts.get(f"explain.{code.value}", ahead=explained.ahead, window=explained.only_window or "–")
