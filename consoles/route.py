"""An address of the consoles: what it answers, and what somebody must be allowed to do to get there."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, StreamingResponse

from consoles import origin, stream
from consoles.gate import MAX_FORM_BYTES, form
from consoles.page import Reader
from consoles.press import is_key
from consoles.pulse import Pulse
from consoles.staff.cookie import BROWSER
from consoles.staff.role import MAY, Act, StaffRole
from consoles.staff.session import Session
from contract.errors import ContractError


class Kind(StrEnum):
    """How an address says no."""

    PAGE = "page"
    """To the sign-in and back again; in words where the role is not enough."""
    DATA = "data"
    """A stream or a file: by its status."""


_WORD = re.compile(r"[\w.-]{1,64}")
"""What is written down of a path or a button: a name of ours, never a sentence."""


@dataclass(slots=True)
class Told:
    """What is written down of a request beside its address. `who` "": whose session it is."""

    what: str = ""
    who: str = ""

    def add(self, *words: str) -> None:
        """Names of buttons and parts; what cannot be one is passed over."""
        self.what = " ".join([*self.what.split(), *(word for word in words if _WORD.fullmatch(word))])


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was let in. `session` None: nobody is signed in, and the address asks for nobody.

    `still`: the session now, None when it ended or may no longer be here; a stream asks it before each piece.
    """

    request: Request
    session: Session | None
    role: StaffRole | None
    still: Callable[[], Session | None]
    told: Told = field(default_factory=Told)

    def __post_init__(self) -> None:
        self.told.add(*map(str, self.request.path_params.values()))

    @property
    def me(self) -> Session:
        """Who asks, where the address needs an act."""
        assert self.session is not None  # the door let nobody else in
        return self.session

    @property
    def reader(self) -> Reader:
        """Who reads the page that stands at this address."""
        return self.at(self.request.url.path)

    def at(self, path: str) -> Reader:
        """The same reader on the page `path`."""
        return Reader(self.request.query_params.get("lang", ""), path, self.acts)

    @property
    def acts(self) -> frozenset[Act]:
        """What who asks may do here."""
        return MAY[self.role] if self.role is not None else frozenset()

    @property
    def query(self) -> Mapping[str, str]:
        """The fields of the address."""
        return self.request.query_params

    @property
    def address(self) -> str:
        """Where the request comes from, as the connection says it; "" where that is not known."""
        return self.request.client.host if self.request.client is not None else ""

    @property
    def here(self) -> bool:
        """Whether it comes from this very machine; one that another server passes on does not."""
        return origin.here(self.address, self.request.headers, str(self.request.scope.get("http_version", "")))

    @property
    def browser(self) -> str:
        """The secret by which the browser is known; "" where it has none."""
        return self.request.cookies.get(BROWSER, "")

    @property
    def by_script(self) -> bool:
        """Whether htmx asks, for a part of the page."""
        return self.request.headers.get("hx-request") == "true"

    def named(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    async def form(self, most_bytes: int = MAX_FORM_BYTES) -> Mapping[str, str]:
        """The fields of the form. Raises: consoles.gate.FormError."""
        fields = await form(self.request, most_bytes)
        self.told.add(fields.get("button", ""))
        return fields


Answer = Callable[[Asked], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """`needs` None: for anybody. `window`: the path names one, and the session must be signed in at it.

    `public`: answers also while the hall has no staff.
    """

    method: Literal["GET", "POST"]
    path: str
    answer: Answer
    needs: Act | None
    kind: Kind = Kind.PAGE
    window: bool = False
    public: bool = False


def key(fields: Mapping[str, str]) -> str:
    """The id that a form brings back. Raises: ContractError: it is none of ours."""
    found = fields.get("id", "")
    if not is_key(found):
        raise ContractError("the form has no id of ours")
    return found


def page(html: str, status: int = 200) -> Response:
    """A page."""
    return HTMLResponse(html, status)


def away(asked: Asked, address: str) -> Response:
    """To another page: by a header where the script asked, else by a redirect."""
    if asked.by_script:
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def file(name: str, media_type: str, data: bytes | str) -> Response:
    """Something to be saved as `name`."""
    return Response(data, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def live(pulse: Pulse, render: stream.Render) -> Response:
    """A stream that draws with `render` again after every change."""
    if pulse.full:
        return PlainTextResponse("too many pages are open\n", 503, headers={"Retry-After": "5"})
    events = stream.events(pulse, render)
    return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
