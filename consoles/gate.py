"""What every request passes: where it comes from, how much it brings, and the headers every answer carries (ASGI)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consoles import origin

MAX_FORM_BYTES = 64 * 1024
MAX_FIELDS = 300
API = "/api/v1"
MAX_API_BYTES = 64 * 1024
BODY_S = 30.0
"""Longest wait for all of a request, after its head."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class FormError(ValueError):
    """A form that no page of ours sends: too long, too many fields, not text."""


class SlowError(Exception):
    """A request that does not come to its end."""


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
                # What has a tag (files) may be kept and asked about; a page is never kept.
                headers.setdefault("Cache-Control", "no-cache" if "etag" in headers else "no-store")
            await send(message)

        receive = _in_time(receive)
        if scope["path"].startswith(API):
            await self._api(scope, receive, dressed)
        elif origin.allowed(scope["method"], Headers(scope=scope)):
            await self._app(scope, receive, dressed)
        else:
            await PlainTextResponse("refused: sent by another site\n", 403)(scope, receive, dressed)

    async def _api(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Programs have no cookie that another site could use: they are known by their token. Their requests are small."""
        body, more = bytearray(), True
        while more and len(body) <= MAX_API_BYTES:
            try:
                message = await receive()
            except SlowError:
                await PlainTextResponse("the request is too slow\n", 408)(scope, receive, send)
                return
            body += message.get("body", b"")
            more = message.get("more_body", False) and message["type"] == "http.request"
        if len(body) > MAX_API_BYTES:
            await PlainTextResponse("the request is too long\n", 413)(scope, receive, send)
            return
        read: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]
        await self._app(scope, lambda: _next(read, receive), send)


def _in_time(receive: Receive) -> Receive:
    """The same, but all of the request comes within `BODY_S` or SlowError is raised; what comes after it may take its time."""
    end, whole = asyncio.get_running_loop().time() + BODY_S, False

    async def hear() -> Message:
        """The next piece. Raises: SlowError."""
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(end):
                message = await receive()
        except TimeoutError:
            raise SlowError from None
        whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return hear


async def _next(read: list[Message], receive: Receive) -> Message:
    """What was read already, then what comes: that the other side has gone."""
    return read.pop() if read else await receive()


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
