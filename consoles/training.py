"""A hall to learn in, beside this one: the page that says how to begin and whether it runs."""

from __future__ import annotations

import asyncio
from contextlib import closing
from http.client import HTTPConnection, HTTPException

from fastapi import Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ValidationError

from consoles import route
from consoles.changing.draft import Drafts
from consoles.live import Live
from consoles.page import Pages
from consoles.route import Asked, Kind, Route
from consoles.staff.role import Act

PORT = 8090
"""Of the pages of `vikno training`, on its own machine only."""
LOOPBACK, HERE = "127.0.0.1", "/training/here"
TIMEOUT_S = 1.0
MOST_BYTES = 4096
OUR_OWN = frozenset({LOOPBACK, "::1"})


class Here(BaseModel):
    """What the consoles of a hall to learn in say of themselves."""

    hall: str


class Training:
    """The page `/training`, and the word by which a hall to learn in is known. `port`: where one would answer on this machine."""

    def __init__(self, live: Live, pages: Pages, drafts: Drafts, port: int) -> None:
        self._live, self._pages, self._drafts, self._port = live, pages, drafts, port

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/training", self._show, Act.CHANGE),
            Route("GET", HERE, self._here, None, Kind.DATA, public=True),
        )

    async def _show(self, asked: Asked) -> Response:
        found = await asyncio.to_thread(beside, self._port)
        told = {"beside": found, "address": f"http://{LOOPBACK}:{self._port}/", "at_home": asked.address in OUR_OWN}
        return route.page(
            self._pages.sheet("training.html", asked.reader, drafted=self._drafts.get() is not None, **told)
        )

    async def _here(self, _asked: Asked) -> Response:
        hall = self._live.hall
        if hall is None or not hall.training:
            return PlainTextResponse("this is no hall to learn in\n", 404)
        return JSONResponse(Here(hall=hall.id).model_dump())


def beside(port: int) -> Here | None:
    """The hall to learn in that answers at `port` of this machine, None where there is none."""
    try:
        with closing(HTTPConnection(LOOPBACK, port, timeout=TIMEOUT_S)) as line:
            line.request("GET", HERE)
            answer = line.getresponse()
            return Here.model_validate_json(answer.read(MOST_BYTES)) if answer.status == 200 else None
    except (OSError, HTTPException, ValidationError):
        return None
