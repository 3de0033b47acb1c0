"""The administrator's pages: accounts, their roles, links, badges and sessions, and the tokens of programs."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta

from fastapi import Response

from consoles import route
from consoles.page import Pages
from consoles.route import Asked, Route
from consoles.staff.account import Account, StaffError
from consoles.staff.role import Act, StaffRole
from consoles.staff.staff import Staff
from consoles.staff.token import LIFE_DAYS_MAX
from contract.errors import ContractError
from runtime.asker import new_id

SCOPES = tuple(act for act in Act if act is not Act.STAFF)
"""What a program may be allowed: never to give roles to people."""
MOST_DONE = 200
TOKEN_NAME_MAX = 60


class Office:
    """The pages `/staff…`."""

    def __init__(self, pages: Pages, staff: Staff) -> None:
        self._pages, self._staff = pages, staff
        self._done: OrderedDict[str, None] = OrderedDict()

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/staff", self._list, Act.STAFF),
            Route("POST", "/staff/add", self._add, Act.STAFF),
            Route("POST", "/staff/end", self._end, Act.STAFF),
            Route("GET", "/staff/{account}", self._one, Act.STAFF),
            Route("POST", "/staff/{account}/press", self._press, Act.STAFF),
        )

    async def _list(self, asked: Asked) -> Response:
        """Everybody, who is signed in, and the form for one more."""
        return self._all(asked)

    async def _add(self, asked: Asked) -> Response:
        """One more account; its one-time password stands on the page that comes back, and nowhere else."""
        fields = await asked.form()
        if self._again(fields):
            return route.away(asked, self._pages.address("/staff", asked.reader.wanted))
        key, name = fields.get("account", "").strip().casefold(), fields.get("name", "")
        role, operator = _role(fields), fields.get("operator") or None
        try:
            told = await asyncio.to_thread(self._staff.accounts.add, key, name, role, operator)
        except StaffError as exc:
            return self._all(asked, exc.key, 409)
        asked.told.add("add", key, role)
        return self._page(asked, key, once=told)

    async def _end(self, asked: Asked) -> Response:
        """End anybody's session."""
        self._staff.sessions.end((await asked.form()).get("session", ""))
        return route.away(asked, self._pages.address("/staff", asked.reader.wanted))

    async def _one(self, asked: Asked) -> Response:
        """One account."""
        return self._page(asked, self._known(asked).id)

    async def _press(self, asked: Asked) -> Response:
        """A button of an account's page."""
        fields, account = await asked.form(), self._known(asked)
        if self._again(fields):
            return route.away(asked, self._pages.address(f"/staff/{account.id}", asked.reader.wanted))
        try:
            return await self._do(asked, account, fields)
        except StaffError as exc:
            return self._page(asked, account.id, note=exc.key, status=409)

    async def _do(self, asked: Asked, account: Account, fields: Mapping[str, str]) -> Response:
        accounts, sessions, once, secret = self._staff.accounts, self._staff.sessions, "", ""
        mine = tuple(name for name in (account.id, account.operator) if name)
        match fields.get("button", ""):
            case "role":
                asked.told.add(_role(fields))
                accounts.put(account.id, _role(fields), fields.get("operator") or None)
                if (fields.get("operator") or None) != account.operator:
                    sessions.end_of(*mine)
            case "disable":
                accounts.disable(account.id, disabled=True)
                sessions.end_of(*mine)
            case "enable":
                accounts.disable(account.id, disabled=False)
            case "password" if account.role is not StaffRole.SERVICE:
                once = await asyncio.to_thread(accounts.forget_password, account.id)
                self._staff.attempts.clear([f"account {account.id}"])
                sessions.end_of(account.id)
            case "badge":
                accounts.give_badge(account.id, fields.get("badge", ""))
            case "end":
                sessions.end_of(*mine)
            case "token" if account.role is StaffRole.SERVICE:
                secret = self._token(account, fields)
            case "revoke":
                key = fields.get("token", "")
                if any(one.id == key for one in self._staff.tokens.of(account.id)):
                    asked.told.add(key)
                    self._staff.tokens.revoke(key)
            case _:
                raise ContractError("no such button")
        return self._page(asked, account.id, once=once, secret=secret)

    def _token(self, account: Account, fields: Mapping[str, str]) -> str:
        name, days = " ".join(fields.get("name", "").split()), fields.get("days", "")
        scopes = {act for act in SCOPES if fields.get(f"scope.{act}") == "yes"}
        if not scopes or not 1 <= len(name) <= TOKEN_NAME_MAX or not name.isprintable():
            raise StaffError("staff.bad_token")
        if not days.isdecimal() or not 1 <= int(days) <= LIFE_DAYS_MAX:
            raise StaffError("staff.bad_days")
        secret, _ = self._staff.tokens.make(account.id, name, scopes, timedelta(days=int(days)))
        return secret

    def _all(self, asked: Asked, note: str = "", status: int = 200) -> Response:
        sessions = self._staff.sessions.all()
        html = self._pages.staff(
            "staff.html", asked.at("/staff"), accounts=self._staff.accounts.all(), sessions=sessions, roles=StaffRole,
            note=note, key=new_id, me=asked.me, name_of=self._staff.name,
        )  # fmt: skip
        return route.page(html, status)

    def _page(
        self, asked: Asked, key: str, *, note: str = "", once: str = "", secret: str = "", status: int = 200
    ) -> Response:
        html = self._pages.staff(
            "account.html", asked.at(f"/staff/{key}"), one=self._staff.accounts.get(key), note=note, once=once, secret=secret,
            tokens=self._staff.tokens.of(key), key=new_id, roles=StaffRole, scopes=SCOPES, days_max=LIFE_DAYS_MAX,
        )  # fmt: skip
        return route.page(html, status)

    def _known(self, asked: Asked) -> Account:
        account = self._staff.accounts.get(asked.named("account"))
        if account is None:
            raise ContractError("there is no such account")
        return account

    def _again(self, fields: Mapping[str, str]) -> bool:
        """Whether this very form was sent before: a secret is told once."""
        key = route.key(fields)
        if key in self._done:
            return True
        self._done[key] = None
        if len(self._done) > MOST_DONE:
            self._done.popitem(last=False)
        return False


def _role(fields: Mapping[str, str]) -> StaffRole:
    try:
        return StaffRole(fields.get("role", ""))
    except ValueError:
        raise ContractError("there is no such role") from None
