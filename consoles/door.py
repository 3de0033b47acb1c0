"""The door of every address: who asks, whether they may, where they go if not, and what is written down of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

from consoles import origin
from consoles.page import Pages
from consoles.route import Asked, Kind, Route, away, page
from consoles.staff.bound import Bound
from consoles.staff.cookie import COOKIE
from consoles.staff.role import MAY, StaffRole
from consoles.staff.session import Session
from consoles.staff.staff import Staff

SIGN_IN, FIRST = "/sign-in", "/first"
MOST_REFUSED = 60
"""Rows a minute about whom nobody knows and who was refused: a flood of them must not fill the disk."""


class Door:
    """Lets requests in to routes."""

    def __init__(self, staff: Staff, pages: Pages, monotonic: Callable[[], float]) -> None:
        self._staff, self._pages, self._monotonic = staff, pages, monotonic
        self._refused = Bound(MOST_REFUSED)

    def open(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        """The route's end point for the web framework."""

        async def enter(request: Request) -> Response:
            session, role = self._who(request)
            asked = Asked(request, session, role, lambda: self._still(request, route))
            if session is not None and route.kind is Kind.PAGE:
                self._staff.sessions.seen(session)
            status = 0
            try:
                response = await self._answer(route, asked)
                status = response.status_code
                return response
            finally:
                await self._write_down(route, asked, status)

        return enter

    async def _answer(self, route: Route, asked: Asked) -> Response:
        if not (route.public or self._staff.founded):
            return self._found(route, asked)
        if route.needs is None or self._may(route, asked.request, asked.session, asked.role):
            return await route.answer(asked)
        return self._no(route, asked)

    def _who(self, request: Request) -> tuple[Session | None, StaffRole | None]:
        session = self._staff.sessions.get(request.cookies.get(COOKIE, ""))
        role = self._staff.role_of(session) if session is not None else None
        return (session, role) if role is not None else (None, None)

    def _still(self, request: Request, route: Route) -> Session | None:
        session, role = self._who(request)
        if session is None or route.needs is None:
            return session
        return session if self._may(route, request, session, role) else None

    def _may(self, route: Route, request: Request, session: Session | None, role: StaffRole | None) -> bool:
        if session is None or role is None or route.needs not in MAY[role]:
            return False
        return not route.window or session.window == request.path_params["window"]

    def _found(self, route: Route, asked: Asked) -> Response:
        """The hall has no staff yet: somebody must be the first."""
        if route.kind is Kind.DATA:
            return PlainTextResponse("nobody may sign in yet: open /first\n", 503)
        return away(asked, self._pages.address(FIRST, asked.reader.wanted))

    def _no(self, route: Route, asked: Asked) -> Response:
        known = asked.session is not None
        if route.kind is Kind.DATA:
            return PlainTextResponse(
                "your role may not do this\n" if known else "sign in first\n", 403 if known else 401
            )
        if route.window and not (asked.role is not None and route.needs not in asked.acts):
            return away(asked, self._pages.address(f"/window/{asked.named('window')}", asked.reader.wanted))
        if known and not asked.by_script:
            return page(self._pages.not_allowed(asked.at("/hall")), 403)
        back = _back(asked.request)
        return away(asked, self._pages.address(SIGN_IN, asked.reader.wanted, **({"next": back} if back else {})))

    async def _write_down(self, route: Route, asked: Asked, status: int) -> None:
        """Every act, and everything that was refused; of strangers and refusals not more than a minute may hold."""
        refused = status in {401, 403, 429} or (status == 303 and asked.session is None and route.needs is not None)
        if route.method == "GET" and not refused:
            return
        who = asked.told.who or (asked.session.who if asked.session is not None else "")
        what = asked.told.what
        if refused or not who:
            if not self._refused.let(self._monotonic()):
                return
            over = self._refused.over()
            what = f"{what} (+{over})" if over else what
        role, act = asked.role or "", route.needs or ""
        await asyncio.to_thread(
            self._staff.audit.add, who, str(role), str(act), f"{route.method} {route.path}", what, status
        )


def _back(request: Request) -> str:
    """Where to go on after the sign-in: the page itself, of a press the page it was pressed on."""
    if request.method == "GET":
        return str(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
    referer = origin.split(request.headers.get("referer", ""))
    return referer.path if referer.netloc == request.headers.get("host") else ""
