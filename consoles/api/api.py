"""The addresses under /api/v1. What changes something needs an Idempotency-Key: sent again with it, it is done once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, TypeVar

from fastapi import Depends, FastAPI, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from consoles.api import body as b
from consoles.api import problem, tell
from consoles.api.caller import Caller, Callers, allowed, listening
from consoles.api.events import Feed
from consoles.api.key import Keys
from consoles.api.problem import ProblemError
from consoles.gate import API
from consoles.live import Live
from consoles.page import Pages, Reader
from consoles.staff.role import Act, StaffRole
from contract import messages as m
from contract.hall import Hall
from look.texts import Texts
from runtime.asker import Unanswered, new_id

R = TypeVar("R", bound=m.Reply)
Note = Callable[[str, str, str, str, str, int], None]
"""Who, role, act, method and pattern of the address, what, status: written down for good."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A command of a caller, and at which address it was asked."""

    command: m.Command
    caller: Caller
    did: str


LONGEST_KEY = 128

_WINDOW_ACTS: Mapping[str, tuple[type[m.WindowCommand], str]] = {
    "next": (m.CallNext, "Call the next visitor; what it does depends on the window's state, as the one key of a pad."),
    "recall": (m.CallRecall, "Call the called visitor once more."), "start": (m.CallStart, "The visitor has come."),
    "finish": (m.CallFinish, "The visitor was served; further services of the visit go on waiting."),
    "no-show": (m.CallNoShow, "The called visitor did not come."), "park": (m.CallPark, "Set the visitor at the window aside."),
    "open": (m.WindowOpen, "The window takes visitors."), "pause": (m.WindowPause, "A break: no calls until it is opened again."),
    "close": (m.WindowClose, "The window takes no more visitors until it is opened again."),
}  # fmt: skip
_NO = {
    status: {"description": why, "content": {problem.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, why in {
        401: "No valid token.", 403: "The token has not the scope.", 409: "The hall refuses: `code` says why, `title` says it to people.",
        422: "A field is wrong, or the key was used for another request.", 503: "The hall has told nothing yet: try again soon.",
        504: "The hall did not answer: whether it was done is not known. Ask again with the same key.",
    }.items()
}  # fmt: skip

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key", min_length=8, max_length=LONGEST_KEY, pattern=r"^[!-~]+$", examples=["3f1c2a9e-0001"],
        description="Made anew for each intention, sent again with each try: it is done once.",
    ),
]  # fmt: skip
Lang = Annotated[str, Query(max_length=8, description="Language of what is meant for people; else the hall's own.")]
Named = Annotated[str, Path(max_length=64, pattern=r"^[!-~]+$")]
AtWindow = Annotated[str, Path(max_length=64, pattern=r"^[!-~]+$", examples=["W03"], description="Its id.")]


class Api:
    """The sub-application. `callers`: the token of a secret; `note`: writes down who did what."""

    def __init__(self, live: Live, pages: Pages, callers: Callers, note: Note) -> None:
        self._live, self._pages, self._callers, self._note = live, pages, callers, note
        self._keys, self.feed = Keys(), Feed(live)

    def app(self) -> FastAPI:
        """All addresses, and how they say no."""
        app = FastAPI(
            title="Vikno", version="1", openapi_url="/openapi.json", docs_url=None, redoc_url=None, description=__doc__
        )
        made = app.openapi
        app.openapi = lambda: _with_problem(made())  # type: ignore[method-assign]  # the framework's own way to change it
        app.add_exception_handler(ProblemError, _problem)
        app.add_exception_handler(RequestValidationError, _invalid)
        app.add_exception_handler(HTTPException, _plain)
        self._look(app)
        self._tickets(app)
        self._windows(app)
        self._bookings(app)
        self._arrivals(app)
        return app

    # --- looking ----------------------------------------------------------------------------------------------------------

    def _look(self, app: FastAPI) -> None:
        see = [Depends(allowed(self._callers, Act.SEE))]
        listens = Depends(listening(self._callers, Act.SEE))

        @app.get("/hall", responses=_no(401, 403, 503), dependencies=see, tags=["hall"])
        async def hall() -> b.HallNow:
            """The hall now."""
            document, view = self._told()
            return tell.hall(document, view, self._live.now or view.now, self._live.age_s)

        @app.get("/services", responses=_no(401, 403, 503), dependencies=see, tags=["hall"])
        async def services() -> tuple[b.ServiceLine, ...]:
            """What visitors come for, what to bring, how many wait."""
            return tell.services(*self._told())

        @app.get("/windows", responses=_no(401, 403, 503), dependencies=see, tags=["hall"])
        async def windows() -> tuple[b.WindowLine, ...]:
            """Every window and who is there."""
            return tell.windows(self._told()[1])

        @app.get(
            "/events",
            responses={200: _STREAM, **_no(401, 403, 503)},
            tags=["hall"],
            response_class=Response,
        )
        async def events(still: Callable[[], bool] = listens) -> Response:
            """What happens, as server-sent events: `hall` (the whole state, at once and after every change) and `call`."""
            self._told()
            if self._live.pulse.full:
                raise ProblemError(
                    503, "full", "Too many listen: try again in a few seconds.", headers={"Retry-After": "5"}
                )
            return StreamingResponse(
                self.feed.events(still), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
            )

    # --- tickets ----------------------------------------------------------------------------------------------------------

    def _tickets(self, app: FastAPI) -> None:
        receive = Depends(allowed(self._callers, Act.RECEIVE))

        @app.post("/tickets", status_code=201, responses=_no(401, 403, 409, 422, 503, 504), tags=["tickets"])
        async def issue(
            wanted: b.TicketWanted, request: Request, key: Key, caller: Caller = receive, lang: Lang = ""
        ) -> b.TicketMade:
            """A paperless ticket: show its label large."""
            hall, _ = self._told()
            command = self._command(
                m.TicketIssue, caller, key, request, wanted, service=wanted.service, then=wanted.then,
                priority_group=wanted.priority_group, lang=wanted.lang or hall.default_language, paper=False,
            )  # fmt: skip
            return tell.ticket(await self._done(m.Issued, command, lang), training=self._training)

        @app.get(
            "/tickets/{label}", responses=_no(401, 403, 409, 422, 503, 504), tags=["tickets"], dependencies=[receive]
        )
        async def why(label: Named, lang: Lang = "") -> b.WhyWaiting:
            """Where a ticket of today stands, and why it has not been called yet."""
            question = m.TicketExplain(id=new_id(), label=label)
            return tell.why_waiting(await self._asked(m.Explained, question, lang), self._texts(lang))

        @app.post("/tickets/{ticket}/cancel", responses=_no(401, 403, 409, 422, 503, 504), tags=["tickets"])
        async def cancel(
            ticket: Named, request: Request, key: Key, caller: Caller = receive, lang: Lang = ""
        ) -> b.Ended:
            """The visitor gives up. `ticket`: its id, not its label."""
            command = self._command(m.TicketCancel, caller, key, request, b.Nothing(), ticket=ticket)
            await self._done(m.Done, command, lang)
            return b.Ended()

    # --- windows ----------------------------------------------------------------------------------------------------------

    def _windows(self, app: FastAPI) -> None:
        serve = Depends(allowed(self._callers, Act.SERVE))

        def act(name: str, kind: type[m.WindowCommand], what: str) -> Callable[..., Any]:
            async def press(
                window: AtWindow,
                who: b.AtWindow,
                request: Request,
                key: Key,
                caller: Caller = serve,
                lang: Lang = "",
            ) -> b.WindowShows:
                _need_own(caller, who)
                command = self._command(kind, caller, key, request, who, window=window, operator=who.operator)
                return tell.shows(await self._done(m.Done, command, lang), window, self._texts(lang))

            press.__name__, press.__doc__ = name.replace("-", "_"), what
            return press

        for name, (kind, what) in _WINDOW_ACTS.items():
            app.post(f"/windows/{{window}}/{name}", responses=_no(401, 403, 409, 422, 503, 504), tags=["windows"])(
                act(name, kind, what)
            )

        @app.post("/windows/{window}/transfer", responses=_no(401, 403, 409, 422, 503, 504), tags=["windows"])
        async def transfer(
            window: AtWindow,
            to: b.TransferWanted,
            request: Request,
            key: Key,
            caller: Caller = serve,
            lang: Lang = "",
        ) -> b.WindowShows:
            """Send the visitor on to another service, or to another window, or both."""
            if to.service is None and to.to_window is None:
                raise ProblemError(422, "invalid", "Send `service`, `to_window`, or both.")
            _need_own(caller, to)
            command = self._command(
                m.CallTransfer, caller, key, request, to,
                window=window, operator=to.operator, service=to.service, to_window=to.to_window,
            )  # fmt: skip
            return tell.shows(await self._done(m.Done, command, lang), window, self._texts(lang))

    # --- bookings ---------------------------------------------------------------------------------------------------------

    def _bookings(self, app: FastAPI) -> None:
        receive = Depends(allowed(self._callers, Act.RECEIVE))
        no = _no(401, 403, 409, 422, 503, 504)

        @app.get("/slots", responses=no, tags=["bookings"], dependencies=[receive])
        async def slots(
            service: Annotated[b.Id, Query(examples=["res-register"])],
            day: Annotated[date, Query(examples=["2026-03-18"])],
            lang: Lang = "",
        ) -> b.SlotsOfDay:
            """When a visit for `service` can begin on `day`."""
            question = m.BookingSlots(id=new_id(), service=service, day=day)
            return tell.slots(await self._asked(m.Slots, question, lang))

        @app.post("/bookings", status_code=201, responses=no, tags=["bookings"])
        async def book(
            wanted: b.BookingWanted, request: Request, key: Key, caller: Caller = receive, lang: Lang = ""
        ) -> b.BookingMade:
            """Reserve a slot."""
            hall, _ = self._told()
            fields = {**dict(wanted), "lang": wanted.lang or hall.default_language}
            command = self._command(m.BookingBook, caller, key, request, wanted, **fields)
            return tell.booking(await self._done(m.Booked, command, lang), training=self._training)

        @app.post("/bookings/{code}/move", responses=no, tags=["bookings"])
        async def move(
            code: b.Code,
            to: b.MoveWanted,
            request: Request,
            key: Key,
            caller: Caller = receive,
            lang: Lang = "",
        ) -> b.BookingMade:
            """Come at another time: the same code."""
            command = self._command(m.BookingMove, caller, key, request, to, code=code, start=to.start)
            return tell.booking(await self._done(m.Booked, command, lang), training=self._training)

        @app.post("/bookings/{code}/cancel", responses=no, tags=["bookings"])
        async def give_up(
            code: b.Code, request: Request, key: Key, caller: Caller = receive, lang: Lang = ""
        ) -> b.Ended:
            """The visitor does not come."""
            await self._done(m.Done, self._command(m.BookingCancel, caller, key, request, b.Nothing(), code=code), lang)
            return b.Ended()

    def _arrivals(self, app: FastAPI) -> None:
        receive = Depends(allowed(self._callers, Act.RECEIVE))
        no = _no(401, 403, 409, 422, 503, 504)

        @app.post("/bookings/{code}/check-in", status_code=201, responses=no, tags=["bookings"])
        async def check_in(
            code: b.Code,
            here: b.CheckIn,
            request: Request,
            key: Key,
            caller: Caller = receive,
            lang: Lang = "",
        ) -> b.TicketMade:
            """The visitor is here: the booking becomes a paperless ticket."""
            hall, _ = self._told()
            spoken = here.lang or hall.default_language
            command = self._command(m.BookingCheckIn, caller, key, request, here, code=code, lang=spoken, paper=False)
            return tell.ticket(await self._done(m.Issued, command, lang), training=self._training)

    # --- asking -----------------------------------------------------------------------------------------------------------

    def _command(
        self, kind: type[m.Command], caller: Caller, key: str, request: Request, sent: BaseModel, **fields: Any
    ) -> Wish:
        """The command of a request: its id is the caller's key. Raises: ProblemError 422."""
        name = self._keys.command(caller.id, key, f"{request.url.path} {sent.model_dump_json()}".encode())
        if name is None:
            raise ProblemError(422, "key_used", "This Idempotency-Key was used for another request: make a new one.")
        if issubclass(kind, m.StaffCommand):
            fields["operator"] = caller.operator or caller.account
        try:
            command = kind.model_validate({"id": name, **fields})
        except ValidationError as exc:
            raise ProblemError(
                422, "invalid", f"{len(exc.errors())} fields are not what the hall understands."
            ) from None
        return Wish(command, caller, f"POST {API}{request.scope['route'].path}")

    async def _done(self, kind: type[R], wish: Wish, lang: str) -> R:
        """The hall's answer to a command, and a note of it. Raises: ProblemError 409, 503, 504."""
        status = 200
        try:
            return await self._asked(kind, wish.command, lang)
        except ProblemError as problem:
            status = problem.status
            raise
        finally:
            who, role = wish.caller.account, StaffRole.SERVICE.value
            act = str(getattr(wish.command, "t", ""))
            await asyncio.to_thread(self._note, who, role, act, wish.did, f"token {wish.caller.id}", status)

    async def _asked(self, kind: type[R], command: m.Command, lang: str) -> R:
        """The hall's answer. Raises: ProblemError 409, 503, 504."""
        self._told()
        answer = await self._live.ask(command)
        if isinstance(answer, kind):
            return answer
        if isinstance(answer, m.Refused):
            raise ProblemError(409, answer.code.value, answer.text, self._pages.refused(Reader(lang, ""), answer))
        if isinstance(answer, Unanswered):
            raise ProblemError(504, "no_answer", "Ask again with the same Idempotency-Key: it is done once.")
        raise ProblemError(504, "other_answer", "The hall answered what this version does not know.")

    def _told(self) -> tuple[Hall, m.ConsolesView]:
        if self._live.hall is None or self._live.view is None:
            raise ProblemError(
                503, "not_ready", "The hall has told nothing yet: try again.", headers={"Retry-After": "2"}
            )
        return self._live.hall, self._live.view

    @property
    def _training(self) -> bool:
        """Never a fault: it is looked at when something has been done already."""
        return self._live.hall is not None and self._live.hall.training

    def _texts(self, lang: str) -> Texts:
        return Texts(self._pages.language(lang))


_STREAM = {
    "description": "Server-sent events.",
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": 'event: call\nid: 1-7\ndata: {"label":"A012","window":"W03","number":3,"again":0}\n\n',
        }
    },
}


def _need_own(caller: Caller, who: b.AtWindow) -> None:
    """Raises: ProblemError 403: the token is another operator's."""
    if caller.operator is not None and caller.operator != who.operator:
        raise ProblemError(403, "other_operator", f"The token acts for {caller.operator} alone.")


def _no(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: _NO[status] for status in statuses}


def _with_problem(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with how the API says no, which the framework would call plain JSON."""
    schema = b.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {**schema.pop("$defs", {}), "Problem": schema}
    return document


async def _problem(_request: Request, exc: Exception) -> Response:
    assert isinstance(exc, ProblemError)
    return problem.told(exc)


async def _invalid(_request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    return problem.invalid(exc.errors())


async def _plain(_request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    return problem.plain(exc.status_code)


def schema(app: FastAPI) -> str:
    """The OpenAPI document as it is committed."""
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
