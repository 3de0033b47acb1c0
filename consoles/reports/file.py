"""The files under `/reports`: a report as a table or on paper, every ticket, open data. What is long is sent while it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from fastapi import Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from consoles import export, route
from consoles.reports import csv_file, open_data, pdf_file, ticket, xlsx_file
from consoles.reports.csv_file import Row
from consoles.reports.figure import FIGURES
from consoles.reports.inquiry import Inquiry
from consoles.reports.question import Enquiry
from consoles.reports.saved import Saved
from consoles.reports.table import Report, plain_worth, report
from consoles.reports.work import LIMIT_S, BusyError, Works
from consoles.route import Asked, Kind, Route
from consoles.staff.role import Act
from journal.database import snapshot
from journal.errors import JournalError

Pieces = Callable[[Iterable[Row]], Iterator[bytes]]
TABLES: dict[str, tuple[str, Pieces]] = {
    "csv": (csv_file.TYPE, csv_file.pieces),
    "xlsx": (xlsx_file.TYPE, xlsx_file.pieces),
}
KINDS = (*TABLES, "pdf")
PATIENCE_S = LIMIT_S + 10
"""A file waits for its figures to the end."""


class Files:
    """Gives them away. `journal` None: it is not on this machine, and there are none."""

    def __init__(self, inquiry: Inquiry, works: Works | None, journal: Path | None) -> None:
        self._inquiry, self._works = inquiry, works
        self._opened = partial(snapshot, journal) if journal is not None else None

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/reports/file.{kind}", self._report, Act.SHIFT, Kind.DATA),
            Route("GET", "/reports/tickets.{kind}", self._tickets, Act.REPORT, Kind.DATA),
            Route("GET", "/reports/open.zip", self._open, Act.REPORT, Kind.DATA),
        )

    async def _report(self, asked: Asked) -> Response:
        kind = asked.named("kind")
        if self._works is None or kind not in KINDS:
            return _none()
        base, enquiry = self._inquiry.of(asked)
        try:
            work = await self._works.get(enquiry, self._inquiry.hall, PATIENCE_S)
        except BusyError:
            return _busy()
        if work.state != "done":
            return _busy()
        texts = self._inquiry.texts(asked)
        made = await asyncio.to_thread(report, enquiry, work.found, work.hall, texts)
        name = export.named(work.hall, f"{_name(base, enquiry)}.{kind}")
        rows = export.headed(work.hall, _rows(made))
        if kind == "pdf":
            heading = self._inquiry.heading(base, enquiry, texts)
            return route.file(name, pdf_file.TYPE, await asyncio.to_thread(pdf_file.pdf, made, heading, texts))
        if kind == "xlsx":
            shares = [at for at, figure in enumerate(made.figures, 1) if FIGURES[figure].unit == "share"]
            return _sent(name, xlsx_file.TYPE, xlsx_file.pieces(rows, shares=shares))
        return _sent(name, csv_file.TYPE, csv_file.pieces(rows))

    async def _tickets(self, asked: Asked) -> Response:
        kind = asked.named("kind")
        if self._opened is None or kind not in TABLES:
            return _none()
        media_type, pieces = TABLES[kind]
        days = self._inquiry.days(asked.query)
        hall = self._inquiry.hall
        found = export.headed(hall, ticket.rows(self._opened, hall, days))
        name = export.named(hall, f"vikno-tickets-{days.since}-{days.until}.{kind}")
        return await _begun(name, media_type, pieces(found))

    async def _open(self, asked: Asked) -> Response:
        if self._opened is None:
            return _none()
        if self._inquiry.hall.training:
            return _not_real()
        days = self._inquiry.days(asked.query)
        found = open_data.pieces(self._opened, self._inquiry.hall, days)
        return await _begun(f"vikno-open-{days.since}-{days.until}.zip", open_data.TYPE, found)


async def _begun(name: str, media_type: str, pieces: Iterator[bytes]) -> Response:
    """A file whose first piece could be made; a journal that cannot be read is told before anything is sent."""
    try:
        first = await asyncio.to_thread(next, pieces, b"")
    except JournalError:
        return _none()
    return _sent(name, media_type, _chained(first, pieces))


def _chained(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces


def _rows(made: Report) -> Iterator[Row]:
    yield made.heads
    for line in (*made.lines, made.total):
        yield (line.name, *(plain_worth(name, worth) for name, worth in zip(made.figures, line.figures, strict=True)))


def _sent(name: str, media_type: str, pieces: Iterator[bytes]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


def _name(base: Saved | None, enquiry: Enquiry) -> str:
    name = base.key if base is not None and not base.name else "report"
    return f"vikno-{name}-{enquiry.question.by}-{enquiry.period.since}-{enquiry.period.until}"


def _not_real() -> Response:
    """Open data are handed on to people who know nothing of this hall."""
    return PlainTextResponse("TRAINING: nothing here is real, and there are no open data\n", 403)


def _none() -> Response:
    return PlainTextResponse("there is no such file\n", 404)


def _busy() -> Response:
    return PlainTextResponse("the figures could not be read: try again\n", 503, headers={"Retry-After": "5"})
