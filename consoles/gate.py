"""What every request passes: where it comes from, how much it brings, and the headers every answer carries (ASGI)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consoles import origin

MAX_FORM_BYTES = 64 * 1024
MAX_FIELDS = 300

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class FormError(ValueError):
    """A form that no page of ours sends: too long, too many fields, not text."""


class Gate:
    """Refuses what another site sends, and gives every answer its headers; pages are never kept by the browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if origin.allowed(scope["method"], Headers(scope=scope)):
            await self._app(scope, receive, dressed)
        else:
            await PlainTextResponse("refused: sent by another site\n", 403)(scope, receive, dressed)


async def form(request: Request, most_bytes: int = MAX_FORM_BYTES) -> Mapping[str, str]:
    """The fields of an urlencoded form, each once. Raises: FormError."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise FormError("the form is too long")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict"))
    except ValueError as exc:
        raise FormError("the form cannot be read") from exc
