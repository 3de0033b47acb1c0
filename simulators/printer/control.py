"""Faults by hand over a socket, or by a script."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from simulators.printer.engine import Printer


class Control:
    """One JSON object a line: {"do": …}; answered with the printer's state, or {"error": …}.

    paper {value: ok|low|out} · paper_out_at {rows} · roll {mm} · cover {open} · cutter {jam} · jam {on} · power {on} ·
    power_off_at {bytes} (counted from now) · clears {value: always|online|never} (whether DLE DC4 function 8 is obeyed) ·
    freeze · cut (the connection breaks) · plug {in} (the cable) · take (the paper in the mouth) · state
    """

    def __init__(self, printer: Printer) -> None:
        self._printer = printer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(json.dumps(self._answer(line)).encode() + b"\n")
                await writer.drain()
        writer.close()

    async def play(self, lines: list[str]) -> None:
        """A fault script: one order a line, each with `after_s` seconds since the one before."""
        for line in lines:
            order = json.loads(line)
            await asyncio.sleep(float(order.get("after_s", 0)))
            self.obey(order)

    def obey(self, order: dict[str, Any]) -> None:
        """Do it. Raises: ValueError, KeyError, TypeError: there is no such order."""
        printer = self._printer
        match order["do"]:
            case "power":
                printer.power(on=bool(order["on"]))
            case "power_off_at":
                printer.power_off_in = int(order["bytes"])
            case "clears" if order["value"] in {"always", "online", "never"}:
                printer.clears = order["value"]
            case "freeze":
                printer.freeze()
            case "cut":
                printer.disconnect("cut")
            case "plug":
                (printer.plug if order["in"] else printer.unplug)()
            case "take":
                printer.take()
            case "state":
                pass
            case _:
                self._spoil(order)

    def _spoil(self, order: dict[str, Any]) -> None:
        printer = self._printer
        match order["do"]:
            case "paper":
                printer.paper(order["value"])
                return
            case "paper_out_at":
                printer.paper_out_in = int(order["rows"])
                return
            case "roll":
                printer.roll_mm = float(order["mm"])
                printer.paper("ok")
                return
            case "cover":
                printer.faults.cover = bool(order["open"])
            case "cutter":
                printer.faults.cutter = bool(order["jam"])
            case "jam":
                printer.faults.jam = bool(order["on"])
            case other:
                raise ValueError(f"do: {other!r}")
        printer.changed()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            self.obey(json.loads(line))
        except (ValueError, KeyError, TypeError) as exc:
            return {"error": f"{type(exc).__name__}: {exc}"}
        return self._printer.state()
