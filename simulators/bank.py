"""What stands behind a simulated card terminal: a bank that remembers, and a power supply that fails at a chosen step."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
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
        """Operations since the batch was closed last."""
        closed = [n for n, line in enumerate(self.all) if line["type"] == "close"]
        return self.all[closed[-1] + 1 :] if closed else self.all

    def keep(self, kind: str, minor: int, *, approved: bool = True, of: int = 0) -> dict[str, Any]:
        """One more operation, on disk when this returns. `of`: the receipt that a void is about."""
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

    def add_up(self) -> tuple[int, int]:
        """Of the batch: how many sales stand, and their sum in minor units."""
        stand = [line for line in self.batch if line["type"] == "sale" and self.sold(line["number"]) is not None]
        return len(stand), sum(line["minor"] for line in stand)

    def void_last(self) -> None:
        """A person voids the newest sale on the terminal's own keys."""
        last = self.batch[-1]
        self.keep("void", last["minor"], of=last["number"])


class PowerCutError(Exception):
    """The device went dark here."""


class Power:
    """Counts a device's steps; at a chosen one the power goes. `dark`: what the device does then."""

    def __init__(self, dark: Callable[[], None]) -> None:
        self.on = True
        self.steps = self.cuts = 0
        self.cut_in: int | None = None
        self._dark = dark

    def switch(self, *, on: bool) -> None:
        """Power on or off; a cut that was ordered is over with it."""
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
                self.cuts += 1
                self.switch(on=False)
                raise PowerCutError


Act = Callable[[dict[str, Any]], object]
"""What one order does, with the order's own facts."""


def obeying(
    state: Callable[[], dict[str, Any]], *tables: Mapping[str, Act]
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The ear of a control port: the act that an order names in `tables`, then the state; "state" alone is always an order."""
    acts = {name: act for table in tables for name, act in table.items()}

    def obey(order: dict[str, Any]) -> dict[str, Any]:
        act = acts.get(order["do"])
        if act is not None:
            act(order)
        elif order["do"] != "state":
            raise ValueError(f"do: {order['do']!r}: allowed: {', '.join(sorted({'state', *acts}))}")
        return state()

    return obey


def power_orders(power: Power) -> dict[str, Act]:
    """{"do": "cut_at", "step": N}: the power goes at the Nth step from now · {"do": "power", "on": true}"""
    return {
        "cut_at": lambda order: setattr(power, "cut_in", int(order["step"])),
        "power": lambda order: power.switch(on=bool(order["on"])),
    }


def bank_orders(bank: Bank) -> dict[str, Act]:
    """{"do": "foreign", "minor": N}: somebody sells on the terminal's own keys · {"do": "void_last"} · {"do": "close_batch"}"""
    return {
        "foreign": lambda order: bank.keep("sale", int(order["minor"])),
        "void_last": lambda _: bank.void_last(),
        "close_batch": lambda _: bank.keep("close", 0),
    }


def one_of(word: str, allowed: set[str]) -> str:
    """`word`, where an order may say it. Raises: ValueError."""
    if word not in allowed:
        raise ValueError(f"{word!r}: allowed: {', '.join(sorted(allowed))}")
    return word


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
