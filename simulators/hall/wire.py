"""The control socket of a simulator at the other end of a wire."""

from __future__ import annotations

import asyncio
import json
from typing import Any

AGAIN_S = 0.08
"""Between two attempts to reach who does not answer."""


class Wire:
    """One control socket: a question, an answer, in turn; connected again when it broke."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = asyncio.Lock()
        self._pair: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer; {} when nobody is there just now."""
        async with self._lock:
            try:
                reader, writer = self._pair = self._pair or await self._connect()
                writer.write(json.dumps(question).encode() + b"\n")
                line = await asyncio.wait_for(reader.readline(), 5.0)
                answer: dict[str, Any] = json.loads(line) if line else {}
            except (OSError, TimeoutError, ValueError):
                answer = {}
            if not answer:
                await self._hang_up()
            return answer

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        kind, _, where = self._address.partition(":")
        limit = 2**20
        if kind == "unix":
            return await asyncio.open_unix_connection(where, limit=limit)
        return await asyncio.open_connection("127.0.0.1", int(where), limit=limit)

    async def _hang_up(self) -> None:
        if self._pair is not None:
            self._pair[1].close()
            self._pair = None
        await asyncio.sleep(AGAIN_S)
