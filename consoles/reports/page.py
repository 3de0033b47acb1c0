"""The page `/reports` and its files, where the journal can be read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from fastapi import Response
from fastapi.responses import PlainTextResponse

from consoles import route
from consoles.live import Live
from consoles.page import NotReadyError, Pages, Reader
from consoles.reports import reading
from consoles.reports.figure import lines
from consoles.reports.question import BY, Question, question
from consoles.reports.table import FIGURES, Report, csv_text, report, xlsx
from consoles.route import Asked, Kind, Route
from consoles.staff.role import Act
from consoles.staff.session import Session
from contract.hall import Hall
from journal.database import snapshot
from journal.errors import JournalError
from look.texts import Texts

FILES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class Reports:
    """Asks the journal beside the running hall, read-only; one question at a time. `journal` None: it is not on this machine."""

    def __init__(self, live: Live, pages: Pages, journal: Path | None) -> None:
        self._live, self._pages, self._journal = live, pages, journal
        self._turn = asyncio.Lock()

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/reports", self._show, Act.REPORT),
            Route("GET", "/reports/file.{kind}", self._file, Act.REPORT, Kind.DATA),
        )

    async def _show(self, asked: Asked) -> Response:
        return route.page(await self.page(asked.reader, asked.me, asked.query))

    async def _file(self, asked: Asked) -> Response:
        kind = asked.named("kind")
        data = await self.file(asked.at("/reports"), asked.query, kind)
        if data is None:
            return PlainTextResponse("there is no such file\n", 404)
        return route.file(f"{_name(asked.query)}.{kind}", FILES[kind], data)

    async def page(self, reader: Reader, session: Session, fields: Mapping[str, str]) -> str:
        """The report of an address with its chart. Raises: NotReadyError; ContractError: a field is wrong."""
        hall, asked = self._asked(fields)
        made = await self._made(hall, asked, Texts(self._pages.language(reader.wanted)))
        return self._pages.reports(
            reader, session=session, asked=asked, made=made, by=BY, figures=FIGURES, files=tuple(FILES)
        )

    async def file(self, reader: Reader, fields: Mapping[str, str], kind: str) -> bytes | None:
        """The same as a file; None: there is no such kind of file, or no journal. Raises: as `page`."""
        hall, asked = self._asked(fields)
        texts = Texts(self._pages.language(reader.wanted))
        made = await self._made(hall, asked, texts)
        if made is None or kind not in FILES:
            return None
        return (
            csv_text(made, texts).encode("utf-8-sig") if kind == "csv" else await asyncio.to_thread(xlsx, made, texts)
        )

    def _asked(self, fields: Mapping[str, str]) -> tuple[Hall, Question]:
        hall, now = self._live.hall, self._live.now
        if hall is None or now is None:
            raise NotReadyError
        return hall, question(fields, hall.local(now).date())

    async def _made(self, hall: Hall, asked: Question, texts: Texts) -> Report | None:
        if self._journal is None:
            return None
        async with self._turn:
            try:
                return await asyncio.to_thread(_read, self._journal, hall, asked, texts)
            except JournalError:
                return None


def _name(query: Mapping[str, str]) -> str:
    name = "-".join(filter(None, ("vikno", *(query.get(n, "")[:20] for n in ("by", "since", "until")))))
    return "".join(sign for sign in name if sign.isascii() and (sign.isalnum() or sign in "-_"))


def _read(journal: Path, hall: Hall, asked: Question, texts: Texts) -> Report:
    with snapshot(journal) as connection:
        counted = lines(
            reading.waited(connection, hall.id, asked),
            reading.took(connection, hall.id, asked),
            reading.told(connection, hall.id, asked),
            int(hall.rule("kpi.max_wait_min")),
        )
    return report(asked, counted, hall, texts)
