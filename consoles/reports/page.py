"""The pages under `/reports`: what can be asked, one answer with its chart, and questions that are put together and saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fastapi import Response
from fastapi.responses import RedirectResponse

from consoles import route
from consoles.live import Live
from consoles.page import Pages
from consoles.reports import open_data
from consoles.reports.chart import chart
from consoles.reports.figure import FIGURES
from consoles.reports.file import KINDS, Files
from consoles.reports.inquiry import Inquiry, fields, figures
from consoles.reports.question import Enquiry, Period, question
from consoles.reports.reading import knows
from consoles.reports.saved import NAME_LETTERS, Saved, SavedReports, standard
from consoles.reports.table import report, written
from consoles.reports.work import BusyError, Works
from consoles.route import Asked, Route
from consoles.staff.role import Act
from consoles.staff.session import Session
from contract.errors import ContractError
from runtime.asker import new_id

PATIENCE_S = 1.5
"""So long a page waits for its figures before it says how far they are."""


class Reports:
    """Asks the journal beside the running hall, read-only. `journal` None: it is not on this machine, and nothing can be asked.

    `operator_of`: whom of the hall document somebody is, "" nobody.
    """

    def __init__(
        self, live: Live, pages: Pages, journal: Path | None, saved: SavedReports, operator_of: Callable[[Session], str]
    ) -> None:
        self._pages, self._saved = pages, saved
        self._inquiry = Inquiry(live, pages, saved, operator_of)
        self._works = Works(journal) if journal is not None else None
        self._files = Files(self._inquiry, self._works, journal)

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/reports", self._list, Act.SHIFT),
            Route("GET", "/reports/show", self._show, Act.SHIFT),
            Route("GET", "/reports/build", self._build, Act.REPORT),
            Route("POST", "/reports/save", self._save, Act.REPORT),
            Route("POST", "/reports/saved", self._change, Act.REPORT),
            Route("POST", "/reports/stop", self._stop, Act.SHIFT),
            *self._files.routes(),
        )

    def stop(self) -> None:
        """The consoles end: no question is read on."""
        if self._works is not None:
            self._works.stop()

    # --- pages -----------------------------------------------------------------------------------------------------------

    async def _list(self, asked: Asked) -> Response:
        return self._listed(asked)

    def _listed(self, asked: Asked, fault: str = "") -> Response:
        reach = self._inquiry.reach(asked)
        html = self._pages.reports(
            "reports.html", asked.at("/reports"), session=asked.me, fault=fault, days=self._inquiry.days({}),
            standard=[one for one in standard() if reach.offers(one)],
            saved=[one for one in self._saved.all() if reach.offers(one)],
            me=asked.me.who, letters=NAME_LETTERS, licence=open_data.LICENCE["title"],
        )  # fmt: skip
        return route.page(html, 400 if fault else 200)

    async def _build(self, asked: Asked) -> Response:
        return self._builder(asked, self._begun(asked.query), self._inquiry.days(asked.query))

    def _builder(self, asked: Asked, base: Saved | None, days: Period, fault: str = "") -> Response:
        html = self._pages.reports(
            "report_build.html", asked.at("/reports/build"), session=asked.me, base=base, days=days, figures=tuple(FIGURES),
            by=self._inquiry.reach(asked).by, fault=fault,
        )  # fmt: skip
        return route.page(html, 400 if fault else 200)

    def _begun(self, query: Mapping[str, str]) -> Saved | None:
        """What the builder begins with: the question of the address."""
        if figures(query):
            return Saved("", question(query, figures(query), None))
        return self._saved.get(query.get("report", ""))

    async def _show(self, asked: Asked) -> Response:
        """The report of an address; where it is not read yet, how far it is."""
        try:
            base, enquiry = self._inquiry.of(asked)
        except ContractError as exc:
            if self._inquiry.reach(asked).shift:
                return self._listed(asked, str(exc))
            return self._builder(asked, None, self._inquiry.days({}), str(exc))
        try:
            work = await self._works.get(enquiry, self._inquiry.hall, PATIENCE_S) if self._works is not None else None
        except BusyError:
            return self._drawn(asked, "report_wait.html", base, enquiry, work=None, status=503)
        if work is not None and work.state == "reading":
            return self._drawn(asked, "report_wait.html", base, enquiry, work=work)
        texts = self._inquiry.texts(asked)
        made = report(enquiry, work.found, work.hall, texts) if work is not None and work.state == "done" else None
        drawing = chart(made, texts.language) if made is not None else None
        return self._drawn(asked, "report.html", base, enquiry, work=work, made=made, drawing=drawing)

    def _drawn(
        self, asked: Asked, template: str, base: Saved | None, enquiry: Enquiry, *, status: int = 200, **more: Any
    ) -> Response:
        texts = self._inquiry.texts(asked)
        unknown = [n for n in enquiry.question.figures if not knows(FIGURES[n].source, enquiry.question)]
        html = self._pages.reports(
            template, asked.at("/reports/show"), session=asked.me, base=base, enquiry=enquiry, fields=fields(base, enquiry),
            heading=self._inquiry.heading(base, enquiry, texts), by=self._inquiry.reach(asked).by, kinds=KINDS, key=new_id(),
            unknown=unknown, letters=NAME_LETTERS, written=lambda name, worth: written(name, worth, texts.language), **more,
        )  # fmt: skip
        return route.page(html, status)

    # --- acts ------------------------------------------------------------------------------------------------------------

    async def _save(self, asked: Asked) -> Response:
        """Keep a question by name; the id of the form is its key, so that sending it twice keeps one."""
        form = await asked.form()
        try:
            enquiry = self._inquiry.formed(asked, form)
            since, until = enquiry.period.since, enquiry.period.until
            days = (until - since).days + 1
            one = self._saved.add(route.key(form), form.get("name", ""), asked.me.who, enquiry.question, days)
        except ContractError as exc:
            return self._listed(asked, str(exc))
        return self._go(asked, "/reports/show", report=one.key, since=since, until=until)

    async def _change(self, asked: Asked) -> Response:
        """Another name for a saved question, or none of it any more: only who saved it."""
        form = await asked.form()
        key, owner = form.get("report", ""), asked.me.who
        try:
            if form.get("button") == "delete":
                self._saved.delete(key, owner)
            else:
                self._saved.rename(key, form.get("name", ""), owner)
        except ContractError as exc:
            return self._listed(asked, str(exc))
        return self._go(asked, "/reports")

    async def _stop(self, asked: Asked) -> Response:
        """Give up a question that takes too long."""
        enquiry = self._inquiry.formed(asked, await asked.form())
        if self._works is not None:
            self._works.stop(enquiry)
        return self._go(asked, "/reports")

    def _go(self, asked: Asked, path: str, **query: object) -> Response:
        return RedirectResponse(self._pages.address(path, asked.reader.wanted, **query), 303)
