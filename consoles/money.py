"""The page of money: what terminals told of it, what staff want done there, and a day of it as the hall's journal has it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import Response

from consoles import export, route, till
from consoles.live import Live
from consoles.page import NotReadyError, Pages, Reader
from consoles.press import Presses
from consoles.route import Asked, Kind, Route
from consoles.staff.role import Act
from consoles.staff.session import Session
from consoles.stream import Fragment
from contract import messages as m
from contract.errors import ContractError
from contract.hall import Hall
from runtime.asker import Answer, new_id

PER_PAGE = 40
TRIES = 3
"""How often a whole day is asked for anew because payments came in between."""


class UnansweredError(Exception):
    """The hall did not answer, or the day changed faster than it could be read."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The day that is looked at, and from which payment on."""

    day: date
    skip: int = 0


class Money:
    """The pages `/money…`."""

    def __init__(self, live: Live, pages: Pages, presses: Presses) -> None:
        self._live, self._pages, self._presses = live, pages, presses

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/money", self._show, Act.MONEY),
            Route("POST", "/money/sure", self._sure, Act.SETTLE),
            Route("GET", "/money/back", self._back, Act.SETTLE),
            Route("POST", "/money/press", self._press, Act.SETTLE),
            Route("GET", "/money/day", self._show_day, Act.MONEY),
            Route("GET", "/money/payments.csv", self._payments, Act.MONEY, Kind.DATA),
            Route("GET", "/money/balances.csv", self._balances, Act.MONEY, Kind.DATA),
            Route("GET", "/events/money", self._events, Act.MONEY, Kind.DATA),
            Route("GET", "/events/money/day", self._day_events, Act.MONEY, Kind.DATA),
        )

    async def _show(self, asked: Asked) -> Response:
        return route.page(self.page(asked.reader, asked.me, whole=True))

    async def _sure(self, asked: Asked) -> Response:
        return route.page(self.sure(asked.at("/money"), asked.me, await asked.form()))

    async def _back(self, asked: Asked) -> Response:
        return route.page(await self.back(asked.at("/money"), asked.me, asked.query))

    async def _press(self, asked: Asked) -> Response:
        fields = await asked.form()
        return route.away(asked, await self.press(asked.reader, asked.me, fields, route.key(fields)))

    async def _show_day(self, asked: Asked) -> Response:
        return route.page(await self.day(asked.reader, asked.me, asked.query))

    async def _payments(self, asked: Asked) -> Response:
        name = export.named(self._told()[1], "payments.csv")
        return route.file(name, "text/csv", await self.payments_table(asked.query))

    async def _balances(self, asked: Asked) -> Response:
        name = export.named(self._told()[1], "balances.csv")
        return route.file(name, "text/csv", await self.balances_table(asked.query))

    async def _events(self, asked: Asked) -> Response:
        reader = asked.at("/money")

        def render() -> Fragment | None:
            session = asked.still()
            return (self._live.mark, self.page(reader, session, whole=False)) if session is not None else None

        return route.live(self._live.pulse, render)

    async def _day_events(self, asked: Asked) -> Response:
        return route.live(self._live.pulse, self.day_stream(asked.at("/money/day"), asked.still, asked.query))

    def page(self, reader: Reader, session: Session, *, whole: bool) -> str:
        """What every terminal has: the page, or the part that changes. Raises: NotReadyError."""
        return self._draw("money.html" if whole else "money_live.html", reader, session)

    def sure(self, reader: Reader, session: Session, fields: Mapping[str, str]) -> str:
        """The second step of a decision, a count, or the end of a day. Raises: NotReadyError; ContractError: a field is wrong."""
        view, _ = self._told()
        match fields.get("button", "decide"):
            case "count":
                return self._draw("money_count.html", reader, session, count=till.count(view, fields))
            case "cards" | "shift" as what:
                return self._draw("money_close.html", reader, session, what=what, dev=fields.get("dev", ""))
        chosen = till.choice(view, fields)
        if chosen is None:
            return self._draw("money_sure.html", reader, session, payment=None, state=None, why="", wish=None)
        return self._draw(
            "money_sure.html", reader, session, payment=chosen.payment, state=chosen.state, why=chosen.why, wish=None
        )

    async def back(self, reader: Reader, session: Session, query: Mapping[str, str]) -> str:
        """Asks once more, and for a reason, before a payment is given back. Raises: as `day`."""
        wish, name = self._wish(query), query.get("payment", "")
        answer = await self._live.ask(_question(wish.day, dev=query.get("dev", ""), payment=name))
        found = answer.payments if isinstance(answer, m.Payments) else ()
        payment = next((p for p in found if p.payment == name), None)
        return self._draw("money_sure.html", reader, session, payment=payment, state=None, why="", wish=wish)

    async def press(self, reader: Reader, session: Session, fields: Mapping[str, str], key: str) -> str:
        """Do what a button asks; `key` is its id. Returns the address where what came of it is shown.

        Raises: NotReadyError; ContractError: no such button, or a field is wrong.
        """
        view, _ = self._told()
        name, lang = fields.get("button", ""), self._pages.language(reader.wanted)
        command = till.command(name, key, {**fields, "lang": lang}, session.who)
        desk, before = _desk(session), till.mark(view)
        about = [fields.get(word, "") for word in ("payment", "cassette", "device", "batch")]
        self._presses.begin(desk, " ".join(filter(None, (name, command.dev, *about))), key, before)
        answer = await self._live.ask(command)
        # What was granted is told as long as nothing came of it; a refusal where it is read.
        self._presses.end(desk, key, answer, before if isinstance(answer, m.Done) else till.mark(self._told()[0]))
        self._live.pulse.beat()
        if name != "reverse":
            return self._pages.address("/money", reader.wanted)
        wish = self._wish(fields)
        return self._pages.address("/money/day", reader.wanted, day=wish.day, skip=wish.skip)

    async def day(self, reader: Reader, session: Session, query: Mapping[str, str]) -> str:
        """The payments of a day. Raises: NotReadyError; ContractError: the day is none."""
        wish = self._wish(query)
        return self._day("money_day.html", reader, session, wish, await self._live.ask(_question(wish.day, wish.skip)))

    def day_stream(
        self, reader: Reader, still: Callable[[], Session | None], query: Mapping[str, str]
    ) -> Callable[[], Awaitable[Fragment | None]]:
        """Draws the part of `day` that changes; asked anew where the hall's sums are others. `still`: None ends it."""
        wish = self._wish(query)
        seen: tuple[m.DeskMoney, ...] = ()
        told: Answer | None = None

        async def render() -> Fragment | None:
            nonlocal seen, told
            session, (view, _) = still(), self._told()
            if session is None:
                return None
            if not isinstance(told, m.Payments) or view.money != seen:
                seen, told = view.money, await self._live.ask(_question(wish.day, wish.skip))
            return self._live.mark, self._day("money_day_live.html", reader, session, wish, told)

        return render

    async def payments_table(self, query: Mapping[str, str]) -> str:
        """The payments of a whole day as CSV. Raises: as `day`; UnansweredError."""
        _, hall = self._told()
        day = self._wish(query).day
        for _ in range(TRIES):
            found = await self._whole(day)
            if found is not None:
                return till.payment_table(found, hall)
        raise UnansweredError

    async def balances_table(self, query: Mapping[str, str]) -> str:
        """The balances of a day as CSV. Raises: as `payments_table`."""
        _, hall = self._told()
        return till.balance_table((await self._piece(self._wish(query).day, 0)).balances, hall)

    async def _whole(self, day: date) -> list[m.DeskPayment] | None:
        """All payments of a day; None: their number changed while it was read."""
        piece = await self._piece(day, 0)
        found, total = list(piece.payments), piece.total
        while len(found) < total and piece.payments:
            piece = await self._piece(day, len(found))
            found += piece.payments
            if piece.total != total:
                return None
        return found

    async def _piece(self, day: date, skip: int) -> m.Payments:
        answer = await self._live.ask(_question(day, skip))
        if not isinstance(answer, m.Payments):
            raise UnansweredError
        return answer

    def _day(self, template: str, reader: Reader, session: Session, wish: Wish, told: Answer) -> str:
        listed = told if isinstance(told, m.Payments) else None
        return self._draw(template, reader, session, wish=wish, listed=listed, per_page=PER_PAGE)

    def _draw(self, template: str, reader: Reader, session: Session, **more: object) -> str:
        view, _ = self._told()
        desk, mark = _desk(session), till.mark(view)
        said = self._presses.said(desk, mark)
        key = lambda name: self._presses.key(desk, name, mark)  # noqa: E731 - the template asks by name
        return self._pages.money(template, reader, said=said, key=key, session=session, today=self._today(), **more)

    def _today(self) -> date:
        view, hall = self._told()
        return hall.local(self._live.now or view.now).date()

    def _wish(self, fields: Mapping[str, str]) -> Wish:
        try:
            day = date.fromisoformat(fields["day"]) if fields.get("day") else self._today()
            return Wish(day, min(max(0, int(fields.get("skip") or 0)), m.MAX_COUNT))
        except ValueError:
            raise ContractError("day or skip: not one that the page offers") from None

    def _told(self) -> tuple[m.ConsolesView, Hall]:
        if self._live.view is None or self._live.hall is None:
            raise NotReadyError
        return self._live.view, self._live.hall


def _desk(session: Session) -> str:
    return f"{session.key}/money"


def _question(day: date, skip: int = 0, **only: str) -> m.MoneyDay:
    try:
        return m.MoneyDay.model_validate({"id": new_id(), "day": day, "skip": skip, **only})
    except ValueError:
        raise ContractError("no page of ours asks for such a payment") from None
