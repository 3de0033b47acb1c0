"""A reader of machine-readable zones on a serial line (a pseudo terminal): documents are swiped by orders to its control socket.

    python -m simulators.swipe --dir DIR --frame desko

prints one line of JSON when it is ready: {"line": DIR/mrz, "control": DIR/mrz-control}. Frames: `desko` (serial specification
7000310001: STX, lines each with CR, ETX), `3m` (RTE6701-OEM manual, page 26: SOH, length, "OU", STX, flag, three lines, ETX, BCC; fillers
as `_`), `lines` (an imager: lines with CR LF). Orders are one JSON object a line, each answered with {"sent": bytes} or {"error": …}:

    {"do": "swipe", "mrz": ["I<UTO…", …]}     as the reader would send it
    {"do": "swipe", "mrz": […], "bytes": 40}  no more than so many bytes of it: pulled through too slowly
    {"do": "send", "hex": "00ff02"}           anything at all

Nothing of the product is in here.
"""

from __future__ import annotations

import argparse
import json
import os
import pty
import signal
import socketserver
import sys
import threading
import tty
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import Any

SOH, STX, ETX = b"\x01", b"\x02", b"\x03"
ORDER_BYTES = 8192


def desko(lines: list[str]) -> bytes:
    """STX, the lines there are, ETX."""
    return STX + b"".join(line.encode("ascii") + b"\r" for line in lines) + ETX


def rte6701(lines: list[str]) -> bytes:
    """Always three lines, missing ones empty and at the top; BCC over all between SOH and itself."""
    rows = [""] * (3 - len(lines)) + [line.replace("<", "_") for line in lines]
    body = b"OU" + STX + b"0" + b"".join(row.encode("ascii") + b"\r" for row in rows)
    counted = bytes((len(body),)) + body + ETX
    return SOH + counted + bytes((reduce(int.__xor__, counted),))


def imager(lines: list[str]) -> bytes:
    """Nothing but lines."""
    return b"".join(line.encode("ascii") + b"\r\n" for line in lines)


FRAMES: dict[str, Callable[[list[str]], bytes]] = {"desko": desko, "3m": rte6701, "lines": imager}


class Swiper:
    """Our end of the line."""

    def __init__(self, link: Path, frame: str) -> None:
        self._frame = FRAMES[frame]
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._theirs)
        link.unlink(missing_ok=True)
        link.symlink_to(os.ttyname(self._theirs))

    def obey(self, order: dict[str, Any]) -> dict[str, int]:
        """Raises: ValueError, KeyError, TypeError: an order that is none."""
        match order["do"]:
            case "swipe":
                data = self._frame([str(line) for line in order["mrz"]])[: order.get("bytes")]
            case "send":
                data = bytes.fromhex(order["hex"])
            case other:
                raise ValueError(f"do: {other!r}")
        os.write(self._ours, data)
        return {"sent": len(data)}


class Control(socketserver.ThreadingUnixStreamServer):
    """One JSON object a line, both ways."""

    daemon_threads = True

    def __init__(self, path: Path, swiper: Swiper) -> None:
        self.swiper = swiper
        path.unlink(missing_ok=True)
        super().__init__(str(path), Line)


class Line(socketserver.StreamRequestHandler):
    """One who gives orders."""

    server: Control

    def handle(self) -> None:
        with suppress(ConnectionError):
            while line := self.rfile.readline(ORDER_BYTES):
                self.wfile.write(json.dumps(self._answer(line)).encode() + b"\n")

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            return {**self.server.swiper.obey(json.loads(line))}
        except (ValueError, KeyError, TypeError) as exc:
            return {"error": f"{type(exc).__name__}: {exc}"}


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, required=True, help="for the line and the control socket")
    parser.add_argument("--frame", choices=FRAMES, default="desko")
    args = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    args.dir.mkdir(parents=True, exist_ok=True)
    line, control = args.dir / "mrz", args.dir / "mrz-control"
    with Control(control, Swiper(line, args.frame)) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        print(json.dumps({"line": str(line), "control": str(control)}), flush=True)
        ended.wait()
        server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
