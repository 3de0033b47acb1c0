"""The web: addresses, sign-in, presses and streams. A press asks the coordinator; a page shows what the hall published."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles

from consoles import button, notice, show, stream
from consoles.attempt import Attempts
from consoles.card import Cards
from consoles.change import Changing
from consoles.draft import Drafts
from consoles.gate import FormError, Gate, form
from consoles.live import Live
from consoles.page import NotReadyError, Pages, Reader
from consoles.press import Presses, is_key
from consoles.reception import Reception
from consoles.reports.page import FILES, Reports
from consoles.session import LIFE_S, Session, Sessions
from consoles.trial import Trials
from contract import messages as m
from contract.errors import ContractError
from contract.words import Refusal
from look import icons, tokens
from look.css import css
from runtime.asker import Unanswered, new_id
from runtime.clock import utc_now

COOKIE = "vikno"
LABEL_LETTERS = 16
_HERE = Path(__file__).parent
_DAY = "public, max-age=86400"


class Web:
    """The addresses and what they share. `secure`: the consoles speak HTTPS, so the cookie travels by nothing else."""

    def __init__(
        self,
        live: Live,
        sessions: Sessions,
        drafts: Drafts,
        journal: Path | None,
        language: str | None,
        *,
        secure: bool,
        monotonic: Callable[[], float],
    ) -> None:
        self._live, self._sessions, self._secure, self._monotonic = live, sessions, secure, monotonic
        self._presses, self._attempts = Presses(), Attempts()
        self._cards = Cards(live, monotonic)
        self._pages = Pages(live, self._presses, self._cards, language)
        self._reception = Reception(live, self._pages)
        self._changing = Changing(live, self._pages, drafts, Trials(journal), utc_now)
        self._reports = Reports(live, self._pages, journal)

    def app(self) -> FastAPI:
        """The application with all its addresses."""
        app = FastAPI(title="Vikno consoles", docs_url=None, redoc_url=None, openapi_url=None)
        app.add_middleware(Gate)
        app.add_exception_handler(NotReadyError, self._not_ready)
        app.add_exception_handler(ContractError, _bad_form)
        app.add_exception_handler(FormError, _bad_form)
        page = {"response_class": HTMLResponse, "response_model": None}
        app.add_api_route("/", self.choose, methods=["GET"], **page)  # type: ignore[arg-type]
        app.add_api_route("/hall", self.hall, methods=["GET"], **page)  # type: ignore[arg-type]
        app.add_api_route("/hall/close", self.close_hall, methods=["GET"], **page)  # type: ignore[arg-type]
        app.add_api_route("/hall/press", self.hall_press, methods=["POST"], **page)  # type: ignore[arg-type]
        app.add_api_route("/hall/notice", self.notice, methods=["GET"], **page)  # type: ignore[arg-type]
        app.add_api_route("/hall/notice/press", self.notice_press, methods=["POST"], **page)  # type: ignore[arg-type]
        app.add_api_route("/hall/change", self.change, methods=["GET"], **page)  # type: ignore[arg-type]
        app.add_api_route("/hall/change/press", self.change_press, methods=["POST"], **page)  # type: ignore[arg-type]
        app.add_api_route("/hall/change/{part}/{key}", self.change_part, methods=["GET"], **page)  # type: ignore[arg-type]
        app.add_api_route("/hall/change/{part}/{key}", self.change_save, methods=["POST"], **page)  # type: ignore[arg-type]
        app.add_api_route("/reports", self.reports, methods=["GET"], **page)  # type: ignore[arg-type]
        app.add_api_route("/reports/file.{kind}", self.report_file, methods=["GET"], response_model=None)
        app.add_api_route("/bookings", self.bookings, methods=["GET"], **page)  # type: ignore[arg-type]
        app.add_api_route("/bookings/press", self.bookings_press, methods=["POST"], **page)  # type: ignore[arg-type]
        app.add_api_route("/why", self.why, methods=["GET"], **page)  # type: ignore[arg-type]
        app.add_api_route("/window/{window}", self.window, methods=["GET"], **page)  # type: ignore[arg-type]
        app.add_api_route("/window/{window}/sign-in", self.sign_in, methods=["POST"], **page)  # type: ignore[arg-type]
        app.add_api_route("/window/{window}/press", self.press, methods=["POST"], **page)  # type: ignore[arg-type]
        app.add_api_route("/window/{window}/card", self.card, methods=["GET"], **page)  # type: ignore[arg-type]
        app.add_api_route("/window/{window}/card", self.card_press, methods=["POST"], **page)  # type: ignore[arg-type]
        app.add_api_route("/events/window/{window}", self.window_events, methods=["GET"], response_model=None)
        app.add_api_route("/events/hall", self.hall_events, methods=["GET"], response_model=None)
        app.add_api_route("/events/hall/close", self.close_hall_events, methods=["GET"], response_model=None)
        app.add_api_route("/board/{zone}", self.board, methods=["GET"], **page)  # type: ignore[arg-type]
        app.add_api_route("/events/board/{zone}", self.board_events, methods=["GET"], response_model=None)
        app.add_api_route("/look/board.css", self.board_css, methods=["GET"], response_model=None)
        app.add_api_route("/look/tokens.css", _tokens, methods=["GET"], response_model=None)
        app.add_api_route("/look/logo.svg", _logo, methods=["GET"], response_model=None)
        app.mount("/look/fonts", StaticFiles(directory=Path(tokens.font().regular).parent))
        app.mount("/static", StaticFiles(directory=_HERE / "static"))
        return app

    # --- pages ---------------------------------------------------------------------------------------------------------

    async def choose(self, request: Request) -> Response:
        """Choose a window."""
        return HTMLResponse(self._pages.choose(_reader(request)))

    async def window(self, request: Request, window: str) -> Response:
        """The panel of a window, or its sign-in."""
        self._known(window)
        session = self._session(request, window)
        if session is None or not self._pages.signed_in(session):
            chosen = session.operator if session is not None else ""
            return HTMLResponse(self._pages.sign_in(_reader(request), window, chosen=chosen))
        return HTMLResponse(self._pages.panel(_reader(request), session, whole=True))

    async def hall(self, request: Request) -> Response:
        """The live hall. Looking needs no sign-in, acting does."""
        return HTMLResponse(self._pages.hall(_reader(request), self._session(request), whole=True))

    async def close_hall(self, request: Request) -> Response:
        """Asks once more before the hall closes."""
        session = self._session(request)
        if session is None:
            return self._away(request, _reader(request, "/hall"))
        return HTMLResponse(self._pages.close_hall(_reader(request), session, whole=True))

    async def notice(self, request: Request) -> Response:
        """The manager's message to visitors: what stands on the boards, and the form for another."""
        if self._session(request) is None:
            return self._away(request, _reader(request, "/"))
        return HTMLResponse(self._pages.notice(_reader(request), None))

    async def card(self, request: Request, window: str) -> Response:
        """What to say to the visitor, what is read, and what opens the card: before it is touched."""
        self._known(window)
        session = self._session(request, window)
        if session is None:
            return self._away(request, _reader(request, f"/window/{window}"))
        return HTMLResponse(self._pages.card(_reader(request), session))

    async def why(self, request: Request, label: str = "") -> Response:
        """Why a ticket has not been called yet; anyone who is signed in at a window may ask."""
        session, reader = self._session(request), _reader(request)
        if session is None:
            return self._away(request, _reader(request, "/"))
        label = label.strip().upper()[:LABEL_LETTERS]
        said = await self._live.ask(_explain(label)) if label else None
        return HTMLResponse(self._pages.why(reader, session, label, said))

    async def reports(self, request: Request) -> Response:
        """Figures of past days; for who manages the hall."""
        session = self._manager(request)
        if session is None:
            return self._away(request, _reader(request, "/hall"))
        return HTMLResponse(await self._reports.page(_reader(request), session, request.query_params))

    async def report_file(self, request: Request, kind: str) -> Response:
        """The same as a file."""
        if self._manager(request) is None:
            return self._away(request, _reader(request, "/hall"))
        data = await self._reports.file(_reader(request, "/reports"), request.query_params, kind)
        if data is None:
            return PlainTextResponse("there is no such file\n", 404)
        name = "-".join(
            filter(None, ("vikno", *(request.query_params.get(n, "")[:20] for n in ("by", "since", "until"))))
        )
        safe = "".join(sign for sign in name if sign.isascii() and (sign.isalnum() or sign in "-_"))
        headers = {"Content-Disposition": f'attachment; filename="{safe}.{kind}"'}
        return Response(data, media_type=FILES[kind], headers=headers)

    async def change(self, request: Request) -> Response:
        """The hall's next document in the making; for who manages the hall."""
        session = self._manager(request)
        if session is None:
            return self._away(request, _reader(request, "/hall"))
        to = request.query_params.get("to", "")
        return HTMLResponse(
            await self._changing.page(_reader(request), session, to=to if to.isdecimal() and len(to) < 10 else "")
        )

    async def change_part(self, request: Request, part: str, key: str) -> Response:
        """The form of one part of it."""
        session = self._manager(request)
        if session is None:
            return self._away(request, _reader(request, "/hall"))
        return HTMLResponse(self._changing.part(_reader(request), session, part, key))

    # --- acts ----------------------------------------------------------------------------------------------------------

    async def sign_in(self, request: Request, window: str) -> Response:
        """An operator sits down: the coordinator checks the PIN, which goes nowhere else and is not kept."""
        self._known(window)
        fields = await form(request)
        reader, operator, pin = _reader(request, f"/window/{window}"), fields.get("operator", ""), fields.get("pin", "")
        names = (f"window {window}", f"operator {operator}")
        wait_s = max(self._attempts.wait_s(name, self._monotonic()) for name in names)
        if wait_s > 0:
            page = self._pages.sign_in(reader, window, chosen=operator, note="error.try_later", wait_s=wait_s)
            return HTMLResponse(page, 429, headers={"Retry-After": str(int(wait_s + 1))})
        for name in names:
            self._attempts.begin(name, self._monotonic())
        answer = await self._live.ask(_login(window, operator, pin))
        if isinstance(answer, m.Done):
            return await self._signed_in(request, reader, window, operator, names)
        wrong = isinstance(answer, m.Refused) and answer.code is Refusal.WRONG_PIN
        if not wrong:
            for name in names:
                self._attempts.undo(name)
        note = f"refusal.{answer.code.value}" if isinstance(answer, m.Refused) else "operator.no_answer"
        return HTMLResponse(self._pages.sign_in(reader, window, chosen=operator, note=note), 403)

    async def press(self, request: Request, window: str) -> Response:
        """A button of the panel."""
        self._known(window)
        fields = await form(request)
        session, reader = self._session(request, window), _reader(request, f"/window/{window}")
        if session is None:
            return self._away(request, reader)
        name, key, place = fields.get("button", ""), _key(fields), fields.get("ticket", "")
        command = button.window_command(name, key, window, session.operator, fields)
        answer = await self._ask(
            f"{session.key}/window", f"{name} {place}".strip(), command, lambda: self._mark(window)
        )
        if name == "logout" and isinstance(answer, m.Done):
            return self._left(request, reader, session)
        if _by_script(request):
            return HTMLResponse(self._pages.panel(reader, session, whole=False))
        return RedirectResponse(self._pages.address(reader.path, reader.wanted), 303)

    async def card_press(self, request: Request, window: str) -> Response:
        """The visitor agrees: read; or: forget what was read. What was typed is in no page that comes back."""
        self._known(window)
        fields = await form(request)
        session, reader = self._session(request, window), _reader(request, f"/window/{window}")
        if session is None:
            return self._away(request, reader)
        note = ""
        if fields.get("button") == "forget":
            self._cards.forget(session)
        else:
            note = await self._read_card(session, reader, _key(fields), fields)
        self._live.pulse.beat()
        if note:
            return HTMLResponse(self._pages.card(_reader(request), session, note=note), 409)
        if _by_script(request):
            return HTMLResponse(self._pages.panel(reader, session, whole=False))
        return RedirectResponse(self._pages.address(reader.path, reader.wanted), 303)

    async def hall_press(self, request: Request) -> Response:
        """A button of the hall page; anyone who is signed in at a window may."""
        fields = await form(request)
        session, reader = self._session(request), _reader(request, "/hall")
        if session is None:
            return self._away(request, reader)
        name, what = fields.get("button", ""), fields.get("dev", "") or fields.get("recommendation", "")
        command = button.hall_command(name, _key(fields), fields, session.operator)
        await self._ask(f"{session.key}/hall", f"{name} {what}".strip(), command, self._hall_mark)
        if _by_script(request):
            return HTMLResponse(self._pages.hall(reader, session, whole=False))
        return RedirectResponse(self._pages.address(reader.path, reader.wanted), 303)

    async def notice_press(self, request: Request) -> Response:
        """Show or take away; the answer stands on the page that comes back. Sent again, it is done once."""
        fields = await form(request)
        if self._session(request) is None:
            return self._away(request, _reader(request, "/"))
        if self._live.hall is None or self._live.now is None:
            raise NotReadyError
        command = notice.command(_key(fields), fields, self._live.hall, self._live.now)
        answer = await self._live.ask(command)
        if isinstance(answer, m.Done):
            await self._live.settled(lambda view: notice.shown(view, command))
        return HTMLResponse(self._pages.notice(_reader(request, "/hall/notice"), answer))

    async def change_save(self, request: Request, part: str, key: str) -> Response:
        """A form of the draft: back to the draft with all it would do, or the form again with what is wrong."""
        fields, session = await form(request), self._manager(request)
        if session is None:
            return self._away(request, _reader(request, "/hall"))
        said = self._changing.save(session, part, key, fields)
        if said.fault:
            return HTMLResponse(self._changing.part(_reader(request), session, part, key, said), 422)
        return RedirectResponse(self._pages.address("/hall/change", _reader(request).wanted), 303)

    async def change_press(self, request: Request) -> Response:
        """Publish, drop, or go back; the answer stands on the page that comes back. Sent again, it is done once."""
        fields, session = await form(request), self._manager(request)
        if session is None:
            return self._away(request, _reader(request, "/hall"))
        said = await self._changing.press(session, fields, _key(fields))
        return HTMLResponse(await self._changing.page(_reader(request, "/hall/change"), session, said))

    def _manager(self, request: Request) -> Session | None:
        """The request's session where its operator manages the hall."""
        session = self._session(request)
        return session if session is not None and self._changing.may(session) else None

    async def bookings(self, request: Request) -> Response:
        """The bookings of a day, for whoever is signed in at a window."""
        if self._session(request) is None:
            return self._away(request, _reader(request, "/"))
        return HTMLResponse(await self._reception.page(_reader(request), request.query_params))

    async def bookings_press(self, request: Request) -> Response:
        """A button of the bookings page; the answer stands on the page that comes back. Sent again, it is done once."""
        fields = await form(request)
        reader = _reader(request, "/bookings")
        if self._session(request) is None:
            return self._away(request, _reader(request, "/"))
        said = await self._reception.press(fields, _key(fields))
        shown = {name: fields.get(name, "") for name in ("day", "skip")}
        return HTMLResponse(await self._reception.page(reader, shown, said))

    # --- streams -------------------------------------------------------------------------------------------------------

    async def window_events(self, request: Request, window: str) -> Response:
        """The panel, again after every change."""
        self._known(window)
        secret, reader = request.cookies.get(COOKIE, ""), _reader(request, f"/window/{window}")
        if self._session(request, window) is None:
            return PlainTextResponse("sign in first\n", 401)

        def render() -> stream.Fragment | None:
            session = self._sessions.get(secret)
            return (self._live.mark, self._pages.panel(reader, session, whole=False)) if session is not None else None

        return self._stream(stream.events(self._live.pulse, render))

    async def hall_events(self, request: Request) -> Response:
        """The hall page, again after every change."""
        secret, reader = request.cookies.get(COOKIE, ""), _reader(request, "/hall")

        def render() -> stream.Fragment:
            return self._live.mark, self._pages.hall(reader, self._sessions.get(secret), whole=False)

        return self._stream(stream.events(self._live.pulse, render))

    async def close_hall_events(self, request: Request) -> Response:
        """The page that asks before closing, again after every change, so that its figures are those of now."""
        secret, reader = request.cookies.get(COOKIE, ""), _reader(request, "/hall/close")
        if self._session(request) is None:
            return PlainTextResponse("sign in first\n", 401)

        def render() -> stream.Fragment | None:
            session = self._sessions.get(secret)
            return (self._live.mark, self._pages.close_hall(reader, session, whole=False)) if session else None

        return self._stream(stream.events(self._live.pulse, render))

    def _stream(self, events: AsyncIterator[bytes]) -> Response:
        if self._live.pulse.full:
            return PlainTextResponse("too many pages are open\n", 503, headers={"Retry-After": "5"})
        return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    # --- the board, for anybody --------------------------------------------------------------------------------------------

    async def board(self, request: Request, zone: str) -> Response:
        """A zone's board."""
        page = self._board(request, zone, whole=True)
        return HTMLResponse(page) if page is not None else PlainTextResponse("there is no such zone\n", 404)

    async def board_events(self, request: Request, zone: str) -> Response:
        """A zone's board, again after every change."""
        if self._board(request, zone, whole=False) is None:
            return PlainTextResponse("there is no such zone\n", 404)

        def render() -> stream.Fragment | None:
            page = self._board(request, zone, whole=False)
            return (self._live.mark, page) if page is not None else None

        return self._stream(stream.events(self._live.pulse, render))

    async def board_css(self) -> Response:
        """How the board looks."""
        return Response(self._pages.board_css(), media_type="text/css", headers={"Cache-Control": _DAY})

    def _board(self, request: Request, zone: str, *, whole: bool) -> str | None:
        return self._pages.board(zone, request.query_params.get("lang", ""), self._monotonic(), whole=whole)

    # --- sign-in, asking ------------------------------------------------------------------------------------------------

    def _session(self, request: Request, window: str | None = None) -> Session | None:
        """The request's session; with `window` only where it is that window's."""
        session = self._sessions.get(request.cookies.get(COOKIE, ""))
        return session if session is not None and window in {None, session.window} else None

    async def _signed_in(
        self, request: Request, reader: Reader, window: str, operator: str, names: tuple[str, ...]
    ) -> Response:
        for name in names:
            self._attempts.right(name)
        if (before := self._session(request)) is not None:
            self._cards.forget(before)
            self._sessions.end(before)
        secret = self._sessions.begin(window, operator)
        await self._live.settled(lambda view: any(w.window == window and w.operator == operator for w in view.windows))
        response = RedirectResponse(self._pages.address(reader.path, reader.wanted), 303)
        response.set_cookie(COOKIE, secret, max_age=LIFE_S, httponly=True, samesite="strict", secure=self._secure)
        return response

    def _left(self, request: Request, reader: Reader, session: Session) -> Response:
        self._cards.forget(session)
        self._sessions.end(session)
        response = self._away(request, Reader(reader.wanted, "/"))
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self._secure)
        return response

    def _away(self, request: Request, reader: Reader) -> Response:
        """To a page of its own: by a header where the script asked, else by a redirect."""
        address = self._pages.address(reader.path, reader.wanted)
        if _by_script(request):
            return Response(status_code=401, headers={"HX-Redirect": address})
        return RedirectResponse(address, 303)

    async def _ask(self, desk: str, name: str, command: m.Command, mark: Callable[[], str]) -> m.Reply | Unanswered:
        before = self._live.mark
        self._presses.begin(desk, name, command.id, mark())
        answer = await self._live.ask(command)
        if isinstance(answer, m.Done) and isinstance(command, m.HallCommand):
            await self._live.settled(lambda view: _shows(view, answer, before))
        self._presses.end(desk, command.id, answer, mark())
        self._live.pulse.beat()
        return answer

    async def _read_card(self, session: Session, reader: Reader, key: str, typed: Mapping[str, str]) -> str:
        """Ask for a read; "" when it goes on, else why not, in words."""
        command = self._cards.begin(session, key, typed)
        if command is None:
            return self._pages.no_card(reader, session)
        answer = await self._live.ask(command)
        if isinstance(answer, m.Done):
            return ""
        self._cards.refused(session, key)
        return self._pages.refused(reader, answer)

    def _known(self, window: str) -> None:
        """Raises: ContractError: the hall has no such window. NotReadyError: it has told nothing yet."""
        if self._live.view is None or self._live.hall is None:
            raise NotReadyError
        if self._live.window(window) is None:
            raise ContractError(f"there is no window {window[:32]!r}")

    def _mark(self, window: str) -> str:
        return show.mark(self._live.window(window))

    def _hall_mark(self) -> str:
        return self._live.view.state.value if self._live.view is not None else ""

    async def _not_ready(self, _request: Request, _exc: Exception) -> Response:
        return HTMLResponse(self._pages.nothing_yet(), 503, headers={"Retry-After": "2"})


def _shows(view: m.ConsolesView, done: m.Done, before: str) -> bool:
    """Whether `view` shows what `done` told; of the hall or a ticket: whether it is a newer one."""
    if done.window is None:
        return f"{view.ep}-{view.rev}" != before
    window = next((w for w in view.windows if w.window == done.window), None)
    ticket = window.ticket.ticket if window is not None and window.ticket is not None else None
    return window is not None and window.light is done.light and ticket == done.ticket


def _explain(label: str) -> m.TicketExplain:
    try:
        return m.TicketExplain(id=new_id(), label=label)
    except ValueError:
        raise ContractError("a ticket's number has no such letters") from None


def _login(window: str, operator: str, pin: str) -> m.WindowLogin:
    # Always a new id: signing in twice is harmless, and a wrong PIN's answer must not be given to the right one.
    try:
        return m.WindowLogin(id=new_id(), window=window, operator=operator, pin=pin)
    except ValueError:
        raise ContractError("operator and PIN are needed") from None  # without its cause: that one shows the PIN


def _key(fields: Mapping[str, str]) -> str:
    key = fields.get("id", "")
    if not is_key(key):
        raise ContractError("the form has no id of ours")
    return key


def _reader(request: Request, path: str | None = None) -> Reader:
    return Reader(request.query_params.get("lang", ""), path or request.url.path)


def _by_script(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


async def _bad_form(_request: Request, exc: Exception) -> Response:
    return PlainTextResponse(f"refused: {exc}\n", 400)


async def _tokens() -> Response:
    return Response(css(fonts_url="fonts"), media_type="text/css", headers={"Cache-Control": _DAY})


async def _logo() -> Response:
    return Response(icons.logo_svg(), media_type="image/svg+xml", headers={"Cache-Control": _DAY})
