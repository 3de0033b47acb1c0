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
        self._drawn_at, self._drawn_then = -1, dict[tuple[str, str], bytes | None]()

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/board/{zone}", self._board, None, public=True),
            Route("GET", "/events/board/{zone}", self._events, None, Kind.DATA, public=True),
            *self.drawing(),
        )

    def drawing(self) -> tuple[Route, ...]:
        """What every page is drawn with."""
        return (
            Route("GET", "/look/board.css", self._board_css, None, Kind.DATA, public=True),
            Route("GET", "/look/tokens.css", self._tokens, None, Kind.DATA, public=True),
            Route("GET", "/look/logo.svg", self._logo, None, Kind.DATA, public=True),
        )

    async def _board(self, asked: Asked) -> Response:
        """A zone's board."""
        page = self._drawn(asked, whole=True)
        return route.page(page) if page is not None else PlainTextResponse("there is no such zone\n", 404)

    async def _events(self, asked: Asked) -> Response:
        """A zone's board, again after every change."""
        if self._shared(asked) is None:
            return PlainTextResponse("there is no such zone\n", 404)
        return route.live(self._live.pulse, lambda: self._shared(asked))

    def _shared(self, asked: Asked) -> bytes | None:
        """The part of a board that changes, as an event: the same for all who look, so it is made once for every change."""
        if self._drawn_at != self._live.pulse.beats:
            self._drawn_at = self._live.pulse.beats
            self._drawn_then.clear()
        key = asked.named("zone"), asked.reader.wanted
        if key not in self._drawn_then:
            page = self._drawn(asked, whole=False)
            board = self._live.boards.get(key[0])
            mark = f"{board.ep}-{board.rev}" if board is not None else "0-0"
            self._drawn_then[key] = stream.event(mark, page) if page is not None else None
        return self._drawn_then[key]

    def _drawn(self, asked: Asked, *, whole: bool) -> str | None:
        return self._pages.board(asked.named("zone"), asked.reader.wanted, self._monotonic(), whole=whole)

    async def _board_css(self, _asked: Asked) -> Response:
        return Response(self._pages.board_css(), media_type="text/css", headers=_DAY)

    async def _tokens(self, _asked: Asked) -> Response:
        return Response(css(fonts_url="fonts"), media_type="text/css", headers=_DAY)

    async def _logo(self, _asked: Asked) -> Response:
        return Response(icons.logo_svg(), media_type="image/svg+xml", headers=_DAY)
