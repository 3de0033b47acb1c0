"""A report as people read it: named lines in their order, a sum, and how each figure is written. Reads nothing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import get_day_names, get_month_names
from babel.numbers import format_decimal

from consoles import show
from consoles.reports.figure import FIGURES, Key, Line, Value
from consoles.reports.question import UNSAID, Enquiry, Question
from consoles.reports.reading import Lines, knows
from contract.hall import Hall
from contract.hall_part import Named as Entry
from look.texts import Texts

_FORMS = {
    "count": "#,##0",
    "minutes": "#,##0",
    "mean": "#,##0.0",
    "share": "#,##0.0",
    "money": "#,##0.00",
    "hours": "#,##0.0",
}
_OUTCOMES = {
    f"{UNSAID}{outcome}": "report.missed" if outcome == "no_show" else f"report.unsaid_{outcome}"
    for outcome in ("finished", "transferred", "parked", "no_show", "cancelled")
}
_WORDS = {
    "result": _OUTCOMES,
    "method": {"card": "report.by_card", "cash": "report.by_cash"},
    "fault": {"away": "hall.device_lost"},
}


@dataclass(frozen=True, slots=True)
class Named:
    """One line of a table: its name and its figures as the question has them; shares are 0 to 1, money minor units, None not known."""

    name: str
    figures: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`lines` in the order of time or of the document; `total`: all of them together. `heads`: what a line is, and each figure."""

    asked: Enquiry
    heads: tuple[str, ...]
    lines: tuple[Named, ...]
    total: Named

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the columns of figures."""
        return self.asked.question.figures


def report(asked: Enquiry, found: Lines, hall: Hall, texts: Texts) -> Report:
    """What was counted, with names in the reader's language."""
    question = asked.question
    order = [_order(part, hall) for part in question.parts]
    keys = sorted(
        found, key=lambda key: tuple(_place(known, word) for known, word in zip(order, key, strict=False)) + key
    )
    total = Line(int(hall.rule("kpi.max_wait_min")))
    for line in found.values():
        total.add(line)
    mixed = any(_foreign(question, key) for key in found)
    lines = tuple(Named(_name(question, hall, texts, key), _worths(question, found[key])) for key in keys)
    return Report(
        asked,
        _heads(question, hall, texts),
        lines,
        Named(texts.get("report.total"), _worths(question, total, mixed=mixed)),
    )


def written(name: str, worth: Value, language: str) -> str:
    """A figure as people read it; money without its currency, which stands above the column."""
    if worth is None:
        return "–"
    unit, locale = FIGURES[name].unit, {"en": "en_GB"}.get(language, language)
    scaled = worth * 100 if unit == "share" else Decimal(worth) / 100 if unit == "money" else worth
    return f"{format_decimal(scaled, _FORMS[unit], locale=locale)}{' %' if unit == 'share' else ''}"


def plain_worth(name: str, worth: Value) -> Value:
    """A figure as programs read it: shares 0 to 1, money in whole units of its currency."""
    if worth is None:
        return None
    return worth / 100 if FIGURES[name].unit == "money" else round(worth, 4)


def called(hall: Hall, question: Question, texts: Texts) -> str:
    """Which part of the hall it is about; "" for all of it."""
    group, zone = (hall.group_by_id.get(question.group), next((z for z in hall.zones if z.id == question.zone), None))
    return ", ".join(show.named(one.names, texts.language) for one in (group, zone) if one is not None)


def _heads(question: Question, hall: Hall, texts: Texts) -> tuple[str, ...]:
    line = " · ".join(texts.get(f"report.by_{part}") for part in question.parts)
    money = {name: f", {hall.currency}" for name in question.figures if FIGURES[name].unit == "money"}
    return (line, *(f"{texts.get(f'report.{name}')}{money.get(name, '')}" for name in question.figures))


def _worths(question: Question, line: Line, *, mixed: bool = False) -> tuple[Value, ...]:
    """`mixed`: money of several currencies, which has no sum."""
    return tuple(
        None
        if not knows(FIGURES[name].source, question) or (mixed and FIGURES[name].unit == "money")
        else FIGURES[name].of(line)
        for name in question.figures
    )


def _foreign(question: Question, key: Key) -> bool:
    return len(key) > len(question.parts)


def _place(known: Mapping[str, int], word: str) -> int:
    return known.get(word, len(known))


def _order(part: str, hall: Hall) -> dict[str, int]:
    """Entries of the document stand in its order; days, hours and what the document has no more by their keys."""
    ids = {
        "hour": map(str, range(24)), "service": [s.id for s in hall.services], "service_group": [g.id for g in hall.service_groups],
        "window": [w.id for w in hall.windows], "operator": [o.id for o in hall.operators], "employer": [e.id for e in hall.employers],
        "priority": [p.id for p in hall.priority_groups], "language": hall.languages, "terminal": [b.id for b in hall.boxes],
        "device": [b.id for b in hall.boxes], "result": [*hall.result_parks, *_OUTCOMES],
    }.get(part, ())  # fmt: skip
    return {key: at for at, key in enumerate(ids)}


def _name(question: Question, hall: Hall, texts: Texts, key: Key) -> str:
    """The line's name in the reader's language; money of another currency says which."""
    names = [_word(part, hall, texts, word) for part, word in zip(question.parts, key, strict=False)]
    return " · ".join([*names, *key[len(question.parts) :]])


def _word(part: str, hall: Hall, texts: Texts, key: str) -> str:
    if part in _TIMES:
        return _TIMES[part](key, texts.language)
    match part:
        case "window":
            place = hall.window_by_id.get(key)
            return texts.get("change.window", number=place.number) if place is not None else key or "–"
        case "operator":
            who = hall.operator_by_id.get(key)
            return who.name if who is not None else key or "–"
        case "language":
            return (Locale.parse(key).get_display_name(texts.language) or key) if key in hall.languages else key or "–"
        case "priority" if not key:
            return texts.get("report.no_priority")
        case "result" if key not in _OUTCOMES:
            return show.result(hall, texts, key) or "–"
        case "result" | "method" | "terminal" | "device" | "fault":
            return texts.get(_WORDS[part][key]) if key in _WORDS.get(part, ()) else key or "–"
    entries: Mapping[str, Sequence[Entry]] = {
        "service": hall.services, "service_group": hall.service_groups, "employer": hall.employers, "priority": hall.priority_groups,
    }  # fmt: skip
    entry = next((each for each in entries[part] if each.id == key), None)
    return show.named(entry.names, texts.language) if entry is not None else key or "–"


def _month(key: str, language: str) -> str:
    return f"{get_month_names('wide', 'stand-alone', locale=language)[int(key[5:])]} {key[:4]}"


def _day(key: str, language: str) -> str:
    return f"{key}, {get_day_names('abbreviated', locale=language)[date.fromisoformat(key).weekday()]}"


_TIMES = {
    "weekday": lambda key, language: str(get_day_names(locale=language)[int(key)]),
    "month": _month,
    "hour": lambda key, _language: f"{key}:00",
    "day": _day,
}
