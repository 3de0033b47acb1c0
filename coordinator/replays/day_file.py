"""Recorded days, `hall-day/1`: what the file may hold, strictly, and the script that a replay plays of it. Pure.

Times are minutes from opening; half an hour for each rate of the forecast is the length of the day. `truth` is what nobody in
the hall can know beforehand.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable
from itertools import pairwise
from math import isclose
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from contract.errors import ContractError
from coordinator.script import Script, recorded

HALF_HOUR = 30.0
Minutes = Annotated[float, Field(ge=0, le=1e6)]
Longer = Annotated[float, Field(gt=0, le=1e6)]
Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(min_length=1)]
Number = Annotated[int, Field(ge=0)]
Span = tuple[Minutes, Minutes]


class Part(BaseModel):
    """Base: frozen, an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Service(Part):
    """What a visitor comes for. `mean` minutes at its own windows; `mix`: its share of first visits."""

    id: Name
    mean: Longer
    cv: Annotated[float, Field(ge=0, le=10)]
    group: Number
    agency: Number
    civil_only: bool
    mix: Share


class Window(Part):
    """`can`: by right and training; `primary`: set to do."""

    id: Name
    agency: Number
    civil: bool
    can: tuple[Name, ...]
    primary: tuple[Name, ...]
    reserve: bool
    roster: tuple[Span, ...]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        ends = [time for span in self.roster for time in span]
        if any(late < early for early, late in pairwise(ends)) or any(a == b for a, b in self.roster):
            raise ValueError("the roster's spans must have a length, stand in order and not overlap")
        if strange := set(self.primary) - set(self.can):
            raise ValueError(f"primary {_some(strange)} is not in `can`")
        return self


class Ticket(Part):
    """One visitor; `patience`: minutes in one line, None for ever; `absent`: at the first call, back so many minutes later or never."""

    id: Number
    arrive: Minutes
    cls: Literal["walk", "appt", "prio"]
    appointment: Minutes | None
    legs: Annotated[tuple[tuple[Name, Longer], ...], Field(min_length=1)]
    patience: Longer | None
    silent: bool
    absent: bool
    back_after: Minutes | None

    @model_validator(mode="after")
    def _booked(self) -> Self:
        if (self.cls == "appt") != (self.appointment is not None):
            raise ValueError("an appointment for class appt, null for any other")
        return self


class Absence(Part):
    """An operator who is not there though the roster says so."""

    window: Name
    start: Minutes
    end: Minutes


class Truth(Part):
    """What really happened."""

    absences: tuple[Absence, ...]
    tickets: tuple[Ticket, ...]


class Shares(Part):
    """Of visitors: booked, of priority, with a second leg."""

    appt: Share
    prio: Share
    multi: Share


class Day(Part):
    """One day of one hall."""

    format: Literal["hall-day/1"]
    name: Name
    seed: int | None = None
    unit: Literal["minute"]
    nonprimary_factor: Annotated[float, Field(ge=1, le=10)]
    switch_min: Annotated[float, Field(ge=0, le=60)]
    reserve_min: Minutes
    static_reserve: Span
    shares: Shares
    burst: Number
    services: Annotated[tuple[Service, ...], Field(min_length=1)]
    windows: Annotated[tuple[Window, ...], Field(min_length=1)]
    forecast_rate_per_min: Annotated[tuple[Minutes, ...], Field(min_length=1, max_length=48)]
    bookings: tuple[tuple[Minutes, Name], ...]
    truth: Truth

    @property
    def close(self) -> float:
        """Minutes from opening to closing."""
        return HALF_HOUR * len(self.forecast_rate_per_min)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        faults = [*_identity_faults(self), *_reference_faults(self), *_truth_faults(self)]
        if faults:
            raise ValueError("; ".join(faults[:5]))
        return self


def load(text: str | bytes) -> Day:
    """The day in `text`. Raises: ContractError naming every place (the first ten) that a day may not have so."""
    try:
        return Day.model_validate_json(text)
    except ValidationError as exc:
        errors = exc.errors(include_url=False, include_input=False)[:10]
        faults = (f"{'.'.join(map(str, e['loc']))[:200] or 'the day'}: {e['msg'][:500]}" for e in errors)
        raise ContractError("; ".join(faults)) from None


def dump(day: Day) -> str:
    """The day as one line of JSON: the same day gives the same bytes."""
    body: dict[str, Any] = day.model_dump(exclude_none=False)
    if body["seed"] is None:
        del body["seed"]
    return json.dumps(body, separators=(",", ":"), allow_nan=False) + "\n"


def script(day: Day) -> Script:
    """What a simulation plays."""
    return recorded(day.model_dump(), day.close)


def _identity_faults(day: Day) -> Iterable[str]:
    named: list[tuple[str, Iterable[Hashable]]] = [
        ("services", (s.id for s in day.services)),
        ("windows", (w.id for w in day.windows)),
        ("truth.tickets", (t.id for t in day.truth.tickets)),
        *((f"windows.{n}.can", w.can) for n, w in enumerate(day.windows)),
    ]
    for place, ids in named:
        yield from (f"{place}: {one!r} stands twice" for one, count in Counter(ids).items() if count > 1)
    if not isclose(sum(s.mix for s in day.services), 1.0, abs_tol=1e-3):
        yield "services: the shares `mix` must be 1 together"
    if not day.truth.tickets:
        yield "truth.tickets: nobody comes: nothing can be replayed"


def _reference_faults(day: Day) -> Iterable[str]:
    services, windows = {s.id for s in day.services}, {w.id for w in day.windows}
    for n, window in enumerate(day.windows):
        if strange := set(window.can) - services:
            yield f"windows.{n}.can: no such service {_some(strange)}"
    served = {service for window in day.windows for service in window.can}
    wanted = [(f"bookings.{n}", service) for n, (_, service) in enumerate(day.bookings)]
    wanted += [(f"truth.tickets.{n}", leg[0]) for n, t in enumerate(day.truth.tickets) for leg in t.legs]
    yield from (f"{place}: no window may serve {service!r}" for place, service in wanted if service not in served)
    for n, absence in enumerate(day.truth.absences):
        if absence.window not in windows:
            yield f"truth.absences.{n}: no such window {absence.window!r}"
        if absence.end <= absence.start:
            yield f"truth.absences.{n}: ends before it begins"


def _truth_faults(day: Day) -> Iterable[str]:
    start, end = day.static_reserve
    if end < start:
        yield "static_reserve: ends before it begins"
    for n, (early, late) in enumerate(pairwise(day.truth.tickets), 1):
        if late.arrive < early.arrive:
            yield f"truth.tickets.{n}.arrive: {late.arrive:g} is before the one ahead"
    if day.truth.tickets and day.truth.tickets[-1].arrive > day.close:
        yield f"truth.tickets.{len(day.truth.tickets) - 1}.arrive: after closing at {day.close:g}"


def _some(names: Iterable[str]) -> str:
    return ", ".join(sorted(map(repr, names))[:5])
