"""A report as people read it: named lines in their order, a sum, the same as CSV or a spreadsheet. Pure but for the packing."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import get_day_names, get_month_names

from consoles import show
from consoles.reports.figure import Line
from consoles.reports.question import Question, line_of
from contract.hall import Hall
from contract.hall import Named as Entry
from look.texts import Texts

FIGURES = ("turns", "served", "missed", "wait_half", "wait_most", "late", "service", "kept")
"""Columns, in order; their words are `report.<name>`."""
Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Named:
    """One line of a table: its name and its figures as `FIGURES`; shares are 0 to 1, None is not known."""

    name: str
    figures: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`lines` in the order of time or of the document; `total`: all of them together."""

    asked: Question
    lines: tuple[Named, ...]
    total: Named

    @property
    def most(self) -> int:
        """The largest number of turns on a line: the height of the chart."""
        return max((int(line.figures[0] or 0) for line in self.lines), default=0)


def report(asked: Question, counted: Mapping[str, Line], hall: Hall, texts: Texts) -> Report:
    """Fold what was counted into the lines asked for."""
    folded: dict[str, Line] = {}
    total = Line("")
    for key, line in counted.items():
        name = line_of(asked, hall, key)
        folded.setdefault(name, Line(name)).add(line)
        total.add(line)
    order = _order(asked, hall)
    keys = sorted(folded, key=lambda key: (order.get(key, len(order)), key))
    named = tuple(Named(_name(asked, hall, texts, key), _figures(folded[key])) for key in keys)
    return Report(asked, named, Named(texts.get("report.total"), _figures(total)))


def csv_text(made: Report, texts: Texts) -> str:
    """The table for any program; a text that a spreadsheet would take for a formula is marked as text."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([texts.get(f"report.by_{made.asked.by}"), *(texts.get(f"report.{name}") for name in FIGURES)])
    for line in (*made.lines, made.total):
        rows.writerow([_plain(line.name), *("" if value is None else value for value in line.figures)])
    return out.getvalue()


def xlsx(made: Report, texts: Texts) -> bytes:
    """The table as a spreadsheet."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(f"{made.asked.since} {made.asked.until}")
    sheet.append([texts.get(f"report.by_{made.asked.by}"), *(texts.get(f"report.{name}") for name in FIGURES)])
    for line in (*made.lines, made.total):
        name = WriteOnlyCell(sheet, value=line.name)
        name.data_type = "s"  # never a formula, whatever it begins with
        cells = [name]
        for title, value in zip(FIGURES, line.figures, strict=True):
            cell = WriteOnlyCell(sheet, value=value)
            cell.number_format = "0.0%" if title in ("late", "kept") else "0.0" if title == "service" else "0"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _figures(line: Line) -> tuple[Value, ...]:
    service = line.service_min
    return (
        line.turns, line.served, line.missed, line.wait(0.5), line.wait(0.9), line.late_share,
        None if service is None else round(service, 1), line.kept_share,
    )  # fmt: skip


def _order(asked: Question, hall: Hall) -> dict[str, int]:
    """Entries of the document stand in its order; days, hours and what the document has no more by their keys."""
    ids = {
        "service": [s.id for s in hall.services], "service_group": [g.id for g in hall.service_groups], "hour": map(str, range(24)),
        "window": [w.id for w in hall.windows], "operator": [o.id for o in hall.operators], "employer": [e.id for e in hall.employers],
    }.get(asked.by, ())  # fmt: skip
    return {key: at for at, key in enumerate(ids)}


def _name(asked: Question, hall: Hall, texts: Texts, key: str) -> str:
    """The line's name in the reader's language."""
    match asked.by:
        case "weekday":
            return str(get_day_names(locale=texts.language)[int(key)])
        case "month":
            return f"{get_month_names('wide', 'stand-alone', locale=texts.language)[int(key[5:])]} {key[:4]}"
        case "hour":
            return f"{key}:00"
        case "day":
            return f"{key}, {get_day_names('abbreviated', locale=texts.language)[date.fromisoformat(key).weekday()]}"
        case "window":
            place = hall.window_by_id.get(key)
            return texts.get("change.window", number=place.number) if place is not None else key or "–"
        case "operator":
            who = hall.operator_by_id.get(key)
            return who.name if who is not None else key or "–"
    entries: Mapping[str, Sequence[Entry]] = {
        "service": hall.services,
        "service_group": hall.service_groups,
        "employer": hall.employers,
    }
    entry = next((each for each in entries[asked.by] if each.id == key), None)
    return show.named(entry.names, texts.language) if entry is not None else key or "–"


def _plain(text: str) -> str:
    """A cell that begins like a formula gets a mark before it (OWASP, CSV injection)."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text != "–" else text
