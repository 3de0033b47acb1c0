"""The operator's window in a browser: choosing it, the panel and its buttons, ID cards."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response

from consoles import button, route, show, stream
from consoles.asking import Asking
from consoles.card import Cards
from consoles.page import Pages, Reader
from consoles.route import Asked, Kind, Route
from consoles.staff.role import Act
from consoles.staff.seat import Seat
from consoles.staff.session import Session
from contract import messages as m
from runtime.asker import new_id


class Desk:
    """The pages `/` and `/window/…`."""

    def __init__(self, asking: Asking, pages: Pages, cards: Cards, seat: Seat) -> None:
        self._asking, self._pages, self._cards, self._seat = asking, pages, cards, seat
        self._live = asking.live

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        window = "/window/{window}"
        return (
            Route("GET", "/", self._choose, None),
            Route("GET", window, self._panel, None),
            Route("POST", f"{window}/press", self._press, Act.SERVE, window=True),
            Route("GET", f"{window}/day", self._day, Act.SERVE, window=True),
            Route("GET", f"{window}/card", self._card, Act.SERVE, window=True),
            Route("POST", f"{window}/card", self._card_press, Act.SERVE, window=True),
            Route("GET", f"/events{window}", self._events, Act.SERVE, Kind.DATA, window=True),
        )

    async def _choose(self, asked: Asked) -> Response:
        """Choose a window."""
        return route.page(self._pages.choose(asked.reader))

    async def _panel(self, asked: Asked) -> Response:
        """The panel of a window, or its sign-in."""
        window, session = self._pages.known(asked.named("window")), asked.session
        if session is None or session.window != window or not self._pages.signed_in(session):
            chosen = session.operator if session is not None and session.window == window else ""
            return self._seat.page(asked, window, chosen=chosen)
        return route.page(self._pages.panel(asked.reader, session, whole=True))

    async def _events(self, asked: Asked) -> Response:
        """The panel, again after every change."""
        reader = asked.at(f"/window/{self._pages.known(asked.named('window'))}")

        def render() -> stream.Fragment | None:
            session = asked.still()
            return (self._live.mark, self._pages.panel(reader, session, whole=False)) if session is not None else None

        return route.live(self._live.pulse, render)

    async def _press(self, asked: Asked) -> Response:
        """A button of the panel."""
        window, me, fields = self._pages.known(asked.named("window")), asked.me, await asked.form()
        reader, name = asked.at(f"/window/{window}"), fields.get("button", "")
        command = button.window_command(name, route.key(fields), window, me.operator, fields)
        said = button.said(name, fields)
        answer = await self._asking.press(f"{me.key}/window", said, command, lambda: self._mark(window))
        if name == "logout" and isinstance(answer, m.Done):
            return self._seat.left(asked)
        return self._back(asked, reader)

    async def _day(self, asked: Asked) -> Response:
        """The operator's own figures of today; a page of an operator that the hall does not have there says so."""
        window = self._pages.known(asked.named("window"))
        said = await self._live.ask(m.OperatorDay(id=new_id(), window=window, operator=asked.me.operator))
        return route.page(self._pages.day(asked.reader, asked.me, said))

    # --- ID cards -------------------------------------------------------------------------------------------------------

    async def _card(self, asked: Asked) -> Response:
        """What to say to the visitor, what is read, and what opens the card: before it is touched."""
        self._pages.known(asked.named("window"))
        return route.page(self._pages.card(asked.reader, asked.me))

    async def _card_press(self, asked: Asked) -> Response:
        """The visitor agrees: read; or: forget what was read. What was typed is in no page that comes back."""
        window, me, fields = self._pages.known(asked.named("window")), asked.me, await asked.form()
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

    def _mark(self, window: str) -> str:
        return show.mark(self._live.window(window))
