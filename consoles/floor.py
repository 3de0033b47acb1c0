"""The live hall: looking at it, its buttons, closing it, the message to visitors, why a ticket waits."""

from __future__ import annotations

from fastapi import Response

from consoles import button, notice, route, stream
from consoles.asking import Asking
from consoles.page import NotReadyError, Pages
from consoles.route import Asked, Kind, Route
from consoles.staff.role import Act
from contract import messages as m
from contract.errors import ContractError
from runtime.asker import new_id

LABEL_LETTERS = 16


class Floor:
    """The pages `/hall…` and `/why`."""

    def __init__(self, asking: Asking, pages: Pages) -> None:
        self._asking, self._pages = asking, pages
        self._live = asking.live

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/hall", self._hall, Act.SEE),
            Route("GET", "/events/hall", self._events, Act.SEE, Kind.DATA),
            Route("POST", "/hall/press", self._press, Act.SEE),
            Route("GET", "/hall/close", self._close, Act.LEAD),
            Route("GET", "/events/hall/close", self._close_events, Act.LEAD, Kind.DATA),
            Route("GET", "/hall/notice", self._notice, Act.LEAD),
            Route("POST", "/hall/notice/press", self._notice_press, Act.LEAD),
            Route("GET", "/why", self._why, Act.RECEIVE),
        )

    async def _hall(self, asked: Asked) -> Response:
        """The live hall."""
        return route.page(self._pages.hall(asked.reader, asked.me, whole=True))

    async def _events(self, asked: Asked) -> Response:
        """The hall page, again after every change."""
        reader = asked.at("/hall")

        def render() -> stream.Fragment | None:
            session = asked.still()
            return (self._live.mark, self._pages.hall(reader, session, whole=False)) if session is not None else None

        return route.live(self._live.pulse, render)

    async def _press(self, asked: Asked) -> Response:
        """A button of the hall page."""
        fields, me, reader = await asked.form(), asked.me, asked.at("/hall")
        name, what = fields.get("button", ""), fields.get("dev", "") or fields.get("recommendation", "")
        if name == "alarm_end":
            what = f"{fields.get('unit', '')} {fields.get('window', '')}"
        if button.hall_act(name) not in asked.acts:
            return route.page(self._pages.not_allowed(reader), 403)
        command = button.hall_command(name, route.key(fields), fields, me.who)
        await self._asking.press(f"{me.key}/hall", f"{name} {what}".strip(), command, self._mark)
        if asked.by_script:
            return route.page(self._pages.hall(reader, me, whole=False))
        return route.away(asked, self._pages.address("/hall", reader.wanted))

    async def _close(self, asked: Asked) -> Response:
        """Asks once more before the hall closes."""
        return route.page(self._pages.close_hall(asked.reader, asked.me, whole=True))

    async def _close_events(self, asked: Asked) -> Response:
        """The page that asks before closing, again after every change, so that its figures are those of now."""
        reader = asked.at("/hall/close")

        def render() -> stream.Fragment | None:
            session = asked.still()
            return (self._live.mark, self._pages.close_hall(reader, session, whole=False)) if session else None

        return route.live(self._live.pulse, render)

    async def _notice(self, asked: Asked) -> Response:
        """The manager's message to visitors: what stands on the boards, and the form for another."""
        return route.page(self._pages.notice(asked.reader, None, asked.query.get("message", "")))

    async def _notice_press(self, asked: Asked) -> Response:
        """Show or take away; the answer stands on the page that comes back. Sent again, it is done once."""
        fields = await asked.form()
        if self._live.hall is None or self._live.now is None:
            raise NotReadyError
        command = notice.command(route.key(fields), fields, self._live.hall, self._live.now, asked.me.who)
        answer = await self._live.ask(command)
        if isinstance(answer, m.Done):
            await self._live.settled(lambda view: notice.shown(view, command))
        return route.page(self._pages.notice(asked.at("/hall/notice"), answer))

    async def _why(self, asked: Asked) -> Response:
        """Why a ticket has not been called yet."""
        label = asked.query.get("label", "").strip().upper()[:LABEL_LETTERS]
        said = await self._live.ask(_explain(label)) if label else None
        return route.page(self._pages.why(asked.reader, asked.me, label, said))

    def _mark(self) -> str:
        return self._live.view.state.value if self._live.view is not None else ""


def _explain(label: str) -> m.TicketExplain:
    try:
        return m.TicketExplain(id=new_id(), label=label)
    except ValueError:
        raise ContractError("a ticket's number has no such letters") from None
