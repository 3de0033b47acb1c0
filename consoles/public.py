"""What anybody may see: the boards for screens that are browsers, and what pages are drawn with."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Response
from fastapi.responses import PlainTextResponse

from consoles import route, stream
from consoles.live import Live
from consoles.page import Pages
from consoles.route import Asked, Kind, Route
from look import icons
from look.css import css

_DAY = {"Cache-Control": "public, max-age=86400"}


class Public:
    """The pages `/board/…` and the style sheets."""

    def __init__(self, live: Live, pages: Pages, monotonic: Callable[[], float]) -> None:
        self._live, self._pages, self._monotonic = live, pages, monotonic

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/board/{zone}", self._board, None),
            Route("GET", "/events/board/{zone}", self._events, None, Kind.DATA),
            Route("GET", "/look/board.css", self._board_css, None, Kind.DATA),
            Route("GET", "/look/tokens.css", self._tokens, None, Kind.DATA),
            Route("GET", "/look/logo.svg", self._logo, None, Kind.DATA),
        )

    async def _board(self, asked: Asked) -> Response:
        """A zone's board."""
        page = self._drawn(asked, whole=True)
        return route.page(page) if page is not None else PlainTextResponse("there is no such zone\n", 404)

    async def _events(self, asked: Asked) -> Response:
        """A zone's board, again after every change."""
        if self._drawn(asked, whole=False) is None:
            return PlainTextResponse("there is no such zone\n", 404)

        def render() -> stream.Fragment | None:
            page = self._drawn(asked, whole=False)
            return (self._live.mark, page) if page is not None else None

        return route.live(self._live.pulse, render)

    def _drawn(self, asked: Asked, *, whole: bool) -> str | None:
        return self._pages.board(asked.named("zone"), asked.reader.wanted, self._monotonic(), whole=whole)

    async def _board_css(self, _asked: Asked) -> Response:
        return Response(self._pages.board_css(), media_type="text/css", headers=_DAY)

    async def _tokens(self, _asked: Asked) -> Response:
        return Response(css(fonts_url="fonts"), media_type="text/css", headers=_DAY)

    async def _logo(self, _asked: Asked) -> Response:
        return Response(icons.logo_svg(), media_type="image/svg+xml", headers=_DAY)
