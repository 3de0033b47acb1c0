"""The first start: nobody can sign in yet, and who stands at the machine, or reads its terminal, becomes the administrator."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Mapping

from fastapi import Response

from consoles import route
from consoles.page import Pages
from consoles.route import Asked, Route
from consoles.staff.account import StaffError
from consoles.staff.cookie import Cookie
from consoles.staff.staff import Staff


class First:
    """The page `/first`. `code`: told on the terminal alone; whoever comes from another machine must know it."""

    def __init__(self, pages: Pages, staff: Staff, cookie: Cookie) -> None:
        self._pages, self._staff, self._cookie = pages, staff, cookie
        self.code = secrets.token_hex(6)

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/first", self._ask, None, public=True),
            Route("POST", "/first", self._make, None, public=True),
        )

    async def _ask(self, asked: Asked) -> Response:
        """The form; once there is an account, the sign-in."""
        return self._page(asked, {})

    async def _make(self, asked: Asked) -> Response:
        """The first administrator, who is signed in at once."""
        fields = await asked.form()
        if (key := self._not_from_here(asked, fields)) != "":
            return self._page(asked, fields, key, 403)
        name, secret = fields.get("account", "").strip().casefold(), fields.get("password", "")
        if secret != fields.get("again"):
            return self._page(asked, fields, "staff.not_the_same", 409)
        try:
            await asyncio.to_thread(self._staff.accounts.found, name, fields.get("name", ""), secret)
        except StaffError as exc:
            return self._page(asked, fields, exc.key, 409)
        asked.told.who = name
        session = self._staff.sessions.begin(name, account=name)
        response = route.away(asked, self._pages.address("/staff", asked.reader.wanted))
        self._cookie.know(response, self._staff.attempts.let_in(asked, f"account {name}"))
        return self._cookie.give(response, session)

    def _not_from_here(self, asked: Asked, fields: Mapping[str, str]) -> str:
        """Why who asks may not be the first, "" where they may."""
        if asked.here:
            return ""
        attempts = self._staff.attempts
        names = attempts.names(asked, "")
        if attempts.wait_s(names) > 0:
            return "error.try_later"
        if hmac.compare_digest(fields.get("code", "").strip().casefold().encode(), self.code.encode()):
            return ""
        attempts.begin(names)
        return "first.bad_code"

    def _page(self, asked: Asked, fields: Mapping[str, str], note: str = "", status: int = 200) -> Response:
        if self._staff.founded:
            return route.away(asked, self._pages.address("/sign-in", asked.reader.wanted))
        html = self._pages.staff(
            "first.html", asked.at("/first"), note=note, account=fields.get("account", "")[:32], name=fields.get("name", "")[:80],
            code=not asked.here,
        )  # fmt: skip
        return route.page(html, status)
