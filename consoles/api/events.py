"""What happens in the hall, as server-sent events: the whole state after every change, and each call once.

`hall`: `{hall, windows, queues…}` whole, never a difference: who comes late or missed some knows everything from the first one.
`call`: `{label, window, number, again}` once for each call and recall that happens while one listens. A comment while nothing happens.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from consoles.api import tell
from consoles.live import Live
from consoles.stream import COMMENT_S, silence
from contract import messages as m
from contract.words import Light

Called = dict[str, tuple[str, int]]
"""window → (ticket, recalls) of who is called there"""


@dataclass(frozen=True, slots=True)
class _Told:
    """One state, made into bytes once for all who listen."""

    mark: str
    called: Called
    state: bytes
    calls: dict[str, bytes]


class Feed:
    """The streams of all listeners. One asyncio loop."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._told: _Told | None = None

    async def events(self, still: Callable[[], bool], comment_s: float = COMMENT_S) -> AsyncIterator[bytes]:
        """One listener's stream, until the consoles stop, or it is `still` allowed no more: asked every `comment_s` at most."""
        before: _Told | None = None
        clock = asyncio.get_running_loop().time
        looked_at = clock()
        with self._live.pulse.watch() as woken:
            while not self._live.pulse.closed:
                woken.clear()
                if clock() - looked_at >= comment_s:
                    looked_at = clock()
                    if not still():
                        return
                now = self._now()
                if now is not None and (before is None or now.mark != before.mark):
                    for piece in _news(before, now):
                        yield piece
                    before = now
                async for comment in silence(woken, comment_s):
                    yield comment

    def _now(self) -> _Told | None:
        view, hall = self._live.view, self._live.hall
        if view is None or hall is None:
            return None
        if self._told is None or self._told.mark != self._live.mark:
            whole = {
                "hall": tell.hall(hall, view, view.now, 0.0).model_dump(mode="json", exclude={"age_s"}),
                "windows": [one.model_dump(mode="json") for one in tell.windows(view)],
                "services": [
                    one.model_dump(mode="json", by_alias=True, include={"id", "waiting", "wait"})
                    for one in tell.services(hall, view)
                ],
            }
            calls = {
                w.window: _event("call", self._live.mark, _call(w)) for w in view.windows if w.light is Light.CALLED
            }
            state = _event("hall", self._live.mark, whole)
            self._told = _Told(self._live.mark, _called(view), state, calls)
        return self._told


def _news(before: _Told | None, now: _Told) -> Iterator[bytes]:
    """The calls that are new since `before`, then the state; to a new listener the state alone."""
    if before is not None:
        yield from (now.calls[window] for window, who in now.called.items() if before.called.get(window) != who)
    yield now.state


def _called(view: m.ConsolesView) -> Called:
    return {
        w.window: (w.ticket.ticket, w.ticket.recalls)
        for w in view.windows
        if w.light is Light.CALLED and w.ticket is not None
    }


def _call(window: m.DeskWindow) -> dict[str, Any]:
    ticket = window.ticket
    return {
        "label": ticket.label if ticket else None, "window": window.window, "number": window.number,
        "again": ticket.recalls if ticket else 0,
    }  # fmt: skip


def _event(kind: str, mark: str, data: dict[str, Any]) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {kind}\nid: {mark}\ndata: {text}\n\n".encode()
