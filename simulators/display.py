"""Window displays at the far end of their serial cables: CD5220 bytes in, a 2x20 cell buffer, a picture and a ledger out.

    python -m simulators.display --dir DIR --display disp-1 --display disp-2

opens a pseudo-terminal per display, prints one JSON line `{"displays": {id: path}, "control": path, "ledger": path}` and
runs until SIGTERM or SIGINT. `path` stays the same when a display is pulled out and plugged in.

    DIR/ID.tty        link to the display's port
    DIR/ID.png        what a person sees, at most `PICTURE_S` old
    DIR/ledger.jsonl  a line whenever a display changes: {"t": CLOCK_MONOTONIC, "display", "cells": [2 lines], "bright"}
    DIR/control.sock  one JSON request a line, one JSON answer a line:
                      {"read": ID} → {"cells": [...], "bright", "garbage", "plugged"}
                      {"unplug": ID}, {"plug": ID}, {"power_cycle": ID} → {"done": true}

Written from the CD5220 command manual alone (its command list: ESC Q A/B, ESC *, ESC @, ESC l, CLR, CAN, CR); like the
device it obeys only CLR and CAN between string commands. It imports nothing of the product.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import selectors
import signal
import socket
import sys
import time
import tty
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

COLUMNS, ROWS = 20, 2
PICTURE_S = 0.5
REQUEST_MAX = 4096
ESC, CLR, CAN, CR = 0x1B, 0x0C, 0x18, 0x0D


class Cells:
    """The display's own memory: feed it bytes in any pieces. `garbage` counts bytes that no command explains."""

    def __init__(self) -> None:
        self.garbage = 0
        self.power_on()

    def power_on(self) -> None:
        """As after a power cut: empty, brightest, ready for any command."""
        self._rows = [" " * COLUMNS] * ROWS
        self.bright = 4
        self._cursor = 0
        self._string_mode = False
        self._text: bytearray | None = None
        self._row = 0
        self._pending = b""

    @property
    def rows(self) -> list[str]:
        """What can be read on it: upper and lower line."""
        return list(self._rows)

    def feed(self, data: bytes) -> None:
        """Obey."""
        for byte in data:
            if self._text is not None:
                self._in_string(byte)
            elif self._pending:
                self._in_command(byte)
            else:
                self._in_text(byte)

    def _in_text(self, byte: int) -> None:
        if byte == ESC:
            self._pending = bytes([ESC])
        elif byte == CLR:
            self._clear()
        elif byte == CAN:
            self._set_row(self._cursor // COLUMNS, "")
            self._string_mode = False
        elif byte == CR:
            self._cursor -= self._cursor % COLUMNS
        elif 0x20 <= byte <= 0x7E and not self._string_mode:
            self._put(chr(byte))
        else:
            self.garbage += 1

    def _in_command(self, byte: int) -> None:
        command = self._pending + bytes([byte])
        self._pending = b""
        match [chr(b) for b in command[1:]]:
            case ["Q" | "*" | "l"]:
                self._pending = command
            case ["Q", "A" | "B"]:
                self._string_mode, self._text, self._row = True, bytearray(), byte - ord("A")
            case _ if self._string_mode:
                self._refuse(command)
            case ["@"]:
                self._clear()
            case ["*", _] if 1 <= byte <= 4:
                self.bright = byte
            case ["l", _] if 1 <= byte <= COLUMNS:
                self._pending = command
            case ["l", column, _] if 1 <= byte <= ROWS:
                self._cursor = (byte - 1) * COLUMNS + ord(column) - 1
            case _:
                self._refuse(command)

    def _in_string(self, byte: int) -> None:
        text = self._text or bytearray()
        if byte == CR:
            self._set_row(self._row, text.decode("ascii"))
            self._text = None
        elif byte in (CLR, CAN):
            self._text = None
            self._in_text(byte)
        elif 0x20 <= byte <= 0x7E and len(text) < COLUMNS:
            text.append(byte)
            self._text = text
        else:
            self.garbage += 1

    def _refuse(self, command: bytes) -> None:
        self.garbage += len(command)
        if command[-1] in (CLR, CAN, CR):  # never swallowed: it is how a sender gets out of a half-written command
            self.garbage -= 1
            self._in_text(command[-1])

    def _clear(self) -> None:
        self._rows = [" " * COLUMNS] * ROWS
        self._cursor = 0
        self._string_mode = False

    def _set_row(self, row: int, text: str) -> None:
        self._rows[row] = text.ljust(COLUMNS)

    def _put(self, character: str) -> None:
        row, column = divmod(self._cursor, COLUMNS)
        line = self._rows[row]
        self._rows[row] = line[:column] + character + line[column + 1 :]
        self._cursor = (self._cursor + 1) % (COLUMNS * ROWS)


class Display:
    """One display and its cable. While it is unplugged its port does not exist."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.link, self.picture = name, folder / f"{name}.tty", folder / f"{name}.png"
        self.cells = Cells()
        self.master: int | None = None
        self._slave: int | None = None
        self.last: tuple[list[str], int] | None = None
        self.drawn: tuple[list[str], int] | None = None

    def plug(self) -> int:
        """Make the port; returns the descriptor of the display's end. Our own hold on the other end keeps it from hanging up."""
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        new = self.link.with_suffix(".new")
        new.unlink(missing_ok=True)
        new.symlink_to(os.ttyname(self._slave))
        new.replace(self.link)
        return self.master

    def unplug(self) -> None:
        """Pull the cable out: whoever has the port open gets an error; the display goes dark."""
        self.link.unlink(missing_ok=True)
        for end in (self.master, self._slave):
            if end is not None:
                os.close(end)
        self.master = self._slave = None
        self.cells.power_on()

    @property
    def state(self) -> tuple[list[str], int]:
        return self.cells.rows, self.cells.bright


class Bench:
    """All displays, the ledger and the control socket, in one thread."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.displays = {name: Display(name, folder) for name in names}
        self._stopping = False
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._ledger = (folder / "ledger.jsonl").open("a", encoding="utf-8")
        self._picture_at = 0.0
        self._listener = _listen(folder / "control.sock")

    def run(self) -> None:
        """Until `stop`."""
        self._watch(self._listener, self._accept)
        self._watch(self._woken, lambda: None)
        for display in self.displays.values():
            self._plug(display)
        self._announce()
        while not self._stopping:
            for key, _ in self._selector.select(PICTURE_S):
                key.data()
            self._draw_changed()
        self._close()

    def stop(self) -> None:
        """End `run`; safe in a signal handler."""
        self._stopping = True
        self._wake.send(b"\0")

    def _announce(self) -> None:
        ports = {name: str(d.link) for name, d in self.displays.items()}
        names = {"control": str(self.folder / "control.sock"), "ledger": str(self.folder / "ledger.jsonl")}
        print(json.dumps({"displays": ports, **names}), flush=True)

    def _watch(self, source: int | socket.socket, act: Callable[[], None]) -> None:
        self._selector.register(source, selectors.EVENT_READ, act)

    def _plug(self, display: Display) -> None:
        self._watch(display.plug(), lambda: self._arrived(display))
        self._note(display)

    def _unplug(self, display: Display) -> None:
        if display.master is not None:
            self._selector.unregister(display.master)
        display.unplug()
        self._note(display)

    def _arrived(self, display: Display) -> None:
        if display.master is None:
            return
        with contextlib.suppress(BlockingIOError):
            display.cells.feed(os.read(display.master, 4096))
        self._note(display)

    def _note(self, display: Display) -> None:
        if display.state == display.last:
            return
        display.last = rows, bright = display.state
        line = {"t": time.monotonic(), "display": display.name, "cells": rows, "bright": bright}
        self._ledger.write(json.dumps(line) + "\n")
        self._ledger.flush()

    def _draw_changed(self) -> None:
        now = time.monotonic()
        if now < self._picture_at:
            return
        self._picture_at = now + PICTURE_S
        for display in self.displays.values():
            if display.drawn != display.state:
                display.drawn = display.state
                draw(*display.state, display.picture)

    # --- control -------------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.settimeout(1.0)
        waiting = bytearray()
        self._watch(connection, lambda: self._hear(connection, waiting))

    def _hear(self, connection: socket.socket, waiting: bytearray) -> None:
        try:
            data = connection.recv(REQUEST_MAX)
            waiting += data
            while data and b"\n" in waiting:
                line, _, rest = bytes(waiting).partition(b"\n")
                waiting[:] = rest
                connection.sendall(json.dumps(self._answer(line)).encode() + b"\n")
        except OSError:
            data = b""
        if not data or len(waiting) > REQUEST_MAX:
            self._selector.unregister(connection)
            connection.close()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            ((verb, name),) = json.loads(line).items()
            display = self.displays[name]
        except (ValueError, AttributeError, KeyError, TypeError):
            return {"error": "one of read, unplug, plug, power_cycle with the id of a display"}
        match verb:
            case "read":
                rows, bright = display.state
                plugged = display.master is not None
                return {"cells": rows, "bright": bright, "garbage": display.cells.garbage, "plugged": plugged}
            case "unplug":
                self._unplug(display)
            case "plug" if display.master is None:
                self._plug(display)
            case "power_cycle":
                display.cells.power_on()
                self._note(display)
            case _:
                return {"error": f"{verb}: cannot be done"}
        return {"done": True}

    def _close(self) -> None:
        for display in self.displays.values():
            display.unplug()
        for end in (self._listener, self._wake, self._woken):
            end.close()
        (self.folder / "control.sock").unlink(missing_ok=True)
        self._selector.close()
        self._ledger.close()


def draw(rows: Sequence[str], bright: int, file: Path) -> None:
    """Paint the display as a PNG: blue-green dots on black glass, darker with less brightness."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=40)
    wide, high, edge = 28, 52, 16
    glass = Image.new("RGB", (wide * COLUMNS + 2 * edge, high * ROWS + 2 * edge), (6, 12, 14))
    pen = ImageDraw.Draw(glass)
    colour = tuple(int(part * (0.25 + 0.75 * bright / 4)) for part in (90, 255, 215))
    for y, row in enumerate(rows):
        for x, character in enumerate(row):
            left, top = edge + x * wide, edge + y * high
            pen.rectangle((left, top, left + wide - 4, top + high - 4), fill=(10, 22, 24))
            pen.text((left + wide // 2 - 2, top + high // 2 - 2), character, fill=colour, font=font, anchor="mm")
    new = file.with_suffix(".new")
    glass.save(new, "PNG")
    new.replace(file)


def _listen(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(16)
    return listener


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(prog="simulators.display", description="simulated CD5220 window displays")
    parser.add_argument("--dir", type=Path, required=True, help="folder for ports, pictures, ledger and control socket")
    parser.add_argument("--display", action="append", required=True, metavar="ID", help="one display; may be repeated")
    given = parser.parse_args(arguments)
    bench = Bench(given.dir, given.display)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: bench.stop())
    bench.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
