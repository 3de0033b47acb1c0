"""The web: the rooms' addresses behind one door. A press asks the coordinator; a page shows what the hall published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles

from consoles.asking import Asking
from consoles.card import Cards
from consoles.change import Changing
from consoles.desk import Desk
from consoles.door import Door
from consoles.draft import Drafts
from consoles.floor import Floor
from consoles.gate import FormError, Gate
from consoles.live import Live
from consoles.money import Money, UnansweredError
from consoles.page import NotReadyError, Pages
from consoles.press import Presses
from consoles.public import Public
from consoles.reception import Reception
from consoles.reports.page import Reports
from consoles.reports.saved import SavedReports
from consoles.route import Route
from consoles.staff.role import StaffRole
from consoles.staff.session import Session, Sessions
from consoles.trial import Trials
from contract.errors import ContractError
from look import tokens
from runtime.clock import utc_now

_HERE = Path(__file__).parent


class Web:
    """The addresses and what they share. `secure`: the consoles speak HTTPS, so the cookie travels by nothing else."""

    def __init__(
        self,
        live: Live,
        sessions: Sessions,
        drafts: Drafts,
        saved: SavedReports,
        journal: Path | None,
        language: str | None,
        *,
        secure: bool,
        monotonic: Callable[[], float],
    ) -> None:
        presses, cards = Presses(), Cards(live, monotonic)
        self._live, self._pages = live, Pages(live, presses, cards, language)
        self._door = Door(sessions, self._role_of, self._pages)
        self._reports = Reports(live, self._pages, journal, saved)
        asking = Asking(live, presses)
        rooms = (
            Desk(asking, self._pages, cards, sessions, secure=secure, monotonic=monotonic),
            Floor(asking, self._pages),
            Changing(live, self._pages, drafts, Trials(journal), utc_now),
            Reception(live, self._pages),
            Money(live, self._pages, presses),
            self._reports,
            Public(live, self._pages, monotonic),
        )
        self.routes: tuple[Route, ...] = tuple(one for room in rooms for one in room.routes())
        """Every address, with what it needs."""

    def app(self) -> FastAPI:
        """The application with all its addresses."""
        app = FastAPI(title="Vikno consoles", docs_url=None, redoc_url=None, openapi_url=None)
        app.add_middleware(Gate)
        app.add_exception_handler(NotReadyError, self._not_ready)
        app.add_exception_handler(ContractError, _bad_form)
        app.add_exception_handler(FormError, _bad_form)
        app.add_exception_handler(UnansweredError, _unanswered)
        for one in self.routes:
            app.add_api_route(one.path, self._door.open(one), methods=[one.method], response_model=None)
        app.mount("/look/fonts", StaticFiles(directory=Path(tokens.font().regular).parent))
        app.mount("/static", StaticFiles(directory=_HERE / "static"))
        return app

    def stop(self) -> None:
        """The consoles end: what still works for a page is given up."""
        self._reports.stop()

    def _role_of(self, session: Session) -> StaffRole:
        hall = self._live.hall
        operator = hall.operator_by_id.get(session.operator) if hall is not None else None
        return StaffRole.MANAGER if operator is not None and operator.manages else StaffRole.LEAD

    async def _not_ready(self, _request: Request, _exc: Exception) -> Response:
        return HTMLResponse(self._pages.nothing_yet(), 503, headers={"Retry-After": "2"})


async def _bad_form(_request: Request, exc: Exception) -> Response:
    return PlainTextResponse(f"refused: {exc}\n", 400)


async def _unanswered(_request: Request, _exc: Exception) -> Response:
    return PlainTextResponse("the hall did not answer: try again\n", 503, headers={"Retry-After": "2"})
