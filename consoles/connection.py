"""A browser's connection: how long it may take to ask, and how much it may send meanwhile."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_S = 10.0
"""Longest wait for a request's head, and for the next one on the same connection, however its bytes dribble."""
HEAD_MAX = 4 * 1024 * 1024
"""Bytes that no request asked for yet: a long head, or the rest of a form that was refused unread."""


class Connection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # the one of two that uvicorn chose
    """Closes itself where it asks for nothing: so many that only begin to ask (slowloris) would keep everybody else out."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands: the first head is awaited."""
        super().connection_made(transport)
        self._heard, self._timer = 0, self.loop.call_later(HEAD_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """More of a request."""
        self._heard = 0 if self._answering() else self._heard + len(data)
        if self._heard > HEAD_MAX:
            self.transport.abort()
        else:
            super().data_received(data)

    def on_response_complete(self) -> None:
        """It was answered: the next head is awaited."""
        self._timer.cancel()
        self._heard, self._timer = 0, self.loop.call_later(HEAD_S, self._look)
        super().on_response_complete()

    def _look(self) -> None:
        if not self._answering():
            self.transport.close()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete
