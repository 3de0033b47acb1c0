"""Hours of a hall: spans of a weekday, and the calendar of days that are not as their weekday. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from functools import cached_property
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contract.errors import ContractError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_DAYS = 400
"""Days that a calendar may name; those that are over can be taken out."""
Week = Mapping[str, Sequence[str]]
"""weekday → spans of the day, in order; a day left out is closed."""
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class CalendarDay(BaseModel):
    """A date that is not as its weekday: open for `hours`, closed where there are none. `reason` by language, for people."""

    date: date
    hours: tuple[str, ...] = ()
    reason: dict[str, str] = {}
    model_config = ConfigDict(frozen=True, extra="forbid")


class Calendar(BaseModel):
    """Public holidays and other days that a manager has confirmed: nothing else is consulted when the hall runs.

    `country`: ISO 3166 code, whose holidays are proposed; `years`: those that were gone through day by day.
    """

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    years: tuple[Annotated[int, Field(ge=2000, le=2999)], ...] = ()
    exceptions: Annotated[tuple[CalendarDay, ...], Field(max_length=MOST_DAYS)] = ()
    model_config = ConfigDict(frozen=True, extra="forbid")

    def day(self, day: date) -> CalendarDay | None:
        """What is said of `day`; None where it is as its weekday."""
        return self._by_date.get(day)

    @cached_property
    def _by_date(self) -> dict[date, CalendarDay]:
        return {each.date: each for each in self.exceptions}


def span(text: str) -> tuple[time, time]:
    """From and to of HH:MM-HH:MM. Raises: ContractError."""
    match = _SPAN.fullmatch(text)
    if match is None or text[:5] >= text[6:]:
        raise ContractError(f"{text!r}: allowed: HH:MM-HH:MM, the end after the start")
    h1, m1, h2, m2 = (int(figures) for figures in match.groups())
    return time(h1, m1), time(h2, m2)


def within(spans: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """What of `spans` lies within `others`; both in order."""
    # Fixed-width texts compare as times do.
    cut = [(max(a[:5], b[:5]), min(a[6:], b[6:])) for a in spans for b in others]
    return tuple(f"{start}-{end}" for start, end in cut if start < end)


def week_faults(where: str, week: Week) -> Iterable[str]:
    """What is wrong with the hours of a week, in words."""
    for day, spans in week.items():
        if day not in WEEKDAYS:
            yield f"{where}: {day!r}: allowed: {', '.join(WEEKDAYS)}"
        yield from span_faults(where, day, spans)


def span_faults(where: str, day: str, spans: Sequence[str]) -> Iterable[str]:
    """What is wrong with the hours of a day, in words."""
    for text in spans:
        try:
            span(text)
        except ContractError as exc:
            yield f"{where}: {exc}"
    if any(later[:5] < earlier[6:] for earlier, later in pairwise(spans)):
        yield f"{where}: {day}: spans must stand in order and not overlap"


def calendar_faults(calendar: Calendar) -> Iterable[str]:
    """What is wrong with a calendar, in words."""
    twice = [day for day, count in Counter(each.date for each in calendar.exceptions).items() if count > 1]
    yield from (f"calendar: {day} stands twice" for day in sorted(twice))
    for each in calendar.exceptions:
        yield from span_faults("calendar", each.date.isoformat(), each.hours)
