"""The file of one hall day, `hall-day/1`: its values, a strict reader and the writer.

One day is one JSON object; every time is minutes from opening. What stands under `truth` is what nobody in the hall can know
beforehand; a judge never shows it to a policy. The fields:

    format "hall-day/1" · name · seed (may be left out) · unit "minute" · nonprimary_factor · switch_min
    reserve_min · static_reserve [from, to] · shares {appt, prio, multi} · burst
    forecast_rate_per_min [one rate a half-hour] · bookings [[time, service]]
    services [{id, mean, cv, group, agency, civil_only, mix}]
    windows [{id, agency, civil, can, primary, reserve, roster [[from, to]]}]
    truth.absences [{window, start, end}]
    truth.tickets [{id, arrive, cls walk|appt|prio, appointment, legs [[service, minutes]], patience, silent, absent, back_after}]

The length of the day is half an hour for each forecast rate. A booking without a ticket is a visitor who never came.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, NoReturn, TypeVar

FORMAT = "hall-day/1"
HALF_HOUR = 30.0
CLASSES = ("walk", "appt", "prio")
Span = tuple[float, float]
T = TypeVar("T")


class DayError(ValueError):
    """The text is no `hall-day/1`; the message begins with the place."""


@dataclass(frozen=True)
class Service:
    """What a visitor comes for; `mean` in minutes, `mix` its share of first visits."""

    id: str
    mean: float
    cv: float
    group: int
    agency: int
    civil_only: bool
    mix: float


@dataclass(frozen=True)
class Window:
    """`can` is what its operator may do by law and training, `primary` (a part of it) what he is set to do."""

    id: str
    agency: int
    civil: bool
    can: tuple[str, ...]
    primary: tuple[str, ...]
    reserve: bool
    roster: tuple[Span, ...]


@dataclass(frozen=True)
class Absence:
    """An operator who is not there though the roster says so."""

    window: str
    start: float
    end: float


@dataclass(frozen=True)
class Ticket:
    """One visitor. `patience` is minutes of waiting in one line, None: waits for ever; `silent` leaves without a word.

    `absent` does not answer the first call and comes back `back_after` minutes later, None: never.
    """

    id: int
    arrive: float
    cls: str
    appointment: float | None
    legs: tuple[tuple[str, float], ...]
    patience: float | None
    silent: bool
    absent: bool
    back_after: float | None


@dataclass(frozen=True)
class Shares:
    """Shares of visitors: booked, of priority (among those without a booking), with a second leg."""

    appt: float
    prio: float
    multi: float


@dataclass(frozen=True)
class Truth:
    """What really happens."""

    absences: tuple[Absence, ...]
    tickets: tuple[Ticket, ...]


@dataclass(frozen=True)
class Day:
    """One day of one hall, checked."""

    name: str
    seed: int | None
    nonprimary_factor: float
    switch_min: float
    reserve_min: float
    static_reserve: Span
    shares: Shares
    burst: int
    services: tuple[Service, ...]
    windows: tuple[Window, ...]
    forecast_rate_per_min: tuple[float, ...]
    bookings: tuple[tuple[float, str], ...]
    truth: Truth

    @property
    def closing(self) -> float:
        """Minutes from opening to closing."""
        return HALF_HOUR * len(self.forecast_rate_per_min)


def write(day: Day) -> str:
    """The day as one line of JSON: the same day gives the same bytes."""
    body = asdict(day)
    if body["seed"] is None:
        del body["seed"]
    return json.dumps({"format": FORMAT, "unit": "minute", **body}, separators=(",", ":"), allow_nan=False) + "\n"


def read(text: str) -> Day:
    """The day in `text`.

    Raises: DayError: not JSON, cut short, an unknown or missing field, a wrong type, an id that nobody serves, times out of order.
    """
    return _day(Place("", from_json(text)))


def from_json(text: str) -> Any:
    """The value in `text`; a name twice in one object, NaN and infinity are refused (DayError)."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as exc:
        raise DayError(f"line {exc.lineno} column {exc.colno}: cut short or no JSON: {exc.msg}") from exc
    except RecursionError as exc:
        raise DayError("the day: nested too deeply") from exc


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = Counter(name for name, _ in pairs)
        raise DayError(f"{next(name for name in names if names[name] > 1)}: stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise DayError(f"{name}: not a number a day can hold")


class Place:
    """A value of the file and where it stands; every question about it is answered or refused by that place."""

    def __init__(self, path: str, value: Any) -> None:
        self.path = path
        self.value = value

    def refuse(self, why: str) -> NoReturn:
        raise DayError(f"{self.path or 'the day'}: {why}")

    def fields(self, *names: str, optional: tuple[str, ...] = ()) -> dict[str, Place]:
        """The members of an object that has just these names."""
        if not isinstance(self.value, dict):
            self.refuse(f"an object, not {_shown(self.value)}")
        for name in self.value:
            if name not in names and name not in optional:
                self.refuse(f"unknown field {name!r}")
        for name in names:
            if name not in self.value:
                self.refuse(f"field {name!r} is missing")
        return {name: Place(f"{self.path}.{name}" if self.path else name, value) for name, value in self.value.items()}

    def items(self, length: int | None = None) -> list[Place]:
        """The elements of a list, of that length if one is given."""
        if not isinstance(self.value, list):
            self.refuse(f"a list, not {_shown(self.value)}")
        if length is not None and len(self.value) != length:
            self.refuse(f"{length} elements, not {len(self.value)}")
        return [Place(f"{self.path}[{number}]", value) for number, value in enumerate(self.value)]

    def number(self, low: float = 0.0, above: bool = False, high: float = 1e6) -> float:
        """A finite number from `low` (or above it) to `high`."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.refuse(f"a number, not {_shown(value)}")
        if not math.isfinite(value) or not low <= value <= high or (above and value == low):
            self.refuse(f"{'above' if above else 'at least'} {low:g} and at most {high:g}, not {_shown(value)}")
        return float(value)

    def whole(self, high: int = 2**63) -> int:
        """A whole number, 0 or more."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not 0 <= self.value <= high:
            self.refuse(f"a whole number from 0, not {_shown(self.value)}")
        return int(self.value)

    def text(self) -> str:
        """A string that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            self.refuse(f"a word, not {_shown(self.value)}")
        return str(self.value)

    def one_of(self, allowed: Any) -> str:
        """One of these words."""
        word = self.text()
        if word not in allowed:
            self.refuse(f"one of {', '.join(sorted(allowed)[:12])}, not {word!r}")
        return word

    def known(self, ids: Any, what: str) -> str:
        """The id of something that stands in this file."""
        word = self.text()
        if word not in ids:
            self.refuse(f"{what} {word!r}")
        return word

    def flag(self) -> bool:
        """true or false."""
        if not isinstance(self.value, bool):
            self.refuse(f"true or false, not {_shown(self.value)}")
        return bool(self.value)

    def maybe(self, take: Callable[[Place], T]) -> T | None:
        """null, or what `take` makes of it."""
        return None if self.value is None else take(self)

    def span(self) -> Span:
        """[from, to], from before to."""
        first, last = (end.number() for end in self.items(2))
        if not first < last:
            self.refuse(f"ends at {last:g}, before it begins at {first:g}")
        return first, last


def _shown(value: Any) -> str:
    said = json.dumps(value)
    return said if len(said) <= 40 else said[:37] + "..."


def _day(place: Place) -> Day:
    fields = place.fields(
        "format", "name", "unit", "nonprimary_factor", "switch_min", "reserve_min", "static_reserve", "shares", "burst",
        "services", "windows", "forecast_rate_per_min", "bookings", "truth", optional=("seed",),
    )  # fmt: skip
    fields["format"].one_of((FORMAT,))
    fields["unit"].one_of(("minute",))
    services = _services(fields["services"])
    windows = _windows(fields["windows"], {service.id: service for service in services})
    served = {service for window in windows for service in window.can}
    bookings = _bookings(fields["bookings"], served)
    rates = _rates(fields["forecast_rate_per_min"])
    truth = _truth(fields["truth"], served, {window.id for window in windows}, bookings)
    _before_closing(truth, HALF_HOUR * len(rates))
    return Day(
        name=fields["name"].text(),
        seed=fields["seed"].whole() if "seed" in fields else None,
        nonprimary_factor=fields["nonprimary_factor"].number(1.0, high=10.0),
        switch_min=fields["switch_min"].number(high=60.0),
        reserve_min=fields["reserve_min"].number(),
        static_reserve=fields["static_reserve"].span(),
        shares=_shares(fields["shares"]),
        burst=fields["burst"].whole(),
        services=services,
        windows=windows,
        forecast_rate_per_min=rates,
        bookings=bookings,
        truth=truth,
    )


def _services(place: Place) -> tuple[Service, ...]:
    services = tuple(_service(item) for item in place.items())
    if not services:
        place.refuse("a hall without services")
    all_different(place, [service.id for service in services])
    if not math.isclose(sum(service.mix for service in services), 1.0, abs_tol=1e-3):
        place.refuse("the shares `mix` of all services are 1 together")
    return services


def _service(place: Place) -> Service:
    fields = place.fields("id", "mean", "cv", "group", "agency", "civil_only", "mix")
    return Service(
        id=fields["id"].text(),
        mean=fields["mean"].number(above=True),
        cv=fields["cv"].number(high=10.0),
        group=fields["group"].whole(),
        agency=fields["agency"].whole(),
        civil_only=fields["civil_only"].flag(),
        mix=fields["mix"].number(high=1.0),
    )


def all_different(place: Place, ids: list[Any]) -> None:
    """Refuses the place if one of these ids stands there twice."""
    for number, count in Counter(ids).items():
        if count > 1:
            place.refuse(f"{number!r} stands {count} times")


def _windows(place: Place, services: dict[str, Service]) -> tuple[Window, ...]:
    windows = tuple(_window(item, services) for item in place.items())
    if not windows:
        place.refuse("a hall without windows")
    all_different(place, [window.id for window in windows])
    return windows


def _window(place: Place, services: dict[str, Service]) -> Window:
    fields = place.fields("id", "agency", "civil", "can", "primary", "reserve", "roster")
    civil = fields["civil"].flag()
    can = tuple(item.known(services, "no such service") for item in fields["can"].items())
    for item in fields["can"].items():
        if services[item.value].civil_only and not civil:
            item.refuse(f"service {item.value!r} is for civil servants only")
    primary = tuple(item.known(can, "not in `can`:") for item in fields["primary"].items())
    all_different(fields["can"], list(can))
    all_different(fields["primary"], list(primary))
    return Window(
        id=fields["id"].text(),
        agency=fields["agency"].whole(),
        civil=civil,
        can=can,
        primary=primary,
        reserve=fields["reserve"].flag(),
        roster=read_roster(fields["roster"]),
    )


def read_roster(place: Place) -> tuple[Span, ...]:
    """Spans in their order that do not overlap."""
    spans: list[Span] = []
    for item in place.items():
        span = item.span()
        if spans and span[0] < spans[-1][1]:
            item.refuse(f"begins at {span[0]:g}, before the one ahead ends at {spans[-1][1]:g}")
        spans.append(span)
    return tuple(spans)


def _shares(place: Place) -> Shares:
    fields = place.fields("appt", "prio", "multi")
    return Shares(**{name: share.number(high=1.0) for name, share in fields.items()})


def _rates(place: Place) -> tuple[float, ...]:
    rates = tuple(item.number() for item in place.items())
    if not rates:
        place.refuse("a day without half-hours")
    return rates


def _bookings(place: Place, served: Any) -> tuple[tuple[float, str], ...]:
    bookings: list[tuple[float, str]] = []
    for item in place.items():
        at, service = item.items(2)
        bookings.append((at.number(), service.known(served, "no window serves")))
        if len(bookings) > 1 and bookings[-1][0] < bookings[-2][0]:
            item.refuse(f"booked for {bookings[-1][0]:g}, before the one ahead at {bookings[-2][0]:g}")
    return tuple(bookings)


def _truth(place: Place, served: Any, windows: Any, bookings: tuple[tuple[float, str], ...]) -> Truth:
    fields = place.fields("absences", "tickets")
    absences = tuple(_absence(item, windows) for item in fields["absences"].items())
    booked = Counter(bookings)
    tickets: list[Ticket] = []
    for item in fields["tickets"].items():
        ticket = _ticket(item, served)
        if tickets and ticket.arrive < tickets[-1].arrive:
            item.refuse(f"arrives at {ticket.arrive:g}, before the one ahead at {tickets[-1].arrive:g}")
        if ticket.appointment is not None:
            _take_booking(item, (ticket.appointment, ticket.legs[0][0]), booked)
        tickets.append(ticket)
    all_different(fields["tickets"], [ticket.id for ticket in tickets])
    return Truth(absences, tuple(tickets))


def _before_closing(truth: Truth, closing: float) -> None:
    if truth.tickets and truth.tickets[-1].arrive > closing:
        raise DayError(f"truth.tickets[{len(truth.tickets) - 1}].arrive: after closing at {closing:g}")


def _take_booking(place: Place, wanted: tuple[float, str], booked: Counter[tuple[float, str]]) -> None:
    if not booked[wanted]:
        place.refuse(f"nothing is booked for {wanted[0]:g}, service {wanted[1]!r}")
    booked[wanted] -= 1


def _absence(place: Place, windows: Any) -> Absence:
    fields = place.fields("window", "start", "end")
    start, end = fields["start"].number(), fields["end"].number()
    if not start < end:
        place.refuse(f"ends at {end:g}, before it begins at {start:g}")
    return Absence(fields["window"].known(windows, "no such window"), start, end)


def _ticket(place: Place, served: Any) -> Ticket:
    fields = place.fields("id", "arrive", "cls", "appointment", "legs", "patience", "silent", "absent", "back_after")
    cls = fields["cls"].one_of(CLASSES)
    if (cls == "appt") != (fields["appointment"].value is not None):
        fields["appointment"].refuse("a time for class appt, null for any other")
    legs = tuple(_leg(item, served) for item in fields["legs"].items())
    if not legs:
        fields["legs"].refuse("a ticket for nothing")
    return Ticket(
        id=fields["id"].whole(),
        arrive=fields["arrive"].number(),
        cls=cls,
        appointment=fields["appointment"].maybe(Place.number),
        legs=legs,
        patience=fields["patience"].maybe(lambda place: place.number(above=True)),
        silent=fields["silent"].flag(),
        absent=fields["absent"].flag(),
        back_after=fields["back_after"].maybe(Place.number),
    )


def _leg(place: Place, served: Any) -> tuple[str, float]:
    service, minutes = place.items(2)
    return service.known(served, "no window serves"), minutes.number(above=True)
