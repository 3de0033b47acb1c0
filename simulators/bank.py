"""What stands behind a simulated card terminal: a bank that remembers, and a power supply that fails at a chosen step."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any


class Bank:
    """Every operation, on disk before it is answered, outliving the program; the batch is what came since it was closed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "bank.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.all: list[dict[str, Any]] = [json.loads(line) for line in lines]
        self._file = path.open("a", encoding="utf-8")

    @property
    def batch(self) -> list[dict[str, Any]]:
        closed = [n for n, line in enumerate(self.all) if line["type"] == "close"]
        return self.all[closed[-1] + 1 :] if closed else self.all

    def keep(self, kind: str, minor: int, *, approved: bool = True, of: int = 0) -> dict[str, Any]:
        line = {"type": kind, "number": len(self.batch) + 1, "minor": minor, "approved": approved, "of": of}
        line["rrn"] = f"{len(self.all) + 1:012}"
        self.all.append(line)
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        return line

    def sold(self, number: int) -> dict[str, Any] | None:
        """A sale of the batch that was not voided."""
        voided = {line["of"] for line in self.batch if line["type"] == "void"}
        found = [
            line for line in self.batch if line["number"] == number and line["type"] == "sale" and line["approved"]
        ]
        return found[0] if found and number not in voided else None


class PowerCutError(Exception):
    """The device went dark here."""


class Power:
    """Counts a device's steps; at a chosen one the power goes. `dark`: what the device does then."""

    def __init__(self, dark: Callable[[], None]) -> None:
        self.on = True
        self.steps = 0
        self.cut_in: int | None = None
        self._dark = dark

    def switch(self, *, on: bool) -> None:
        was, self.on = self.on, on
        if was and not on:
            self.cut_in = None
            self._dark()

    def step(self) -> None:
        """One step is done; here the power may go. Raises: PowerCutError."""
        self.steps += 1
        if self.cut_in is not None:
            self.cut_in -= 1
            if self.cut_in <= 0:
                self.switch(on=False)
                raise PowerCutError


async def orders(obey: Callable[[dict[str, Any]], dict[str, Any]], port: int) -> asyncio.Server:
    """A control port: one JSON object a line, each answered with what `obey` returns, or {"error": …}."""

    def answer(line: bytes) -> dict[str, Any]:
        try:
            return obey(json.loads(line))
        except (ValueError, KeyError, TypeError) as exc:
            return {"error": f"{type(exc).__name__}: {exc}"}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(json.dumps(answer(line)).encode() + b"\n")
                await writer.drain()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", port)


def until_stopped() -> Awaitable[Any]:
    """Wait for SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    return stopped.wait()
