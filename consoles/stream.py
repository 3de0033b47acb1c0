"""Server-sent events: a page's whole fragment first and after every change, a comment while nothing happens.

Format: HTML Living Standard, 9.2.6 (parsing an event stream).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from consoles.pulse import Pulse

COMMENT_S = 15.0
"""Silence after which a comment is sent, so that proxies keep the stream and a dead page is noticed."""
COMMENT = b": here\n\n"

Fragment = tuple[str, str]
"""(revision, HTML)"""
Render = Callable[[], Fragment | bytes | Awaitable[Fragment | None] | None]
"""Draws a page's part, or gives an event that was made for many; None ends the stream."""


def event(rev: str, html: str) -> bytes:
    """One unnamed event: `id` is the revision of what is shown. Raises: ValueError: a revision of several lines."""
    if not rev.isprintable():
        raise ValueError(f"revision {rev!r} does not fit one line")
    lines = html.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "".join([f"id: {rev}\n", *(f"data: {line}\n" for line in lines), "\n"]).encode()


async def events(pulse: Pulse, render: Render, comment_s: float = COMMENT_S) -> AsyncIterator[bytes]:
    """The stream of one page, until `render` gives None or the pulse closes; `render` may have to wait for what it draws."""
    sent = b""
    with pulse.watch() as woken:
        while not pulse.closed:
            woken.clear()
            drawn = render()
            fragment = await drawn if isinstance(drawn, Awaitable) else drawn
            if fragment is None:
                return
            made = fragment if isinstance(fragment, bytes) else event(*fragment)
            if made != sent:  # woken by something that this page does not show
                sent = made
                yield made
            async for comment in silence(woken, comment_s):
                yield comment


async def silence(woken: asyncio.Event, comment_s: float) -> AsyncIterator[bytes]:
    """A comment each time that nothing has happened for `comment_s`, until somebody is woken."""
    while not woken.is_set():
        try:
            async with asyncio.timeout(comment_s):
                await woken.wait()
        except TimeoutError:
            yield COMMENT
