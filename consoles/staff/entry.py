"""Signing in by name and password, signing out, and what is one's own: the password and the sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import Response

from consoles import route
from consoles.card import Cards
from consoles.live import Live
from consoles.page import Pages
from consoles.route import Asked, Route
from consoles.staff.account import Account, StaffError
from consoles.staff.cookie import COOKIE, Cookie
from consoles.staff.role import Act
from consoles.staff.staff import Staff
from contract import messages as m
from contract.errors import ContractError
from runtime.asker import new_id

NEXT_MAX = 300


class Entry:
    """The pages `/sign-in` and `/me`."""

    def __init__(self, live: Live, pages: Pages, staff: Staff, cards: Cards, cookie: Cookie) -> None:
        self._live, self._pages, self._staff, self._cards, self._cookie = live, pages, staff, cards, cookie
        self._attempts = staff.attempts

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/sign-in", self._ask, None),
            Route("POST", "/sign-in", self._sign_in, None),
            Route("POST", "/sign-out", self._sign_out, None),
            Route("GET", "/me", self._me, Act.SEE),
            Route("POST", "/me/password", self._password, Act.SEE),
            Route("POST", "/me/end", self._end, Act.SEE),
        )

    async def _ask(self, asked: Asked) -> Response:
        """Name and password."""
        ended = self._staff.sessions.ended(asked.request.cookies.get(COOKIE, ""))
        return self._page(asked, asked.query.get("next", ""), note=f"staff.session_{ended}" if ended else "")

    async def _sign_in(self, asked: Asked) -> Response:
        """The same answer, after the same time, for a wrong name and a wrong password."""
        fields = await asked.form()
        name, back = fields.get("name", "").strip().casefold()[:32], fields.get("next", "")
        names = self._attempts.names(asked, f"account {name}")
        if (wait_s := self._attempts.wait_s(names)) > 0:
            response = self._page(asked, back, name, note="error.try_later", wait_s=wait_s, status=429)
            response.headers["Retry-After"] = str(int(wait_s + 1))
            return response
        self._attempts.begin(names)
        account = await asyncio.to_thread(self._staff.accounts.signs_in, name, fields.get("password", ""))
        if account is None:
            return self._page(asked, back, name, note="staff.wrong", status=403)
        self._attempts.right(names)
        if account.once:
            new = fields.get("new")
            if new is None:
                return self._page(asked, back, name, once=True)
            try:
                await asyncio.to_thread(self._staff.accounts.change_password, account.id, _twice(new, fields))
            except StaffError as exc:
                return self._page(asked, back, name, note=exc.key, once=True, status=409)
        return self._in(asked, account, back)

    def _in(self, asked: Asked, account: Account, back: str) -> Response:
        if asked.session is not None:
            self._cards.forget(asked.session)
            self._staff.sessions.leave(asked.session)
        secret = self._staff.sessions.begin(account.id, account=account.id)
        asked.told.who = account.id
        there = ours(back) or ("/" if account.operator is not None else "/hall")
        if "?" not in there:
            there = self._pages.address(there, asked.reader.wanted)
        response = self._cookie.give(route.away(asked, there), secret)
        return self._cookie.know(response, self._attempts.let_in(asked, f"account {account.id}"))

    async def _sign_out(self, asked: Asked) -> Response:
        """Leave; who sits at a window leaves it first, and stays where the hall refuses that (somebody is being served)."""
        me = asked.session
        if me is not None and me.window:
            answer = await self._live.ask(m.WindowLogout(id=new_id(), window=me.window, operator=me.operator))
            if isinstance(answer, m.Refused) and self._pages.signed_in(me):
                return route.away(asked, self._pages.address(f"/window/{me.window}", asked.reader.wanted))
        if me is not None:
            self._cards.forget(me)
            self._staff.sessions.leave(me)
        return self._cookie.take(route.away(asked, self._pages.address("/sign-in", asked.reader.wanted)))

    # --- what is one's own ----------------------------------------------------------------------------------------------

    async def _me(self, asked: Asked) -> Response:
        """Who I am here, my password, my sessions."""
        return self._mine(asked)

    async def _password(self, asked: Asked) -> Response:
        """The old password, and the new one twice. Everybody else who is signed in by the old one is so no more."""
        fields, me = await asked.form(), asked.me
        if me.account is None:
            raise ContractError("a PIN is changed in the hall document")
        names = self._attempts.names(asked, f"account {me.account}")
        if self._attempts.wait_s(names) > 0:
            return self._mine(asked, "error.try_later", 429)
        self._attempts.begin(names)
        account = await asyncio.to_thread(self._staff.accounts.signs_in, me.account, fields.get("password", ""))
        if account is None:
            return self._mine(asked, "staff.wrong", 403)
        self._attempts.right(names)
        try:
            await asyncio.to_thread(
                self._staff.accounts.change_password, me.account, _twice(fields.get("new", ""), fields)
            )
        except StaffError as exc:
            return self._mine(asked, exc.key, 409)
        self._staff.sessions.end_of(me.account, but=me.key)
        return self._mine(asked, "staff.password_changed")

    async def _end(self, asked: Asked) -> Response:
        """End one of my other sessions."""
        key = (await asked.form()).get("session", "")
        if any(one.key == key for one in self._staff.sessions.of(asked.me.who)):
            self._staff.sessions.end(key)
        return route.away(asked, self._pages.address("/me", asked.reader.wanted))

    def _mine(self, asked: Asked, note: str = "", status: int = 200) -> Response:
        me = asked.me
        html = self._pages.staff(
            "me.html", asked.at("/me"), me=me, role=asked.role, note=note, good=note == "staff.password_changed",
            who=self._staff.accounts.get(me.who), sessions=self._staff.sessions.of(me.who),
        )  # fmt: skip
        return route.page(html, status)

    def _page(
        self, asked: Asked, back: str, name: str = "", *, note: str = "", wait_s: float = 0, once: bool = False,
        status: int = 200,
    ) -> Response:  # fmt: skip
        html = self._pages.staff(
            "sign_in.html",
            asked.at("/sign-in"),
            back=ours(back),
            chosen=name,
            note=note,
            wait_s=int(wait_s + 1),
            once=once,
        )
        return route.page(html, status)


def ours(address: str) -> str:
    """The address where it is a path of ours, else ""."""
    if not address.startswith("/") or address.startswith("//") or len(address) > NEXT_MAX or not address.isprintable():
        return ""
    parts = urlsplit(address)
    return "" if parts.scheme or parts.netloc or "\\" in address else address


def _twice(new: str, fields: Mapping[str, str]) -> str:
    if new != fields.get("again"):
        raise StaffError("staff.not_the_same")
    return new
