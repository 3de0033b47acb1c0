"""Every screen of a hall, with invented visits: what `--render` draws and the tests look at. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from contract import messages as m
from contract.hall import Hall
from contract.hall_part import Service
from contract.words import HallState, Refusal
from glass.card import ZONE
from glass.face import Face
from kiosk import drawing
from kiosk.state import Fate, Screen, State, Visit

NOW = 1000.0
_WAITS = (m.Wait(low=15, high=25), m.Wait(low=0, high=10), m.Wait(low=110, high=120), m.Wait(low=60))
_DAY = date(2026, 3, 17)  # a Tuesday


def faces(hall: Hall, lang: str) -> Iterator[tuple[str, Face]]:
    """(name, face) of every screen of `hall` in `lang`: normal, then the tools' modes, then what can go wrong."""
    for name, state in states(hall, lang):
        yield name, drawing.draw(state, NOW, moment(hall))


def states(hall: Hall, lang: str) -> Iterator[tuple[str, State]]:
    """(name, state) of every screen of `hall` in `lang`."""
    base = _open(hall, lang)
    plain = dict(_plain(base))
    yield from plain.items()
    for name in (
        "attract",
        "language",
        "groups",
        "confirm",
        "services-1",
        "number",
        "no_paper",
        "still_here",
        "priority",
        "code-full",
        "found",
        "no_booking-early",
        "out-last",
        "how",
        "consent",
        "digits-full",
        "digits-number",
        "digits-longest",
        "digits-swipe",
        "no_card-no_card",
    ):
        for mode in ({"low": True}, {"contrast": True}):
            if name in plain:
                yield f"{name}-{next(iter(mode))}", replace(plain[name], **mode)  # type: ignore[arg-type]


def moment(hall: Hall) -> datetime:
    """A quarter past ten on a working day."""
    return datetime.combine(_DAY, time(10, 24), hall.zone_info)


def _open(hall: Hall, lang: str) -> State:
    at = moment(hall)
    beat = m.Heartbeat(id="h", state=HallState.OPEN, day=_DAY, now=at, speed=1, ep=1, revision=hall.revision)
    waiting = {service.id: n for n, service in enumerate(hall.services) if n % 3}
    waits = {service.id: _WAITS[n % len(_WAITS)] for n, service in enumerate(hall.services)}
    view = m.KioskView(
        id="v", ep=1, rev=1, state=HallState.OPEN, taking=True, waiting=waiting, waits=waits,
        closed_services=(hall.services[-1].id,),
    )  # fmt: skip
    return State(hall=hall, view=view, beat=beat, beat_at=NOW, link_up=True, lang=lang, touched_at=NOW, shown_at=NOW)


def _plain(base: State) -> Iterator[tuple[str, State]]:
    hall = base.hall
    assert hall is not None
    yield "attract", base
    if len(hall.languages) > 1:
        yield "language", replace(base, screen=Screen.LANGUAGE)
    yield from _pages("groups", replace(base, screen=Screen.GROUPS), len(hall.service_groups), 8)
    for n, group in enumerate(hall.service_groups, 1):
        visit = Visit(group=group.id)
        yield f"services-{n}", replace(base, screen=Screen.SERVICES, visit=visit)
    yield from _confirming(base, hall)
    yield from _booking(base, hall)
    yield from _card(base)
    yield from _outcomes(base, hall)
    yield "still_here", replace(base, screen=Screen.GROUPS, still_here=True)
    yield "person", replace(base, person=True)
    yield "identify", replace(base, identity="kiosk-1", identity_until=NOW + 5)
    yield from _standing(base)


def _pages(name: str, state: State, count: int, most: int) -> Iterator[tuple[str, State]]:
    yield name, state
    if count > most:
        yield f"{name}-page-2", replace(state, page=1)


def _confirming(base: State, hall: Hall) -> Iterator[tuple[str, State]]:
    longest = max(hall.services, key=lambda s: (len(s.bring), len(s.names[base.lang])))
    confirm = replace(base, screen=Screen.CONFIRM, visit=_visit(longest))
    yield "confirm", confirm
    assert base.view is not None
    for name, waits in (("wait-unknown", {}), ("wait-long", {longest.id: _WAITS[-1]})):
        yield f"confirm-{name}", replace(confirm, view=base.view.model_copy(update={"waits": waits}))
    named = max(hall.services, key=lambda s: len(s.names[base.lang]))
    yield "confirm-long-name", replace(confirm, visit=_visit(named))
    costly = next((s for s in hall.services if hall.fee_minor(s, _DAY)), longest)
    yield "confirm-fee", replace(confirm, visit=_visit(costly))
    for group in hall.priority_groups:
        yield f"confirm-{group.id}", replace(confirm, visit=replace(confirm.visit, priority=group.id))
    if hall.priority_groups:
        yield "priority", replace(confirm, screen=Screen.PRIORITY)
    for service in hall.services:
        if service.question is not None:
            yield f"question-{service.id}", replace(base, screen=Screen.QUESTION, visit=_visit(service))
            yield f"elsewhere-{service.id}", replace(base, screen=Screen.ELSEWHERE, visit=_visit(service))
        if service.channel == "self_service_first":
            yield f"notice-{service.id}", replace(base, screen=Screen.NOTICE, visit=_visit(service))


def _booking(base: State, hall: Hall) -> Iterator[tuple[str, State]]:
    pad = replace(base, screen=Screen.CODE)
    yield "code", pad
    yield "code-half", replace(pad, visit=Visit(code="4071"))
    yield "code-full", replace(pad, visit=Visit(code="40718263"))
    asked = Visit(code="40718263", finding="kiosk-0")
    yield "finding", replace(base, screen=Screen.FINDING, visit=asked)
    yield "finding-silent", replace(base, screen=Screen.FINDING, visit=replace(asked, silent=True))
    longest = max(hall.services, key=lambda s: (len(s.bring), len(s.names[base.lang])))
    at = moment(hall) + timedelta(minutes=6)
    booked = m.Booked(
        id="r", re="kiosk-0", code="40718263", service=longest.id, start=at, minutes=30, check_in_from=moment(hall)
    )
    found = replace(base, screen=Screen.FOUND, visit=Visit(code="40718263", service=longest.id, booked=booked))
    yield "found", found
    yield (
        "found-take",
        replace(base, screen=Screen.TAKE, visit=replace(found.visit, issued=_issued(hall, base.lang, booked_at=at))),
    )
    for code, facts in _NO_BOOKING.items():
        visit = Visit(code="40718263", refusal=code, facts=facts)
        yield f"no_booking-{code.removeprefix('booking_')}", replace(base, screen=Screen.NO_BOOKING, visit=visit)
    yield "no_booking-silent", replace(base, screen=Screen.NO_BOOKING, visit=Visit(code="40718263"))


def _card(base: State) -> Iterator[tuple[str, State]]:
    base = replace(base, cards=True)
    yield "how", replace(base, screen=Screen.HOW)
    yield "consent", replace(base, screen=Screen.CONSENT)
    yield "digits", replace(base, screen=Screen.DIGITS)
    yield "digits-full", replace(base, screen=Screen.DIGITS, visit=Visit(typed=("000000",)))
    for n, name in enumerate(ZONE, 1):
        visit = Visit(fields=ZONE, typed=("ID0000001", "010190", "31")[:n])
        yield f"digits-{name}", replace(base, screen=Screen.DIGITS, visit=visit)
    widest = Visit(fields=ZONE, typed=("W" * 14,))
    yield "digits-swipe", replace(base, screen=Screen.DIGITS, swipe=True)
    yield "digits-longest", replace(base, screen=Screen.DIGITS, swipe=True, visit=widest)
    for step, done in (("wait", 0.0), ("open", 0.0), ("read", 0.6), ("put_back", 0.0), ("leave", 0.0)):
        visit = Visit(typed=("000000",), card="kiosk-0", step=step, done=done, by_card=True)
        yield f"card-{step}", replace(base, screen=Screen.CARD, visit=visit)
    for failed in _NO_CARD:
        visit = Visit(typed=("000000",), failed=failed, by_card=True)
        yield f"no_card-{failed}", replace(base, screen=Screen.NO_CARD, visit=visit)
    yield "finding-card", replace(base, screen=Screen.FINDING, visit=Visit(finding="kiosk-0", by_card=True))
    unknown = Visit(by_card=True, refusal=Refusal.BOOKING_UNKNOWN)
    yield "no_booking-card", replace(base, screen=Screen.NO_BOOKING, visit=unknown)


_NO_CARD = (
    "no_card", "no_reader", "card_removed", "card_tapped", "several_cards", "wrong_key", "too_many_tries", "card_mismatch",
    "not_id_card", "unsupported", "card_error",
)  # fmt: skip
_NO_BOOKING: dict[Refusal, dict[str, str]] = {
    Refusal.BOOKING_UNKNOWN: {}, Refusal.BOOKING_EARLY: {"time": "14:15"}, Refusal.BOOKING_LATE: {},
    Refusal.BOOKING_OTHER_DAY: {"day": "2026-09-23"}, Refusal.BOOKING_USED: {}, Refusal.BOOKING_CANCELLED: {},
    Refusal.HALL_INTERRUPTED: {}, Refusal.NOT_ALLOWED: {},
}  # fmt: skip


def _outcomes(base: State, hall: Hall) -> Iterator[tuple[str, State]]:
    visit, issued = _visit(hall.services[0]), _issued(hall, base.lang)
    ask = m.TicketIssue(id="kiosk-0", service=visit.service, lang=base.lang)
    asked = replace(visit, id="kiosk-0", ask=ask)
    working = replace(base, screen=Screen.WORKING, visit=asked)
    yield "working", working
    yield "working-silent", replace(working, visit=replace(asked, silent=True))
    printed = replace(visit, id="kiosk-0", issued=issued)
    yield "working-checking", replace(working, visit=replace(printed, fate=Fate.UNKNOWN))
    replaced = replace(printed, old="A046")
    yield "take", replace(base, screen=Screen.TAKE, visit=printed)
    for name, wait in (("wait-unknown", None), ("wait-long", _WAITS[-1])):
        told = issued.model_copy(update={"wait": wait})
        yield f"take-{name}", replace(base, screen=Screen.TAKE, visit=replace(printed, issued=told))
    yield "take-neighbour", replace(base, screen=Screen.TAKE, visit=replace(printed, where="kiosk-2"))
    yield "take-replaced", replace(base, screen=Screen.TAKE, visit=replaced)
    yield "number", replace(base, screen=Screen.NUMBER, visit=replace(printed, paper=False))
    yield "number-replaced", replace(base, screen=Screen.NUMBER, visit=replace(replaced, paper=False))
    for fault in ("paper_out", "cover_open", "cutter_error", "device_missing"):
        yield f"no_paper-{fault}", replace(base, screen=Screen.NO_PAPER, visit=replace(visit, fault=fault))
    yield "no_paper", replace(base, screen=Screen.NO_PAPER, visit=replace(visit, fault="paper_out"))
    yield "error-unanswered", replace(base, screen=Screen.ERROR, visit=asked)
    for code in (Refusal.SERVICE_CLOSED, Refusal.HALL_CLOSED, Refusal.LAST_TICKETS, Refusal.NO_ROOM):
        yield f"error-{code}", replace(base, screen=Screen.ERROR, visit=replace(visit, refusal=code))


def _standing(base: State) -> Iterator[tuple[str, State]]:
    assert base.beat is not None
    assert base.view is not None
    yield "out-offline", replace(base, beat_at=None)
    yield "out-starting", replace(base, view=None)
    yield "out-refusing", replace(base, beat=base.beat.model_copy(update={"refusing": Refusal.NO_ROOM}))
    for state in (HallState.CLOSED, HallState.INTERRUPTED):
        yield f"out-{state}", replace(base, beat=base.beat.model_copy(update={"state": state}))
    yield "out-last", replace(base, view=base.view.model_copy(update={"taking": False}))


def _visit(service: Service) -> Visit:
    return Visit(group=service.group, service=service.id)


def _issued(hall: Hall, lang: str, booked_at: datetime | None = None) -> m.Issued:
    service = hall.services[0]
    group = hall.group_by_id[service.group]
    at = moment(hall) + timedelta(seconds=1)
    return m.Issued(
        id="r", re="kiosk-0", ticket="t260317-0047", label=f"{group.letter}047", day=_DAY, service=service.id, zone=group.zone,
        lang=lang, issued_at=at, people_ahead=7, wait=None if booked_at else _WAITS[0], booked_at=booked_at,
    )  # fmt: skip
