"""The door of every address: who asks, whether they may, and where they go if not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

from consoles.page import Pages
from consoles.route import Asked, Kind, Route, away, page
from consoles.staff.role import MAY, StaffRole
from consoles.staff.session import Session, Sessions

COOKIE = "vikno"
SIGN_IN = "/"

RoleOf = Callable[[Session], StaffRole]
"""What somebody is now: a role that was taken away counts at once."""


class Door:
    """Lets requests in to routes."""

    def __init__(self, sessions: Sessions, role_of: RoleOf, pages: Pages) -> None:
        self._sessions, self._role_of, self._pages = sessions, role_of, pages

    def open(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        """The route's end point for the web framework."""

        async def enter(request: Request) -> Response:
            session = self._session(request)
            role = self._role_of(session) if session is not None else None
            asked = Asked(request, session, role, lambda: self._still(request, route))
            if route.needs is None or self._may(route, request, session, role):
                return await route.answer(asked)
            return self._no(route, asked)

        return enter

    def _session(self, request: Request) -> Session | None:
        return self._sessions.get(request.cookies.get(COOKIE, ""))

    def _still(self, request: Request, route: Route) -> Session | None:
        session = self._session(request)
        if session is None or route.needs is None:
            return session
        return session if self._may(route, request, session, self._role_of(session)) else None

    def _may(self, route: Route, request: Request, session: Session | None, role: StaffRole | None) -> bool:
        if session is None or role is None or route.needs not in MAY[role]:
            return False
        return not route.window or session.window == request.path_params["window"]

    def _no(self, route: Route, asked: Asked) -> Response:
        known = asked.session is not None
        if route.kind is Kind.DATA:
            return PlainTextResponse(
                "your role may not do this\n" if known else "sign in first\n", 403 if known else 401
            )
        if route.window:
            return away(asked, self._pages.address(f"/window/{asked.named('window')}", asked.reader.wanted))
        if known and not asked.by_script:
            return page(self._pages.not_allowed(asked.at("/hall")), 403)
        return away(asked, self._pages.address(SIGN_IN, asked.reader.wanted))
