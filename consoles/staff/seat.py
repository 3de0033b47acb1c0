"""Sitting down at a window: by a PIN, by a badge, or as who has signed in by a password already. The hall lets in or refuses."""

from __future__ import annotations

from fastapi import Response

from consoles import route
from consoles.card import Cards
from consoles.live import Live
from consoles.page import Pages
from consoles.route import Asked, Route
from consoles.staff.cookie import COOKIE, Cookie
from consoles.staff.role import Act
from consoles.staff.staff import Staff
from contract import messages as m
from contract.errors import ContractError
from contract.words import Refusal
from runtime.asker import Answer, new_id


class Seat:
    """The addresses `/window/…/sign-in`, `/badge` and `/sit`, and the page that leads there."""

    def __init__(self, live: Live, pages: Pages, staff: Staff, cards: Cards, cookie: Cookie) -> None:
        self._live, self._pages, self._staff, self._cards, self._cookie = live, pages, staff, cards, cookie
        self._attempts = staff.attempts

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        window = "/window/{window}"
        return (
            Route("POST", f"{window}/sign-in", self._pin, None),
            Route("POST", f"{window}/badge", self._badge, None),
            Route("POST", f"{window}/sit", self._sit, Act.SERVE),
        )

    def page(
        self, asked: Asked, window: str, *, chosen: str = "", note: str = "", wait_s: float = 0.0, status: int = 200
    ) -> Response:
        """How to sit down at `window`. `note`: the key of why it did not work; `wait_s`: seconds until the next try."""
        mine = self._mine(asked)
        ended = self._staff.sessions.ended(asked.request.cookies.get(COOKIE, ""))
        html = self._pages.seat(
            asked.at(f"/window/{window}"), window, chosen=chosen, wait_s=int(wait_s + 1), mine=mine,
            note=note or (f"staff.session_{ended}" if ended else ""), pin_too=self._with_pin(),
            badges=any(account.badge for account in self._staff.accounts.all()),
        )  # fmt: skip
        return route.page(html, status)

    def left(self, asked: Asked) -> Response:
        """Back to the windows, signed in no more."""
        if asked.session is not None:
            self._cards.forget(asked.session)
            self._staff.sessions.leave(asked.session)
        return self._cookie.take(route.away(asked, self._pages.address("/", asked.reader.wanted)))

    async def _pin(self, asked: Asked) -> Response:
        """The coordinator checks the PIN, which goes nowhere else and is not kept."""
        window, fields = self._pages.known(asked.named("window")), await asked.form()
        operator, pin = fields.get("operator", ""), fields.get("pin", "")
        return await self._try(asked, _login(window, operator, pin=pin))

    async def _badge(self, asked: Asked) -> Response:
        """Whose badge it is, the consoles know; where the hall wants a PIN too, the coordinator checks that."""
        window, fields = self._pages.known(asked.named("window")), await asked.form()
        names = self._attempts.names(asked, f"badges at {window}")
        if (wait_s := self._attempts.wait_s(names)) > 0:
            return self._later(asked, window, "", wait_s)
        account = self._staff.accounts.badge(fields.get("badge", ""))
        if account is None or account.operator is None:
            self._attempts.begin(names)
            return self.page(asked, window, note="staff.badge_unknown", status=403)
        if self._with_pin():
            login = _login(window, account.operator, pin=fields.get("pin", ""))
        else:
            login = _login(window, account.operator, by=account.id)
        return await self._try(asked, login)

    async def _sit(self, asked: Asked) -> Response:
        """Who signed in by a password needs no PIN: the consoles' word is taken for it."""
        window, me, mine = self._pages.known(asked.named("window")), asked.me, self._mine(asked)
        if mine is None:
            return self.page(asked, window, note="staff.no_operator", status=403)
        answer = await self._live.ask(_login(window, mine, by=me.account))
        if not isinstance(answer, m.Done):
            return self.page(asked, window, note=_note(answer), status=403)
        self._cards.forget(me)
        self._staff.sessions.sit(me, window, mine)
        await self._shown(window, mine)
        return route.away(asked, self._pages.address(f"/window/{window}", asked.reader.wanted))

    async def _try(self, asked: Asked, login: m.WindowLogin) -> Response:
        window, operator = str(login.window), str(login.operator)
        names = self._attempts.names(asked, f"operator {operator}")
        if (wait_s := self._attempts.wait_s(names)) > 0:
            return self._later(asked, window, operator, wait_s)
        linked = self._staff.accounts.linked(operator)
        if linked is not None and linked.disabled:
            return self.page(asked, window, chosen=operator, note="staff.disabled", status=403)
        self._attempts.begin(names)
        answer = await self._live.ask(login)
        if isinstance(answer, m.Done):
            return await self._in(asked, window, operator, names)
        if not (isinstance(answer, m.Refused) and answer.code is Refusal.WRONG_PIN):
            self._attempts.undo(names)
        return self.page(asked, window, chosen=operator, note=_note(answer), status=403)

    async def _in(self, asked: Asked, window: str, operator: str, names: tuple[str, ...]) -> Response:
        self._attempts.right(names)
        if (before := asked.session) is not None:
            self._cards.forget(before)
            self._staff.sessions.leave(before)
        secret = self._staff.sessions.begin(operator, window=window, operator=operator)
        asked.told.who = operator
        await self._shown(window, operator)
        response = route.away(asked, self._pages.address(f"/window/{window}", asked.reader.wanted))
        self._cookie.know(response, self._attempts.let_in(asked, f"operator {operator}"))
        return self._cookie.give(response, secret)

    async def _shown(self, window: str, operator: str) -> None:
        await self._live.settled(lambda view: any(w.window == window and w.operator == operator for w in view.windows))

    def _later(self, asked: Asked, window: str, chosen: str, wait_s: float) -> Response:
        response = self.page(asked, window, chosen=chosen, note="error.try_later", wait_s=wait_s, status=429)
        response.headers["Retry-After"] = str(int(wait_s + 1))
        return response

    def _mine(self, asked: Asked) -> str | None:
        """Who of the hall document has signed in by a password; None: nobody, or nobody of it."""
        account = self._staff.accounts.get(asked.session.account or "") if asked.session is not None else None
        return account.operator if account is not None and Act.SERVE in asked.acts else None

    def _with_pin(self) -> bool:
        return bool(self._live.hall is not None and self._live.hall.rule("operator.badge_pin"))


def _note(answer: Answer) -> str:
    return f"refusal.{answer.code.value}" if isinstance(answer, m.Refused) else "operator.no_answer"


def _login(window: str, operator: str, *, pin: str | None = None, by: str | None = None) -> m.WindowLogin:
    # Always a new id: signing in twice is harmless, and a wrong PIN's answer must not be given to the right one.
    try:
        return m.WindowLogin(id=new_id(), window=window, operator=operator, pin=pin, by=by)
    except ValueError:
        raise ContractError("operator and PIN are needed") from None  # without its cause: that one shows the PIN
