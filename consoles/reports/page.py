"""The pages under `/reports` and their files, where the journal can be read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Response
from fastapi.responses import PlainTextResponse, RedirectResponse, StreamingResponse

from consoles import route
from consoles.live import Live
from consoles.page import NotReadyError, Pages
from consoles.reports import csv_file, open_data, pdf_file, ticket, xlsx_file
from consoles.reports.chart import chart
from consoles.reports.csv_file import Row
from consoles.reports.figure import FIGURES
from consoles.reports.question import BY, USUAL_DAYS, Enquiry, Period, period, question
from consoles.reports.reading import knows
from consoles.reports.saved import NAME_LETTERS, Saved, SavedReports, standard
from consoles.reports.table import Report, called, plain_worth, report, written
from consoles.reports.work import BusyError, Works
from consoles.route import Asked, Kind, Route
from consoles.staff.role import Act
from contract.errors import ContractError
from contract.hall import Hall
from journal.database import snapshot
from journal.errors import JournalError
from look.texts import Texts
from runtime.asker import new_id

PATIENCE_S = 1.5
"""So long a page waits for its figures before it says how far they are."""
TABLES: dict[str, tuple[str, Callable[[Iterable[Row]], Iterator[bytes]]]] = {
    "csv": (csv_file.TYPE, csv_file.pieces),
    "xlsx": (xlsx_file.TYPE, xlsx_file.pieces),
}
KINDS = (*TABLES, "pdf")


class Reports:
    """Asks the journal beside the running hall, read-only. `journal` None: it is not on this machine, and nothing can be asked."""

    def __init__(self, live: Live, pages: Pages, journal: Path | None, saved: SavedReports) -> None:
        self._live, self._pages, self._journal, self._saved = live, pages, journal, saved
        self._works = Works(journal) if journal is not None else None

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/reports", self._list, Act.REPORT),
            Route("GET", "/reports/show", self._show, Act.REPORT),
            Route("GET", "/reports/build", self._build, Act.REPORT),
            Route("POST", "/reports/save", self._save, Act.REPORT),
            Route("POST", "/reports/saved", self._change, Act.REPORT),
            Route("POST", "/reports/stop", self._stop, Act.REPORT),
            Route("GET", "/reports/file.{kind}", self._file, Act.REPORT, Kind.DATA),
            Route("GET", "/reports/tickets.{kind}", self._tickets, Act.REPORT, Kind.DATA),
            Route("GET", "/reports/open.zip", self._open, Act.REPORT, Kind.DATA),
        )

    # --- pages -----------------------------------------------------------------------------------------------------------

    async def _list(self, asked: Asked) -> Response:
        return self._listed(asked)

    def _listed(self, asked: Asked, fault: str = "") -> Response:
        hall, days = self._hall(), period({}, self._today())
        said = {
            "standard": standard(),
            "saved": self._saved.all(),
            "me": asked.me.operator,
            "days": days,
            "fault": fault,
        }
        reader = asked.at("/reports")
        html = self._pages.reports(
            "reports.html", reader, session=asked.me, hall_name=hall.id, letters=NAME_LETTERS, **said
        )
        return route.page(html, 400 if fault else 200)

    async def _build(self, asked: Asked) -> Response:
        return self._builder(asked, *self._filled(asked.query))

    def _builder(self, asked: Asked, base: Saved | None, days: Period, fault: str = "") -> Response:
        html = self._pages.reports(
            "report_build.html", asked.at("/reports/build"), session=asked.me, base=base, days=days, figures=tuple(FIGURES),
            by=BY, fault=fault,
        )  # fmt: skip
        return route.page(html, 400 if fault else 200)

    async def _show(self, asked: Asked) -> Response:
        """The report of an address; where it is not read yet, how far it is."""
        try:
            base, enquiry = self._enquiry(asked)
        except ContractError as exc:
            return self._builder(asked, None, period({}, self._today()), str(exc))
        try:
            work = await self._works.get(enquiry, self._hall(), PATIENCE_S) if self._works is not None else None
        except BusyError:
            return self._drawn(asked, "report_wait.html", base, enquiry, work=None, status=503)
        if work is not None and work.state == "reading":
            return self._drawn(asked, "report_wait.html", base, enquiry, work=work)
        texts = self._texts(asked)
        made = report(enquiry, work.found, work.hall, texts) if work is not None and work.state == "done" else None
        drawing = chart(made, texts.language) if made is not None else None
        return self._drawn(asked, "report.html", base, enquiry, work=work, made=made, drawing=drawing)

    def _drawn(
        self, asked: Asked, template: str, base: Saved | None, enquiry: Enquiry, *, status: int = 200, **more: Any
    ) -> Response:
        texts, hall = self._texts(asked), self._hall()
        unknown = [n for n in enquiry.question.figures if not knows(FIGURES[n].source, enquiry.question)]
        html = self._pages.reports(
            template, asked.at("/reports/show"), session=asked.me, base=base, enquiry=enquiry, fields=_fields(base, enquiry),
            heading=self._heading(base, enquiry, texts), by=BY, kinds=KINDS, key=new_id(), unknown=unknown,
            about=called(hall, enquiry.question, texts), letters=NAME_LETTERS,
            written=lambda name, worth: written(name, worth, texts.language), **more,
        )  # fmt: skip
        return route.page(html, status)

    # --- acts ------------------------------------------------------------------------------------------------------------

    async def _save(self, asked: Asked) -> Response:
        """Keep a question by name; the id of the form is its key, so that sending it twice keeps one."""
        fields = await asked.form()
        days = period(fields, self._today())
        try:
            one = self._saved.add(
                route.key(fields), fields.get("name", ""), asked.me.operator, question(fields, _figures(fields), None),
                (days.until - days.since).days + 1,
            )  # fmt: skip
        except ContractError as exc:
            return self._listed(asked, str(exc))
        return self._go(asked, "/reports/show", report=one.key, since=days.since, until=days.until)

    async def _change(self, asked: Asked) -> Response:
        """Another name for a saved question, or none of it any more: only who saved it."""
        fields = await asked.form()
        key, owner = fields.get("report", ""), asked.me.operator
        try:
            if fields.get("button") == "delete":
                self._saved.delete(key, owner)
            else:
                self._saved.rename(key, fields.get("name", ""), owner)
        except ContractError as exc:
            return self._listed(asked, str(exc))
        return self._go(asked, "/reports")

    async def _stop(self, asked: Asked) -> Response:
        """Give up a question that takes too long."""
        fields = await asked.form()
        if self._works is not None:
            self._works.stop(Enquiry(question(fields, _figures(fields), None), period(fields, self._today())))
        return self._go(asked, "/reports")

    def stop(self) -> None:
        """The consoles end: no question is read on."""
        if self._works is not None:
            self._works.stop()

    # --- files -----------------------------------------------------------------------------------------------------------

    async def _file(self, asked: Asked) -> Response:
        kind = asked.named("kind")
        if self._works is None or kind not in KINDS:
            return _none()
        base, enquiry = self._enquiry(asked)
        try:
            work = await self._works.get(enquiry, self._hall(), _LONG_S)
        except BusyError:
            return _busy()
        if work.state != "done":
            return _busy()
        texts = self._texts(asked)
        made = await asyncio.to_thread(report, enquiry, work.found, work.hall, texts)
        name = f"{_name(base, enquiry)}.{kind}"
        if kind == "pdf":
            heading = self._heading(base, enquiry, texts)
            return route.file(name, pdf_file.TYPE, await asyncio.to_thread(pdf_file.pdf, made, heading, texts))
        media_type, pieces = TABLES[kind]
        return _sent(name, media_type, pieces(_rows(made)))

    async def _tickets(self, asked: Asked) -> Response:
        kind = asked.named("kind")
        if self._journal is None or kind not in TABLES:
            return _none()
        media_type, pieces = TABLES[kind]
        days = period(asked.query, self._today())
        found = ticket.rows(partial(snapshot, self._journal), self._hall(), days)
        return await self._begun(f"vikno-tickets-{days.since}-{days.until}.{kind}", media_type, pieces(found))

    async def _open(self, asked: Asked) -> Response:
        if self._journal is None:
            return _none()
        days = period(asked.query, self._today())
        found = open_data.pieces(partial(snapshot, self._journal), self._hall(), days)
        return await self._begun(f"vikno-open-{days.since}-{days.until}.zip", open_data.TYPE, found)

    async def _begun(self, name: str, media_type: str, pieces: Iterator[bytes]) -> Response:
        """A file whose first piece could be made; a journal that cannot be read is told before anything is sent."""
        try:
            first = await asyncio.to_thread(next, pieces, b"")
        except JournalError:
            return _none()
        return _sent(name, media_type, _chained(first, pieces))

    # --- what is asked ---------------------------------------------------------------------------------------------------

    def _hall(self) -> Hall:
        if self._live.hall is None or self._live.now is None:
            raise NotReadyError
        return self._live.hall

    def _today(self) -> date:
        hall, now = self._hall(), self._live.now
        assert now is not None  # `_hall` raised
        return hall.local(now).date()

    def _texts(self, asked: Asked) -> Texts:
        return Texts(self._pages.language(asked.reader.wanted))

    def _enquiry(self, asked: Asked) -> tuple[Saved | None, Enquiry]:
        """The question of an address: a named one, with what the address says otherwise. Raises: ContractError: in words."""
        base, fields = None, asked.query
        figures = [*_figures(fields), *asked.request.query_params.getlist("figure")]
        if fields.get("report") or not figures:
            base = self._saved.get(fields.get("report") or standard()[0].key)
            if base is None:
                raise ContractError("there is no such report any more")
        found = question(fields, figures, base.question if base is not None else None)
        days = period(fields, self._today(), base.days if base is not None else USUAL_DAYS)
        return base, Enquiry(found, days)

    def _filled(self, fields: Mapping[str, str]) -> tuple[Saved | None, Period]:
        """What the builder begins with."""
        days = period(fields, self._today())
        base = self._saved.get(fields.get("report", ""))
        if base is None and _figures(fields):
            base = Saved("", question(fields, _figures(fields), None))
        return base, days

    def _heading(self, base: Saved | None, enquiry: Enquiry, texts: Texts) -> pdf_file.Heading:
        hall = self._hall()
        title = texts.get("report.own") if base is None else base.name or texts.get(f"report.q_{base.key}")
        limit = int(hall.rule("kpi.max_wait_min"))
        what = texts.get(f"report.q_{base.key}_what", limit=limit) if base is not None and not base.name else ""
        days = f"{texts.day(enquiry.period.since)} – {texts.day(enquiry.period.until)}"
        about = ", ".join(filter(None, (days, called(hall, enquiry.question, texts))))
        return pdf_file.Heading(hall.names.get(texts.language) or hall.names[hall.default_language], title, what, about)

    def _go(self, asked: Asked, path: str, **query: object) -> Response:
        return RedirectResponse(self._pages.address(path, asked.reader.wanted, **query), 303)


_LONG_S = 70.0
"""A file waits for its figures to the end."""


def _fields(base: Saved | None, enquiry: Enquiry) -> dict[str, object]:
    """The address of a question: everything that is asked."""
    asked = enquiry.question
    words = {"by": asked.by, "then": asked.then, "group": asked.group, "zone": asked.zone}
    named = {"report": base.key} if base is not None else {}
    figures = {"figures": ",".join(asked.figures)}
    return {**named, **figures, **words, "since": enquiry.period.since, "until": enquiry.period.until}


def _figures(fields: Mapping[str, str]) -> list[str]:
    return [name for name in fields.get("figures", "").split(",") if name]


def _rows(made: Report) -> Iterator[Row]:
    yield made.heads
    for line in (*made.lines, made.total):
        yield (line.name, *(plain_worth(name, worth) for name, worth in zip(made.figures, line.figures, strict=True)))


def _chained(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces


def _sent(name: str, media_type: str, pieces: Iterator[bytes]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


def _name(base: Saved | None, enquiry: Enquiry) -> str:
    name = base.key if base is not None and not base.name else "report"
    return f"vikno-{name}-{enquiry.question.by}-{enquiry.period.since}-{enquiry.period.until}"


def _none() -> Response:
    return PlainTextResponse("there is no such file\n", 404)


def _busy() -> Response:
    return PlainTextResponse("the figures could not be read: try again\n", 503, headers={"Retry-After": "5"})
