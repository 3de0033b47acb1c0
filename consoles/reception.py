"""The bookings of a day for the reception: what the page asks of the hall, and what its buttons become.

Nothing is kept here: a page is drawn from the hall's answers, and nobody's number is in an address, a page or a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import Response

from consoles import route
from consoles.live import Live
from consoles.page import NotReadyError, Pages, Reader
from consoles.route import Asked, Route
from consoles.staff.role import Act
from contract import messages as m
from contract.errors import ContractError
from contract.hall import Hall
from runtime.asker import Answer, new_id

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page is to show: a day, from which booking on, free times for `services`; `move`: the code they are for."""

    day: date
    skip: int = 0
    services: tuple[str, ...] = ()
    move: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a button: its name and the hall's answer."""

    button: str
    answer: Answer


class Reception:
    """The page `/bookings`."""

    def __init__(self, live: Live, pages: Pages) -> None:
        self._live, self._pages = live, pages

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/bookings", self._show, Act.RECEIVE),
            Route("POST", "/bookings/press", self._press, Act.RECEIVE),
        )

    async def _show(self, asked: Asked) -> Response:
        return route.page(await self.page(asked.reader, asked.query))

    async def _press(self, asked: Asked) -> Response:
        """The answer stands on the page that comes back. Sent again, it is done once."""
        fields = await asked.form()
        said = await self.press(fields, route.key(fields), asked.me.who)
        shown = {name: fields.get(name, "") for name in ("day", "skip")}
        return route.page(await self.page(asked.at("/bookings"), shown, said))

    async def page(self, reader: Reader, fields: Mapping[str, str], said: Said | None = None) -> str:
        """The page for the fields of its address or form. Raises: NotReadyError; ContractError: a field is wrong."""
        hall = self._hall()
        wish = self._wish(hall, fields)
        listed = await self._live.ask(m.BookingDay(id=new_id(), day=wish.day, skip=wish.skip))
        free = await self._free(wish)
        return self._pages.bookings(
            reader,
            wish=wish,
            listed=listed if isinstance(listed, m.Bookings) else None,
            free=free,
            said=said,
            key=new_id,
            per_page=PER_PAGE,
            link=self._pages.address,
            today=hall.local(self._live.now).date() if self._live.now is not None else wish.day,
        )

    async def press(self, fields: Mapping[str, str], key: str, who: str) -> Said:
        """Do what `who` asks by a button; `key` is its id. Raises: NotReadyError; ContractError: no such button, or a field is wrong."""
        name = fields.get("button", "")
        return Said(name, await self._live.ask(_command(name, key, fields, self._hall(), who)))

    async def _free(self, wish: Wish) -> m.Slots | m.Refused | None:
        """The free times wished for; None: none are, or the hall does not answer."""
        if not wish.services:
            return None
        service, *then = wish.services
        answer = await self._live.ask(m.BookingSlots(id=new_id(), service=service, then=tuple(then), day=wish.day))
        return answer if isinstance(answer, m.Slots | m.Refused) else None

    def _hall(self) -> Hall:
        if self._live.hall is None:
            raise NotReadyError
        return self._live.hall

    def _wish(self, hall: Hall, fields: Mapping[str, str]) -> Wish:
        today = hall.local(self._live.now).date() if self._live.now is not None else date.min
        services = tuple(name for name in fields.get("services", "").split() if name in hall.service_by_id)
        try:
            day = date.fromisoformat(fields["day"]) if fields.get("day") else today
            return Wish(day, max(0, int(fields.get("skip") or 0)), services, fields.get("move", ""))
        except ValueError:
            raise ContractError("day or skip: not one that the page offers") from None


def _command(name: str, key: str, fields: Mapping[str, str], hall: Hall, who: str) -> m.Command:
    code = fields.get("code", "")
    try:
        match name:
            case "book":
                return _booking(key, fields, hall, who)
            case "move":
                return m.BookingMove(id=key, code=code, start=_start(fields), operator=who)
            case "cancel":
                return m.BookingCancel(id=key, code=code, operator=who)
            case "check_in":
                lang = hall.default_language
                return m.BookingCheckIn(id=key, code=code, lang=lang, paper=False, operator=who)
            case _:
                raise ContractError(f"there is no button {name[:32]!r}")
    except ValueError as exc:
        if isinstance(exc, ContractError):
            raise
        raise ContractError(f"button {name!r}: a field is wrong") from None  # its cause may show the person's number


def _booking(key: str, fields: Mapping[str, str], hall: Hall, who: str) -> m.BookingBook:
    service, *then = fields.get("services", "").split() or [""]
    return m.BookingBook(
        id=key,
        service=service,
        then=tuple(then),
        start=_start(fields),
        lang=fields.get("spoken") or hall.default_language,
        priority_group=fields.get("priority") or None,
        person=fields.get("person", "").strip() or None,
        company=fields.get("company") == "yes",
        operator=who,
    )


def _start(fields: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(fields.get("start", ""))
