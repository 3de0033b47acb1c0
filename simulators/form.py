"""The form: a hall and its usual day in a manager's numbers; filled in by hand or from a journal's records, it makes days.

    name = "a Tuesday"
    open_min = 540                                    minutes from opening to closing, in half-hours
    doors = 40                                        who waits at the doors, of all visitors (0)
    profile = [3, 4, 4, 2, ...]                       walk-ins by half-hour, relative (the usual day)
    [shares] appt = 0.3, prio = 0.08, multi = 0.12    booked; of priority; with a second leg (0, 0, 0)
             no_show = 0.12, absent = 0.05            bookings not kept; away at the first call
    [[services]] id, minutes, visitors (a day) · cv (0.7) · group (one of its own) · employer (0) · civil_only (false)
    [[windows]] id, can [service ids] · primary (can) · reserve (false) · roster [[from, to]] (staggered breaks)

TOML or JSON. What is in brackets holds where nothing is said.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from simulators.crowd import ABSENT, NO_SHOW, PROFILE, Expected, day_of
from simulators.day_file import (
    HALF_HOUR,
    Day,
    DayError,
    Place,
    Service,
    Shares,
    Span,
    Window,
    all_different,
    from_json,
    read_roster,
)
from simulators.premises import Hall, roster

USUAL_CV = 0.7
SHORTEST_DAY = 120.0
ENOUGH = 5
"""From so many records on, a spread is believed."""
PROFILE_SHARE = 0.05
"""A service is of a window's profile when it makes this share of its visits."""


@dataclass(frozen=True)
class FormService:
    """One service: mean minutes and how many come for it first on a day."""

    id: str
    minutes: float
    visitors: float
    cv: float = USUAL_CV
    group: int | None = None
    employer: int = 0
    civil_only: bool = False


@dataclass(frozen=True)
class FormWindow:
    """One window; `roster` None: staggered breaks."""

    id: str
    can: tuple[str, ...]
    primary: tuple[str, ...]
    reserve: bool = False
    roster: tuple[Span, ...] | None = None


@dataclass(frozen=True)
class Form:
    """A hall and what is usual there."""

    name: str
    open_min: float
    services: tuple[FormService, ...]
    windows: tuple[FormWindow, ...]
    doors: int = 0
    shares: Shares = Shares(0.0, 0.0, 0.0)  # noqa: RUF009  a frozen value
    no_show: float = NO_SHOW
    absent: float = ABSENT
    profile: tuple[float, ...] = ()


class LegRecord(NamedTuple):
    """What a journal knows of one visitor in one line."""

    service: str
    wait_s: float
    service_s: float | None
    """None: was not served."""
    hour: int
    """Of the day, when he stood in line."""
    outcome: str
    """finished · no_show · anything else: gone before."""
    window: str | None
    """None: was not called."""
    cls: str = "walk"
    leg: int = 0


def read_form(text: str) -> Form:
    """The form in `text`, TOML or JSON.

    Raises: DayError: with the place, where it cannot be a hall.
    """
    form = _form(Place("", from_json(text) if text.lstrip().startswith("{") else _toml(text)))
    served = {service for window in form.windows for service in window.can}
    for number, service in enumerate(form.services):
        if service.visitors and service.id not in served:
            raise DayError(f"services[{number}]: no window serves {service.id!r}")
    return form


def _toml(text: str) -> Any:
    import tomllib  # days from JSON forms are also made by older interpreters, which have none

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise DayError(f"the form: {exc}") from exc


def _form(place: Place) -> Form:
    fields = place.fields("name", "open_min", "services", "windows", optional=("doors", "shares", "profile"))
    open_min = fields["open_min"].number(SHORTEST_DAY, high=1440.0)
    if open_min % HALF_HOUR:
        fields["open_min"].refuse("a number of half-hours")
    services = tuple(_service(item) for item in fields["services"].items())
    all_different(fields["services"], [service.id for service in services])
    if not any(service.visitors for service in services):
        fields["services"].refuse("nobody comes")
    windows = tuple(_window(item, {service.id for service in services}) for item in fields["windows"].items())
    all_different(fields["windows"], [window.id for window in windows])
    shares, no_show, absent = _shares(fields.get("shares", Place("shares", {})))
    return Form(
        name=fields["name"].text(),
        open_min=open_min,
        services=services,
        windows=windows,
        doors=fields["doors"].whole() if "doors" in fields else 0,
        shares=shares,
        no_show=no_show,
        absent=absent,
        profile=_profile(fields["profile"], open_min) if "profile" in fields else (),
    )


def _service(place: Place) -> FormService:
    fields = place.fields("id", "minutes", "visitors", optional=("cv", "group", "employer", "civil_only"))
    return FormService(
        id=fields["id"].text(),
        minutes=fields["minutes"].number(above=True),
        visitors=fields["visitors"].number(),
        cv=fields["cv"].number(high=10.0) if "cv" in fields else USUAL_CV,
        group=fields["group"].whole() if "group" in fields else None,
        employer=fields["employer"].whole() if "employer" in fields else 0,
        civil_only=fields["civil_only"].flag() if "civil_only" in fields else False,
    )


def _window(place: Place, services: set[str]) -> FormWindow:
    fields = place.fields("id", "can", optional=("primary", "reserve", "roster"))
    can = tuple(item.known(services, "no such service") for item in fields["can"].items())
    if not can:
        fields["can"].refuse("a window that can nothing")
    all_different(fields["can"], list(can))
    primary = fields["primary"].items() if "primary" in fields else []
    return FormWindow(
        id=fields["id"].text(),
        can=can,
        primary=tuple(item.known(can, "not in `can`:") for item in primary) or can,
        reserve=fields["reserve"].flag() if "reserve" in fields else False,
        roster=read_roster(fields["roster"]) if "roster" in fields else None,
    )


def _shares(place: Place) -> tuple[Shares, float, float]:
    fields = place.fields(optional=("appt", "prio", "multi", "no_show", "absent"))
    usual = {"appt": 0.0, "prio": 0.0, "multi": 0.0, "no_show": NO_SHOW, "absent": ABSENT}
    said = {**usual, **{name: share.number(high=1.0) for name, share in fields.items()}}
    return Shares(said["appt"], said["prio"], said["multi"]), said["no_show"], said["absent"]


def _profile(place: Place, open_min: float) -> tuple[float, ...]:
    profile = tuple(item.number() for item in place.items(int(open_min / HALF_HOUR)))
    if not sum(profile):
        place.refuse("nobody comes")
    return profile


def day_from(form: Form, seed: int) -> Day:
    """One day as the form has it; the same form and seed give the same day."""
    profile = form.profile or _usual_profile(form.open_min)
    visitors = sum(service.visitors for service in form.services)
    expected = Expected(visitors, form.shares, form.doors, profile=profile, no_show=form.no_show, absent=form.absent)
    return day_of(f"{form.name}-{seed}", seed, _hall(form), expected, (), Random(f"form {form.name} {seed}"))


def _usual_profile(open_min: float) -> tuple[float, ...]:
    """The usual day's profile, drawn out or together over another length."""
    count = int(open_min / HALF_HOUR)
    return tuple(PROFILE[number * len(PROFILE) // count] for number in range(count))


def _hall(form: Form) -> Hall:
    visitors = sum(service.visitors for service in form.services)
    services = tuple(
        Service(s.id, s.minutes, s.cv, _group(form, number), s.employer, s.civil_only, s.visitors / visitors)
        for number, s in enumerate(form.services)
    )
    return Hall(services, tuple(_seat(form, number, window) for number, window in enumerate(form.windows)))


def _group(form: Form, number: int) -> int:
    said = form.services[number].group
    free = 1 + max((service.group or 0 for service in form.services), default=0)
    return free + number if said is None else said


def _seat(form: Form, number: int, window: FormWindow) -> Window:
    services = {service.id: service for service in form.services}
    usual = () if window.reserve else roster(number, form.open_min)
    return Window(
        id=window.id,
        agency=services[window.can[0]].employer,
        civil=any(services[service].civil_only for service in window.can),
        can=window.can,
        primary=window.primary,
        reserve=window.reserve,
        roster=usual if window.roster is None else window.roster,
    )


def fit(records: Iterable[LegRecord], days: int, name: str = "fitted") -> Form:
    """The form that these records of `days` days of one hall fill in.

    Minutes, spread, visitors, profile and what windows do come from the records; a service that nobody served in them is left
    out. Crowds at the doors lie in the first hours of the profile; groups, employers, reserves and rosters are not known here.
    Raises: DayError: no days, or no record of anybody served.
    """
    known = [record for record in records if record.service]
    served = [record for record in known if record.service_s is not None and record.window]
    if days < 1 or not served:
        raise DayError("the records: nobody was served in them")
    offered = sorted({record.service for record in served})
    known = [record for record in known if record.service in offered]
    if not any(record.leg == 0 for record in known):
        raise DayError("the records: nobody came for a first leg")
    profile = _hours(known)
    return Form(
        name=name,
        open_min=HALF_HOUR * len(profile),
        services=tuple(_fitted_service(service, known, days) for service in offered),
        windows=tuple(_fitted_window(str(window), served) for window in sorted({str(r.window) for r in served})),
        shares=_fitted_shares(known),
        absent=sum(r.outcome == "no_show" for r in known) / max(1, sum(r.window is not None for r in known)),
        no_show=0.0,
        profile=profile,
    )


def _hours(records: Sequence[LegRecord]) -> tuple[float, ...]:
    """The visitors by half-hour, from the first hour somebody came, at least so long as a day must be."""
    counts = Counter(record.hour for record in records if record.leg == 0)
    first = min(counts)
    hours = range(first, max(max(counts) + 1, first + int(SHORTEST_DAY / 60)))
    return tuple(counts[hour] / 2 for hour in hours for _ in range(2))


def _fitted_service(service: str, records: Sequence[LegRecord], days: int) -> FormService:
    mine = [record for record in records if record.service == service]
    minutes = [record.service_s / 60.0 for record in mine if record.service_s is not None]
    mean = max(0.1, sum(minutes) / len(minutes))
    spread = math.sqrt(sum((m - mean) ** 2 for m in minutes) / max(1, len(minutes) - 1)) / mean
    cv = min(2.0, spread) if len(minutes) >= ENOUGH else USUAL_CV
    return FormService(service, mean, sum(record.leg == 0 for record in mine) / days, cv)


def _fitted_window(window: str, served: Sequence[LegRecord]) -> FormWindow:
    done = Counter(record.service for record in served if record.window == window)
    can = tuple(sorted(done))
    return FormWindow(window, can, tuple(s for s in can if done[s] >= PROFILE_SHARE * sum(done.values())) or can)


def _fitted_shares(records: Sequence[LegRecord]) -> Shares:
    visits = Counter(record.cls for record in records if record.leg == 0)
    total = max(1, sum(visits.values()))
    second = sum(record.leg == 1 for record in records)
    return Shares(visits["appt"] / total, visits["prio"] / max(1, total - visits["appt"]), min(1.0, second / total))
