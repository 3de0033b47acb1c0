"""The web: the rooms' addresses behind one door. A press asks the coordinator; a page shows what the hall published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles

from consoles.api.api import Api
from consoles.asking import Asking
from consoles.card import Cards
from consoles.certificate import Certificates
from consoles.changing.draft import Drafts
from consoles.changing.page import Changing
from consoles.desk import Desk
from consoles.door import Door
from consoles.floor import Floor
from consoles.gate import FormError, Gate, SlowError
from consoles.live import Live
from consoles.money import Money, UnansweredError
from consoles.page import NotReadyError, Pages
from consoles.press import Presses
from consoles.public import Public
from consoles.reception import Reception
from consoles.reports.page import Reports
from consoles.route import Route
from consoles.staff.cookie import Cookie
from consoles.staff.entry import Entry
from consoles.staff.first import First
from consoles.staff.office import Office
from consoles.staff.proof import Proof
from consoles.staff.record import Record
from consoles.staff.seat import Seat
from consoles.staff.staff import Staff
from consoles.staff.wizard import Wizard
from consoles.training import PORT, Training
from contract.errors import ContractError
from look import tokens
from runtime.clock import utc_now

_HERE = Path(__file__).parent


class Web:
    """The addresses and what they share. `secure`: the consoles speak HTTPS, so the cookie travels by nothing else.

    `training_port`: where on this machine a hall to learn in would answer.
    """

    def __init__(
        self,
        live: Live,
        staff: Staff,
        drafts: Drafts,
        journal: Path | None,
        language: str | None,
        *,
        secure: bool,
        monotonic: Callable[[], float],
        training_port: int = PORT,
    ) -> None:
        self.proof = Proof(journal, staff.audit.broken, utc_now)
        presses, cards = Presses(), Cards(live, monotonic)
        self._pages = Pages(live, presses, cards, language, staff.name)
        cookie = Cookie(secure)
        self._door = Door(staff, self._pages, cookie, monotonic)
        self._api = Api(live, self._pages, staff.tokens.get, staff.audit.add)
        asking = Asking(live, presses)
        self.first = First(self._pages, staff, cookie)
        seat = Seat(live, self._pages, staff, cards, cookie)
        self._reports = Reports(live, self._pages, journal, staff.reports, staff.operator_of)
        rooms = (
            Desk(asking, self._pages, cards, seat),
            seat,
            Entry(live, self._pages, staff, cards, cookie),
            self.first,
            Office(self._pages, staff),
            Record(live, self._pages, staff, self.proof, utc_now),
            Floor(asking, self._pages),
            Changing(live, self._pages, drafts, journal, utc_now),
            Reception(live, self._pages),
            Money(live, self._pages, presses),
            Certificates(live, self._pages),
            Training(live, self._pages, drafts, training_port),
            self._reports,
            Public(live, self._pages, monotonic),
        )
        self.routes: tuple[Route, ...] = tuple(one for room in rooms for one in room.routes())
        """Every address, with what it needs."""

    def app(self) -> FastAPI:
        """The application with all its addresses."""
        app = _app(self.routes, self._door, self._pages)
        app.add_exception_handler(NotReadyError, self._not_ready)
        app.mount("/api/v1", self._api.app())
        return app

    def stop(self) -> None:
        """The consoles end: what still works for a page is given up."""
        self._reports.stop()

    def open(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        """A route's end point behind the door."""
        return self._door.open(route)

    async def _not_ready(self, request: Request, _exc: Exception) -> Response:
        return HTMLResponse(self._pages.nothing_yet(_wanted(request)), 503, headers={"Retry-After": "2"})


class FirstRun:
    """The one page of a machine without a hall, and what it is drawn with."""

    def __init__(
        self,
        live: Live,
        staff: Staff,
        folder: Path,
        names: tuple[str, ...],
        ports: tuple[int, int],
        monotonic: Callable[[], float],
    ) -> None:
        self._pages = pages = Pages(live, Presses(), Cards(live, monotonic), None)
        self.wizard = Wizard(pages, staff, folder, names, ports)
        self._routes = (*self.wizard.routes(), *Public(live, pages, monotonic).drawing())
        self._door = Door(staff, pages, Cookie(secure=False), monotonic)

    def app(self) -> FastAPI:
        """The application with all its addresses."""
        return _app(self._routes, self._door, self._pages)


def _app(routes: tuple[Route, ...], door: Door, pages: Pages) -> FastAPI:
    app = FastAPI(title="Vikno consoles", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=6)  # never of streams
    app.add_middleware(Gate)

    async def bad_form(request: Request, exc: Exception) -> Response:
        return HTMLResponse(pages.trouble("refused", _wanted(request), str(exc)), 400)

    async def unanswered(request: Request, _exc: Exception) -> Response:
        return HTMLResponse(pages.trouble("unanswered", _wanted(request)), 503, headers={"Retry-After": "2"})

    app.add_exception_handler(ContractError, bad_form)
    app.add_exception_handler(FormError, bad_form)
    app.add_exception_handler(UnansweredError, unanswered)
    app.add_exception_handler(SlowError, _too_slow)
    for one in routes:
        app.add_api_route(one.path, door.open(one), methods=[one.method], response_model=None)
    app.mount("/look/fonts", StaticFiles(directory=Path(tokens.font().regular).parent))
    app.mount("/static", StaticFiles(directory=_HERE / "static"))
    return app


async def _too_slow(_request: Request, _exc: Exception) -> Response:
    return PlainTextResponse("the request is too slow\n", 408)


def _wanted(request: Request) -> str:
    return request.query_params.get("lang", "")
