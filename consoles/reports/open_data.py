"""Open data: how many came and how long they waited, by hour and service, without anybody in it: a zip of a CSV and its description.

Frictionless data package 1.0. What fewer than five people are behind is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from consoles.reports.csv_file import Row
from consoles.reports.csv_file import pieces as csv_pieces
from consoles.reports.figure import Counted, Line, percentile
from consoles.reports.outgo import Outgo
from consoles.reports.question import Period, Question
from consoles.reports.reading import Open, counted
from contract.hall import Hall

TYPE = "application/zip"
FEWEST = 5
"""Cells with fewer people are left out."""
LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
PIECE_DAYS = 7
_FIELDS = (
    ("day", "date", "Day, by the clock of the hall"),
    ("hour", "integer", "Hour of the day in which the visitor was called, 0 to 23"),
    ("service", "string", "Service, by the hall's own id"),
    ("service_code", "string", "Service, by its national code, where it has one"),
    ("turns", "integer", "Visitors called to a window; empty: fewer than five"),
    ("wait_half_min", "integer", "Whole minutes within which half of them were called"),
    ("wait_most_min", "integer", "Whole minutes within which nine of ten were called"),
    (
        "promise_kept",
        "number",
        "Share called within the promised time; empty also where fewer than five were called later",
    ),
)


def pieces(opened: Open, hall: Hall, days: Period) -> Iterator[bytes]:
    """The zip, a piece at a time. Raises: JournalError: the journal cannot be read."""
    outgo = Outgo()
    with ZipFile(outgo, "w", ZIP_DEFLATED) as package:
        package.writestr("datapackage.json", json.dumps(description(hall, days), ensure_ascii=False, indent=2))
        with package.open("waits.csv", "w", force_zip64=True) as file:
            for piece in csv_pieces(rows(opened, hall, days), mark=False):
                file.write(piece)
                yield outgo.take()
    yield outgo.take()


def rows(opened: Open, hall: Hall, days: Period) -> Iterator[Row]:
    """The head, then a row for each day, hour and service with visitors."""
    yield tuple(name for name, _, _ in _FIELDS)
    asked = Question(("turns",), "day", "service")
    for piece in days.pieces(PIECE_DAYS):
        with opened() as connection:
            found = _lines(hall, counted(connection, hall, asked, piece, "wait", also=("hour",)))
        for key in sorted(found):
            yield _row(hall, key, found[key])


def description(hall: Hall, days: Period) -> dict[str, Any]:
    """The package's `datapackage.json`: what it is, its licence, its columns."""
    fields = [{"name": name, "type": kind, "description": said} for name, kind, said in _FIELDS]
    return {
        "profile": "tabular-data-package",
        "name": f"{hall.id.lower().replace('_', '-')}-waits",
        "title": f"{hall.names[hall.default_language]}: waits by hour and service, {days.since} to {days.until}",
        "description": f"Promise: called within {int(hall.rule('kpi.max_wait_min'))} minutes. Time zone: {hall.timezone}. "
        f"Figures behind which there are fewer than {FEWEST} people are left out.",
        "licenses": [LICENCE],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": "waits",
                "path": "waits.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {"fields": fields, "missingValues": [""], "primaryKey": ["day", "hour", "service"]},
            }
        ],
    }


def _lines(hall: Hall, found: Iterable[Counted]) -> dict[tuple[str, int, str], Line]:
    limit_min = int(hall.rule("kpi.max_wait_min"))
    lines: dict[tuple[str, int, str], Line] = {}
    for one in found:
        day, service, hour = one.key
        lines.setdefault((day, int(hour), service), Line(limit_min)).count("wait", one)
    return lines


def _row(hall: Hall, key: tuple[str, int, str], line: Line) -> Row:
    service = hall.service_by_id.get(key[2])
    code = service.code if service is not None else None
    known, share = line.waits.total(), line.promise
    late = sum(n for minute, n in line.waits.items() if minute >= line.limit_min)
    told = share is not None and not 0 < late < FEWEST and not 0 < known - late < FEWEST
    waits = (percentile(line.waits, part) if known >= FEWEST else None for part in (0.5, 0.9))
    turns = int(line.counts["turns"])
    return (
        *key,
        code,
        turns if turns >= FEWEST else None,
        *waits,
        round(share or 0, 3) if told and known >= FEWEST else None,
    )
