"""What the pages show, worked out from the published view: shares of the promise, levels, names, states. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from typing import Literal

from contract import messages as m
from contract.hall import Hall
from contract.hall_part import USUAL_RESULTS, Service, ServiceGroup, Text
from contract.words import Light, MeasureState, Role
from look.texts import Texts

Level = Literal["fine", "warn", "stop"]

AT_RISK = 0.75
"""From this share of the promise on a wait is shown as at risk."""

LIGHTS: dict[Light, tuple[str, str]] = {
    Light.CLOSED: ("close", "mute"),
    Light.PAUSED: ("pause", "mute"),
    Light.FREE: ("open", "info"),
    Light.ARMED: ("wait", "info"),
    Light.CALLED: ("recall", "now"),
    Light.SERVING: ("done", "ok"),
}
"""Light → (icon, kind of pill)."""

HELD_MIN = 0.7
"""Told waits are to hold for 8 in 10; a day on which fewer than this share held is marked."""
HELD_FROM = 10
"""Fewer visitors than this prove nothing."""

SHOWING = frozenset({Role.KIOSK, Role.TERMINAL, Role.BOARD, Role.DISPLAY, Role.VOICE, Role.BRIDGE})
"""Boxes that can show which one they are, by a screen, a lamp or a chime."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait against a promise of `limit` minutes. `percent` 0..100 fills a bar."""

    minutes: int
    limit: int
    level: Level

    @property
    def percent(self) -> int:
        """How much of the promise is used up."""
        return min(100, round(100 * self.minutes / self.limit))


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a box, told by `hint.<name>` of the catalogue where this version knows it; `since` None where it was not told."""

    name: str
    unit: str
    since: datetime | None = None


def wait(seconds: float, limit_min: int) -> Wait:
    """A wait of `seconds`, in whole minutes begun as they pass."""
    minutes = max(0, int(seconds // 60))
    share = seconds / 60 / limit_min
    return Wait(minutes, limit_min, "stop" if share > 1 else "warn" if share >= AT_RISK else "fine")


def waited(since: datetime | None, now: datetime | None, limit_min: int) -> Wait | None:
    """A wait that began at `since` and goes on; None where nobody waits or the time is not known."""
    return wait((now - since).total_seconds(), limit_min) if since is not None and now is not None else None


def beyond(told: m.Wait | None, limit_min: int) -> bool:
    """Whether a told wait may last longer than the promise."""
    return told is not None and (told.high is None or told.high > limit_min)


def over_told(ticket: m.DeskTicket) -> bool:
    """Whether the visitor waited longer than told."""
    return ticket.told is not None and ticket.told.high is not None and ticket.wait_s > ticket.told.high * 60


def held(kept: m.Kept) -> bool:
    """Whether enough told waits came true, as far as that can be said."""
    return kept.told < HELD_FROM or kept.within >= HELD_MIN * kept.told


def minutes(since: datetime, now: datetime | None) -> int:
    """Whole minutes from `since` to `now`, never less than 0; 0 while the time is not known."""
    return max(0, int((now - since).total_seconds() // 60)) if now is not None else 0


def named(text: Text, language: str) -> str:
    """A text of the hall document in `language`, else in any it has, else nothing."""
    return text.get(language) or next(iter(text.values()), "")


def result(hall: Hall, texts: Texts, key: str) -> str:
    """How a visit ended, as the hall calls it, else as all halls do, else `key`."""
    own = next((one for one in hall.results if one.id == key), None)
    if own is not None:
        return named(own.names, texts.language)
    return texts.get(f"result.{key}") if key in USUAL_RESULTS else key


def queues_of(view: m.ConsolesView, hall: Hall, window: m.DeskWindow) -> tuple[m.Queue, ...]:
    """The queues of which the window may call somebody."""
    groups = {hall.service_by_id[s].group for s in window.can if s in hall.service_by_id}
    return tuple(q for q in view.queues if q.group in groups)


def waiting(view: m.ConsolesView) -> int:
    """People waiting in the whole hall."""
    return sum(q.waiting for q in view.queues)


def at_windows(view: m.ConsolesView) -> int:
    """Visitors called or served now."""
    return sum(w.ticket is not None for w in view.windows)


def oldest(queues: Iterable[m.Queue]) -> datetime | None:
    """When the longest waiting one began to wait; None where nobody waits."""
    return min((q.oldest for q in queues if q.oldest is not None), default=None)


def groups_of(hall: Hall, services: Iterable[str]) -> list[ServiceGroup]:
    """The groups of services, as the kiosk orders them."""
    groups = {hall.service_by_id[s].group for s in services if s in hall.service_by_id}
    return [group for group in hall.service_groups if group.id in groups]


def asked_of(view: m.ConsolesView, window: str) -> list[m.Measure]:
    """What was decided about a window and is still to be done or in force, the oldest first."""
    live = {MeasureState.ASKED, MeasureState.HOLDS}
    return [one for one in reversed(view.measures) if one.window == window and one.state in live]


def devices(view: m.ConsolesView) -> list[m.DeskDevice]:
    """The boxes: those without connection first, then those with a fault; no consoles that nobody uses now."""
    listed = (device for device in view.devices if not _unused(device))
    return sorted(listed, key=lambda device: (device.state == "here", not device.faults))


def _unused(device: m.DeskDevice) -> bool:
    """A technician's console that took its leave, or was never there, is missed by nobody."""
    return device.kind is Role.CONSOLE and (
        device.state == "left" or (device.state == "unknown" and device.since is None)
    )


def faults(device: m.DeskDevice) -> tuple[Fault, ...]:
    """The faults a box told, with the table's next step."""
    parts = (text.partition(":") for text in device.faults)
    sinces = chain(device.faults_since, repeat(None))
    return tuple(Fault(name, unit, since) for (name, _, unit), since in zip(parts, sinces, strict=False))


def spare(hall: Hall, ticket: m.DeskTicket) -> list[Service]:
    """Services that the visit has not yet and that may be added to it."""
    has = {ticket.service, *ticket.then}
    return [service for service in hall.services if service.id not in has]


def bring(hall: Hall, ticket: m.DeskTicket) -> list[tuple[str, Text]]:
    """What the visitor is to have along for the service in turn."""
    service = hall.service_by_id.get(ticket.service)
    return [(name, hall.documents[name]) for name in service.bring] if service is not None else []


def alarms_beside(view: m.ConsolesView, window: str) -> list[m.DeskAlarm]:
    """Silent alarms that somebody at `window` is to see: not the window's own, whose screen the visitor may look at."""
    return [alarm for alarm in view.alarms if alarm.window != window]


def mark(window: m.DeskWindow | None) -> str:
    """Names the state of a window as an operator sees it: another mark, another meaning of a press."""
    if window is None:
        return ""
    at = window.ticket
    return "|".join(
        [
            window.light,
            window.operator or "",
            at.ticket if at else "",
            at.state if at else "",
            str(at.recalls if at else 0),
        ]
    )
