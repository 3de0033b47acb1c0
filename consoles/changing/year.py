"""A year of the calendar: the library proposes its holidays, a manager goes through them and confirms them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date

from consoles.changing import field, holiday
from consoles.changing.part import Document, Fields, Line, Part, Telling, UntakenError, text_of
from contract import rules
from contract.errors import ContractError
from contract.hours import MOST_DAYS, WEEKDAYS

AHEAD_DAYS = 60
"""So long before its end a manager is reminded of the next year."""
NEW_ROWS = 4
MISSES = frozenset({"UA", "KZ", "KG"})
"""Countries of which we know what the library misses; the words are `calendar.misses_<country>`."""


@dataclass(frozen=True, slots=True)
class Row:
    """A day of the form. `taken`: not as its weekday; `hours`: "" closed; `usual`: the weekday's; `why`: words of why it is proposed."""

    day: str
    called: str
    taken: bool
    hours: str
    usual: str
    reason: str
    why: str = ""


def edit(document: Document, key: str, fields: Fields) -> None:
    """The days of the year as they stand in the form, and the year is confirmed."""
    year = _year(key)
    calendar = document.setdefault("calendar", {})
    before = {day["date"]: day for day in calendar.get("exceptions", ())}
    known = {each.day.isoformat(): dict(each.names) for each in holiday.proposed(calendar.get("country") or "", year)}
    found = {}
    for name in _days(fields, year):
        old = before.get(name, {}).get("reason") or known.get(name, {})
        found[name] = {
            "date": name,
            "hours": field.spans(fields, f"hours.{name}"),
            "reason": _reason(document, fields, name, old),
        }
    others = [day for name, day in before.items() if name[:4] != key]
    calendar["exceptions"] = sorted([*others, *_new(document, fields, year, found)], key=lambda each: str(each["date"]))
    if len(calendar["exceptions"]) > MOST_DAYS:
        raise UntakenError("untaken.days", most=MOST_DAYS)
    calendar["years"] = sorted({*calendar.get("years", ()), year})


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The year's days: those in the document, those proposed, and the shorter days before them."""
    year, document = _year(key), telling.document
    calendar = document.get("calendar", {})
    country = calendar.get("country") or ""
    return {
        "year": year, "confirmed": year in calendar.get("years", ()), "rows": [*_rows(telling, year, country)], "country": country,
        "installed": holiday.installed(), "misses": f"calendar.misses_{country.lower()}" if country in MISSES else "",
        "blank": range(NEW_ROWS),
    }  # fmt: skip


def lines(telling: Telling) -> list[Line]:
    """This year, the next, and those that were confirmed."""
    calendar, now = telling.document.get("calendar", {}), telling.today.year
    found = []
    for year in sorted({now, now + 1, *calendar.get("years", ())}, reverse=True):
        days = sum(day["date"].startswith(f"{year}-") for day in calendar.get("exceptions", ()))
        sure = year in calendar.get("years", ())
        note = telling.say("calendar.confirmed" if sure else "calendar.unconfirmed", count=days)
        found.append(Line(str(year), str(year), note, "done" if sure else "warn"))
    return found


PART = Part("calendar", "time", edit, told, lines, icon="booking")


def unconfirmed(document: Document, today: date) -> list[int]:
    """Years that nobody went through: this one, and the next when it is near."""
    near = {today.year, (today + timedelta(days=AHEAD_DAYS)).year}
    return sorted(near - {*document.get("calendar", {}).get("years", ())})


def _rows(telling: Telling, year: int, country: str) -> Iterator[Row]:
    document = telling.document
    calendar = document.get("calendar", {})
    fresh = year not in calendar.get("years", ())
    known = {day["date"]: day for day in calendar.get("exceptions", ()) if day["date"].startswith(f"{year}-")}
    holidays = {each.day.isoformat(): each for each in holiday.proposed(country, year)}
    shorter = _shorter(document, {each.day for each in holidays.values() if each.off}, year)
    for name in sorted({*known, *holidays, *shorter}):
        day, here, law = date.fromisoformat(name), known.get(name), holidays.get(name)
        usual = _usual(document, day)
        off = law is not None and law.off
        yield Row(
            name, format_date(day, "EEEE, d MMMM", locale=telling.language),
            here is not None or (fresh and usual != "" and (off or name in shorter)),
            " ".join(here["hours"]) if here is not None else "" if off else shorter.get(name, usual), usual,
            text_of(here["reason"] if here is not None else dict(law.names) if law is not None else {}, document["default_language"]),
            "" if law is not None and law.off else telling.say("calendar.worked" if law is not None else "calendar.shorter")
            if law is not None or name in shorter else "",
        )  # fmt: skip


def _shorter(document: Document, off: set[date], year: int) -> dict[str, str]:
    """The open days before a day off, with hours shorter by `hours.pre_holiday_shorter_min`."""
    less = int(rules.value(document["rules"], "hours.pre_holiday_shorter_min"))
    found = {}
    for day in (each - timedelta(days=1) for each in off if less):
        spans = document["hours"].get(WEEKDAYS[day.weekday()], [])
        if day.year == year and spans and day not in off:
            end = int(spans[-1][6:8]) * 60 + int(spans[-1][9:]) - less
            short = f"{spans[-1][:5]}-{end // 60:02}:{end % 60:02}"
            if short[6:] > short[:5]:
                found[day.isoformat()] = " ".join([*spans[:-1], short])
    return found


def _usual(document: Document, day: date) -> str:
    return " ".join(document["hours"].get(WEEKDAYS[day.weekday()], ()))


def _year(key: str) -> int:
    if not (key.isascii() and key.isdecimal()) or not 2000 <= int(key) <= 2999:
        raise ContractError(f"there is no year {key[:8]!r}")
    return int(key)


def _days(fields: Fields, year: int) -> list[str]:
    """The ticked days. Raises: ContractError: a day of another year."""
    found = [name.removeprefix("day.") for name, value in fields.items() if name.startswith("day.") and value == "yes"]
    return [_of_year(name, year) for name in found]


def _new(document: Document, fields: Fields, year: int, found: dict[str, Document]) -> list[Document]:
    """`found` and the days that were typed into empty rows."""
    for n in range(NEW_ROWS):
        name = field.day(fields, f"new.{n}")
        if name is not None:
            _of_year(name, year)
            hours = field.spans(fields, f"new.{n}.hours")
            found[name] = {"date": name, "hours": hours, "reason": _reason(document, fields, f"new.{n}", {})}
    return [*found.values()]


def _of_year(name: str, year: int) -> str:
    try:
        if date.fromisoformat(name).year == year and len(name) == len("2026-12-25"):
            return name
    except ValueError:
        pass
    raise UntakenError("untaken.year", year=year)


def _reason(document: Document, fields: Fields, name: str, known: Mapping[str, str]) -> dict[str, str]:
    """Why, by language: what was typed is in the hall's own language; the others stay while it was not changed."""
    own = document["default_language"]
    text = field.line(fields, f"reason.{name}")
    if text == text_of(known, own):
        return {language: known[language] for language in document["languages"] if language in known}
    return {own: text} if text else {}
