"""The operator's window in a browser: choosing it, signing in with a PIN, the panel and its buttons, ID cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import Response
from fastapi.responses import HTMLResponse

from consoles import button, route, show, stream
from consoles.asking import Asking
from consoles.attempt import Attempts
from consoles.card import Cards
from consoles.door import COOKIE
from consoles.page import NotReadyError, Pages, Reader
from consoles.route import Asked, Kind, Route
from consoles.staff.role import Act
from consoles.staff.session import LIFE_S, Session, Sessions
from contract import messages as m
from contract.errors import ContractError
from contract.words import Refusal
from runtime.asker import new_id


class Desk:
    """The pages `/` and `/window/…`. `secure`: the consoles speak HTTPS, so the cookie travels by nothing else."""

    def __init__(
        self,
        asking: Asking,
        pages: Pages,
        cards: Cards,
        sessions: Sessions,
        *,
        secure: bool,
        monotonic: Callable[[], float],
    ) -> None:
        self._asking, self._pages, self._cards, self._sessions = asking, pages, cards, sessions
        self._secure, self._monotonic = secure, monotonic
        self._live, self._attempts = asking.live, Attempts()

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        window = "/window/{window}"
        return (
            Route("GET", "/", self._choose, None),
            Route("GET", window, self._panel, None),
            Route("POST", f"{window}/sign-in", self._sign_in, None),
            Route("POST", f"{window}/press", self._press, Act.SERVE, window=True),
            Route("GET", f"{window}/card", self._card, Act.SERVE, window=True),
            Route("POST", f"{window}/card", self._card_press, Act.SERVE, window=True),
            Route("GET", f"/events{window}", self._events, Act.SERVE, Kind.DATA, window=True),
        )

    async def _choose(self, asked: Asked) -> Response:
        """Choose a window."""
        return route.page(self._pages.choose(asked.reader))

    async def _panel(self, asked: Asked) -> Response:
        """The panel of a window, or its sign-in."""
        window, session = self._known(asked), asked.session
        if session is None or session.window != window or not self._pages.signed_in(session):
            chosen = session.operator if session is not None and session.window == window else ""
            return route.page(self._pages.sign_in(asked.reader, window, chosen=chosen))
        return route.page(self._pages.panel(asked.reader, session, whole=True))

    async def _events(self, asked: Asked) -> Response:
        """The panel, again after every change."""
        reader = asked.at(f"/window/{self._known(asked)}")

        def render() -> stream.Fragment | None:
            session = asked.still()
            return (self._live.mark, self._pages.panel(reader, session, whole=False)) if session is not None else None

        return route.live(self._live.pulse, render)

    async def _press(self, asked: Asked) -> Response:
        """A button of the panel."""
        window, me, fields = self._known(asked), asked.me, await asked.form()
        reader, name = asked.at(f"/window/{window}"), fields.get("button", "")
        command = button.window_command(name, route.key(fields), window, me.operator, fields)
        said = f"{name} {fields.get('ticket', '')}".strip()
        answer = await self._asking.press(f"{me.key}/window", said, command, lambda: self._mark(window))
        if name == "logout" and isinstance(answer, m.Done):
            return self._left(asked, me)
        return self._back(asked, reader)

    # --- signing in -----------------------------------------------------------------------------------------------------

    async def _sign_in(self, asked: Asked) -> Response:
        """An operator sits down: the coordinator checks the PIN, which goes nowhere else and is not kept."""
        window, fields = self._known(asked), await asked.form()
        reader, operator, pin = asked.at(f"/window/{window}"), fields.get("operator", ""), fields.get("pin", "")
        names = (f"window {window}", f"operator {operator}")
        wait_s = max(self._attempts.wait_s(name, self._monotonic()) for name in names)
        if wait_s > 0:
            page = self._pages.sign_in(reader, window, chosen=operator, note="error.try_later", wait_s=wait_s)
            return HTMLResponse(page, 429, headers={"Retry-After": str(int(wait_s + 1))})
        for name in names:
            self._attempts.begin(name, self._monotonic())
        answer = await self._live.ask(_login(window, operator, pin))
        if isinstance(answer, m.Done):
            return await self._signed_in(asked, reader, window, operator, names)
        wrong = isinstance(answer, m.Refused) and answer.code is Refusal.WRONG_PIN
        if not wrong:
            for name in names:
                self._attempts.undo(name)
        note = f"refusal.{answer.code.value}" if isinstance(answer, m.Refused) else "operator.no_answer"
        return route.page(self._pages.sign_in(reader, window, chosen=operator, note=note), 403)

    async def _signed_in(
        self, asked: Asked, reader: Reader, window: str, operator: str, names: tuple[str, ...]
    ) -> Response:
        for name in names:
            self._attempts.right(name)
        if (before := asked.session) is not None:
            self._cards.forget(before)
            self._sessions.end(before)
        secret = self._sessions.begin(window, operator)
        await self._live.settled(lambda view: any(w.window == window and w.operator == operator for w in view.windows))
        response = route.away(asked, self._pages.address(reader.path, reader.wanted))
        response.set_cookie(COOKIE, secret, max_age=LIFE_S, httponly=True, samesite="strict", secure=self._secure)
        return response

    def _left(self, asked: Asked, session: Session) -> Response:
        self._cards.forget(session)
        self._sessions.end(session)
        response = route.away(asked, self._pages.address("/", asked.reader.wanted))
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self._secure)
        return response

    # --- ID cards -------------------------------------------------------------------------------------------------------

    async def _card(self, asked: Asked) -> Response:
        """What to say to the visitor, what is read, and what opens the card: before it is touched."""
        self._known(asked)
        return route.page(self._pages.card(asked.reader, asked.me))

    async def _card_press(self, asked: Asked) -> Response:
        """The visitor agrees: read; or: forget what was read. What was typed is in no page that comes back."""
        window, me, fields = self._known(asked), asked.me, await asked.form()
        reader, note = asked.at(f"/window/{window}"), ""
        if fields.get("button") == "forget":
            self._cards.forget(me)
        else:
            note = await self._read_card(me, reader, route.key(fields), fields)
        self._live.pulse.beat()
        return route.page(self._pages.card(asked.reader, me, note=note), 409) if note else self._back(asked, reader)

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

    def _back(self, asked: Asked, reader: Reader) -> Response:
        """The panel as it is now: its part where the script asked, else the page anew."""
        if asked.by_script:
            return route.page(self._pages.panel(reader, asked.me, whole=False))
        return route.away(asked, self._pages.address(reader.path, reader.wanted))

    def _known(self, asked: Asked) -> str:
        """The window that the address names. Raises: ContractError: the hall has none such. NotReadyError: it has told nothing yet."""
        window = asked.named("window")
        if self._live.view is None or self._live.hall is None:
            raise NotReadyError
        if self._live.window(window) is None:
            raise ContractError(f"there is no window {window[:32]!r}")
        return window

    def _mark(self, window: str) -> str:
        return show.mark(self._live.window(window))


def _login(window: str, operator: str, pin: str) -> m.WindowLogin:
    # Always a new id: signing in twice is harmless, and a wrong PIN's answer must not be given to the right one.
    try:
        return m.WindowLogin(id=new_id(), window=window, operator=operator, pin=pin)
    except ValueError:
        raise ContractError("operator and PIN are needed") from None  # without its cause: that one shows the PIN
