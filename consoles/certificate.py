"""The page that finds a terminal's certificate by its number: where and when it was printed, never for whom."""

from __future__ import annotations

from fastapi import Response

from consoles import route
from consoles.live import Live
from consoles.page import Pages
from consoles.route import Asked, Route
from consoles.staff.role import Act
from contract import messages as m
from contract.errors import ContractError
from runtime.asker import new_id

DIGITS = 10


class Certificates:
    """The page `/certificate`."""

    def __init__(self, live: Live, pages: Pages) -> None:
        self._live, self._pages = live, pages

    def routes(self) -> tuple[Route, ...]:
        """Its address."""
        return (Route("GET", "/certificate", self._show, Act.RECEIVE),)

    async def _show(self, asked: Asked) -> Response:
        number = "".join(asked.query.get("number", "").split())
        said = await self._live.ask(_find(number)) if number else None
        return route.page(self._pages.certificate(asked.reader, number[:DIGITS], said))


def _find(number: str) -> m.CertificateFind:
    if not (number.isascii() and number.isdecimal() and len(number) == DIGITS):
        raise ContractError(f"a certificate's number has {DIGITS} digits")
    return m.CertificateFind(id=new_id(), number=number)
