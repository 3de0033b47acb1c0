"""Fingers for a Kivy box: starts it with one more input provider, fed over a socket.

    python -m simulators.screen_host [--port 0] [--ledger FILE] kiosk --config FILE

prints one line of JSON with its port when the first picture stands. One JSON object a line, each answered by one line:

    {"controls": true}                      {"screen", "lang", "words": [...], "inputs": [...], "pending": fingers on their way,
                                             "controls": [{"key", "text", "rect"}, ...]}
    {"tap": "take"}                         {"at": [x, y]}, or {"error"} where the screen has no such control
    {"touch": [x, y], "do": "down" | "up"}  {"at": [x, y]}; design pixels from the top left, as in rect [x, y, w, h]
    {"screenshot": "FILE.png"}              {"screenshot": "FILE.png"} when the file is there

Every touch becomes a line of the ledger, stamped with the monotonic clock when Kivy is given it. Only here a simulator starts
a box of the product itself: a finger has to reach the glass, and to see what is on it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import socketserver
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCREEN_S = 10.0
PENDING_MAX = 1000
PROVIDER = "vikno_fingers"


@dataclass(frozen=True)
class Finger:
    """One contact or its end; `x`, `y` in design pixels."""

    x: float
    y: float
    do: str


class Glass:
    """The screen as fingers and eyes have it; shared by the socket's threads and Kivy's."""

    def __init__(self, ledger: Path | None) -> None:
        self.pending: deque[Finger] = deque(maxlen=PENDING_MAX)
        self.screen: Any = None
        self.stands = threading.Event()
        self._ledger = ledger.open("a", encoding="utf-8", buffering=1) if ledger else None

    def ready(self, screen: Any) -> None:
        """The box's screen stands."""
        self.screen = screen
        self.stands.set()

    def note(self, finger: Finger) -> None:
        """Write a touch down, as it is given to Kivy."""
        if self._ledger is None:
            return
        control = self.screen.surface.face.at(finger.x, finger.y)
        line = {"at": time.monotonic(), "do": finger.do, "x": finger.x, "y": finger.y, "key": control and control.key}
        self._ledger.write(json.dumps(line) + "\n")

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What a line on the socket is answered with."""
        match asked:
            case {"controls": _}:
                return self._see()
            case {"tap": str(key)}:
                return self._tap(key)
            case {"touch": [int() | float() as x, int() | float() as y], "do": "down" | "up" as do}:
                self.pending.append(Finger(x, y, do))
                return {"at": [x, y]}
            case {"screenshot": str(file)}:
                return self._screenshot(Path(file))
        return {"error": "expected controls, tap, touch with do, or screenshot"}

    def _see(self) -> dict[str, Any]:
        face = self.screen.surface.face
        controls = [{"key": c.key, "text": c.text, "rect": [c.box.x, c.box.y, c.box.w, c.box.h]} for c in face.controls]
        words = [" ".join(words.lines) for words in face.words()]
        return {
            "screen": face.name,
            "lang": face.lang,
            "words": words,
            "controls": controls,
            "inputs": self._inputs(),
            "pending": len(self.pending),
        }

    def _inputs(self) -> list[str]:
        from kivy.base import EventLoop

        return [type(provider).__name__ for provider in EventLoop.input_providers]

    def _tap(self, key: str) -> dict[str, Any]:
        control = self.screen.surface.face.control(key)
        if control is None:
            return {"error": f"no control {key!r} on this screen", "screen": self.screen.surface.face.name}
        x, y = control.box.x + control.box.w / 2, control.box.y + control.box.h / 2
        self.pending.extend((Finger(x, y, "down"), Finger(x, y, "up")))
        return {"at": [x, y]}

    def _screenshot(self, file: Path) -> dict[str, Any]:
        from kivy.clock import Clock

        done = threading.Event()

        def take(_dt: float) -> None:
            self.screen.screenshot(file)
            done.set()

        Clock.schedule_once(take)
        return {"screenshot": str(file)} if done.wait(SCREEN_S) else {"error": "the screen does not draw"}


def install(glass: Glass) -> None:
    """Make the fingers a Kivy input provider; before any window is opened."""
    for name, value in {"KIVY_NO_ARGS": "1", "KIVY_NO_FILELOG": "1", "KIVY_LOG_MODE": "PYTHON"}.items():
        os.environ.setdefault(name, value)
    from kivy.input.factory import MotionEventFactory
    from kivy.input.motionevent import MotionEvent
    from kivy.input.provider import MotionEventProvider

    class FingerEvent(MotionEvent):  # type: ignore[misc]  # Kivy has no types
        def __init__(self, device: str, key: int, at: tuple[float, float]) -> None:
            super().__init__(device, key, at, is_touch=True, type_id="touch")

        def depack(self, args: tuple[float, float]) -> None:
            self.sx, self.sy = args
            self.profile = ("pos",)
            super().depack(args)

    class Fingers(MotionEventProvider):  # type: ignore[misc]
        """One event a frame, so that a press is seen before its release."""

        def __init__(self, device: str, args: str) -> None:
            super().__init__(device, args)
            self.down: FingerEvent | None = None
            self.count = 0

        def update(self, dispatch_fn: Any) -> None:
            if not glass.pending or not glass.stands.is_set():
                return
            finger = glass.pending.popleft()
            at = self.at(finger)
            glass.note(finger)
            if finger.do == "down" and self.down is None:
                self.count += 1
                self.down = FingerEvent(self.device, self.count, at)
                dispatch_fn("begin", self.down)
            elif finger.do == "up" and self.down is not None:
                self.down.move(at)
                dispatch_fn("end", self.down)
                self.down = None

        def at(self, finger: Finger) -> tuple[float, float]:
            surface = glass.screen.surface
            x, y = surface.scale.window(finger.x, finger.y)
            return x / surface.width, y / surface.height

    MotionEventFactory.register(PROVIDER, Fingers)


def serve(glass: Glass, port: int) -> socketserver.ThreadingTCPServer:
    """Listen on loopback; each connection is one visitor or tester."""

    class Line(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                self.wfile.write(json.dumps(self.reply(line)).encode() + b"\n")

        def reply(self, line: bytes) -> dict[str, Any]:
            if not glass.stands.wait(SCREEN_S):
                return {"error": "the screen does not stand yet"}
            try:
                asked = json.loads(line)
            except ValueError:
                return {"error": "not a line of JSON"}
            return glass.answer(asked) if isinstance(asked, dict) else {"error": "not a JSON object"}

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    server = Server(("127.0.0.1", port), Line)
    threading.Thread(target=server.serve_forever, name="fingers", daemon=True).start()
    return server


def main() -> int:
    """Start the box named on the command line with fingers."""
    parser = argparse.ArgumentParser(prog="screen_host", description="a Kivy box with fingers over a socket")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("box", choices=("kiosk", "terminal"), help="which box of the product")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="its own arguments")
    args = parser.parse_args()
    glass = Glass(args.ledger)
    install(glass)
    server = serve(glass, args.port)

    def ready(screen: Any) -> None:
        glass.ready(screen)
        # In one write, unlike print where Python runs unbuffered: the screen's log may go to the same file.
        sys.stdout.write(json.dumps({"port": server.server_address[1]}) + "\n")
        sys.stdout.flush()

    code = importlib.import_module(f"{args.box}.__main__").main(args.rest, PROVIDER, ready)
    server.shutdown()
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
