"""The auditor's page: who did what, and whether what is written down is whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from fastapi import Response
from fastapi.responses import StreamingResponse

from consoles import export, route
from consoles.live import Live
from consoles.page import Pages
from consoles.route import Asked, Kind, Route
from consoles.staff.proof import Proof
from consoles.staff.role import Act
from consoles.staff.staff import Staff
from contract.errors import ContractError

PER_PAGE = 200
DAYS_MAX = 400


class Record:
    """The pages `/audit…`. `now`: aware wall clock."""

    def __init__(self, live: Live, pages: Pages, staff: Staff, proof: Proof, now: Callable[[], datetime]) -> None:
        self._live, self._pages, self._staff, self._proof, self._now = live, pages, staff, proof, now

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/audit", self._page, Act.AUDIT),
            Route("GET", "/audit/acts.csv", self._csv, Act.AUDIT, Kind.DATA),
            Route("POST", "/audit/verify", self._verify, Act.AUDIT),
        )

    async def _page(self, asked: Asked) -> Response:
        """The acts of some days, and the two lights."""
        if self._proof.old:
            self._begin()
        since, until, who, act = self._wish(asked)
        moments = self._moments(since, until)
        deeds = await asyncio.to_thread(self._staff.audit.find, *moments, who, act, PER_PAGE + 1)
        html = self._pages.staff(
            "audit.html", asked.at("/audit"), deeds=deeds[:PER_PAGE], more=len(deeds) > PER_PAGE, since=since, until=until,
            who=who, act=act, acts=Act, proof=self._proof, name_of=self._staff.name,
            people=self._staff.accounts.all(),
        )  # fmt: skip
        return route.page(html)

    async def _csv(self, asked: Asked) -> Response:
        """The same as a file, all of it."""
        since, until, who, act = self._wish(asked)
        pieces: Iterator[str] = self._staff.audit.table(*self._moments(since, until), who, act)
        name = f"acts-{since}-{until}.csv"
        name = export.named(self._live.hall, name) if self._live.hall is not None else name
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)

    async def _verify(self, asked: Asked) -> Response:
        """Prove the journal now."""
        self._begin()
        return route.away(asked, self._pages.address("/audit", asked.reader.wanted))

    def _begin(self) -> None:
        self._proof.begin(self._live.hall.id if self._live.hall is not None else "")

    def _wish(self, asked: Asked) -> tuple[date, date, str, str]:
        """First and last day, who, which act. Raises: ContractError."""
        query, today = asked.query, self._now().astimezone(self._zone()).date()
        try:
            since = date.fromisoformat(query.get("since") or str(today - timedelta(days=6)))
            until = date.fromisoformat(query.get("until") or str(today))
            act = Act(query["act"]).value if query.get("act") else ""
        except ValueError:
            raise ContractError("a day is YYYY-MM-DD, an act one of the list") from None
        if not since <= until <= since + timedelta(days=DAYS_MAX) or since.year < 2000 or until.year > 2999:
            raise ContractError(f"the last day follows the first, at most {DAYS_MAX} days after it")
        return since, until, query.get("who", "")[:64], act

    def _moments(self, since: date, until: date) -> tuple[datetime, datetime]:
        zone = self._zone()
        return datetime.combine(since, time(), zone), datetime.combine(until + timedelta(days=1), time(), zone)

    def _zone(self) -> tzinfo:
        return self._live.hall.zone_info if self._live.hall is not None else ZoneInfo("UTC")
